//! Files that are there whole or not at all: written beside their place, then renamed.
//!
//! The file beside is named after the one that it becomes, `.out.jsonl.part`, so that what a killed run leaves is
//! taken over by the next one instead of piling up. A lock, which dies with its process, keeps two runs apart.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, STDOUT};

/// What rows are written to.
pub(crate) enum Sink {
    /// A file that appears when it is finished.
    File(AtomicFile),
    /// A stream, or a device or pipe that has a name.
    Stream(BufWriter<Box<dyn Write + Send>>),
}

/// A file that appears when it is finished; dropped before, it leaves nothing.
pub(crate) struct AtomicFile {
    path: PathBuf,
    part: Part,
    file: BufWriter<File>,
}

/// What waits for its name: whole and on the disk, but still beside its place.
pub(crate) struct Staged(Option<(Part, PathBuf)>);

/// The name of the file beside; removed when dropped, unless it was renamed.
struct Part(PathBuf);

impl Sink {
    /// Opens what `path` names: a file is replaced when the new one is finished, a device is written to, and `-` is
    /// stdout.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Ok(Self::stream(Box::new(io::stdout())));
        }
        let failed = |source| Error::Write { path: path.into(), source };
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Err(Error::Folder { path: path.into() }),
            Ok(metadata) if !metadata.is_file() => {
                let device = OpenOptions::new().write(true).open(path).map_err(failed)?;
                Ok(Self::stream(Box::new(device)))
            }
            // The rename must not replace a link by a file.
            Ok(_) => fs::canonicalize(path).and_then(AtomicFile::create).map(Self::File).map_err(failed),
            Err(_) => AtomicFile::create(path.into()).map(Self::File).map_err(failed),
        }
    }

    /// Returns a closure that says that what `path` names could not be written.
    pub(crate) fn failed(path: &Path) -> impl Fn(io::Error) -> Error {
        move |source| {
            let name = if path == Path::new("-") { Path::new(STDOUT) } else { path };
            Error::Write { path: name.into(), source }
        }
    }

    pub(crate) fn stream(stream: Box<dyn Write + Send>) -> Self {
        Self::Stream(BufWriter::new(stream))
    }

    /// Writes out what is buffered and gives the file its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.stage()?.commit()
    }

    /// Writes out what is buffered, so that nothing is left to do but to give the file its name.
    pub(crate) fn stage(self) -> io::Result<Staged> {
        match self {
            Sink::File(file) => file.stage(),
            Sink::Stream(mut stream) => stream.flush().map(|()| Staged(None)),
        }
    }
}

impl AtomicFile {
    fn create(path: PathBuf) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.part"));
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&beside)?;
        file.try_lock().map_err(|_| io::Error::other("another run is writing it"))?;
        // Not before the lock is ours: the bytes may be another run's.
        file.set_len(0)?;
        Ok(Self { path, part: Part(beside), file: BufWriter::new(file) })
    }

    fn stage(self) -> io::Result<Staged> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(Staged(Some((self.part, self.path))))
    }
}

impl Staged {
    /// Gives the file its name; a stream has none.
    pub(crate) fn commit(self) -> io::Result<()> {
        let Some((part, path)) = self.0 else { return Ok(()) };
        fs::rename(&part.0, &path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After the rename there is nothing to remove, and that is fine.
        let _ = fs::remove_file(&self.0);
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::File(file) => file.file.write(bytes),
            Sink::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::File(file) => file.file.flush(),
            Sink::Stream(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests;
