//! Out-of-fold predictions: every label is predicted by a fit on other prompts, beside simpler ways to predict it.

use std::thread;

use ndarray::Array1;
use rewardctl_core::id::ContentId;
use rewardctl_core::random;
use rewardctl_core::reward::fixed_weights;

use crate::learn::evidence::Tried;
use crate::learn::fit::{Fit, Pool, fit};
use crate::learn::labels::{Labels, Observed};
use crate::learn::temperature::{FEWEST_MARGINS, cross_entropy, golden_section, probability};

/// Parts that prompts are dealt into; each is predicted by a fit on the others.
pub const FOLDS: usize = 5;

/// Ways to predict a preference that need no fit, or hardly any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Baseline {
    /// The panel's fixed weights.
    FixedWeights,
    /// Every critic has one vote.
    EqualVote,
    /// The critic that is right most often on the other prompts.
    BestCritic,
    /// The longer response, or the shorter, whichever is right more often on the other prompts.
    Length,
    /// The user's weights times what the critics' agreement tells of each; no label takes part.
    LabelFree,
}

/// All of them, in the order in which they are shown.
pub const BASELINES: [Baseline; 5] = [
    Baseline::FixedWeights,
    Baseline::EqualVote,
    Baseline::BestCritic,
    Baseline::Length,
    Baseline::LabelFree,
];

impl Baseline {
    /// Returns the name that people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::FixedWeights => "fixed weights",
            Self::EqualVote => "equal vote",
            Self::BestCritic => "best single critic",
            Self::Length => "length only",
            Self::LabelFree => "label-free weights",
        }
    }
}

/// Two responses of which somebody prefers one, or neither.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preference {
    /// The first response, by place.
    pub a: usize,
    /// The second response.
    pub b: usize,
    /// The probability that `a` is better, as the label says it.
    pub target: f64,
    /// The prompts of the two: the same twice, unless ratings are compared across prompts.
    pub groups: [usize; 2],
}

/// A preference, predicted by a fit that never saw its prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// What was predicted.
    pub preference: Preference,
    /// The fit's margin.
    pub margin: f64,
    /// The margin that says how sure the order is; the same, unless weights of any sign say it better.
    pub sure: f64,
    /// The variance of that margin, in squares of its unit, utility.
    pub variance: f64,
    /// The part of it that the weights leave open; the rest is the two responses' own.
    pub weights_variance: f64,
    /// Per baseline, in the order of [`BASELINES`], the probability that `a` is better.
    pub baselines: Vec<f64>,
}

/// A rating, predicted by a fit that never saw its prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictedRating {
    /// The prompt.
    pub group: usize,
    /// The level given, as a share of its scale: 0 is the worst, 1 the best.
    pub given: f64,
    /// The level that the fit expects, on the same scale.
    pub expected: f64,
    /// What the annotator gave on average on other prompts, drawn to the mean of all.
    pub annotator: f64,
    /// The mean of all other ratings.
    pub mean: f64,
    /// The logarithm of the probability that the fit gave the level.
    pub log_probability: f64,
}

/// Every label, predicted by a fit on other prompts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Crossed {
    /// Comparisons, and pairs that one person rated differently.
    pub preferences: Vec<Predicted>,
    /// Ratings.
    pub ratings: Vec<PredictedRating>,
}

/// Predicts every label out of fold. None where a fold cannot be fitted, or there are fewer than two prompts.
pub fn cross(pool: &Pool<'_>, labels: &Labels, tried: Tried, seed: u64) -> Option<Crossed> {
    let folds: Vec<usize> = (0..FOLDS).collect();
    // All folds compare alike.
    let pairing = pairing(pool.observed, labels);
    // Two halves, side by side: what each fold gives does not depend on the other.
    let parts: Vec<Vec<Option<Crossed>>> = thread::scope(|scope| {
        let halves = folds.chunks(FOLDS.div_ceil(2)).map(|folds| {
            scope.spawn(move || {
                folds.iter().map(|fold| predict_fold(pool, labels, tried, pairing, (seed, *fold))).collect()
            })
        });
        let halves: Vec<_> = halves.collect();
        halves.into_iter().map(|half| half.join().expect("a fit does not panic")).collect()
    });
    let mut crossed = Crossed::default();
    for part in parts.into_iter().flatten() {
        let part = part?;
        crossed.preferences.extend(part.preferences);
        crossed.ratings.extend(part.ratings);
    }
    Some(crossed)
}

