//! Correlation within clusters, from values that come cluster after cluster: whether longer responses to the same prompt get
//! higher rewards, whatever the prompts themselves ask for.

use crate::id::ContentId;
use crate::proportion::Z95;

/// Sums over a stream of clustered pairs; memory is that of the largest cluster.
#[derive(Debug, Clone, Default)]
pub struct WithinCorrelation {
    count: f64,
    clusters: f64,
    xx: f64,
    yy: f64,
    xy: f64,
    open: Option<(ContentId, Vec<(f64, f64)>)>,
}

/// A correlation with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// Pearson's correlation of the deviations from the means of the clusters.
    pub value: f64,
    /// Its 95 % interval; None with too few values.
    pub interval: Option<(f64, f64)>,
    /// The number of values, of clusters with two or more.
    pub count: u64,
}

impl WithinCorrelation {
    /// Adds a pair of `cluster`; the pairs of a cluster must come one after the other.
    pub fn add(&mut self, cluster: ContentId, x: f64, y: f64) {
        match &mut self.open {
            Some((open, pairs)) if *open == cluster => pairs.push((x, y)),
            _ => {
                self.close();
                self.open = Some((cluster, vec![(x, y)]));
            }
        }
    }

    /// Returns the correlation so far; None where one side does not vary within clusters.
    ///
    /// It is a partial correlation, given the cluster: Fisher's interval has `n − (G − 1) − 3` degrees of freedom (R. A.
    /// Fisher, *The distribution of the partial correlation coefficient*, Metron 3, 1924).
    pub fn correlation(&self) -> Option<Correlation> {
        let mut closed = self.clone();
        closed.close();
        let Self { count, clusters, xx, yy, xy, .. } = closed;
        if xx <= 0.0 || yy <= 0.0 {
            return None;
        }
        let value = (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0);
        let degrees = count - (clusters - 1.0) - 3.0;
        let interval = (degrees > 0.0).then(|| {
            let (centre, half) = (value.atanh(), Z95 / degrees.sqrt());
            ((centre - half).tanh(), (centre + half).tanh())
        });
        Some(Correlation { value, interval, count: count as u64 })
    }

    fn close(&mut self) {
        let Some((_, pairs)) = self.open.take().filter(|(_, pairs)| pairs.len() > 1) else { return };
        let n = pairs.len() as f64;
        let (sum_x, sum_y) = pairs.iter().fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x, sy + y));
        for (x, y) in &pairs {
            let (dx, dy) = (x - sum_x / n, y - sum_y / n);
            self.xx += dx * dx;
            self.yy += dy * dy;
            self.xy += dx * dy;
        }
        self.count += n;
        self.clusters += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(u8, f64, f64)]) -> Option<Correlation> {
        let mut within = WithinCorrelation::default();
        for (cluster, x, y) in pairs {
            within.add(ContentId::of("t", [[*cluster].as_slice()]), *x, *y);
        }
        within.correlation()
    }

    /// Golden values: `scripts/golden/within.py` (scipy on residuals, with the interval of pingouin's formula).
    #[test]
    fn agrees_with_scipy() {
        let pairs = [
            (0, 1.0, 0.2),
            (0, 2.0, 0.5),
            (0, 4.0, 0.4),
            (1, 3.0, 0.9),
            (1, 1.0, 0.6),
            (2, 9.0, 0.1),
            (3, 2.0, 0.3),
            (3, 5.0, 0.35),
            (3, 6.0, 0.8),
        ];
        let found = of(&pairs).unwrap();
        let (low, high) = found.interval.unwrap();
        assert_eq!(found.count, 8);
        assert!((found.value - GOLDEN.0).abs() < 1e-12, "{found:?}");
        assert!((low - GOLDEN.1).abs() < 1e-12 && (high - GOLDEN.2).abs() < 1e-12, "{found:?}");
    }
    const GOLDEN: (f64, f64, f64) =
        (0.724_784_579_114_851_3, -0.210_728_983_731_652_52, 0.967_346_045_703_420_2);

    #[test]
    fn a_difference_between_clusters_does_not_count() {
        assert_eq!(of(&[(0, 1.0, 0.1), (1, 9.0, 0.9)]), None);
        let inverse = of(&[(0, 1.0, 0.2), (0, 2.0, 0.1), (1, 8.0, 0.9), (1, 9.0, 0.8)]).unwrap();
        assert!((inverse.value + 1.0).abs() < 1e-12, "{inverse:?}");
        assert_eq!(inverse.interval, None);
    }
}
