//! Logistic regression with a ridge of its own for every column, by damped Newton steps.

use ndarray::{Array1, Array2, Axis};

use crate::fit::linear::Cholesky;

/// Rows with targets, and how strongly each coefficient is held near zero.
pub struct Problem<'a> {
    /// One row per observation: a difference of features for a pair, features for a rating.
    pub rows: &'a Array2<f64>,
    /// Per row, the probability to be met, in 0..=1: 1 for a clear win, 0.5 for a tie.
    pub targets: &'a [f64],
    /// Per column, the ridge: the inverse variance of a normal prior around zero; positive.
    pub ridge: &'a Array1<f64>,
}

/// Newton's method meets the tolerance in about eight steps; more mean that the numbers are broken.
const MAX_STEPS: usize = 50;
/// The share of the promised gain that a step must bring (Armijo).
const SUFFICIENT: f64 = 1e-4;
/// The Newton decrement, in nats over all rows, at which the next step is the last: its error is the square of it.
const TOLERANCE: f64 = 1e-4;
/// Columns that a product of the table with itself takes at a time.
const BLOCK: usize = 256;

impl Problem<'_> {
    /// Returns the coefficients `β` that minimise `Σ log(1 + eᵐ) − t·m + ½ Σ λ β²` with `m = x·β`, from `start`.
    ///
    /// Returns None where the numbers are not finite: the objective itself is convex and always has a minimum.
    pub fn solve(&self, start: Array1<f64>) -> Option<Array1<f64>> {
        let mut beta = start;
        let mut loss = self.loss(&beta);
        for _ in 0..MAX_STEPS {
            let gradient = self.gradient(&beta);
            let step = self.newton_step(&beta, &gradient)?;
            let decrement = gradient.dot(&step);
            if decrement < TOLERANCE {
                return Some(beta - step);
            }
            (beta, loss) = self.backtrack(&beta, loss, &step, decrement)?;
        }
        None
    }

    /// Returns the second derivative of the objective at `beta`: the inverse covariance of Laplace's posterior.
    pub fn hessian(&self, beta: &Array1<f64>) -> Array2<f64> {
        let scaled = self.scaled_rows(beta);
        let mut hessian = square(&scaled);
        hessian.diag_mut().scaled_add(1.0, self.ridge);
        hessian
    }

    /// Solves with the second derivative; with fewer rows than columns by way of a matrix of the rows' size:
    /// `(Λ + XᵀX)⁻¹ g = Λ⁻¹g − Λ⁻¹Xᵀ (I + XΛ⁻¹Xᵀ)⁻¹ XΛ⁻¹g` (Woodbury).
    fn newton_step(&self, beta: &Array1<f64>, gradient: &Array1<f64>) -> Option<Array1<f64>> {
        if self.rows.nrows() >= self.rows.ncols() {
            return Some(Cholesky::of(&self.hessian(beta))?.solve(gradient));
        }
        let scaled = self.scaled_rows(beta);
        let mut inner = scaled.dot(&(&scaled / self.ridge).t());
        inner.diag_mut().mapv_inplace(|value| value + 1.0);
        let free = gradient / self.ridge;
        let seen = Cholesky::of(&inner)?.solve(&scaled.dot(&free));
        Some(&free - &(scaled.t().dot(&seen) / self.ridge))
    }

    fn scaled_rows(&self, beta: &Array1<f64>) -> Array2<f64> {
        let mut scaled = self.rows.clone();
        for (mut row, margin) in scaled.rows_mut().into_iter().zip(&self.rows.dot(beta)) {
            let p = sigmoid(*margin);
            row *= (p * (1.0 - p)).sqrt();
        }
        scaled
    }

    fn loss(&self, beta: &Array1<f64>) -> f64 {
        let margins = self.rows.dot(beta);
        let data: f64 =
            margins.iter().zip(self.targets).map(|(margin, target)| log_loss(*margin, *target)).sum();
        let prior: f64 = beta.iter().zip(self.ridge).map(|(b, ridge)| ridge * b * b).sum();
        data + prior / 2.0
    }

    fn gradient(&self, beta: &Array1<f64>) -> Array1<f64> {
        let margins = self.rows.dot(beta);
        let residuals = margins.iter().zip(self.targets).map(|(margin, target)| sigmoid(*margin) - target);
        self.rows.t().dot(&Array1::from_iter(residuals)) + self.ridge * beta
    }

    fn backtrack(
        &self,
        beta: &Array1<f64>,
        loss: f64,
        step: &Array1<f64>,
        decrement: f64,
    ) -> Option<(Array1<f64>, f64)> {
        let mut share = 1.0;
        while share > 1e-9 {
            let next = beta - &(step * share);
            let found = self.loss(&next);
            if found <= loss - SUFFICIENT * share * decrement {
                return Some((next, found));
            }
            share /= 2.0;
        }
        None
    }
}

/// Returns `XᵀX`, of which only the blocks on and below the diagonal are computed, then mirrored.
fn square(table: &Array2<f64>) -> Array2<f64> {
    let mut square = Array2::zeros((table.ncols(), table.ncols()));
    for (down, left) in table.axis_chunks_iter(Axis(1), BLOCK).enumerate() {
        for (across, right) in table.axis_chunks_iter(Axis(1), BLOCK).enumerate().take(down + 1) {
            let product = left.t().dot(&right);
            for ((i, j), value) in product.indexed_iter() {
                let (i, j) = (down * BLOCK + i, across * BLOCK + j);
                (square[[i, j]], square[[j, i]]) = (*value, *value);
            }
        }
    }
    square
}

/// Returns `1 / (1 + e⁻ᵐ)`.
pub fn sigmoid(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}

/// Returns `log(1 + eᵐ) − t·m`, the loss of the probability `sigmoid(m)` where `t` was true.
pub fn log_loss(margin: f64, target: f64) -> f64 {
    margin.max(0.0) + (-margin.abs()).exp().ln_1p() - target * margin
}

#[cfg(test)]
mod tests;
