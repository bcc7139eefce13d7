//! Makes rows of what selection picks, with their texts and where they come from.

use rewardctl_core::dataset::implicit::{Acts, signal};
use rewardctl_core::dataset::pairs::{Pair, pairs};
use rewardctl_core::dataset::people::{Backing, said};
use rewardctl_core::dataset::pool::Pool;
use rewardctl_core::dataset::prompt::{Picked, Prompt, Rules, Side};
use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::recipe::Recipe;
use rewardctl_core::dataset::singles::{Single, demonstrations, has_spread, rollouts, unpaired};
use rewardctl_core::dataset::steps::after_first_error;
use rewardctl_core::dataset::{Example, Kind, Provenance, Vouch};
use rewardctl_core::proportion::Proportion;
use serde_json::{Map, Value};

use crate::dataset::rows::{Rows, Selected};
use crate::dataset::source::{Known, Texts};
use crate::error::Error;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order<'a> {
    pub kind: Kind,
    pub recipe: &'a Recipe,
    pub pool: &'a Pool,
    pub seed: u64,
    /// What margins of utilities are divided by.
    pub temperature: f64,
}

/// Rows in the making.
pub(super) struct Drafting<'a> {
    order: Order<'a>,
    pub rows: Rows,
    /// Answers drawn at random that people judged, and of these those that the models judge otherwise.
    pub audit: Proportion,
}

/// What a row is made of, before its texts are read.
struct Plan<'a> {
    sides: Vec<Side<'a>>,
    backing: Backing,
    probability: Option<f64>,
    margin: Option<f64>,
    strength: Option<f64>,
    good: bool,
}

impl<'a> Drafting<'a> {
    pub(super) fn start(order: Order<'a>, rows: Rows) -> Self {
        Self { order, rows, audit: Proportion::default() }
    }

    /// Takes in one prompt.
    pub(super) fn add(&mut self, known: &Known<'_>, texts: &Texts<'_>) -> Result<(), Error> {
        let order = self.order;
        let people = said(known.labels, &order.recipe.people);
        let prompt = Prompt {
            item: known.item,
            candidates: &known.candidates,
            people: &people,
            better: &|a, b| known.better(a, b, order.temperature),
            above_median: &|place| known.above_median(place, order.pool.median),
        };
        let rules = Rules { recipe: order.recipe, pool: order.pool, seed: order.seed };
        self.audit(&prompt, known);
        match order.kind {
            Kind::Dpo | Kind::Rm => self.take(known, texts, pairs(&prompt, &rules), Plan::of_pair),
            Kind::Kto => {
                let acts = signal(&acts(known.metadata, order.recipe), &order.recipe.implicit);
                self.take(known, texts, unpaired(&prompt, &rules, acts), Plan::of_single)
            }
            Kind::Sft => self.take(known, texts, demonstrations(&prompt, &rules), Plan::of_single),
            Kind::Rollouts => self.take(known, texts, rollouts(&prompt), Plan::of_single),
            Kind::Prompts => match has_spread(&prompt, &rules) {
                Ok(()) => self.write(known, texts, &Plan::of_prompt()),
                Err(reason) => {
                    self.rows.withhold(reason);
                    Ok(())
                }
            },
            Kind::Stepwise => self.stepwise(known, texts),
        }
    }

    /// Counts where people judged what was drawn at random, so that the models' errors can be bounded.
    fn audit(&mut self, prompt: &Prompt<'_>, known: &Known<'_>) {
        let people = &self.order.recipe.people;
        for (candidate, measure) in known.candidates.iter().zip(&known.measures) {
            let rating = prompt.people.ratings.get(&candidate.id).map(|rating| rating.value);
            let (Some(value), Some(reward), true) = (rating, candidate.reward, measure.audited) else {
                continue;
            };
            if value >= people.chosen_rating || value <= people.rejected_rating {
                let models_say_good = reward > self.order.pool.median;
                self.audit.add(models_say_good != (value >= people.chosen_rating));
            }
        }
    }

