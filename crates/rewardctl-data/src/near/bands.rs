//! Bands: sketches cut into parts, of which one equal part makes two texts candidates; kept in a temporary file.
//!
//! The file is written text by text and read band by band. Blocks of texts are turned in memory before they are
//! written, so that reading a band takes a part of every block.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// How many hashes a sketch has at most.
const MAX_HASHES: usize = 128;

/// The least chance that a pair at the threshold is a candidate.
const MIN_RECALL: f64 = 0.98;

/// Sketches in a block.
const BLOCK: usize = 8192;

/// How a sketch is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Banding {
    pub bands: usize,
    /// Hashes in a band.
    pub rows: usize,
    /// Texts with fewer words are sketched by their characters too: they may be alike to a short text.
    pub characters_below: usize,
}

impl Banding {
    /// Returns the banding with the longest bands, which make the fewest false candidates, that finds pairs at the
    /// threshold with a probability of [`MIN_RECALL`]: 1 − (1 − sʳ)ᵇ for b bands of r rows at a similarity of s.
    pub(crate) fn at(threshold: f64) -> Self {
        let recall = |rows: usize| {
            let bands = (MAX_HASHES / rows) as i32;
            1.0 - (1.0 - threshold.powi(rows as i32)).powi(bands)
        };
        let rows = (1..=MAX_HASHES).rev().find(|rows| recall(*rows) >= MIN_RECALL).unwrap_or(1);
        // A set can be 1/threshold times as large as one that it is alike to; words differ in length.
        let characters_below = (super::shingle::SHORT_WORDS as f64 * 1.2 / threshold) as usize;
        Self { bands: MAX_HASHES / rows, rows, characters_below }
    }

    pub(crate) fn hashes(self) -> usize {
        self.bands * self.rows
    }
}

/// The bands of all sketches, on disk.
#[derive(Debug)]
pub(crate) struct BandFile {
    folder: PathBuf,
    file: File,
    bands: usize,
    /// The text that each sketch is of.
    pub owners: Vec<u32>,
    /// The bands of sketches that are not written yet, sketch by sketch.
    waiting: Vec<u32>,
    /// Sketches in the file.
    written: usize,
}

impl BandFile {
    pub(crate) fn create(bands: usize, folder: &Path) -> Result<Self, Error> {
        let file = tempfile::tempfile_in(folder).map_err(Error::temporary(folder))?;
        Ok(Self { folder: folder.into(), file, bands, owners: vec![], waiting: vec![], written: 0 })
    }

    pub(crate) fn bands(&self) -> usize {
        self.bands
    }

    /// Adds sketches, of which `hashes` has the bands and `owners` the texts.
    pub(crate) fn add(&mut self, owners: impl Iterator<Item = u32>, hashes: &[u32]) -> Result<(), Error> {
        self.owners.extend(owners);
        for sketch in hashes.chunks_exact(self.bands) {
            self.waiting.extend_from_slice(sketch);
            if self.waiting.len() == BLOCK * self.bands {
                self.write_block()?;
            }
        }
        Ok(())
    }

    /// Writes what is still in memory.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() { Ok(()) } else { self.write_block() }
    }

    fn write_block(&mut self) -> Result<(), Error> {
        let count = self.waiting.len() / self.bands;
        let mut bytes = Vec::with_capacity(self.waiting.len() * 4);
        for band in 0..self.bands {
            let column = self.waiting[band..].iter().step_by(self.bands);
            column.for_each(|hash| bytes.extend_from_slice(&hash.to_le_bytes()));
        }
        let place = (self.written * self.bands * 4) as u64;
        self.file.write_all_at(&bytes, place).map_err(Error::temporary(&self.folder))?;
        self.written += count;
        self.waiting.clear();
        Ok(())
    }

    /// Returns the hashes of one band, sketch by sketch.
    pub(crate) fn read(&self, band: usize) -> Result<Vec<u32>, Error> {
        let mut hashes = Vec::with_capacity(self.written);
        let mut bytes = vec![0; BLOCK * 4];
        for start in (0..self.written).step_by(BLOCK) {
            let count = BLOCK.min(self.written - start);
            let place = (start * self.bands + band * count) * 4;
            self.read_block(&mut bytes[..count * 4], place as u64)?;
            let (words, _) = bytes[..count * 4].as_chunks::<4>();
            hashes.extend(words.iter().map(|word| u32::from_le_bytes(*word)));
        }
        Ok(hashes)
    }

    fn read_block(&self, bytes: &mut [u8], place: u64) -> Result<(), Error> {
        let read: io::Result<()> = self.file.read_exact_at(bytes, place);
        read.map_err(Error::temporary(&self.folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_suit_the_threshold() {
        let cut = |threshold| {
            let Banding { bands, rows, .. } = Banding::at(threshold);
            (bands, rows)
        };
        assert_eq!([0.3, 0.5, 0.8, 0.9, 1.0].map(cut), [(64, 2), (42, 3), (18, 7), (11, 11), (1, 128)]);
    }

    #[test]
    fn a_band_comes_back_over_blocks() {
        let mut file = BandFile::create(3, &std::env::temp_dir()).unwrap();
        let count = BLOCK as u32 * 2 + 5;
        for sketch in 0..count {
            file.add(std::iter::once(sketch), &[sketch, sketch + 1, sketch * 2]).unwrap();
        }
        file.finish().unwrap();
        assert_eq!(file.read(0).unwrap(), (0..count).collect::<Vec<_>>());
        assert_eq!(file.read(2).unwrap(), (0..count).map(|n| n * 2).collect::<Vec<_>>());
    }
}
