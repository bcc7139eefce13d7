//! The two sides of a pair: S01, S02, S03, S11, S13, D03.

use serde_json::Value;

use crate::lint::check::Severity;
use crate::lint::check::dataset::D03;
use crate::lint::check::silent::{S01, S02, S03, S11, S13};
use crate::lint::finding::Findings;
use crate::lint::layout::{Ranked, Shape};
use crate::lint::parts::{Form, Said};
use crate::lint::rows::Row;
use crate::lint::text::{changed_chars, likeness, normal};

/// Columns of scores, the better side's first.
const SCORES: [(&str, &str); 7] = [
    ("score_chosen", "score_rejected"),
    ("chosen_score", "rejected_score"),
    ("chosen_rating", "rejected_rating"),
    ("rating_chosen", "rating_rejected"),
    ("chosen_reward", "rejected_reward"),
    ("reward_chosen", "reward_rejected"),
    ("chosen-rating", "rejected-rating"),
];
/// Two texts with at least this share of common runs hardly differ (docs/lint.md).
const ALIKE: f64 = 0.95;
/// Shorter texts may differ in one character and in all of their sense.
const ALIKE_BYTES: usize = 80;
/// The most characters that two longer texts may differ in, in one place, and hardly differ.
const ALIKE_CHANGES: usize = 3;
/// A shorter prompt may well start an answer.
const REPEATED_CHARS: usize = 8;

/// Checks the sides of a pair.
pub(super) fn check(row: &Row<'_>, findings: &mut Findings) {
    if row.layout.shape != Shape::Pair {
        return;
    }
    ties(row, findings);
    let Some((chosen, rejected)) = row.parts.pair() else { return };
    if chosen.is_empty() || rejected.is_empty() {
        return;
    }
    sameness(row, chosen, rejected, findings);
    repetition(row, chosen, rejected, findings);
    if row.layout.is_implicit() && chosen.form == Form::Text {
        findings.add(
            &S03,
            Some(chosen.field.clone()),
            "the prompt stands inside of both strings, if anywhere",
        );
    }
}

fn sameness(row: &Row<'_>, chosen: &Said, rejected: &Said, findings: &mut Findings) {
    let (a, b) = (chosen.text(), rejected.text());
    let field = Some(rejected.field.clone());
    if a == b {
        // ms-swift drops such rows or stops; others go on.
        let stops = row.target.is_some_and(|target| target.name == "ms-swift-dpo");
        let severity = if stops { Severity::Error } else { S01.severity };
        findings.add_as(severity, &S01, field, "the same text as the chosen answer");
    } else if normal(&a) == normal(&b) {
        findings.add(&D03, field, "differs from the chosen answer in blanks, case or markdown only");
    } else if a.len().min(b.len()) >= ALIKE_BYTES && findings.wants(&D03) {
        likeness_of(&a, &b, field, findings);
    }
}

fn likeness_of(a: &str, b: &str, field: Option<String>, findings: &mut Findings) {
    let changed = changed_chars(a, b);
    if changed <= ALIKE_CHANGES {
        let message = format!("differs from the chosen answer in one place, of at most {changed} characters");
        return findings.add(&D03, field, message);
    }
    let likeness = likeness(a, b);
    if likeness >= ALIKE {
        let message = format!("{:.0} % of its runs of words are the chosen answer's", likeness * 100.0);
        findings.add(&D03, field, message);
    }
}

fn repetition(row: &Row<'_>, chosen: &Said, rejected: &Said, findings: &mut Findings) {
    let wants_repeated = row.target.is_some_and(|target| target.reads_second);
    let Some(prompt) = row.parts.prompt.as_ref().filter(|_| !row.parts.implicit && !wants_repeated) else {
        return;
    };
    if prompt.form == Form::Text && chosen.form == Form::Messages {
        findings.add(&S13, Some(prompt.field.clone()), "a string beside message lists");
    }
    if repeats(prompt, chosen) && repeats(prompt, rejected) {
        findings.add(&S02, Some(chosen.field.clone()), "both answers start with the prompt");
    }
}

fn repeats(prompt: &Said, answer: &Said) -> bool {
    let last = prompt.turns.last().map_or("", |turn| turn.text.trim());
    match (answer.form, answer.turns.first()) {
        (Form::Messages, Some(first)) => first.text.trim() == last && !first.is_assistant(),
        (Form::Text, Some(only)) => {
            last.chars().count() >= REPEATED_CHARS && only.text.trim_start().starts_with(last)
        }
        _ => false,
    }
}

fn ties(row: &Row<'_>, findings: &mut Findings) {
    if row.layout.ranked.is_some() {
        return ranked_ties(row, findings);
    }
    let number = |name: &str| number(row.fields.get(name)?);
    for (chosen, rejected) in SCORES {
        if let (Some(a), Some(b)) = (number(chosen), number(rejected))
            && a == b
        {
            findings.add(&S11, Some(rejected.into()), format!("{a}, as `{chosen}`"));
        }
    }
}

fn ranked_ties(row: &Row<'_>, findings: &mut Findings) {
    let key = if row.layout.ranked == Some(Ranked::ByRank) { "rank" } else { "score" };
    let list = row.fields.get("completions").and_then(Value::as_array);
    let mut numbers: Vec<f64> = list.into_iter().flatten().filter_map(|one| number(one.get(key)?)).collect();
    numbers.sort_by(f64::total_cmp);
    if let Some(tie) = numbers.windows(2).find(|two| two[0] == two[1]) {
        findings.add(&S11, Some(format!("completions[].{key}")), format!("two completions have {}", tie[0]));
    }
}

/// Returns a number, also one that a table holds as text.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}
