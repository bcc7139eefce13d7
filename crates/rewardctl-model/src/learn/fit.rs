//! One fit: from labels and the features of a pool to weights with their posterior.

use ndarray::{Array1, Array2};
use rewardctl_core::panel::Panel;

use crate::fit::logistic::sigmoid;
use crate::learn::evidence::{Average, Candidate, Choice, Priors, Tried, average, candidates, log_evidence};
use crate::learn::flips;
use crate::learn::labels::{Labels, Observed, PairLabel};
use crate::learn::newton::minimise;
use crate::learn::objective::{Objective, Rating};
use crate::learn::prior::{Direction, Reliabilities, alone, directions, pool_pairs, reliabilities};
use crate::learn::repeats::Repeats;
use crate::learn::space::{Features, Signs, Space};
use crate::learn::temperature::golden_section;

/// Rounds between annotators' flip rates and the weights; they settle in about five.
const FLIP_ROUNDS: usize = 10;
/// Rounds between the slope of the ratings and the weights.
const SLOPE_ROUNDS: usize = 4;
/// The deviation of the prior on the logarithm of that slope.
const SLOPE_DEVIATION: f64 = 0.5;
/// An annotator with fewer ratings has no intercept.
const FEWEST_RATINGS: usize = 3;
/// Precisions of the annotators' intercepts; the last is as good as none.
const INTERCEPT_PRECISIONS: [f64; 4] = [1.0, 4.0, 0.25, 1e6];
/// The precision of the cuts around the shares of the levels: next to nothing.
const CUT_PRECISION: f64 = 0.01;

/// A pool of responses, with everything that a fit needs and that no label tells.
#[derive(Debug)]
pub struct Pool<'a> {
    /// The responses.
    pub observed: &'a [Observed],
    /// The space of features.
    pub space: Space,
    /// Per response.
    pub features: Vec<Features>,
    /// Pairs of responses to one prompt.
    pub pairs: Vec<(usize, usize)>,
    /// Per slot, what the critics' votes tell of it.
    pub reliabilities: Reliabilities,
    /// Directions of the prior.
    pub directions: Vec<Direction>,
    /// Those in which one critic decides alone.
    pub alone: Vec<Direction>,
}

/// The weights that the labels support.
#[derive(Debug, Clone)]
pub struct Fit {
    /// Per feature.
    pub theta: Array1<f64>,
    /// The covariance of the posterior over the features.
    pub covariance: Array2<f64>,
    /// What the evidence chose.
    pub choice: Choice,
    /// Per annotator: how often their comparisons are flipped; empty where the labels cannot tell.
    pub flip_rates: Vec<f64>,
    /// What a unit of reward is on the scale of the ratings.
    pub slope: f64,
    /// Per scale of ratings: the cuts between its levels.
    pub cuts: Vec<Vec<f64>>,
    /// Per annotator: by how much they rate higher than others, on the scale of the cuts; 0 where nothing is known.
    pub intercepts: Vec<f64>,
}

impl<'a> Pool<'a> {
    /// Measures the pool; no label takes part.
    pub fn new(panel: &Panel, signs: Signs, observed: &'a [Observed]) -> Self {
        let space = Space::measure(panel, signs, observed);
        let features: Vec<Features> = observed.iter().map(|one| space.features(one)).collect();
        let pairs = pool_pairs(observed);
        let reliabilities = reliabilities(&space, observed, &pairs);
        let values: Vec<Vec<f64>> = features.iter().map(|one| one.values.clone()).collect();
        let directions = directions(&space, &values, &pairs, &reliabilities);
        let alone = alone(&space, &values, &pairs);
        Self { observed, space, features, pairs, reliabilities, directions, alone }
    }

    /// Returns what a fit on this pool chooses between.
    pub fn priors(&self, tried: Tried) -> Priors<'_> {
        let style = (self.space.style_at(), self.space.width());
        Priors { tried, directions: &self.directions, alone: &self.alone, style }
    }

    /// Returns `φ_a − φ_b`.
    pub fn difference(&self, a: usize, b: usize) -> Array1<f64> {
        let pairs = self.features[a].values.iter().zip(&self.features[b].values);
        pairs.map(|(x, y)| x - y).collect()
    }

    /// Returns the variance of a response's reward that the weights `theta` leave open: of what was imputed, and of
    /// the critics' own scores.
    pub fn item_variance(&self, theta: &Array1<f64>, place: usize) -> f64 {
        let [imputed, critics] =
            item_variances(&self.space, theta, &self.features[place], &self.observed[place]);
        imputed + critics
    }
}

