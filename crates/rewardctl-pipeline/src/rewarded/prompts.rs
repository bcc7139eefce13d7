//! Rewarded responses by prompt: what is there now, what was there before, and what a response is worth to a check.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rewardctl_core::id::ContentId;
use rewardctl_core::random;
use rewardctl_data::measured::rewarded::{RewardedRow, text_at};

use crate::rewarded::error::Error;

/// Values of a field that are told apart; more are no slices.
const MOST_VALUES: usize = 200;

/// The responses to one prompt.
#[derive(Debug, Clone, Default)]
pub struct Prompt<'r> {
    /// Those of the file at hand.
    pub after: Vec<&'r RewardedRow>,
    /// Those of the baseline.
    pub before: Vec<&'r RewardedRow>,
    /// How many the baseline has more, of a model that both have or of all models; 0 where there is none at all now, or no
    /// selection was made.
    pub lacking: usize,
}

/// Which responses a check looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The model that wrote them; None for any.
    pub model: Option<String>,
    /// Fields with the values that rows must have.
    pub fields: BTreeMap<String, String>,
}

/// What a response is worth to a check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Worth {
    /// A score, in 0..=1.
    Score(f64),
    /// A critic of the dimension says that it had nothing to judge, none failed, and the response has a reward.
    Abstained,
    /// A verdict failed, or nothing says why there is no score.
    Missing,
}

/// What is read off a response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure<'a> {
    /// The dimension; None for the reward.
    pub dimension: Option<&'a str>,
    /// A score counts as 1 from here on, else as 0.
    pub pass_at: Option<f64>,
}

/// The reserved name of the model that wrote a response, among fields.
pub const MODEL: &str = "model";

/// Puts responses to one prompt together, in an order that depends on the prompts and the seed alone, not on the rewards.
pub fn by_prompt<'r>(after: &'r [RewardedRow], before: &'r [RewardedRow], seed: u64) -> Vec<Prompt<'r>> {
    let mut prompts: HashMap<&str, Prompt<'r>> = HashMap::new();
    for row in after {
        prompts.entry(&row.item).or_default().after.push(row);
    }
    for row in before {
        prompts.entry(&row.item).or_default().before.push(row);
    }
    let place =
        |item: &str| random::unit(seed, "order of prompts", ContentId::of("item name", [item.as_bytes()]));
    let mut ordered: Vec<(f64, &str, Prompt<'r>)> =
        prompts.into_iter().map(|(item, prompt)| (place(item), item, prompt)).collect();
    ordered.sort_by(|(one, item, _), (other, name, _)| one.total_cmp(other).then(item.cmp(name)));
    ordered.into_iter().map(|(_, _, prompt)| prompt).collect()
}

impl Prompt<'_> {
    /// Tells whether the responses differ from the baseline's, some are gone, or the same ones have lost their rewards or have
    /// other failures.
    pub fn is_changed(&self) -> bool {
        told(&self.after) != told(&self.before)
    }
}

/// A response, whether it has a reward, and what failed.
type Told<'r> = (&'r str, bool, &'r [(String, String)]);

fn told<'r>(rows: &[&'r RewardedRow]) -> BTreeSet<Told<'r>> {
    let told = |row: &&'r RewardedRow| (row.response.as_str(), row.reward.is_some(), row.failed.as_slice());
    rows.iter().map(told).collect()
}

