//! Draws: the replies to one question, read into one number with its variance, or into the reason why there is none.

use rewardctl_core::id::ContentId;
use rewardctl_core::score::Scale;
use rewardctl_core::verdict::{Evidence, Method, Outcome};
use rewardctl_critic::llm::completion::{CallFailure, Retry};
use rewardctl_critic::llm::reply::Reading;
use rewardctl_critic::llm::reply::samples::mean_of;

/// What was read from one reply.
#[derive(Debug, Clone)]
pub struct Draw {
    /// The call that it came from.
    pub call: ContentId,
    /// What it says.
    pub reading: Reading,
}

/// What all replies to one question come to.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The score, or why there is none.
    pub outcome: Outcome,
    /// The model's words for it.
    pub rationale: String,
    /// Where it was read from.
    pub evidence: Evidence,
}

/// The mean and variance of a score's token probabilities, on the critic's scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probabilities {
    /// The mean.
    pub mean: f64,
    /// The variance of one draw.
    pub variance: f64,
}

/// Sums up one reply of which the token probabilities are known.
pub fn from_probabilities(scale: &Scale, found: Probabilities, rationale: &str, call: ContentId) -> Drawn {
    let outcome = scored(scale, found.mean, Some(found.variance));
    Drawn {
        outcome,
        rationale: rationale.into(),
        evidence: Evidence { method: Method::Probabilities, calls: vec![call], bouts: vec![] },
    }
}

/// Sums up the replies to one question: the mean of those that can be read, if they are at least half of `asked`.
pub fn from_replies(scale: &Scale, draws: &[Draw], asked: usize) -> Drawn {
    let values: Vec<f64> = draws.iter().filter_map(value).collect();
    let method = if asked > 1 { Method::Samples } else { Method::Single };
    let mut calls: Vec<ContentId> = vec![];
    for draw in draws {
        // Between the draws of one call may stand the repair of another.
        if !calls.contains(&draw.call) {
            calls.push(draw.call);
        }
    }
    let evidence = Evidence { method, calls, bouts: vec![] };
    match mean_of(&values).filter(|_| 2 * values.len() >= asked) {
        Some(mean) => Drawn {
            outcome: scored(scale, mean.mean, mean.variance),
            rationale: nearest_rationale(draws, mean.mean),
            evidence,
        },
        None => Drawn { outcome: no_score(draws, asked), rationale: String::new(), evidence },
    }
}

/// Sums up a call that brought no reply.
pub fn failed_call(failure: &CallFailure, calls: Vec<ContentId>) -> Drawn {
    let retryable = matches!(failure.retry, Retry::Later { .. });
    Drawn {
        outcome: Outcome::Failed { reason: failure.reason.clone(), retryable },
        rationale: String::new(),
        evidence: Evidence { method: Method::Single, calls, bouts: vec![] },
    }
}

fn scored(scale: &Scale, mean: f64, variance: Option<f64>) -> Outcome {
    match scale.normalise_mean(mean, variance) {
        Some((score, variance)) => Outcome::Scored { score, variance },
        None => failed(format!("`{mean}` is not on the scale")),
    }
}

fn value(draw: &Draw) -> Option<f64> {
    match &draw.reading {
        Reading::Value(parsed) => Some(parsed.value),
        _ => None,
    }
}

/// Returns what the reply nearest to the mean says for itself.
fn nearest_rationale(draws: &[Draw], mean: f64) -> String {
    let parsed = draws.iter().filter_map(|draw| match &draw.reading {
        Reading::Value(parsed) => Some(parsed),
        _ => None,
    });
    let nearest = parsed.min_by(|a, b| (a.value - mean).abs().total_cmp(&(b.value - mean).abs()));
    nearest.map_or(String::new(), |parsed| parsed.rationale.clone())
}

/// Returns why there is no score: the model abstains if most of its replies that have no value do.
fn no_score(draws: &[Draw], asked: usize) -> Outcome {
    let read = draws.iter().filter_map(value).count();
    let mut reasons: Vec<(&str, String, bool)> = vec![];
    for draw in draws {
        reasons.extend(match &draw.reading {
            Reading::Value(_) => None,
            Reading::NotApplicable { reason } => Some(("not applicable", reason.clone(), true)),
            Reading::Refused { reason } => Some(("the model refused", reason.clone(), true)),
            Reading::Cut { reason } => Some(("the reply was cut off", reason.clone(), false)),
            Reading::Unparsable { reason } => Some(("the reply has no verdict", reason.clone(), false)),
        });
    }
    let abstaining = reasons.iter().filter(|(_, _, abstains)| *abstains).count();
    let abstains = 2 * abstaining > reasons.len();
    let Some((kind, reason, _)) = reasons.into_iter().find(|(_, _, one)| *one == abstains) else {
        return failed("no reply came".into());
    };
    let counted =
        if asked > 1 { format!(" ({read} of {asked} replies have a score)") } else { String::new() };
    let reason = format!("{kind}: {reason}{counted}");
    if abstains { Outcome::Abstained { reason } } else { failed(reason) }
}

fn failed(reason: String) -> Outcome {
    // The same request would be answered from the ledger: asking again helps nothing.
    Outcome::Failed { reason, retryable: false }
}

#[cfg(test)]
mod tests {
    use rewardctl_critic::llm::reply::{How, Parsed};

    use super::*;

    #[test]
    fn a_call_of_several_draws_is_named_once_though_a_repair_stands_between_them() {
        let [all, repair] = ["all", "repair"].map(|name| ContentId::of("call", [name.as_bytes()]));
        let draw = |call| {
            let parsed = Parsed { value: 3.0, rationale: String::new(), how: How::Json };
            Draw { call, reading: Reading::Value(parsed) }
        };
        let scale = Scale { min: 1.0, max: 5.0, step: 1.0, low_is_good: false };
        let drawn = from_replies(&scale, &[draw(all), draw(repair), draw(all)], 3);
        assert_eq!(drawn.evidence.calls, [all, repair]);
    }
}
