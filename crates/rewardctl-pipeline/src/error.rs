//! What can stop a stage.

use std::path::PathBuf;

use rewardctl_core::panel::PanelError;
use rewardctl_critic::llm::completion::CallFailure;
use rewardctl_data::row_error::RowError;

use crate::budget::Cap;

/// Why a stage stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A data file.
    #[error(transparent)]
    Data(#[from] rewardctl_data::error::Error),
    /// A model or the ONNX Runtime library.
    #[error(transparent)]
    Model(#[from] rewardctl_model::error::Error),
    /// The rules' settings.
    #[error(transparent)]
    Rules(#[from] rewardctl_critic::error::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] rewardctl_store::error::Error),
    /// A dataset or its recipe.
    #[error(transparent)]
    Dataset(#[from] crate::dataset::error::Error),
    /// Rewards that cannot be held against thresholds or one another.
    #[error(transparent)]
    Rewarded(#[from] crate::rewarded::error::Error),
    /// Rows that cannot be used.
    #[error("{count} of the input's rows cannot be used")]
    BadRows {
        /// How many.
        count: u64,
        /// The first of them.
        first: Vec<RowError>,
    },
    /// Plain text and rows that are to go to one file.
    #[error("`{one}` and `{other}` are plain text and rows, which cannot both go to `{output}`", output = output.display())]
    MixedLayouts {
        /// The first file.
        one: String,
        /// One that is read otherwise.
        other: String,
        /// Where both were to go.
        output: PathBuf,
    },
    /// Comparisons that leave some models without a place among the others.
    #[error(
        "{} {} {}, so that there is no ranking",
        listed(losers),
        if *met { "never won, nor tied, against" } else { "were never compared with" },
        listed(others)
    )]
    Apart {
        /// Models that never won against any of the others.
        losers: Vec<String>,
        /// The others.
        others: Vec<String>,
        /// Whether they were compared with any of them.
        met: bool,
    },
    /// Comparisons that cannot be ranked for another reason.
    #[error(transparent)]
    Ranking(#[from] rewardctl_core::bradley_terry::RankingError),
    /// An anchor that was not compared.
    #[error("the anchor `{anchor}` is none of the models compared")]
    UnknownAnchor {
        /// The name given.
        anchor: String,
        /// The models.
        known: Vec<String>,
    },
    /// Results that their benchmark does not know.
    #[error(transparent)]
    Benchmark(#[from] rewardctl_core::benchmark::BenchmarkError),
    /// Results of LLMBar of which neither row nor path names the subset.
    #[error("neither the rows nor the path of `{file}` say which subset of LLMBar it is")]
    NoSubset {
        /// The file.
        file: String,
    },
    /// The rest of a file cannot be read, which no setting skips.
    #[error("the input ends early")]
    CutShort(#[source] RowError),
    /// The input is not what it was when it was checked.
    #[error("the input changed while it was being read: {finished} responses where {total} were counted")]
    Changed {
        /// Responses read now.
        finished: u64,
        /// Responses counted by the check.
        total: u64,
    },
    /// A panel file that cannot be read.
    #[error("failed to read panel `{path}`", path = path.display())]
    ReadPanel {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A panel file that is not TOML or has keys that nobody knows.
    #[error("panel `{panel}` is not valid")]
    ParsePanel {
        /// The file or name.
        panel: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A panel that makes no sense.
    #[error("panel `{panel}` cannot be used")]
    Panel {
        /// The file or name.
        panel: String,
        /// Why.
        source: PanelError,
    },
    /// A critic that this program does not have.
    #[error("panel `{panel}` names critic `{critic}`, which does not exist")]
    UnknownCritic {
        /// The file or name.
        panel: String,
        /// The critic.
        critic: String,
        /// All that exist.
        known: Vec<String>,
    },
    /// A prompt that is neither beside the panel, nor in the project, nor shipped.
    #[error("panel `{panel}` names prompt `{prompt}`, which does not exist")]
    UnknownPrompt {
        /// The file or name.
        panel: String,
        /// The prompt.
        prompt: String,
        /// All that ship.
        known: Vec<String>,
    },
    /// An endpoint that nobody described.
    #[error("`{who}` names endpoint `{endpoint}`, which the settings do not have")]
    UnknownEndpoint {
        /// The critic, or what else asks.
        who: String,
        /// The endpoint.
        endpoint: String,
        /// All that the settings have.
        known: Vec<String>,
    },
    /// No endpoint is named, and there is not exactly one.
    #[error("`{who}` needs an endpoint, and {}", which(known))]
    WhichEndpoint {
        /// The critic, or what else asks.
        who: String,
        /// All that the settings have.
        known: Vec<String>,
    },
    /// An endpoint that cannot be asked at all.
    #[error("endpoint `{endpoint}` cannot be asked")]
    Endpoint {
        /// Its name.
        endpoint: String,
        /// Why.
        source: rewardctl_critic::error::Error,
    },
    /// What critics said of candidates cannot be read back.
    #[error("failed to read back the verdicts on candidates in `{path}`", path = path.display())]
    ReadVerdicts {
        /// The temporary file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An endpoint that refuses every call: for its key, its model or an empty account.
    #[error("endpoint `{endpoint}` refuses every call")]
    Refused {
        /// Its name.
        endpoint: String,
        /// What it says.
        source: Box<CallFailure>,
    },
    /// An endpoint that failed most calls, and did not come back.
    #[error("endpoint `{endpoint}` was down for too long")]
    Down {
        /// Its name.
        endpoint: String,
    },
    /// A cassette.
    #[error(transparent)]
    Llm(rewardctl_critic::error::Error),
    /// A call that would cost money while nothing is kept.
    #[error("calls are not paid without a store that keeps them")]
    NothingPaid,
    /// An interrupt, seen by a call that was about to leave.
    #[error("stopped before the next call")]
    Stopped,
    /// A cap of the run; what is finished is kept.
    #[error("stopped by {cap} after {finished} of {total} responses")]
    Capped {
        /// The cap.
        cap: Cap,
        /// Responses that are kept.
        finished: u64,
        /// Responses of the input.
        total: u64,
    },
    /// A critic crashed: a bug.
    #[error("a critic crashed on {file}:{line}: this is a bug")]
    CriticCrashed {
        /// The input file.
        file: String,
        /// The row.
        line: u64,
    },
    /// An aggregator gave what is no reward.
    #[error("the aggregator left the range 0..=1 on {file}:{line}")]
    AggregatorOutOfRange {
        /// The input file.
        file: String,
        /// The row.
        line: u64,
    },
    /// The run was interrupted; what is finished is kept.
    #[error("interrupted after {finished} of {total} responses")]
    Interrupted {
        /// Responses that are kept.
        finished: u64,
        /// Responses of the input.
        total: u64,
    },
    /// A label that names nothing known.
    #[error("{file}:{line}: {problem}", file = file.display())]
    Label {
        /// The label file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// Rows, and not one label.
    #[error("none of {rows} rows has a label")]
    NoLabels {
        /// Rows read.
        rows: u64,
    },
    /// Numbers for labels of annotators that make no sense: a bug.
    #[error("the labels cannot be counted: this is a bug")]
    Votes(#[from] rewardctl_core::votes::VotesError),
    /// Two gold labels for one item.
    #[error("{place}: item `{item}` has the gold label `{gold}`, and `{other}` at {other_place}")]
    TwoGolds {
        /// The file and the line.
        place: String,
        /// The item.
        item: String,
        /// Its gold label there.
        gold: String,
        /// The file and the line of the other one.
        other_place: String,
        /// The other one.
        other: String,
    },
    /// A label that is no number, where an order is needed.
    #[error("label `{label}` is no number, and only numbers have an order by themselves")]
    LabelWithoutOrder {
        /// The label.
        label: String,
    },
    /// A label that the order of the user lacks.
    #[error("label `{label}` is not in the order {}", order.join(", "))]
    LabelOutOfOrder {
        /// The label.
        label: String,
        /// The order.
        order: Vec<String>,
    },
    /// A replay with too few pairs to ask about.
    #[error("`{name}` has {found} pairs to ask about, and the start with one batch takes {needed}")]
    TooFewPairs {
        /// The file or world.
        name: String,
        /// How many there are: half of the prompts' pairs.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A critic that is called what a critic of several dimensions is called in one of them.
    #[error("a critic is called `{name}`, and so is what another critic says of `{dimension}`")]
    SameCritic {
        /// The name.
        name: String,
        /// The dimension.
        dimension: String,
    },
    /// A replay of verdicts on which nobody said anything.
    #[error("nobody compared two responses of `{name}`, or rated them differently")]
    NothingCompared {
        /// The files.
        name: String,
    },
    /// A replay in which no fit is possible.
    #[error("nothing can be learnt from `{name}`: no critic's scores differ between the responses of a pair")]
    NothingToLearn {
        /// The file or world.
        name: String,
    },
    /// A training file that cannot be read.
    #[error("failed to read training file `{path}`", path = path.display())]
    ReadTraining {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A training example that cannot be used.
    #[error("{path}:{line} is no training example", path = path.display())]
    TrainingLine {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// Why.
        source: Box<rewardctl_model::error::Error>,
    },
    /// A scored response without its texts, from which nothing can be learned.
    #[error("{path}:{line} has a reward without `prompt` and `response`", path = path.display())]
    NoTexts {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
    },
    /// The labels are ratings of dimensions, and none of what was asked for.
    #[error("{what}; there are ratings of {known}", what = asked.as_ref().map_or("no label rates responses as a whole".into(), |asked| format!("no label rates `{asked}`")), known = known.join(", "))]
    NoTarget {
        /// The dimension asked for.
        asked: Option<String>,
        /// The dimensions that were rated.
        known: Vec<String>,
    },
    /// A version of an aggregator that is not kept.
    #[error("there is no version `{version}`; there are {known}", known = known.join(", "))]
    UnknownVersion {
        /// The version asked for.
        version: String,
        /// The versions that there are.
        known: Vec<String>,
    },
    /// An aggregator that was fitted on other critics than those that judge now.
    #[error("the aggregator in `{folder}` was fitted before {changed} changed", folder = folder.display(), changed = changed.join(", "))]
    StaleAggregator {
        /// Its folder.
        folder: PathBuf,
        /// The sources of verdicts that have changed.
        changed: Vec<String>,
    },
}

/// Returns what all of `results` hold, or the error among them that tells why the run stops.
pub(crate) fn all_or_gravest<T>(results: Vec<Result<T, Error>>) -> Result<Vec<T>, Error> {
    let (mut all, mut stopped) = (Vec::with_capacity(results.len()), None);
    for result in results {
        match result {
            Ok(one) => all.push(one),
            Err(error) => stopped = Some(Error::gravest(stopped, error)),
        }
    }
    stopped.map_or(Ok(all), Err)
}

impl Error {
    /// Returns the error that tells more of why the run stops: `before`, unless it is only a call that was told so.
    pub(crate) fn gravest(before: Option<Self>, error: Self) -> Self {
        match before {
            None | Some(Self::Stopped) => error,
            Some(before) => before,
        }
    }
}

fn which(known: &[String]) -> String {
    match known.is_empty() {
        true => "the settings have none".into(),
        false => format!("does not say which: {}", known.join(", ")),
    }
}

/// Returns names as a sentence holds them; many names are cut short.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}
