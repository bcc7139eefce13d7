//! A fitted aggregator as numbers: what the ONNX graph computes, computed here in 64 bits.

use ndarray::{Array1, Array2};
use rewardctl_core::reward::sure_margin;

use crate::fit::linear::Cholesky;
use crate::learn::fit::{Fit, Pool, item_variances};
use crate::learn::labels::Observed;
use crate::learn::space::Space;
use crate::learn::temperature::probability;

/// Rewards of the pool that a reward is compared with.
pub const POOL: usize = 32;
/// Added to second moments before they are inverted, so that a direction that never varied does not explode.
const RIDGE: f64 = 0.1;
/// The share of the pool beyond which a response is unlike what was fitted on.
const FAR: f64 = 0.99;

/// A fitted aggregator.
#[derive(Debug, Clone)]
pub struct Model {
    /// The features.
    pub space: Space,
    /// Their weights.
    pub theta: Array1<f64>,
    /// Weights of any sign, where these say better how sure an order is; on the scale of `theta`.
    pub any_sign: Option<Array1<f64>>,
    /// The mean of the pool's features.
    pub centre: Array1<f64>,
    /// The reward of the pool's median response, which is taken off.
    pub offset: f64,
    /// `L` with `LLᵀ` the posterior covariance of the weights that say how sure an order is.
    pub posterior: Array2<f64>,
    /// What margins are divided by.
    pub temperature: f64,
    /// Rewards of the pool, at equal steps of their distribution.
    pub pool: [f64; POOL],
    /// What a unit of standardised log length adds to the reward within prompts.
    pub length_slope: f64,
    /// `F` with `FFᵀ` the inverse of the second moments of the pool's features around their mean.
    pub likeness: Array2<f64>,
    /// The root mean square of what `likeness` gives, which one in a hundred responses of the pool exceeds.
    pub far: f64,
}

/// What a fitted aggregator says of one response.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The mean probability of being preferred to a response of the pool, in 0..=1.
    pub reward: f64,
    /// The unbounded utility beneath: differences of it, over the temperature, are log-odds.
    pub raw: f64,
    /// The utility without what length adds to it within prompts.
    pub raw_length_controlled: f64,
    /// The utility by weights of any sign, up to a constant; that above where there are none.
    pub raw_any_sign: f64,
    /// The posterior, as a vector: the squared distance of two is the variance of the margin that says how sure their order is.
    pub posterior: Vec<f64>,
    /// The variance of the utility by what was imputed.
    pub imputed_variance: f64,
    /// The variance of the utility by the critics' own.
    pub critic_variance: f64,
    /// How far the features lie from the pool; one in a hundred responses of it lies beyond 1.
    pub distance: f64,
}

impl Model {
    /// Makes the model of a fit.
    pub fn new(pool: &Pool<'_>, fit: &Fit, temperature: f64) -> Self {
        let width = pool.space.width();
        let count = pool.features.len().max(1) as f64;
        let mut centre = Array1::zeros(width);
        for features in &pool.features {
            centre
                .iter_mut()
                .zip(&features.values)
                .for_each(|(sum, value): (&mut f64, _)| *sum += value / count);
        }
        let mut model = Self {
            space: pool.space.clone(),
            theta: fit.theta.clone(),
            any_sign: None,
            likeness: likeness(pool, &centre),
            centre,
            offset: 0.0,
            posterior: factor(&fit.covariance),
            temperature,
            pool: [0.0; POOL],
            length_slope: 0.0,
            far: 1.0,
        };
        model.centre_on(pool);
        model
    }

    /// Judges one response.
    pub fn judge(&self, observed: &Observed) -> Judged {
        let features = self.space.features(observed);
        let values = Array1::from(features.values.clone());
        let centred = &values - &self.centre;
        let raw = self.theta.dot(&values) - self.offset;
        let [imputed_variance, critic_variance] =
            item_variances(&self.space, &self.theta, &features, observed);
        Judged {
            reward: self.win_rate(raw),
            raw,
            raw_length_controlled: raw - self.length_slope * values[self.space.style_at()],
            raw_any_sign: self.any_sign.as_ref().map_or(raw, |weights| weights.dot(&centred)),
            posterior: centred.dot(&self.posterior).to_vec(),
            imputed_variance,
            critic_variance,
            distance: (square(&centred.dot(&self.likeness)) / self.live()).sqrt() / self.far,
        }
    }

    /// Returns the mean probability that a utility beats those of the pool.
    pub fn win_rate(&self, raw: f64) -> f64 {
        self.pool.iter().map(|other| probability(raw - other, 0.0, self.temperature)).sum::<f64>()
            / POOL as f64
    }

    /// Returns how many features differ at all.
    pub fn live(&self) -> f64 {
        self.space.active().iter().filter(|active| **active).count().max(1) as f64
    }

