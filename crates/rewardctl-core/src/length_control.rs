//! How often one model's answers are preferred where both are equally long.
//!
//! Y. Dubois, B. Galambosi, P. Liang, T. Hashimoto, *Length-controlled AlpacaEval* (2024), model the preference by the two
//! models, the standardised difference of lengths and the prompt; asked at a difference of 0, only the models are left. Here
//! the prompt's own difficulty is left out, as one comparison of two models cannot tell it from chance:
//! `P(first wins) = σ(θ + φ tanh(Δ / s))`, with `Δ` the difference of lengths and `s` its root mean square, fitted by
//! Newton's method with a tie as half a win. The rate is `σ(θ)`; its interval comes from the sandwich variance over prompts.

use serde::Serialize;

use crate::proportion::Z95;

/// Newton steps; it takes five or so.
const STEPS: usize = 50;
/// The precision of a normal prior around "no difference", which keeps a model that always wins finite.
const PRIOR: f64 = 0.01;

/// One comparison of two answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contest {
    /// 1 where the first is preferred, ½ for a tie, 0 where the second is.
    pub won: f64,
    /// The length of the first less that of the second.
    pub longer_by: f64,
    /// The number of the prompt, from 0.
    pub cluster: usize,
}

/// A win rate at equal length.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LengthControlled {
    /// The share that the first would win of answers as long as the second's, in 0..=1.
    pub rate: f64,
    /// Its 95 % interval; None with fewer than two prompts.
    pub interval: Option<(f64, f64)>,
    /// What length does: above 0 where longer answers are preferred.
    pub slope: f64,
}

/// Fits `contests`. None of none, or where a number is not finite.
pub fn length_controlled(contests: &[Contest]) -> Option<LengthControlled> {
    fit(contests, PRIOR)
}

fn fit(contests: &[Contest], prior: f64) -> Option<LengthControlled> {
    let is_usable = |contest: &Contest| contest.longer_by.is_finite() && (0.0..=1.0).contains(&contest.won);
    if contests.is_empty() || !contests.iter().all(is_usable) {
        return None;
    }
    let squares: f64 = contests.iter().map(|contest| contest.longer_by.powi(2)).sum();
    let scale = (squares / contests.len() as f64).sqrt();
    let feature = |contest: &Contest| if scale > 0.0 { (contest.longer_by / scale).tanh() } else { 0.0 };
    let rows: Vec<Row> = contests
        .iter()
        .map(|contest| Row { x: [1.0, feature(contest)], won: contest.won, cluster: contest.cluster })
        .collect();
    let mut theta = [0.0, 0.0];
    for _ in 0..STEPS {
        let (slope, curve) = derivatives(&rows, theta, prior);
        let step = solve(curve, slope)?;
        theta = [theta[0] + step[0], theta[1] + step[1]];
        if step[0].abs().max(step[1].abs()) < 1e-12 {
            break;
        }
    }
    let interval = error(&rows, theta, prior)
        .map(|error| (sigmoid(theta[0] - Z95 * error), sigmoid(theta[0] + Z95 * error)));
    Some(LengthControlled { rate: sigmoid(theta[0]), interval, slope: theta[1] })
}

struct Row {
    x: [f64; 2],
    won: f64,
    cluster: usize,
}

fn predicted(row: &Row, theta: [f64; 2]) -> f64 {
    sigmoid(theta[0] * row.x[0] + theta[1] * row.x[1])
}

/// The gradient of the penalised likelihood, and its curvature with the sign turned.
fn derivatives(rows: &[Row], theta: [f64; 2], prior: f64) -> ([f64; 2], [[f64; 2]; 2]) {
    let mut slope = theta.map(|value| -prior * value);
    let mut curve = [[prior, 0.0], [0.0, prior]];
    for row in rows {
        let p = predicted(row, theta);
        for (i, x) in row.x.iter().enumerate() {
            slope[i] += (row.won - p) * x;
            for (j, other) in row.x.iter().enumerate() {
                curve[i][j] += p * (1.0 - p) * x * other;
            }
        }
    }
    (slope, curve)
}

