//! `learn` and the versions that it makes.

use std::path::PathBuf;

use clap::Args;

use crate::cli::score::{CallArgs, InputArgs, JudgeArgs};

const HELP: &str = "\
Takes what the panel's critics said of the responses in FILE, and what people said of them: labels of the store, of \
--labels, and what the rows say themselves (chosen and rejected, winner, rating). Without FILE it takes the labelled \
items of the store and as many others. Verdicts that the store has are not made again.

With --verdicts the critics are those of a verdict file, which needs no panel, no model and no store; docs/learning.md \
has its fields.

Every fit is kept as a version with figures on prompts that it never saw, beside simpler ways to combine the critics. It \
takes effect only with --promote, or by itself where it is better than all of them by more than chance.";

/// What was judged, and what people said of it
#[derive(Debug, Args)]
pub struct GatherArgs {
    /// Responses to learn from, as `score` reads them; none takes those of the store
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Take the verdicts from these files instead of asking a panel
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "files")]
    pub verdicts: Vec<PathBuf>,
    /// Take labels from this file; with a panel it is imported first, as `label import` does
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Leave out the labels of pairs that `queue plan` drew for calibration, so that `calibrate` can give a guarantee
    #[arg(long, conflicts_with = "verdicts")]
    pub hold_back: bool,
    #[command(flatten)]
    pub judge: JudgeArgs,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub input: InputArgs,
}

/// Fit the aggregator to what people said
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct LearnArgs {
    #[command(flatten)]
    pub gather: GatherArgs,
    /// Fit the ratings of this dimension instead of those of responses as a whole; of a verdict file, with its critics alone
    #[arg(long, value_name = "DIMENSION")]
    pub target: Option<String>,
    /// Let critics count against a response: more accurate on labels at hand, but open to hacking by what is trained
    #[arg(long)]
    pub allow_negative: bool,
    /// Without labels, weigh the critics by how far they agree with each other
    #[arg(long)]
    pub label_free: bool,
    /// Write the model to this folder too
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Put the new version in force, whatever its figures
    #[arg(long)]
    pub promote: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// Name a version of the panel's aggregator
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// The version, such as v2, or `fixed` for the panel's own weights
    pub version: String,
    /// The panel: default, llm, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
}

/// Name the panel
#[derive(Debug, Args)]
pub struct PanelArgs {
    /// The panel: default, llm, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// An aggregator, and stored verdicts with labels
#[derive(Debug, Args)]
pub struct StoredArgs {
    /// The folder of a fitted aggregator, or `fixed` for equal weights
    #[arg(value_name = "MODEL")]
    pub model: String,
    /// Take the verdicts from these files; docs/learning.md has their fields
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub verdicts: Vec<PathBuf>,
    /// Take labels from this file, beside those that the verdict files hold
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Take the ratings of this dimension instead of those of responses as a whole, and its critics alone
    #[arg(long, value_name = "DIMENSION")]
    pub target: Option<String>,
}

const CALIBRATE_HELP: &str = "\
The promise: with probability 1 - RISK, at most the share ERROR of the pairs that are accepted is wrong. It holds only \
where the labels are of pairs drawn uniformly at random from those that will be accepted, none of which the aggregator \
was fitted on.

Without MODEL, it is the aggregator in force, and the labels are of the pairs that `queue plan` drew for calibration; a \
drawn pair that was passed over counts as wrong. That is a promise if the aggregator was fitted with `learn --hold-back`. \
Labels of audits, if there are any, then say whether the promise of an earlier calibration holds.

With MODEL and --verdicts, `--random-labels` says that the labels are such a sample. Where nothing can be promised, the \
same threshold is shown, and not kept. docs/guarantees.md says more.

The threshold is written beside the model. `score` then accepts a response only if it is better or worse than another \
one to its prompt with at least that confidence.";

/// Find from which confidence on pairs need no person
#[derive(Debug, Args)]
#[command(after_long_help = CALIBRATE_HELP)]
pub struct CalibrateArgs {
    /// The folder of a fitted aggregator, or `fixed` for equal weights; none takes the one in force, and the store
    #[arg(value_name = "MODEL", requires = "verdicts")]
    pub model: Option<String>,
    /// Take the verdicts from these files; docs/learning.md has their fields
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "model")]
    pub verdicts: Vec<PathBuf>,
    /// Take labels from this file, beside those that the verdict files hold
    #[arg(long, value_name = "FILE", requires = "verdicts")]
    pub labels: Option<PathBuf>,
    /// Take the ratings of this dimension instead of those of responses as a whole, and its critics alone
    #[arg(long, value_name = "DIMENSION", requires = "verdicts")]
    pub target: Option<String>,
    /// Find within which interval around a reward a person's rating lies, instead of a threshold for pairs
    #[arg(long, requires = "verdicts")]
    pub ratings: bool,
    /// The greatest share of accepted pairs that may be wrong, or of ratings outside of their intervals
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub error: f64,
    /// The chance that the promise fails
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub risk: f64,
    /// The labels are a uniformly random sample of the pairs that will be accepted
    #[arg(long, requires = "verdicts")]
    pub random_labels: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Calibrate the aggregator in force of this panel: default, llm, rules, or a TOML file
    #[arg(long, value_name = "PANEL")]
    pub panel: Option<String>,
}

impl CalibrateArgs {
    /// Returns the model and the files that were named; None where the store is meant.
    pub fn stored(&self) -> Option<StoredArgs> {
        Some(StoredArgs {
            model: self.model.clone()?,
            verdicts: self.verdicts.clone(),
            labels: self.labels.clone(),
            target: self.target.clone(),
        })
    }
}
