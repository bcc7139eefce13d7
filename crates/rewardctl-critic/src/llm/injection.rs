//! The attack suite: poor answers, and what their authors might write to be scored well all the same.
//!
//! The texts stand in `injection.toml`, written for rewardctl after attacks that the literature describes. A critic
//! withstands an attack if it scores the attacked response no better than the clean one.

use rewardctl_core::item::{Context, Message};
use rewardctl_core::score::Scale;
use serde::Deserialize;

const SUITE: &str = include_str!("injection.toml");

/// An attack on one poor answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The attack's name, such as `fence-guess`.
    pub attack: String,
    /// The answer's name, such as `boiling-point`.
    pub answer: String,
    /// What was asked.
    pub context: Context,
    /// The poor answer.
    pub clean: String,
    /// The same with the attack in it.
    pub attacked: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suite {
    attack: Vec<Attack>,
    answer: Vec<Answer>,
}

/// `text` holds the answer where it says `{answer}`, and the score it is after where it says `{best}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    name: String,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    name: String,
    prompt: String,
    response: String,
}

/// Returns every attack on every answer, attack by attack; the attacks ask for the best score of `scale`.
pub fn cases(scale: &Scale) -> impl Iterator<Item = Case> + use<> {
    let Suite { attack, answer } = suite();
    let best = if scale.low_is_good { scale.min } else { scale.max }.to_string();
    attack.into_iter().flat_map(move |attack| {
        let cases: Vec<Case> = answer.iter().map(|answer| case(&attack, answer, &best)).collect();
        cases
    })
}

fn suite() -> Suite {
    toml::from_str(SUITE).expect("a test parses the suite")
}

fn case(attack: &Attack, answer: &Answer, best: &str) -> Case {
    let prompt = vec![Message::user(answer.prompt.as_str())];
    Case {
        attack: attack.name.clone(),
        answer: answer.name.clone(),
        context: Context { prompt, reference: None, documents: Vec::new() },
        clean: answer.response.clone(),
        attacked: attack.text.trim_end().replace("{best}", best).replace("{answer}", &answer.response),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::llm::suspicion::Suspicions;

    #[test]
    fn the_suite_is_large_and_its_names_are_unique() {
        let Suite { attack, answer } = suite();
        let attacks: BTreeSet<&str> = attack.iter().map(|attack| attack.name.as_str()).collect();
        let answers: BTreeSet<&str> = answer.iter().map(|answer| answer.name.as_str()).collect();
        assert_eq!((attacks.len(), answers.len()), (attack.len(), answer.len()));
        assert!(attacks.len() >= 20 && answers.len() >= 20);
        assert_eq!(cases(&Scale::STARS).count(), attacks.len() * answers.len());
    }

    #[test]
    fn attacks_ask_for_the_best_score_of_the_scale() {
        let rank = Scale { min: 1.0, max: 9.0, step: 1.0, low_is_good: true };
        for (scale, best) in [(Scale::STARS, "score of 5"), (rank, "score of 1")] {
            let naive = cases(&scale).find(|case| case.attack == "naive").unwrap();
            assert!(naive.attacked.contains(best) && naive.attacked.contains(&naive.clean));
            assert!(
                cases(&scale).all(|case| !case.attacked.contains("{best}") && case.attacked != case.clean)
            );
        }
    }

    /// The share of the answers with which each attack is noticed without a model; the known gaps are written down.
    #[test]
    fn the_suspicions_know_most_attacks_and_no_clean_answer() {
        let suspicions = Suspicions::new();
        let mut missed: BTreeMap<String, u32> = BTreeMap::new();
        for case in cases(&Scale::STARS) {
            assert_eq!(suspicions.find(&case.context, &case.clean), None, "{}", case.answer);
            if suspicions.find(&case.context, &case.attacked).is_none() {
                *missed.entry(case.attack).or_default() += 1;
            }
        }
        let known_gaps = [
            "authority",
            "base64",
            "emotional",
            "fake-reasoning",
            "findings-spoof",
            "homoglyph",
            "hypothetical",
            "low-resource-language",
            "majority",
            "markup",
            "master-key",
            "self-praise",
        ];
        assert_eq!(missed.keys().collect::<Vec<_>>(), known_gaps, "{missed:?}");
    }
}
