//! The arguments of `rewardctl duplicates`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::score::OnBadRowArg;

const DUPLICATES_HELP: &str = "\
Rows are near-duplicates if their texts share most of their word 5-grams (Jaccard similarity; character 5-grams of \
texts under 20 words). MinHash finds candidates, each is verified, and rows that are alike, or alike to the same row, \
are one component. The first row of each component is kept.

With --benchmark, a row is contaminated if more than half of an item's words are covered by 8-grams that the row has \
too; such rows are not kept either.

Reads JSONL, JSON, CSV, TSV and Parquet, plain, gzip or zstd. All texts of a row are compared, but for ids and names \
of models; --field compares some.";

/// Find near-duplicate rows, and rows that contain items of a benchmark
#[derive(Debug, Args)]
#[command(after_long_help = DUPLICATES_HELP)]
pub struct DuplicatesArgs {
    /// Files to compare, as one; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Compare the texts of this field; `a.b` reaches into objects; may be repeated [default: all texts]
    #[arg(long, value_name = "NAME")]
    pub field: Vec<String>,
    /// Call rows near-duplicates from this Jaccard similarity on, 0.3 to 1
    #[arg(long, value_name = "J", default_value_t = 0.8, value_parser = threshold)]
    pub threshold: f64,
    /// Find rows that contain items of this benchmark; may be repeated
    #[arg(long, value_name = "FILE")]
    pub benchmark: Vec<PathBuf>,
    /// Write the rows that are kept to this file, as JSONL; `-` for stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the verified pairs to this file, as JSONL
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    /// Show this many components, pairs and contaminated rows
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub show: usize,
    /// Print everything as JSON
    #[arg(long)]
    pub json: bool,
    /// What to do with a row that cannot be used: refuse the input, or leave the row out and list it
    #[arg(long, value_enum, default_value = "fail")]
    pub on_bad_row: OnBadRowArg,
    /// Derive every random choice from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// Compare with this many threads; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub threads: Option<String>,
}

fn threshold(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let least = rewardctl_data::near::MIN_THRESHOLD;
    if (least..=1.0).contains(&number) { Ok(number) } else { Err(format!("must be from {least} to 1")) }
}