fn predict_fold(
    pool: &Pool<'_>,
    labels: &Labels,
    tried: Tried,
    pairing: Pairing,
    (seed, fold): (u64, usize),
) -> Option<Crossed> {
    let is_here = |group: usize| fold_of(group, seed) == fold;
    let held_out = labels.of_groups(pool.observed, is_here);
    if held_out.is_empty() {
        return Some(Crossed::default());
    }
    let known = labels.of_groups(pool.observed, |group| !is_here(group));
    if known.is_empty() {
        return None;
    }
    let fitted = fit(pool, &known, tried)?;
    let simple = Simple::new(pool, &preferences(pool.observed, &known, pairing));
    let predicted = preferences(pool.observed, &held_out, pairing).into_iter().map(|preference| {
        let Preference { a, b, .. } = preference;
        let difference = pool.difference(a, b);
        let margin = fitted.theta.dot(&difference);
        let weights_variance = difference.dot(&fitted.covariance.dot(&difference));
        let own = |place| pool.item_variance(&fitted.theta, place);
        Predicted {
            preference,
            margin,
            sure: margin,
            variance: weights_variance + own(a) + own(b),
            weights_variance,
            baselines: simple.predict(pool, a, b),
        }
    });
    Some(Crossed {
        preferences: predicted.collect(),
        ratings: predict_ratings(pool, &fitted, &known, &held_out),
    })
}

/// Returns the fold of a prompt.
pub fn fold_of(group: usize, seed: u64) -> usize {
    let id = ContentId::of("fold", [(group as u64).to_le_bytes().as_slice()]);
    random::index(seed, "fold", id, FOLDS)
}

/// Which two ratings of one person make a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// Those of responses to one prompt.
    WithinPrompts,
    /// Any two.
    AcrossPrompts,
}

/// Returns how ratings are compared: within prompts where that makes enough pairs of them, or as many as across prompts.
pub fn pairing(observed: &[Observed], labels: &Labels) -> Pairing {
    let count = |pairing| rated_pairs(observed, labels, pairing).len();
    let within = count(Pairing::WithinPrompts);
    match within >= FEWEST_MARGINS || within >= count(Pairing::AcrossPrompts) {
        true => Pairing::WithinPrompts,
        false => Pairing::AcrossPrompts,
    }
}

/// Returns comparisons, and the pairs that one person rated differently.
pub fn preferences(observed: &[Observed], labels: &Labels, pairing: Pairing) -> Vec<Preference> {
    let of_pair = |pair: &crate::learn::labels::PairLabel| Preference {
        a: pair.a,
        b: pair.b,
        target: pair.target,
        groups: [observed[pair.a].group; 2],
    };
    let mut found: Vec<Preference> = labels.pairs.iter().map(of_pair).collect();
    found.extend(rated_pairs(observed, labels, pairing));
    found
}

/// Ratings by one person on one scale, each with the next few that differ.
fn rated_pairs(observed: &[Observed], labels: &Labels, pairing: Pairing) -> Vec<Preference> {
    const NEXT: usize = 5;
    let key = |at: usize| {
        let rating = &labels.ratings[at];
        let group = match pairing {
            Pairing::WithinPrompts => observed[rating.response].group,
            Pairing::AcrossPrompts => 0,
        };
        (rating.annotator, rating.scale, group)
    };
    let mut places: Vec<usize> = (0..labels.ratings.len()).collect();
    // In whatever order people said so, a rating has the same neighbours.
    let place = |at: usize| (observed[labels.ratings[at].response].group, labels.ratings[at].response);
    places.sort_by_key(|at| (key(*at), place(*at)));
    let mut pairs = vec![];
    for same in places.chunk_by(|one, other| key(*one) == key(*other)) {
        for (at, one) in same.iter().enumerate() {
            let one = &labels.ratings[*one];
            for other in same[at + 1..].iter().map(|place| &labels.ratings[*place]).take(NEXT) {
                if one.level != other.level && one.response != other.response {
                    let target = f64::from(u8::from(one.level > other.level));
                    let groups = [one, other].map(|rating| observed[rating.response].group);
                    pairs.push(Preference { a: one.response, b: other.response, target, groups });
                }
            }
        }
    }
    pairs
}

/// The baselines, with what they learn from the known labels: one sign and one steepness each.
struct Simple {
    best: Option<usize>,
    steepness: Vec<f64>,
}

impl Simple {
    fn new(pool: &Pool<'_>, known: &[Preference]) -> Self {
        let critics = 0..pool.space.critics.len();
        let live = critics.filter(|slot| pool.space.critics[*slot].deviation > 0.0);
        let right = |slot: &usize| {
            let hits = known.iter().map(|one| hit(score_margin(pool, *slot, one.a, one.b), one.target));
            hits.sum::<f64>()
        };
        let best =
            live.map(|slot| (slot, right(&slot))).max_by(|x, y| x.1.total_cmp(&y.1).then(y.0.cmp(&x.0)));
        let mut simple = Self { best: best.map(|(slot, _)| slot), steepness: vec![1.0; BASELINES.len()] };
        for (at, baseline) in BASELINES.into_iter().enumerate() {
            let margins: Vec<(f64, f64)> =
                known.iter().map(|one| (simple.margin(pool, baseline, one.a, one.b), one.target)).collect();
            simple.steepness[at] = steepness(&margins, baseline == Baseline::Length);
        }
        simple
    }

