//! The arguments of `rewardctl eval annotators`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::score::OnBadRowArg;

const ANNOTATORS_HELP: &str = "\
Reads one label a row: JSONL, JSON, CSV, TSV and Parquet, plain, gzip or zstd. A row holds an item, an annotator \
(or worker, rater) and a label (or value, score, rating), and may hold a gold label and a dimension; the flags under \
Input name other fields. A label file of `rewardctl label export` is read as well.

Numbers are compared as numbers, texts as categories: \"4\" in quotes is a text, and `--level ordinal` makes it a number. \
Of two labels of one annotator on one item and dimension the last one counts.

The report goes to stdout, the consensus to -o. docs/eval.md says how to read each figure.";

/// Measure how far annotators agree, and find one label for each item
#[derive(Debug, Args)]
#[command(after_long_help = ANNOTATORS_HELP)]
pub struct AnnotatorsArgs {
    /// Files of labels; `-` or none reads stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write the consensus to this file, a JSON line for each item; `-` for stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print the report as JSON, all annotators included
    #[arg(long)]
    pub json: bool,
    /// Say on stderr how long each step took
    #[arg(long)]
    pub timings: bool,
    /// Compare this many annotators in pairs, those with most labels, and list as many
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Agreement")]
    pub pairs: usize,
    /// Measure on these levels [default: nominal; for numbers ordinal and interval too]
    #[arg(long, value_enum, value_name = "LEVEL", value_delimiter = ',', help_heading = "Agreement")]
    pub level: Vec<LevelArg>,
    /// Order text labels so, from low to high, such as bad,fair,good
    #[arg(long, value_name = "LABELS", value_delimiter = ',', help_heading = "Agreement")]
    pub order: Vec<String>,
    /// Write the consensus of this method [default: the one that suits the labels, which is said]
    #[arg(long, value_enum, value_name = "METHOD", help_heading = "Consensus")]
    pub method: Option<MethodArg>,
    /// Run these methods [default: all]
    #[arg(long, value_enum, value_name = "METHOD", value_delimiter = ',', help_heading = "Consensus")]
    pub methods: Vec<MethodArg>,
    /// Stop iterating after this many rounds [default: 1000; glad 100, mace 50]
    #[arg(long, value_name = "N", help_heading = "Consensus")]
    pub iterations: Option<usize>,
    /// Stop iterating when the log-likelihood of a label gains less; 0 takes all rounds [default: 1e-10; glad 1e-8, mace 1e-6]
    #[arg(long, value_name = "NATS", value_parser = tolerance, help_heading = "Consensus")]
    pub tolerance: Option<f64>,
    /// Derive bootstraps and random starts from this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Consensus")]
    pub seed: Option<String>,
    /// Take the item from this field; `a.b` reaches into objects
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub item_field: Option<String>,
    /// Take the annotator from this field
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub annotator_field: Option<String>,
    /// Take the label from this field
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub label_field: Option<String>,
    /// Take the gold label from this field
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub gold_field: Option<String>,
    /// Take the dimension from this field
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub dimension_field: Option<String>,
    /// Take a model's probability of each label from this field, for crowdlab
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub probabilities_field: Option<String>,
    /// What to do with a row that cannot be used: refuse the input, or leave the row out and list it
    #[arg(long, value_enum, default_value = "fail", help_heading = "Input")]
    pub on_bad_row: OnBadRowArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    /// Equal or not
    Nominal,
    /// In an order
    Ordinal,
    /// With distances
    Interval,
    /// With distances and a zero
    Ratio,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MethodArg {
    /// The label that most annotators gave
    Majority,
    /// A confusion matrix for each annotator
    DawidSkene,
    /// One accuracy for each annotator
    OneCoin,
    /// An ability for each annotator, a difficulty for each item
    Glad,
    /// A chance to guess for each annotator
    Mace,
    /// Annotators beside the probabilities of a model
    Crowdlab,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| *number >= 0.0 && number.is_finite());
    number.ok_or_else(|| "a number from 0 on".into())
}
