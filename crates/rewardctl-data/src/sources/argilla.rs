//! Argilla: records with fields, and the answers of people to questions about them.
//!
//! The file does not say what a question is; its answers do: a number is a rating, a list a ranking of fields, the
//! name of a field the preferred one, and a text under a name like `correction` what the response should have been.

use std::collections::BTreeMap;

use rewardctl_core::score::Scale;
use serde_json::Value;

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::argilla::answer::{Asked, said_of};
use crate::sources::field::{as_object, has, object, plain, present};
use crate::sources::found::generic;
use crate::sources::label_studio::{answers_about, is_ours, ours};
use crate::sources::{Aid, By, Family, Found, Opinion, RowsMean, THE_FILE, Yields};

pub(super) mod answer;

/// The only state of an answer that counts.
const SUBMITTED: &str = "submitted";
const STARS: Scale = Scale::STARS;

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "argilla",
        title: "Argilla records",
        fields: &["fields", "responses"],
        signature: |row| {
            has(row, &["fields", "responses"]) && row.get("fields").is_some_and(Value::is_object)
        },
        read: nested,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
    Family {
        name: "argilla-flat",
        title: "Argilla records as a dataset",
        fields: &["*.responses"],
        signature: |row| row.keys().any(|key| key.ends_with(".responses.status")),
        read: flat,
        yields: Yields::Items,
        rows: RowsMean::Alone,
        lookup: None,
    },
];

/// What one person answered to one question.
struct Answer {
    question: String,
    value: Value,
    user: Option<String>,
    status: Option<String>,
    field: String,
}

fn nested(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    let mut answers = vec![];
    for (question, list) in object(&row, "responses")? {
        for (at, given) in list.as_array().into_iter().flatten().enumerate() {
            let field = format!("responses.{question}[{at}]");
            let given = as_object(given, &field)?;
            let (user, status) = (plain(given, "user_id"), plain(given, "status"));
            let value = given.get("value").cloned().unwrap_or_default();
            answers.push(Answer { question: question.clone(), value, user, status, field });
        }
    }
    let mut texts = object(&row, "fields")?.clone();
    texts.extend(present(&row, "metadata").and_then(Value::as_object).cloned().unwrap_or_default());
    let order = answers_about(object(&row, "fields")?);
    record(texts, order, plain(&row, "id"), answers, aid)
}

/// The columns of an exported dataset: for a question `q`, `q.responses` with `.users` and `.status` beside it.
fn flat(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    let questions: Vec<String> =
        row.keys().filter_map(|key| key.strip_suffix(".responses")).map(String::from).collect();
    let mut answers = vec![];
    for question in &questions {
        let column = |end: &str| row.get(&format!("{question}.responses{end}"));
        let at = |column: Option<&Value>, at: usize| column.and_then(|list| list.get(at)).cloned();
        for (place, value) in column("").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let text = |end| at(column(end), place).and_then(|value| value.as_str().map(String::from));
            answers.push(Answer {
                question: question.clone(),
                value: value.clone(),
                user: text(".users"),
                status: text(".status"),
                field: format!("{question}.responses[{place}]"),
            });
        }
    }
    let is_answer = |key: &str| {
        questions.iter().any(|q| {
            key.strip_prefix(q.as_str())
                .is_some_and(|rest| rest.starts_with(".responses") || rest.starts_with(".suggestion"))
        })
    };
    let name = plain(&row, "id");
    let texts: Fields = row.into_iter().filter(|(key, _)| !is_answer(key)).collect();
    let order = answers_about(&texts);
    record(texts, order, name, answers, aid)
}

fn record(
    mut texts: Fields,
    order: Vec<String>,
    name: Option<String>,
    answers: Vec<Answer>,
    aid: &Aid,
) -> Result<Vec<Found>, Fault> {
    texts.entry("id").or_insert(name.clone().map_or(Value::Null, Value::String));
    let (found, count) = match is_ours(&texts, name.as_deref()) {
        true => (Found::nothing(), ours(&texts, name.as_deref()).len()),
        false => {
            let found = generic(texts.clone(), &[])?.named(name.clone());
            let count = found.item.as_ref().map_or(0, |item| item.responses.len());
            (found, count)
        }
    };
    let asked = Asked { order, count, scale: aid.scale.unwrap_or(STARS) };
    let (mut opinions, mut passed) = (vec![], vec![]);
    let mut notes: BTreeMap<String, String> = BTreeMap::new();
    for answer in answers {
        if answer.status.as_deref().is_some_and(|status| status != SUBMITTED) {
            passed.push("an answer was not submitted");
            continue;
        }
        let user = answer.user.unwrap_or_else(|| THE_FILE.into());
        match said_of(&answer.question, &answer.value, &asked, &answer.field)? {
            Some(said) if said.is_empty() => {
                passed.push("an answer is neither a rating, a ranking, a choice nor a correction")
            }
            Some(said) => opinions.extend(said.into_iter().map(|said| Opinion {
                said,
                by: By::Person(user.clone()),
                note: None,
            })),
            None => drop(notes.insert(user, answer.value.as_str().unwrap_or_default().into())),
        }
    }
    for opinion in &mut opinions {
        if let By::Person(name) = &opinion.by {
            opinion.note = notes.get(name).cloned();
        }
    }
    let found = found.saying(opinions).passing_over(passed);
    Ok(vec![found.named_by(&ours(&texts, name.as_deref()))])
}