    fn predict(&self, pool: &Pool<'_>, a: usize, b: usize) -> Vec<f64> {
        let each = BASELINES.into_iter().zip(&self.steepness);
        each.map(|(baseline, steepness)| probability(steepness * self.margin(pool, baseline, a, b), 0.0, 1.0))
            .collect()
    }

    fn margin(&self, pool: &Pool<'_>, baseline: Baseline, a: usize, b: usize) -> f64 {
        let observed = pool.observed;
        match baseline {
            Baseline::FixedWeights => {
                let reward = |place: usize| fixed_weights(&pool.space.panel, &observed[place].scores);
                reward(a).zip(reward(b)).map_or(0.0, |(a, b)| a - b)
            }
            Baseline::EqualVote => {
                let live =
                    (0..pool.space.critics.len()).filter(|slot| pool.space.critics[*slot].deviation > 0.0);
                live.map(|slot| sign(score_margin(pool, slot, a, b))).sum()
            }
            Baseline::BestCritic => self.best.map_or(0.0, |slot| score_margin(pool, slot, a, b)),
            Baseline::Length => {
                let length = |place: usize| pool.features[place].values[pool.space.style_at()];
                length(a) - length(b)
            }
            Baseline::LabelFree => {
                let free = pool.directions.last();
                free.map_or(0.0, |direction| direction.weights.dot(&pool.difference(a, b)))
            }
        }
    }
}

fn score_margin(pool: &Pool<'_>, slot: usize, a: usize, b: usize) -> f64 {
    let score = |place: usize| pool.observed[place].scores[slot];
    score(a).zip(score(b)).map_or(0.0, |(a, b)| a - b)
}

/// The slope of a logistic curve without intercept; positive unless either sign is allowed.
fn steepness(margins: &[(f64, f64)], either_sign: bool) -> f64 {
    let spread = margins.iter().map(|(margin, _)| margin.abs()).fold(0.0, f64::max);
    if spread == 0.0 {
        return 0.0;
    }
    // A slope of which nothing is known is small: without this, separable margins have no end.
    let loss = |slope: f64| {
        let losses = margins
            .iter()
            .map(|(margin, target)| cross_entropy(probability(slope * margin, 0.0, 1.0), *target));
        losses.sum::<f64>() + (slope * spread / 5.0).powi(2) / 2.0
    };
    let most = 20.0 / spread;
    golden_section(if either_sign { -most } else { 0.0 }, most, loss)
}

/// Returns 1 where the sign of `margin` is that of the label, 0.5 where the margin has none.
pub fn hit(margin: f64, target: f64) -> f64 {
    match margin * (target - 0.5) {
        product if product > 0.0 => 1.0,
        product if product < 0.0 => 0.0,
        _ => 0.5,
    }
}

fn sign(margin: f64) -> f64 {
    if margin == 0.0 { 0.0 } else { margin.signum() }
}

fn predict_ratings(pool: &Pool<'_>, fit: &Fit, known: &Labels, held_out: &Labels) -> Vec<PredictedRating> {
    let share = |level: usize, scale: usize| level as f64 / (known.scales[scale].max(2) - 1) as f64;
    let mut of = vec![(0.0, 0.0); known.annotators.len()];
    let (mut sum, mut count) = (0.0, 0.0);
    for rating in &known.ratings {
        let share = share(rating.level, rating.scale);
        of[rating.annotator].0 += share;
        of[rating.annotator].1 += 1.0;
        (sum, count) = (sum + share, count + 1.0);
    }
    if count == 0.0 {
        return vec![];
    }
    let mean = sum / count;
    // Two ratings' worth of the mean of all: a person seen once is hardly known.
    let annotator = |at: usize| (of[at].0 + 2.0 * mean) / (of[at].1 + 2.0);
    let predict = |rating: &crate::learn::labels::RatingLabel| {
        let features = Array1::from(pool.features[rating.response].values.clone());
        let eta = fit.slope * fit.theta.dot(&features) + fit.intercepts[rating.annotator];
        let probabilities = fit.levels(rating.scale, eta);
        let expected =
            probabilities.iter().enumerate().map(|(level, p)| p * share(level, rating.scale)).sum();
        PredictedRating {
            group: pool.observed[rating.response].group,
            given: share(rating.level, rating.scale),
            expected,
            annotator: annotator(rating.annotator),
            mean,
            log_probability: probabilities[rating.level].max(1e-6).ln(),
        }
    };
    held_out.ratings.iter().map(predict).collect()
}
