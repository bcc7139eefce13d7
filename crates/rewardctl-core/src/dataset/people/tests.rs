use super::*;
use crate::id::ContentId;
use crate::score::Scale;

fn id(n: u8) -> ContentId {
    ContentId::of("t", [[n].as_slice()])
}

fn label(annotator: &str, judgement: Judgement) -> Label {
    Label { item: id(0), judgement, annotator: annotator.into(), note: String::new() }
}

fn compare(annotator: &str, winner: Winner) -> Label {
    label(annotator, Judgement::Compare { a: id(1), b: id(2), winner, strength: None })
}

fn stars(annotator: &str, value: f64) -> Label {
    let judgement = Judgement::Rate { response: id(1), value, scale: Scale::STARS, dimension: None };
    label(annotator, judgement)
}

fn rule() -> PeopleRule {
    PeopleRule { adjudicators: vec!["eva".into()], ..PeopleRule::default() }
}

/// Who wins (1 for the first response, 2 for the second, 0 for nobody), and who says so.
fn outcome(labels: &[Label]) -> (u8, Vouch) {
    let people = said(labels, &rule());
    let preference = people.preferences.values().next().unwrap();
    let winner = match preference.preferred {
        Some(response) if response == id(1) => 1,
        Some(_) => 2,
        None => 0,
    };
    (winner, preference.backing.vouch)
}

#[test]
fn adjudicators_outrank_majorities_and_majorities_single_people() {
    let (ana, ben, cem) = (compare("ana", Winner::A), compare("ben", Winner::A), compare("cem", Winner::B));
    let golden = [
        (vec![ana.clone()], (1, Vouch::Single)),
        (vec![ana.clone(), cem.clone()], (0, Vouch::Majority)),
        (vec![ana.clone(), compare("cem", Winner::Tie)], (0, Vouch::Majority)),
        (vec![ana.clone(), ben.clone(), cem.clone()], (1, Vouch::Majority)),
        (vec![ana.clone(), ben.clone(), compare("eva", Winner::B)], (2, Vouch::Adjudicated)),
        (vec![compare("eva", Winner::Tie), ana, ben], (0, Vouch::Adjudicated)),
    ];
    for (labels, expected) in golden {
        assert_eq!(outcome(&labels), expected, "{labels:?}");
    }
}

#[test]
fn ratings_are_means_of_whoever_counts() {
    let rating = |labels: &[Label]| said(labels, &rule()).ratings[&id(1)];
    let one = rating(&[stars("ana", 4.0)]);
    assert_eq!((one.value, one.backing), (0.75, Backing { vouch: Vouch::Single, annotators: 1 }));
    let two = rating(&[stars("ana", 5.0), stars("ben", 2.0)]);
    assert_eq!((two.value, two.backing.vouch), (0.625, Vouch::Majority));
    let three = rating(&[stars("ana", 5.0), stars("ben", 5.0), stars("eva", 1.0)]);
    assert_eq!((three.value, three.backing), (0.0, Backing { vouch: Vouch::Adjudicated, annotators: 3 }));
}

#[test]
fn corrections_that_stand_higher_come_first() {
    let correct =
        |who: &str, text: &str| label(who, Judgement::Correct { response: id(1), text: text.into() });
    let labels = [correct("ana", "a"), correct("ben", "b"), correct("cem", "b"), correct("eva", "z")];
    let people = said(&labels, &rule());
    let found: Vec<(&str, Vouch)> =
        people.corrections.iter().map(|one| (one.text, one.backing.vouch)).collect();
    assert_eq!(found, [("z", Vouch::Adjudicated), ("b", Vouch::Majority), ("a", Vouch::Single)]);
}
