//! How far labels may move the prior: weighed by the evidence, the probability of the labels with the weights averaged
//! out, in Laplace's approximation (D. MacKay, *Bayesian Interpolation*, Neural Computation 4, 1992).
//!
//! No single prior is picked: every candidate is fitted, and the fits are averaged by their evidence (J. Hoeting,
//! D. Madigan, A. Raftery, C. Volinsky, *Bayesian Model Averaging*, Statistical Science 14, 1999). With few labels many
//! priors explain them about as well, and the best of them by a hair is a worse guess than their mean.

use ndarray::{Array1, Array2};
use rewardctl_core::normal::ln_phi;

use crate::learn::newton::{Minimum, covariance, log_determinant, minimise};
use crate::learn::objective::Objective;
use crate::learn::prior::Direction;

/// Multiples of the prior's scale.
const SCALES: [f64; 3] = [0.5, 1.0, 2.0];
/// Precisions of the weights around their mean: from held to free.
const PRECISIONS: [f64; 6] = [1000.0, 100.0, 10.0, 3.0, 1.0, 0.3];
/// Precisions of the weights of length and of the other style counts around zero, each tried with every prior of the
/// critics' weights: no style at all, or length alone.
const WITHOUT: (f64, f64) = (NONE, NONE);
const LENGTH: (f64, f64) = (1.0, NONE);
/// The same, tried with the best prior of the critics' weights in each direction.
const OTHERS: [(f64, f64); 4] = [(1.0, 1.0), (10.0, NONE), (10.0, 10.0), (100.0, 100.0)];
/// As good as no weight.
const NONE: f64 = 1e6;
/// The one prior of weights that only say how sure an order is: its scale, and its precision. The evidence asks which prior
/// predicts the labels at hand best on average; what is accepted without a person lies in the tail, where priors that hold the
/// weights to one critic are surest of just the pairs on which it is fooled (docs/learning.md has the figures).
const SURENESS: (f64, f64) = (1.0, 3.0);
/// A fit whose evidence is smaller than the greatest by this many nats has no weight worth the work.
const NEGLIGIBLE: f64 = 12.0;

/// So many single critics are tried as a direction, and none whose loss is greater than the best one's by more nats.
const MOST_ALONE: usize = 3;
const WORSE_ALONE: f64 = 3.0;

/// A prior, and what it is worth.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Choice {
    /// The direction of the prior's mean.
    pub direction: String,
    /// Its scale: at 1 margins on the pool have a standard deviation of 1.5.
    pub scale: f64,
    /// The precision of the critics' weights around that mean.
    pub precision: f64,
    /// The precision of the weight of length around zero.
    pub length_precision: f64,
    /// The precision of the weights of the other style counts around zero.
    pub style_precision: f64,
    /// The logarithm of the evidence, in nats.
    pub log_evidence: f64,
}

/// A fit under one prior.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The prior.
    pub choice: Choice,
    /// The fit.
    pub minimum: Minimum,
    /// The objective with that prior.
    pub objective: Objective,
    /// The logarithm of how many priors of the critics' weights this one stands for; negative for a part of one.
    pub log_mass: f64,
}

impl Candidate {
    /// Fits again, from where the fit is, after the objective has changed; None where the numbers are not finite.
    pub fn refit(&mut self) -> Option<()> {
        self.minimum = minimise(&self.objective, &self.minimum.beta)?;
        self.choice.log_evidence = log_evidence(&self.objective, &self.minimum)?;
        Some(())
    }
}

/// Which priors are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// All: style has a weight as far as the evidence supports it.
    All,
    /// Those without style.
    WithoutStyle,
    /// One of each direction, with length and no other style: for weights that say how sure an order is.
    Sureness,
}

/// What is chosen between.
#[derive(Debug, Clone, Copy)]
pub struct Priors<'a> {
    /// Which are tried.
    pub tried: Tried,
    /// Directions of the prior's mean.
    pub directions: &'a [Direction],
    /// Those of single critics, of which only the most promising are tried.
    pub alone: &'a [Direction],
    /// Where the style weights begin, and all weights end.
    pub style: (usize, usize),
}

/// The mean of fits, each by its evidence.
#[derive(Debug, Clone)]
pub struct Average {
    /// The coordinates.
    pub beta: Array1<f64>,
    /// Their covariance: within the fits, and between them.
    pub covariance: Array2<f64>,
}

