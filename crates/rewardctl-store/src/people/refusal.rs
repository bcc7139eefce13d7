//! Why somebody cannot do what they asked for. Each reason has a code that programs may rely on.

use rewardctl_core::review::decision::Unfit;

/// Why not.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No such task.
    #[error("there is no task {task}")]
    NoTask {
        /// The task.
        task: i64,
    },
    /// The lease ran out and somebody else came, or it was taken away.
    #[error("task {task} is not yours any more: the lease ended, and its place was given away")]
    LeaseLost {
        /// The task.
        task: i64,
    },
    /// The task was never given to this person.
    #[error("task {task} was not given to you: claim it first")]
    NoLease {
        /// The task.
        task: i64,
    },
    /// The task was answered elsewhere.
    #[error("task {task} is closed: it was answered elsewhere")]
    Closed {
        /// The task.
        task: i64,
    },
    /// The same person decided otherwise before.
    #[error("you have decided task {task} already; undo that first")]
    Decided {
        /// The task.
        task: i64,
    },
    /// The answer does not fit the question.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// One idempotency key for two requests.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// Nothing that could be taken back.
    #[error("there is no decision of yours to undo")]
    NothingToUndo,
    /// What critics say is shown after the decision.
    #[error("what critics say of task {task} is shown when you have decided")]
    Blind {
        /// The task.
        task: i64,
    },
    /// What critics say was looked at: another answer would not be blind.
    #[error("you have seen what critics say of task {task}: your answer stands")]
    Seen {
        /// The task.
        task: i64,
    },
    /// A task that cannot be asked.
    #[error("{0}")]
    Question(String),
    /// A task about what is not known.
    #[error("the item or one of the responses is not known, or they do not belong together")]
    NoResponse,
    /// A name that is no name.
    #[error("`{0}` is no user name: 1 to 64 letters, digits, `.`, `-`, `_` and `@`")]
    Name(String),
    /// A user of that name exists.
    #[error("there is a user `{0}` already")]
    UserExists(String),
    /// No such user.
    #[error("there is no user `{0}`")]
    NoUser(String),
}

impl Refusal {
    /// Returns the code, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoTask { .. } => "no_task",
            Self::LeaseLost { .. } => "lease_lost",
            Self::NoLease { .. } => "no_lease",
            Self::Closed { .. } => "task_closed",
            Self::Decided { .. } => "already_decided",
            Self::Unfit(_) => "unfit_decision",
            Self::KeyReused => "key_reused",
            Self::NothingToUndo => "nothing_to_undo",
            Self::Blind { .. } => "blind",
            Self::Seen { .. } => "seen",
            Self::Question(_) => "unfit_question",
            Self::NoResponse => "no_response",
            Self::Name(_) => "bad_name",
            Self::UserExists(_) => "user_exists",
            Self::NoUser(_) => "no_user",
        }
    }

    /// Returns the way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoTask { .. } => "`rewardctl queue list` has the tasks",
            Self::LeaseLost { .. } | Self::NoLease { .. } | Self::Closed { .. } => {
                "claim another task; what was typed is kept as a draft"
            }
            Self::Decided { .. } => "undo the decision, and the question comes again",
            Self::Unfit(_) | Self::Question(_) => "docs/review.md has the answers that each question takes",
            Self::NoResponse => "`rewardctl queue list --json` has the ids of responses",
            Self::KeyReused => "send every request with a key of its own",
            Self::NothingToUndo => "`rewardctl queue stats` counts what was decided",
            Self::Blind { .. } => "decide first; a skip decides nothing",
            Self::Seen { .. } => "undo before you look at what critics say",
            Self::Name(_) | Self::UserExists(_) => "choose another name",
            Self::NoUser(_) => "`rewardctl user list` has them",
        }
    }
}
