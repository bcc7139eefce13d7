use rewardctl_core::acquire::covariance::Covariance;
use rewardctl_core::panel::{Dimension, Panel, Part, Quorum, Slot};
use rewardctl_core::stream::Stream;

use super::*;
use crate::learn::evidence::Tried;
use crate::learn::fit::fit;
use crate::learn::labels::{Labels, Observed, PairLabel};
use crate::learn::space::Signs;

fn panel(critics: usize) -> Panel {
    let slot =
        |at: usize| Slot { critic: format!("c{at}"), dimension: "all".into(), weight: 1.0, part: Part::Mean };
    Panel {
        name: "test".into(),
        dimensions: vec![Dimension { name: "all".into(), weight: 1.0 }],
        slots: (0..critics).map(slot).collect(),
        quorum: Quorum { coverage: 0.0, dimensions: 1 },
    }
}

/// Two responses to each of `count` prompts; the first critic is good, the others guess.
fn observed(count: usize) -> (Vec<Observed>, Vec<f64>) {
    let mut stream = Stream::of(7, "observed", 0);
    let mut observed = vec![];
    let mut targets = vec![];
    for group in 0..count {
        let truth = stream.normal();
        targets.push(f64::from(u8::from(stream.unit() < 1.0 / (1.0 + (-3.0 * truth).exp()))));
        for sign in [0.5, -0.5] {
            let score = |value: f64| Some((0.5 + 0.15 * value).clamp(0.0, 1.0));
            let missing = group % 7 == 0;
            let first = if missing { None } else { score(sign * truth + 0.2 * stream.normal()) };
            let scores = vec![first, score(stream.normal()), score(0.5 * sign * truth + stream.normal())];
            observed.push(Observed { group, scores, variances: vec![0.001; 3], style: None });
        }
    }
    (observed, targets)
}

#[test]
fn a_fit_of_rows_is_a_fit_of_responses() {
    let (observed, targets) = observed(80);
    let panel = panel(3);
    let pool = Pool::new(&panel, Signs::NonNegative, &observed);
    let pairs: Vec<(usize, usize)> = (0..80).map(|at| (2 * at, 2 * at + 1)).collect();
    let rows = Rows::of_pool(&pool, pairs.clone());
    let label =
        |(at, target): (usize, &f64)| PairLabel { a: 2 * at, b: 2 * at + 1, target: *target, annotator: 0 };
    let labels = Labels {
        pairs: targets.iter().enumerate().map(label).collect(),
        annotators: vec!["one".into()],
        ..Labels::default()
    };
    let whole = fit(&pool, &labels, Tried::All).unwrap();
    let of_rows: Vec<RowLabel> =
        targets.iter().enumerate().map(|(at, t)| RowLabel { at, target: *t }).collect();
    let got = rows.fit(&of_rows).unwrap();
    for (at, (a, b)) in pairs.iter().enumerate() {
        let margin = whole.theta.dot(&pool.difference(*a, *b));
        assert!((got.margins[at] - margin).abs() < 1e-6, "{at}: {} {margin}", got.margins[at]);
        assert_eq!(got.item_variances[at] > 1.0, at % 7 == 0, "{at}: {}", got.item_variances[at]);
    }
    let right =
        got.margins.iter().zip(&targets).filter(|(margin, target)| (**margin > 0.0) == (**target > 0.5));
    assert!(right.count() > 56);
    assert!(Covariance::new(pool.space.width(), got.covariance).is_some());
}

#[test]
fn what_is_no_row_is_refused() {
    let direction = || vec![1.0, 0.0];
    assert!(Rows::new(&[&[1.0, 2.0]], direction(), 1).is_some());
    assert!(Rows::new(&[&[1.0]], direction(), 1).is_none());
    assert!(Rows::new(&[&[1.0, f64::NAN]], direction(), 1).is_none());
    assert!(Rows::new(&[], direction(), 3).is_none());
    // Without labels the prior stands.
    let rows = Rows::new(&[&[1.0, 2.0]], direction(), 1).unwrap();
    assert!((rows.fit(&[]).unwrap().margins[0] - 1.0).abs() < 1e-9);
}