    fn centre_on(&mut self, pool: &Pool<'_>) {
        let mut rewards: Vec<f64> = pool.observed.iter().map(|one| self.judge(one).raw).collect();
        self.length_slope = length_slope(pool, &rewards);
        rewards.sort_by(f64::total_cmp);
        self.offset = quantile(&rewards, 0.5);
        self.pool =
            std::array::from_fn(|at| quantile(&rewards, (at as f64 + 0.5) / POOL as f64) - self.offset);
        let mut distances: Vec<f64> = pool.observed.iter().map(|one| self.judge(one).distance).collect();
        distances.sort_by(f64::total_cmp);
        // A pool of one response repeated has no distances.
        self.far = Some(quantile(&distances, FAR)).filter(|far| *far > 1e-6).unwrap_or(1.0);
    }
}

impl Judged {
    /// Returns the probability that this response is better than `other`, at temperature `t`.
    pub fn beats(&self, other: &Self, t: f64) -> f64 {
        let margin = sure_margin(self.raw - other.raw, Some(self.raw_any_sign - other.raw_any_sign));
        probability(margin, self.margin_variance(other), t)
    }

    /// Returns the variance that the response itself leaves open, whatever the weights.
    pub fn item_variance(&self) -> f64 {
        self.imputed_variance + self.critic_variance
    }

    /// Returns the variance of the difference of the two utilities.
    pub fn margin_variance(&self, other: &Self) -> f64 {
        let between: f64 = self.posterior.iter().zip(&other.posterior).map(|(a, b)| (a - b).powi(2)).sum();
        between + self.item_variance() + other.item_variance()
    }
}

/// The lower triangle of a covariance; rows of coordinates that are certain are zero.
fn factor(covariance: &Array2<f64>) -> Array2<f64> {
    let size = covariance.nrows();
    let open: Vec<usize> = (0..size).filter(|at| covariance[[*at, *at]] > 0.0).collect();
    let block = Array2::from_shape_fn((open.len(), open.len()), |(i, j)| covariance[[open[i], open[j]]]);
    let mut factor = Array2::zeros((size, size));
    let Some(lower) = Cholesky::of(&block).map(Cholesky::into_lower) else { return factor };
    for (i, at) in open.iter().enumerate() {
        for (j, other) in open.iter().enumerate().take(i + 1) {
            factor[[*at, *other]] = lower[[i, j]];
        }
    }
    factor
}

fn likeness(pool: &Pool<'_>, centre: &Array1<f64>) -> Array2<f64> {
    let width = centre.len();
    let mut moments = Array2::<f64>::zeros((width, width));
    let count = pool.features.len().max(1) as f64;
    for features in &pool.features {
        let centred: Vec<f64> =
            features.values.iter().zip(centre).map(|(value, mean)| value - mean).collect();
        for i in 0..width {
            for j in 0..width {
                moments[[i, j]] += centred[i] * centred[j] / count;
            }
        }
    }
    let active = pool.space.active();
    moments.diag_mut().iter_mut().for_each(|moment| *moment += RIDGE);
    let inverse = Cholesky::of(&moments).map_or_else(|| Array2::eye(width), |factor| factor.inverse());
    let mut inverse = inverse;
    for at in (0..width).filter(|at| !active[*at]) {
        inverse.row_mut(at).fill(0.0);
        inverse.column_mut(at).fill(0.0);
    }
    factor(&inverse)
}

/// The slope of `rewards` on standardised log length within prompts; 0 where length does not vary.
fn length_slope(pool: &Pool<'_>, rewards: &[f64]) -> f64 {
    let at = pool.space.style_at();
    let length = |place: usize| pool.features[place].values[at];
    let (mut products, mut squares) = (0.0, 0.0);
    let mut places: Vec<usize> =
        (0..rewards.len()).filter(|place| pool.observed[*place].style.is_some()).collect();
    places.sort_by_key(|place| pool.observed[*place].group);
    for group in places.chunk_by(|a, b| pool.observed[*a].group == pool.observed[*b].group) {
        let size = group.len() as f64;
        let mean_length = group.iter().map(|place| length(*place)).sum::<f64>() / size;
        let mean_reward = group.iter().map(|place| rewards[*place]).sum::<f64>() / size;
        for place in group {
            products += (length(*place) - mean_length) * (rewards[*place] - mean_reward);
            squares += (length(*place) - mean_length).powi(2);
        }
    }
    if squares > 1e-9 { products / squares } else { 0.0 }
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share * last as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    sorted[below] + part * (sorted[(below + 1).min(last)] - sorted[below])
}

fn square(vector: &Array1<f64>) -> f64 {
    vector.dot(vector)
}
