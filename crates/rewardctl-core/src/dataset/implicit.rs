//! What users did with an answer, as a weak label: a probability that it is good.
//!
//! The numbers are settings, not findings: such signals are noisy (arXiv 2507.23158), never gold, and off by default.

use crate::dataset::recipe::{Combine, ImplicitRule};

/// What one user did, as the input says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acts {
    /// Actions in order: `regenerate`, `edit`, `copy`, `continue`; others count as nothing.
    pub actions: Vec<String>,
    /// `done` or `dismiss`.
    pub reaction: Option<String>,
    /// How long the answer was looked at, in milliseconds.
    pub dwell_ms: Option<u64>,
    /// Who wrote the answer; a reaction counts only to what `llm` wrote, or where nobody says.
    pub source: Option<String>,
}

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal {
    /// The probability that the answer is good.
    pub probability: f64,
}

/// Returns what a user's acts come to; None where none of them means anything, or what users did is left out.
pub fn signal(acts: &Acts, rule: &ImplicitRule) -> Option<Signal> {
    if rule.weight <= 0.0 {
        return None;
    }
    let actions = acts.actions.iter().filter_map(|action| of_action(action, rule));
    let all: Vec<f64> = actions.chain(of_reaction(acts, rule)).collect();
    let last = *all.last()?;
    let probability = match rule.combine {
        Combine::Last => last,
        Combine::LogOdds => {
            let odds: f64 = all.iter().map(|p| (p / (1.0 - p)).ln()).sum();
            1.0 / (1.0 + (-odds).exp())
        }
    };
    Some(Signal { probability })
}

fn of_action(action: &str, rule: &ImplicitRule) -> Option<f64> {
    match action {
        "regenerate" => Some(rule.regenerate),
        "edit" | "edit_response" => Some(rule.edit),
        "copy" | "copy_response" => Some(rule.copy),
        "continue" => Some(rule.continued),
        _ => None,
    }
}

/// A reaction counts within its window alone: all else is unlabelled.
fn of_reaction(acts: &Acts, rule: &ImplicitRule) -> Option<f64> {
    if acts.source.as_deref().is_some_and(|source| source != "llm") {
        return None;
    }
    let dwell = acts.dwell_ms?;
    let [least, most] = rule.done_dwell_ms;
    match acts.reaction.as_deref()? {
        "done" if (least..=most).contains(&dwell) => Some(rule.done),
        "dismiss" if dwell < rule.dismiss_dwell_ms => Some(rule.dismiss),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> ImplicitRule {
        ImplicitRule { weight: 0.5, ..ImplicitRule::default() }
    }

    fn reacted(reaction: &str, dwell_ms: u64, source: &str) -> Option<f64> {
        let acts = Acts {
            reaction: Some(reaction.into()),
            dwell_ms: Some(dwell_ms),
            source: Some(source.into()),
            actions: vec![],
        };
        signal(&acts, &rule()).map(|signal| signal.probability)
    }

    fn acted(actions: &[&str], rule: &ImplicitRule) -> Option<f64> {
        let actions = actions.iter().map(ToString::to_string).collect();
        signal(&Acts { actions, ..Acts::default() }, rule).map(|signal| signal.probability)
    }

    #[test]
    fn windows_have_sharp_edges() {
        let done = |dwell| reacted("done", dwell, "llm").is_some();
        assert_eq!([14_999, 15_000, 120_000, 120_001].map(done), [false, true, true, false]);
        let dismissed = |dwell| reacted("dismiss", dwell, "llm").is_some();
        assert_eq!([4_999, 5_000].map(dismissed), [true, false]);
        assert_eq!(reacted("done", 20_000, "person"), None);
    }

    #[test]
    fn several_signals_add_up_in_log_odds_or_the_last_counts() {
        // Odds 4 · 7/3 · 3/7 = 4, so the probability is 0.8.
        let summed = acted(&["copy", "continue", "edit"], &rule()).unwrap();
        assert!((summed - 0.8).abs() < 1e-12, "{summed}");
        let last = ImplicitRule { combine: Combine::Last, ..rule() };
        assert_eq!(acted(&["copy", "edit"], &last), Some(0.3));
        assert_eq!(acted(&["smile"], &rule()), None);
        assert_eq!(acted(&["copy"], &ImplicitRule::default()), None);
    }
}
