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
                let dot: f64 = from[..column].iter().zip(&other[..column]).map(|(x, y)| x * y).sum();
                let rest = matrix[row * size + column] - dot;
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
            let dot: f64 = line[..row].iter().zip(&b).map(|(x, y)| x * y).sum();
            b[row] = (b[row] - dot) / line[row];
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
