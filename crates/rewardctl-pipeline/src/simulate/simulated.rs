//! Questions of a simulated world.

use rewardctl_core::id::ContentId;
use rewardctl_core::replay::Question;
use rewardctl_core::stream::Stream;
use rewardctl_core::worlds::{CRITICS, Pair, TEXT, World, draw};
use rewardctl_model::learn::rows::Rows;

/// Pairs of a world: one half to ask about, the other to test on.
pub(crate) const PAIRS: usize = 2400;
/// How often one pair can be asked.
const PEOPLE: usize = 2;
/// The standard deviation of the prior's margins, as fits of responses have it.
const MARGIN_DEVIATION: f64 = 1.5;

/// Draws the pairs and what people say of them.
pub(crate) fn questions(world: World, seed: u64) -> Vec<Question> {
    let mut stream = Stream::of(seed, "people", 0);
    draw(world, PAIRS, seed)
        .into_iter()
        .enumerate()
        .map(|(at, pair)| question(at, pair, &mut stream))
        .collect()
}

/// Returns the rows, with a prior that trusts all critics alike and knows nothing of the text.
pub(crate) fn rows(questions: &[Question]) -> Option<Rows<'static>> {
    let rows: Vec<&[f64]> = questions.iter().map(|question| question.difference.as_slice()).collect();
    let sum = |row: &&[f64]| row[..CRITICS].iter().sum::<f64>();
    let squares: f64 = rows.iter().map(|row| sum(row).powi(2)).sum();
    let deviation = (squares / rows.len() as f64).sqrt();
    let mut direction = vec![0.0; CRITICS + TEXT];
    direction[..CRITICS].fill(MARGIN_DEVIATION / deviation);
    Rows::new(&rows, direction, CRITICS)
}

fn question(at: usize, pair: Pair, stream: &mut Stream) -> Question {
    let answers = (0..PEOPLE).map(|_| f64::from(u8::from(pair.label(stream)))).collect();
    Question {
        id: ContentId::of("simulated pair", [(at as u64).to_le_bytes().as_slice()]),
        prompt: at,
        cluster: Some(pair.cluster),
        embedding: Some(pair.difference[CRITICS..].to_vec()),
        disagreement: deviation(&pair.difference[..CRITICS]),
        difference: pair.difference,
        answers,
        truth: pair.chance,
    }
}

/// Returns the standard deviation of what critics say; 0 of fewer than two.
pub(crate) fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    if count < 2.0 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}
