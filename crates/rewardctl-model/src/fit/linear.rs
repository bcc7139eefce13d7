//! The linear algebra that the fits need, in plain loops that give the same sums in the same order.

use ndarray::{Array1, Array2, Axis};
use rewardctl_core::id::ContentId;
use rewardctl_core::random;

/// The lower triangle `L` of a positive definite matrix `A = L Lᵀ`.
pub struct Cholesky {
    lower: Array2<f64>,
}

impl Cholesky {
    /// Factors `matrix`, of which only the lower triangle is read; None if it is not positive definite.
    pub fn of(matrix: &Array2<f64>) -> Option<Self> {
        let size = matrix.nrows();
        let mut lower: Vec<Vec<f64>> = Vec::with_capacity(size);
        for i in 0..size {
            let mut row = vec![0.0; size];
            for j in 0..i {
                row[j] = (matrix[[i, j]] - dot(&row[..j], &lower[j][..j])) / lower[j][j];
            }
            let square = matrix[[i, i]] - dot(&row[..i], &row[..i]);
            if square.is_nan() || square <= 0.0 {
                return None;
            }
            row[i] = square.sqrt();
            lower.push(row);
        }
        Some(Self { lower: Array2::from_shape_fn((size, size), |(i, j)| lower[i][j]) })
    }

    /// Returns `x` with `A x = b`.
    pub fn solve(&self, b: &Array1<f64>) -> Array1<f64> {
        let mut x = self.forward(b);
        for i in (0..x.len()).rev() {
            x[i] /= self.lower[[i, i]];
            let value = x[i];
            for j in 0..i {
                x[j] -= self.lower[[i, j]] * value;
            }
        }
        x
    }

    /// Returns `A⁻¹`.
    pub fn inverse(&self) -> Array2<f64> {
        let mut inverse = Array2::eye(self.lower.nrows());
        for mut column in inverse.columns_mut() {
            let solved = self.solve(&column.to_owned());
            column.assign(&solved);
        }
        inverse
    }

    /// Returns `L`.
    pub fn into_lower(self) -> Array2<f64> {
        self.lower
    }

    fn forward(&self, b: &Array1<f64>) -> Array1<f64> {
        let mut y = b.to_vec();
        for i in 0..y.len() {
            let row = self.lower.row(i);
            let known = row.as_slice().map_or(0.0, |row| dot(&row[..i], &y[..i]));
            y[i] = (y[i] - known) / self.lower[[i, i]];
        }
        Array1::from(y)
    }
}

/// Orthonormal directions, as columns, and what a symmetric matrix does to the length of each.
pub struct Directions {
    /// The directions, one a column.
    pub axes: Array2<f64>,
    /// The eigenvalue that belongs to each.
    pub values: Vec<f64>,
}

/// Passes of [`top_directions`]: enough for a spectrum that decays, and cheap.
const PASSES: usize = 20;

/// Returns the `rank` directions in which the positive semidefinite `matrix` is longest, the longest first.
///
/// Orthogonal iteration (Golub and Van Loan, *Matrix Computations*, section 8.2.4) from a fixed start. Directions
/// whose eigenvalues almost agree may come out mixed; the space that they span is right all the same.
pub fn top_directions(matrix: &Array2<f64>, rank: usize) -> Directions {
    let size = matrix.nrows();
    let start = |(i, j): (usize, usize)| {
        let cell = ContentId::of("cell", [[i as u64, j as u64].map(u64::to_le_bytes).as_flattened()]);
        random::unit(0, "direction", cell) - 0.5
    };
    let mut axes = orthonormal(&Array2::from_shape_fn((size, rank.min(size)), start));
    for _ in 0..PASSES {
        axes = orthonormal(&matrix.dot(&axes));
    }
    let images = matrix.dot(&axes);
    let values = axes.axis_iter(Axis(1)).zip(images.axis_iter(Axis(1))).map(|(axis, image)| axis.dot(&image));
    let values = values.collect();
    Directions { axes, values }
}

/// Gram-Schmidt, twice, since once loses orthogonality to rounding; a column that vanishes stays zero.
fn orthonormal(columns: &Array2<f64>) -> Array2<f64> {
    let mut done: Vec<Vec<f64>> = vec![];
    for column in columns.columns() {
        let mut rest = column.to_vec();
        for earlier in done.iter().chain(&done) {
            let share = dot(earlier, &rest);
            rest.iter_mut().zip(earlier).for_each(|(value, known)| *value -= share * known);
        }
        let norm = dot(&rest, &rest).sqrt();
        let scale = if norm > 1e-12 { norm.recip() } else { 0.0 };
        done.push(rest.into_iter().map(|value| value * scale).collect());
    }
    Array2::from_shape_fn(columns.dim(), |(i, j)| done[j][i])
}

/// Eight sums side by side: the compiler may then use vector registers, and the order stays fixed.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_blocks, b_blocks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_blocks.remainder().iter().zip(b_blocks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_blocks.zip(b_blocks) {
        for at in 0..8 {
            sums[at] += a[at] * b[at];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests;
