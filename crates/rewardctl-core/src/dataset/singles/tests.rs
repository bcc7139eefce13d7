use super::*;
use crate::dataset::people::said;
use crate::dataset::pool::Pool;
use crate::dataset::prompt::Candidate;
use crate::dataset::recipe::Recipe;
use crate::id::ContentId;
use crate::label::{Judgement, Label, Winner};
use crate::score::Scale;

fn id(n: usize) -> ContentId {
    ContentId::of("t", [n.to_le_bytes().as_slice()])
}

/// Calls `then` with a prompt of responses whose reward is also the probability of being above the median.
fn with<T>(rewards: &[f64], labels: &[Label], then: impl FnOnce(&Prompt<'_>, &Rules<'_>) -> T) -> T {
    let recipe = Recipe::default();
    let candidate = |(n, reward): (usize, &f64)| Candidate {
        id: id(n),
        reward: (*reward >= 0.0).then_some(*reward),
        other_version: *reward < -1.0,
        accepted: true,
    };
    let candidates: Vec<Candidate> = rewards.iter().enumerate().map(candidate).collect();
    let people = said(labels, &recipe.people);
    let prompt = Prompt {
        item: id(99),
        candidates: &candidates,
        people: &people,
        better: &|_, _| None,
        above_median: &|place| Some(rewards[place]),
    };
    let pool = Pool { count: 100, mean: 0.5, sd: 0.2, median: 0.5 };
    then(&prompt, &Rules { recipe: &recipe, pool: &pool, seed: 7 })
}

fn shown(picked: &Picked<Single<'_>>) -> (Vec<String>, Vec<Reason>) {
    let row = |single: &Single<'_>| {
        let answer = match single.answer {
            Side::Candidate(place) => place.to_string(),
            Side::Text(text) => text.into(),
        };
        format!("{answer} {} {:?}", if single.good { "good" } else { "bad" }, single.backing.vouch)
    };
    (picked.rows.iter().map(row).collect(), picked.withheld.clone())
}

fn label(judgement: Judgement) -> Label {
    Label { item: id(99), judgement, annotator: "ana".into(), note: String::new() }
}

fn stars(response: usize, value: f64) -> Label {
    label(Judgement::Rate { response: id(response), value, scale: Scale::STARS, dimension: None })
}

fn correct(response: usize) -> Label {
    label(Judgement::Correct { response: id(response), text: "better".into() })
}

#[test]
fn answers_are_desirable_undesirable_or_neither() {
    let kto = |rewards: &[f64], labels: &[Label]| {
        with(rewards, labels, |prompt, rules| shown(&unpaired(prompt, rules, None)))
    };
    let (rows, held) = kto(&[0.65, 0.5, 0.35, -1.0, -2.0], &[]);
    assert_eq!(rows, ["0 good Model", "2 bad Model"]);
    assert_eq!(held, [Reason::Middle, Reason::NoReward, Reason::OtherVersion]);
    assert_eq!(kto(&[0.9], &[stars(0, 2.0)]).0, ["0 bad Single"]);
    assert_eq!(kto(&[0.9], &[stars(0, 3.0)]), (vec![], vec![Reason::MiddlingRating]));
    assert_eq!(kto(&[0.98], &[stars(0, 1.0)]), (vec![], vec![Reason::NeedsSecondLabel]));
    assert_eq!(kto(&[0.9], &[correct(0)]).0, ["better good Single", "0 bad Single"]);
}

#[test]
fn what_users_did_counts_where_models_are_silent() {
    let signal = Some(Signal { probability: 0.2 });
    let kto = |rewards: &[f64]| with(rewards, &[], |prompt, rules| shown(&unpaired(prompt, rules, signal)));
    assert_eq!(kto(&[0.5]).0, ["0 bad Implicit"]);
    assert_eq!(kto(&[-1.0]).0, ["0 bad Implicit"]);
    assert_eq!(kto(&[0.9]).0, ["0 good Model"]);
    assert_eq!(kto(&[0.5, 0.5]).0.len(), 0);
}

#[test]
fn what_is_imitated_was_written_or_praised_or_is_the_best() {
    let sft = |rewards: &[f64], labels: &[Label]| {
        with(rewards, labels, |prompt, rules| shown(&demonstrations(prompt, rules)))
    };
    assert_eq!(sft(&[0.7, 0.9], &[]).0, ["1 good Model"]);
    assert_eq!(sft(&[0.6, 0.5], &[]), (vec![], vec![Reason::LowConfidence]));
    assert_eq!(sft(&[0.7, 0.9], &[stars(0, 4.0)]).0, ["0 good Single"]);
    assert_eq!(sft(&[0.7, 0.9], &[stars(1, 3.0)]).0, ["0 good Model"]);
    let (rows, held) = sft(&[0.7, 0.9], &[correct(0), stars(1, 5.0)]);
    assert_eq!((rows, held), (vec!["better good Single".into()], vec![Reason::OverLimit]));
    let lost = label(Judgement::Compare { a: id(0), b: id(1), winner: Winner::A, strength: None });
    assert_eq!(sft(&[0.7, 0.9], &[lost]).0, ["0 good Model"]);
}

#[test]
fn prompts_need_spread() {
    let spread = |rewards: &[f64]| with(rewards, &[], has_spread);
    assert_eq!(spread(&[0.5, 0.51]), Err(Reason::NoSpread));
    assert_eq!(spread(&[0.5, 0.6]), Ok(()));
    assert_eq!(spread(&[0.5]), Err(Reason::SpreadUnknown));
    assert_eq!(spread(&[0.5, -1.0]), Err(Reason::SpreadUnknown));
}
