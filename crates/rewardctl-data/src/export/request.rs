//! What an export is asked for, checked against what its target can do.

use std::path::{Path, PathBuf};

use rewardctl_core::dataset::{Example, Kind, Split};

use crate::error::Error;
use crate::export::data_file::Form;
use crate::export::place::{FileName, check_free};
use crate::export::refused::Refused;
use crate::export::target::{FileFormat, Folder, Layout, More, Target, kinds_of};
use crate::export::targets;
use crate::format::Compression;

/// What an export is asked for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The name of the target.
    pub target: &'a str,
    /// Whether texts are to be plain strings.
    pub plain: bool,
    /// The file or folder to write; `-` is stdout.
    pub out: &'a Path,
    /// The format; None leaves it to the name of the file, or to the target.
    pub format: Option<FileFormat>,
    /// The parts of the dataset; None is every part in a folder, and the training part in a file.
    pub parts: Option<Parts>,
    /// How many files.
    pub sharding: Sharding,
    /// The columns beside those of training.
    pub more: More,
    /// The dataset's kind, where its manifest says so.
    pub kind: Option<Kind>,
}

/// The parts of a dataset that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// This one.
    One(Split),
    /// All of them; in one file, if the target is one.
    All,
}

/// How many files rows are spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharding {
    /// One.
    None,
    /// So many, as even as can be, and never an empty one.
    Files(u64),
    /// As many as it takes with so many rows in each.
    Rows(u64),
}

/// A request that its target can fulfil.
pub(crate) struct Checked {
    pub target: &'static Target,
    pub kind: Kind,
    pub parts: Parts,
    pub form: Form,
    pub place: Place,
}

/// Where rows go.
pub(crate) enum Place {
    Stdout,
    File(FileName),
    Folder(PathBuf, Folder),
}

impl Request<'_> {
    /// Finds the target that takes such an example, and refuses what it cannot do.
    pub(crate) fn check(&self, first: &Example) -> Result<Checked, Error> {
        let target = self.find(first)?;
        let kind = self.kind(first);
        self.check_columns(target)?;
        if self.sharding != Sharding::None && !target.sharded {
            return Err(Refused::Sharded { target: target.call() }.into());
        }
        let (place, format, packing) = self.place(target)?;
        let form = Form {
            format,
            packing,
            columns: target.all_columns(self.more),
            infers_types: target.infers_types,
        };
        let usual = match place {
            Place::Folder(..) => Parts::All,
            _ => Parts::One(Split::Train),
        };
        Ok(Checked { target, kind, parts: self.parts.unwrap_or(usual), form, place })
    }

    fn find(&self, first: &Example) -> Result<&'static Target, Refused> {
        let mut named = targets().filter(|target| target.name == self.target && target.plain == self.plain);
        let Some(any) = named.clone().next() else { return Err(Refused::Unknown(self.called())) };
        named.find(|target| target.takes(first)).ok_or_else(|| {
            let able: Vec<String> = targets()
                .filter(|target| target.takes(first))
                .map(|target| format!("`{}`", target.call()))
                .collect();
            Refused::Kind { target: any.call(), kind: self.kind(first), able: able.join(", ") }
        })
    }

    /// The manifest's word counts only where the rows do not speak against it.
    fn kind(&self, first: &Example) -> Kind {
        self.kind.filter(|kind| kinds_of(first).contains(kind)).unwrap_or(kinds_of(first)[0])
    }

    fn called(&self) -> String {
        format!("{}{}", self.target, if self.plain { " --plain" } else { "" })
    }

    fn check_columns(&self, target: &Target) -> Result<(), Refused> {
        if self.more.metadata && !target.more_columns {
            return Err(Refused::MoreColumns { target: target.call() });
        }
        if self.more.strengths && target.strengths.is_empty() {
            return Err(Refused::Strengths { target: target.call() });
        }
        Ok(())
    }

    fn place(&self, target: &Target) -> Result<(Place, FileFormat, Compression), Error> {
        let name = FileName::of(self.out);
        let is_stdout = self.out == Path::new("-");
        match target.layout {
            Layout::Folder(_) if is_stdout => Err(Refused::Stdout.into()),
            Layout::Folder(_) if name.format.is_some() => {
                Err(Refused::FileName { target: target.call(), path: self.out.into() }.into())
            }
            Layout::Folder(folder) => {
                check_free(self.out)?;
                let format = self.format.unwrap_or(target.formats[0]);
                check_format(target, format)?;
                Ok((Place::Folder(self.out.into(), folder), format, Compression::None))
            }
            Layout::File if is_stdout => {
                let is_jsonl = self.format.unwrap_or(FileFormat::Jsonl) == FileFormat::Jsonl;
                if !is_jsonl || self.sharding != Sharding::None {
                    return Err(Refused::Stdout.into());
                }
                check_format(target, FileFormat::Jsonl)?;
                Ok((Place::Stdout, FileFormat::Jsonl, Compression::None))
            }
            Layout::File => {
                let (format, packing) = self.file_format(target, &name)?;
                Ok((Place::File(name), format, packing))
            }
        }
    }

    fn file_format(&self, target: &Target, name: &FileName) -> Result<(FileFormat, Compression), Refused> {
        let named = name.format.ok_or(Refused::Extension { path: self.out.into() })?;
        check_format(target, named)?;
        if let Some(asked) = self.format.filter(|asked| *asked != named) {
            let (named, asked) = (named.extension(), asked.extension());
            return Err(Refused::Named { path: self.out.into(), named, asked });
        }
        let is_packed = name.packing != Compression::None;
        if is_packed && (!target.packed || named == FileFormat::Parquet) {
            return Err(Refused::Packed { target: target.call() });
        }
        let cut = self.out.to_string_lossy().contains([',', '@']);
        if cut && target.name.starts_with("openrlhf") {
            return Err(Refused::Path { target: target.call(), path: self.out.into() });
        }
        Ok((named, name.packing))
    }
}

fn check_format(target: &Target, asked: FileFormat) -> Result<(), Refused> {
    if target.formats.contains(&asked) {
        return Ok(());
    }
    let formats: Vec<&str> = target.formats.iter().map(|format| format.extension()).collect();
    Err(Refused::Format {
        target: target.call(),
        formats: formats.join(" and "),
        asked: asked.extension().into(),
    })
}
