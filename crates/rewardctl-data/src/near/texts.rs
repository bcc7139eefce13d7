//! Texts in a temporary file, to be read again one by one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Bytes that are written at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// Texts on disk.
#[derive(Debug)]
pub(crate) struct Texts {
    folder: PathBuf,
    file: BufWriter<File>,
    /// Where each text ends.
    ends: Vec<u64>,
}

impl Texts {
    pub(crate) fn create(folder: &Path) -> Result<Self, Error> {
        let file = tempfile::tempfile_in(folder).map_err(Error::temporary(folder))?;
        Ok(Self { folder: folder.into(), file: BufWriter::with_capacity(BUFFER_BYTES, file), ends: vec![] })
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Appends `texts`, which lie one behind the other and end at `ends`.
    pub(crate) fn add(&mut self, texts: &str, ends: &[usize]) -> Result<(), Error> {
        let start = self.ends.last().copied().unwrap_or(0);
        self.ends.extend(ends.iter().map(|end| start + *end as u64));
        self.file.write_all(texts.as_bytes()).map_err(Error::temporary(&self.folder))
    }

    /// Writes what is still in memory; before, nothing can be read.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.file.flush().map_err(Error::temporary(&self.folder))
    }

    /// Reads a text into `into`, in place of what it held.
    pub(crate) fn read(&self, text: usize, into: &mut String) -> Result<(), Error> {
        let start = if text == 0 { 0 } else { self.ends[text - 1] };
        let mut bytes = std::mem::take(into).into_bytes();
        bytes.resize((self.ends[text] - start) as usize, 0);
        let read = self.file.get_ref().read_exact_at(&mut bytes, start);
        read.map_err(Error::temporary(&self.folder))?;
        let lost = |_| std::io::Error::other("the temporary file was changed");
        *into = String::from_utf8(bytes).map_err(lost).map_err(Error::temporary(&self.folder))?;
        Ok(())
    }
}
