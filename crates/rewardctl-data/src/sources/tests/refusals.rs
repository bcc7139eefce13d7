use super::*;

fn refused(row: Value, expected: &str) {
    let told = said(&[&[row]], Told::default());
    assert!(told.iter().any(|line| line.starts_with(&format!("1.jsonl:1: {expected}"))), "{told:?}");
    assert!(told.iter().any(|line| line.contains("`--on-bad-row skip`")), "{told:?}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn broken_rows_name_the_field_and_the_way_out() {
    let ultra = |rating: Value| json!({"instruction": "p", "completions": [{"response": "r", "annotations": {"honesty": {"Rating": rating}}}]});
    refused(
        ultra(json!("many")),
        "field `completions[0].annotations.honesty.Rating`: `many` is not a rating from 1 to 5",
    );
    refused(ultra(json!([])), "field `completions[0].annotations.honesty.Rating`: `[]` is not");
    refused(
        ultra(json!(9)),
        "field `completions[0].annotations.honesty.Rating`: value `9` is not on the scale",
    );
    refused(
        json!({"prompt": null, "response": "r", "helpfulness": 1, "verbosity": 1}),
        "field `prompt`: missing",
    );
    refused(
        json!({"prompt": "p", "response": 3, "helpfulness": 1, "verbosity": 1}),
        "field `response`: expected text, found a number",
    );
    refused(
        json!({"prompt": "p", "response_1": "r", "response_2": "s", "preference_strength": 4}),
        "field `preference_strength`: value `4` is not on the scale",
    );
    refused(
        json!({"prompt": "p", "response_1": "r", "response_2": "s", "preference_strength": null}),
        "field `preference_strength`: missing",
    );
    refused(
        json!({"question": {"full_text": 1}, "answer_0": "r", "answer_1": "s", "score_0": 1, "score_1": -1}),
        "field `question.full_text`: expected text, found a number",
    );
    refused(
        json!({"conversation_a": [], "conversation_b": [], "winner": "me", "judge": "j"}),
        "field `winner`: `me` is not",
    );
    refused(
        json!({"message_tree_id": "t", "prompt": {"role": "king", "text": "p", "replies": []}}),
        "field `prompt.role`: `king` is not",
    );
    refused(
        json!({"instruction": "p", "output_1": "r", "output_2": "s", "preference": 3}),
        "field `preference`: `3` is not a preference from 1 to 2",
    );
    refused(
        json!({"results": {"results": [5]}}),
        "field `results.results[0]`: expected an object, found a number",
    );
    refused(
        json!({"doc_id": 1, "arguments": 5, "resps": [], "filtered_resps": []}),
        "field `arguments.gen_args_0.arg_0`: missing",
    );
    refused(
        json!({"status": "success", "samples": [{"input": 5, "output": {}}]}),
        "field `samples[0].input`: expected a list of messages, found a number",
    );
    refused(json!({"fields": {"prompt": "p"}, "responses": {}}), "field `prompt`: holds no response");
    refused(
        json!({"data": {"prompt": "p", "response": "r"}, "annotations": 5}),
        "field `annotations`: expected a list, found a number",
    );
    refused(
        json!({"question": {"problem": "p"}, "label": {"steps": [{"completions": [{"text": 1}]}]}}),
        "field `label.steps[0].completions[0].text`: expected text, found a number",
    );
    refused(
        json!({"traceId": "t", "name": "n", "dataType": "NUMERIC", "value": 1}),
        "field `traceId`: no file has the Langfuse trace or observation `t`",
    );
    refused(
        json!({"run_id": "r", "key": "k", "score": 1}),
        "field `run_id`: no file has the LangSmith run `r`",
    );
    refused(
        json!({"question_id": 1, "model_id": "m", "choices": [{"turns": ["r"]}]}),
        "field `question_id`: no file has the MT-bench question `1`",
    );
}

#[test]
fn a_file_that_only_goes_with_another_says_which() {
    let folder = TempDir::new().unwrap();
    let files = jsonl(&folder, &[&[json!({"custom_id": "1", "method": "POST", "url": "u", "body": {}})]]);
    let inputs = open_all(borrowed(&files), &ReadSettings::default()).unwrap();
    assert!(!inputs[0].has_items());
    let error = inputs[0].needs();
    assert_eq!(error.to_string(), "`1.jsonl` has no responses: it is OpenAI batch input");
    assert_eq!(error.hint(), "name the batch's output file beside it");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn nothing_of_any_shape_stops_the_reader() {
    let values = [
        json!(null),
        json!(1),
        json!("x"),
        json!([]),
        json!({}),
        json!([null]),
        json!([[1]]),
        json!({"x": [{}]}),
    ];
    let keys: Vec<&str> = [
        "instruction",
        "completions",
        "prompt",
        "response",
        "helpfulness",
        "verbosity",
        "context",
        "response1",
        "response2",
        "overall_preference",
        "question",
        "answer_0",
        "answer_1",
        "score_0",
        "score_1",
        "conversation_a",
        "conversation_b",
        "winner",
        "judge",
        "message_id",
        "parent_id",
        "role",
        "text",
        "question_id",
        "model_id",
        "choices",
        "run_id",
        "event_id",
        "sample_id",
        "type",
        "data",
        "custom_id",
        "error",
        "result",
        "results",
        "doc_id",
        "arguments",
        "resps",
        "filtered_resps",
        "status",
        "samples",
        "fields",
        "responses",
        "annotations",
        "id",
        "input",
        "output",
        "projectId",
        "run_type",
        "inputs",
        "outputs",
        "label",
    ]
    .to_vec();
    let aid = Aid::default();
    for family in FAMILIES.iter().flat_map(|families| families.iter()) {
        for value in &values {
            let row: Fields = keys.iter().map(|key| ((*key).to_owned(), value.clone())).collect();
            (family.signature)(&row);
            let _ = (family.read)(row, &aid);
        }
    }
}
