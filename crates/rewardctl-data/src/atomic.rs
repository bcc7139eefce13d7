//! Files that are there whole or not at all: written beside their place, then renamed.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;

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
    file: BufWriter<NamedTempFile>,
}

impl Sink {
    /// Opens what `path` names: a file is replaced when the new one is finished, a device is written to.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
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

    pub(crate) fn stream(stream: Box<dyn Write + Send>) -> Self {
        Self::Stream(BufWriter::new(stream))
    }

    /// Writes out what is buffered and gives the file its name.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Sink::File(file) => file.finish(),
            Sink::Stream(mut stream) => stream.flush(),
        }
    }
}

impl AtomicFile {
    fn create(path: PathBuf) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = new_file().tempfile_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Self { path, file: BufWriter::new(file) })
    }

    fn finish(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
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

/// Says how the file beside is made: with the permissions of any new file, not those of a secret.
fn new_file() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rewardctl-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
mod tests;
