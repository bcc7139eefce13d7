//! Sketches of sets: as many bins as hash functions of MinHash, each equal in two sketches with a probability of the
//! sets' Jaccard similarity, at the cost of about one hash a member instead of one a member and bin.
//!
//! Fast similarity sketching (Dahlgaard, Knudsen and Thorup, FOCS 2017): in each round every member falls into a bin
//! at random, and a bin keeps the smallest value of the first round that reached it. Rounds end when no bin is empty;
//! a bin that stays empty too long looks at every member. Unlike one-permutation hashing, small sets fill their bins
//! with draws that do not depend on each other, so that bands of them catch what bands of MinHash catch.

use crate::near::bands::Banding;
use crate::near::shingle::mix;

/// A bin that no member has reached.
const EMPTY: u64 = u64::MAX;

/// Rounds after which bins are empty only if the set is small, or a long text says the same over and over.
const PATIENCE: u64 = 8;

/// Sketches one set after the other.
#[derive(Debug)]
pub(crate) struct Sketcher {
    banding: Banding,
    seed: u64,
    bins: Vec<u64>,
}

impl Sketcher {
    pub(crate) fn new(banding: Banding, seed: u64) -> Self {
        Self { banding, seed: mix(seed ^ 0x6e65_6172), bins: vec![EMPTY; banding.hashes()] }
    }

    /// Appends a hash for every band of the sketch of `set`, which may hold members twice and must hold one.
    pub(crate) fn bands(&mut self, set: &mut Vec<u64>, into: &mut Vec<u32>) {
        self.fill(set);
        for band in self.bins.chunks_exact(self.banding.rows) {
            let hash = band.iter().fold(0u64, |hash, value| mix(hash ^ value));
            into.push((hash >> 32) as u32);
        }
    }

    fn fill(&mut self, set: &mut Vec<u64>) {
        self.bins.fill(EMPTY);
        let count = self.bins.len() as u64;
        let mut empty = self.bins.len();
        for round in 0..count {
            let key = self.key(round);
            if round == PATIENCE {
                set.sort_unstable();
                set.dedup();
            }
            for member in &*set {
                let hash = mix(member ^ key);
                let bin = &mut self.bins[(((hash >> 32) * count) >> 32) as usize];
                empty -= usize::from(*bin == EMPTY);
                *bin = (*bin).min(round << 32 | (hash & 0xffff_ffff));
            }
            if empty == 0 {
                return;
            }
        }
        for at in 0..self.bins.len() {
            if self.bins[at] == EMPTY {
                let (round, key) = (count + at as u64, self.key(count + at as u64));
                let least = set.iter().map(|member| mix(member ^ key) & 0xffff_ffff).min();
                self.bins[at] = round << 32 | least.unwrap_or(0);
            }
        }
    }

    fn key(&self, round: u64) -> u64 {
        mix(self.seed.wrapping_add(round))
    }
}
