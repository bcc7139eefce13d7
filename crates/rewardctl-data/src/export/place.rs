//! Where an export goes: the names of its files, the folder beside, and what must not be overwritten.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::Split;
use rewardctl_core::id::ContentId;

use crate::error::Error;
use crate::export::refused::Refused;
use crate::export::target::{FileFormat, Stem};
use crate::format::Compression;

/// A name of a file, cut into its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileName {
    /// The path without the extensions.
    pub stem: PathBuf,
    /// `.jsonl`, `.parquet`; None of another extension.
    pub format: Option<FileFormat>,
    /// `.gz`, `.zst`.
    pub packing: Compression,
    /// All extensions, with their points.
    pub extensions: String,
}

/// The shard of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    /// From 0.
    pub number: u64,
    pub of: u64,
}

/// The names that an export may find in a folder and overwrite.
const OURS: [&str; 12] = [
    "train",
    "valid",
    "validation",
    "test",
    "data",
    "train.jsonl",
    "valid.jsonl",
    "validation.jsonl",
    "test.jsonl",
    "dataset_info.json",
    "README.md",
    "croissant.json",
];

impl FileName {
    pub(crate) fn of(path: &Path) -> Self {
        let mut stem = path.to_path_buf();
        let mut extensions = String::new();
        let packing = match lower_extension(&stem).as_deref() {
            Some("gz") => Compression::Gzip,
            Some("zst") => Compression::Zstd,
            _ => Compression::None,
        };
        if packing != Compression::None {
            take_extension(&mut stem, &mut extensions);
        }
        let format = match lower_extension(&stem).as_deref() {
            Some("jsonl") => Some(FileFormat::Jsonl),
            Some("parquet") => Some(FileFormat::Parquet),
            _ => None,
        };
        if format.is_some() {
            take_extension(&mut stem, &mut extensions);
        }
        Self { stem, format, packing, extensions }
    }

    /// Returns the whole name.
    pub(crate) fn path(&self) -> PathBuf {
        let mut name = self.stem.file_name().unwrap_or_default().to_owned();
        name.push(&self.extensions);
        self.stem.with_file_name(name)
    }

    /// Returns the name of a shard: `NAME-00000-of-00004.jsonl`.
    pub(crate) fn shard(&self, shard: Shard) -> PathBuf {
        let mut name = self.stem.file_name().unwrap_or_default().to_owned();
        name.push(format!("{shard}{}", self.extensions));
        self.stem.with_file_name(name)
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "-{:05}-of-{:05}", self.number, self.of)
    }
}

/// Returns the place of a file within a folder.
pub(crate) fn in_folder(stem: Stem, split: Split, shard: Option<Shard>, extension: &str) -> PathBuf {
    let name = match (stem, split) {
        (Stem::Valid, Split::Validation) => "valid",
        _ => split.name(),
    };
    let first = Shard { number: 0, of: 1 };
    match (stem, shard) {
        (Stem::Hub, shard) => format!("data/{name}{}.{extension}", shard.unwrap_or(first)).into(),
        (_, Some(shard)) => format!("{name}/{name}{shard}.{extension}").into(),
        (_, None) => format!("{name}.{extension}").into(),
    }
}

/// Refuses a folder that holds anything but an earlier export.
pub(crate) fn check_free(folder: &Path) -> Result<(), Error> {
    let read = |source| Error::Read { path: folder.into(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(read)?,
    };
    for entry in entries {
        let name = entry.map_err(read)?.file_name().to_string_lossy().into_owned();
        let is_ours = OURS.contains(&name.as_str()) || name.ends_with(".parquet") && is_split(&name);
        if !is_ours {
            return Err(Refused::Occupied { folder: folder.into(), name }.into());
        }
    }
    check_card(&folder.join("README.md"))
}

/// What stands before the hash of a card, at its end.
const SIGNATURE: &str = "\n<!-- written by rewardctl export: ";

/// Returns a card with its hash at the end, by which a later export sees whether a person has changed it.
pub(crate) fn signed(card: &str) -> String {
    format!("{card}{SIGNATURE}{} -->\n", ContentId::of("card", [card.as_bytes()]))
}

/// Refuses to replace a card that a person wrote or changed.
fn check_card(path: &Path) -> Result<(), Error> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        text => text.map_err(|source| Error::Read { path: path.into(), source })?,
    };
    let is_ours = text.rsplit_once(SIGNATURE).is_some_and(|(card, _)| signed(card) == text);
    if is_ours { Ok(()) } else { Err(Refused::ChangedCard { path: path.into() }.into()) }
}

