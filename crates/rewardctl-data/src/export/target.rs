//! A target: the files that one loader reads, as data.

use rewardctl_core::dataset::{Example, Kind, Provenance, Row};
use serde_json::Value;

use crate::export::rules::Rule;
use crate::export::schema::{Column, Type, column};
use crate::export::withheld::{Changed, Withheld};
use crate::export::written::Written;

/// What one loader reads: which rows, in which columns, where, and how it is told of them.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name by which people ask for it.
    pub name: &'static str,
    /// Whether texts stand as plain strings where the loader takes lists of messages as well.
    pub plain: bool,
    /// Who loads it, in a few words.
    pub reader: &'static str,
    /// The kinds of datasets that feed it.
    pub kinds: &'static [Kind],
    /// What must hold of a row.
    pub rules: &'static [Rule],
    /// The columns, in order.
    pub columns: &'static [Column],
    /// Makes a row of those columns; None for an example of another kind. The number counts the rows of a file from 0.
    pub row: fn(&Row, u64) -> Option<Value>,
    /// Makes a row such that its loader reads it right; says so where that changes it.
    pub mend: Option<fn(&mut Row) -> Option<Changed>>,
    /// Where rows are written to.
    pub layout: Layout,
    /// The formats that its loader reads, the usual one first.
    pub formats: &'static [FileFormat],
    /// Whether its loader finds the types of columns by looking at the values, as `datasets` does.
    pub infers_types: bool,
    /// Whether its loader reads gzip and zstd.
    pub packed: bool,
    /// Whether its loader takes several files as one.
    pub sharded: bool,
    /// Whether columns that its loader does not know do no harm.
    pub more_columns: bool,
    /// The columns that `--strength-columns` adds.
    pub strengths: &'static [Strength],
    /// Says how to load what was written.
    pub load: fn(&Written) -> String,
    /// What of a dataset does not come through.
    pub lost: &'static str,
}

/// Where rows are written to.
#[derive(Debug, Clone, Copy)]
pub enum Layout {
    /// One file, or shards of it.
    File,
    /// A folder with a file for each part of the dataset.
    Folder(Folder),
}

/// The files of a folder.
#[derive(Debug, Clone, Copy)]
pub struct Folder {
    /// Names the file of a part, without its extension.
    pub stem: Stem,
    /// Makes the files beside the data, from what was written.
    pub extras: Option<Extras>,
}

/// Returns files beside the data, by their names.
pub type Extras = fn(&Written) -> Vec<(&'static str, String)>;

/// How the files of a folder are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stem {
    /// `train`, `validation`, `test`.
    Split,
    /// `train`, `valid`, `test`.
    Valid,
    /// `data/train-00000-of-00001`: always numbered, as the Hub has it.
    Hub,
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// One JSON object a line.
    Jsonl,
    /// Columns.
    Parquet,
}

/// A column that says how much a row says.
#[derive(Debug, Clone, Copy)]
pub struct Strength {
    /// The column's name.
    pub name: &'static str,
    /// Its value; None where the row knows none.
    pub value: fn(&Provenance) -> Option<f64>,
    /// Why a row without a value is withheld: no loader takes a column with holes.
    pub missing: Withheld,
}

/// The difference of the two rewards, in score units.
pub const MARGIN: Strength =
    Strength { name: "margin", value: |provenance| provenance.margin, missing: Withheld::NoMargin };

/// How strong the preference is, in 0..=1.
pub const STRENGTH: Strength =
    Strength { name: "strength", value: |provenance| provenance.strength, missing: Withheld::NoStrength };

/// What the row should weigh in training.
pub const WEIGHT: Strength = Strength {
    name: "weight",
    value: |provenance| Some(provenance.weight),
    // Every row has a weight.
    missing: Withheld::NoStrength,
};

/// Both formats, JSONL first.
pub(crate) const ANY_FORMAT: &[FileFormat] = &[FileFormat::Jsonl, FileFormat::Parquet];
/// JSONL alone.
pub(crate) const JSONL: &[FileFormat] = &[FileFormat::Jsonl];
/// Parquet alone.
pub(crate) const PARQUET: &[FileFormat] = &[FileFormat::Parquet];

/// The kinds that hold pairs.
pub(crate) const PAIRS: &[Kind] = &[Kind::Dpo, Kind::Rm];

impl FileFormat {
    /// Returns the extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// Returns the name of the loader of `datasets` that reads it.
    pub fn loader(self) -> &'static str {
        match self {
            Self::Jsonl => "json",
            Self::Parquet => "parquet",
        }
    }
}

impl Target {
    /// Returns the name with its flag, as people type it.
    pub fn call(&self) -> String {
        format!("{}{}", self.name, if self.plain { " --plain" } else { "" })
    }

    /// Tells whether rows with such an example feed it.
    pub fn takes(&self, example: &Example) -> bool {
        kinds_of(example).iter().any(|kind| self.kinds.contains(kind))
    }

    /// Returns the columns with those that were asked for beside them.
    pub fn all_columns(&self, more: More) -> Vec<Column> {
        let mut columns = self.columns.to_vec();
        if more.strengths {
            columns.extend(self.strengths.iter().map(|strength| column(strength.name, Type::Float)));
        }
        if more.metadata {
            columns.push(column("metadata", Type::Text));
        }
        columns
    }

    /// Makes the row number `number` of a file, or says why this target cannot carry it.
    pub fn make(&self, mut row: Row, number: u64, more: More) -> Result<(Value, Option<Changed>), Withheld> {
        let changed = self.mend.and_then(|mend| mend(&mut row));
        self.check(&row, more)?;
        let mut made = (self.row)(&row, number).ok_or(Withheld::OtherKind)?;
        if let Value::Object(fields) = &mut made {
            for strength in self.strengths.iter().filter(|_| more.strengths) {
                let value = (strength.value)(&row.provenance).ok_or(strength.missing)?;
                fields.insert(strength.name.into(), value.into());
            }
            if more.metadata {
                fields.insert("metadata".into(), metadata(&row.provenance).into());
            }
        }
        Ok((made, changed))
    }

    /// Says why this target cannot carry a row.
    fn check(&self, row: &Row, more: More) -> Result<(), Withheld> {
        if !self.takes(&row.example) {
            return Err(Withheld::OtherKind);
        }
        self.rules.iter().try_for_each(|rule| rule(row))?;
        let strengths = self.strengths.iter().filter(|_| more.strengths);
        for strength in strengths {
            (strength.value)(&row.provenance).ok_or(strength.missing)?;
        }
        Ok(())
    }
}

/// The columns beside those of training.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct More {
    /// One text column with everything known of the row, as JSON.
    pub metadata: bool,
    /// The columns that say how much a row says.
    pub strengths: bool,
}

/// Returns the kinds of datasets that hold such an example.
pub fn kinds_of(example: &Example) -> &'static [Kind] {
    match example {
        Example::Preference { .. } => PAIRS,
        Example::Unpaired { .. } => &[Kind::Kto],
        Example::Demonstration { .. } => &[Kind::Sft],
        Example::Prompt { .. } => &[Kind::Prompts],
        Example::Rollout { .. } => &[Kind::Rollouts],
        Example::Steps { .. } => &[Kind::Stepwise],
    }
}

/// A JSON text, because loaders cannot agree on objects whose fields differ.
fn metadata(provenance: &Provenance) -> String {
    let mut text = vec![];
    crate::row_file::write_json(&mut text, provenance)
        .expect("a provenance has text keys, and memory takes it");
    String::from_utf8(text).expect("JSON is UTF-8")
}
