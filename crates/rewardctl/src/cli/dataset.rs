//! The arguments of `rewardctl build` and `rewardctl dataset`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use rewardctl_core::dataset::Kind;

const BUILD_HELP: &str = "\
Makes a dataset of what the store holds: people decide first, then the models where they are sure. Everything that is \
held back has a reason. It goes to datasets/NAME/v1, v2, … beside the store: rows, manifest and card. The same store and \
recipe make the same bytes, and no new version. `rewardctl export` writes its rows for a trainer.

With --from, of files of rewarded responses instead: what `rewardctl score --with-text` writes, or rows with prompt, \
response and reward from anywhere.

docs/datasets.md has every setting of a recipe.";

/// Build a dataset from rewards and labels
#[derive(Debug, Args)]
#[command(after_long_help = BUILD_HELP)]
pub struct BuildArgs {
    /// Call the dataset this
    pub name: String,
    /// Make rows of this kind: dpo, kto, sft, rm, prompts, rollouts or stepwise
    #[arg(long = "type", value_name = "TYPE", value_parser = Kind::from_str)]
    pub kind: Kind,
    /// Build by this recipe
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// Replace one setting of the recipe, such as models.min-probability=0.9; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Leave out rows that hold an item of this file of a benchmark; may be repeated
    #[arg(long, value_name = "FILE")]
    pub benchmark: Vec<PathBuf>,
    /// Build from these files of rewarded responses instead of the store; `-` reads stdin
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// Write pairs to this file, too, with the columns of TRL: .jsonl or .parquet
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Derive every random choice from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// Read files and compare rows with this many threads; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
    /// Show what the labels behind it take in money, machine time and people's time, too
    #[arg(long, conflicts_with = "from")]
    pub estimate: bool,
    /// Print the manifest as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum DatasetCommand {
    /// List every version of every dataset
    List(DatasetListArgs),
    /// Show the card of a version
    Show(DatasetShowArgs),
    /// Build a version again and compare byte for byte; nothing is kept
    Rebuild(DatasetRebuildArgs),
    /// Put a version aside, or take it back
    Archive(DatasetArchiveArgs),
}

#[derive(Debug, Args)]
pub struct DatasetListArgs {
    /// List only versions with this status: draft, ready or archived
    #[arg(long, value_name = "STATUS", value_parser = ["draft", "ready", "archived"])]
    pub status: Option<String>,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DatasetShowArgs {
    /// Show this dataset: NAME for the latest version, NAME@2 for the second
    #[arg(value_name = "NAME[@V]")]
    pub dataset: DatasetName,
    /// Show what the labels of the store take in money, machine time and people's time, too
    #[arg(long)]
    pub estimate: bool,
    /// Print the manifest as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DatasetRebuildArgs {
    /// Build this version again: NAME for the latest, NAME@2 for the second
    #[arg(value_name = "NAME[@V]")]
    pub dataset: DatasetName,
    /// Compare with what is there; the one thing that this command does
    #[arg(long, required = true)]
    pub check: bool,
    /// The files that it was built from, if it was not the store
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// Read files and compare rows with this many threads; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DatasetArchiveArgs {
    /// Put this version aside: NAME for the latest, NAME@2 for the second
    #[arg(value_name = "NAME[@V]")]
    pub dataset: DatasetName,
    /// Take it back instead
    #[arg(long)]
    pub undo: bool,
}

/// A dataset, and a version of it if one is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetName {
    pub name: String,
    pub version: Option<u32>,
}

impl FromStr for DatasetName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((name, version)) = text.split_once('@') else {
            return Ok(Self { name: text.into(), version: None });
        };
        let number = version.strip_prefix('v').unwrap_or(version).parse();
        let version =
            number.map_err(|_| format!("`{version}` is no version; `{name}@2` names the second"))?;
        Ok(Self { name: name.into(), version: Some(version) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_follows_the_name() {
        let named = |version| DatasetName { name: "d".into(), version };
        assert_eq!("d".parse(), Ok(named(None)));
        assert_eq!("d@2".parse(), Ok(named(Some(2))));
        assert_eq!("d@v2".parse(), Ok(named(Some(2))));
        assert!("d@x".parse::<DatasetName>().is_err());
    }
}
