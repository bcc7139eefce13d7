//! Newton's method with backtracking, for weights that may have to stay at or above zero.
//!
//! Coordinates at zero that would go below it are held there, the others take a Newton step, which is shortened until
//! it brings what it promised (Armijo). D. P. Bertsekas, *Projected Newton Methods*, SIAM J. Control 20 (1982).

use ndarray::{Array1, Array2};

use crate::fit::linear::Cholesky;
use crate::learn::objective::{Derivatives, Objective};

/// Newton's method meets the tolerance in about eight steps; held coordinates may add some.
const MAX_STEPS: usize = 100;
/// The share of the promised gain that a step must bring.
const SUFFICIENT: f64 = 1e-4;
/// The Newton decrement, in nats over all labels, below which the minimum is reached.
const TOLERANCE: f64 = 1e-10;

/// The minimum, and what the objective looks like around it.
#[derive(Debug, Clone)]
pub struct Minimum {
    /// Where it lies.
    pub beta: Array1<f64>,
    /// The first derivatives there: zero, but for what is held.
    pub gradient: Array1<f64>,
    /// The second derivatives there.
    pub hessian: Array2<f64>,
    /// Which coordinates are not held at zero.
    pub free: Vec<bool>,
}

/// Returns the minimum of `objective`, from `start`; None where the numbers are not finite.
pub fn minimise(objective: &Objective, start: &Array1<f64>) -> Option<Minimum> {
    let mut beta = project(objective, start);
    let mut value = objective.value(&beta);
    if !value.is_finite() {
        return None;
    }
    for _ in 0..MAX_STEPS {
        let Derivatives { gradient, hessian } = objective.derivatives(&beta);
        let free = free(objective, &beta, &gradient);
        let step = step(&gradient, &hessian, &free)?;
        let decrement = gradient.dot(&step);
        if !decrement.is_finite() {
            return None;
        }
        if decrement < TOLERANCE {
            return Some(Minimum { beta, gradient, hessian, free });
        }
        match backtrack(objective, &beta, value, &step, &gradient) {
            Some(found) => (beta, value) = found,
            // Rounding hides any further gain.
            None => return Some(Minimum { beta, gradient, hessian, free }),
        }
    }
    None
}

/// Returns the inverse of `hessian` over the coordinates that are `free`, and zeros elsewhere; with its factor.
pub fn covariance(hessian: &Array2<f64>, free: &[bool]) -> Option<Array2<f64>> {
    let places = places(free);
    let inverse = Cholesky::of(&submatrix(hessian, &places))?.inverse();
    let mut covariance = Array2::zeros(hessian.dim());
    for (i, at) in places.iter().enumerate() {
        for (j, other) in places.iter().enumerate() {
            covariance[[*at, *other]] = inverse[[i, j]];
        }
    }
    Some(covariance)
}

/// Returns the logarithm of the determinant of `matrix` over the coordinates that are `free`.
pub fn log_determinant(matrix: &Array2<f64>, free: &[bool]) -> Option<f64> {
    let lower = Cholesky::of(&submatrix(matrix, &places(free)))?.into_lower();
    Some(lower.diag().iter().map(|value| 2.0 * value.ln()).sum())
}

fn project(objective: &Objective, beta: &Array1<f64>) -> Array1<f64> {
    let bounded = beta.iter().zip(&objective.nonnegative);
    bounded.map(|(value, bounded)| if *bounded { value.max(0.0) } else { *value }).collect()
}

fn free(objective: &Objective, beta: &Array1<f64>, gradient: &Array1<f64>) -> Vec<bool> {
    let coordinates = beta.iter().zip(gradient).zip(&objective.nonnegative);
    coordinates.map(|((value, slope), bounded)| !(*bounded && *value <= 0.0 && *slope > 0.0)).collect()
}

fn step(gradient: &Array1<f64>, hessian: &Array2<f64>, free: &[bool]) -> Option<Array1<f64>> {
    let places = places(free);
    let solved =
        Cholesky::of(&submatrix(hessian, &places))?.solve(&places.iter().map(|at| gradient[*at]).collect());
    let mut step = Array1::zeros(gradient.len());
    places.iter().zip(&solved).for_each(|(at, value)| step[*at] = *value);
    Some(step)
}

fn backtrack(
    objective: &Objective,
    beta: &Array1<f64>,
    value: f64,
    step: &Array1<f64>,
    gradient: &Array1<f64>,
) -> Option<(Array1<f64>, f64)> {
    let mut share = 1.0;
    while share > 1e-12 {
        let next = project(objective, &(beta - &(step * share)));
        let found = objective.value(&next);
        let promised = gradient.dot(&(beta - &next));
        if found <= value - SUFFICIENT * promised && found < value {
            return Some((next, found));
        }
        share /= 2.0;
    }
    None
}

fn places(free: &[bool]) -> Vec<usize> {
    free.iter().enumerate().filter(|(_, free)| **free).map(|(at, _)| at).collect()
}

fn submatrix(matrix: &Array2<f64>, places: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((places.len(), places.len()), |(i, j)| matrix[[places[i], places[j]]])
}
