//! Exit codes, and which error leads to which.

use rewardctl_data::error::Error as DataError;
use rewardctl_pipeline::error::Error as PipelineError;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Done, but items failed and `--fail-on` says so.
    NotMet = 1,
    /// Refused: flags, settings or input are wrong; nothing was changed.
    Refused = 2,
    /// Stopped short: there is not enough to go on; what is done is kept.
    StoppedShort = 4,
    /// This machine failed: disk full, missing library, broken model file.
    Machine = 5,
    /// Interrupted; finished work is kept.
    Interrupted = 130,
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
}

const DOCTOR: &str = "`rewardctl doctor` checks each part and says how to mend it";

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        if error.is_broken_pipe() {
            let hint = Some("what is finished is kept: the same command goes on from here".into());
            return Self { exit: Exit::StoppedShort, hint, error: error.into() };
        }
        // What cannot be read is the user's to name; what cannot be written is a disk that is full or closed.
        let exit = if matches!(error, DataError::Write { .. }) { Exit::Machine } else { Exit::Refused };
        Self { exit, hint: error.hint(), error: error.into() }
    }
}

impl From<rewardctl_store::error::Error> for Failure {
    fn from(error: rewardctl_store::error::Error) -> Self {
        let hint = "`--store FILE` names another store; `rewardctl doctor` checks this one";
        Self { exit: Exit::Machine, hint: Some(hint.into()), error: error.into() }
    }
}

impl From<rewardctl_model::error::Error> for Failure {
    fn from(error: rewardctl_model::error::Error) -> Self {
        Self { exit: Exit::Machine, hint: Some(DOCTOR.into()), error: error.into() }
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
        PipelineError::AggregatorOutOfRange { .. } => Exit::Machine,
        PipelineError::Interrupted { .. } => Exit::Interrupted,
        _ => Exit::Refused,
    }
}

fn hint_of(error: &PipelineError) -> Option<String> {
    match error {
        PipelineError::BadRows { first, .. } => first.first().and_then(|row| row.hint()),
        PipelineError::Changed { .. } => Some("score it again when nobody writes to it".into()),
        PipelineError::ReadPanel { .. } => {
            Some("`--panel default`, `--panel rules` or the path of a TOML file".into())
        }
        PipelineError::UnknownCritic { critic, known, .. } => {
            Some(crate::suggest::nearest(critic, known.iter().map(String::as_str)))
        }
        PipelineError::Interrupted { .. } => {
            Some("what is finished is kept: the same command goes on from here".into())
        }
        PipelineError::AggregatorOutOfRange { .. } => {
            Some("`rewardctl model check` looks at the panel's aggregator".into())
        }
        _ => None,
    }
}
