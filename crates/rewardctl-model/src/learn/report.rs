//! What a fit is worth, on prompts that it never saw, beside simpler ways to predict the same labels.

use std::collections::{BTreeMap, BTreeSet};

use rewardctl_core::bootstrap;
use rewardctl_core::calibration::ece::ece;
use rewardctl_core::calibration::reliability::Binning;
use rewardctl_core::calibration::{Forecast, Forecasts};
use serde::{Deserialize, Serialize};

use crate::learn::cross::{BASELINES, Crossed, Predicted, PredictedRating, hit};
use crate::learn::evidence::Choice;
use crate::learn::fit::{Fit, Pool};
use crate::learn::labels::Labels;
use crate::learn::temperature::{FEWEST_MARGINS, cross_entropy, probability};

/// A figure with its 95 % interval by bootstrap over prompts, of which each pair has one or two; no interval with fewer than
/// two prompts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The figure.
    pub mean: f64,
    /// The ends of the interval.
    pub interval: Option<(f64, f64)>,
}

/// One way to predict preferences, and the fit's lead over it on the same pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rival {
    /// What people call it.
    pub name: String,
    /// The share of pairs predicted right; no opinion counts as half.
    pub accuracy: Figure,
    /// The mean of `−log P(label)`, in nats.
    pub log_loss: Figure,
    /// The fit's accuracy minus this one's, paired.
    pub lead: Figure,
}

/// How well preferences were predicted out of fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preferences {
    /// Pairs with a winner: comparisons, and responses that one person rated differently.
    pub pairs: usize,
    /// Comparisons that ended in a tie: they count in the log loss alone.
    pub ties: usize,
    /// The share of pairs with a winner predicted right.
    pub accuracy: Figure,
    /// The mean of `−log P(label)`, in nats; 0.693 knows nothing.
    pub log_loss: Figure,
    /// The mean squared difference of probability and label.
    pub brier: f64,
    /// The expected calibration error in ten bins of equal width, of the probability of the likelier response.
    pub ece: Option<f64>,
    /// Simpler ways, on the same pairs.
    pub rivals: Vec<Rival>,
}

/// How well ratings were predicted out of fold; all as shares of their scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ratings {
    /// Ratings predicted.
    pub count: usize,
    /// The root mean square error of the level expected.
    pub rmse: f64,
    /// The same of the mean of all other ratings.
    pub rmse_mean_only: f64,
    /// The same of what the annotator gave on average elsewhere.
    pub rmse_annotator_only: f64,
    /// Pearson's correlation of the level expected; None where either does not vary.
    pub pearson: Option<f64>,
    /// The same of what the annotator gave on average elsewhere.
    pub pearson_annotator_only: Option<f64>,
    /// The mean of `−log P(level)`, in nats.
    pub log_loss: f64,
}

/// The weight of one feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// What it is: a critic, the caps of a dimension, or a style count.
    pub feature: String,
    /// In units of utility for one standard deviation within prompts.
    pub weight: f64,
    /// How sure the labels are of it.
    pub deviation: f64,
    /// What the critics' agreement alone makes of the critic, as an accuracy; None for other features.
    pub reliability: Option<f64>,
}

/// What one person's labels tell of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Annotator {
    /// Who.
    pub name: String,
    /// Labels given.
    pub labels: usize,
    /// How often comparisons are flipped; None where the labels cannot tell.
    pub flip_rate: Option<f64>,
    /// By how much they rate higher than others, in log-odds; None without ratings.
    pub leniency: Option<f64>,
}

/// Everything that a fit says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Responses of the pool, labelled or not.
    pub responses: usize,
    /// Prompts of the pool.
    pub prompts: usize,
    /// Comparisons.
    pub pairs: usize,
    /// Ratings.
    pub ratings: usize,
    /// Prompts with a label.
    pub labelled_prompts: usize,
    /// The seed of the folds.
    pub seed: u64,
    /// The prior with the greatest evidence; None without labels.
    pub prior: Option<Choice>,
    /// The weights, those that are not zero.
    pub weights: Vec<Weight>,
    /// Critics without a feature: they never differ, or hardly ever score.
    pub unused: Vec<String>,
    /// The people.
    pub annotators: Vec<Annotator>,
    /// What margins are divided by; 1 until there are enough of them.
    pub temperature: f64,
    /// Whether there were enough out-of-fold margins to calibrate on.
    pub is_calibrated: bool,
    /// Out of fold; None with fewer than two labelled prompts, or none in a fold.
    pub preferences: Option<Preferences>,
    /// Out of fold; None without ratings.
    pub rating_figures: Option<Ratings>,
    /// The out-of-fold accuracy with weights of any sign, where it was asked for as well.
    pub free_signs_accuracy: Option<Figure>,
    /// Whether those weights say how sure an order is: out of fold they say it better. Never in reports of before.
    #[serde(default)]
    pub is_sure_by_any_sign: bool,
    /// Rivals that the fit is not better than.
    pub not_better_than: Vec<String>,
    /// What a person should know before they rely on it.
    pub warnings: Vec<String>,
}

