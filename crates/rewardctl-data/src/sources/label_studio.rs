//! Label Studio's JSON export: tasks with data, and annotations of them.

use rewardctl_core::id::ResponseId;
use rewardctl_core::label::Winner;
use rewardctl_core::score::Scale;
use serde_json::Value;

use crate::json::Fields;
use crate::labels::Said;
use crate::row_error::Fault;
use crate::sources::argilla::answer::{Asked, is_note, said_of};
use crate::sources::field::{as_object, has, inside, list, object, plain, present, text, unfit};
use crate::sources::found::generic;
use crate::sources::said::{comparison, correction};
use crate::sources::{Aid, By, Family, Found, Opinion, RowsMean, THE_FILE, Yields};

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "label-studio",
    title: "Label Studio tasks",
    fields: &["data", "annotations"],
    signature: |row| has(row, &["data", "annotations"]) && row.get("data").is_some_and(Value::is_object),
    read,
    yields: Yields::Items,
    rows: RowsMean::Alone,
    lookup: None,
}];

/// The keys under which our own exports name the responses, in their order.
pub(super) const OUR_KEYS: [&str; 3] = ["response_id", "response_a_id", "response_b_id"];
/// Names of fields that hold responses, in a record of any tool.
const STEMS: [&str; 7] = ["response", "answer", "output", "completion", "text", "chosen", "rejected"];

/// Returns the fields of a record that hold responses, in the order in which they are read.
pub(super) fn answers_about(fields: &Fields) -> Vec<String> {
    let is_response =
        |name: &&String| STEMS.iter().any(|stem| name.starts_with(stem)) && !name.ends_with("_id");
    let mut names: Vec<String> = fields.keys().filter(is_response).cloned().collect();
    names.sort();
    names
}

/// Returns the responses that a record of our own names, by its fields or by an id of `response` or `a.b`.
pub(super) fn ours(fields: &Fields, name: Option<&str>) -> Vec<ResponseId> {
    let by_field: Vec<ResponseId> =
        OUR_KEYS.iter().filter_map(|key| fields.get(*key)?.as_str()?.parse().ok()).collect();
    if !by_field.is_empty() {
        return by_field;
    }
    let ids: Option<Vec<ResponseId>> =
        name.and_then(|name| name.split('.').map(|part| part.parse().ok()).collect());
    ids.unwrap_or_default()
}

pub(super) fn is_ours(fields: &Fields, name: Option<&str>) -> bool {
    !ours(fields, name).is_empty()
}

fn read(row: Fields, aid: &Aid) -> Result<Vec<Found>, Fault> {
    let mut data = object(&row, "data")?.clone();
    let order = answers_about(&data);
    let ids = ours(&data, None);
    let (found, count) = if ids.is_empty() {
        number_sides(&mut data, &order);
        let found = generic(data, &[]).map_err(|fault| inside("data", fault))?;
        let count = found.item.as_ref().map_or(0, |item| item.responses.len());
        (found.named(plain(&row, "id")), count)
    } else {
        (Found::nothing(), ids.len())
    };
    let asked = Asked { order, count, scale: aid.scale.unwrap_or(Scale::STARS) };
    let (mut opinions, mut passed) = (vec![], vec![]);
    for (at, annotation) in list(&row, "annotations")?.iter().enumerate() {
        let place = format!("annotations[{at}]");
        let annotation = as_object(annotation, &place)?;
        if annotation.get("was_cancelled").and_then(Value::as_bool) == Some(true) {
            passed.push("an annotation was cancelled");
            continue;
        }
        let said = annotation_said(annotation, &asked, &place, &mut passed)?;
        opinions.extend(said);
    }
    Ok(vec![found.saying(opinions).passing_over(passed).named_by(&ids)])
}

/// `text1` and `text2` are names of the tool's own example, and of no generic shape.
fn number_sides(data: &mut Fields, order: &[String]) {
    if order.len() > 1 && order.iter().all(|name| name.starts_with("text")) {
        for (at, name) in order.iter().enumerate() {
            let value = data.shift_remove(name).unwrap_or_default();
            data.insert(format!("response_{}", at + 1), value);
        }
    }
}

