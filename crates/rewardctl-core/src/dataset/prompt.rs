//! One prompt as selection sees it: its responses with their rewards, what people said, and how sure the models are.

use crate::dataset::Vouch;
use crate::dataset::people::{Backing, People};
use crate::dataset::pool::Pool;
use crate::dataset::reason::Reason;
use crate::dataset::recipe::Recipe;
use crate::id::{ItemId, ResponseId};

/// One response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The response.
    pub id: ResponseId,
    /// Its reward; None without one of the version in use.
    pub reward: Option<f64>,
    /// Whether its reward is of another version.
    pub other_version: bool,
    /// Whether the models' word stands without a person.
    pub accepted: bool,
}

/// The probability that the first of two responses, by their places, is better; None where nobody knows it.
pub type Better<'a> = &'a dyn Fn(usize, usize) -> Option<f64>;
/// The probability that a response, by its place, is better than the pool's median; None where nobody knows it.
pub type AboveMedian<'a> = &'a dyn Fn(usize) -> Option<f64>;

/// One prompt with all that is known.
pub struct Prompt<'a> {
    /// The item.
    pub item: ItemId,
    /// Its responses.
    pub candidates: &'a [Candidate],
    /// What people said of them.
    pub people: &'a People<'a>,
    /// How two of them compare.
    pub better: Better<'a>,
    /// How each compares with the pool.
    pub above_median: AboveMedian<'a>,
}

/// What a dataset is selected by.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The recipe.
    pub recipe: &'a Recipe,
    /// What all rewards come to.
    pub pool: &'a Pool,
    /// The seed of random choices.
    pub seed: u64,
}

/// An answer that a row teaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Side<'a> {
    /// The response at this place.
    Candidate(usize),
    /// A text that a person wrote.
    Text(&'a str),
}

/// What was taken, and why the rest was not.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked<T> {
    /// What was taken, the surest first.
    pub rows: Vec<T>,
    /// One reason for each row held back; for a prompt that gives no row at all, why.
    pub withheld: Vec<Reason>,
}

/// The models stand behind it.
pub(crate) const MODELS: Backing = Backing { vouch: Vouch::Model, annotators: 0 };

/// How one response is better than another by the models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gap {
    pub margin: f64,
    pub probability: Option<f64>,
}

impl<T> Picked<T> {
    /// Nothing yet.
    pub(crate) fn nothing() -> Self {
        Self { rows: vec![], withheld: vec![] }
    }

    /// Nothing, for this reason.
    pub(crate) fn none(reason: Reason) -> Self {
        Self { rows: vec![], withheld: vec![reason] }
    }
}

impl Prompt<'_> {
    /// Returns the place of a response.
    pub(crate) fn place(&self, response: ResponseId) -> Option<usize> {
        self.candidates.iter().position(|candidate| candidate.id == response)
    }

    /// Returns how people rate the response at `place`.
    pub(crate) fn rating(&self, place: usize) -> Option<(f64, Backing)> {
        self.people.ratings.get(&self.candidates[place].id).map(|rating| (rating.value, rating.backing))
    }

    /// Returns the places of the responses with a reward, the best first; of equals the smaller id.
    pub(crate) fn rewarded(&self) -> Vec<(usize, f64)> {
        let places = self.candidates.iter().enumerate();
        let mut rewarded: Vec<(usize, f64)> =
            places.filter_map(|(place, candidate)| Some((place, candidate.reward?))).collect();
        let id = |place: usize| self.candidates[place].id;
        rewarded.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| id(a.0).cmp(&id(b.0))));
        rewarded
    }

    /// Returns why there is no reward to go by.
    pub(crate) fn no_reward(&self) -> Reason {
        let other = self.candidates.iter().any(|candidate| candidate.other_version);
        if other { Reason::OtherVersion } else { Reason::NoReward }
    }

    /// Returns the reward of the response at `place`, or why there is none.
    pub(crate) fn reward(&self, place: usize) -> Result<f64, Reason> {
        let candidate = &self.candidates[place];
        let why = if candidate.other_version { Reason::OtherVersion } else { Reason::NoReward };
        candidate.reward.ok_or(why)
    }

    /// Returns by how much the models find the response at `better` better than that at `worse`, or why they do not.
    pub(crate) fn gap(&self, better: usize, worse: usize, rules: &Rules<'_>) -> Result<Gap, Reason> {
        let margin = self.reward(better)? - self.reward(worse)?;
        let models = &rules.recipe.models;
        if margin <= 0.0 || margin < models.min_margin_sd * rules.pool.sd {
            return Err(Reason::MarginTooSmall);
        }
        let probability = (self.better)(better, worse);
        if probability.is_some_and(|p| p < models.min_probability) {
            return Err(Reason::LowConfidence);
        }
        Ok(Gap { margin, probability })
    }
}
