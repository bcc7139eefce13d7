//! Systems of equations with a positive definite matrix.

/// The lower triangle `L` of `A = L Lᵀ`, row by row.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    lower: Vec<f64>,
    size: usize,
}

impl Cholesky {
    /// Factors a symmetric matrix given row by row, of which the lower triangle is read; None if it is not positive
    /// definite.
    pub(crate) fn new(mut matrix: Vec<f64>, size: usize) -> Option<Self> {
        for row in 0..size {
            for column in 0..=row {
                let (above, from) = matrix.split_at(row * size);
                let other = if column < row { &above[column * size..] } else { from };
                let rest = from[column] - dot(&from[..column], &other[..column]);
                matrix[row * size + column] = match row == column {
                    true if rest > 0.0 => rest.sqrt(),
                    true => return None,
                    false => rest / matrix[column * size + column],
                };
            }
        }
        Some(Self { lower: matrix, size })
    }

    /// Returns `x` of `A x = b`.
    pub(crate) fn solve(&self, mut b: Vec<f64>) -> Vec<f64> {
        let size = self.size;
        for row in 0..size {
            let line = &self.lower[row * size..row * size + row + 1];
            b[row] = (b[row] - dot(&line[..row], &b[..row])) / line[row];
        }
        for row in (0..size).rev() {
            let line = &self.lower[row * size..row * size + row + 1];
            b[row] /= line[row];
            let solved = b[row];
            for (value, factor) in b[..row].iter_mut().zip(&line[..row]) {
                *value -= factor * solved;
            }
        }
        b
    }
}

/// Returns the sum of the products, in sums of their own for every eighth: these are added up side by side, which is
/// several times faster than one after the other.
fn dot(x: &[f64], y: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (x, x_rest) = x.as_chunks::<LANES>();
    let (y, y_rest) = y.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (x, y) in x.iter().zip(y) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f64 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f64>() + rest
}