/// Fits `objective` under every prior. Returns the candidates that matter, the one with the greatest evidence first;
/// none where no fit has finite numbers.
pub fn candidates(objective: &Objective, priors: Priors<'_>) -> Vec<Candidate> {
    let mut directions: Vec<&Direction> = priors.directions.iter().collect();
    directions.extend(promising(objective, priors));
    if priors.tried == Tried::Sureness {
        return relevant(one_each(objective, priors, &directions));
    }
    let mut found = grid(objective, priors, &directions, WITHOUT);
    if priors.tried == Tried::All {
        let with_length = grid(objective, priors, &directions, LENGTH);
        found.extend(others(priors, &with_length));
        found.extend(with_length);
    }
    relevant(found)
}

/// The single critics that explain the labels best by themselves.
fn promising<'a>(objective: &Objective, priors: Priors<'a>) -> Vec<&'a Direction> {
    let loss = |direction: &'a Direction| {
        let prior = Prior { direction, scale: 1.0, precision: PRECISIONS[0], style: WITHOUT };
        let objective = under(objective, priors, &prior);
        (objective.loss(&objective.mean), direction)
    };
    let mut found: Vec<(f64, &Direction)> = priors.alone.iter().map(loss).collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    let most = found.first().map_or(0.0, |best| best.0 + WORSE_ALONE);
    found.into_iter().take(MOST_ALONE).filter(|one| one.0 < most).map(|(_, direction)| direction).collect()
}

/// Fits under the one prior of sureness in each direction.
fn one_each(objective: &Objective, priors: Priors<'_>, directions: &[&Direction]) -> Vec<Candidate> {
    let (scale, precision) = SURENESS;
    let prior = |direction| Prior { direction, scale, precision, style: LENGTH };
    directions.iter().filter_map(|direction| fit(objective, priors, &prior(direction), None)).collect()
}

/// Fits under every prior of the critics' weights, with one of style.
fn grid(
    objective: &Objective,
    priors: Priors<'_>,
    directions: &[&Direction],
    style: (f64, f64),
) -> Vec<Candidate> {
    let mut found = vec![];
    for direction in directions {
        for scale in SCALES {
            let mut start: Option<Array1<f64>> = None;
            // From held to free: each fit starts where the one before ended.
            for precision in PRECISIONS {
                let prior = Prior { direction, scale, precision, style };
                let fitted = fit(objective, priors, &prior, start.as_ref());
                start = fitted.as_ref().map(|fitted| fitted.minimum.beta.clone());
                found.extend(fitted);
            }
        }
    }
    found
}

/// Fits under other priors of style, with the best prior of the critics' weights in each direction; each stands for all of the
/// grid in its direction, so that no direction gains by them.
fn others(priors: Priors<'_>, grid: &[Candidate]) -> Vec<Candidate> {
    // The grid goes through one direction after the other.
    let same = |one: &Candidate, other: &Candidate| one.choice.direction == other.choice.direction;
    grid.chunk_by(same).flat_map(|part| others_of(priors, part)).collect()
}

/// The same in one direction.
fn others_of(priors: Priors<'_>, part: &[Candidate]) -> Vec<Candidate> {
    let Some(best) = greatest(part).map(|at| &part[at]) else { return vec![] };
    let relative = |candidate: &Candidate| {
        (candidate.choice.log_evidence - best.choice.log_evidence + candidate.log_mass).exp()
    };
    let log_mass = part.iter().map(relative).sum::<f64>().ln();
    OTHERS.iter().filter_map(|style| restyled(best, priors, *style, log_mass)).collect()
}

fn restyled(best: &Candidate, priors: Priors<'_>, style: (f64, f64), log_mass: f64) -> Option<Candidate> {
    let mut objective = best.objective.clone();
    hold_style(&mut objective, priors, style);
    let minimum = minimise(&objective, &best.minimum.beta)?;
    let choice = Choice {
        length_precision: style.0,
        style_precision: style.1,
        log_evidence: log_evidence(&objective, &minimum)?,
        ..best.choice.clone()
    };
    Some(Candidate { choice, minimum, objective, log_mass })
}

