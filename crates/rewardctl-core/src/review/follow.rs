//! What follows when everybody who was asked has spoken: another opinion, a curator, or nothing.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::review::decision::Said;

/// Answers further apart than this, of 1, contradict each other: opposite winners, or three of five stars.
const CONFLICT: f64 = 0.5;

/// A model is confident where it gives this probability or more to one of two.
const CONFIDENT: f64 = 0.9;

/// A model is confident of a rating where its standard deviation is at most this.
const CONFIDENT_DEVIATION: f64 = 0.15;

/// As many people pass a task over before a curator looks at it.
const SKIPS: usize = 2;

/// What the models expect of a question, which nobody sees before deciding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Expected {
    /// The probability that the first of two is better.
    Better(f64),
    /// The reward of the one response, and its standard deviation.
    Reward(f64, f64),
    /// Nothing is known.
    Nothing,
}

/// What was said of a task whose places are all taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// What the answers say.
    pub words: Vec<Said>,
    /// What the models expect.
    pub expected: Expected,
    /// Whether a curator was asked already: there is nobody above.
    pub curated: bool,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Nothing: the task is done.
    Done,
    /// One more person is asked: the only answer was none.
    AskAnother,
    /// One more person is asked: the only answer contradicts confident models.
    SecondOpinion,
    /// A curator decides: people contradict each other, or nobody wants to answer.
    Adjudicate,
}

impl Next {
    /// Returns the name under which it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AskAnother => "ask_another",
            Self::SecondOpinion => "second_opinion",
            Self::Adjudicate => "adjudicate",
        }
    }
}

/// Returns the probability that the first of two rewards is truly the larger, for independent normal errors; None where
/// neither has any.
pub fn probability_better(first: (f64, f64), second: (f64, f64)) -> Option<f64> {
    // Not `hypot`: it alone would ask for a glibc newer than 2.34.
    let deviation = (first.1 * first.1 + second.1 * second.1).sqrt();
    let normal = Normal::standard();
    (deviation > 0.0).then(|| normal.cdf((first.0 - second.0) / deviation))
}

/// Decides what follows.
pub fn next(spoken: &Spoken) -> Next {
    let word = |said: &Said| if let Said::Word(word) = said { Some(*word) } else { None };
    let words: Vec<f64> = spoken.words.iter().filter_map(word).collect();
    if spoken.curated {
        return Next::Done;
    }
    if spoken.words.iter().all(|said| *said == Said::Nothing) {
        return if spoken.words.len() < SKIPS { Next::AskAnother } else { Next::Adjudicate };
    }
    let Some(least) = words.iter().copied().reduce(f64::min) else { return Next::Done };
    let most = words.iter().copied().fold(least, f64::max);
    let is_conflict = most - least > CONFLICT;
    let contradicts = words.len() == 1 && contradicts(words[0], spoken.expected);
    match (is_conflict, contradicts) {
        (true, _) => Next::Adjudicate,
        (false, true) => Next::SecondOpinion,
        (false, false) => Next::Done,
    }
}

fn contradicts(word: f64, expected: Expected) -> bool {
    match expected {
        Expected::Better(chance) => {
            (chance >= CONFIDENT && word == 0.0) || (chance <= 1.0 - CONFIDENT && word == 1.0)
        }
        Expected::Reward(reward, deviation) => {
            deviation <= CONFIDENT_DEVIATION && (word - reward).abs() > CONFLICT
        }
        Expected::Nothing => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[Option<f64>], expected: Expected, next_is: Next) {
        let said = |word: &Option<f64>| word.map_or(Said::Nothing, Said::Word);
        let spoken = Spoken { words: words.iter().map(said).collect(), expected, curated: false };
        assert_eq!(next(&spoken), next_is, "{spoken:?}");
        let curated = Spoken { curated: true, ..spoken };
        assert_eq!(next(&curated), Next::Done);
    }

    #[test]
    fn people_who_agree_are_done() {
        check(&[Some(1.0), Some(1.0)], Expected::Nothing, Next::Done);
        check(&[Some(1.0), Some(0.5)], Expected::Better(0.05), Next::Done);
        check(&[Some(0.75), Some(0.25)], Expected::Nothing, Next::Done);
    }

    #[test]
    fn people_who_contradict_each_other_get_a_curator() {
        check(&[Some(1.0), Some(0.0)], Expected::Nothing, Next::Adjudicate);
        check(&[Some(1.0), Some(0.25), None], Expected::Nothing, Next::Adjudicate);
    }

    #[test]
    fn a_contradicted_model_that_is_confident_gets_a_second_opinion() {
        check(&[Some(0.0)], Expected::Better(0.95), Next::SecondOpinion);
        check(&[Some(0.0)], Expected::Better(0.85), Next::Done);
        check(&[Some(1.0)], Expected::Better(0.05), Next::SecondOpinion);
        check(&[Some(0.0)], Expected::Reward(0.9, 0.1), Next::SecondOpinion);
        check(&[Some(0.0)], Expected::Reward(0.9, 0.3), Next::Done);
    }

    #[test]
    fn what_nobody_answers_goes_to_another_and_then_to_a_curator() {
        check(&[None], Expected::Nothing, Next::AskAnother);
        check(&[None, None], Expected::Nothing, Next::Adjudicate);
        check(&[None, Some(0.0)], Expected::Nothing, Next::Done);
    }

    #[test]
    fn an_answer_that_is_no_number_is_no_skip() {
        for words in [vec![Said::Answered], vec![Said::Nothing, Said::Answered], vec![Said::Answered; 2]] {
            let spoken = Spoken { words, expected: Expected::Nothing, curated: false };
            assert_eq!(next(&spoken), Next::Done, "{spoken:?}");
        }
    }

    #[test]
    fn the_probability_is_the_normal_one() {
        assert_eq!(probability_better((0.7, 0.0), (0.3, 0.0)), None);
        let chance = probability_better((0.7, 0.3), (0.3, 0.4)).unwrap();
        // Φ(0.8)
        assert!((chance - 0.788_144_601_416_603_4).abs() < 1e-9, "{chance}");
    }
}