impl Fit {
    /// Returns the probability of each level of a scale at the place `eta` of its cuts.
    pub fn levels(&self, scale: usize, eta: f64) -> Vec<f64> {
        let below = self.cuts[scale].iter().map(|cut| sigmoid(cut - eta)).chain([1.0]);
        let mut previous = 0.0;
        below.map(|share| (share - std::mem::replace(&mut previous, share)).max(0.0)).collect()
    }
}

/// Returns the variance of what was imputed, `w_mᵀ C w_m`, and that of the critics, `Σ a_k² v_k / σ_k²`, where `a` is
/// what a score really weighs: its own weight, and what it adds to the scores that were imputed.
pub fn item_variances(
    space: &Space,
    theta: &Array1<f64>,
    features: &Features,
    observed: &Observed,
) -> [f64; 2] {
    let mut effective: Vec<f64> = theta.iter().take(space.critics.len()).copied().collect();
    let mut imputed_variance = 0.0;
    if let Some(imputed) = &features.imputed {
        let weights: Array1<f64> = imputed.slots.iter().map(|slot| theta[*slot]).collect();
        imputed_variance = weights.dot(&imputed.covariance.dot(&weights)).max(0.0);
        let added = imputed.regression.t().dot(&weights);
        imputed.seen.iter().zip(&added).for_each(|(slot, added)| effective[*slot] += added);
    }
    let critics = space.critics.iter().zip(&observed.variances).zip(&observed.scores).zip(&effective);
    let own = critics.filter(|(((standard, _), score), _)| standard.deviation > 0.0 && score.is_some());
    let own = own.map(|(((standard, variance), _), w)| w * w * variance / standard.deviation.powi(2));
    [imputed_variance, own.sum()]
}

/// Fits `labels`; None where the pool has no critic whose scores differ, or the numbers are not finite.
pub fn fit(pool: &Pool<'_>, labels: &Labels, tried: Tried) -> Option<Fit> {
    let layout = Layout::new(pool, labels);
    let mut candidates = candidates(&layout.objective, pool.priors(tried));
    let people = layout.settle(&mut candidates, labels)?;
    let choice = candidates.first()?.choice.clone();
    let average = average(&candidates)?;
    layout.finish(pool, people, choice, &average)
}

/// The objective of some labels, and where its coordinates stand.
struct Layout {
    objective: Objective,
    // Where the cuts of each scale begin, and the number of cuts.
    cuts: Vec<(usize, usize)>,
    // Per annotator, where the intercept stands.
    intercepts: Vec<Option<usize>>,
    // Per scale, which levels somebody gave.
    given: Vec<Vec<bool>>,
}

/// What was fitted of the people beside the weights.
struct People {
    flip_rates: Vec<f64>,
    slope: f64,
}

impl Layout {
    fn new(pool: &Pool<'_>, labels: &Labels) -> Self {
        let width = pool.space.width();
        let given: Vec<Vec<bool>> = (0..labels.scales.len()).map(|scale| given(labels, scale)).collect();
        let levels: Vec<Vec<usize>> = given.iter().map(|given| numbered(given)).collect();
        let mut size = width;
        let mut cuts = vec![];
        for given in &given {
            let count = count(given).saturating_sub(1);
            cuts.push((size, count));
            size += count;
        }
        let intercepts = intercepts(labels, &mut size);
        let mut mean = Array1::zeros(size);
        let mut precision = Array1::from_elem(size, INTERCEPT_PRECISIONS[0]);
        for (scale, (start, count)) in cuts.iter().enumerate() {
            for (at, cut) in (*start..start + count).zip(empirical_cuts(labels, scale, &levels[scale])) {
                (mean[at], precision[at]) = (cut, CUT_PRECISION);
            }
        }
        let rows: Vec<Array1<f64>> =
            labels.pairs.iter().map(|pair| pool.difference(pair.a, pair.b)).collect();
        let ratings = labels.ratings.iter().map(|rating| Rating {
            level: levels[rating.scale][rating.level],
            weight: 1.0,
            cuts: cuts[rating.scale].0..cuts[rating.scale].0 + cuts[rating.scale].1,
            intercept: intercepts[rating.annotator],
        });
        let mut nonnegative = pool.space.nonnegative();
        nonnegative.resize(size, false);
        let objective = Objective {
            differences: Array2::from_shape_fn((rows.len(), width), |(i, j)| rows[i][j]),
            targets: labels.pairs.iter().map(|pair| pair.target).collect(),
            weights: vec![1.0; labels.pairs.len()],
            rated: Array2::from_shape_fn((labels.ratings.len(), width), |(i, j)| {
                pool.features[labels.ratings[i].response].values[j]
            }),
            ratings: ratings.collect(),
            slope: 1.0,
            mean,
            precision,
            nonnegative,
        };
        Self { objective, cuts, intercepts, given }
    }