/// The standard error of the first coefficient, from the scores of whole prompts.
fn error(rows: &[Row], theta: [f64; 2], prior: f64) -> Option<f64> {
    let clusters = rows.iter().map(|row| row.cluster + 1).max()?;
    let mut scores = vec![[0.0; 2]; clusters];
    for row in rows {
        let apart = row.won - predicted(row, theta);
        for (sum, x) in scores[row.cluster].iter_mut().zip(row.x) {
            *sum += apart * x;
        }
    }
    let (_, curve) = derivatives(rows, theta, prior);
    // The first row of the inverse curvature.
    let first = solve(curve, [1.0, 0.0])?;
    let variance: f64 = scores.iter().map(|score| (first[0] * score[0] + first[1] * score[1]).powi(2)).sum();
    (clusters > 1).then(|| variance.sqrt())
}

fn solve([[a, b], [c, d]]: [[f64; 2]; 2], [x, y]: [f64; 2]) -> Option<[f64; 2]> {
    let determinant = a * d - b * c;
    (determinant.abs() > f64::MIN_POSITIVE)
        .then(|| [(d * x - b * y) / determinant, (a * y - c * x) / determinant])
}

fn sigmoid(value: f64) -> f64 {
    1.0 / (1.0 + (-value).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Stream;

    /// Golden values: `scripts/golden/gates.py` (statsmodels, `GLM` of the binomial family with clustered errors; no prior).
    #[test]
    fn agrees_with_statsmodels() {
        let won = [1.0, 1.0, 0.0, 1.0, 0.5, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0];
        let lengths = [
            (120, 80),
            (300, 90),
            (60, 90),
            (200, 210),
            (150, 150),
            (400, 100),
            (90, 140),
            (220, 180),
            (130, 60),
            (80, 200),
            (170, 160),
            (260, 110),
        ];
        let contests: Vec<Contest> = won
            .iter()
            .zip(lengths)
            .enumerate()
            .map(|(at, (won, (a, b)))| Contest { won: *won, longer_by: f64::from(a - b), cluster: at / 2 })
            .collect();
        let found = fit(&contests, 0.0).unwrap();
        assert!((found.rate - sigmoid(GOLDEN[0])).abs() < 1e-7, "{found:?}");
        assert!((found.slope - GOLDEN[1]).abs() < 1e-6, "{found:?}");
        let (low, high) = found.interval.unwrap();
        assert!((low - sigmoid(GOLDEN[0] - Z95 * GOLDEN[2])).abs() < 1e-6, "{found:?}");
        assert!((high - sigmoid(GOLDEN[0] + Z95 * GOLDEN[2])).abs() < 1e-6, "{found:?}");
    }
    const GOLDEN: [f64; 3] = [-0.006_830_806_908_446_174, 8.028_743_077_720_542, 0.829_935_385_104_290_1];

    #[test]
    fn a_model_that_wins_by_length_alone_wins_nothing() {
        let mut stream = Stream::new(9);
        let contests: Vec<Contest> = (0..2000)
            .map(|cluster| {
                let longer_by = 80.0 + 100.0 * stream.normal();
                let won = f64::from(u8::from(stream.unit() < sigmoid(longer_by / 60.0)));
                Contest { won, longer_by, cluster }
            })
            .collect();
        let raw = contests.iter().map(|contest| contest.won).sum::<f64>() / 2000.0;
        let found = length_controlled(&contests).unwrap();
        assert!(raw > 0.7 && (found.rate - 0.5).abs() < 0.06 && found.slope > 1.0, "{raw} {found:?}");
    }

    #[test]
    fn always_winning_is_no_infinity() {
        let contests: Vec<Contest> =
            (0..10).map(|cluster| Contest { won: 1.0, longer_by: 0.0, cluster }).collect();
        let found = length_controlled(&contests).unwrap();
        assert!(found.rate > 0.9 && found.rate < 1.0, "{found:?}");
        assert_eq!(length_controlled(&[]), None);
        assert_eq!(length_controlled(&[Contest { won: 1.0, longer_by: f64::NAN, cluster: 0 }]), None);
    }
}
