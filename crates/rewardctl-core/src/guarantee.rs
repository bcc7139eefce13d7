//! Selective prediction with a guarantee: from which confidence on answers may be accepted without a person.
//!
//! The claim: with probability 1 − δ over the draw of the calibration stream, at most a share α of what is accepted is
//! wrong. It holds where the stream is a uniformly random sample of what is going to be accepted, and the model was not
//! fitted on the stream. Labels that were chosen for what they teach are no such sample; the caller keeps them out.
//!
//! Reference: fixed-sequence testing of confidence thresholds, as in arXiv 2407.18370, with the bounds of Clopper and
//! Pearson, and with two starts, between which δ is shared (the fallback procedure of B. L. Wiens, Pharmaceutical
//! Statistics 2, 2003; arXiv 2110.01052 has it for risks). Thresholds are tested from the most confident on; one that
//! fails uses up its part of δ, one that holds passes it on. So no further correction for many tests is needed.
//!
//! A sequence that starts at the fewest answers that could prove anything ends at the first error among them, and even a
//! good model makes one.

use serde::Serialize;

use crate::clopper_pearson;
use crate::proportion::Proportion;

/// One answer of the calibration stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// How sure the model was before the label was known; any finite scale, higher is surer.
    pub confidence: f64,
    /// Whether the label agreed.
    pub correct: bool,
}

/// What is to be guaranteed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Aim {
    /// α: the share of errors among accepted answers that must not be passed, in 0..1.
    pub error: f64,
    /// δ: the chance that the promise fails, in 0..1.
    pub risk: f64,
}

/// A threshold with what is promised of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Guarantee {
    /// Answers with this confidence or more are accepted.
    pub threshold: f64,
    /// How many of the calibration stream that is.
    pub kept: Proportion,
    /// How many of those were wrong.
    pub errors: Proportion,
    /// The upper bound of the share of errors, at most α.
    pub bound: f64,
    /// What was asked for.
    pub aim: Aim,
}

/// Why nothing can be guaranteed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NoGuarantee {
    /// α or δ is no chance.
    #[error("error {error} and risk {risk} must both lie between 0 and 1, both excluded")]
    Aim {
        /// The share of errors that was asked for.
        error: f64,
        /// The risk that was asked for.
        risk: f64,
    },
    /// A confidence is no number.
    #[error("the confidence of calibration answer {at} is not a finite number")]
    Confidence {
        /// Its place in the stream, from 0.
        at: usize,
    },
    /// Even without any error so few answers prove nothing.
    #[error("{have} random calibration labels are too few: {need} without an error are the least")]
    TooFew {
        /// How many there are.
        have: usize,
        /// How many it takes.
        need: usize,
    },
    /// The most confident answers are wrong too often.
    #[error(
        "{} of the {} most confident calibration answers are wrong: the error may be up to {bound:.3}",
        errors.hits, errors.count
    )]
    TooManyErrors {
        /// How many of the most confident answers were wrong, where the last test failed.
        errors: Proportion,
        /// The upper bound of the share of errors.
        bound: f64,
    },
}

/// Returns the least number of calibration answers that prove `aim` if all are correct: `⌈ln δ / ln(1 − α)⌉`.
///
/// None where α or δ is not between 0 and 1.
pub fn least(aim: Aim) -> Option<usize> {
    let chance = |value: f64| value > 0.0 && value < 1.0;
    if !chance(aim.error) || !chance(aim.risk) {
        return None;
    }
    let count = (aim.risk.ln() / (-aim.error).ln_1p()).ceil();
    // A rounding error must not make a bound miss α by a hair.
    let proves = |count: f64| clopper_pearson::at_most(none_of(count), aim.error) <= aim.risk;
    Some(if proves(count) { count } else { count + 1.0 } as usize)
}

/// Returns the lowest threshold that is proven on `stream`, whatever its order.
///
/// Thresholds are the confidences of the stream, from the highest on, answers of equal confidence together. Of each, the
/// hypothesis "the share of errors is above α" is tested at the level at hand: it is rejected where the upper bound of
/// the errors at that level is at most α.
pub fn guarantee(stream: &[Judged], aim: Aim) -> Result<Guarantee, NoGuarantee> {
    let need = least(aim).ok_or(NoGuarantee::Aim { error: aim.error, risk: aim.risk })?;
    if let Some(at) = stream.iter().position(|judged| !judged.confidence.is_finite()) {
        return Err(NoGuarantee::Confidence { at });
    }
    if stream.len() < need {
        return Err(NoGuarantee::TooFew { have: stream.len(), need });
    }
    let (mut starts, mut level) = (starts(stream.len(), need, aim), 0.0);
    let (mut proven, mut failed) = (None, Proportion::default());
    for (threshold, errors) in steps(stream) {
        while let Some(start) = starts.pop_if(|start| start.kept as u64 <= errors.count) {
            level += start.level;
        }
        if level > 0.0 && clopper_pearson::at_most(errors, aim.error) <= level {
            proven = Some((threshold, errors, level));
        } else if level > 0.0 {
            (failed, level) = (errors, 0.0);
        }
    }
    let bound = clopper_pearson::upper(failed, aim.risk);
    let (threshold, errors, level) = proven.ok_or(NoGuarantee::TooManyErrors { errors: failed, bound })?;
    let kept = Proportion { hits: errors.count, count: stream.len() as u64 };
    let bound = clopper_pearson::upper(errors, level).min(aim.error);
    Ok(Guarantee { threshold, kept, errors, bound, aim })
}

/// Where a part of δ comes in.
struct Start {
    /// From so many kept answers on.
    kept: usize,
    level: f64,
}

/// The part of δ that is spent on the most confident answers, for models that are good on few.
const EARLY: f64 = 0.2;
/// An early start waits for as many answers as hold this many errors at α, so that one error is not the end.
const EXPECTED_ERRORS: f64 = 4.0;

/// Returns the starts, the latest first. They follow from the number of answers alone, never from their errors.
fn starts(count: usize, need: usize, aim: Aim) -> Vec<Start> {
    let share = |part: f64| Aim { risk: part * aim.risk, ..aim };
    let proves = |part: f64| least(share(part)).unwrap_or(need);
    let early = ((EXPECTED_ERRORS / aim.error).ceil() as usize).max(proves(EARLY));
    let late = (count / 2).max(proves(1.0 - EARLY));
    if early >= late {
        return vec![Start { kept: (count / 2).max(need), level: aim.risk }];
    }
    vec![
        Start { kept: late, level: (1.0 - EARLY) * aim.risk },
        Start { kept: early, level: EARLY * aim.risk },
    ]
}

/// Returns every distinct confidence from the highest on, with the errors among the answers that it keeps.
fn steps(stream: &[Judged]) -> Vec<(f64, Proportion)> {
    let mut sorted = stream.to_vec();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let (mut steps, mut errors): (Vec<(f64, Proportion)>, _) = (vec![], Proportion::default());
    for judged in sorted {
        errors.add(!judged.correct);
        match steps.last_mut() {
            Some(last) if last.0 == judged.confidence => last.1 = errors,
            _ => steps.push((judged.confidence, errors)),
        }
    }
    steps
}

fn none_of(count: f64) -> Proportion {
    Proportion { hits: 0, count: count as u64 }
}

#[cfg(test)]
mod tests;
