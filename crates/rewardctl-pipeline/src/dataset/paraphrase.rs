//! Prompts that say nearly what an item of a benchmark says, in other words: a warning, since embeddings prove nothing.

use std::collections::HashSet;

use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::item::Message;
use rewardctl_data::contamination::Embedded;
use rewardctl_data::drafts::{DraftRows, DraftTexts};
use serde::{Deserialize, Serialize};

use crate::ask::Embed;
use crate::error::Error;

/// Prompts near to an item of a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paraphrases {
    /// The cosine above which they are counted.
    pub above: f64,
    /// Prompts looked at.
    pub looked_at: u64,
    /// Those above.
    pub found: u64,
    /// The nearest of them.
    pub nearest: Vec<Paraphrase>,
}

/// A prompt near to an item of a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paraphrase {
    /// The start of the prompt.
    pub prompt: String,
    /// The start of the item.
    pub item: String,
    /// The cosine of their embeddings.
    pub cosine: f64,
}

/// How many are shown.
const SHOWN: usize = 5;
/// Characters shown of a text.
const SHOWN_CHARS: usize = 120;

/// Compares the prompts of the rows that stay with `items`.
pub(super) fn paraphrases(
    rows: DraftRows,
    dropped: &[Option<Reason>],
    items: &[String],
    above: f64,
    embed: Embed<'_>,
) -> Result<Paraphrases, Error> {
    let vectors: Vec<Vec<f32>> = items.iter().map(|item| embed(item)).collect::<Result<_, _>>()?;
    let benchmark = Embedded::new(vectors, above);
    let mut found = Paraphrases { above, looked_at: 0, found: 0, nearest: vec![] };
    let mut seen = HashSet::new();
    for (row, _) in rows.zip(dropped).filter(|(_, gone)| gone.is_none()) {
        let DraftTexts { prompt, .. } = row?.texts()?;
        let asked = question(&prompt);
        if !seen.insert(asked.to_owned()) {
            continue;
        }
        found.looked_at += 1;
        if let Some(hit) = benchmark.closest(&embed(asked)?) {
            found.found += 1;
            found.nearest.push(Paraphrase {
                prompt: start_of(asked),
                item: start_of(&items[hit.item]),
                cosine: hit.score,
            });
            found.nearest.sort_by(|one, other| other.cosine.total_cmp(&one.cosine));
            found.nearest.truncate(SHOWN);
        }
    }
    Ok(found)
}

fn question(prompt: &[Message]) -> &str {
    let last_user = prompt.iter().rev().find(|turn| turn.role == "user");
    last_user.or(prompt.last()).map_or("", |turn| turn.content.as_str())
}

fn start_of(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
}
