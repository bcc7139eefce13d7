//! Real replies of eight models, where they are at hand, and what their sources read in them.

use std::{collections::BTreeMap, io::Read, path::PathBuf};

use rewardctl_core::score::Scale;
use serde_json::Value;

use crate::llm::reply::{
    Ending, Reading, ReplyText,
    dimensions::parse_scores,
    score::parse_score,
    winner::{Winner, parse_winner},
};

/// Names the folder that holds `fixtures/` and `panels/`; without it these tests have nothing to read.
const TEST_DATA: &str = "REWARDCTL_TEST_DATA";
/// Scores of 0 to 9 and of 1 to 10 alike.
const UP_TO_TEN: Scale = Scale { min: 0.0, max: 10.0, step: 1.0, low_is_good: false };

fn rows(file: &str) -> Option<Vec<Value>> {
    let Some(folder) = std::env::var_os(TEST_DATA) else {
        println!("skipped: {TEST_DATA} is not set");
        return None;
    };
    let file = std::fs::File::open(PathBuf::from(folder).join(file)).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn reply(row: &Value) -> ReplyText<'_> {
    let ending = if row["finish"] == "length" { Ending::Cut } else { Ending::Complete };
    ReplyText { ending, ..ReplyText::plain(row["raw"].as_str().unwrap()) }
}

/// Returns what the source read and what we read; empty for nothing.
fn both(row: &Value) -> (String, String) {
    if row["protocol"] == "rating_1_10" {
        let theirs = row["parsed"]["score"].as_f64().map(|score| score.to_string());
        let ours = match parse_score(&reply(row), &UP_TO_TEN, &[]) {
            Reading::Value(parsed) => parsed.value.to_string(),
            _ => String::new(),
        };
        return (theirs.unwrap_or_default(), ours);
    }
    let ours = match parse_winner(&reply(row)) {
        Reading::Value(found) => match found.winner {
            Winner::A => "a",
            Winner::B => "b",
            Winner::Tie => "tie",
        },
        _ => "",
    };
    (row["parsed"]["label"].as_str().unwrap_or_default().to_owned(), ours.to_owned())
}

/// Tells whether the source is known to read such a reply wrongly.
fn source_is_wrong(row: &Value, theirs: &str, ours: &str) -> bool {
    let raw = row["raw"].as_str().unwrap().trim();
    // This source looks for the first side anywhere in the text before it looks for the second.
    let is_first_pattern =
        row["source"] == "llmbar" && theirs == "a" && ours == "b" && raw.contains("Output (b) is better");
    // This one calls a tie what it cannot read, the empty reply included.
    let is_default = row["source"] == "prd" && theirs == "tie" && ours.is_empty();
    is_first_pattern || is_default
}

#[test]
fn replies_are_read_as_their_sources_read_them() {
    let Some(rows) = rows("fixtures/raw_critic_completions.jsonl.gz") else { return };
    let mut tally: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let (mut parsed, mut agreed, mut excused) = (0, 0, 0);
    for row in rows.iter().filter(|row| row["source"] != "just_eval") {
        let (theirs, ours) = both(row);
        if theirs.is_empty() {
            assert!(ours.is_empty(), "a verdict was invented: {row}");
            continue;
        }
        let is_excused = theirs != ours && source_is_wrong(row, &theirs, &ours);
        if theirs != ours && !is_excused {
            println!("theirs `{theirs}`, ours `{ours}`: {row}");
        }
        parsed += 1;
        agreed += usize::from(theirs == ours);
        excused += usize::from(is_excused);
        let counts = tally.entry(format!("{} {}", row["source"], row["judge"])).or_default();
        counts[0] += 1;
        counts[1] += usize::from(theirs == ours);
        counts[2] += usize::from(is_excused);
    }
    println!("judge: replies with a verdict, agreed, source wrong\n{tally:#?}");
    assert!(agreed * 1000 >= parsed * 990, "{agreed} of {parsed}");
    assert!((agreed + excused) * 1000 >= parsed * 999, "{agreed} + {excused} of {parsed}");
}

#[test]
fn dimensions_are_read_as_their_source_reads_them() {
    let Some(rows) = rows("fixtures/raw_critic_completions.jsonl.gz") else { return };
    let all = ["helpfulness", "clarity", "factuality", "depth", "engagement"];
    for row in rows.iter().filter(|row| row["source"] == "just_eval") {
        let scored = row["parsed"]["scores"].as_object();
        let names: Vec<_> =
            scored.map_or_else(|| all.to_vec(), |scores| scores.keys().map(String::as_str).collect());
        let read = parse_scores(&reply(row), &names, &Scale::STARS);
        for name in names.iter().copied() {
            match (&read[name], row["parsed"]["scores"][name].as_f64()) {
                (Reading::Value(ours), Some(theirs)) => assert_eq!(ours.value, theirs, "{row}"),
                // The source gives up a reply in which one dimension does not apply; here the others still count.
                (Reading::Value(_) | Reading::NotApplicable { .. }, None) => {}
                (ours, theirs) => panic!("{name}: {ours:?} against {theirs:?} in {row}"),
            }
        }
        let some_na = names.iter().any(|name| matches!(read[*name], Reading::NotApplicable { .. }));
        assert_eq!(some_na, row["parsed"]["scores"].is_null(), "{row}");
    }
}

/// Real rationales with real scores, put into the forms that critics of other families answer in.
#[test]
fn real_rationales_do_not_hide_or_make_a_verdict() {
    let files = ["panels/prometheus_rubric.jsonl.gz", "panels/just_eval_multidim.jsonl.gz"];
    let (mut alone, mut invented) = (0, 0);
    for file in files {
        let Some(rows) = rows(file) else { return };
        for critic in rows.iter().flat_map(|row| row["critics"].as_array().unwrap()) {
            let (Some(reason), Some(score)) = (critic["reason"].as_str(), critic["score"].as_f64()) else {
                continue;
            };
            if score.fract() != 0.0 || !(1.0..=5.0).contains(&score) {
                continue;
            }
            let object = serde_json::json!({"score": score, "rationale": reason}).to_string();
            let forms = [
                format!("Feedback: {reason} [RESULT] {score}"),
                format!("{reason}\n\nRating: [[{score}]]"),
                format!("Rating: {score}\nRationale: {reason}"),
                format!("### Evaluation\n{reason}\n\n**Overall score:** {score}/5"),
                format!("{reason}\n\n{{'Rubric': {score}, 'score': {score}}}"),
                format!("```json\n{object}\n```"),
                object,
            ];
            for form in &forms {
                let read = parse_score(&ReplyText::plain(form), &Scale::STARS, &[]);
                assert!(
                    matches!(&read, Reading::Value(parsed) if parsed.value == score),
                    "{read:?} of {form}"
                );
            }
            alone += 1;
            let read = parse_score(&ReplyText::plain(reason), &Scale::STARS, &[]);
            if matches!(&read, Reading::Value(parsed) if parsed.value != score) {
                invented += 1;
                println!("{read:?} for {score}: {reason}");
            }
        }
    }
    println!("{invented} of {alone} rationales without a verdict were read as another one");
    assert!(invented * 1000 <= alone, "{invented} of {alone}");
}
