//! Exact comparison: the shingles of two texts are made again from the texts, and counted.
//!
//! A bucket is compared member by member with its first [`REPRESENTATIVES`], in the order of the contents: all pairs of
//! an ordinary bucket, and no more than that many comparisons a member of a huge one.

use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rewardctl_core::disjoint_sets::DisjointSets;

use crate::error::Error;
use crate::near::Settings;
use crate::near::bands::Banding;
use crate::near::groups::Groups;
use crate::near::shingle::{Shingles, Units, overlap};
use crate::near::texts::Texts;

/// Members of a bucket that the others are compared with.
pub(crate) const REPRESENTATIVES: usize = 64;

/// Compared pairs that are remembered, so that the next band does not compare them again: 16 MiB of them.
pub(crate) const REMEMBERED: usize = 1 << 20;

/// Shingles that a thread keeps at hand: 32 MiB of them, unless one text has more.
const KEPT_SHINGLES: usize = 4 << 20;

/// Compares groups of texts by the first text of each.
pub(crate) struct Comparer<'a> {
    texts: &'a Texts,
    groups: &'a Groups,
    threshold: f64,
    characters_below: usize,
    threads: usize,
    all_pairs: bool,
}

/// What is joined and known before a round of comparisons.
#[derive(Clone, Copy)]
pub(crate) struct State<'a> {
    pub sets: &'a DisjointSets,
    pub known: &'a HashSet<u64>,
}

/// What a bucket comes to.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub alike: Vec<(u32, u32, f64)>,
    pub unlike: Vec<(u32, u32)>,
}

/// Returns what a pair of groups is known by, in either order.
pub(crate) fn pair_key(one: u32, other: u32) -> u64 {
    u64::from(one.min(other)) << 32 | u64::from(one.max(other))
}

impl<'a> Comparer<'a> {
    pub(crate) fn new(texts: &'a Texts, groups: &'a Groups, settings: &Settings) -> Self {
        Self {
            texts,
            groups,
            threshold: settings.threshold,
            characters_below: Banding::at(settings.threshold).characters_below,
            threads: settings.threads.max(1),
            all_pairs: settings.all_pairs,
        }
    }

    /// Compares buckets, each on one thread, and returns what they come to in their order.
    pub(crate) fn compare(&self, buckets: &[Vec<u32>], state: State<'_>) -> Result<Vec<Compared>, Error> {
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut shelf, mut compared) = (Shelf::new(self), vec![]);
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(bucket) = buckets.get(at) else { return Ok::<_, Error>(compared) };
                compared.push((at, self.bucket(bucket, state, &mut shelf)?));
            }
        };
        let threads = self.threads.min(buckets.len());
        let mut all = thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let mut all = vec![];
            for thread in running {
                all.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic))?);
            }
            Ok::<_, Error>(all)
        })?;
        all.sort_unstable_by_key(|(at, _)| *at);
        Ok(all.into_iter().map(|(_, compared)| compared).collect())
    }

    fn bucket(&self, bucket: &[u32], state: State<'_>, shelf: &mut Shelf<'_>) -> Result<Compared, Error> {
        let mut joined = joined_before(bucket, state.sets);
        let mut compared = Compared::default();
        for at in 1..bucket.len() {
            for to in 0..at.min(REPRESENTATIVES) {
                let (one, other) = (bucket[to], bucket[at]);
                let are_one = !self.all_pairs && joined.find(to as u32) == joined.find(at as u32);
                if are_one || state.known.contains(&pair_key(one, other)) {
                    continue;
                }
                let jaccard = overlap(&*shelf.shingles(one)?, &*shelf.shingles(other)?);
                if jaccard >= self.threshold {
                    joined.join(to as u32, at as u32);
                    compared.alike.push((one, other, jaccard));
                } else if compared.unlike.len() < REMEMBERED {
                    compared.unlike.push((one, other));
                }
            }
        }
        Ok(compared)
    }
}

/// Returns sets of places in the bucket, of which those lie together that were joined before.
fn joined_before(bucket: &[u32], sets: &DisjointSets) -> DisjointSets {
    let mut joined = DisjointSets::new(bucket.len() as u32);
    let mut places = HashMap::new();
    for (group, at) in bucket.iter().zip(0u32..) {
        joined.join(at, *places.entry(sets.name(*group)).or_insert(at));
    }
    joined
}

/// The shingles of the texts used last.
struct Shelf<'a> {
    comparer: &'a Comparer<'a>,
    units: Units,
    text: String,
    kept: HashMap<u32, Rc<Shingles>>,
    size: usize,
}

impl<'a> Shelf<'a> {
    fn new(comparer: &'a Comparer<'a>) -> Self {
        Self { comparer, units: Units::default(), text: String::new(), kept: HashMap::new(), size: 0 }
    }

    fn shingles(&mut self, group: u32) -> Result<Rc<Shingles>, Error> {
        if let Some(shingles) = self.kept.get(&group) {
            return Ok(Rc::clone(shingles));
        }
        let Comparer { texts, groups, characters_below, .. } = self.comparer;
        texts.read(groups.first(group), &mut self.text)?;
        self.units.read(&self.text, *characters_below);
        let shingles = Rc::new(self.units.shingles());
        self.size += shingles.words.len() + shingles.characters.len();
        if self.size > KEPT_SHINGLES {
            self.kept.clear();
            self.size = shingles.words.len() + shingles.characters.len();
        }
        self.kept.insert(group, Rc::clone(&shingles));
        Ok(shingles)
    }
}
