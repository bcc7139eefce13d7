//! Exit codes, and which error leads to which.

use std::io;
use std::path::Path;

use rewardctl_data::error::Error as DataError;
use rewardctl_data::row_error::SKIP;
use rewardctl_pipeline::dataset::error::Error as DatasetError;
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_store::error::{Error as StoreError, Trouble};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Done, but a gate was not met, or items failed and `--fail-on` says so.
    NotMet = 1,
    /// Refused: flags, settings or input are wrong; nothing was changed.
    Refused = 2,
    /// A service outside failed: no endpoint answers.
    Outside = 3,
    /// Stopped short: there is not enough to go on, or a gate has not enough evidence; what is done is kept.
    StoppedShort = 4,
    /// This machine failed: disk full, missing library, broken model file.
    Machine = 5,
    /// Interrupted; finished work is kept.
    Interrupted = 130,
    /// The reader of stdout went away, as `head` does: nothing is said. What shells report for this.
    NoReader = 141,
}

/// An error with the exit code and the way out that the command knows.
#[derive(Debug)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// What to do about it.
    pub hint: Option<String>,
    /// What happened.
    pub error: anyhow::Error,
}

impl Failure {
    /// Refuses what the user asked for.
    pub fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, hint: Some(hint.into()), error: anyhow::Error::msg(message.into()) }
    }

    /// Reports that this machine failed.
    pub fn machine(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Machine, hint: None, error: error.into() }
    }

    /// Takes back `--on-bad-row skip` as a way out, where a verb has no such flag or must not heed it.
    pub fn without_skipping(self) -> Self {
        let hint = self.hint.map(|hint| match hint.as_str() {
            SKIP => "mend or remove the rows that are named".to_owned(),
            _ => hint.replace(&format!("; {SKIP}"), ""),
        });
        Self { hint, ..self }
    }

    /// Returns a closure that reports that `path` could not be written.
    pub fn writing(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| DataError::Write { path: path.into(), source }.into()
    }
}

const DOCTOR: &str = "`rewardctl doctor` checks each part and says how to mend it";

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        // What cannot be read is the user's to name; what cannot be written is a disk that is full or closed.
        let exit = match error {
            DataError::Write { .. } if error.is_broken_pipe() => Exit::NoReader,
            DataError::Write { .. } => Exit::Machine,
            _ => Exit::Refused,
        };
        Self { exit, hint: Some(error.hint().into()), error: error.into() }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match error {
            StoreError::Folder { .. }
            | StoreError::Foreign { .. }
            | StoreError::Refused(_)
            | StoreError::Open { source: Trouble::OtherFile(_), .. } => Exit::Refused,
            _ => Exit::Machine,
        };
        Self { exit, hint: Some(error.hint().into()), error: error.into() }
    }
}

impl From<rewardctl_model::error::Error> for Failure {
    fn from(error: rewardctl_model::error::Error) -> Self {
        use rewardctl_model::error::Error::{
            LabelsDiverged, NoExamples, NothingDiffers, TooFewPrompts, TooManyCritics,
        };
        let (exit, hint) = match &error {
            NothingDiffers { .. } => {
                (Exit::Refused, "give more responses: a critic needs five scores, and some that differ")
            }
            TooManyCritics { .. } => (Exit::Refused, "leave out critics that say the same as others"),
            TooFewPrompts { .. } => (Exit::StoppedShort, "give examples of more prompts"),
            NoExamples => (Exit::StoppedShort, "give examples: pairs, ratings, or responses with scores"),
            LabelsDiverged => (Exit::Refused, "look for labels or scores that are out of the ordinary"),
            _ => (Exit::Machine, DOCTOR),
        };
        Self { exit, hint: Some(hint.into()), error: error.into() }
    }
}

impl From<PipelineError> for Failure {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Data(error) => error.into(),
            PipelineError::Store(error) => error.into(),
            PipelineError::Model(error) => error.into(),
            other => Self { exit: exit_of(&other), hint: hint_of(&other), error: other.into() },
        }
    }
}

fn exit_of(error: &PipelineError) -> Exit {
    match error {
        PipelineError::AggregatorOutOfRange { .. }
        | PipelineError::Dataset(DatasetError::NoEncoder)
        | PipelineError::ReadVerdicts { .. }
        | PipelineError::Votes(_) => Exit::Machine,
        PipelineError::Interrupted { .. } | PipelineError::Stopped => Exit::Interrupted,
        PipelineError::Capped { .. } => Exit::StoppedShort,
        PipelineError::Endpoint { .. } | PipelineError::Refused { .. } | PipelineError::Down { .. } => {
            Exit::Outside
        }
        _ => Exit::Refused,
    }
}

