use super::*;
use crate::dataset::people::said;
use crate::dataset::pool::Pool;
use crate::dataset::prompt::Candidate;
use crate::dataset::recipe::Recipe;
use crate::id::ContentId;
use crate::label::{Judgement, Label, Winner};
use crate::pair::probability_better;
use crate::score::Scale;

fn id(n: usize) -> ContentId {
    ContentId::of("t", [n.to_le_bytes().as_slice()])
}

/// What the tests ask: a row as `chosen > rejected who`, with `c` for a correction, then the reasons.
fn check(rewards: &[f64], labels: &[Label], recipe: &Recipe) -> (Vec<String>, Vec<Reason>) {
    check_with(rewards, 0.05, labels, recipe)
}

fn check_with(rewards: &[f64], sd: f64, labels: &[Label], recipe: &Recipe) -> (Vec<String>, Vec<Reason>) {
    let candidate = |(n, reward): (usize, &f64)| Candidate {
        id: id(n),
        reward: (*reward >= 0.0).then_some(*reward),
        other_version: false,
        accepted: true,
    };
    let candidates: Vec<Candidate> = rewards.iter().enumerate().map(candidate).collect();
    let people = said(labels, &recipe.people);
    let better = |a: usize, b: usize| Some(probability_better((rewards[a], sd), (rewards[b], sd)));
    let prompt = Prompt {
        item: id(99),
        candidates: &candidates,
        people: &people,
        better: &better,
        above_median: &|_| None,
    };
    let pool = Pool { count: 100, mean: 0.5, sd: 0.2, median: 0.5 };
    let picked = pairs(&prompt, &Rules { recipe, pool: &pool, seed: 7 });
    let row = |pair: &Pair<'_>| {
        let chosen = match pair.chosen {
            Side::Candidate(place) => place.to_string(),
            Side::Text(_) => "c".into(),
        };
        format!("{chosen} > {} {:?}", pair.rejected, pair.backing.vouch)
    };
    (picked.rows.iter().map(row).collect(), picked.withheld)
}

fn label(who: &str, judgement: Judgement) -> Label {
    Label { item: id(99), judgement, annotator: who.into(), note: String::new() }
}

fn stars(who: &str, response: usize, value: f64) -> Label {
    label(who, Judgement::Rate { response: id(response), value, scale: Scale::STARS, dimension: None })
}

fn compare(who: &str, a: usize, b: usize, winner: Winner) -> Label {
    label(who, Judgement::Compare { a: id(a), b: id(b), winner, strength: None })
}

fn correct(who: &str, response: usize) -> Label {
    label(who, Judgement::Correct { response: id(response), text: "better".into() })
}

fn rows<const N: usize>(rows: [&str; N]) -> Vec<String> {
    rows.map(String::from).into()
}

#[test]
fn people_decide_first() {
    let recipe = Recipe::default();
    let golden = [
        ("nobody", vec![], rows(["0 > 1 Model"]), vec![]),
        ("one comparison", vec![compare("ana", 0, 1, Winner::B)], rows(["1 > 0 Single"]), vec![]),
        ("a tie", vec![compare("ana", 0, 1, Winner::Tie)], vec![], vec![Reason::Tie]),
        (
            "two against one",
            vec![compare("a", 0, 1, Winner::B), compare("b", 0, 1, Winner::B), compare("c", 0, 1, Winner::A)],
            rows(["1 > 0 Majority"]),
            vec![],
        ),
        ("a correction", vec![correct("ana", 0)], rows(["c > 0 Single"]), vec![]),
        (
            "five and two stars",
            vec![stars("ana", 1, 5.0), stars("ana", 0, 2.0)],
            rows(["1 > 0 Single"]),
            vec![],
        ),
        ("four stars, the other by models", vec![stars("ana", 0, 4.0)], rows(["0 > 1 Model"]), vec![]),
        ("four stars against the models", vec![stars("ana", 1, 4.0)], vec![], vec![Reason::LowConfidence]),
        (
            "three stars",
            vec![stars("ana", 0, 3.0), stars("ana", 1, 3.0)],
            vec![],
            vec![Reason::MiddlingRating],
        ),
        (
            "three and one stars",
            vec![stars("a", 0, 3.0), stars("a", 1, 1.0)],
            vec![],
            vec![Reason::MiddlingRating],
        ),
        (
            "rated well and corrected",
            vec![stars("ana", 0, 5.0), correct("ana", 0)],
            rows(["0 > 1 Model"]),
            vec![Reason::CorrectedThoughGood],
        ),
    ];
    for (name, labels, expected, reasons) in golden {
        assert_eq!(check(&[0.7, 0.58], &labels, &recipe), (expected, reasons), "{name}");
    }
}

