use super::*;

#[test]
fn argilla_answers_count_when_submitted() {
    let answer =
        |value: Value, user: &str, status: &str| json!({"value": value, "user_id": user, "status": status});
    check(
        &[
            json!({"id": "1", "fields": {"prompt": "p", "response": "r"}, "metadata": {}, "suggestions": {}, "vectors": {},
                "responses": {"quality": [{"value": 5, "user_id": "ana"}, answer(json!(1), "ben", "discarded")], "clarity": [answer(json!(2), "ana", "submitted")],
                              "correction": [answer(json!("t"), "ana", "submitted")], "comment": [answer(json!("fine"), "ana", "submitted")]}}),
            json!({"id": "2", "fields": {"prompt": "p", "response_b": "s", "response_a": "r", "response_c": "t"},
                "responses": {"order": [answer(json!(["response_c", "response_a", "response_b"]), "ana", "submitted")]}}),
            json!({"id": "3", "fields": {"prompt": "p", "response_a": "r", "response_b": "s"},
                "responses": {"better": [answer(json!("response_b"), "ana", "submitted"), answer(json!("tie"), "ben", "submitted")],
                              "order": [answer(json!([{"value": "response_a", "rank": 1}, {"value": "response_b", "rank": 1}]), "cem", "submitted")]}}),
        ],
        &[
            "1: user=p -> r",
            "ana: 0 whole=5 of 1..5 (fine)",
            "ana: 0 clarity=2 of 1..5 (fine)",
            "ana: 0 should be t (fine)",
            "left: an answer was not submitted",
            "2: user=p -> r | s | t",
            "ana: 0 > 1",
            "ana: 0 < 2",
            "ana: 1 < 2",
            "3: user=p -> r | s",
            "ana: 0 < 1",
            "ben: 0 = 1",
            "cem: 0 = 1",
        ],
    );
}

#[test]
fn argilla_datasets_are_flat() {
    let row = json!({"id": "1", "prompt": "p", "response": "r", "quality.responses": [4, 1], "quality.responses.users": ["ana", "ben"],
        "quality.responses.status": ["submitted", "draft"], "quality.suggestion": 3, "quality.suggestion.score": null, "quality.suggestion.agent": "m"});
    check(&[row], &["1: user=p -> r", "ana: 0 whole=4 of 1..5", "left: an answer was not submitted"]);
}

#[test]
fn a_rating_off_its_scale_needs_one() {
    let row = json!({"id": "1", "fields": {"prompt": "p", "response": "r"}, "responses": {"quality": [{"value": 7, "user_id": "ana"}]}});
    let told = said(&[std::slice::from_ref(&row)], Told::default());
    assert!(
        told[0].starts_with(
            "1.jsonl:1: field `responses.quality[0]`: value `7` is not on the scale from `1` to `5`"
        ),
        "{told:?}"
    );
    assert!(told[0].contains("`--scale MIN..MAX`"), "{told:?}");
    let scale = Some(Scale { min: 0.0, max: 10.0, step: 0.0, low_is_good: false });
    assert_eq!(said(&[&[row]], Told { from: None, scale })[1], "ana: 0 whole=7 of 0..10");
}

