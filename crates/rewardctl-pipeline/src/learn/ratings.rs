//! Within which interval around a reward a person's rating is likely to lie, and where that is kept.

use std::fs;
use std::path::Path;

use rewardctl_core::conformal::{Conformal, NoIntervals, Rated, Scale, conformal};
use rewardctl_core::reward::{Reward, uncertainty};
use rewardctl_core::score::Score;
use rewardctl_model::file;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::learn::apply::{Applied, verdicts};
use crate::learn::gather::Gathered;
use crate::learn::said::Opinion;

/// The name of the file in the aggregator's folder.
pub(super) const RATINGS: &str = "ratings.json";
/// Ratings and rewards, in 0..=1.
const SCORES: Scale = Scale { lowest: 0.0, highest: 1.0, step: None };
/// An uncertainty below this, in score units, is not believed: rules alone may have none at all.
const LEAST_SPREAD: f64 = 0.01;

/// The half width of intervals, as it is kept beside the aggregator that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ratings {
    /// In units of the reward's uncertainty; None where so few ratings bound nothing.
    pub quantile: Option<f64>,
    /// The share of ratings that may lie outside.
    pub error: f64,
    /// How many ratings it rests on.
    pub ratings: usize,
}

/// Finds the half width on what was rated: the first rating of each response as a whole, or on `dimension`, on a scale
/// that is known.
pub fn calibrate_ratings(
    gathered: &Gathered,
    applied: &Applied,
    dimension: Option<&str>,
    error: f64,
) -> Result<Ratings, NoIntervals> {
    let mut first: Vec<Option<f64>> = vec![None; gathered.observed.len()];
    for said in &gathered.said {
        if let Opinion::Rate { response, value, scale, dimension: of } = &said.opinion
            && of.as_deref() == dimension
            && first[*response].is_none()
        {
            first[*response] = scale.normalise(*value).ok().map(Score::get);
        }
    }
    let has_score = |place: &usize| gathered.observed[*place].scores.iter().any(Option::is_some);
    let rated = (0..first.len()).filter(has_score).filter_map(|place| {
        let aggregate = &applied.aggregates[place];
        let total = uncertainty(&gathered.panel, &verdicts(gathered, place), aggregate).total;
        Some(Rated { rating: first[place]?, foretold: aggregate.reward, spread: total.max(LEAST_SPREAD) })
    });
    let found = conformal(&rated.collect::<Vec<_>>(), error)?;
    Ok(Ratings { quantile: found.quantile, error, ratings: found.count })
}

impl Ratings {
    /// Returns the interval around a reward, in 0..=1.
    pub fn interval(&self, reward: &Reward) -> (f64, f64) {
        let conformal = Conformal { quantile: self.quantile, count: self.ratings, miss: self.error };
        let spread = reward.uncertainty.total.max(LEAST_SPREAD);
        conformal.interval(reward.reward.get(), spread, SCORES)
    }

    /// Writes it beside the aggregator in `folder`.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let mut json = serde_json::to_vec_pretty(self).expect("numbers can be written as JSON");
        json.push(b'\n');
        Ok(file::write(&folder.join(RATINGS), &json)?)
    }

    /// Reads what is kept beside the aggregator in `folder`; None where nothing is.
    pub fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(RATINGS);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|source| Error::ReadPanel { path: path.clone(), source })?,
        };
        let broken =
            |source: serde_json::Error| Error::ReadPanel { path: path.clone(), source: source.into() };
        serde_json::from_slice(&bytes).map(Some).map_err(broken)
    }
}