fn is_split(name: &str) -> bool {
    Split::ALL.iter().any(|split| name == format!("{}.parquet", split.name()))
}

/// A folder that appears when it is whole: written beside, then renamed; dropped before, it leaves nothing.
pub(crate) struct AtomicFolder {
    folder: PathBuf,
    beside: PathBuf,
}

impl AtomicFolder {
    /// Makes the folder beside; what a killed run left there is taken away.
    pub(crate) fn create(folder: &Path) -> Result<Self, Error> {
        let beside = sibling(folder, "part");
        let made = remove(&beside).and_then(|()| fs::create_dir(&beside));
        made.map_err(|source| Error::Write { path: folder.into(), source })?;
        Ok(Self { folder: folder.into(), beside })
    }

    /// Returns where a file of the folder lies until then; makes the folders in between.
    pub(crate) fn inside(&self, path: &Path) -> Result<PathBuf, Error> {
        let inside = self.beside.join(path);
        let parent = inside.parent().unwrap_or(&self.beside);
        fs::create_dir_all(parent).map_err(|source| Error::Write { path: self.folder.join(path), source })?;
        Ok(inside)
    }

    /// Gives the folder its name; one that had it before goes.
    pub(crate) fn commit(self) -> Result<(), Error> {
        let old = sibling(&self.folder, "old");
        let renamed = remove(&old).and_then(|()| {
            if self.folder.exists() {
                fs::rename(&self.folder, &old)?;
            }
            fs::rename(&self.beside, &self.folder)?;
            remove(&old)
        });
        renamed.map_err(|source| Error::Write { path: self.folder.clone(), source })
    }
}

impl Drop for AtomicFolder {
    fn drop(&mut self) {
        // After the rename there is nothing to remove, and that is fine.
        let _ = remove(&self.beside);
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn sibling(folder: &Path, what: &str) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!(".{name}.{what}"))
}

fn lower_extension(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase())
}

fn take_extension(stem: &mut PathBuf, extensions: &mut String) {
    let extension = stem.extension().unwrap_or(OsStr::new("")).to_string_lossy().into_owned();
    *extensions = format!(".{extension}{extensions}");
    stem.set_extension("");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_shards_keep_their_extensions() {
        let name = FileName::of(Path::new("out/a.b.JSONL.gz"));
        assert_eq!((name.format, name.packing), (Some(FileFormat::Jsonl), Compression::Gzip));
        assert_eq!(name.shard(Shard { number: 1, of: 12 }), Path::new("out/a.b-00001-of-00012.JSONL.gz"));
        assert_eq!(FileName::of(Path::new("x.csv")).format, None);
    }

    #[test]
    fn a_folder_of_others_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        assert!(check_free(&path).is_ok());
        fs::create_dir(&path).unwrap();
        fs::write(path.join("train.jsonl"), "").unwrap();
        assert!(check_free(&path).is_ok());
        fs::write(path.join("README.md"), signed("# Pairs\n")).unwrap();
        assert!(check_free(&path).is_ok());
        fs::write(path.join("README.md"), signed("# Pairs\n").replace("Pairs", "My pairs")).unwrap();
        assert!(check_free(&path).is_err());
        fs::remove_file(path.join("README.md")).unwrap();
        fs::write(path.join("thesis.tex"), "").unwrap();
        assert!(check_free(&path).is_err());
    }

    #[test]
    fn a_folder_appears_whole() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("out");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("test.jsonl"), "old").unwrap();
        let folder = AtomicFolder::create(&path).unwrap();
        fs::write(folder.inside(Path::new("data/x")).unwrap(), "new").unwrap();
        assert!(path.join("test.jsonl").exists());
        folder.commit().unwrap();
        assert!(!path.join("test.jsonl").exists());
        assert_eq!(fs::read_to_string(path.join("data/x")).unwrap(), "new");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
