//! What people would say of everything a judge judged, from the few that they did look at.
//!
//! A judge that errs biases every rate that is counted with it. Two ways out: prediction-powered inference ([`ppi`]),
//! which is valid for any judge, and the estimator of Rogan and Gladen ([`rogan_gladen`]) for yes and no.

pub mod ppi;
pub mod rogan_gladen;

use statrs::distribution::{ContinuousCDF, StudentsT};

/// What a judge said of a response, and what a person did, if one looked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The judge's verdict; finite.
    pub judge: f64,
    /// The person's verdict; finite; None where nobody looked.
    pub human: Option<f64>,
    /// The number of its cluster, from 0.
    pub cluster: usize,
}

/// A mean with how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error; None with fewer than two clusters.
    pub error: Option<f64>,
    /// The 95 % interval with Student's t; None with fewer than two clusters.
    pub interval: Option<(f64, f64)>,
}

/// Returns the mean of what the judge said of everything, with its own errors left in; None without rows.
pub fn judge_alone(rows: &[Judged]) -> Option<Estimate> {
    let values: Vec<(f64, usize)> = rows.iter().map(|row| (row.judge, row.cluster)).collect();
    estimate(&[Part::of(values)])
}

/// Returns the mean of what people said, without the judge; None where nobody looked.
pub fn people_alone(rows: &[Judged]) -> Option<Estimate> {
    let values: Vec<(f64, usize)> = rows.iter().filter_map(|row| Some((row.human?, row.cluster))).collect();
    estimate(&[Part::of(values)])
}

/// Values of which the mean is a term of an estimate.
pub(crate) struct Part {
    values: Vec<(f64, usize)>,
    mean: f64,
    clusters: usize,
}

impl Part {
    /// Takes values with their clusters.
    pub(crate) fn of(values: Vec<(f64, usize)>) -> Self {
        let mean = values.iter().map(|(value, _)| value).sum::<f64>() / values.len() as f64;
        let mut clusters: Vec<usize> = values.iter().map(|(_, cluster)| *cluster).collect();
        clusters.sort_unstable();
        clusters.dedup();
        Self { mean, clusters: clusters.len(), values }
    }
}

/// Returns the sum of the parts' means; None where a part has no values.
///
/// The variance is `Σ_g (Σ_i ψ_i)²` over clusters g, with `ψ_i = √(G/(G−1)) (x_i − x̄)/n` in a part of n values in G
/// clusters: for single values the sum of the parts' `s²/n`. Degrees of freedom are those of the part with the fewest
/// clusters.
pub(crate) fn estimate(parts: &[Part]) -> Option<Estimate> {
    if parts.is_empty() || parts.iter().any(|part| part.values.is_empty()) {
        return None;
    }
    let mean = parts.iter().map(|part| part.mean).sum();
    let fewest = parts.iter().map(|part| part.clusters).min().unwrap_or(0);
    if fewest < 2 {
        return Some(Estimate { mean, error: None, interval: None });
    }
    let last = parts.iter().flat_map(|part| &part.values).map(|(_, cluster)| *cluster).max().unwrap_or(0);
    let mut sums = vec![0.0; last + 1];
    for part in parts {
        let groups = part.clusters as f64;
        let scale = (groups / (groups - 1.0)).sqrt() / part.values.len() as f64;
        for (value, cluster) in &part.values {
            sums[*cluster] += scale * (value - part.mean);
        }
    }
    let error = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt();
    let quantile = StudentsT::new(0.0, 1.0, fewest as f64 - 1.0).ok()?.inverse_cdf(0.975);
    let interval = (mean - quantile * error, mean + quantile * error);
    Some(Estimate { mean, error: Some(error), interval: Some(interval) })
}

#[cfg(test)]
mod tests;
