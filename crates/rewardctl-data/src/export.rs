//! Writes training data in the exact columns that the trainers load.
//!
//! A [`target`] is what one loader reads, as data: which rows, in which columns, where, and how it is told of them.
//! Each family of trainers has a file of its own; [`targets`] lists them all, and [`dataset`] writes a dataset for any.
//! What a target cannot carry is [`withheld`] and counted. Pairs made on the fly have no dataset; they are written here.
//!
//! Prompt and responses are lists of messages, never bare strings: TRL finds where a string's prompt ends by
//! comparing characters, and so cuts answers that start alike.

pub mod dataset;
pub mod refused;
pub mod request;
pub mod rules;
pub mod schema;
pub mod target;
pub mod turns;
pub mod withheld;
pub mod written;

mod axolotl;
mod bedrock;
mod card;
mod croissant;
mod data_file;
mod dates;
mod hub;
mod legacy;
mod llamafactory;
mod mlx;
mod ms_swift;
mod nemo_rl;
mod openai;
mod openrlhf;
mod outputs;
mod place;
mod trl;
mod unsloth;
mod verl;
mod vertex;

use std::path::{Path, PathBuf};

use rewardctl_core::item::Message;
use serde::Serialize;

use crate::error::Error;
use crate::export::target::{FileFormat, Target};
use crate::export::written::{DataFile, Written};
use crate::parquet_write::{Column, Kind};
use crate::row_file::{is_parquet, write_jsonl, write_parquet};

/// The targets, by family.
const FAMILIES: [&[Target]; 13] = [
    trl::TARGETS,
    openrlhf::TARGETS,
    axolotl::TARGETS,
    llamafactory::TARGETS,
    unsloth::TARGETS,
    verl::TARGETS,
    ms_swift::TARGETS,
    nemo_rl::TARGETS,
    mlx::TARGETS,
    openai::TARGETS,
    vertex::TARGETS,
    bedrock::TARGETS,
    legacy::TARGETS,
];

/// Returns every target, in the order in which people are shown them.
pub fn targets() -> impl Iterator<Item = &'static Target> + Clone {
    FAMILIES.into_iter().flatten().chain(hub::TARGETS)
}

/// One preference, as a trainer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairRow {
    /// The conversation up to the responses.
    pub prompt: Vec<Message>,
    /// The text of the better response.
    pub chosen: String,
    /// The text of the worse response.
    pub rejected: String,
}

#[derive(Serialize)]
struct Preference {
    prompt: Vec<Message>,
    chosen: [Message; 1],
    rejected: [Message; 1],
}

#[derive(Serialize)]
struct Prompt {
    prompt: Vec<Message>,
}

/// Writes preferences with the columns `prompt`, `chosen` and `rejected`, each a list of messages.
///
/// Returns the number of rows; without any row there is no file.
pub fn write_trl_dpo<E: From<Error>>(
    path: &Path,
    pairs: impl Iterator<Item = Result<PairRow, E>>,
) -> Result<u64, E> {
    let answer = |content| [Message { role: "assistant".into(), content }];
    let rows = pairs.map(|pair| {
        let pair = pair?;
        let bytes = length(&pair.prompt) + pair.chosen.len() + pair.rejected.len();
        let row =
            Preference { prompt: pair.prompt, chosen: answer(pair.chosen), rejected: answer(pair.rejected) };
        Ok((row, bytes))
    });
    write_messages(path, &["prompt", "chosen", "rejected"], rows)
}

/// Writes prompts with the one column `prompt`, a list of messages.
///
/// Returns the number of rows; without any row there is no file.
pub fn write_trl_prompts<E: From<Error>>(
    path: &Path,
    prompts: impl Iterator<Item = Result<Vec<Message>, E>>,
) -> Result<u64, E> {
    let rows = prompts.map(|prompt| {
        let prompt = prompt?;
        let bytes = length(&prompt);
        Ok((Prompt { prompt }, bytes))
    });
    write_messages(path, &["prompt"], rows)
}

/// Says how to load what was written to one file without a dataset, for the first target of that name.
pub fn load(name: &str, path: &Path) -> String {
    let Some(target) = targets().find(|target| target.name == name) else { return String::new() };
    let format = if is_parquet(path) { FileFormat::Parquet } else { FileFormat::Jsonl };
    let file = DataFile { path: path.into(), split: None, rows: 0, bytes: 0, sha256: String::new() };
    let columns = target.columns.to_vec();
    (target.load)(&Written { out: path.into(), files: vec![file], format, kind: target.kinds[0], columns })
}

/// Writes where each row of `out` comes from to [`provenance_path`], and returns the number of rows.
///
/// A file of its own, because trainers refuse or misread columns that they do not know.
pub fn write_provenance<T: Serialize, E: From<Error>>(
    out: &Path,
    rows: impl Iterator<Item = Result<T, E>>,
) -> Result<u64, E> {
    write_jsonl(&provenance_path(out), rows)
}

/// Returns the file beside `out` that says where its rows come from: `<out>.provenance.jsonl`.
pub fn provenance_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".provenance.jsonl");
    name.into()
}

fn write_messages<T: Serialize, E: From<Error>>(
    path: &Path,
    columns: &[&str],
    rows: impl Iterator<Item = Result<(T, usize), E>>,
) -> Result<u64, E> {
    if !is_parquet(path) {
        return write_jsonl(path, rows.map(|row| row.map(|(row, _)| row)));
    }
    let message = Kind::Object(vec![Column::new("role", Kind::Text), Column::new("content", Kind::Text)]);
    let column = |name: &&str| Column::new(*name, Kind::List(Box::new(message.clone())));
    write_parquet(path, &columns.iter().map(column).collect::<Vec<_>>(), rows)
}

fn length(turns: &[Message]) -> usize {
    turns.iter().map(|turn| turn.content.len()).sum()
}

#[cfg(test)]
mod tests;