    fn take<'p, T>(
        &mut self,
        known: &Known<'_>,
        texts: &Texts<'_>,
        picked: Picked<T>,
        plan: impl Fn(&T) -> Plan<'p>,
    ) -> Result<(), Error> {
        picked.withheld.into_iter().for_each(|reason| self.rows.withhold(reason));
        picked.rows.iter().try_for_each(|row| self.write(known, texts, &plan(row)))
    }

    /// Reads the texts of a row and writes it, unless it is refused.
    fn write(&mut self, known: &Known<'_>, texts: &Texts<'_>, plan: &Plan<'_>) -> Result<(), Error> {
        let places: Vec<usize> = plan.places().collect();
        let read = texts.read(&places)?;
        let mut answers = read.answers.iter();
        let mut next = |side: &Side<'_>| match side {
            Side::Text(text) => text.to_string(),
            Side::Candidate(_) => answers.next().map_or(String::new(), |(text, _)| text.to_string()),
        };
        let sides: Vec<String> = plan.sides.iter().map(&mut next).collect();
        let example = self.example(known, plan, sides, read.reference);
        let generators = read.answers.into_iter().map(|(_, generator)| generator).collect();
        let provenance = self.provenance(known, plan, places, generators);
        self.rows.add(Selected { prompt: read.prompt.into_owned(), example, provenance, good: plan.good })
    }

    fn example(
        &self,
        known: &Known<'_>,
        plan: &Plan<'_>,
        sides: Vec<String>,
        reference: Option<&str>,
    ) -> Example {
        let mut sides = sides.into_iter();
        let mut side = || sides.next().unwrap_or_default();
        match self.order.kind {
            Kind::Dpo | Kind::Rm => Example::Preference { chosen: side(), rejected: side() },
            Kind::Kto => Example::Unpaired { completion: side(), desirable: plan.good },
            Kind::Sft => Example::Demonstration { completion: side() },
            Kind::Prompts | Kind::Stepwise => Example::Prompt { reference: reference.map(String::from) },
            Kind::Rollouts => {
                let place = plan.places().next().expect("a rollout is one response");
                let reward = known.candidates[place].reward.expect("responses without a reward are withheld");
                let k = self.order.recipe.rollouts.k;
                let lower = known.measures[place].deviation.map(|deviation| reward - k * deviation);
                Example::Rollout { completion: side(), reward, lower }
            }
        }
    }

    fn provenance(
        &self,
        known: &Known<'_>,
        plan: &Plan<'_>,
        places: Vec<usize>,
        generators: Vec<Option<String>>,
    ) -> Provenance {
        let weak = plan.backing.vouch == Vouch::Implicit;
        Provenance {
            item: known.item,
            responses: places.iter().map(|place| known.candidates[*place].id).collect(),
            generators,
            source: plan.backing.vouch,
            annotators: plan.backing.annotators,
            probability: plan.probability,
            margin: plan.margin,
            strength: plan.strength,
            weight: if weak { self.order.recipe.implicit.weight } else { 1.0 },
            rewards: places.iter().map(|place| known.candidates[*place].reward).collect(),
        }
    }

    fn stepwise(&mut self, known: &Known<'_>, texts: &Texts<'_>) -> Result<(), Error> {
        let rule = &self.order.recipe.stepwise;
        let Some((steps, labels)) = steps(known.metadata, &rule.steps_field, &rule.labels_field) else {
            self.rows.withhold(Reason::NoSteps);
            return Ok(());
        };
        let (completions, labels) = after_first_error(steps, labels, rule.after_first_error);
        let example = Example::Steps { completions, labels };
        let prompt = texts.read(&[])?.prompt.into_owned();
        let backing = Backing { vouch: Vouch::Single, annotators: 1 };
        let plan = Plan { backing, ..Plan::of_prompt() };
        let provenance = self.provenance(known, &plan, vec![], vec![]);
        self.rows.add(Selected { prompt, example, provenance, good: true })
    }
}

impl<'a> Plan<'a> {
    fn of_pair(pair: &Pair<'a>) -> Self {
        Self {
            sides: vec![pair.chosen, Side::Candidate(pair.rejected)],
            backing: pair.backing,
            probability: pair.probability,
            margin: pair.margin,
            strength: pair.strength,
            good: true,
        }
    }

    fn of_single(single: &Single<'a>) -> Self {
        Self {
            sides: vec![single.answer],
            backing: single.backing,
            probability: single.probability,
            margin: None,
            strength: single.probability.map(|p| 2.0 * p - 1.0),
            good: single.good,
        }
    }

    fn of_prompt() -> Self {
        let backing = Backing { vouch: Vouch::Model, annotators: 0 };
        Self { sides: vec![], backing, probability: None, margin: None, strength: None, good: true }
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        self.sides.iter().filter_map(|side| match side {
            Side::Candidate(place) => Some(*place),
            Side::Text(_) => None,
        })
    }
}

/// What the user of an item did, from the further fields of its row.
fn acts(metadata: &str, recipe: &Recipe) -> Acts {
    let rule = &recipe.implicit;
    if rule.weight <= 0.0 {
        return Acts::default();
    }
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(metadata) else { return Acts::default() };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(String::from);
    let action = |value: &Value| match value {
        Value::String(action) => Some(action.clone()),
        value => value.get("action").and_then(Value::as_str).map(String::from),
    };
    let listed = fields.get(&rule.signals_field).and_then(Value::as_array);
    Acts {
        actions: listed.map_or(vec![], |list| list.iter().filter_map(action).collect()),
        reaction: text("reaction"),
        dwell_ms: fields.get("dwell_ms").and_then(Value::as_u64),
        source: text("source"),
    }
}

/// The steps of an item with their labels, from the further fields of its row: as many labels as steps, or none.
fn steps(metadata: &str, steps_field: &str, labels_field: &str) -> Option<(Vec<String>, Vec<bool>)> {
    let fields: Map<String, Value> = serde_json::from_str(metadata).ok()?;
    let listed = fields.get(steps_field)?.as_array()?;
    let text = |step: &Value| step.as_str().or_else(|| step.get("text")?.as_str()).map(String::from);
    let steps: Vec<String> = listed.iter().map(text).collect::<Option<_>>()?;
    let labels: Vec<bool> = match fields.get(labels_field).and_then(Value::as_array) {
        Some(labels) => labels.iter().map(Value::as_bool).collect::<Option<_>>()?,
        None => listed.iter().map(|step| step.get("label")?.as_bool()).collect::<Option<_>>()?,
    };
    (!steps.is_empty() && steps.len() == labels.len()).then_some((steps, labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_in_two_spellings() {
        let apart = r#"{"steps":["a","b"],"labels":[true,false]}"#;
        let together = r#"{"steps":[{"text":"a","label":true},{"text":"b","label":false}]}"#;
        let expected = Some((vec!["a".to_owned(), "b".into()], vec![true, false]));
        assert_eq!(steps(apart, "steps", "labels"), expected);
        assert_eq!(steps(together, "steps", "labels"), expected);
        for wrong in ["", "{}", r#"{"steps":["a"],"labels":[true,true]}"#, r#"{"steps":[],"labels":[]}"#] {
            assert_eq!(steps(wrong, "steps", "labels"), None, "{wrong}");
        }
    }
}