#[test]
fn a_single_rated_output_needs_a_real_second_text() {
    let recipe = Recipe::default();
    assert_eq!(check(&[0.7], &[stars("ana", 0, 5.0)], &recipe), (vec![], vec![Reason::NoSecondText]));
    assert_eq!(check(&[0.7], &[stars("ana", 0, 3.0)], &recipe), (vec![], vec![Reason::NoSecondText]));
    let corrected = check(&[0.7], &[stars("ana", 0, 2.0), correct("ana", 0)], &recipe);
    assert_eq!(corrected, (rows(["c > 0 Single"]), vec![]));
}

#[test]
fn one_person_against_sure_models_waits() {
    let recipe = Recipe::default();
    let against = [compare("ana", 0, 1, Winner::B)];
    assert_eq!(check(&[0.9, 0.5], &against, &recipe), (vec![], vec![Reason::NeedsSecondLabel]));
    let second = [compare("ana", 0, 1, Winner::B), compare("ben", 0, 1, Winner::B)];
    assert_eq!(check(&[0.9, 0.5], &second, &recipe), (rows(["1 > 0 Majority"]), vec![]));
    let ratings = [stars("ana", 1, 5.0), stars("ana", 0, 1.0)];
    assert_eq!(check(&[0.9, 0.5], &ratings, &recipe), (vec![], vec![Reason::NeedsSecondLabel]));
    let mut never = Recipe::default();
    never.people.second_look = 1.0;
    assert_eq!(check(&[0.9, 0.5], &against, &never), (rows(["1 > 0 Single"]), vec![]));
}

#[test]
fn models_decide_only_where_they_are_sure_and_apart() {
    let recipe = Recipe::default();
    // Half a pooled standard deviation is 0.1.
    assert_eq!(check(&[0.5, 0.41], &[], &recipe).1, [Reason::MarginTooSmall]);
    assert_eq!(check(&[0.5, 0.39], &[], &recipe).0, ["0 > 1 Model"]);
    assert_eq!(check_with(&[0.5, 0.39], 0.2, &[], &recipe).1, [Reason::LowConfidence]);
    assert_eq!(check(&[0.5, -1.0], &[], &recipe).1, [Reason::NoReward]);
    assert_eq!(check(&[0.5], &[], &recipe).1, [Reason::NoSecondText]);
}

#[test]
fn the_rejected_is_picked_by_rule() {
    let rejected = |rule, rewards: &[f64]| {
        let mut recipe = Recipe::default();
        recipe.models.rejected = rule;
        check_with(rewards, 0.01, &[], &recipe).0[0].clone()
    };
    // scripts/golden/dataset.py: the mean less two deviations is -0.077, then 0.117, then 0.414.
    let eight = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.1, 0.0];
    assert_eq!(rejected(Rejected::MuMinus2Sigma, &eight), "0 > 7 Model");
    let ten = [0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.3, 0.05];
    assert_eq!(rejected(Rejected::MuMinus2Sigma, &ten), "0 > 9 Model");
    let skewed = [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.3];
    assert!(rejected(Rejected::MuMinus2Sigma, &skewed).ends_with(" > 9 Model"));
    assert!(rejected(Rejected::BestVsWorst, &skewed).ends_with(" > 10 Model"));
    let few = &eight[..7];
    assert_eq!(rejected(Rejected::MuMinus2Sigma, few), rejected(Rejected::BestVsRandom, few));
}

#[test]
fn prompts_and_responses_are_used_as_often_as_allowed() {
    let mut recipe = Recipe::default();
    let labels: Vec<Label> = (1..5).map(|other| compare("ana", 0, other, Winner::A)).collect();
    let (kept, held) = check(&[0.6; 5], &labels, &recipe);
    assert_eq!((kept.len(), held), (2, vec![Reason::OverLimit; 2]));
    recipe.pairs.per_prompt = 4;
    recipe.pairs.uses = 3;
    assert_eq!(check(&[0.6; 5], &labels, &recipe).0.len(), 3);
    recipe.models.pairs_per_prompt = 2;
    let (kept, _) = check(&[0.9, 0.8, 0.3, 0.2], &[], &recipe);
    assert_eq!(kept.len(), 2, "{kept:?}");
}
