//! Contamination: items of a benchmark that stand in training texts.
//!
//! The score of an item is the share of its words that are covered by 8-grams which also stand in one training text;
//! above one half, the text is contaminated (Lambert et al. 2024, arXiv 2411.15124). Words are those of
//! [`crate::near::shingle`]: in lower case, marks aside. An item of fewer words than an n-gram has counts only if a
//! text consists of just these words.
//!
//! Training texts stream by; memory holds the benchmark's n-grams, about 40 bytes a word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::near::shingle::{read_words, runs};

/// How contamination is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Words in an n-gram, at least 1.
    pub words: usize,
    /// The score, in 0..1, above which a text is contaminated.
    pub above: f64,
}

/// A benchmark, ready to be looked for in texts.
#[derive(Debug)]
pub struct Index {
    limits: Limits,
    /// The number of words of each item.
    lengths: Vec<u32>,
    /// The occurrences of each n-gram: from here, this many.
    grams: HashMap<u64, (u32, u32), BuildHasherDefault<Hashed>>,
    /// The items and the words in them where n-grams start, those of one n-gram together.
    places: Vec<(u32, u32)>,
    /// Items too short for an n-gram, by all their words.
    short: HashMap<u64, Vec<u32>, BuildHasherDefault<Hashed>>,
}

/// An item that a text contains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The index of the item, from 0.
    pub item: usize,
    /// The share of its words that the text covers, or the cosine of [`Embedded`]; in 0..=1.
    pub score: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { words: 8, above: 0.5 }
    }
}

impl Index {
    /// Indexes the items of a benchmark.
    ///
    /// # Errors
    /// Whatever `items` gives.
    pub fn of<T: AsRef<str>, E>(
        items: impl Iterator<Item = Result<T, E>>,
        limits: Limits,
    ) -> Result<Self, E> {
        let (mut words, mut grams, mut all) = (vec![], vec![], vec![]);
        let (mut lengths, mut short) = (vec![], HashMap::<_, Vec<u32>, _>::default());
        for (item, text) in (0u32..).zip(items) {
            gather(text?.as_ref(), limits.words, &mut words, &mut grams);
            lengths.push(words.len() as u32);
            if words.len() < limits.words {
                grams.iter().for_each(|gram| short.entry(*gram).or_default().push(item));
            } else {
                all.extend(grams.iter().zip(0u32..).map(|(gram, place)| (*gram, item, place)));
            }
        }
        all.sort_unstable();
        let mut index = Self { limits, lengths, grams: HashMap::default(), places: vec![], short };
        for same in all.chunk_by(|one, other| one.0 == other.0) {
            index.grams.insert(same[0].0, (index.places.len() as u32, same.len() as u32));
            index.places.extend(same.iter().map(|(_, item, place)| (*item, *place)));
        }
        Ok(index)
    }

    /// Returns the number of items.
    pub fn items(&self) -> usize {
        self.lengths.len()
    }

    /// Returns the items that `text` contains, the highest score first; of equal scores the earlier item.
    pub fn hits(&self, text: &str) -> Vec<Hit> {
        let (mut words, mut grams) = (vec![], vec![]);
        gather(text, self.limits.words, &mut words, &mut grams);
        let mut hits = if words.len() < self.limits.words { self.short(&grams) } else { self.covered(grams) };
        hits.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.item.cmp(&other.item)));
        hits
    }

    fn short(&self, grams: &[u64]) -> Vec<Hit> {
        let items = grams.iter().filter_map(|gram| self.short.get(gram)).flatten();
        items.map(|item| Hit { item: *item as usize, score: 1.0 }).collect()
    }

    fn covered(&self, mut grams: Vec<u64>) -> Vec<Hit> {
        grams.sort_unstable();
        grams.dedup();
        let found = grams.iter().filter_map(|gram| self.grams.get(gram));
        let mut places: Vec<(u32, u32)> = found
            .flat_map(|(start, count)| &self.places[*start as usize..(start + count) as usize])
            .copied()
            .collect();
        places.sort_unstable();
        let score = |places: &[(u32, u32)]| {
            let item = places[0].0 as usize;
            Hit { item, score: f64::from(self.union(places)) / f64::from(self.lengths[item]) }
        };
        let hits = places.chunk_by(|one, other| one.0 == other.0).map(score);
        hits.filter(|hit| hit.score > self.limits.above).collect()
    }

    /// Returns how many words n-grams cover that start at `places`, which are sorted.
    fn union(&self, places: &[(u32, u32)]) -> u32 {
        let width = self.limits.words as u32;
        let gap = |pair: &[(u32, u32)]| width.min(pair[1].1 - pair[0].1);
        width + places.windows(2).map(gap).sum::<u32>()
    }
}

/// Reads the n-grams of a text; those of a shorter text are all of it.
fn gather(text: &str, width: usize, words: &mut Vec<u64>, grams: &mut Vec<u64>) {
    words.clear();
    grams.clear();
    read_words(text, words);
    runs(words, width, 3, grams);
}

/// A benchmark by the embeddings of its items: what says the same in other words. A warning, no proof.
#[derive(Debug, Clone)]
pub struct Embedded {
    items: Vec<Vec<f32>>,
    above: f64,
}

/// The cosine above which an embedding warns.
pub const MAX_COSINE: f64 = 0.95;

impl Embedded {
    /// Takes the embedding of each item, all of one length; `above` is a cosine such as [`MAX_COSINE`].
    pub fn new(items: Vec<Vec<f32>>, above: f64) -> Self {
        Self { items, above }
    }

    /// Returns the item most similar to a text's embedding, if its cosine is above the limit.
    pub fn closest(&self, text: &[f32]) -> Option<Hit> {
        let hit = |(item, vector): (usize, &Vec<f32>)| Hit { item, score: cosine(vector, text) };
        let best = self
            .items
            .iter()
            .enumerate()
            .map(hit)
            .max_by(|one, other| one.score.total_cmp(&other.score).then(other.item.cmp(&one.item)));
        best.filter(|hit| hit.score > self.above)
    }
}

/// Returns the cosine of two vectors; 0 if one has no direction.
fn cosine(one: &[f32], other: &[f32]) -> f64 {
    let dot = |one: &[f32], other: &[f32]| {
        one.iter().zip(other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
    };
    let length = (dot(one, one) * dot(other, other)).sqrt();
    if length > 0.0 { dot(one, other) / length } else { 0.0 }
}

/// Takes 64-bit hashes as they are.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests;
