//! What holds for every reply.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use rewardctl_core::score::Scale;

use crate::llm::reply::{
    Reading, ReplyText,
    content::after_thoughts,
    dimensions::parse_scores,
    json::{Json, Node, objects},
    samples::mean_of,
    score::parse_score,
    winner::parse_winner,
};

fn value(text: &str) -> Option<f64> {
    match parse_score(&ReplyText::plain(text), &Scale::STARS, &[]) {
        Reading::Value(parsed) => Some(parsed.value),
        _ => None,
    }
}

/// Text that is mostly made of what the readers look for.
fn tangled() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        ":",
        ",",
        "score",
        "Rating: ",
        "4",
        "10",
        "1-5",
        "[[",
        "]]",
        "A",
        "(b)",
        "[RESULT] ",
        "Output (a) is better",
        "\n",
        " ",
        "```json",
        "null",
        "\\",
        "\\u12",
        "<think>",
        "</think>",
        "’",
        "４",
        "/5",
        "is",
        "I choose ",
        "Assistant 1",
        "n/a",
        "tie",
        ">>",
        "é",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        any::<f32>().prop_map(|value| serde_json::json!(value)),
        ".{0,12}".prop_map(Into::into),
    ];
    let inner = leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((".{0,6}", inner), 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::vec((".{0,6}", inner), 0..5)
        .prop_map(|members| serde_json::Value::Object(members.into_iter().collect()))
}

fn same(ours: &Node, theirs: &serde_json::Value) -> bool {
    match (&ours.json, theirs) {
        (Json::Null, serde_json::Value::Null) => true,
        (Json::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Json::Number(ours), serde_json::Value::Number(theirs)) => *ours == theirs.to_string(),
        (Json::Text(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Json::List(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Json::Object(ours), theirs) => same_members(ours, theirs),
        _ => false,
    }
}

fn same_members(ours: &[(String, Node)], theirs: &serde_json::Value) -> bool {
    let serde_json::Value::Object(theirs) = theirs else { return false };
    let keys_agree = |((key, node), (their_key, theirs)): (&(String, Node), (&String, _))| {
        key == their_key && same(node, theirs)
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(keys_agree)
}

proptest! {
    #[test]
    fn no_reply_panics_and_every_score_is_legal(text in prop_oneof![any::<String>(), tangled()]) {
        if let Some(score) = value(&text) {
            prop_assert!(Scale::STARS.normalise(score).is_ok());
        }
        parse_winner(&ReplyText::plain(&text));
        parse_scores(&ReplyText::plain(&text), &["score", "A b"], &Scale::STARS);
    }

    #[test]
    fn json_is_read_as_json(value in json_value(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let read = objects(&text);
        prop_assert!(!read.open && !read.exhausted);
        prop_assert_eq!(read.found.len(), 1);
        prop_assert!(read.found[0].strict);
        prop_assert!(same_members(&read.found[0].members, &value), "{} {:?}", text, read);
    }

    #[test]
    fn words_without_a_verdict_do_not_change_one(before in "[a-z ,\n]{0,80}", after in "[a-z ,\n]{0,80}", score in 1..=5) {
        let object = format!("{before}\n{{\"score\": {score}}}\n{after}");
        let mark = format!("{before}\n[RESULT] {score}\n{after}");
        prop_assert_eq!(value(&object), Some(f64::from(score)));
        prop_assert_eq!(value(&mark), Some(f64::from(score)));
    }

    #[test]
    fn a_cut_object_is_no_verdict(score in 1..=5, rationale in "[a-z ']{1,40}", kept in 1..1000usize) {
        let whole = format!("{{\"score\": {score}, \"rationale\": \"{rationale}\"}}");
        let kept = 1 + kept % (whole.len() - 1);
        prop_assert_eq!(value(&whole[..kept]), None);
    }

    #[test]
    fn thoughts_are_never_read(thought in "[^<]{0,80}", score in 1..=5) {
        let text = format!("<think>{thought}</think>{{\"score\": {score}}}");
        prop_assert_eq!(value(&text), Some(f64::from(score)));
        let open = format!("<think>{thought}");
        prop_assert_eq!(after_thoughts(&open), None);
    }

    #[test]
    fn the_mean_lies_among_the_samples(values in prop::collection::vec(0.0..1.0f64, 1..20)) {
        let found = mean_of(&values).unwrap();
        let (least, most) = values.iter().fold((1.0f64, 0.0f64), |(least, most), value| (least.min(*value), most.max(*value)));
        prop_assert!(least - 1e-12 <= found.mean && found.mean <= most + 1e-12);
        prop_assert_eq!(found.variance.is_none(), values.len() == 1);
    }
}

#[test]
fn long_replies_take_linear_time() {
    let units = [
        "{",
        "[",
        "{\"a\":",
        "{\"a\":[",
        "{\"a\":\"",
        "{'a': '",
        "{\"a\":\"x\" y ",
        "\"",
        "' ",
        "[[",
        "Score: ",
        "Rating: 1-5 ",
        "Output (a) is better ",
        "I choose ",
        "1 ",
        "9",
        "/5 ",
        "\n1\n",
        "a",
        "<think>",
        "</think>",
        "{a:{b:",
        "\\",
        "{\"\\",
        "**",
        "Assistant 1 ",
        "score of ",
        "if ",
        "{\"score\": 4}",
        "\u{3000}",
        "{\"a\":1,",
        "{a b ",
    ];
    for unit in units {
        let text = unit.repeat(100_000 / unit.len());
        let began = Instant::now();
        let _ = value(&text);
        parse_winner(&ReplyText::plain(&text));
        parse_scores(&ReplyText::plain(&text), &["accuracy"], &Scale::STARS);
        // Linear is below a second in a debug build; the bound leaves room for a busy machine.
        assert!(began.elapsed() < Duration::from_secs(20), "{unit:?} took {:?}", began.elapsed());
    }
}

#[test]
fn means() {
    assert_eq!(mean_of(&[]), None);
    assert_eq!(mean_of(&[f64::NAN]), None);
    let found = mean_of(&[3.0, 4.0, 5.0, 4.0]).unwrap();
    assert!((found.mean - 4.0).abs() < 1e-12);
    // Sample variance 2/3, over four samples.
    assert!((found.variance.unwrap() - 1.0 / 6.0).abs() < 1e-12);
}
