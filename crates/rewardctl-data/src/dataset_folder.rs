//! The versions of a dataset, each a folder that is there whole or not at all: written beside its place, then renamed.
//!
//! The folder beside is `.part`, so that what a killed run leaves is taken over by the next one. A lock, which dies with
//! its process, keeps two runs apart.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic::Sink;
use crate::error::Error;

/// The folder of one dataset, with a folder for each version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    folder: PathBuf,
}

/// A version being written.
#[derive(Debug)]
pub struct Part {
    folder: PathBuf,
    path: PathBuf,
    /// Held for as long as the version is being written.
    _lock: File,
}

/// Returns the names of the datasets in `root`, sorted.
pub fn names(root: &Path) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = entries(root)?.into_iter().filter(|name| !name.starts_with('.')).collect();
    names.sort();
    Ok(names)
}

impl Versions {
    /// Names the dataset `name` in `root`; nothing is made.
    pub fn of(root: &Path, name: &str) -> Self {
        Self { folder: root.join(name) }
    }

    /// Returns the versions that are there, from the first.
    pub fn list(&self) -> Result<Vec<u32>, Error> {
        let number = |name: String| name.strip_prefix('v')?.parse().ok();
        let mut versions: Vec<u32> = entries(&self.folder)?.into_iter().filter_map(number).collect();
        versions.sort_unstable();
        Ok(versions)
    }

    /// Returns the folder of a version.
    pub fn path(&self, version: u32) -> PathBuf {
        self.folder.join(format!("v{version}"))
    }

    /// Starts a version beside the others.
    pub fn begin(&self) -> Result<Part, Error> {
        let failed = writing(&self.folder);
        fs::create_dir_all(&self.folder).map_err(&failed)?;
        let lock = self.folder.join(".lock");
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(lock).map_err(&failed)?;
        lock.try_lock().map_err(|_| failed(io::Error::other("another run is building it")))?;
        let path = self.folder.join(".part");
        // What a killed run left: the lock is ours, so nobody is writing it.
        if path.exists() {
            fs::remove_dir_all(&path).map_err(&failed)?;
        }
        fs::create_dir(&path).map_err(&failed)?;
        Ok(Part { folder: self.folder.clone(), path, _lock: lock })
    }
}

impl Part {
    /// Returns the folder to write to.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder the name of `version`, which must be free, and returns it.
    pub fn publish(self, version: u32) -> Result<PathBuf, Error> {
        let named = self.folder.join(format!("v{version}"));
        let failed = writing(&named);
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(&failed)?;
        fs::rename(&self.path, &named).map_err(&failed)?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(&failed)?;
        Ok(named)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After the rename there is nothing to remove, and that is fine.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Writes a small file, whole or not at all.
pub fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    let failed = Sink::failed(path);
    let mut sink = Sink::create(path)?;
    io::Write::write_all(&mut sink, text.as_bytes()).and_then(|()| sink.finish()).map_err(failed)
}

/// Returns the names of the folders in `folder`; none if it is not there.
fn entries(folder: &Path) -> Result<Vec<String>, Error> {
    let failed = |source| Error::Read { path: folder.into(), source };
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(failed(error)),
    };
    let mut names = vec![];
    for entry in found {
        let entry = entry.map_err(failed)?;
        if entry.path().is_dir() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    Ok(names)
}

fn writing(path: &Path) -> impl Fn(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Write { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_there_whole_or_not_at_all() {
        let root = tempfile::tempdir().unwrap();
        let versions = Versions::of(root.path(), "d");
        assert!(versions.list().unwrap().is_empty());
        let part = versions.begin().unwrap();
        write_text(&part.path().join("a"), "half").unwrap();
        assert!(versions.begin().is_err(), "two runs at once");
        drop(part);
        assert!(versions.list().unwrap().is_empty());
        // A killed run leaves its folder, which the next takes over.
        fs::create_dir_all(root.path().join("d/.part/old")).unwrap();
        let part = versions.begin().unwrap();
        assert_eq!(fs::read_dir(part.path()).unwrap().count(), 0);
        write_text(&part.path().join("a"), "whole").unwrap();
        let named = part.publish(10).unwrap();
        assert_eq!(fs::read_to_string(named.join("a")).unwrap(), "whole");
        versions.begin().unwrap().publish(2).unwrap();
        assert_eq!(
            (versions.list().unwrap(), names(root.path()).unwrap()),
            (vec![2, 10], vec!["d".to_owned()])
        );
    }
}
