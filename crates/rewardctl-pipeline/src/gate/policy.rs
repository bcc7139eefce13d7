//! Policies: what must hold of rewarded responses, as the table `[gate]` or a file of its own says it.

use std::collections::BTreeMap;

use rewardctl_core::gate::PassIf;
use rewardctl_core::multiplicity::Correction;
use rewardctl_core::power::{Promise, Sides};
use serde::{Deserialize, Serialize};

use crate::rewarded::error::Error;

/// The margin of the check against a baseline where there is no rule at all.
pub const DEFAULT_MARGIN: f64 = 0.02;

/// What must hold, and how it is decided.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Policy {
    /// The chance of a wrong pass of the gate, and of a wrong fail.
    pub alpha: f64,
    /// The chance with which what matters should be found; below it the gate warns that the sample is too small.
    pub power: f64,
    /// How the slices of a threshold are kept from failing by chance.
    pub correction: Correction,
    /// On whom the burden of proof lies.
    pub pass_if: PassIf,
    /// The same for the values of `by`: small slices show little, but what they refute counts.
    pub by_pass_if: PassIf,
    /// Prompts of the baseline that are gone.
    pub removed: Absent,
    /// Dimensions that had nothing to judge, though the response has a reward.
    pub abstained: Absent,
    /// Fields: every rule is also held against each value of them; `model` is the one that wrote the response.
    pub by: Vec<String>,
    /// Whether LLM critics must have been compared with people.
    pub require_calibrated: bool,
    /// The rules.
    pub rule: Vec<Rule>,
}

/// What is done with what is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// It counts as the worst that it could be.
    #[default]
    Worst,
    /// It is left out, and counted.
    LeaveOut,
}

/// What must hold of some responses.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Rule {
    /// What reports call it.
    pub name: Option<String>,
    /// The dimension whose scores count; else the reward.
    pub dimension: Option<String>,
    /// The model that wrote the responses.
    pub model: Option<String>,
    /// Fields with the values that rows must have.
    #[serde(rename = "where")]
    pub fields: BTreeMap<String, String>,
    /// A score counts as 1 from here on, else as 0; the other thresholds are then of shares.
    pub pass_at: Option<f64>,
    /// The least mean.
    pub min_mean: Option<f64>,
    /// A share of responses, and what all but that share must reach.
    pub min_quantile: Option<Quantile>,
    /// The greatest share of responses with a failed verdict or without a score.
    pub max_fail_rate: Option<f64>,
    /// The most by which the mean may fall below the baseline's.
    pub max_regression: Option<f64>,
    /// The greatest mean uncertainty of the rewards.
    pub max_uncertainty: Option<f64>,
    /// Items, by their ids, whose responses must all reach `min-score`.
    pub must_pass: Vec<String>,
    /// What `must-pass` items must reach.
    pub min_score: Option<f64>,
}

/// What all but a share of responses must reach.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Quantile {
    /// The share that may be worse, in 0..1.
    pub share: f64,
    /// What the others must reach.
    pub score: f64,
}

/// What `must-pass` items must reach where the rule does not say.
pub const DEFAULT_MIN_SCORE: f64 = 0.5;

impl Default for Policy {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            power: 0.8,
            correction: Correction::Holm,
            pass_if: PassIf::Shown,
            by_pass_if: PassIf::NotRefuted,
            removed: Absent::Worst,
            abstained: Absent::Worst,
            by: vec![],
            require_calibrated: false,
            rule: vec![],
        }
    }
}

