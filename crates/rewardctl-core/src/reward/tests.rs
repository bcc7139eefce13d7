use super::*;
use crate::panel::{Dimension, Quorum, Slot};

fn panel() -> Panel {
    let slot = |critic: &str, dimension: &str, part| Slot {
        critic: critic.into(),
        dimension: dimension.into(),
        weight: 1.0,
        part,
    };
    Panel {
        name: "test".into(),
        dimensions: vec![
            Dimension { name: "accuracy".into(), weight: 0.6 },
            Dimension { name: "style".into(), weight: 0.4 },
        ],
        slots: vec![
            slot("a", "accuracy", Part::Mean),
            slot("b", "accuracy", Part::Mean),
            slot("c", "style", Part::Cap),
        ],
        quorum: Quorum { coverage: 0.5, dimensions: 1 },
    }
}

fn verdict(outcome: Outcome) -> Verdict {
    Verdict {
        critic: "x".into(),
        dimension: "x".into(),
        outcome,
        rationale: String::new(),
        spans: vec![],
        flagged: false,
        evidence: None,
    }
}

fn scored(score: f64) -> Verdict {
    verdict(Outcome::Scored { score: Score::new(score).unwrap(), variance: None })
}

fn failed() -> Verdict {
    verdict(Outcome::Failed { reason: "timeout".into(), retryable: true })
}

fn abstained() -> Verdict {
    verdict(Outcome::Abstained { reason: "no reference".into() })
}

#[test]
fn an_abstention_is_not_missing_but_a_failure_is() {
    assert_eq!(coverage(&panel(), &[scored(1.0), abstained(), scored(1.0)]), Some(1.0));
    let half_of_accuracy = coverage(&panel(), &[scored(1.0), failed(), failed()]).unwrap();
    assert!((half_of_accuracy - 0.6 * 0.5).abs() < 1e-12);
    assert_eq!(coverage(&panel(), &[abstained(), abstained(), abstained()]), None);
}

#[test]
fn below_the_quorum_there_is_a_reason() {
    assert_eq!(quorum_failure(&panel(), &[scored(1.0), scored(0.0), failed()]), None);
    let few = quorum_failure(&panel(), &[failed(), failed(), scored(1.0)]).unwrap();
    assert!(few.contains("2 critics failed"), "{few}");
    assert!(quorum_failure(&panel(), &[abstained(), abstained(), abstained()]).is_some());
}

#[test]
fn disagreement_is_uncertainty() {
    let verdicts = [scored(1.0), scored(0.0), scored(1.0)];
    let aggregate = Aggregate {
        reward: 0.7,
        dimensions: vec![Some(0.5), Some(1.0)],
        weights: vec![0.3, 0.3, 0.4],
        utility: None,
    };
    let parts = uncertainty(&panel(), &verdicts, &aggregate);
    // Accuracy weighs 0.6 and its critics stand 0.5 away from their mean.
    assert!((parts.between_critics - 0.3).abs() < 1e-12);
    assert_eq!(parts.coverage, 0.0);
    assert!((parts.total - 0.3).abs() < 1e-12);
}

#[test]
fn an_aggregate_out_of_range_is_no_reward() {
    let verdicts = [scored(1.0), scored(1.0), scored(1.0)];
    let broken = |reward| Aggregate {
        reward,
        dimensions: vec![Some(1.0); 2],
        weights: vec![0.3, 0.3, 0.4],
        utility: None,
    };
    assert!(finish(&panel(), &verdicts, broken(f64::NAN)).is_none());
    assert!(finish(&panel(), &verdicts, broken(1.5)).is_none());
    assert_eq!(finish(&panel(), &verdicts, broken(1.0 + 1e-9)).unwrap().reward, Score::BEST);
}

/// A fit may let a critic count against a response; the spread is still a number.
#[test]
fn weights_of_both_signs_have_a_spread() {
    let aggregate = Aggregate {
        reward: 0.5,
        dimensions: vec![Some(0.5), Some(0.5)],
        weights: vec![0.9, -0.3, 0.2],
        utility: None,
    };
    let found = uncertainty(&panel(), &[scored(1.0), scored(0.0), scored(0.5)], &aggregate);
    // By hand: weights 0.9 and 0.3, mean 0.75, variance 0.1875.
    assert!((found.between_critics - 1.2 * 0.1875f64.sqrt()).abs() < 1e-12, "{found:?}");
}
