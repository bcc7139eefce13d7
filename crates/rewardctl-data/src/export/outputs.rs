//! The files of an export while they are being written: one for each part of a dataset in a folder, one for all in a
//! file, cut into shards where asked.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::{Provenance, Split};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::atomic::Sink;
use crate::error::{Error, STDOUT};
use crate::export::data_file::{Form, OpenFile, WholeFile};
use crate::export::place::{AtomicFolder, FileName, Shard, in_folder};
use crate::export::provenance_path;
use crate::export::request::{Checked, Place, Request, Sharding};
use crate::export::target::{Folder, Stem};
use crate::export::written::{DataFile, Written};
use crate::row_file::write_json;

/// The part of a dataset that a file holds; None is all of them.
type Part = Option<Split>;

/// The files of an export.
pub(crate) struct Outputs {
    names: Names,
    form: Form,
    out: PathBuf,
    plans: BTreeMap<Part, Plan>,
    parts: BTreeMap<Part, OpenPart>,
    provenance: Option<Sink>,
}

/// Where files get their names and places from.
enum Names {
    Stdout,
    File(FileName),
    Folder(AtomicFolder, Folder),
}

/// How the rows of a part are cut: shard `i` of `n` ends before row `(i + 1) * rows / n`, or after so many rows.
#[derive(Clone, Copy)]
struct Plan {
    rows: u64,
    files: u64,
    each: Option<u64>,
}

#[derive(Default)]
struct OpenPart {
    open: Option<OpenFile>,
    whole: Vec<(PathBuf, WholeFile)>,
    rows: u64,
}

/// Where a row comes from; written beside the training data, never into it.
#[derive(Serialize)]
struct Origin<'a> {
    /// The name of the file.
    file: String,
    /// The row's place in it, from 0.
    row: u64,
    split: Split,
    provenance: &'a Provenance,
}

impl Outputs {
    pub(crate) fn new(
        checked: &Checked,
        request: &Request,
        counts: &BTreeMap<Part, u64>,
    ) -> Result<Self, Error> {
        // The side file is opened first: its lock keeps two runs apart.
        let beside = provenance_path(request.out);
        let provenance = checked.has_provenance().then(|| Sink::create(&beside)).transpose()?;
        let names = match &checked.place {
            Place::Stdout => Names::Stdout,
            Place::File(name) => Names::File(name.clone()),
            Place::Folder(path, folder) => Names::Folder(AtomicFolder::create(path)?, *folder),
        };
        let plans = counts.iter().map(|(part, rows)| (*part, Plan::new(request.sharding, *rows))).collect();
        Ok(Self {
            names,
            form: checked.form.clone(),
            out: request.out.into(),
            plans,
            parts: BTreeMap::new(),
            provenance,
        })
    }

    /// Returns the number that the next row of a part has in its file.
    pub(crate) fn next_number(&self, part: Part) -> u64 {
        let Some(state) = self.parts.get(&part) else { return 0 };
        state.open.as_ref().map_or(0, OpenFile::rows)
    }

    pub(crate) fn write(
        &mut self,
        part: Part,
        row: &Value,
        split: Split,
        provenance: Provenance,
    ) -> Result<(), Error> {
        let state = self.parts.entry(part).or_default();
        let plan = self.plans.get(&part).copied();
        let path = self.names.path(part, plan.map(|plan| plan.shard(state.whole.len())), &self.form);
        if state.open.is_none() {
            state.open = Some(OpenFile::create(&self.names.beside(&path)?, &self.form)?);
        }
        let open = state.open.as_mut().expect("it was opened just now");
        if let Some(sink) = &mut self.provenance {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let origin = Origin { file, row: open.rows(), split, provenance: &provenance };
            let written = write_json(sink, &origin).and_then(|()| sink.write_all(b"\n"));
            written.map_err(Sink::failed(&provenance_path(&self.out)))?;
        }
        open.write(row)?;
        state.rows += 1;
        let is_full = plan.is_some_and(|plan| state.rows == plan.end(state.whole.len()));
        if is_full && let Some(full) = state.open.take() {
            state.whole.push((path, full.finish()?));
        }
        Ok(())
    }

