//! Examples as the fits read them: texts embedded once, surface features counted once, names as numbers.

use std::collections::{BTreeMap, BTreeSet};

use rewardctl_core::id::ContentId;
use rewardctl_core::random;

use crate::encoder::EMBEDDING;
use crate::error::Error;
use crate::features::{SURFACE, surface, word_count};
use crate::fit::example::{Example, Judgement};

/// All examples.
pub struct Corpus<'a> {
    /// What the numbers in [`Row::dimension`] mean, sorted.
    pub dimensions: Vec<&'a str>,
    /// What the numbers in [`Row::source`] mean, sorted.
    pub sources: Vec<&'a str>,
    /// The embeddings that rows point to.
    pub embeddings: Vec<Vec<f32>>,
    /// One row per example.
    pub rows: Vec<Row<'a>>,
}

/// One example.
pub struct Row<'a> {
    /// Which dimension it speaks of.
    pub dimension: usize,
    /// Which data set it is from.
    pub source: usize,
    /// Rows that share a prompt, directly or through others, share this.
    pub group: ContentId,
    /// The embedding of the prompt.
    pub prompt: usize,
    /// The better response of a pair, or the one that was rated.
    pub first: Side<'a>,
    /// The worse response of a pair.
    pub second: Option<Side<'a>>,
    /// The probability that the first is the better one, or the rating.
    pub target: f64,
}

/// One response.
pub struct Side<'a> {
    /// The text.
    pub text: &'a str,
    /// Its embedding.
    pub embedding: usize,
    /// Its surface features.
    pub surface: [f32; SURFACE],
    /// Its length in words.
    pub words: f64,
}

/// Embeds a text.
pub type Embed<'e> = dyn FnMut(&str) -> Result<Vec<f32>, Error> + 'e;

impl<'a> Corpus<'a> {
    /// Reads `examples`, embedding every distinct text once; `progress` hears how many of how many are done.
    pub fn read(
        examples: &'a [Example],
        embed: &mut Embed<'_>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, Error> {
        let texts: BTreeSet<&str> = examples.iter().flat_map(texts).collect();
        let mut embeddings = Vec::with_capacity(texts.len());
        for (done, text) in texts.iter().enumerate() {
            progress(done, texts.len());
            let embedding = embed(text)?;
            if embedding.len() != EMBEDDING {
                return Err(Error::EmbeddingLength { expected: EMBEDDING, found: embedding.len() });
            }
            embeddings.push(embedding);
        }
        let texts = numbered(texts);
        let dimensions = numbered(examples.iter().map(|example| example.dimension.as_str()).collect());
        let sources = numbered(examples.iter().map(|example| example.source.as_str()).collect());
        let groups = groups(examples);
        let rows = examples.iter().zip(groups).map(|(example, group)| {
            let (first, second, target) = sides(example, &texts);
            let dimension = dimensions[example.dimension.as_str()];
            let source = sources[example.source.as_str()];
            Row { dimension, source, group, prompt: texts[example.prompt.as_str()], first, second, target }
        });
        let rows = rows.collect();
        let names = |numbered: BTreeMap<&'a str, usize>| numbered.into_keys().collect();
        Ok(Self { rows, dimensions: names(dimensions), sources: names(sources), embeddings })
    }

    /// Returns the embedding of a prompt or response.
    pub fn embedding(&self, text: usize) -> &[f32] {
        &self.embeddings[text]
    }
}

impl Row<'_> {
    /// Returns the part of a split into `parts` that this row and all of its group belong to.
    pub fn part(&self, seed: u64, parts: usize) -> usize {
        random::index(seed, "fold", self.group, parts)
    }
}

fn texts(example: &Example) -> [&str; 3] {
    match &example.judgement {
        Judgement::Pair { chosen, rejected, .. } => [&example.prompt, chosen, rejected],
        Judgement::Rating { response, .. } => [&example.prompt, response, response],
    }
}

fn sides<'a>(example: &'a Example, texts: &BTreeMap<&str, usize>) -> (Side<'a>, Option<Side<'a>>, f64) {
    let side = |text: &'a str| Side {
        text,
        embedding: texts[text],
        surface: surface(&example.prompt, text),
        words: word_count(text) as f64,
    };
    match &example.judgement {
        Judgement::Pair { chosen, rejected, strength } => {
            (side(chosen), Some(side(rejected)), f64::midpoint(1.0, *strength))
        }
        Judgement::Rating { response, value } => (side(response), None, *value),
    }
}

fn numbered(names: BTreeSet<&str>) -> BTreeMap<&str, usize> {
    names.into_iter().zip(0..).collect()
}

/// Returns the group of every example: those linked by a group's name or by the text of a prompt belong together.
fn groups(examples: &[Example]) -> Vec<ContentId> {
    let mut leaders: BTreeMap<ContentId, ContentId> = BTreeMap::new();
    let leader = |leaders: &BTreeMap<ContentId, ContentId>, mut id: ContentId| {
        while let Some(next) = leaders.get(&id).filter(|next| **next != id) {
            id = *next;
        }
        id
    };
    let prompt_of = |example: &Example| ContentId::of("prompt", [example.prompt.trim().as_bytes()]);
    for example in examples {
        let Some(name) = &example.group else { continue };
        let prompt = leader(&leaders, prompt_of(example));
        let group = leader(&leaders, ContentId::of("group", [name.as_bytes()]));
        leaders.insert(prompt.max(group), prompt.min(group));
    }
    examples.iter().map(|example| leader(&leaders, prompt_of(example))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(group: Option<&str>, prompt: &str) -> Example {
        Example {
            group: group.map(String::from),
            source: "s".into(),
            dimension: "d".into(),
            prompt: prompt.into(),
            judgement: Judgement::Rating { response: "r".into(), value: 1.0 },
        }
    }

    #[test]
    fn groups_join_over_names_and_prompts() {
        let examples = [
            example(Some("a"), "one"),
            example(Some("a"), "two"),
            example(None, "two "),
            example(Some("b"), "three"),
            example(None, "four"),
            example(Some("b"), "one"),
        ];
        let groups = groups(&examples);
        assert_eq!(groups[0], groups[1]);
        assert_eq!(groups[0], groups[2]);
        assert_eq!(groups[0], groups[3]);
        assert_eq!(groups[0], groups[5]);
        assert_ne!(groups[0], groups[4]);
    }
}
