//! What can go wrong with the store.

use std::path::PathBuf;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of the store cannot be made.
    #[error("failed to create the folder `{path}` for the store")]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no store, cannot be opened, or belongs to a newer program.
    #[error("failed to open the store `{path}`")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A SQLite file of another program.
    #[error("`{path}` is a database of another program")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A statement failed; the disk may be full or the file locked.
    #[error("the store could not {action}")]
    Query {
        /// What it was doing, such as `save verdicts`.
        action: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// A stored row cannot be read back.
    #[error("the store holds a broken row in table `{table}`")]
    BrokenRow {
        /// The table.
        table: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Returns a closure that names what was being done when a statement failed.
    pub(crate) fn during(action: &'static str) -> impl Fn(sqlx::Error) -> Error {
        move |source| Error::Query { action, source }
    }

    /// Returns a closure that names the table that a broken row stands in.
    pub(crate) fn broken<E: std::error::Error + Send + Sync + 'static>(
        table: &'static str,
    ) -> impl Fn(E) -> Error {
        move |source| Error::BrokenRow { table, source: Box::new(source) }
    }
}
