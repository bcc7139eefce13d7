//! Verdicts as distributions: the probabilities of the tokens that spell them.
//!
//! After G-Eval (arXiv 2303.16634): s = Σ k·p_k over the legal values k, with p_k renormalised, says more than the one
//! value that was sampled. Its variance is Σ (k − s)²·p_k. The mass m, the sum of p_k before renormalising, says how
//! much of the model's belief is in legal values at all; a low one means that the reply is no verdict.

use std::{collections::BTreeMap, ops::Range};

use rewardctl_core::score::Scale;

use crate::llm::reply::{
    Reading,
    content::{Source, after_thoughts},
    score::located_score,
    side,
    value::{Ruler, number},
    winner::{Winner, located_winner},
};

/// More legal values than this are no rating scale.
const MAX_VALUES: usize = 101;
/// Belief in tokens of which it cannot be told what they spell, above which there is no answer.
const MAX_UNCLEAR: f64 = 0.01;

/// A token of the reply and what stood in its place as an alternative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position<'a> {
    /// The token sampled.
    pub text: &'a str,
    /// ln p of it.
    pub logprob: f64,
    /// The likeliest tokens and their ln p; may include the one sampled.
    pub top: &'a [(String, f64)],
}

/// What a model believes the score to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Each legal value with a probability, renormalised over the legal values, in ascending order.
    pub values: Vec<(f64, f64)>,
    /// Their mean.
    pub mean: f64,
    /// Their variance, in squared units of the scale.
    pub variance: f64,
    /// The probability of all legal values together before renormalising, in 0..=1.
    pub mass: f64,
}

/// What a model believes of two responses; the three probabilities sum to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Odds {
    /// That the first is better.
    pub a: f64,
    /// That the second is better.
    pub b: f64,
    /// That neither is.
    pub tie: f64,
    /// The probability of all three together before renormalising, in 0..=1.
    pub mass: f64,
}

