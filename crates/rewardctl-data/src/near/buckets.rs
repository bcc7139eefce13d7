//! The second pass: band by band, texts that share the band's hash are compared, and joined if they are alike.
//!
//! Buckets are compared in rounds, on several threads; what a round finds is joined before the next begins. What is
//! joined already is not compared again.

use std::collections::HashSet;

use rewardctl_core::disjoint_sets::DisjointSets;

use crate::error::Error;
use crate::near::bands::BandFile;
use crate::near::groups::Groups;
use crate::near::texts::Texts;
use crate::near::verify::{Compared, Comparer, REMEMBERED, State, pair_key};
use crate::near::{Pair, Settings};

/// Members of buckets that are compared between two joins.
const ROUND: usize = 16_384;

/// Joins what is alike and returns the verified pairs, of texts.
pub(crate) fn join_alike(
    texts: &Texts,
    bands: &BandFile,
    groups: &Groups,
    sets: &mut DisjointSets,
    settings: &Settings,
) -> Result<Vec<Pair>, Error> {
    let comparer = Comparer::new(texts, groups, settings);
    let mut joins = Joins { sets, known: HashSet::new(), pairs: vec![], all_pairs: settings.all_pairs };
    for band in 0..bands.bands() {
        let mut round = vec![];
        let mut members = 0;
        for bucket in buckets(&entries(bands, band, groups)?) {
            if joins.are_one(bucket) {
                continue;
            }
            round.push(bucket.iter().map(|entry| *entry as u32).collect());
            members += bucket.len();
            if members >= ROUND {
                joins.take(comparer.compare(&round, joins.state())?);
                (round, members) = (vec![], 0);
            }
        }
        joins.take(comparer.compare(&round, joins.state())?);
    }
    let pair = |(one, other, jaccard): (u32, u32, f64)| {
        let (one, other) = (groups.first(one), groups.first(other));
        Pair { first: one.min(other), second: one.max(other), jaccard }
    };
    Ok(joins.finished().into_iter().map(pair).collect())
}

/// Returns the sketches of a band, sorted: the band's hash above the group, so that neighbours share buckets.
fn entries(bands: &BandFile, band: usize, groups: &Groups) -> Result<Vec<u64>, Error> {
    let hashes = bands.read(band)?;
    let entry = |(hash, owner): (&u32, &u32)| {
        groups.led_by(*owner).map(|group| u64::from(*hash) << 32 | u64::from(group))
    };
    let mut entries: Vec<u64> = hashes.iter().zip(&bands.owners).filter_map(entry).collect();
    entries.sort_unstable();
    // A text with two sketches can meet itself.
    entries.dedup();
    Ok(entries)
}

/// Returns the buckets of two members or more.
fn buckets(entries: &[u64]) -> impl Iterator<Item = &[u64]> {
    entries.chunk_by(|one, other| one >> 32 == other >> 32).filter(|bucket| bucket.len() > 1)
}

/// What is joined so far.
struct Joins<'a> {
    sets: &'a mut DisjointSets,
    /// Pairs that need no second comparison.
    known: HashSet<u64>,
    pairs: Vec<(u32, u32, f64)>,
    all_pairs: bool,
}

impl Joins<'_> {
    /// Tells whether nothing can be learnt of a bucket.
    fn are_one(&mut self, bucket: &[u64]) -> bool {
        let first = self.sets.find(bucket[0] as u32);
        !self.all_pairs && bucket[1..].iter().all(|entry| self.sets.find(*entry as u32) == first)
    }

    fn state(&self) -> State<'_> {
        State { sets: self.sets, known: &self.known }
    }

    fn take(&mut self, compared: Vec<Compared>) {
        for Compared { alike, unlike } in compared {
            for (one, other, jaccard) in alike {
                if self.sets.join(one, other) || self.all_pairs {
                    self.pairs.push((one, other, jaccard));
                }
                if self.all_pairs {
                    self.known.insert(pair_key(one, other));
                }
            }
            self.known.extend(unlike.into_iter().map(|(one, other)| pair_key(one, other)));
        }
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
    }

    /// Returns the pairs, each once: what was forgotten may have been compared again.
    fn finished(mut self) -> Vec<(u32, u32, f64)> {
        self.pairs.sort_unstable_by_key(|(one, other, _)| (*one, *other));
        self.pairs.dedup_by_key(|(one, other, _)| (*one, *other));
        self.pairs
    }
}
