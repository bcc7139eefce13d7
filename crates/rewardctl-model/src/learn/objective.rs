//! What a fit minimises: the loss of pairs and ratings under one set of weights, and the distance from the prior.
//!
//! Pairs follow Bradley and Terry (Biometrika 39, 1952): `P(a ≻ b) = σ(θ·(φ_a − φ_b))`. Ratings follow proportional
//! odds (McCullagh, JRSS B 42, 1980): `P(level ≤ c) = σ(cut_c − slope·θ·φ − intercept_h)`, with cuts for each scale
//! and an intercept for each annotator. Both are convex in `β = (θ, cuts, intercepts)`.

use std::ops::Range;

use ndarray::{Array1, Array2};

use crate::fit::logistic::{log_loss, sigmoid};

/// A rating, by places in `β`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// `φ`.
    pub features: Array1<f64>,
    /// The level, from 0.
    pub level: usize,
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
    /// Ratings.
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
        let pairs: f64 =
            margins.iter().zip(&self.targets).map(|(margin, target)| log_loss(*margin, *target)).sum();
        let ratings: f64 = self.ratings.iter().map(|rating| rating.loss(beta, self.slope, &theta)).sum();
        pairs + ratings
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
        for ((mut row, margin), target) in scaled.rows_mut().into_iter().zip(&margins).zip(&self.targets) {
            let p = sigmoid(*margin);
            gradient.iter_mut().zip(&row).for_each(|(sum, value)| *sum += (p - target) * value);
            row *= (p * (1.0 - p)).sqrt();
        }
        if self.differences.nrows() > 0 {
            let product = scaled.t().dot(&scaled);
            product.indexed_iter().for_each(|(at, value)| hessian[at] += value);
        }
        for rating in &self.ratings {
            rating.add(beta, self.slope, &theta, &mut gradient, &mut hessian);
        }
        Derivatives { gradient, hessian }
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

impl Rating {
    /// Returns the rating's place on the scale of the cuts.
    pub fn eta(&self, beta: &Array1<f64>, slope: f64, theta: &Array1<f64>) -> f64 {
        slope * self.features.dot(theta) + self.intercept.map_or(0.0, |at| beta[at])
    }

    fn bounds(&self, beta: &Array1<f64>, eta: f64) -> Bounds {
        let cut = |level: usize| self.cuts.start + level;
        let upper = (self.level < self.cuts.len()).then(|| cut(self.level));
        let lower = self.level.checked_sub(1).map(cut);
        Bounds {
            upper: (upper.map_or(1.0, |at| sigmoid(beta[at] - eta)), upper),
            lower: (lower.map_or(0.0, |at| sigmoid(beta[at] - eta)), lower),
        }
    }

    fn loss(&self, beta: &Array1<f64>, slope: f64, theta: &Array1<f64>) -> f64 {
        if !self.cuts.clone().skip(1).all(|at| beta[at - 1] < beta[at]) {
            return f64::INFINITY;
        }
        let eta = self.eta(beta, slope, theta);
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

    fn add(
        &self,
        beta: &Array1<f64>,
        slope: f64,
        theta: &Array1<f64>,
        gradient: &mut Array1<f64>,
        hessian: &mut Array2<f64>,
    ) {
        let eta = self.eta(beta, slope, theta);
        let Bounds { upper: (u, upper), lower: (v, lower) } = self.bounds(beta, eta);
        let (fu, fv) = (u * (1.0 - u), v * (1.0 - v));
        let p = (u - v).max(f64::MIN_POSITIVE);
        // Of −log(u − v): with respect to η, then to both cuts.
        let (first, second) = (1.0 - u - v, fu + fv);
        // A coordinate's derivative of η, the features' first.
        let width = self.features.len();
        for i in 0..width {
            let x = slope * self.features[i];
            gradient[i] += first * x;
            for j in 0..width {
                hessian[[i, j]] += second * x * slope * self.features[j];
            }
        }
        let across = |at: usize, eta_cross: f64, hessian: &mut Array2<f64>| {
            for i in 0..width {
                let value = eta_cross * slope * self.features[i];
                hessian[[i, at]] += value;
                hessian[[at, i]] += value;
            }
            if let Some(h) = self.intercept {
                hessian[[h, at]] += eta_cross;
                hessian[[at, h]] += eta_cross;
            }
        };
        if let Some(h) = self.intercept {
            gradient[h] += first;
            hessian[[h, h]] += second;
            for i in 0..width {
                let value = second * slope * self.features[i];
                hessian[[i, h]] += value;
                hessian[[h, i]] += value;
            }
        }
        if let Some(at) = upper {
            gradient[at] -= fu / p;
            hessian[[at, at]] -= (fu * (1.0 - 2.0 * u) * p - fu * fu) / (p * p);
            across(at, -fu, hessian);
        }
        if let Some(at) = lower {
            gradient[at] += fv / p;
            hessian[[at, at]] += (fv * (1.0 - 2.0 * v) * p + fv * fv) / (p * p);
            across(at, -fv, hessian);
        }
        if let (Some(up), Some(low)) = (upper, lower) {
            hessian[[up, low]] -= fu * fv / (p * p);
            hessian[[low, up]] -= fu * fv / (p * p);
        }
    }
}