impl Selection {
    /// Returns the prompts with the responses that are selected; prompts without any are left out.
    ///
    /// A row of the baseline need not have the fields: it is where the rows of the file at hand are that answer the same. A
    /// model is compared with what the baseline has of it, or with all of it where it has nothing of it.
    pub fn of<'r>(&self, prompts: &[Prompt<'r>]) -> Vec<Prompt<'r>> {
        let models =
            |side: for<'p> fn(&'p Prompt<'r>) -> &'p [&'r RewardedRow]| -> BTreeSet<Option<&'r str>> {
                prompts.iter().flat_map(side).map(|row| row.generator.as_deref()).collect()
            };
        let (after, before) = (models(|prompt| &prompt.after), models(|prompt| &prompt.before));
        let model = self.model.as_deref();
        let is_known_before = model.is_none() || before.contains(&model);
        let shared: Vec<Option<&str>> = after
            .intersection(&before)
            .filter(|shared| model.is_none() || **shared == model)
            .copied()
            .collect();
        let model_before = self.model.as_ref().filter(|_| is_known_before);
        let selected = prompts.iter().map(|prompt| {
            let selected = self.within(prompt, model_before);
            let counts = is_known_before && !selected.after.is_empty();
            Prompt { lacking: if counts { self.lacking(prompt, &shared) } else { 0 }, ..selected }
        });
        selected.filter(|prompt| !prompt.after.is_empty() || !prompt.before.is_empty()).collect()
    }

    fn within<'r>(&self, prompt: &Prompt<'r>, model_before: Option<&String>) -> Prompt<'r> {
        let is_of =
            |row: &RewardedRow, model: Option<&String>| model.is_none() || row.generator.as_ref() == model;
        let is_here = |row: &RewardedRow| {
            self.fields.iter().all(|(field, value)| text_of(row, field).as_ref() == Some(value))
        };
        let has_fields = |row: &RewardedRow| self.fields.keys().any(|field| text_of(row, field).is_some());
        let item_is_here = self.fields.is_empty() || prompt.after.iter().any(|row| is_here(row));
        let after = prompt.after.iter().filter(|row| is_of(row, self.model.as_ref()) && is_here(row));
        let belongs = |row: &&&RewardedRow| if has_fields(row) { is_here(row) } else { item_is_here };
        let before = prompt.before.iter().filter(|row| is_of(row, model_before)).filter(belongs);
        Prompt { after: after.copied().collect(), before: before.copied().collect(), lacking: 0 }
    }

    /// Counts the responses that the baseline has more of: of each model that both have, and of all together.
    fn lacking(&self, prompt: &Prompt<'_>, shared: &[Option<&str>]) -> usize {
        let is_of = |row: &&&RewardedRow| self.model.is_none() || row.generator == self.model;
        let count = |rows: &[&RewardedRow]| rows.iter().filter(is_of).count();
        let of = |rows: &[&RewardedRow], model: Option<&str>| {
            rows.iter().filter(|row| row.generator.as_deref() == model).count()
        };
        let by_model =
            shared.iter().map(|model| of(&prompt.before, *model).saturating_sub(of(&prompt.after, *model)));
        by_model.sum::<usize>().max(count(&prompt.before).saturating_sub(count(&prompt.after)))
    }

    /// Returns one selection for each value of `field` beside what is selected already.
    pub fn by(&self, field: &str, prompts: &[Prompt<'_>]) -> Result<Vec<Self>, Error> {
        let mut values = BTreeSet::new();
        // A model that is gone is no slice of what is there; a topic that is gone is missed.
        let looks_before = field != MODEL;
        let before = prompts.iter().flat_map(|prompt| &prompt.before).filter(|_| looks_before);
        for row in prompts.iter().flat_map(|prompt| &prompt.after).chain(before) {
            values.extend(text_of(row, field));
            if values.len() > MOST_VALUES {
                return Err(Error::TooManyValues { field: field.into(), limit: MOST_VALUES });
            }
        }
        if values.is_empty() {
            return Err(Error::NoField { field: field.into() });
        }
        let narrowed = |value: String| match field {
            MODEL => Self { model: Some(value), ..self.clone() },
            _ => {
                let mut fields = self.fields.clone();
                fields.insert(field.into(), value);
                Self { fields, ..self.clone() }
            }
        };
        Ok(values.into_iter().map(narrowed).collect())
    }

    /// Tells whether a value of `field` is selected.
    pub fn selects_by(&self, field: &str) -> bool {
        self.fields.contains_key(field) || (field == MODEL && self.model.is_some())
    }

    /// Names the selection; empty where everything is selected.
    pub fn name(&self) -> String {
        let model = self.model.iter().map(|model| format!("{MODEL} {model}"));
        let fields = self.fields.iter().map(|(field, value)| format!("{field} {value}"));
        model.chain(fields).collect::<Vec<_>>().join(", ")
    }
}

/// Refuses fields that no row has.
pub fn refuse_unknown_fields<'f>(
    fields: impl IntoIterator<Item = &'f String>,
    rows: &[RewardedRow],
) -> Result<(), Error> {
    for field in fields {
        if !rows.iter().any(|row| text_of(row, field).is_some()) {
            return Err(Error::NoField { field: field.clone() });
        }
    }
    Ok(())
}

/// Returns what a row says under `field`; [`MODEL`] is the model that wrote the response.
pub fn text_of(row: &RewardedRow, field: &str) -> Option<String> {
    match field {
        MODEL => row.generator.clone(),
        _ => text_at(&row.fields, field),
    }
}

impl Measure<'_> {
    /// Returns what a response is worth.
    pub fn worth(&self, row: &RewardedRow) -> Worth {
        let score = match self.dimension {
            None => row.reward,
            Some(dimension) => row.dimensions.get(dimension).copied().flatten(),
        };
        let has_failed = |dimension: &str| row.failed.iter().any(|(failed, _)| failed == dimension);
        match (score, self.dimension) {
            (Some(score), _) => Worth::Score(match self.pass_at {
                None => score,
                Some(limit) => f64::from(u8::from(score >= limit)),
            }),
            (None, Some(dimension))
                if row.reward.is_some() && row.abstained.contains(dimension) && !has_failed(dimension) =>
            {
                Worth::Abstained
            }
            (None, _) => Worth::Missing,
        }
    }

    /// Tells whether a verdict failed that the measure rests on, or there is no score.
    pub fn has_failed(&self, row: &RewardedRow) -> bool {
        let concerns = |dimension: &String| self.dimension.is_none_or(|own| own == dimension);
        self.worth(row) == Worth::Missing || row.failed.iter().any(|(dimension, _)| concerns(dimension))
    }
}

/// Refuses a dimension that no row has.
pub fn refuse_unknown_dimension(dimension: &str, rows: &[RewardedRow]) -> Result<(), Error> {
    if rows.iter().any(|row| row.dimensions.contains_key(dimension)) {
        return Ok(());
    }
    let known: BTreeSet<&String> = rows.iter().flat_map(|row| row.dimensions.keys()).collect();
    Err(Error::UnknownDimension {
        dimension: dimension.into(),
        known: known.into_iter().map(|name| format!("`{name}`")).collect(),
    })
}
