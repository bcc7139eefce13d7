//! The audit log: who did what, as a chain of hashes whose heads are also written to a second file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
    /// Entries that no head speaks of: nobody can tell whether they were written anew.
    pub without_head: i64,
    /// The first of these.
    pub first_without_head: Option<i64>,
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

    /// Looks at the whole audit log, at the heads that were noted of it in `heads`, and whether it tells every decision as
    /// it is kept.
    pub async fn check_audit(&self, heads: &Path) -> Result<AuditReport, Error> {
        // The heads first: what is added meanwhile is then only more than they speak of.
        let noted = noted(heads)?;
        let heads = noted.heads.as_slice();
        let last_head = heads.last().map_or(0, |head| head.seq);
        let mut report = AuditReport {
            entries: 0,
            heads: heads.len(),
            last_head,
            without_head: 0,
            first_without_head: None,
            broken: None,
        };
        let chain = self.walk(heads, &mut report).await?;
        let broken = match chain {
            Err(broken) => Some(broken.to_string()),
            Ok(()) if noted.broken.is_some() && report.entries > 0 => noted.broken,
            Ok(()) => self.unlogged(report.entries).await?,
        };
        report.broken = broken;
        Ok(report)
    }

    /// Goes along the log and the heads, which are in the order of their entries.
    async fn walk(&self, heads: &[Head], report: &mut AuditReport) -> Result<Result<(), Broken>, Error> {
        let mut check = Check::default();
        let mut heads = heads.iter().peekable();
        let mut after = 0;
        loop {
            let entries = self.entries(after).await?;
            let Some(last) = entries.last() else { break };
            after = last.seq;
            for entry in &entries {
                let mut looked = check.next(entry);
                let mut has_head = false;
                while let Some(head) = heads.next_if(|head| head.seq <= entry.seq) {
                    has_head |= head.seq == entry.seq;
                    looked = looked.and_then(|()| check.head(head.seq, &head.hash));
                }
                report.entries += 1;
                if looked.is_err() {
                    return Ok(looked);
                }
                if !has_head {
                    report.without_head += 1;
                    report.first_without_head.get_or_insert(entry.seq);
                }
            }
        }
        Ok(check.end(report.last_head))
    }

    /// Says where the log and the decisions differ; None if nowhere.
    async fn unlogged(&self, entries: i64) -> Result<Option<String>, Error> {
        let row = sqlx::query(include_str!("unlogged.sql")).fetch_one(&self.pool).await;
        let row = row.map_err(Error::during("compare the audit log with the decisions"))?;
        let unlogged: Option<i64> = row.get("unlogged");
        let unkept: Option<i64> = row.get("unkept");
        Ok(match (unlogged, unkept) {
            (Some(decision), _) => Some(format!("decision {decision} is not kept as the log tells it")),
            (None, Some(entry)) => Some(format!("entry {entry} tells of a decision that is not kept")),
            (None, None) if entries == 0 && row.get("is_used") => {
                Some("it is empty, but people were added, asked or answered".into())
            }
            (None, None) => None,
        })
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

/// What a file of heads holds.
struct Noted {
    /// In the order of their entries.
    heads: Vec<Head>,
    /// Why it cannot be relied on, in words.
    broken: Option<String>,
}

/// Reads a file of heads; one that is missing is told by what is wrong with it.
fn noted(path: &Path) -> Result<Noted, Error> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let broken = format!(
                "`{}` is missing, so that nobody can tell whether it was written anew",
                path.display()
            );
            return Ok(Noted { heads: vec![], broken: Some(broken) });
        }
        Err(source) => return Err(Error::NoteHead { path: path.into(), source }),
    };
    let head = |line: &str| {
        let (seq, hash) = line.split_once(' ')?;
        Some(Head { seq: seq.parse().ok()?, hash: unhex(hash)? })
    };
    let (mut heads, mut broken) = (vec![], None);
    for (line, at) in String::from_utf8_lossy(&text).lines().zip(1..) {
        match head(line) {
            Some(head) => heads.push(head),
            None => {
                broken.get_or_insert_with(|| format!("`{}` has no head in line {at}", path.display()));
            }
        }
    }
    // Two programs may write in another order than they committed.
    heads.sort_by_key(|head| head.seq);
    Ok(Noted { heads, broken })
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
