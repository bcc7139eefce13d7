//! Near-duplicates: texts of which the shingles are nearly the same.
//!
//! Each text is a set of shingles ([`shingle`]). Sketches of the sets (`sketch`), cut into bands (`bands`), say which
//! texts may be alike; the sets themselves, made again from the texts on disk (`texts`), say whether they are
//! (`verify`). Texts that are alike, or alike to the same text, are one component.
//!
//! Nothing that depends on the number of texts stays in memory but some 50 bytes a text: texts and bands lie in
//! temporary files. Texts of equal content are one from the start, so that a million copies are never compared.

pub mod edits;
pub mod numbers;
pub mod sameness;
pub mod shingle;

mod bands;
mod buckets;
mod digest;
mod groups;
mod sketch;
mod texts;
mod verify;

use std::path::PathBuf;

use rewardctl_core::disjoint_sets::DisjointSets;

use crate::error::Error;
use crate::near::bands::{BandFile, Banding};
use crate::near::buckets::join_alike;
use crate::near::digest::digest_all;
use crate::near::groups::Groups;
use crate::near::texts::Texts;

/// From which Jaccard similarity on texts are near-duplicates, unless the user says otherwise.
pub const DEFAULT_THRESHOLD: f64 = 0.8;

/// The lowest threshold: below, most texts of one language are candidates.
pub const MIN_THRESHOLD: f64 = 0.3;

/// How near-duplicates are looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The least Jaccard similarity of near-duplicates, in [`MIN_THRESHOLD`]..=1.
    pub threshold: f64,
    /// Makes other sketches, which miss other pairs; what is found is verified with any seed.
    pub seed: u64,
    /// Threads that hash and compare, at least 1; results do not depend on it.
    pub threads: usize,
    /// Whether every verified pair is kept, not only those that join components; costs time and 24 bytes a pair.
    pub all_pairs: bool,
    /// The folder for temporary files: about the size of the texts and 100 bytes a text.
    pub folder: PathBuf,
}

/// Two texts that are near-duplicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The index of the first text, from 0.
    pub first: usize,
    /// The index of the second, which came later.
    pub second: usize,
    /// The Jaccard similarity of their shingles, at least the threshold.
    pub jaccard: f64,
}

/// Which texts are near-duplicates of which.
#[derive(Debug)]
pub struct Components {
    names: Vec<u32>,
    /// Verified pairs, in the order of their indices: all that were found, or those that join components; two texts of
    /// equal content appear once, as the first such text and each later one.
    pub pairs: Vec<Pair>,
    copies: usize,
    texts: Texts,
}

/// Finds the components of near-duplicates among `texts`, which are read once.
///
/// A pair at the threshold is found with probability .98, a more similar one more likely; no pair below the threshold
/// is ever joined. Components do not depend on the order of the texts or on the threads.
///
/// # Errors
/// Whatever `texts` gives, and a temporary file that cannot be written or read.
pub fn components<T: AsRef<str>, E: From<Error>>(
    texts: impl Iterator<Item = Result<T, E>>,
    settings: &Settings,
) -> Result<Components, E> {
    let banding = Banding::at(settings.threshold);
    let digested = digest_all(texts, banding, settings)?;
    Ok(find(digested.texts, &digested.contents, digested.bands, settings)?)
}

fn find(
    mut texts: Texts,
    contents: &[[u64; 2]],
    mut bands: BandFile,
    settings: &Settings,
) -> Result<Components, Error> {
    texts.finish()?;
    bands.finish()?;
    let groups = Groups::of(contents);
    let mut sets = DisjointSets::new(groups.count());
    let found = join_alike(&texts, &bands, &groups, &mut sets, settings)?;
    let names = groups.names(&mut sets);
    let mut pairs = groups.copies();
    let copies = pairs.len();
    pairs.extend(found);
    pairs.sort_by_key(|pair| (pair.first, pair.second));
    Ok(Components { names, pairs, copies, texts })
}

impl Components {
    /// Returns the number of texts.
    pub fn texts(&self) -> usize {
        self.names.len()
    }

    /// Returns how many texts have the content of an earlier one.
    pub fn copies(&self) -> usize {
        self.copies
    }

    /// Returns the component of a text: the index of its first text.
    ///
    /// # Panics
    /// If there is no such text.
    pub fn of(&self, text: usize) -> usize {
        self.names[text] as usize
    }

    /// Returns the component of every text, in order.
    pub fn names(&self) -> impl Iterator<Item = usize> {
        self.names.iter().map(|name| *name as usize)
    }

    /// Tells whether no text before this one is in its component.
    ///
    /// # Panics
    /// If there is no such text.
    pub fn is_first(&self, text: usize) -> bool {
        self.of(text) == text
    }

    /// Returns the first text and the size of every component of two texts or more, the largest first.
    pub fn sizes(&self) -> Vec<(usize, usize)> {
        let mut count = vec![0usize; self.texts()];
        self.names().for_each(|name| count[name] += 1);
        let mut sizes: Vec<(usize, usize)> =
            count.into_iter().enumerate().filter(|(_, size)| *size > 1).collect();
        sizes.sort_by_key(|(first, size)| (usize::MAX - size, *first));
        sizes
    }

    /// Returns the most trusted text of each component, in order; the first of those that are trusted alike.
    ///
    /// `confidence` has a value for each text; NaN counts as the least.
    pub fn best(&self, confidence: &[f64]) -> Vec<usize> {
        let trust =
            |text: usize| if confidence[text].is_nan() { f64::NEG_INFINITY } else { confidence[text] };
        let mut best: Vec<usize> = (0..self.texts()).collect();
        for text in 0..self.texts() {
            let kept = &mut best[self.of(text)];
            if trust(text) > trust(*kept) {
                *kept = text;
            }
        }
        let mut kept: Vec<usize> =
            (0..self.texts()).filter(|text| self.is_first(*text)).map(|f| best[f]).collect();
        kept.sort_unstable();
        kept
    }

    /// Reads a text again, from the temporary file.
    ///
    /// # Panics
    /// If there is no such text.
    pub fn text(&self, text: usize) -> Result<String, Error> {
        let mut read = String::new();
        self.texts.read(text, &mut read)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
