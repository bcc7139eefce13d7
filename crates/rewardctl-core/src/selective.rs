//! Selective prediction: how wrong the most confident decisions are, for every share that is kept.
//!
//! References: R. El-Yaniv, Y. Wiener, *On the foundations of noise-free selective classification*, JMLR 11 (2010), for
//! the risk-coverage curve; Y. Geifman, G. Uziel, R. El-Yaniv, *Bias-reduced uncertainty estimation for deep neural
//! classifiers*, arXiv 1805.08206, for the area under it.

use crate::calibration::Sample;
use crate::calibration::reliability::{Tied, tied};

/// Decisions down to a confidence, all kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The least confidence kept; decisions of equal confidence are kept together.
    pub confidence: f64,
    /// The share kept, in 0..=1.
    pub coverage: f64,
    /// The mean loss of what is kept, in 0..=1.
    pub risk: f64,
}

/// Returns the points of the risk-coverage curve, from the most confident on; none without decisions.
///
/// In `sample`, probabilities are confidences and outcomes say how right a decision was:
/// [`confidence`](crate::calibration::Forecast::confidence) makes them from forecasts.
pub fn curve(sample: Sample<'_>) -> Vec<Point> {
    let total: f64 = sample.weighted().map(|row| row.weight).sum();
    let (mut kept, mut lost) = (0.0, 0.0);
    let point = |group: Tied| {
        kept += group.weight;
        lost += group.weight - group.outcome;
        Point { confidence: group.probability, coverage: kept / total, risk: lost / kept }
    };
    tied(sample.weighted().rev()).map(point).collect()
}

/// Returns the area under the risk-coverage curve, in 0..=1, 0 is best; what a random order gives is the risk of all.
///
/// The risk of a point counts for the coverage that it adds. None without decisions.
pub fn aurc(sample: Sample<'_>) -> Option<f64> {
    let points = curve(sample);
    let mut before = 0.0;
    let mut area = 0.0;
    for point in &points {
        area += point.risk * (point.coverage - before);
        before = point.coverage;
    }
    (!points.is_empty()).then_some(area)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::{Forecast, Forecasts};

    fn decisions(rows: &[(f64, f64)]) -> Forecasts {
        let rows: Vec<Forecast> = rows.iter().map(|(c, right)| Forecast::new(*c, *right).unwrap()).collect();
        Forecasts::independent(&rows)
    }

    #[test]
    fn equal_confidences_are_kept_together() {
        let decisions = decisions(&[(0.9, 1.0), (0.8, 0.0), (0.8, 1.0), (0.6, 0.5)]);
        let points: Vec<(f64, f64, f64)> =
            curve(decisions.all()).iter().map(|p| (p.confidence, p.coverage, p.risk)).collect();
        assert_eq!(points, [(0.9, 0.25, 0.0), (0.8, 0.75, 1.0 / 3.0), (0.6, 1.0, 0.375)]);
        assert_eq!(aurc(decisions.all()), Some(0.5 / 3.0 + 0.25 * 0.375));
    }

    #[test]
    fn nothing_decided_has_no_curve() {
        assert_eq!((curve(decisions(&[]).all()), aurc(decisions(&[]).all())), (vec![], None));
    }
}
