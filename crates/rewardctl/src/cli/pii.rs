//! The flags of `rewardctl pii`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::score::OnBadRowArg;

#[derive(Debug, Subcommand)]
pub enum PiiCommand {
    /// Look for personal data and secrets in every text of every row, and mask them
    Scan(PiiScanArgs),
}

const SCAN_HELP: &str = "\
Reads JSONL, JSON, CSV, TSV and Parquet with any fields, and plain text (.txt, .md, .log, or --text), plain, gzip or \
zstd. Every text of a row is looked at; the name of its field counts as a word near it. No datum is ever printed: \
examples are masked.

--mask writes the same rows to -o, as JSONL; plain text stays plain text:
  placeholder   <EMAIL_1>; the same datum has the same number within a row
  keep-format   zeros and x of the same length; the last four digits of cards and phone numbers stay
  hash          <EMAIL_1f0c5a3be29d4477>, keyed: the same datum has the same mask everywhere

The key of hashes is read from --key-file, else from the variable that `pii.hash-key-env` names, else it is a secret \
of the project's store. docs/pii.md says what is found, how well, and what is not.

Example: rewardctl pii scan chats.jsonl --mask placeholder -o masked.jsonl";

#[derive(Debug, Args)]
#[command(after_long_help = SCAN_HELP)]
pub struct PiiScanArgs {
    /// Files to read; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Mask what is found, and write the rows to -o
    #[arg(long, value_enum, requires = "output")]
    pub mask: Option<MaskArg>,
    /// Write the masked rows to this file; `-` for stdout
    #[arg(short, long, value_name = "FILE", requires = "mask")]
    pub output: Option<PathBuf>,
    /// Read the key of hashes from this file, without the line end
    #[arg(long, value_name = "FILE", requires = "mask")]
    pub key_file: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Look for names of persons and postal addresses, too: weak, in both directions
    #[arg(long)]
    pub names: bool,
    /// Look for tokens that only look random, too: finds identifiers as well
    #[arg(long)]
    pub entropy: bool,
    /// Read every file as plain text
    #[arg(long)]
    pub text: bool,
    /// End with exit code 1 if anything is found; `sure` leaves out what is only possible
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "any", value_name = "WHAT")]
    pub fail_on_found: Option<FoundArg>,
    /// What to do with a row that cannot be used: refuse the input, or leave the row out and list it
    #[arg(long, value_enum, default_value = "fail")]
    pub on_bad_row: OnBadRowArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MaskArg {
    Placeholder,
    KeepFormat,
    Hash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FoundArg {
    /// Whatever was found
    Any,
    /// What a check, a shape or a word near it confirms
    Sure,
}
