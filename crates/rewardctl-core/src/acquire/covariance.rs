//! The covariance of the aggregator's weights, and what is left of it after a label.
//!
//! Reference: J. Sherman and W. J. Morrison, Annals of Mathematical Statistics 21 (1950).

/// A symmetric matrix with the variances of weights on its diagonal.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    size: usize,
    values: Vec<f64>,
}

impl Covariance {
    /// Takes `size` rows of `size` numbers, one after the other. None where the count is wrong, a number is not finite, or
    /// a variance is negative.
    pub fn new(size: usize, values: Vec<f64>) -> Option<Self> {
        let square = values.len() == size * size;
        let finite = values.iter().all(|value| value.is_finite());
        let variances = square && (0..size).all(|at| values[at * size + at] >= 0.0);
        (square && finite && variances).then_some(Self { size, values })
    }

    /// Returns the number of weights.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the numbers, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Returns `Σd`, of a difference of `size` features; missing ones count as 0.
    pub fn times(&self, difference: &[f64]) -> Vec<f64> {
        self.values.chunks_exact(self.size.max(1)).map(|row| dot(row, difference)).collect()
    }

    /// Returns `dᵀΣd`, the variance of the margin that the weights cause.
    pub fn variance(&self, difference: &[f64]) -> f64 {
        dot(&self.times(difference), difference).max(0.0)
    }

    /// Takes in a label of `weight` on a pair with this `difference`: `Σ − w·Σd dᵀΣ/(1 + w·dᵀΣd)`, which is the inverse of
    /// `Σ⁻¹ + w·ddᵀ`.
    pub fn observe(&mut self, difference: &[f64], weight: f64) {
        let moved = self.times(difference);
        let share = weight / (1.0 + weight * dot(&moved, difference).max(0.0));
        for (row, at) in self.values.chunks_exact_mut(self.size.max(1)).zip(&moved) {
            for (value, along) in row.iter_mut().zip(&moved) {
                *value -= share * at * along;
            }
        }
    }
}

/// Returns the sum of products, up to the shorter one's end.
pub(crate) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIGMA: [f64; 9] = [2.0, 0.3, -0.4, 0.3, 1.0, 0.2, -0.4, 0.2, 0.5];

    /// Golden values: `scripts/golden/acquisition.py` (numpy, by inversion).
    #[test]
    fn a_label_is_taken_in_as_by_inversion() {
        let mut covariance = Covariance::new(3, SIGMA.to_vec()).unwrap();
        covariance.observe(&[1.0, -0.5, 2.0], 0.21);
        for (got, golden) in covariance.values().iter().zip(AFTER) {
            assert!((got - golden).abs() < 1e-12, "{covariance:?}");
        }
    }
    const AFTER: [f64; 9] = [
        1.835_739_623_980_135_6,
        0.268_712_309_329_549_3,
        -0.478_219_226_676_126_7,
        0.268_712_309_329_549_3,
        0.994_040_439_872_295,
        0.185_101_099_680_737_74,
        -0.478_219_226_676_126_5,
        0.185_101_099_680_737_87,
        0.462_752_749_201_844_7,
    ];

    #[test]
    fn what_is_no_covariance_is_refused() {
        assert_eq!(Covariance::new(2, vec![1.0; 3]), None);
        assert_eq!(Covariance::new(1, vec![f64::NAN]), None);
        assert_eq!(Covariance::new(1, vec![-1.0]), None);
        assert_eq!(Covariance::new(0, vec![]).unwrap().variance(&[]), 0.0);
    }

    proptest! {
        #[test]
        fn labels_only_take_variance_away(
            labels in prop::collection::vec((prop::array::uniform3(-3.0..3.0f64), 0.0..0.25f64), 1..30),
            direction in prop::array::uniform3(-3.0..3.0f64),
        ) {
            let mut covariance = Covariance::new(3, SIGMA.to_vec()).unwrap();
            for (difference, weight) in labels {
                let before = covariance.variance(&direction);
                covariance.observe(&difference, weight);
                let after = covariance.variance(&direction);
                prop_assert!(after <= before + 1e-9 && after >= 0.0);
            }
        }
    }
}
