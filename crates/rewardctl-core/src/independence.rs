//! How many independent critics a panel amounts to: critics that err together count less than their number.
//!
//! References: L. Kish, *Survey Sampling* (1965), for `K / (1 + (K − 1) ρ̄)`; arXiv 2605.29800 applies it to panels of
//! language models, and finds nine of them worth about two votes.

/// What one critic gave on each of the things that all critics saw; None where it gave nothing.
pub type Column = Vec<Option<f64>>;

/// How the columns of several critics go together.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlations {
    /// Pearson's correlations; None on too few common places, and where either side does not vary there.
    pub matrix: Vec<Vec<Option<f64>>>,
    /// The mean of those that there are, each pair of critics once; None without any.
    pub mean: Option<f64>,
}

/// Returns the correlations of each two of `columns`, which are of the same length, over the places that both have, if
/// these are at least `least`.
pub fn correlations(columns: &[Column], least: usize) -> Correlations {
    let mut matrix = vec![vec![None; columns.len()]; columns.len()];
    let mut found = vec![];
    for (a, one) in columns.iter().enumerate() {
        for (b, other) in columns.iter().enumerate().take(a) {
            let common: Vec<(f64, f64)> = one.iter().zip(other).filter_map(|(x, y)| (*x).zip(*y)).collect();
            let correlation = if common.len() < least { None } else { pearson(&common) };
            matrix[a][b] = correlation;
            matrix[b][a] = correlation;
            found.extend(correlation);
        }
    }
    let mean = (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64);
    Correlations { matrix, mean }
}

/// Returns `K / (1 + (K − 1) ρ̄)`, at most K: `critics` of the mean correlation `mean`. None where they are correlated so
/// negatively that it means nothing.
pub fn effective_number(critics: usize, mean: f64) -> Option<f64> {
    let count = critics as f64;
    let inflation = 1.0 + (count - 1.0) * mean;
    (critics > 0 && inflation > 0.0).then(|| (count / inflation).min(count))
}

/// Returns Pearson's correlation, in -1..=1; None where either side does not vary.
pub fn pearson(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for point in points {
        let (dx, dy) = (point.0 - x, point.1 - y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    // Rounding leaves a trace of variance in what does not vary.
    let varies = |squares: f64| squares > 1e-12 * count;
    (varies(xx) && varies(yy)).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERRORS: [[f64; 8]; 3] = [
        [0.0, 1.0, 0.0, 0.5, 1.0, 0.0, 0.0, 1.0],
        [0.0, 1.0, 0.5, 0.0, 1.0, 0.0, 1.0, 1.0],
        [1.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0],
    ];

    fn columns() -> Vec<Column> {
        ERRORS.iter().map(|column| column.iter().copied().map(Some).collect()).collect()
    }

    /// Golden values: `scripts/golden/ranks_and_shares.py` (numpy, `corrcoef`).
    #[test]
    fn agrees_with_numpy() {
        let found = correlations(&columns(), 2);
        let mean = found.mean.unwrap();
        assert!((mean - MEAN).abs() < 1e-12, "{mean}");
        assert!((effective_number(3, mean).unwrap() - EFFECTIVE).abs() < 1e-12);
    }
    const MEAN: f64 = 0.147_550_849_490_089_31;
    const EFFECTIVE: f64 = 2.316_420_403_403_327;

    #[test]
    fn copies_are_one_critic_and_strangers_are_all() {
        let twins = [columns().remove(0), columns().remove(0)];
        let mean = correlations(&twins, 2).mean.unwrap();
        assert!((effective_number(2, mean).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(effective_number(5, 0.0), Some(5.0));
        assert_eq!(effective_number(5, -0.1), Some(5.0));
        assert_eq!(effective_number(5, -0.3), None);
    }

    #[test]
    fn what_is_rare_or_constant_has_no_correlation() {
        let mut three = columns();
        three[1] = vec![Some(0.5); 8];
        three[2] = vec![None, None, None, None, None, None, Some(1.0), Some(0.0)];
        assert_eq!(correlations(&three, 3), Correlations { matrix: vec![vec![None; 3]; 3], mean: None });
    }
}
