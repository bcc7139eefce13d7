//! Several samples of one verdict.

/// The mean of samples and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleMean {
    /// The mean.
    pub mean: f64,
    /// The variance of the mean, s²/n; None for a single sample, which says nothing of it.
    pub variance: Option<f64>,
}

/// Returns the mean of `values` and its variance; None if there are no values or one of them is not finite.
pub fn mean_of(values: &[f64]) -> Option<SampleMean> {
    if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.len() == 1 {
        return Some(SampleMean { mean, variance: None });
    }
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some(SampleMean { mean, variance: Some(squares / (n - 1.0) / n) })
}
