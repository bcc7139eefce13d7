//! The audit log: who did what, as a chain of hashes whose heads are also written to a second file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use rewardctl_core::review::chain::{Broken, Check, Entry, Hash, START, hash, hex, unhex};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::error::Error;
use crate::open::Store;
use crate::people::Now;

/// Entries that are looked at together.
const ENTRIES_AT_ONCE: i64 = 10_000;

/// The end of the log after an entry was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    seq: i64,
    hash: Hash,
}

/// What came of looking at the whole log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Entries that were looked at.
    pub entries: i64,
    /// Heads in the second file.
    pub heads: usize,
    /// The last entry that a head speaks of.
    pub last_head: i64,
    /// What is wrong, in words; None if nothing is.
    pub broken: Option<String>,
}

/// An entry for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// Its number.
    pub seq: i64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what, as JSON.
    pub body: String,
}

impl Store {
    /// Returns the file that the heads of the audit log are written to.
    pub fn heads_path(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_os_string();
        name.push(".heads");
        self.path.with_file_name(name)
    }

    /// Returns up to `limit` entries of the audit log before `before`, the newest first.
    pub async fn audit_lines(&self, before: Option<i64>, limit: i64) -> Result<Vec<AuditLine>, Error> {
        let sql = "SELECT * FROM audit WHERE ?1 IS NULL OR seq < ?1 ORDER BY seq DESC LIMIT ?2";
        let rows = sqlx::query(sql).bind(before).bind(limit).fetch_all(&self.pool).await;
        let rows = rows.map_err(Error::during("read the audit log"))?;
        let line = |row: &SqliteRow| AuditLine {
            seq: row.get("seq"),
            at_ms: row.get("at"),
            actor: row.get("actor"),
            action: row.get("action"),
            body: row.get("body"),
        };
        Ok(rows.iter().map(line).collect())
    }

    /// Looks at the whole audit log and at the heads that were noted of it.
    pub async fn check_audit(&self) -> Result<AuditReport, Error> {
        // The heads first: what is added meanwhile is then only more than they speak of.
        let heads = self.heads()?;
        let last_head = heads.iter().map(|head| head.seq).max().unwrap_or(0);
        let mut report = AuditReport { entries: 0, heads: heads.len(), last_head, broken: None };
        let mut check = Check::default();
        let mut heads = heads.into_iter().peekable();
        let mut after = 0;
        loop {
            let entries = self.entries(after).await?;
            let Some(last) = entries.last() else { break };
            after = last.seq;
            for entry in &entries {
                let mut looked = check.next(entry);
                while let Some(head) = heads.next_if(|head| head.seq <= entry.seq) {
                    looked = looked.and_then(|()| check.head(head.seq, &head.hash));
                }
                report.entries += 1;
                if let Err(broken) = looked {
                    report.broken = Some(broken.to_string());
                    return Ok(report);
                }
            }
        }
        report.broken = check.end(last_head).err().map(|broken: Broken| broken.to_string());
        Ok(report)
    }

    /// Adds the end of the log to the second file; called when it is committed, so that no head speaks of what never was.
    pub(crate) fn note_head(&self, head: Head) -> Result<(), Error> {
        let path = self.heads_path();
        let note = || {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            file.write_all(format!("{} {}\n", head.seq, hex(&head.hash)).as_bytes())
        };
        note().map_err(|source| Error::NoteHead { path: path.clone(), source })
    }

    /// Returns the heads in the second file, in the order of their entries; none where there is no file.
    fn heads(&self) -> Result<Vec<Head>, Error> {
        let path = self.heads_path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(Error::NoteHead { path, source }),
        };
        let head = |line: &str| {
            let (seq, hash) = line.split_once(' ')?;
            Some(Head { seq: seq.parse().ok()?, hash: unhex(hash)? })
        };
        let mut heads: Vec<Head> = text.lines().filter_map(head).collect();
        // Two programs may write in another order than they committed.
        heads.sort_by_key(|head| head.seq);
        Ok(heads)
    }

    async fn entries(&self, after: i64) -> Result<Vec<Entry>, Error> {
        let sql = "SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?";
        let rows = sqlx::query(sql).bind(after).bind(ENTRIES_AT_ONCE).fetch_all(&self.pool).await;
        let rows = rows.map_err(Error::during("read the audit log"))?;
        let entry = |row: &SqliteRow| Entry {
            seq: row.get("seq"),
            at: row.get("at"),
            actor: row.get("actor"),
            action: row.get("action"),
            body: row.get("body"),
            // A hash of another length is not the one that was written.
            hash: row.get::<&[u8], _>("hash").try_into().unwrap_or(START),
        };
        Ok(rows.iter().map(entry).collect())
    }
}

/// Adds an entry to the log, in the transaction of what it speaks of.
pub(crate) async fn log(
    connection: &mut SqliteConnection,
    actor: &str,
    action: &str,
    body: &serde_json::Value,
    now: &Now,
) -> Result<Head, Error> {
    let during = Error::during("write the audit log");
    let last = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut *connection)
        .await
        .map_err(&during)?;
    let (seq, before) = match &last {
        Some(row) => (row.get::<i64, _>("seq") + 1, row.get::<&[u8], _>("hash").try_into().unwrap_or(START)),
        None => (1, START),
    };
    let (actor, action, body) = (actor.into(), action.into(), body.to_string());
    let mut entry = Entry { seq, at: now.ms, actor, action, body, hash: START };
    entry.hash = hash(&before, &entry);
    sqlx::query("INSERT INTO audit (seq, at, actor, action, body, hash) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(seq)
        .bind(entry.at)
        .bind(&entry.actor)
        .bind(&entry.action)
        .bind(&entry.body)
        .bind(entry.hash.as_slice())
        .execute(&mut *connection)
        .await
        .map_err(&during)?;
    Ok(Head { seq, hash: entry.hash })
}
