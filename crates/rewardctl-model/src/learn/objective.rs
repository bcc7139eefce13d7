//! What a fit minimises: the loss of pairs and ratings under one set of weights, and the distance from the prior.
//!
//! Pairs follow Bradley and Terry (Biometrika 39, 1952): `P(a ≻ b) = σ(θ·(φ_a − φ_b))`. Ratings follow proportional
//! odds (McCullagh, JRSS B 42, 1980): `P(level ≤ c) = σ(cut_c − slope·θ·φ − intercept_h)`, with cuts for each scale
//! and an intercept for each annotator. Both are convex in `β = (θ, cuts, intercepts)`.

use std::ops::Range;

use ndarray::{Array1, Array2, s};

use crate::fit::logistic::{log_loss, sigmoid};
use crate::learn::repeats::Each;

/// A rating, by places in `β`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// The level, from 0.
    pub level: usize,
    /// What it weighs.
    pub weight: f64,
    /// Where the cuts of its scale stand; one fewer than levels.
    pub cuts: Range<usize>,
    /// Where the annotator's intercept stands, if there is one.
    pub intercept: Option<usize>,
}

/// The problem. The first `width` coordinates of `β` are the weights `θ`.
#[derive(Debug, Clone)]
pub struct Objective {
    /// Comparisons, one a row: `φ_a − φ_b`.
    pub differences: Array2<f64>,
    /// Their targets.
    pub targets: Vec<f64>,
    /// Their weights.
    pub weights: Vec<f64>,
    /// Ratings, by the features of what was rated, one a row: `φ`.
    pub rated: Array2<f64>,
    /// The ratings.
    pub ratings: Vec<Rating>,
    /// What a unit of reward is on the scale of the ratings.
    pub slope: f64,
    /// The prior's mean, per coordinate.
    pub mean: Array1<f64>,
    /// The prior's precision, per coordinate; positive.
    pub precision: Array1<f64>,
    /// Which coordinates may not fall below 0.
    pub nonnegative: Vec<bool>,
}

/// The first and second derivatives at a point.
#[derive(Debug, Clone)]
pub struct Derivatives {
    /// The gradient.
    pub gradient: Array1<f64>,
    /// The Hessian.
    pub hessian: Array2<f64>,
}

impl Objective {
    /// Returns the loss of the labels alone, in nats over all of them; infinite where cuts are out of order.
    pub fn loss(&self, beta: &Array1<f64>) -> f64 {
        let theta = self.theta(beta);
        let margins = self.differences.dot(&theta);
        let pairs: f64 = margins
            .iter()
            .zip(&self.targets)
            .zip(&self.weights)
            .map(|((margin, target), w)| w * log_loss(*margin, *target))
            .sum();
        let ratings = self.ratings.iter().zip(self.etas(beta, &theta));
        pairs + ratings.map(|(rating, eta)| rating.weight * rating.loss(beta, eta)).sum::<f64>()
    }

    /// Returns half the squared distance from the prior, in the prior's own metric.
    pub fn distance(&self, beta: &Array1<f64>) -> f64 {
        let terms = beta.iter().zip(&self.mean).zip(&self.precision);
        terms.map(|((b, mean), precision)| precision * (b - mean).powi(2)).sum::<f64>() / 2.0
    }

    /// Returns loss and distance together.
    pub fn value(&self, beta: &Array1<f64>) -> f64 {
        self.loss(beta) + self.distance(beta)
    }

    /// Returns the derivatives at `beta`.
    pub fn derivatives(&self, beta: &Array1<f64>) -> Derivatives {
        let theta = self.theta(beta);
        let mut gradient = &self.precision * &(beta - &self.mean);
        let mut hessian = Array2::from_diag(&self.precision);
        let margins = self.differences.dot(&theta);
        let mut scaled = self.differences.clone();
        for (((mut row, margin), target), w) in
            scaled.rows_mut().into_iter().zip(&margins).zip(&self.targets).zip(&self.weights)
        {
            let p = sigmoid(*margin);
            gradient.iter_mut().zip(&row).for_each(|(sum, value)| *sum += w * (p - target) * value);
            row *= (w * p * (1.0 - p)).sqrt();
        }
        add_squares(&scaled, &mut hessian);
        let mut derivatives = Derivatives { gradient, hessian };
        self.add_ratings(beta, &theta, &mut derivatives);
        derivatives
    }

    fn add_ratings(&self, beta: &Array1<f64>, theta: &Array1<f64>, derivatives: &mut Derivatives) {
        let Derivatives { gradient, hessian } = derivatives;
        let width = theta.len();
        let mut scaled = self.rated.clone();
        let each = self.ratings.iter().zip(self.etas(beta, theta)).zip(scaled.rows_mut());
        for ((rating, eta), mut row) in each {
            let Slopes { first, second, others, cuts } = rating.slopes(beta, eta);
            row *= self.slope;
            gradient.slice_mut(s![..width]).scaled_add(first, &row);
            for other in others.into_iter().flatten() {
                gradient[other.at] += other.gradient;
                hessian[[other.at, other.at]] += other.curvature;
                hessian.slice_mut(s![other.at, ..width]).scaled_add(other.with_eta, &row);
            }
            for (one, other, value) in cuts.into_iter().flatten() {
                hessian[[one.max(other), one.min(other)]] += value;
            }
            row *= second.sqrt();
        }
        add_squares(&scaled, hessian);
        // What lies beyond the features was added below the diagonal alone.
        for (i, j) in (width..beta.len()).flat_map(|i| (0..i).map(move |j| (i, j))) {
            hessian[[j, i]] = hessian[[i, j]];
        }
    }