    /// Fits what belongs to the people and their scales, under the best prior, then all others under the same.
    fn settle(&self, candidates: &mut [Candidate], labels: &Labels) -> Option<People> {
        let best = candidates.first_mut()?;
        self.choose_intercepts(best);
        self.fit_slope(best)?;
        let flip_rates = self.fit_flips(best, labels)?;
        let repeats = Repeats::of(labels);
        if repeats.is_any() {
            best.objective.weigh(repeats.weights(&best.objective.errors(&best.minimum.beta)));
        }
        let people = People { flip_rates, slope: best.objective.slope };
        let has_people =
            !people.flip_rates.is_empty() || !self.objective.ratings.is_empty() || repeats.is_any();
        let settled = best.objective.clone();
        let width = self.objective.differences.ncols();
        for candidate in candidates.iter_mut().filter(|_| has_people) {
            let objective = &mut candidate.objective;
            objective.slope = settled.slope;
            objective.targets.clone_from(&settled.targets);
            objective.weights.clone_from(&settled.weights);
            objective.ratings.clone_from(&settled.ratings);
            (width..settled.precision.len()).for_each(|at| objective.precision[at] = settled.precision[at]);
            candidate.refit()?;
        }
        Some(people)
    }

    /// Chooses by evidence how far annotators' scales may lie apart.
    fn choose_intercepts(&self, best: &mut Candidate) {
        let places: Vec<usize> = self.intercepts.iter().flatten().copied().collect();
        for precision in &INTERCEPT_PRECISIONS[1..] {
            if places.is_empty() {
                return;
            }
            let mut objective = best.objective.clone();
            places.iter().for_each(|at| objective.precision[*at] = *precision);
            let Some(minimum) = minimise(&objective, &best.minimum.beta) else { continue };
            let Some(evidence) = log_evidence(&objective, &minimum) else { continue };
            if evidence > best.choice.log_evidence {
                let choice = Choice { log_evidence: evidence, ..best.choice.clone() };
                *best = Candidate { choice, minimum, objective, log_mass: best.log_mass };
            }
        }
    }

    /// With pairs and ratings, fits what a unit of reward is on the scale of the ratings.
    fn fit_slope(&self, best: &mut Candidate) -> Option<()> {
        if self.objective.ratings.is_empty() || self.objective.targets.is_empty() {
            return Some(());
        }
        for _ in 0..SLOPE_ROUNDS {
            let log = golden_section(-2.0, 2.0, |log| {
                let objective = Objective { slope: log.exp(), ..best.objective.clone() };
                objective.loss(&best.minimum.beta) + (log / SLOPE_DEVIATION).powi(2) / 2.0
            });
            best.objective.slope = log.exp();
            best.minimum = minimise(&best.objective, &best.minimum.beta)?;
        }
        Some(())
    }

    /// With people who can be compared, fits how often each one's comparisons are flipped.
    fn fit_flips(&self, best: &mut Candidate, labels: &Labels) -> Option<Vec<f64>> {
        if !flips::are_comparable(labels) {
            return Some(vec![]);
        }
        let people = labels.annotators.len();
        let mut rates = flips::rates(&[], &[], people);
        for _ in 0..FLIP_ROUNDS {
            let theta = self.theta(&best.minimum.beta);
            let margins = best.objective.differences.dot(&theta).to_vec();
            let meant = flips::meant(&labels.pairs, &margins, &rates);
            rates = flips::rates(&labels.pairs, &meant, people);
            best.objective.targets = corrected(&labels.pairs, &meant);
            best.minimum = minimise(&best.objective, &best.minimum.beta)?;
        }
        Some(rates)
    }

