//! The arguments of `rewardctl export`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};
use rewardctl_data::export::request::{Parts, Sharding};
use rewardctl_data::export::target::FileFormat;
use rewardctl_data::export::targets;

const EXPORT_HELP: &str = "\
Writes a dataset that `rewardctl build` made in exactly the columns that a trainer loads, and says how to load it. Rows \
that the trainer cannot carry are withheld and counted, never changed in silence. Where each row comes from stands beside, \
in OUT.provenance.jsonl. Without NAME, pairs (trl-dpo) and prompts (trl-prompts) come straight from the store.

A file has the rows of the training part, unless --split says otherwise; a folder has all parts, and replaces what an \
earlier export wrote there.

Rows with personal data or secrets never leave unless --allow-personal-data says so: a dataset with any is refused with \
exit code 1, and without NAME such rows are withheld.

docs/export.md has every target: who loads it, its columns, and what does not come through.";

/// Write training data in the shape that a trainer loads
#[derive(Debug, Args)]
#[command(after_long_help = EXPORT_HELP)]
pub struct ExportArgs {
    /// Write this dataset: NAME for its latest version, NAME@2 for the second
    #[arg(value_name = "NAME[@VERSION]", conflicts_with = "dataset")]
    pub name: Option<DatasetName>,
    /// Write the dataset of this file, rows.jsonl.zst
    #[arg(long, value_name = "FILE")]
    pub dataset: Option<PathBuf>,
    /// Write what this trainer loads
    #[arg(long = "for", value_name = "TARGET", value_parser = target_names(), hide_possible_values = true)]
    pub target: String,
    /// Write to this file, .jsonl or .parquet, or to this folder; `-` for JSONL on stdout
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Write this format, where the name of the file does not say it
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write this part of the dataset: train, validation, test or all
    #[arg(long, value_enum, value_name = "PART")]
    pub split: Option<SplitArg>,
    /// Spread rows over this many files, NAME-00000-of-0000N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=99_999))]
    pub shards: Option<u64>,
    /// Start a new file after this many rows
    #[arg(long, value_name = "N", conflicts_with = "shards", value_parser = clap::value_parser!(u64).range(1..))]
    pub shard_rows: Option<u64>,
    /// Write texts as plain strings where the trainer takes messages as well
    #[arg(long)]
    pub plain: bool,
    /// Add one text column, metadata, with everything known of the row as JSON
    #[arg(long)]
    pub with_metadata: bool,
    /// Add columns that say how much a row says: margin, strength, weight, as the trainer has them
    #[arg(long)]
    pub strength_columns: bool,
    /// Write rows with personal data and secrets, too
    #[arg(long)]
    pub allow_personal_data: bool,
    /// Without NAME, take pairs of models only with at least this difference of rewards
    #[arg(long, value_name = "MARGIN", allow_negative_numbers = true)]
    pub min_margin: Option<String>,
    /// Without NAME, take pairs of models only with at least this probability that the chosen one is better
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub min_probability: Option<String>,
    /// Derive every random choice from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

/// A dataset by name, with a version or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetName {
    /// The name.
    pub name: String,
    /// The version; None is the latest.
    pub version: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line
    Jsonl,
    /// Columns
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SplitArg {
    /// To fit on
    Train,
    /// To choose settings by
    Validation,
    /// To measure on
    Test,
    /// Every part; in one file, if the target is one
    All,
}

impl FromStr for DatasetName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, version) = match text.rsplit_once('@') {
            None => (text, None),
            Some((name, version)) => {
                let number = version.strip_prefix('v').unwrap_or(version).parse();
                (name, Some(number.map_err(|_| format!("`{version}` is no number of a version"))?))
            }
        };
        let is_name = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']);
        if !is_name {
            return Err(
                "a dataset's name has no `/` and starts with no point; `--dataset FILE` names a file".into(),
            );
        }
        Ok(Self { name: name.into(), version })
    }
}

impl ExportArgs {
    /// Returns the parts of the dataset asked for.
    pub fn parts(&self) -> Option<Parts> {
        use rewardctl_core::dataset::Split;
        self.split.map(|split| match split {
            SplitArg::Train => Parts::One(Split::Train),
            SplitArg::Validation => Parts::One(Split::Validation),
            SplitArg::Test => Parts::One(Split::Test),
            SplitArg::All => Parts::All,
        })
    }

    /// Returns the format asked for.
    pub fn file_format(&self) -> Option<FileFormat> {
        self.format.map(|format| match format {
            Format::Jsonl => FileFormat::Jsonl,
            Format::Parquet => FileFormat::Parquet,
        })
    }

    /// Returns the number of files asked for.
    pub fn sharding(&self) -> Sharding {
        match (self.shards, self.shard_rows) {
            (Some(files), _) => Sharding::Files(files),
            (None, Some(rows)) => Sharding::Rows(rows),
            (None, None) => Sharding::None,
        }
    }

    /// Returns the flags that only a dataset can answer, if any was given.
    pub fn flag_of_datasets(&self) -> Option<&'static str> {
        let given = [
            ("--split", self.split.is_some()),
            ("--shards", self.shards.is_some()),
            ("--shard-rows", self.shard_rows.is_some()),
            ("--plain", self.plain),
            ("--with-metadata", self.with_metadata),
            ("--strength-columns", self.strength_columns),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }
}

/// The names of all targets, each once, with who loads it.
fn target_names() -> PossibleValuesParser {
    let mut seen = vec![];
    let mut values = vec![];
    for target in targets() {
        if !seen.contains(&target.name) {
            seen.push(target.name);
            values.push(PossibleValue::new(target.name).help(target.reader));
        }
    }
    PossibleValuesParser::new(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_has_a_name_and_maybe_a_version() {
        let named = |name: &str, version| DatasetName { name: name.into(), version };
        for (text, expected) in
            [("a", named("a", None)), ("a@2", named("a", Some(2))), ("a@v2", named("a", Some(2)))]
        {
            assert_eq!(text.parse::<DatasetName>().unwrap(), expected);
        }
        for text in ["", "a@x", "../a", ".a", "a/b@1"] {
            assert!(text.parse::<DatasetName>().is_err(), "{text}");
        }
    }
}
