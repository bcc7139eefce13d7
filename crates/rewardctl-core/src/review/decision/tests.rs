use proptest::prelude::*;

use super::*;
use crate::id::ContentId;
use crate::score::Scale;

fn id(n: u8) -> ContentId {
    ContentId::of("t", [[n].as_slice()])
}

fn question(kind: Kind, count: u8) -> Question {
    let responses = (1..=count).map(id).collect();
    Question { kind, item: id(0), responses, dimension: None, scale: Scale::STARS }
}

fn decision(answer: Answer) -> Decision {
    Decision { answer, note: String::new(), tags: vec![], elapsed_ms: None }
}

fn check(kind: Kind, count: u8, answer: Answer) -> Result<Vec<Label>, Unfit> {
    let question = question(kind, count);
    labels(&question, &question.responses, &decision(answer), "ana")
}

#[test]
fn the_order_shown_does_not_change_the_label() {
    let question = question(Kind::Choose, 2);
    let turned: Vec<_> = question.responses.iter().rev().copied().collect();
    let left = decision(Answer::Choose { choice: Choice::Left, strength: None });
    let right = decision(Answer::Choose { choice: Choice::Right, strength: None });
    let one = labels(&question, &question.responses, &left, "ana");
    assert_eq!(one, labels(&question, &turned, &right, "ana"));
    assert_eq!(word(&question, &turned, &right.answer), Some(1.0));
    assert_eq!(word(&question, &question.responses, &right.answer), Some(0.0));
}

#[test]
fn what_does_not_fit_is_refused() {
    assert!(matches!(check(Kind::Rate, 1, Answer::Rate { value: 6.0 }), Err(Unfit::OffScale(_))));
    assert!(matches!(check(Kind::Rate, 1, Answer::Approve {}), Err(Unfit::Kind { .. })));
    let twice = Answer::Rank { order: vec![0, 0, 2] };
    assert!(matches!(check(Kind::Rank, 3, twice), Err(Unfit::NotAnOrder { .. })));
    let blank = Answer::Correct { place: 0, text: "  ".into() };
    assert_eq!(check(Kind::Rate, 1, blank), Err(Unfit::NoText));
    let beyond = Answer::Correct { place: 1, text: "x".into() };
    assert_eq!(check(Kind::Rate, 1, beyond), Err(Unfit::NoPlace { responses: 1 }));
    assert_eq!(check(Kind::Tag, 1, Answer::Tag {}), Err(Unfit::NoTags));
}

#[test]
fn no_label_without_a_judgement() {
    let unsure = Answer::Choose { choice: Choice::CannotTell, strength: None };
    assert_eq!(check(Kind::Choose, 2, unsure), Ok(vec![]));
    let skip = Answer::Skip { reason: SkipReason::Broken };
    assert_eq!(check(Kind::Rate, 1, skip), Ok(vec![]));
    assert!(!Answer::Correct { place: 0, text: "x".into() }.ends(Kind::Rate));
}

#[test]
fn an_order_a_text_and_tags_are_answers_and_no_skips() {
    let of = |kind, count, answer: Answer| {
        let question = question(kind, count);
        said(&question, &question.responses, &answer)
    };
    assert_eq!(of(Kind::Rank, 3, Answer::Rank { order: vec![0, 1, 2] }), Said::Answered);
    assert_eq!(of(Kind::Correct, 1, Answer::Correct { place: 0, text: "x".into() }), Said::Answered);
    assert_eq!(of(Kind::Tag, 1, Answer::Tag {}), Said::Answered);
    assert_eq!(of(Kind::Approve, 1, Answer::Reject {}), Said::Word(0.0));
    assert_eq!(of(Kind::Rank, 3, Answer::Skip { reason: SkipReason::Other }), Said::Nothing);
    let unsure = Answer::Choose { choice: Choice::CannotTell, strength: None };
    assert_eq!(of(Kind::Choose, 2, unsure), Said::Nothing);
}

proptest! {
    #[test]
    fn a_ranking_is_a_comparison_of_every_pair(order in Just((0..5usize).collect::<Vec<_>>()).prop_shuffle()) {
        let question = question(Kind::Rank, 5);
        let labels = check(Kind::Rank, 5, Answer::Rank { order: order.clone() }).unwrap();
        prop_assert_eq!(labels.len(), 10);
        let best = question.responses[order[0]];
        let wins = labels.iter().filter(|label| match &label.judgement {
            Judgement::Compare { a, b, winner, .. } => {
                (*a == best && *winner == Winner::A) || (*b == best && *winner == Winner::B)
            }
            _ => false,
        });
        prop_assert_eq!(wins.count(), 4);
    }
}