    /// The places of the ratings on the scales of their cuts.
    fn etas(&self, beta: &Array1<f64>, theta: &Array1<f64>) -> Vec<f64> {
        let leniency = |rating: &Rating| rating.intercept.map_or(0.0, |at| beta[at]);
        let each = self.rated.dot(theta).into_iter().zip(&self.ratings);
        each.map(|(reward, rating)| self.slope * reward + leniency(rating)).collect()
    }

    /// Lets each label weigh what `weights` say.
    pub fn weigh(&mut self, weights: Each) {
        self.weights = weights.pairs;
        self.ratings.iter_mut().zip(weights.ratings).for_each(|(rating, weight)| rating.weight = weight);
    }

    /// Returns by how much each label lies above what is expected of it: of a comparison the target less its probability, of a
    /// rating the share of levels below it less that of those above.
    pub fn errors(&self, beta: &Array1<f64>) -> Each {
        let theta = self.theta(beta);
        let margins = self.differences.dot(&theta);
        let pairs = margins.iter().zip(&self.targets).map(|(margin, target)| target - sigmoid(*margin));
        let ratings = self.ratings.iter().zip(self.etas(beta, &theta)).map(|(rating, eta)| {
            let bounds = rating.bounds(beta, eta);
            bounds.upper.0 + bounds.lower.0 - 1.0
        });
        Each { pairs: pairs.collect(), ratings: ratings.collect() }
    }

    fn theta(&self, beta: &Array1<f64>) -> Array1<f64> {
        beta.iter().take(self.differences.ncols()).copied().collect()
    }
}

/// `u = P(level ≤ y)` and `v = P(level ≤ y − 1)`, and where their cuts stand.
struct Bounds {
    upper: (f64, Option<usize>),
    lower: (f64, Option<usize>),
}

/// The derivatives of a rating's loss.
struct Slopes {
    // With respect to η, once and twice.
    first: f64,
    second: f64,
    // The annotator's intercept, and the cuts above and below.
    others: [Option<Slope>; 3],
    // Between every two of those.
    cuts: [Option<(usize, usize, f64)>; 3],
}

/// Those with respect to one coordinate beside the weights.
#[derive(Clone, Copy)]
struct Slope {
    at: usize,
    gradient: f64,
    curvature: f64,
    with_eta: f64,
}

/// Adds `rowsᵀ rows` to the first coordinates of `hessian`.
fn add_squares(rows: &Array2<f64>, hessian: &mut Array2<f64>) {
    if rows.nrows() > 0 {
        let width = rows.ncols();
        let mut weights = hessian.slice_mut(s![..width, ..width]);
        weights += &rows.t().dot(rows);
    }
}

impl Rating {
    fn bounds(&self, beta: &Array1<f64>, eta: f64) -> Bounds {
        let cut = |level: usize| self.cuts.start + level;
        let upper = (self.level < self.cuts.len()).then(|| cut(self.level));
        let lower = self.level.checked_sub(1).map(cut);
        Bounds {
            upper: (upper.map_or(1.0, |at| sigmoid(beta[at] - eta)), upper),
            lower: (lower.map_or(0.0, |at| sigmoid(beta[at] - eta)), lower),
        }
    }

    fn loss(&self, beta: &Array1<f64>, eta: f64) -> f64 {
        if !self.cuts.clone().skip(1).all(|at| beta[at - 1] < beta[at]) {
            return f64::INFINITY;
        }
        // The difference of two sigmoids near 1 would cancel: their complements are taken there.
        let bounds = self.bounds(beta, eta);
        let (Some(upper), Some(lower)) = (bounds.upper.1, bounds.lower.1) else {
            return match (bounds.upper.1, bounds.lower.1) {
                (Some(at), None) => log_loss(beta[at] - eta, 1.0),
                (None, Some(at)) => log_loss(beta[at] - eta, 0.0),
                _ => 0.0,
            };
        };
        let (up, low) = (beta[upper] - eta, beta[lower] - eta);
        // σ(up) − σ(low) = σ(up)·σ(−low)·(1 − e^(low − up)).
        log_loss(up, 1.0) + log_loss(low, 0.0) - (-(low - up).exp_m1()).ln()
    }

    fn slopes(&self, beta: &Array1<f64>, eta: f64) -> Slopes {
        let Bounds { upper: (u, upper), lower: (v, lower) } = self.bounds(beta, eta);
        let (fu, fv) = (u * (1.0 - u), v * (1.0 - v));
        let p = (u - v).max(f64::MIN_POSITIVE);
        let w = self.weight;
        // Of −log(u − v): with respect to η, then to the intercept, which is a part of it, and to both cuts.
        let (first, second) = (w * (1.0 - u - v), w * (fu + fv));
        let intercept =
            self.intercept.map(|at| Slope { at, gradient: first, curvature: second, with_eta: second });
        let upper = upper.map(|at| Slope {
            at,
            gradient: -w * fu / p,
            curvature: -w * (fu * (1.0 - 2.0 * u) * p - fu * fu) / (p * p),
            with_eta: -w * fu,
        });
        let lower = lower.map(|at| Slope {
            at,
            gradient: w * fv / p,
            curvature: w * (fv * (1.0 - 2.0 * v) * p + fv * fv) / (p * p),
            with_eta: -w * fv,
        });
        let with_intercept = |cut: Option<Slope>| Some((self.intercept?, cut?.at, cut?.with_eta));
        let between = upper.zip(lower).map(|(up, low)| (up.at, low.at, -w * fu * fv / (p * p)));
        Slopes {
            first,
            second,
            others: [intercept, upper, lower],
            cuts: [with_intercept(upper), with_intercept(lower), between],
        }
    }
}