/// Averages `candidates` by their evidence; None where a covariance cannot be found.
pub fn average(candidates: &[Candidate]) -> Option<Average> {
    let greatest = candidates.first()?.choice.log_evidence;
    let weight =
        |candidate: &Candidate| (candidate.choice.log_evidence - greatest + candidate.log_mass).exp();
    let weights: Vec<f64> = candidates.iter().map(weight).collect();
    let total: f64 = weights.iter().sum();
    let size = candidates[0].minimum.beta.len();
    let mut beta = Array1::zeros(size);
    for (candidate, weight) in candidates.iter().zip(&weights) {
        beta.scaled_add(weight / total, &candidate.minimum.beta);
    }
    let mut spread = Array2::zeros((size, size));
    for (candidate, weight) in candidates.iter().zip(&weights) {
        let minimum = &candidate.minimum;
        spread.scaled_add(weight / total, &covariance(&minimum.hessian, &minimum.free)?);
        let away = &minimum.beta - &beta;
        for ((i, j), value) in spread.indexed_iter_mut() {
            *value += weight / total * away[i] * away[j];
        }
    }
    Some(Average { beta, covariance: spread })
}

/// Returns `−loss − distance + ½ log|Λ| − ½ log|H|` over the free coordinates, and what the bounds add.
pub fn log_evidence(objective: &Objective, minimum: &Minimum) -> Option<f64> {
    let prior = Array2::from_diag(&objective.precision);
    let determinants =
        log_determinant(&prior, &minimum.free)? - log_determinant(&minimum.hessian, &minimum.free)?;
    Some(determinants / 2.0 - objective.value(&minimum.beta) + bounded_mass(objective, minimum))
}

/// What it adds that some weights may not be negative: of each, how much of the prior lies above zero, and of the posterior.
///
/// A weight `β ≥ 0` at the minimum with slope G ≥ 0 and curvature H has the posterior mass
/// `∫₀^∞ exp(−Gβ − ½H(β − b)²) dβ`, with b where it is free, and G = 0. Without it, priors that let weights go would have
/// weights that are held at zero for nothing.
fn bounded_mass(objective: &Objective, minimum: &Minimum) -> f64 {
    let mass = |at: usize| {
        let (precision, curvature) = (objective.precision[at], minimum.hessian[[at, at]]);
        let prior = ln_phi(objective.mean[at] * precision.sqrt());
        if minimum.free[at] {
            return ln_phi(minimum.beta[at] * curvature.sqrt()) - prior;
        }
        let depth = minimum.gradient[at].max(0.0) / curvature.sqrt();
        depth * depth / 2.0 + ln_phi(-depth) + (precision / curvature).ln() / 2.0 - prior
    };
    (0..objective.nonnegative.len()).filter(|at| objective.nonnegative[*at]).map(mass).sum()
}

struct Prior<'a> {
    direction: &'a Direction,
    scale: f64,
    precision: f64,
    style: (f64, f64),
}

fn fit(
    objective: &Objective,
    priors: Priors<'_>,
    prior: &Prior<'_>,
    start: Option<&Array1<f64>>,
) -> Option<Candidate> {
    let objective = under(objective, priors, prior);
    let minimum = minimise(&objective, start.unwrap_or(&objective.mean))?;
    let choice = Choice {
        direction: prior.direction.name.clone(),
        scale: prior.scale,
        precision: prior.precision,
        length_precision: prior.style.0,
        style_precision: prior.style.1,
        log_evidence: log_evidence(&objective, &minimum)?,
    };
    Some(Candidate { choice, minimum, objective, log_mass: prior.direction.log_mass })
}

fn under(objective: &Objective, priors: Priors<'_>, prior: &Prior<'_>) -> Objective {
    let mut changed = objective.clone();
    for at in 0..priors.style.1 {
        changed.mean[at] = prior.scale * prior.direction.weights[at];
        changed.precision[at] = prior.precision;
    }
    hold_style(&mut changed, priors, prior.style);
    changed
}

/// Holds the weight of length, and those of the other style counts, near zero.
fn hold_style(objective: &mut Objective, priors: Priors<'_>, (length, others): (f64, f64)) {
    let (style, width) = priors.style;
    for at in style..width {
        objective.precision[at] = if at == style { length } else { others };
    }
}

/// The place of the greatest evidence; among equals the first.
fn greatest(found: &[Candidate]) -> Option<usize> {
    let evidence = |at: usize| found[at].choice.log_evidence;
    (0..found.len()).reduce(|best, at| if evidence(at) > evidence(best) { at } else { best })
}

fn relevant(mut found: Vec<Candidate>) -> Vec<Candidate> {
    let Some(best) = greatest(&found) else { return vec![] };
    let least = found[best].choice.log_evidence - NEGLIGIBLE;
    found.swap(0, best);
    found.retain(|candidate| candidate.choice.log_evidence > least);
    found
}