impl Policy {
    /// Reads a file that holds a policy, as the table `gate` or without it; errors call it `name`.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            gate: Policy,
        }
        let failed = |source| Error::ParsePolicy { policy: name.into(), source: Box::new(source) };
        let has_table = toml::from_str::<toml::Table>(text).map_err(failed)?.contains_key("gate");
        match has_table {
            true => toml::from_str::<File>(text).map(|file| file.gate).map_err(failed),
            false => toml::from_str(text).map_err(failed),
        }
    }

    /// Returns what the tests promise.
    pub fn promise(&self) -> Promise {
        Promise { alpha: self.alpha, power: self.power, sides: Sides::One }
    }

    /// Refuses thresholds that are out of their range, and rules without any. (What any response keeps, such as a mean of 0,
    /// is accepted: whoever writes it down means it.)
    pub fn check(&self) -> Result<(), Error> {
        if let Some(fault) = self.promise().fault() {
            return Err(wrong("the policy", fault));
        }
        self.rule.iter().zip(self.titles()).try_for_each(|(rule, title)| rule.check(&title))
    }

    /// Returns what reports call the rules: no two the same.
    pub fn titles(&self) -> Vec<String> {
        let mut titles: Vec<String> = vec![];
        for rule in &self.rule {
            let title = rule.title();
            let numbered = (2..).map(|number| format!("{title} ({number})"));
            let free = std::iter::once(title.clone()).chain(numbered).find(|title| !titles.contains(title));
            titles.extend(free);
        }
        titles
    }
}

impl Rule {
    /// Returns what the rule is about, unless it has a name.
    fn title(&self) -> String {
        let subject = || {
            let subject = self.dimension.as_deref().unwrap_or("reward");
            let model = self.model.as_ref().map_or(String::new(), |model| format!(" of {model}"));
            let limit = self.pass_at.map_or(String::new(), |limit| format!(" from {limit} on"));
            format!("{subject}{model}{limit}")
        };
        self.name.clone().unwrap_or_else(subject)
    }

    fn check(&self, title: &str) -> Result<(), Error> {
        let place = format!("rule `{title}`");
        let quantile = self.min_quantile;
        let thresholds = [
            ("pass-at", self.pass_at),
            ("min-mean", self.min_mean),
            ("min-quantile.share", quantile.map(|quantile| quantile.share)),
            ("min-quantile.score", quantile.map(|quantile| quantile.score)),
            ("max-fail-rate", self.max_fail_rate),
            ("max-regression", self.max_regression),
            ("max-uncertainty", self.max_uncertainty),
            ("min-score", self.min_score),
        ];
        for (setting, value) in thresholds {
            if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
                let value = value.unwrap_or_default();
                return Err(wrong(&place, format!("`{setting}` is {value}, and must be from 0 to 1")));
            }
        }
        let says_something = thresholds
            .iter()
            .any(|(setting, value)| value.is_some() && !matches!(*setting, "pass-at" | "min-score"));
        if !says_something && self.must_pass.is_empty() {
            return Err(wrong(&place, "it has no threshold, so that it would pass whatever comes".into()));
        }
        Ok(())
    }
}

fn wrong(place: &str, problem: String) -> Error {
    Error::Policy { place: place.into(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let policy = Policy::parse("p.toml", text).map_err(|error| match error {
            Error::ParsePolicy { source, .. } => source.to_string(),
            other => other.to_string(),
        });
        match policy {
            Ok(policy) => policy.check().unwrap_err().to_string(),
            Err(said) => said,
        }
    }

    #[test]
    fn a_policy_stands_alone_or_in_a_table() {
        let text = "alpha = 0.01\n[[rule]]\ndimension = 'style'\nmin-mean = 0.7\nwhere = { topic = 'tax' }\n";
        let alone = Policy::parse("p.toml", text).unwrap();
        assert_eq!((alone.alpha, alone.rule[0].min_mean), (0.01, Some(0.7)));
        let tabled = text.replace("[[rule]]", "[[gate.rule]]");
        assert_eq!(Policy::parse("p.toml", &format!("[gate]\n{tabled}")).unwrap(), alone);
        alone.check().unwrap();
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for (text, said) in [
            ("[[rule]]\nname = 'x'\n", "rule `x`: it has no threshold"),
            ("[[rule]]\nmin-mean = 70\n", "`min-mean` is 70"),
            ("[[rule]]\nmin-maen = 0.7\n", "min-maen"),
            ("alpha = 0\n", "`alpha` is 0"),
            ("power = 0.04\n", "`power` must be above"),
            ("pass-if = 'maybe'\n", "maybe"),
            ("[[rule]]\nmin-quantile = { share = 0.1 }\n", "score"),
        ] {
            let found = refused(text);
            assert!(found.contains(said), "{found}");
        }
    }
}