    /// Ends every file, then gives all of them their names, the side file first: training data never stands there
    /// without it.
    pub(crate) fn finish(mut self, checked: &Checked) -> Result<Written, Error> {
        let mut whole = vec![];
        for (part, state) in std::mem::take(&mut self.parts) {
            let plan = self.plans.get(&part).copied();
            let path = self.names.path(part, plan.map(|plan| plan.shard(state.whole.len())), &self.form);
            whole.extend(state.whole.into_iter().map(|(path, file)| (part, path, file)));
            if let Some(open) = state.open {
                whole.push((part, path, open.finish()?));
            }
        }
        if let Some(sink) = self.provenance.take() {
            sink.finish().map_err(Sink::failed(&provenance_path(&self.out)))?;
        }
        let mut files = vec![];
        for (split, path, file) in whole {
            let rows = file.rows;
            let bytes = file.commit()?;
            let sha256 = self.names.hash(&path)?;
            files.push(DataFile { path: self.names.shown(&self.out, &path), split, rows, bytes, sha256 });
        }
        let written = Written {
            out: self.out,
            files,
            format: self.form.format,
            kind: checked.kind,
            columns: self.form.columns,
        };
        self.names.finish(&written)?;
        Ok(written)
    }
}

impl Names {
    /// Returns the path of a file; in a folder, its path within.
    fn path(&self, part: Part, shard: Option<Shard>, form: &Form) -> PathBuf {
        match (self, shard) {
            (Self::Stdout, _) => "-".into(),
            (Self::File(name), Some(shard)) => name.shard(shard),
            (Self::File(name), None) => name.path(),
            (Self::Folder(_, folder), shard) => {
                in_folder(folder.stem, part.unwrap_or(Split::Train), shard, form.format.extension())
            }
        }
    }

    /// Returns where a file is written to until the folder has its name.
    fn beside(&self, path: &Path) -> Result<PathBuf, Error> {
        match self {
            Self::Folder(folder, _) => folder.inside(path),
            _ => Ok(path.into()),
        }
    }

    /// Returns where people find a file.
    fn shown(&self, out: &Path, path: &Path) -> PathBuf {
        match self {
            Self::Stdout => STDOUT.into(),
            Self::File(_) => path.into(),
            Self::Folder(..) => out.join(path),
        }
    }

    /// Returns the hash of a file in a folder whose description wants it.
    fn hash(&self, path: &Path) -> Result<String, Error> {
        match self {
            Self::Folder(folder, Folder { stem: Stem::Hub, .. }) => {
                let path = folder.inside(path)?;
                sha256(&path).map_err(|source| Error::Read { path, source })
            }
            _ => Ok(String::new()),
        }
    }

    fn finish(self, written: &Written) -> Result<(), Error> {
        let Self::Folder(folder, Folder { extras, .. }) = self else { return Ok(()) };
        for (name, text) in extras.map_or(vec![], |extras| extras(written)) {
            let path = folder.inside(Path::new(name))?;
            fs::write(&path, text).map_err(|source| Error::Write { path, source })?;
        }
        folder.commit()
    }
}

impl Plan {
    fn new(sharding: Sharding, rows: u64) -> Self {
        match sharding {
            Sharding::Rows(each) => Self { rows, files: rows.div_ceil(each.max(1)), each: Some(each.max(1)) },
            Sharding::Files(files) => Self { rows, files: files.clamp(1, rows.max(1)), each: None },
            Sharding::None => Self { rows, files: 1, each: None },
        }
    }

    fn shard(&self, number: usize) -> Shard {
        Shard { number: number as u64, of: self.files }
    }

    /// Returns the number of rows up to the end of a shard.
    fn end(&self, shard: usize) -> u64 {
        let next = shard as u64 + 1;
        match self.each {
            Some(each) => (next * each).min(self.rows),
            // In 128 bits, as no number of rows times files overflows them.
            None => (u128::from(next) * u128::from(self.rows) / u128::from(self.files)) as u64,
        }
    }
}

fn sha256(path: &Path) -> io::Result<String> {
    let (mut file, mut hasher) = (fs::File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = io::Read::read(&mut file, &mut buffer)?;
        if count == 0 {
            return Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hasher.update(&buffer[..count]);
    }
}

impl Checked {
    /// Tells whether there is a place for the file that says where rows come from.
    pub(crate) fn has_provenance(&self) -> bool {
        !matches!(self.place, Place::Stdout)
    }

    /// Returns the part that the rows of a split belong to.
    pub(crate) fn part(&self, split: Split) -> Part {
        matches!(self.place, Place::Folder(..)).then_some(split)
    }
}
