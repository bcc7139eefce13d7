use rewardctl_core::panel::{Dimension, Part, Quorum, Slot};
use rewardctl_core::verdict::Bout;

use crate::audit::gather::Seen;
use crate::audit::independence::Basis;

use super::*;

const CRITICS: [&str; 4] = ["right", "wrong", "long", "broken"];

/// Twenty-four prompts with two responses each: the first is better, and the second longer in two of three prompts.
fn gathered() -> Gathered {
    let mut gathered = Gathered::default();
    for item in 0..24 {
        let better = 2 * item;
        for at in 0..2 {
            let is_better = at == 0;
            let is_longer = is_better == (item % 3 == 0);
            let score = |high: bool| Told::Scored(0.2 + 0.6 * f64::from(u8::from(high)));
            let broken = if item % 4 == 0 { Told::Failed } else { Told::Abstained };
            gathered.responses.push(Seen {
                item,
                log_length: if is_longer { 5.0 } else { 3.0 + item as f64 / 100.0 },
                markdown: 0.0,
                generator: Some(if is_longer { "gpt-4o" } else { "llama-3" }.into()),
                rated: Rated { overall: Some(f64::from(u8::from(is_better))), ..Rated::default() },
                told: vec![score(is_better), score(!is_better), score(is_longer), broken],
            });
        }
        gathered.items.push(vec![better, better + 1]);
        gathered.preferred.insert((item, better, better + 1), Some(better));
    }
    gathered
}

fn panel() -> Panel {
    let slot =
        |name: &&str| Slot { critic: name.to_string(), dimension: "d".into(), weight: 1.0, part: Part::Mean };
    Panel {
        name: "p".into(),
        dimensions: vec![Dimension { name: "d".into(), weight: 1.0 }],
        slots: CRITICS.iter().map(slot).collect(),
        quorum: Quorum { coverage: 0.5, dimensions: 1 },
    }
}

fn report_of(gathered: &Gathered) -> CriticsReport {
    let models = Models::from([(0, "gpt-4o-mini".into()), (2, "gpt-4o-mini".into())]);
    report(&panel(), gathered, &models, 7)
}

#[test]
fn agreement_is_measured_against_pairs_and_ratings() {
    let report = report_of(&gathered());
    let accuracy: Vec<_> =
        report.critics.iter().map(|critic| critic.accuracy.map(|estimate| estimate.value)).collect();
    assert_eq!(accuracy[..2], [Some(1.0), Some(0.0)]);
    assert!((accuracy[2].unwrap() - 1.0 / 3.0).abs() < 1e-12);
    let long = &report.critics[2];
    let (low, high) = long.accuracy.unwrap().interval.unwrap();
    assert!(0.05 < low && low < 1.0 / 3.0 && high < 0.6, "{low} {high}");
    assert_eq!(report.critics[0].spearman.unwrap().value, 1.0);
    assert_eq!(report.critics[1].kendall, Some(-1.0));
    assert_eq!(report.labels, LabelCounts { pairs: 24, ties: 0, rated: 48, unread: 0 });
}

#[test]
fn a_failure_is_no_score_and_no_agreement() {
    let report = report_of(&gathered());
    let broken = &report.critics[3];
    assert_eq!((broken.scored, broken.abstained, broken.failed), (0, 36, 12));
    assert_eq!((broken.mean, broken.accuracy, broken.spearman, broken.drift), (None, None, None, None));
    assert_eq!(broken.bias.longer, None);
}

#[test]
fn a_preference_for_length_shows() {
    let report = report_of(&gathered());
    let longer = |at: usize| report.critics[at].bias.longer.unwrap().value;
    assert!((longer(0) - 1.0 / 3.0).abs() < 1e-12 && longer(2) == 1.0);
    let length = |at: usize| report.critics[at].bias.length.unwrap().value;
    assert!(length(2) > 0.85 && length(0) < -0.2, "{} {}", length(2), length(0));
    assert_eq!(report.critics[0].bias.format, None, "nothing has a format");
}

#[test]
fn relatives_are_compared_at_equal_label() {
    // The longer ones are all by the critic's relative: `long` favours them, `right` only where they are better.
    let report = report_of(&gathered());
    let gap = |at: usize| report.critics[at].bias.own_family.as_ref().unwrap().gap.value;
    assert!((gap(2) - 0.6).abs() < 1e-12 && gap(0).abs() < 1e-12, "{} {}", gap(2), gap(0));
    assert_eq!(report.critics[1].bias.own_family, None, "no model, no family");
}

#[test]
fn the_order_of_two_responses_shows() {
    let mut gathered = gathered();
    let bout = |shown_first, shown_second| {
        let against = cluster(0);
        (0, Bout { against, shown_first, shown_second })
    };
    // Consistent; the first slot wins whatever stands there; a tie that one order breaks.
    gathered.bouts.insert(0, vec![bout(0.9, 0.9), bout(0.9, 0.1), bout(0.5, 0.1)]);
    let position = report_of(&gathered).critics[0].bias.position.unwrap();
    assert!((position.consistent.value - 1.0 / 3.0).abs() < 1e-12);
    assert!((position.first_slot.value - (0.5 + 1.0 + 0.75) / 3.0).abs() < 1e-12);
    assert!(position.log_odds > 0.0);
}

#[test]
fn what_never_varies_takes_no_part_in_the_correlation() {
    let mut gathered = gathered();
    let report = report_of(&gathered);
    assert_eq!(report.independence.basis, Basis::Errors);
    assert_eq!(report.independence.mean, None, "who is always right or always wrong varies with nobody");
    gathered.preferred.clear();
    let report = report_of(&gathered);
    assert_eq!(report.independence.basis, Basis::Scores);
    assert_eq!(report.independence.critics, ["right", "wrong", "long"]);
    assert!((report.independence.matrix[0][1].unwrap() + 1.0).abs() < 1e-12);
}

#[test]
fn drift_compares_the_halves() {
    let mut gathered = gathered();
    for seen in gathered.responses.iter_mut().filter(|seen| seen.item >= 12) {
        seen.told[0] = Told::Scored(0.9);
    }
    let drift = report_of(&gathered).critics[0].drift.unwrap();
    assert!((drift.first - 0.5).abs() < 1e-12 && (drift.second - 0.9).abs() < 1e-12);
    assert!(drift.change.interval.unwrap().0 > 0.1);
}