#[test]
fn label_studio_annotations_count_unless_cancelled() {
    let result = |name: &str, to: &str, kind: &str, value: Value| json!({"from_name": name, "to_name": to, "type": kind, "value": value});
    let left = result("pw", "txt-1,txt-2", "pairwise", json!({"selected": "left"}));
    let turned = result("pw", "response_b,response_a", "pairwise", json!({"selected": "left"}));
    check(
        &[
            json!({"id": 1, "data": {"prompt": "p", "text1": "r", "text2": "s"}, "annotations": [
                {"completed_by": 7, "was_cancelled": false, "result": [left]}, {"completed_by": 8, "was_cancelled": true, "result": [left]}]}),
            json!({"id": 2, "data": {"prompt": "p", "response_a": "r", "response_b": "s"}, "annotations": [{"completed_by": {"email": "ana@x"}, "result": [turned]},
                {"completed_by": 7, "result": [result("c", "prompt", "choices", json!({"choices": ["tie"]})), result("x", "prompt", "brush", json!({}))]}]}),
            json!({"id": 3, "data": {"prompt": "p", "response": "r"}, "annotations": [{"completed_by": 7, "result": [
                result("rating", "response", "rating", json!({"rating": 4})), result("clarity", "response", "number", json!({"number": 2})),
                result("better", "response", "textarea", json!({"text": ["t"]})), result("comment", "response", "textarea", json!({"text": ["short"]}))]}]}),
        ],
        &[
            "1: user=p -> r | s",
            "7: 0 > 1",
            "left: an annotation was cancelled",
            "2: user=p -> r | s",
            "ana@x: 0 < 1",
            "7: 0 = 1",
            "left: an answer is neither a rating, a ranking, a choice nor a correction",
            "3: user=p -> r",
            "7: 0 whole=4 of 1..5 (short)",
            "7: 0 clarity=2 of 1..5 (short)",
            "7: 0 should be t (short)",
        ],
    );
}

#[test]
fn langfuse_scores_find_their_trace() {
    let score = |name: &str, kind: &str, source: &str, value: Value| json!({"id": "s", "traceId": "t1", "observationId": null, "name": name, "source": source, "dataType": kind, "value": value, "stringValue": "t", "comment": "so", "authorUserId": "ana"});
    let traces = [
        json!({"id": "t1", "projectId": "x", "timestamp": "now", "input": {"messages": [{"role": "user", "content": "p"}]}, "output": {"role": "assistant", "content": "r"}}),
        json!({"id": "o1", "traceId": "t1", "type": "SPAN", "input": {}, "output": {}}),
    ];
    let told = said(
        &[
            &[
                score("helpful", "NUMERIC", "ANNOTATION", json!(0.5)),
                score("ok", "BOOLEAN", "EVAL", json!(1)),
                score("kind", "CATEGORICAL", "ANNOTATION", Value::Null),
                score("fix", "CORRECTION", "ANNOTATION", Value::Null),
            ],
            &traces,
        ],
        Told::default(),
    );
    assert_eq!(
        told,
        [
            "t1: user=p -> r",
            "ana: 0 helpful=0.5 of 0..1 (so)",
            "t1: user=p -> r",
            "machine: 0 ok=1 of 0..1 (so)",
            "left: a score is a category or a text",
            "t1: user=p -> r",
            "ana: 0 should be t (so)",
            "t1: user=p -> r",
            "left: an observation is no generation",
        ]
    );
}

#[test]
fn langsmith_feedback_finds_its_run() {
    let run = json!({"id": "u1", "name": "chain", "run_type": "llm", "inputs": {"messages": [[{"id": ["langchain", "schema", "messages", "HumanMessage"], "kwargs": {"content": "p"}}]]},
        "outputs": {"generations": [[{"text": "r"}]]}, "extra": {"metadata": {"ls_model_name": "m"}}});
    let feedback = |score: Value, value: Value, source: &str| json!({"run_id": "u1", "key": "good", "score": score, "value": value, "comment": null, "correction": null, "feedback_source": {"type": source, "user_id": "ana"}});
    let mut corrected = feedback(Value::Null, Value::Null, "app");
    corrected["correction"] = json!({"answer": "t"});
    let mut pair = feedback(json!(1), Value::Null, "app");
    pair["comparative_experiment_id"] = json!("c");
    let told = said(
        &[
            &[
                feedback(json!(true), Value::Null, "app"),
                feedback(Value::Null, json!(0.5), "model"),
                feedback(Value::Null, json!("blue"), "app"),
                corrected,
                pair,
            ],
            &[run],
        ],
        Told::default(),
    );
    let item = "u1: user=p -> r (m)";
    assert_eq!(
        told,
        [
            item,
            "ana: 0 good=1 of 0..1",
            item,
            "machine: 0 good=0.5 of 0..1",
            "left: feedback has neither a number nor a correction",
            item,
            "ana: 0 should be t",
            "left: feedback of a pairwise experiment names no second run",
            item,
        ]
    );
}