fn annotation_said(
    annotation: &Fields,
    asked: &Asked,
    place: &str,
    passed: &mut Vec<&'static str>,
) -> Result<Vec<Opinion>, Fault> {
    let by = annotator(annotation);
    let (mut said, mut note) = (vec![], None);
    for (at, result) in list(annotation, "result").map_err(|fault| inside(place, fault))?.iter().enumerate() {
        let field = format!("{place}.result[{at}]");
        match result_said(as_object(result, &field)?, asked, &field)? {
            Some(list) if list.is_empty() => {
                passed.push("an answer is neither a rating, a ranking, a choice nor a correction")
            }
            Some(list) => said.extend(list),
            None => note = plain_text(result.get("value").and_then(|value| value.get("text"))),
        }
    }
    Ok(said.into_iter().map(|said| Opinion { said, by: by.clone(), note: note.clone() }).collect())
}

/// The export writes a number for a person, or an object with an email.
fn annotator(annotation: &Fields) -> By {
    let by = plain(annotation, "completed_by").or_else(|| plain(annotation, "completed_by.email"));
    By::Person(by.or_else(|| plain(annotation, "completed_by.id")).unwrap_or_else(|| THE_FILE.into()))
}

fn result_said(result: &Fields, asked: &Asked, field: &str) -> Result<Option<Vec<Said>>, Fault> {
    let within = |fault| inside(field, fault);
    let kind = text(result, "type").map_err(within)?;
    let (name, to) =
        (plain(result, "from_name").unwrap_or_default(), plain(result, "to_name").unwrap_or_default());
    let value = |key: &str| present(result, &format!("value.{key}")).cloned().unwrap_or_default();
    match kind.as_str() {
        "pairwise" => pairwise(&value("selected"), &to, asked, field).map(Some),
        "rating" => {
            said_of(&about_one(&name, &to, asked), &value("rating"), asked, &format!("{field}.value.rating"))
        }
        "number" => {
            said_of(&about_one(&name, &to, asked), &value("number"), asked, &format!("{field}.value.number"))
        }
        "ranker" => said_of(&name, &ranker(value("ranker")), asked, field),
        "choices" => {
            let only = plain_text(Some(&value("choices"))).map_or(Value::Null, Value::String);
            said_of("choice", &only, asked, field)
        }
        "textarea" => match plain_text(Some(&value("text"))) {
            Some(text) if asked.count == 1 && !is_note(&name) => Ok(Some(vec![correction(0, text)])),
            Some(_) if is_note(&name) => Ok(None),
            _ => Ok(Some(vec![])),
        },
        _ => Ok(Some(vec![])),
    }
}

/// A rating of one of several responses names it by the tag that it is about.
fn about_one(name: &str, to: &str, asked: &Asked) -> String {
    if asked.count > 1 && asked.order.iter().any(|field| field == to) {
        format!("{name}_{to}")
    } else {
        name.to_owned()
    }
}

/// Left and right are the tag's own order, which `to_name` has: it is ours unless its names say otherwise.
fn pairwise(selected: &Value, to: &str, asked: &Asked, field: &str) -> Result<Vec<Said>, Fault> {
    if asked.count != 2 {
        return Ok(vec![]);
    }
    let tags: Vec<&str> = to.split(',').map(str::trim).collect();
    let turned =
        asked.order.len() == 2 && tags.len() == 2 && tags[0] == asked.order[1] && tags[1] == asked.order[0];
    let winner = match (selected.as_str().unwrap_or_default(), turned) {
        ("left", false) | ("right", true) => Winner::A,
        ("right", false) | ("left", true) => Winner::B,
        (other, _) => return Err(unfit(&format!("{field}.value.selected"), other, "`left` or `right`")),
    };
    Ok(vec![comparison(0, 1, winner, None)])
}

/// A ranker has a list, or an object of buckets with one.
fn ranker(value: Value) -> Value {
    match value {
        Value::Object(buckets) => buckets.into_iter().next().map_or(Value::Null, |(_, list)| list),
        other => other,
    }
}

fn plain_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => match list.as_slice() {
            [Value::String(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}
