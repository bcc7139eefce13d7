use super::*;
use crate::id::ContentId;
use crate::label::Winner;
use crate::score::Scale;

const RULE: Rule = Rule { min_margin: 0.1, min_probability: 0.8, seed: 1 };

fn id(n: u8) -> ContentId {
    ContentId::of("t", [[n].as_slice()])
}

fn known(n: u8, reward: f64) -> Known {
    Known { response: id(n), reward: Some((reward, 0.05)), accepted: true }
}

fn label(judgement: Judgement) -> Label {
    Label { item: id(0), judgement, annotator: "ana".into(), note: String::new() }
}

fn rated(n: u8, value: f64) -> Label {
    label(Judgement::Rate { response: id(n), value, scale: Scale::STARS, dimension: None })
}

fn compared(winner: Winner) -> Label {
    label(Judgement::Compare { a: id(1), b: id(2), winner, strength: None })
}

fn check(known: &[Known], labels: &[Label], expected: Result<(u8, u8, Source), Withheld>) {
    let got = build(id(0), known, labels, &RULE).map(|pairs| {
        let pair = &pairs[0];
        (pair.chosen.clone(), pair.rejected, pair.source)
    });
    let expected = expected.map(|(c, r, source)| (Chosen::Response(id(c)), id(r), source));
    assert_eq!(got, expected);
}

#[test]
fn models_decide_where_people_are_silent() {
    check(&[known(1, 0.9), known(2, 0.4)], &[], Ok((1, 2, Source::Model)));
    check(&[known(1, 0.52), known(2, 0.5)], &[], Err(Withheld::TooClose));
    check(&[known(1, 0.9)], &[], Err(Withheld::OneResponse));
}

#[test]
fn a_person_outranks_the_models() {
    let models_prefer_1 = [known(1, 0.9), known(2, 0.1)];
    check(&models_prefer_1, &[compared(Winner::B)], Ok((2, 1, Source::Comparison)));
    check(&models_prefer_1, &[rated(1, 1.0), rated(2, 5.0)], Ok((2, 1, Source::Ratings)));
    check(&models_prefer_1, &[compared(Winner::Tie)], Err(Withheld::Tie));
}

#[test]
fn a_bad_rating_is_never_chosen() {
    // The only response that routing accepted is the one that a person rated at 1.
    let waiting = Known { accepted: false, ..known(2, 0.8) };
    check(&[known(1, 0.9), waiting], &[rated(1, 1.0)], Err(Withheld::NothingToChoose));
}

#[test]
fn a_middling_rating_alone_makes_no_pair() {
    check(&[known(1, 0.9)], &[rated(1, 3.0)], Err(Withheld::OneResponse));
}

#[test]
fn a_correction_is_chosen_over_what_it_corrects() {
    let corrected = label(Judgement::Correct { response: id(1), text: "better".into() });
    let pairs = build(id(0), &[known(1, 0.9)], &[corrected], &RULE).unwrap();
    assert_eq!(pairs[0].chosen, Chosen::Text("better".into()));
    assert_eq!(pairs[0].rejected, id(1));
}

#[test]
fn a_response_without_a_reward_takes_no_part() {
    let failed = Known { response: id(2), reward: None, accepted: false };
    check(&[known(1, 0.9), failed], &[], Err(Withheld::TooClose));
}

#[test]
fn equal_values_are_even_odds() {
    let valued = Valued { response: id(1), value: 0.5, deviation: 0.0, rated: true, choosable: true };
    assert_eq!(probability_better((valued.value, valued.deviation), (valued.value, valued.deviation)), 0.5);
}
