//! What the tests of the fits share: examples with a planted preference, and embeddings made of letters.

use std::sync::LazyLock;

use crate::encoder::EMBEDDING;
use crate::error::Error;
use crate::fit::corpus::Corpus;
use crate::fit::example::{Example, Judgement};
use crate::fit::{TrainSettings, Trained, train};

/// A model fitted on [`planted`] examples for the encoder `aa`; fitting takes seconds, so tests share it.
pub static TRAINED: LazyLock<Trained> = LazyLock::new(|| fit(&planted(60)).unwrap());

/// Fits `examples` with the seed 7.
pub fn fit(examples: &[Example]) -> Result<Trained, Error> {
    let settings = TrainSettings {
        seed: 7,
        name: "test-heads".into(),
        version: "1".into(),
        licence: "MIT".into(),
        encoder: "aa".into(),
        command: "rewardctl train text --data train.jsonl --seed 7 --out heads".into(),
        notice: "## Data\n\nMade up.".into(),
    };
    train(examples, &mut embed, &settings, &mut |_| {})
}

/// Returns a pair of the source `test`.
pub fn pair(prompt: &str, chosen: &str, rejected: &str, strength: f64) -> Example {
    example(prompt, Judgement::Pair { chosen: chosen.into(), rejected: rejected.into(), strength })
}

/// Returns a rating of the source `test`.
pub fn rating(prompt: &str, response: &str, value: f64) -> Example {
    example(prompt, Judgement::Rating { response: response.into(), value })
}

/// Returns the examples as a corpus.
pub fn corpus(examples: &[Example]) -> Corpus<'_> {
    Corpus::read(examples, &mut embed, &mut |_, _| {}).unwrap()
}

/// Embeds a text as the normalised counts of its bytes, by value and place.
pub fn embed(text: &str) -> Result<Vec<f32>, Error> {
    let mut vector = vec![0.0f32; EMBEDDING];
    for (at, byte) in text.bytes().enumerate() {
        vector[(usize::from(byte) * 31 + at % 3) % EMBEDDING] += 1.0;
    }
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
    Ok(vector.into_iter().map(|value| value / norm).collect())
}

/// Returns `count` examples over as many prompts: who thanks is preferred, or rated higher.
pub fn planted(count: usize) -> Vec<Example> {
    let word = |n: usize| ["river", "stone", "cloud", "bread", "violin", "harbour", "winter"][n % 7];
    let of = |n: usize| {
        let prompt = format!("What is a {} of {}, number {n}?", word(n), word(n / 7));
        let plain = format!("It is a {} that {} people know.", word(n + 1), n);
        let kind = format!("It is a {}, thank you for asking, and {} people know.", word(n + 2), n + 1);
        match n % 3 {
            0 => rating(&prompt, &kind, 0.9),
            1 => rating(&prompt, &plain, 0.2),
            _ => pair(&prompt, &kind, &plain, 1.0),
        }
    };
    (0..count).map(of).collect()
}

fn example(prompt: &str, judgement: Judgement) -> Example {
    Example {
        group: None,
        source: "test".into(),
        dimension: "style".into(),
        prompt: prompt.into(),
        judgement,
    }
}
