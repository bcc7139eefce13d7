//! What people said of the responses to one prompt, with how much stands behind it.
//!
//! An adjudicator outranks a majority, and a majority of two or more a single person. Where most do not agree, nobody
//! said anything.

use std::collections::BTreeMap;

use crate::dataset::Vouch;
use crate::dataset::recipe::PeopleRule;
use crate::id::ResponseId;
use crate::label::{Judgement, Label, Winner, last_words};
use crate::score::Score;

/// Who stands behind a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backing {
    /// The rank of their word.
    pub vouch: Vouch,
    /// How many took part.
    pub annotators: u32,
}

/// How good people find a response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    /// In 0..=1: the adjudicators' mean, else everybody's.
    pub value: f64,
    /// Who says so.
    pub backing: Backing,
}

/// Which of two responses people prefer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preference {
    /// The better one; None for a tie, or where no more than half agree.
    pub preferred: Option<ResponseId>,
    /// How much, in 0..=1: the mean strength of those who agree times their lead in votes.
    pub strength: f64,
    /// Who says so.
    pub backing: Backing,
}

/// What a response should have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correction<'a> {
    /// The response.
    pub response: ResponseId,
    /// The better text.
    pub text: &'a str,
    /// Who says so.
    pub backing: Backing,
}

/// What people said of the responses to one prompt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct People<'a> {
    /// Overall ratings.
    pub ratings: BTreeMap<ResponseId, Rating>,
    /// Comparisons, by pair of responses, the smaller id first.
    pub preferences: BTreeMap<(ResponseId, ResponseId), Preference>,
    /// Corrections, those that stand highest first.
    pub corrections: Vec<Correction<'a>>,
}

/// Sums up labels in the order in which they were given; each person's last word counts.
pub fn said<'a>(labels: &'a [Label], rule: &PeopleRule) -> People<'a> {
    if labels.is_empty() {
        return People::default();
    }
    let labels = last_words(labels);
    let final_word = |label: &Label| rule.adjudicators.contains(&label.annotator);
    People {
        ratings: ratings(&labels, &final_word),
        preferences: preferences(&labels, &final_word),
        corrections: corrections(&labels, &final_word),
    }
}

type FinalWord<'f> = &'f dyn Fn(&Label) -> bool;

/// What adjudicators said, or everything if they said nothing; the mark tells which.
fn heard<T: Copy>(all: &[(T, bool)]) -> (Vec<T>, Backing) {
    let adjudicated: Vec<T> = all.iter().filter(|(_, is_final)| *is_final).map(|(said, _)| *said).collect();
    let backing = |vouch| Backing { vouch, annotators: all.len() as u32 };
    if !adjudicated.is_empty() {
        return (adjudicated, backing(Vouch::Adjudicated));
    }
    let vouch = if all.len() > 1 { Vouch::Majority } else { Vouch::Single };
    (all.iter().map(|(said, _)| *said).collect(), backing(vouch))
}

fn ratings(labels: &[&Label], final_word: FinalWord<'_>) -> BTreeMap<ResponseId, Rating> {
    let mut given: BTreeMap<ResponseId, Vec<(f64, bool)>> = BTreeMap::new();
    for label in labels {
        if let Judgement::Rate { response, value, scale, dimension: None } = &label.judgement
            && let Ok(score) = scale.normalise(*value)
        {
            given.entry(*response).or_default().push((score.get(), final_word(label)));
        }
    }
    let rating = |all: Vec<(f64, bool)>| {
        let (values, backing) = heard(&all);
        Rating { value: values.iter().sum::<f64>() / values.len() as f64, backing }
    };
    given.into_iter().map(|(response, all)| (response, rating(all))).collect()
}

/// The response preferred, None for a tie, and how much.
type Vote = (Option<ResponseId>, f64);

fn preferences(
    labels: &[&Label],
    final_word: FinalWord<'_>,
) -> BTreeMap<(ResponseId, ResponseId), Preference> {
    let mut votes: BTreeMap<(ResponseId, ResponseId), Vec<(Vote, bool)>> = BTreeMap::new();
    for label in labels {
        if let Judgement::Compare { a, b, winner, strength } = &label.judgement {
            let preferred = match winner {
                Winner::A => Some(*a),
                Winner::B => Some(*b),
                Winner::Tie => None,
            };
            let vote = (preferred, strength.map_or(1.0, Score::get));
            votes.entry((*a.min(b), *a.max(b))).or_default().push((vote, final_word(label)));
        }
    }
    votes.into_iter().map(|(pair, votes)| (pair, preference(pair, &votes))).collect()
}

fn preference(pair: (ResponseId, ResponseId), all: &[(Vote, bool)]) -> Preference {
    let (votes, backing) = heard(all);
    let of = |side| votes.iter().filter(move |(preferred, _)| *preferred == Some(side));
    let (first, second) = (of(pair.0).count(), of(pair.1).count());
    let preferred = if first > second { pair.0 } else { pair.1 };
    let agree = first.max(second);
    if 2 * agree <= votes.len() {
        return Preference { preferred: None, strength: 0.0, backing };
    }
    let lead = first.abs_diff(second) as f64 / votes.len() as f64;
    let mean = of(preferred).map(|(_, strength)| strength).sum::<f64>() / agree as f64;
    Preference { preferred: Some(preferred), strength: mean * lead, backing }
}

fn corrections<'a>(labels: &[&'a Label], final_word: FinalWord<'_>) -> Vec<Correction<'a>> {
    let mut texts: BTreeMap<(ResponseId, &'a str), Vec<((), bool)>> = BTreeMap::new();
    for label in labels {
        if let Judgement::Correct { response, text } = &label.judgement {
            texts.entry((*response, text)).or_default().push(((), final_word(label)));
        }
    }
    let correction = |((response, text), all): ((ResponseId, &'a str), Vec<((), bool)>)| Correction {
        response,
        text,
        backing: heard(&all).1,
    };
    let mut found: Vec<Correction<'a>> = texts.into_iter().map(correction).collect();
    found.sort_by_key(|one| one.backing.vouch);
    found
}

#[cfg(test)]
mod tests;
