//! Cassettes: recorded exchanges, one a line, that a later run replays instead of asking.
//!
//! A line is written whole or not at all, so that a killed run leaves a cassette that plays; a run that ends sorts
//! the lines, so that the same run leaves the same bytes. Only what a server may know anyway is written: request,
//! reply and the headers that [`is_kept`](crate::llm::exchange::is_kept) names, never a key.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rewardctl_core::id::ContentId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::llm::exchange::{Exchange, Headers, Sent};
use crate::llm::request::Request;

/// The call that an exchange belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The key of the call.
    pub key: ContentId,
    /// Counted from 1.
    pub attempt: u32,
    /// Who was asked, as [`Endpoint::identity`](crate::llm::client::Endpoint::identity) gives it.
    pub endpoint: &'a str,
    /// The model asked for.
    pub model: &'a str,
    /// What was asked.
    pub request: &'a Request,
}

/// One line, as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    key: ContentId,
    attempt: u32,
    endpoint: String,
    model: String,
    request: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reply: Option<Reply>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    broken: Option<Broken>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    status: u16,
    #[serde(skip_serializing_if = "Headers::is_empty", default)]
    headers: Headers,
    body: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Text(String),
    Base64(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Broken {
    reason: String,
    sent: Sent,
}

/// Records exchanges; exchanges that the file already holds are kept.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    file: Mutex<File>,
}

impl Recorder {
    /// Opens or creates the cassette at `path`; a line that a killed run left unfinished is cut off.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Cassette { verb: "open", path: path.into(), source };
        // Also tells a cassette from a file of another kind, which must not be written to.
        if path.exists() {
            read_lines(path)?;
        }
        let file = open_whole(path).map_err(failed)?;
        Ok(Self { path: path.into(), file: Mutex::new(file) })
    }

    /// Writes one exchange, in one go.
    pub fn record(&self, call: &Call<'_>, exchange: &Exchange) -> Result<(), Error> {
        let failed = |source| Error::Cassette { verb: "write", path: self.path.clone(), source };
        let line = line(call, exchange).map_err(|error| failed(error.into()))?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line).map_err(failed)
    }

    /// Sorts the lines by key and attempt; of several for the same attempt the last is kept.
    pub fn finish(self) -> Result<(), Error> {
        let lines = read_lines(&self.path)?;
        write_sorted(&self.path, &lines).map_err(|source| Error::Cassette {
            verb: "write",
            path: self.path.clone(),
            source,
        })
    }
}

/// Plays recorded exchanges.
#[derive(Debug)]
pub struct Player {
    path: PathBuf,
    exchanges: BTreeMap<ContentId, Vec<Exchange>>,
}

impl Player {
    /// Reads the cassette at `path`; a line that a killed run left unfinished is left out.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut exchanges: BTreeMap<ContentId, Vec<Exchange>> = BTreeMap::new();
        for ((key, _), line) in read_lines(path)? {
            exchanges.entry(key).or_default().push(line.exchange);
        }
        Ok(Self { path: path.into(), exchanges })
    }

    /// Returns what came back for attempt number `attempt` (the first is 1) at the call of `critic`.
    pub fn play(&self, critic: &str, key: ContentId, attempt: u32) -> Result<&Exchange, Error> {
        let of_key = self.exchanges.get(&key).map(Vec::as_slice).unwrap_or_default();
        let found = (attempt as usize).checked_sub(1).and_then(|place| of_key.get(place));
        found.ok_or_else(|| Error::NotRecorded {
            critic: critic.into(),
            key,
            attempt,
            path: self.path.clone(),
        })
    }
}

/// A line as it stands in the file, and what it says.
struct Recorded {
    text: String,
    exchange: Exchange,
}

/// Returns the lines by key and attempt, the last of each; leaves out a last line that is torn.
fn read_lines(path: &Path) -> Result<BTreeMap<(ContentId, u32), Recorded>, Error> {
    let text =
        fs::read(path).map_err(|source| Error::Cassette { verb: "read", path: path.into(), source })?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut lines = BTreeMap::new();
    for (at, bytes) in text[..whole].split_inclusive(|byte| *byte == b'\n').enumerate() {
        let wrong = |source| Error::CassetteLine { path: path.into(), line: at + 1, source };
        let line: Line = serde_json::from_slice(bytes).map_err(wrong)?;
        let place = (line.key, line.attempt);
        let exchange = exchange(line).map_err(wrong)?;
        lines.insert(place, Recorded { text: String::from_utf8_lossy(bytes).into_owned(), exchange });
    }
    Ok(lines)
}

/// Opens `path` for appending after its last whole line.
fn open_whole(path: &Path) -> io::Result<File> {
    let text = if path.exists() { fs::read(path)? } else { vec![] };
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut file = File::options().create(true).append(true).open(path)?;
    if whole < text.len() {
        file.set_len(whole as u64)?;
    }
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

fn write_sorted(path: &Path, lines: &BTreeMap<(ContentId, u32), Recorded>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    let mut buffered = io::BufWriter::new(&mut file);
    for line in lines.values() {
        buffered.write_all(line.text.as_bytes())?;
    }
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn line(call: &Call<'_>, exchange: &Exchange) -> Result<Vec<u8>, serde_json::Error> {
    let (reply, broken) = match exchange {
        Exchange::Answered { status, headers, body } => {
            let body = match std::str::from_utf8(body) {
                Ok(text) => Body::Text(text.into()),
                Err(_) => Body::Base64(STANDARD.encode(body)),
            };
            (Some(Reply { status: *status, headers: headers.clone(), body }), None)
        }
        Exchange::Broken { reason, sent } => (None, Some(Broken { reason: reason.clone(), sent: *sent })),
    };
    let line = Line {
        key: call.key,
        attempt: call.attempt,
        endpoint: call.endpoint.into(),
        model: call.model.into(),
        request: RawValue::from_string(call.request.body().into())?,
        reply,
        broken,
    };
    let mut text = serde_json::to_vec(&line)?;
    text.push(b'\n');
    Ok(text)
}

fn exchange(line: Line) -> Result<Exchange, serde_json::Error> {
    use serde::de::Error as _;
    match (line.reply, line.broken) {
        (Some(Reply { status, headers, body }), None) => {
            let body = match body {
                Body::Text(text) => text.into_bytes(),
                Body::Base64(text) => STANDARD.decode(text).map_err(serde_json::Error::custom)?,
            };
            Ok(Exchange::Answered { status, headers, body })
        }
        (None, Some(Broken { reason, sent })) => Ok(Exchange::Broken { reason, sent }),
        _ => Err(serde_json::Error::custom("expected either `reply` or `broken`")),
    }
}

#[cfg(test)]
mod tests;
