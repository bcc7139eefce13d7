//! What can go wrong with the store.

use std::path::PathBuf;
use std::sync::Arc;

use rewardctl_core::id::ContentId;

use sqlx::migrate::MigrateError;

use crate::people::refusal::Refusal;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of the store cannot be made.
    #[error("failed to create the folder `{path}` for the store", path = path.display())]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder where the file should be.
    #[error("the store `{path}` is a folder, not a file", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The file is no store, cannot be opened, or belongs to a newer program.
    #[error("failed to open the store `{path}`", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Trouble,
    },
    /// A SQLite file of another program.
    #[error("`{path}` is a database of another program", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A statement failed.
    #[error("the store could not {action}")]
    Query {
        /// What it was doing, such as `save verdicts`.
        action: &'static str,
        /// Why.
        source: Trouble,
    },
    /// A stored row cannot be read back.
    #[error("the store holds a broken row in table `{table}`")]
    BrokenRow {
        /// The table.
        table: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The lock beside the store cannot be taken.
    #[error("failed to lock the ledger with `{path}`")]
    LockLedger {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another run makes paid calls with this store.
    #[error("another run pays for calls with the store `{path}`; wait for it to end")]
    LedgerInUse {
        /// The store.
        path: PathBuf,
    },
    /// The ledger could not put a group of operations on disk; none of them counts.
    #[error("the ledger of paid calls could not be written")]
    WriteLedger {
        /// Why; shared by all that waited for the group.
        source: Arc<sqlx::Error>,
    },
    /// The ledger was closed.
    #[error("the ledger of paid calls is closed")]
    LedgerClosed,
    /// Sending this call would pay for it twice, or would leave it without a plan.
    #[error("call `{key}` cannot be sent: it is in flight, is done, or was never planned")]
    NotSendable {
        /// The call.
        key: ContentId,
    },
    /// The attempt ended before, or belongs to a run that died.
    #[error("attempt {number} of call `{key}` has ended before")]
    AttemptEnded {
        /// The call.
        key: ContentId,
        /// The attempt.
        number: u32,
    },
    /// Somebody cannot do what they asked for.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The second file of the audit log cannot be read or written.
    #[error("failed to note the end of the audit log in `{path}`", path = path.display())]
    NoteHead {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What the database ran into, in words for those who never chose one.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No room.
    #[error("the disk is full")]
    Full(#[source] sqlx::Error),
    /// No right to write, or a disk that nobody may write to.
    #[error("the file or its folder is not writable")]
    NotWritable(#[source] sqlx::Error),
    /// Another program holds it.
    #[error("another run has held it for too long")]
    Busy(#[source] sqlx::Error),
    /// Not a database.
    #[error("it is another kind of file")]
    OtherFile(#[source] sqlx::Error),
    /// The disk does not do what it is asked to.
    #[error("its disk is full, or fails")]
    Disk(#[source] sqlx::Error),
    /// Damaged.
    #[error("it is damaged")]
    Damaged(#[source] sqlx::Error),
    /// Tables that this program does not know.
    #[error("it was written by a newer rewardctl")]
    Newer(#[source] Box<MigrateError>),
    /// Anything else.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Returns the way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Error::CreateFolder { .. } => Trouble::WRITABLE,
            Error::Folder { .. } => "`--store FOLDER/store.db` names a file in it",
            Error::Foreign { .. } => "`--store FILE` names another store",
            Error::Open { source, .. } | Error::Query { source, .. } => source.hint(),
            Error::BrokenRow { .. } => Trouble::RESTORE,
            Error::LockLedger { .. } => Trouble::WRITABLE,
            Error::LedgerInUse { .. } => "wait for it to end, or name another store with `--store FILE`",
            Error::WriteLedger { .. } => {
                "free some room; what the ledger holds is safe, and nothing is paid twice"
            }
            Error::LedgerClosed | Error::NotSendable { .. } | Error::AttemptEnded { .. } => {
                "this is a bug; what the ledger holds is safe"
            }
            Error::Refused(refusal) => refusal.hint(),
            Error::NoteHead { .. } => Trouble::WRITABLE,
        }
    }

    /// Returns a closure that names what was being done when a statement failed.
    pub(crate) fn during(action: &'static str) -> impl Fn(sqlx::Error) -> Error {
        move |source| Error::Query { action, source: source.into() }
    }

    /// Returns a closure that names the table that a broken row stands in.
    pub(crate) fn broken<E: std::error::Error + Send + Sync + 'static>(
        table: &'static str,
    ) -> impl Fn(E) -> Error {
        move |source| Error::BrokenRow { table, source: Box::new(source) }
    }
}

impl Trouble {
    const WRITABLE: &str = "make it writable for you, or name another place: `--store FILE`, `--store none`";
    const RESTORE: &str = "restore it from a copy, or name another store: `--store FILE`";

    fn hint(&self) -> &'static str {
        match self {
            Trouble::Full(_) | Trouble::Disk(_) => {
                "make room, or name a store on another disk: `--store FILE`"
            }
            Trouble::NotWritable(_) => Self::WRITABLE,
            Trouble::Busy(_) => "wait for the other run, or name another store: `--store FILE`",
            Trouble::OtherFile(_) => "`--store FILE` names another store",
            Trouble::Damaged(_) => Self::RESTORE,
            Trouble::Newer(_) => "install that version, or name another store: `--store FILE`",
            Trouble::Other(_) => "`--store FILE` names another store; `rewardctl doctor` checks this one",
        }
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        // The low byte is SQLite's primary code: https://www.sqlite.org/rescode.html
        match code.map(|code| code & 0xff) {
            Some(5 | 6) => Trouble::Busy(error),
            Some(8 | 14) => Trouble::NotWritable(error),
            Some(10) => Trouble::Disk(error),
            Some(11) => Trouble::Damaged(error),
            Some(13) => Trouble::Full(error),
            Some(26) => Trouble::OtherFile(error),
            _ => Trouble::Other(error.into()),
        }
    }
}

impl From<MigrateError> for Trouble {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            MigrateError::VersionMissing(_) => Trouble::Newer(Box::new(error)),
            other => Trouble::Other(other.into()),
        }
    }
}