/// Returns the figures of preferences at temperature `t`.
pub fn preferences(predicted: &[Predicted], t: f64, seed: u64) -> Option<Preferences> {
    // Without a winner there is nothing to be right about.
    if predicted.iter().all(|one| one.preference.target == 0.5) {
        return None;
    }
    let groups = Groups::new(predicted.iter().map(|one| one.preference.groups));
    let ours: Vec<f64> = predicted.iter().map(|one| probability(one.sure, one.variance, t)).collect();
    let clear: Vec<usize> =
        (0..predicted.len()).filter(|at| predicted[*at].preference.target != 0.5).collect();
    let hits = |probabilities: &[f64]| -> Vec<Option<f64>> {
        let hit = |at: usize| hit(probabilities[at] - 0.5, predicted[at].preference.target);
        (0..predicted.len()).map(|at| (predicted[at].preference.target != 0.5).then(|| hit(at))).collect()
    };
    let losses = |probabilities: &[f64]| -> Vec<Option<f64>> {
        let each = probabilities.iter().zip(predicted);
        each.map(|(p, one)| Some(cross_entropy(*p, one.preference.target))).collect()
    };
    // The order is that of the margins, however sure it is.
    let our_hits = hits(&predicted.iter().map(|one| probability(one.margin, 0.0, 1.0)).collect::<Vec<_>>());
    let rival = |(at, baseline): (usize, &crate::learn::cross::Baseline)| {
        let theirs: Vec<f64> = predicted.iter().map(|one| one.baselines[at]).collect();
        let their_hits = hits(&theirs);
        let lead: Vec<Option<f64>> =
            our_hits.iter().zip(&their_hits).map(|(a, b)| Some((*a)? - (*b)?)).collect();
        Rival {
            name: baseline.name().into(),
            accuracy: groups.figure(&their_hits, seed),
            log_loss: groups.figure(&losses(&theirs), seed),
            lead: groups.figure(&lead, seed),
        }
    };
    let squares = ours.iter().zip(predicted).map(|(p, one)| (p - one.preference.target).powi(2));
    Some(Preferences {
        pairs: clear.len(),
        ties: predicted.len() - clear.len(),
        accuracy: groups.figure(&our_hits, seed),
        log_loss: groups.figure(&losses(&ours), seed),
        brier: squares.sum::<f64>() / predicted.len() as f64,
        ece: expected_calibration_error(&ours, predicted),
        rivals: BASELINES.iter().enumerate().map(rival).collect(),
    })
}

fn expected_calibration_error(probabilities: &[f64], predicted: &[Predicted]) -> Option<f64> {
    let forecasts = probabilities
        .iter()
        .zip(predicted)
        .filter_map(|(p, one)| Forecast::new(*p, one.preference.target).ok().map(Forecast::confidence));
    ece(Forecasts::independent(&forecasts.collect::<Vec<_>>()).all(), Binning::EqualWidth(10))
}

/// Returns the figures of ratings; None without any.
pub fn ratings(predicted: &[PredictedRating]) -> Option<Ratings> {
    let count = predicted.len();
    if count == 0 {
        return None;
    }
    let rmse = |of: fn(&PredictedRating) -> f64| {
        let squares = predicted.iter().map(|one| (of(one) - one.given).powi(2));
        (squares.sum::<f64>() / count as f64).sqrt()
    };
    let pearson = |of: fn(&PredictedRating) -> f64| {
        let pairs: Vec<(f64, f64)> = predicted.iter().map(|one| (of(one), one.given)).collect();
        correlation(&pairs)
    };
    Some(Ratings {
        count,
        rmse: rmse(|one| one.expected),
        rmse_mean_only: rmse(|one| one.mean),
        rmse_annotator_only: rmse(|one| one.annotator),
        pearson: pearson(|one| one.expected),
        pearson_annotator_only: pearson(|one| one.annotator),
        log_loss: -predicted.iter().map(|one| one.log_probability).sum::<f64>() / count as f64,
    })
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let columns =
        [pairs.iter().map(|pair| Some(pair.0)).collect(), pairs.iter().map(|pair| Some(pair.1)).collect()];
    rewardctl_core::independence::correlations(&columns, 3).mean
}

/// The prompts of pairs, numbered without gaps, for the bootstrap.
#[derive(Debug, Clone)]
pub struct Groups {
    of: Vec<[usize; 2]>,
    count: usize,
}

impl Groups {
    /// Numbers the prompts of pairs.
    pub fn new(pairs: impl Iterator<Item = [usize; 2]>) -> Self {
        let pairs: Vec<[usize; 2]> = pairs.collect();
        let known: BTreeSet<usize> = pairs.iter().flatten().copied().collect();
        let numbers: BTreeMap<usize, usize> =
            known.into_iter().enumerate().map(|(at, group)| (group, at)).collect();
        let of = pairs.iter().map(|pair| pair.map(|group| numbers[&group])).collect();
        Self { count: numbers.len(), of }
    }

    /// Returns the numbers of each pair's prompts.
    pub fn of(&self) -> &[[usize; 2]] {
        &self.of
    }

