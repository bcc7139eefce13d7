//! Count, mean and squared deviations of a list, in one pass.
//!
//! Reference: B. P. Welford, *Note on a method for calculating corrected sums of squares and products*, Technometrics 4
//! (1962).

/// What is known of a list of numbers without the list.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    /// How many there are.
    pub count: f64,
    /// Their mean; 0 of nothing.
    pub mean: f64,
    squares: f64,
}

impl Moments {
    /// Sums up `values`.
    pub fn of(values: &[f64]) -> Self {
        let mut moments = Self::default();
        values.iter().for_each(|value| moments.add(*value));
        moments
    }

    /// Takes in one more value.
    pub fn add(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// Returns the mean; None of nothing.
    pub fn some_mean(&self) -> Option<f64> {
        (self.count > 0.0).then_some(self.mean)
    }

    /// Returns the variance with `n − 1`; None of fewer than two values.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1.0).then(|| (self.squares / (self.count - 1.0)).max(0.0))
    }

    /// Returns the standard deviation with `n − 1`; 0 of fewer than two values.
    pub fn spread(&self) -> f64 {
        self.variance().unwrap_or(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_two_passes() {
        let moments = Moments::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((moments.count, moments.mean), (8.0, 5.0));
        assert!((moments.variance().unwrap() - 32.0 / 7.0).abs() < 1e-12);
        assert_eq!((Moments::of(&[3.0]).variance(), Moments::default().spread()), (None, 0.0));
    }
}
