//! Variances of strengths that hold also where the model does not, and where comparisons come in clusters.
//!
//! Reference: P. J. Huber, *The behavior of maximum likelihood estimates under nonstandard conditions*, Berkeley
//! Symposium (1967); K.-Y. Liang, S. L. Zeger, *Longitudinal data analysis using generalized linear models*, Biometrika 73
//! (1986), for clusters.

use crate::bradley_terry::cholesky::Cholesky;
use crate::bradley_terry::fit::{Strengths, information};
use crate::bradley_terry::{RankingError, Tournament};

/// The covariances of the strengths of models.
#[derive(Debug, Clone)]
pub struct Covariance {
    matrix: Vec<f64>,
    models: usize,
}

impl Tournament {
    /// Returns `G/(G−1) · A⁻¹ (Σ_g s_g s_gᵀ) A⁻¹`, with `A` the information at the strengths, `s_g` the sum of the
    /// gradients of cluster g, and G the number of clusters.
    ///
    /// None with fewer than two clusters.
    pub fn sandwich(&self, strengths: &Strengths) -> Result<Option<Covariance>, RankingError> {
        if self.clusters < 2 {
            return Ok(None);
        }
        let size = self.models;
        let information = information(&self.tally(None), &strengths.log_odds, strengths.ridge);
        let bread = Cholesky::new(information, size).ok_or(RankingError::Unsettled)?;
        // With A symmetric, (A⁻¹ M A⁻¹) comes of solving M's columns, then the columns of what is left on its side.
        let once = solved(&bread, &self.meat(strengths), size);
        let mut matrix = solved(&bread, &once, size);
        let clusters = self.clusters as f64;
        matrix.iter_mut().for_each(|cell| *cell *= clusters / (clusters - 1.0));
        Ok(Some(Covariance { matrix, models: size }))
    }

    /// Returns `Σ_g s_g s_gᵀ`, row by row.
    fn meat(&self, strengths: &Strengths) -> Vec<f64> {
        let size = self.models;
        let mut meat = vec![0.0; size * size];
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|at| self.rows[*at].cluster);
        let mut sums = vec![0.0; size];
        let mut touched = vec![];
        for rows in order.chunk_by(|a, b| self.rows[*a].cluster == self.rows[*b].cluster) {
            for at in rows {
                let row = self.rows[*at];
                let meeting = self.meetings[row.meeting];
                let lead = strengths.log_odds[meeting.a] - strengths.log_odds[meeting.b];
                let residual = row.weight * (row.won - 1.0 / (1.0 + (-lead).exp()));
                sums[meeting.a] += residual;
                sums[meeting.b] -= residual;
                touched.extend([meeting.a, meeting.b]);
            }
            touched.sort_unstable();
            touched.dedup();
            for one in &touched {
                for other in &touched {
                    meat[one * size + other] += sums[*one] * sums[*other];
                }
            }
            touched.drain(..).for_each(|model| sums[model] = 0.0);
        }
        meat
    }
}

impl Covariance {
    /// Returns the standard error of a model's strength less the mean of all.
    pub fn error(&self, model: usize) -> f64 {
        self.at(model, model).max(0.0).sqrt()
    }

    /// Returns the standard error of the difference between two strengths.
    pub fn error_of_difference(&self, one: usize, other: usize) -> f64 {
        let variance = self.at(one, one) + self.at(other, other) - 2.0 * self.at(one, other);
        variance.max(0.0).sqrt()
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.matrix[row * self.models + column]
    }
}

/// Returns the transpose of `A⁻¹ M`, row by row.
fn solved(bread: &Cholesky, matrix: &[f64], size: usize) -> Vec<f64> {
    let columns = (0..size).map(|column| (0..size).map(|row| matrix[row * size + column]).collect());
    columns.flat_map(|column: Vec<f64>| bread.solve(column)).collect()
}
