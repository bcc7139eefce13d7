//! Opening the store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::Mutex;

use crate::error::{Error, Trouble};

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// What SQLite's header calls our files: `rwct` in ASCII.
const APPLICATION_ID: i64 = 0x7277_6374;

/// Memory for pages, in KiB: rows are keyed by hashes, so that inserts land all over the tree.
const CACHE_KIB: &str = "-65536";

/// Pages of the write-ahead log that are gathered before they move into the file, about 64 MiB: a page that many
/// commits touch moves once.
const CHECKPOINT_PAGES: &str = "16384";

/// The store: one SQLite file with one connection of ours, in WAL mode, every commit on disk before it counts.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: SqlitePool,
    /// The file, by its one true name: other names of it lead to the same lock.
    pub(crate) path: PathBuf,
    /// Whose turn it is to write. SQLite makes writers wait by sleeping ever longer, so that a busy one starves the
    /// other; this queue is fair. Taken after the connection, never before it: two
    /// that wait for each other wait for ever.
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Store {
    /// Opens the store at `path`, making the file and its folder if they are missing.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, options(path)).await
    }

    /// Opens a store that nobody needs after a crash: what it is told is not forced to disk.
    pub async fn open_temporary(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, options(path).synchronous(SqliteSynchronous::Off)).await
    }

    async fn open_with(path: &Path, options: SqliteConnectOptions) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| Error::CreateFolder { path: folder.into(), source })?;
        }
        if path.is_dir() {
            return Err(Error::Folder { path: path.into() });
        }
        let failed = |source| Error::Open { path: path.into(), source };
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.create_if_missing(true))
            .await
            .map_err(|error| failed(error.into()))?;
        claim(&pool, path).await?;
        migrations().run(&pool).await.map_err(|error| failed(error.into()))?;
        let path = path
            .canonicalize()
            .map_err(|source| Error::Open { path: path.into(), source: Trouble::Other(Box::new(source)) })?;
        Ok(Self { pool, path, turn: Arc::default() })
    }

    /// Closes the store; the write-ahead log is folded into the file.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

/// Returns how every connection of ours is set up.
pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", CACHE_KIB)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
}

/// Marks an empty file as ours, and refuses one that another program filled.
async fn claim(pool: &SqlitePool, path: &Path) -> Result<(), Error> {
    let failed = |error: sqlx::Error| Error::Open { path: path.into(), source: error.into() };
    let id: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(pool).await.map_err(failed)?;
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_master").fetch_one(pool).await.map_err(failed)?;
    if tables > 0 && id != APPLICATION_ID {
        return Err(Error::Foreign { path: path.into() });
    }
    // To write the same mark again would force a commit to disk.
    if id == APPLICATION_ID {
        return Ok(());
    }
    let mark = format!("PRAGMA application_id = {APPLICATION_ID}");
    sqlx::query(sqlx::AssertSqlSafe(mark)).execute(pool).await.map_err(failed)?;
    Ok(())
}

/// The steps from an empty file to today's tables, in their order; each runs once on every store.
const MIGRATIONS: [(&str, &str); 9] = [
    ("first", include_str!("../migrations/0001_first.sql")),
    ("ledger", include_str!("../migrations/0002_ledger.sql")),
    ("endpoints", include_str!("../migrations/0003_endpoints.sql")),
    ("rewards", include_str!("../migrations/0004_rewards_in_order.sql")),
    ("tasks", include_str!("../migrations/0005_tasks.sql")),
    ("people", include_str!("../migrations/0006_people.sql")),
    ("verdict runs", include_str!("../migrations/0007_verdict_runs.sql")),
    ("what people saw", include_str!("../migrations/0008_people.sql")),
    ("many tasks at once", include_str!("../migrations/0009_bulk.sql")),
];

fn migrations() -> Migrator {
    let numbered = (1..).zip(MIGRATIONS);
    let steps = numbered.map(|(number, (name, sql))| {
        Migration::new(number, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(steps.collect())
}
