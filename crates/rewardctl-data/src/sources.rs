//! Files of other tools, read as they are.
//!
//! A family of files is one entry of a table: how its rows are recognised, and what each becomes. The generic shapes
//! ([`crate::shape`]) are the fallback for everything else. What people said in a file becomes labels; what a model
//! said stays metadata, unless the user names an annotator for it.

use std::sync::Arc;

use rewardctl_core::item::Item;
use rewardctl_core::score::Scale;

use crate::json::Fields;
use crate::labels::Said;
use crate::row_error::Fault;
use crate::sources::companions::Companions;

pub(crate) mod companions;
pub(crate) mod found;

mod alpaca_eval;
mod argilla;
mod batches;
mod field;
mod helpsteer;
mod inspect;
mod label_studio;
mod langfuse;
mod langsmith;
mod lm_eval;
mod lmsys;
mod mt_bench;
mod oasst;
mod openai_evals;
mod pairs;
mod plain;
mod prm800k;
mod promptfoo;
mod said;
mod sharegpt;
mod ultrafeedback;
mod webgpt;

/// The annotator of labels whose file names nobody.
pub const THE_FILE: &str = "the file";

/// One kind of file.
#[derive(Debug)]
pub(crate) struct Family {
    /// The name that `--from` takes.
    pub name: &'static str,
    /// What messages call it.
    pub title: &'static str,
    /// The fields that hold prompt and responses.
    pub fields: &'static [&'static str],
    /// Tells whether a row is of this family.
    pub signature: fn(&Fields) -> bool,
    /// Makes items, with what is said of them, of a row.
    pub read: fn(Fields, &Aid) -> Result<Vec<Found>, Fault>,
    pub yields: Yields,
    pub rows: RowsMean,
    /// The names under which other rows look a row up.
    pub lookup: Option<fn(&Fields) -> Vec<String>>,
}

/// What the rows of a family hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yields {
    /// Responses to score.
    Items,
    /// What was said of responses that stand in another file.
    Labels,
    /// What other files need, and the words that say which.
    Nothing(&'static str),
}

/// How the rows of a file go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowsMean {
    /// Each stands alone.
    Alone,
    /// Neighbours with the same prompt are one item.
    Neighbours,
    /// Rows repeat the same responses for each value of this field; those of the first value are read.
    OnceFor(&'static str),
}

/// What reading a row may need beside the row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aid {
    /// Rows of the files given, by name.
    pub others: Companions,
    /// The scale of ratings whose file says none.
    pub scale: Option<Scale>,
}

/// An item of a row, and what the row says of its responses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// None where the labels name their responses by id.
    pub item: Option<Item>,
    /// What the source holds of each response beside its text.
    pub each: Vec<Fields>,
    pub opinions: Vec<Opinion>,
    /// Why something was not taken, a line for each time.
    pub passed_over: Vec<&'static str>,
}

/// What was said of the responses of an item, which are named by their place in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// What was said.
    pub said: Said,
    /// Who said it.
    pub by: By,
    /// Why.
    pub note: Option<String>,
}

/// Who says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A person of this name.
    Person(String),
    /// A model or a program: no label, unless the user says whose.
    Machine,
}

/// All families, those with the most telling signatures first.
static FAMILIES: [&[Family]; 20] = [
    ultrafeedback::FAMILIES,
    helpsteer::FAMILIES,
    oasst::FAMILIES,
    webgpt::FAMILIES,
    lmsys::FAMILIES,
    mt_bench::FAMILIES,
    alpaca_eval::FAMILIES,
    openai_evals::FAMILIES,
    batches::FAMILIES,
    promptfoo::FAMILIES,
    lm_eval::FAMILIES,
    inspect::FAMILIES,
    argilla::FAMILIES,
    label_studio::FAMILIES,
    langfuse::FAMILIES,
    langsmith::FAMILIES,
    prm800k::FAMILIES,
    pairs::FAMILIES,
    sharegpt::FAMILIES,
    plain::FAMILIES,
];

/// Returns the names that `--from` takes.
pub fn names() -> Vec<&'static str> {
    FAMILIES.iter().flat_map(|families| families.iter()).map(|family| family.name).collect()
}

/// Returns the family called `name`.
pub(crate) fn named(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().flat_map(|families| families.iter()).find(|family| family.name == name)
}

/// Returns the family that `row` belongs to, if it is of a known tool.
pub(crate) fn family_of(row: &Fields) -> Option<&'static Family> {
    FAMILIES.iter().flat_map(|families| families.iter()).find(|family| (family.signature)(row))
}

/// Reads rows of one family.
#[derive(Debug, Clone)]
pub(crate) struct SourceReader {
    pub family: &'static Family,
    pub aid: Arc<Aid>,
}

#[cfg(test)]
mod tests;
