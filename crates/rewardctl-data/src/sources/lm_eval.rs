//! Sample logs of lm-evaluation-harness, of tasks that generate text.

use serde_json::Value;

use crate::json::Fields;
use crate::row_error::Fault;
use crate::sources::field::{has, list, missing, no_answer, plain, response};
use crate::sources::found::several;
use crate::sources::promptfoo::raw_prompt;
use crate::sources::{Aid, Family, Found, RowsMean, Yields};

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "lm-eval",
    title: "lm-eval samples",
    fields: &["arguments", "resps"],
    signature: |row| has(row, &["doc_id", "arguments", "resps", "filtered_resps"]),
    read,
    yields: Yields::Items,
    // A row is written for every filter of the task, with the same responses.
    rows: RowsMean::OnceFor("filter"),
    lookup: None,
}];

fn read(mut row: Fields, _: &Aid) -> Result<Vec<Found>, Fault> {
    let arguments = row.get("arguments").unwrap_or(&Value::Null);
    let first = arguments.get("gen_args_0").and_then(|args| args.get("arg_0"));
    let first = first.or_else(|| arguments.get(0).and_then(|args| args.get(0)));
    let raw = first.and_then(Value::as_str).ok_or_else(|| missing("arguments.gen_args_0.arg_0"))?;
    let prompt = raw_prompt(raw.to_owned(), "arguments.gen_args_0.arg_0")?;
    let Some(Value::Array(texts)) = list(&row, "resps")?.first() else {
        return Err(missing("resps[0]"));
    };
    let mut responses = vec![];
    for (at, text) in texts.iter().enumerate() {
        let Value::String(text) = text else {
            let what = "it holds log-probabilities: a multiple-choice task writes no text";
            return Err(no_answer(&format!("resps[0][{at}]"), what));
        };
        responses.push(response(text.clone(), None));
    }
    if responses.is_empty() {
        return Err(missing("resps[0][0]"));
    }
    let (name, reference) = (plain(&row, "doc_id"), plain(&row, "target"));
    ["arguments", "resps", "doc_id", "target"].iter().for_each(|key| drop(row.shift_remove(*key)));
    Ok(vec![several(prompt, responses, row).named(name).with_reference(reference)])
}