    /// Returns the mean of the values that there are, one or none for each pair, or 0.
    pub fn figure(&self, values: &[Option<f64>], seed: u64) -> Figure {
        // Pairs of the same prompts are drawn together.
        let mut sums: BTreeMap<[usize; 2], (f64, f64)> = BTreeMap::new();
        for (groups, value) in self.of.iter().zip(values) {
            if let Some(value) = value {
                let sum = sums.entry(*groups).or_default();
                *sum = (sum.0 + value, sum.1 + 1.0);
            }
        }
        // A list is gone through many times sooner than a tree, and every sample goes through it.
        let sums: Vec<([usize; 2], (f64, f64))> = sums.into_iter().collect();
        Figure {
            mean: mean(&sums, |_| 1.0).unwrap_or(0.0),
            interval: bootstrap::interval(self.count, seed, |drawn| {
                mean(&sums, |groups| f64::from(bootstrap::times(drawn, groups)))
            }),
        }
    }
}

/// The mean of values that are summed and counted by prompts, each as often as its prompts weigh.
fn mean(sums: &[([usize; 2], (f64, f64))], weight: impl Fn([usize; 2]) -> f64) -> Option<f64> {
    let weighed = sums.iter().map(|(groups, (sum, count))| (weight(*groups) * sum, weight(*groups) * count));
    let (sum, count) = weighed.fold((0.0, 0.0), |(sum, count), (s, c)| (sum + s, count + c));
    (count > 0.0).then(|| sum / count)
}

/// Returns what the pool and the labels are, before any fit.
pub fn begin(pool: &Pool<'_>, labels: &Labels, seed: u64) -> Report {
    let prompts = |places: &mut dyn Iterator<Item = usize>| {
        places.map(|place| pool.observed[place].group).collect::<BTreeSet<usize>>().len()
    };
    let labelled =
        labels.pairs.iter().map(|pair| pair.a).chain(labels.ratings.iter().map(|rating| rating.response));
    let slots = pool.space.panel.slots.iter().zip(&pool.space.critics);
    let unused = slots.filter(|(slot, standard)| {
        standard.deviation == 0.0 && slot.part == rewardctl_core::panel::Part::Mean
    });
    Report {
        responses: pool.observed.len(),
        prompts: prompts(&mut (0..pool.observed.len())),
        pairs: labels.pairs.len(),
        ratings: labels.ratings.len(),
        labelled_prompts: prompts(&mut labelled.into_iter()),
        seed,
        prior: None,
        weights: vec![],
        unused: unused.map(|(slot, _)| slot.critic.clone()).collect(),
        annotators: vec![],
        temperature: 1.0,
        is_calibrated: false,
        preferences: None,
        rating_figures: None,
        free_signs_accuracy: None,
        is_sure_by_any_sign: false,
        not_better_than: vec![],
        warnings: vec![],
    }
}

/// Adds what was fitted.
pub fn add_fit(report: &mut Report, pool: &Pool<'_>, labels: &Labels, fit: &Fit) {
    report.prior = Some(fit.choice.clone());
    report.weights = weights(pool, fit);
    report.annotators = annotators(labels, fit);
}

/// Adds what it is worth, and says what it is not better than.
pub fn add_figures(report: &mut Report, crossed: &Crossed, temperature: f64) {
    report.temperature = temperature;
    report.is_calibrated = crossed.preferences.len() >= FEWEST_MARGINS;
    report.preferences = preferences(&crossed.preferences, temperature, report.seed);
    report.rating_figures = ratings(&crossed.ratings);
    if let Some(found) = &report.preferences {
        let better = |rival: &&Rival| rival.lead.mean <= 0.0;
        report.not_better_than = found.rivals.iter().filter(better).map(|rival| rival.name.clone()).collect();
    }
}

fn weights(pool: &Pool<'_>, fit: &Fit) -> Vec<Weight> {
    let names = pool.space.names();
    let active = pool.space.active();
    let each = names.into_iter().enumerate().filter(|(at, _)| active[*at]);
    each.map(|(at, feature)| Weight {
        feature,
        weight: fit.theta[at],
        deviation: fit.covariance[[at, at]].max(0.0).sqrt(),
        reliability: pool.reliabilities.get(at).copied().flatten(),
    })
    .collect()
}

fn annotators(labels: &Labels, fit: &Fit) -> Vec<Annotator> {
    let count = |at: usize| {
        let pairs = labels.pairs.iter().filter(|pair| pair.annotator == at).count();
        let ratings = labels.ratings.iter().filter(|rating| rating.annotator == at).count();
        (pairs, ratings)
    };
    let each = labels.annotators.iter().enumerate().map(|(at, name)| {
        let (pairs, ratings) = count(at);
        Annotator {
            name: name.clone(),
            labels: pairs + ratings,
            flip_rate: fit.flip_rates.get(at).copied().filter(|_| pairs > 0),
            leniency: (ratings > 0).then(|| fit.intercepts[at]),
        }
    });
    each.filter(|annotator| annotator.labels > 0).collect()
}

#[cfg(test)]
mod tests;