    fn finish(&self, pool: &Pool<'_>, people: People, choice: Choice, average: &Average) -> Option<Fit> {
        let width = pool.space.width();
        let mut covariance = Array2::from_shape_fn((width, width), |at| average.covariance[at]);
        let active = pool.space.active();
        // What never differs has no weight to be unsure of.
        for at in (0..width).filter(|at| !active[*at]) {
            covariance.row_mut(at).fill(0.0);
            covariance.column_mut(at).fill(0.0);
        }
        let beta = &average.beta;
        let theta = self.theta(beta);
        let cuts = self
            .cuts
            .iter()
            .map(|(start, count)| (*start..start + count).map(|at| beta[at]).collect::<Vec<f64>>());
        let is_finite = beta.iter().chain(&covariance).all(|value| value.is_finite());
        is_finite.then(|| Fit {
            theta,
            covariance,
            choice,
            flip_rates: people.flip_rates,
            slope: people.slope,
            cuts: cuts.zip(&self.given).map(|(cuts, given)| spread(&cuts, given)).collect(),
            intercepts: self.intercepts.iter().map(|at| at.map_or(0.0, |at| beta[at])).collect(),
        })
    }

    fn theta(&self, beta: &Array1<f64>) -> Array1<f64> {
        beta.iter().take(self.objective.differences.ncols()).copied().collect()
    }
}

/// Tells which levels of a scale somebody gave.
fn given(labels: &Labels, scale: usize) -> Vec<bool> {
    let mut given = vec![false; labels.scales[scale]];
    labels
        .ratings
        .iter()
        .filter(|rating| rating.scale == scale)
        .for_each(|rating| given[rating.level] = true);
    given
}

/// Numbers the levels that somebody gave; one that nobody gave counts as the next above that somebody did.
fn numbered(given: &[bool]) -> Vec<usize> {
    let most = count(given).saturating_sub(1);
    (0..given.len()).map(|level| count(&given[..level]).min(most)).collect()
}

/// Returns the cuts between all levels of a scale: one that nobody gave is empty.
fn spread(cuts: &[f64], given: &[bool]) -> Vec<f64> {
    let cut = |level: usize| match (count(&given[..=level]), count(&given[level + 1..])) {
        (0, _) => f64::NEG_INFINITY,
        (_, 0) => f64::INFINITY,
        (below, _) => cuts[below - 1],
    };
    (0..given.len().saturating_sub(1)).map(cut).collect()
}

fn count(given: &[bool]) -> usize {
    given.iter().filter(|given| **given).count()
}

fn empirical_cuts(labels: &Labels, scale: usize, levels: &[usize]) -> Vec<f64> {
    let count = levels.last().copied().unwrap_or(0);
    let mut shares = vec![0.5; count + 1];
    for rating in labels.ratings.iter().filter(|rating| rating.scale == scale) {
        shares[levels[rating.level]] += 1.0;
    }
    let all: f64 = shares.iter().sum();
    let mut below = 0.0;
    let cut = |share: &f64| {
        below += share;
        (below / (all - below)).ln()
    };
    shares[..count].iter().map(cut).collect()
}

fn intercepts(labels: &Labels, size: &mut usize) -> Vec<Option<usize>> {
    let mut counts = vec![0; labels.annotators.len()];
    labels.ratings.iter().for_each(|rating| counts[rating.annotator] += 1);
    let enough = counts.iter().filter(|count| **count >= FEWEST_RATINGS).count() >= 2;
    let place = |count: &usize| {
        (enough && *count >= FEWEST_RATINGS).then(|| {
            *size += 1;
            *size - 1
        })
    };
    counts.iter().map(place).collect()
}

fn corrected(pairs: &[PairLabel], meant: &[f64]) -> Vec<f64> {
    pairs.iter().zip(meant).map(|(pair, meant)| flips::corrected(pair.target, *meant)).collect()
}
