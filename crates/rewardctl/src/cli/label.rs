//! The arguments of `label`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};
use rewardctl_data::sources;

use crate::cli::score::OnBadRowArg;

#[derive(Debug, Subcommand)]
pub enum LabelCommand {
    /// Import labels: a JSONL file of rate, compare and correct, or what people said in the file of another tool
    Import(LabelImportArgs),
    /// Export every label to a JSONL file, or to a file for an annotation tool
    Export(LabelExportArgs),
}

const IMPORT_HELP: &str = "\
A label file of rewardctl names responses that were scored here. The file of another tool (Argilla, Label Studio, \
HelpSteer, LMSYS votes, chosen/rejected pairs and more) holds the texts too: the items that its labels are about are \
added to the store where they are not there yet, and `rewardctl score` of the same file judges them. Feedback that only \
names runs takes the file with the runs after it.

What a model said (UltraFeedback's ratings, say) is no label of a person, and is left out unless --annotator names one. \
docs/formats.md lists the files and what becomes of them.";

/// Import what people said
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT_HELP)]
pub struct LabelImportArgs {
    /// The label file, or files of another tool that go together; `-` for stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the first file is
    #[arg(long, value_name = "NAME", default_value = "auto", hide_possible_values = true)]
    #[arg(value_parser = PossibleValuesParser::new(["auto", "rewardctl"].into_iter().chain(sources::names())))]
    pub from: String,
    /// Take what models said too, as labels of this annotator
    #[arg(long, value_name = "NAME")]
    pub annotator: Option<String>,
    /// The scale of ratings whose file says none, such as 1..7
    #[arg(long, value_name = "MIN..MAX")]
    pub scale: Option<String>,
    /// What to do with a row of another tool's file that cannot be used: refuse the file, or leave the row out
    #[arg(long, value_enum, default_value = "fail")]
    pub on_bad_row: OnBadRowArg,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

/// Export every label
#[derive(Debug, Args)]
pub struct LabelExportArgs {
    /// The file; `-` for stdout
    pub file: PathBuf,
    /// Write what this tool imports, with the texts, instead of rewardctl's own JSONL
    #[arg(long = "for", value_enum, value_name = "TOOL")]
    pub tool: Option<LabelTool>,
    /// Print JSON for machines
    #[arg(long)]
    pub json: bool,
}

/// A tool that people label with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LabelTool {
    /// Argilla records as JSON
    Argilla,
    /// Label Studio tasks as JSON
    LabelStudio,
}