/// Returns the distribution of the score at the place where the reply gives it.
///
/// None if there is no verdict, no alternatives were reported, the scale is not one of whole numbers, or a value that
/// takes several tokens cannot be told from another: on 1 to 10, a tokenizer of single digits leaves it open whether
/// the alternative `1` would have become 10.
pub fn from_tokens(tokens: &[Position<'_>], scale: &Scale) -> Option<Distribution> {
    let literals = literals(scale)?;
    let ruler = Ruler { scale, levels: &[] };
    let (at, chars) = locate(tokens, |text| match located_score(Source::Text, text, &ruler) {
        Reading::Value(located) => Some(located.span),
        _ => None,
    })?;
    let place = &tokens[at];
    let chosen = digits(place.text)?;
    let is_split = chosen.chars().count() < chars;
    let whole_numbers = has_whole_numbers(tokens, place);
    if is_split && whole_numbers {
        return None;
    }
    let mut tally = Tally { literals: &literals, masses: BTreeMap::new(), unclear: 0.0 };
    for (text, p) in alternatives(place)? {
        let Some(digits) = digits(text) else { continue };
        let may_go_on = !whole_numbers && tally.begins_longer(&digits);
        match may_go_on {
            false => tally.add(&digits, p),
            true if text == place.text => tally.add_split(&digits, p, tokens.get(at + 1)?)?,
            true => tally.unclear += p,
        }
    }
    tally.distribution()
}

/// Returns the odds at the place where the reply names the better response; None if it names none with one token.
pub fn winner_from_tokens(tokens: &[Position<'_>]) -> Option<Odds> {
    let (at, chars) = locate(tokens, |text| match located_winner(Source::Text, text) {
        Reading::Value((preference, span)) if preference.strength.is_none() => Some(span),
        _ => None,
    })?;
    let place = &tokens[at];
    let chosen = bare(place.text);
    if chosen.chars().count() != chars {
        return None;
    }
    let family = Family::of(chosen)?;
    let mut masses: BTreeMap<Winner, f64> = BTreeMap::new();
    for (text, p) in alternatives(place)? {
        let name = bare(text);
        let choice = if Family::of(name) == Some(family) { side::whole(name) } else { None };
        if let Some((choice, _)) = choice {
            *masses.entry(choice.winner).or_default() += p;
        }
    }
    let mass: f64 = masses.values().sum();
    let share = |winner| masses.get(&winner).copied().unwrap_or_default() / mass;
    (mass > 0.0).then(|| Odds {
        a: share(Winner::A),
        b: share(Winner::B),
        tie: share(Winner::Tie),
        mass: mass.min(1.0),
    })
}

/// Finds the token in which the verdict begins, and the verdict's length in characters; only quotes, brackets and
/// space may stand before it in that token.
fn locate(
    tokens: &[Position<'_>],
    verdict: impl FnOnce(&str) -> Option<Range<usize>>,
) -> Option<(usize, usize)> {
    let text: String = tokens.iter().map(|token| token.text).collect();
    let spoken = after_thoughts(&text)?;
    // What is spoken is the end of the text, trimmed.
    let offset = text.trim_end().len() - spoken.len();
    let span = verdict(spoken)?;
    let (start, end) = (span.start + offset, span.end + offset);
    let mut before = 0;
    for (at, token) in tokens.iter().enumerate() {
        let after = before + token.text.len();
        if start < after {
            let lead = token.text.get(..start - before)?;
            let chars = text.get(start..end)?.chars().count();
            return bare(lead).is_empty().then_some((at, chars));
        }
        before = after;
    }
    None
}

/// Returns each token that might have stood at `place`, once, with its probability; None without alternatives.
fn alternatives<'a>(place: &Position<'a>) -> Option<BTreeMap<&'a str, f64>> {
    if place.top.is_empty() {
        return None;
    }
    let mut found = BTreeMap::new();
    let top = place.top.iter().map(|(text, logprob)| (text.as_str(), *logprob));
    for (text, logprob) in top.chain([(place.text, place.logprob)]) {
        if logprob.is_nan() || logprob > 1e-3 {
            return None;
        }
        let p: &mut f64 = found.entry(text).or_default();
        *p = p.max(logprob.min(0.0).exp());
    }
    Some(found)
}

/// Strips what tokenizers join to a value: space, quotes, brackets, emphasis, what ends a sentence.
fn bare(token: &str) -> &str {
    token.trim_matches(|next: char| next.is_whitespace() || "\"'“”‘’`*_[](){}:,.".contains(next))
}

/// Returns the number that a token spells, in ASCII digits.
fn digits(token: &str) -> Option<String> {
    let bare = bare(token);
    let is_digits =
        !bare.is_empty() && bare.chars().all(|next| next.is_ascii_digit() || ('０'..='９').contains(&next));
    // A point inside the token was trimmed at its ends only, so what is left is whole.
    is_digits.then(|| number(bare)).flatten().map(|value| value.to_string())
}

/// Spells the legal values of `scale`; None unless they are whole numbers from 0 up.
fn literals(scale: &Scale) -> Option<BTreeMap<String, f64>> {
    let Scale { min, max, step, .. } = *scale;
    let is_whole = min.fract() == 0.0 && step.fract() == 0.0 && min >= 0.0 && step >= 1.0;
    let count = (max - min) / step + 1.0;
    if !is_whole || !(2.0..=MAX_VALUES as f64).contains(&count) {
        return None;
    }
    let values = (0..count as usize).map(|index| min + index as f64 * step);
    Some(values.map(|value| (value.to_string(), value)).collect())
}

/// Tells whether the tokenizer has tokens of several digits, as seen in this reply.
fn has_whole_numbers(tokens: &[Position<'_>], place: &Position<'_>) -> bool {
    let top = place.top.iter().map(|(text, _)| text.as_str());
    let mut seen = tokens.iter().map(|token| token.text).chain(top);
    seen.any(|text| {
        let bare = bare(text);
        bare.len() > 1 && bare.bytes().all(|next| next.is_ascii_digit())
    })
}

struct Tally<'a> {
    literals: &'a BTreeMap<String, f64>,
    masses: BTreeMap<&'a str, f64>,
    unclear: f64,
}

impl Tally<'_> {
    fn begins_longer(&self, digits: &str) -> bool {
        self.literals.keys().any(|literal| literal.len() > digits.len() && literal.starts_with(digits))
    }

    fn add(&mut self, digits: &str, p: f64) {
        if let Some((literal, _)) = self.literals.get_key_value(digits) {
            *self.masses.entry(literal).or_default() += p;
        }
    }

    /// Divides the belief in `digits` by what the next token makes of it.
    fn add_split(&mut self, digits: &str, p: f64, next: &Position<'_>) -> Option<()> {
        for (text, q) in alternatives(next)? {
            let more: String = text.chars().take_while(char::is_ascii_digit).collect();
            let literal = format!("{digits}{more}");
            if !more.is_empty() && self.begins_longer(&literal) {
                self.unclear += p * q;
            } else {
                self.add(&literal, p * q);
            }
        }
        Some(())
    }

    fn distribution(self) -> Option<Distribution> {
        let mass: f64 = self.masses.values().sum();
        if mass <= 0.0 || self.unclear > MAX_UNCLEAR {
            return None;
        }
        let mut values: Vec<_> =
            self.masses.iter().map(|(literal, p)| (self.literals[*literal], p / mass)).collect();
        values.sort_by(|left, right| left.0.total_cmp(&right.0));
        let mean: f64 = values.iter().map(|(value, p)| value * p).sum();
        let variance = values.iter().map(|(value, p)| (value - mean).powi(2) * p).sum();
        Some(Distribution { values, mean, variance, mass: mass.min(1.0) })
    }
}

/// How sides are named; alternatives of another kind are other words, not other verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Letters,
    Digits,
    Cases,
}

impl Family {
    fn of(name: &str) -> Option<Self> {
        match name {
            "m" | "M" => Some(Self::Cases),
            "1" | "2" | "3" => Some(Self::Digits),
            "a" | "b" | "c" | "A" | "B" | "C" => Some(Self::Letters),
            _ if name.eq_ignore_ascii_case("tie") => Some(Self::Letters),
            _ => None,
        }
    }
}