fn hint_of(error: &PipelineError) -> Option<String> {
    let hint = match error {
        PipelineError::BadRows { first, .. } => return first.first().map(|row| row.hint()),
        PipelineError::CutShort(row) => return Some(row.hint()),
        PipelineError::UnknownCritic { critic, known, .. } => {
            return Some(crate::suggest::nearest(critic, known.iter().map(String::as_str)));
        }
        PipelineError::MixedLayouts { .. } => "mask them one after the other, each with its own `-o FILE`",
        PipelineError::Changed { .. } => "score it again when nobody writes to it",
        PipelineError::Dataset(error) => return Some(hint_of_dataset(error)),
        PipelineError::Rewarded(error) => return Some(error.hint()),
        PipelineError::ReadPanel { .. } => "`--panel default`, `--panel rules` or the path of a TOML file",
        PipelineError::ParsePanel { .. } | PipelineError::Panel { .. } => {
            "mend the file; panels/default.toml in the checkout shows every key"
        }
        PipelineError::Rules(_) => "mend the table `rules` of the settings; docs/rules.md has every key",
        PipelineError::Interrupted { .. } => "what is finished is kept: the same command goes on from here",
        PipelineError::AggregatorOutOfRange { .. } => {
            "`rewardctl model check` looks at the panel's aggregator"
        }
        PipelineError::CriticCrashed { .. } => "report it with that row; without it the rest can be scored",
        PipelineError::ReadTraining { .. } => "check the name and the right to read it",
        PipelineError::NoTexts { .. } => "`rewardctl score --with-text -o FILE` writes the texts too",
        PipelineError::TrainingLine { .. } => "models/text-heads/README.md has the fields of an example",
        PipelineError::UnknownPrompt { prompt, known, .. } => {
            return Some(crate::suggest::nearest(prompt, known.iter().map(String::as_str)));
        }
        PipelineError::UnknownEndpoint { endpoint, known, .. } => {
            return Some(crate::suggest::nearest(endpoint, known.iter().map(String::as_str)));
        }
        PipelineError::WhichEndpoint { known, .. } if known.is_empty() => {
            "describe one under `[endpoints.NAME]` in rewardctl.toml; `rewardctl init --print` shows how"
        }
        PipelineError::WhichEndpoint { .. } => {
            "name one: `--endpoint NAME` for `sample`, `endpoint` for each LLM critic of the panel"
        }
        PipelineError::UnknownAnchor { anchor, known, .. } => {
            return Some(crate::suggest::nearest(anchor, known.iter().map(String::as_str)));
        }
        PipelineError::ReadVerdicts { .. } => "make room in the temporary folder, and run it again",
        PipelineError::Endpoint { .. } | PipelineError::Refused { .. } | PipelineError::Down { .. } => {
            "check its address, model and key; what is finished is kept, and the same command goes on from here"
        }
        PipelineError::Llm(_) => "check the file, or record it again with `--record FILE`",
        PipelineError::NothingPaid => {
            "leave `--store none` out, or play recorded exchanges with `--replay FILE`"
        }
        PipelineError::Stopped | PipelineError::Capped { .. } => {
            "what is finished is kept and paid only once: the same command with a higher cap goes on from here"
        }
        other => return hint_of_figures(other).map(Into::into),
    };
    Some(hint.into())
}

/// The hints of errors that datasets meet.
fn hint_of_dataset(error: &DatasetError) -> String {
    let nearest =
        |name: &str, known: &[String]| crate::suggest::nearest(name, known.iter().map(String::as_str));
    let hint = match error {
        DatasetError::UnknownSetting { key, known, .. } => return nearest(key, known),
        DatasetError::NoEncoder => DOCTOR,
        DatasetError::NoBenchmark => {
            "`--benchmark FILE` names one; `--set contamination.warn-cosine=0` does not look"
        }
        DatasetError::UnknownVersion { .. } => "`rewardctl dataset list` has every version",
        DatasetError::Unknown { known, .. } if known.is_empty() => {
            "`rewardctl build NAME --type dpo` makes one"
        }
        DatasetError::Unknown { name, known, .. } => return nearest(name, known),
        DatasetError::ParseRecipe { .. } | DatasetError::Recipe { .. } => {
            "mend it; docs/datasets.md has every setting of a recipe"
        }
        DatasetError::Setting { .. } => "`--set models.min-probability=0.9` sets one",
        DatasetError::Name { .. } => "letters, digits, `-`, `_` and `.`, 64 at most, a letter or digit first",
        DatasetError::BrokenManifest { .. } => {
            "restore it from a copy, or remove the folder and build it again"
        }
        DatasetError::NoSteps { .. } => {
            "steps come with the input: `\"steps\":[…],\"labels\":[true,…]`; `--set stepwise.steps-field=NAME` names another field"
        }
    };
    hint.into()
}

/// The hints of errors that fits and figures of files meet.
fn hint_of_figures(error: &PipelineError) -> Option<&'static str> {
    Some(match error {
        PipelineError::Apart { .. } => {
            "`--ridge 1` draws all strengths together, so that there is one; or leave these models out"
        }
        PipelineError::Ranking(_) => "docs/eval-metrics.md says what a ranking needs",
        PipelineError::Benchmark(_) => "docs/eval-metrics.md has the fields and subsets of each protocol",
        PipelineError::NoSubset { .. } => {
            "add a field `subset` (Natural, Neighbor, GPTInst, GPTOut, Manual), or name the file or its folder so"
        }
        PipelineError::NoTarget { .. } => "`--target DIMENSION` fits the ratings of one dimension",
        PipelineError::UnknownVersion { .. } => "`rewardctl model list` has them",
        PipelineError::StaleAggregator { .. } => {
            "`rewardctl learn` fits it again; `rewardctl model promote fixed` judges by the panel's own weights"
        }
        PipelineError::NoLabels { .. } => "name the field of the labels with `--label-field`",
        PipelineError::Votes(_) => "report it with that file",
        PipelineError::TwoGolds { .. } => "an item has one gold label: mend one of the two rows",
        PipelineError::LabelWithoutOrder { .. } => {
            "`--order bad,fair,good` gives texts an order; `--level nominal` needs none"
        }
        PipelineError::LabelOutOfOrder { .. } => "name every label in `--order`, from low to high",
        PipelineError::TooFewPairs { .. } => {
            "half of the prompts are kept for testing: give more pairs, or lower `--start` and `--batch`"
        }
        PipelineError::NothingCompared { .. } => {
            "`--labels FILE` gives what people said; docs/formats.md has the fields"
        }
        PipelineError::NothingToLearn { .. } => "check `verdicts` in the files",
        PipelineError::SameCritic { .. } => "give one of the two another name in `critic`",
        _ => return None,
    })
}
