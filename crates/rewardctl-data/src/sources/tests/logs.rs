use super::*;

fn turn(role: &str, text: &str) -> Value {
    json!({"role": role, "content": text})
}

#[test]
fn sharegpt_under_other_names() {
    let value = |from: &str, text: &str| json!({"from": from, "value": text});
    check(
        &[
            json!({"id": "x", "items": [value("system", "be"), value("human", "<p>"), value("human", "q"), value("chatgpt", "r")]}),
        ],
        &["x: system=be user=<p> user=q -> r"],
    );
    is_called(
        json!({"conversations": [value("gpt", "Hi."), value("human", "p"), value("gpt", "r")]}),
        "chat messages (conversations)",
    );
}

#[test]
fn mt_bench_answers_need_their_questions() {
    let question = json!({"question_id": 81, "category": "math", "turns": ["p", "q"], "reference": ["7"]});
    let answer = |model: &str, first: &str| json!({"question_id": 81, "answer_id": "x", "model_id": model, "choices": [{"index": 0, "turns": [first, "t"]}], "tstamp": 0.0});
    let answers = [answer("m", "r"), answer("n", "s")];
    let (told, items) = scored(&[&answers, std::slice::from_ref(&question)]);
    assert_eq!(
        told,
        [
            "1.jsonl: JSONL, MT-bench answers (question_id, choices)",
            "2.jsonl: JSONL, MT-bench questions (question_id, turns)"
        ]
    );
    let items: Vec<String> = items.iter().map(shown).collect();
    assert_eq!(items[..2], ["81: user=p -> r (m) [7]", "81-turn-2: user=p assistant=r user=q -> t (m)"]);
    let score = |score: f64, turn: u8| json!({"question_id": 81, "model": "m", "judge": ["j", "single-v1"], "user_prompt": "", "judgment": "", "score": score, "turn": turn});
    let pair = |first: &str, second: &str, turn: u8| json!({"question_id": 81, "model_1": "m", "model_2": "n", "g1_winner": first, "g2_winner": second, "judge": ["j", "pair-v2"], "turn": turn});
    let told =
        said(&[&[score(9.0, 1), score(-1.0, 2)], &answers, std::slice::from_ref(&question)], Told::default());
    assert_eq!(
        told[..3],
        [
            "user=p -> r (m) [7]",
            "machine: 0 whole=9 of 1..10",
            "left: the judge's score could not be parsed (-1)"
        ]
    );
    let rows = [
        pair("model_1", "model_1", 1),
        pair("model_1", "tie", 1),
        pair("error", "tie", 1),
        pair("tie", "tie", 2),
    ];
    let told = said(&[&rows, &answers, &[question]], Told::default());
    assert_eq!(
        told[..5],
        [
            "user=p -> r (m) | s (n) [7]",
            "machine: 0 > 1",
            "left: the judge changed its verdict with the order of the answers",
            "left: the judge's verdict could not be parsed (error)",
            "left: the conversations differ before the turn that was judged"
        ]
    );
}

#[test]
fn openai_evals_events_are_joined_by_sample() {
    let event = |sample: &str, kind: &str, data: Value| json!({"run_id": "r", "event_id": 1, "sample_id": sample, "type": kind, "data": data, "created_by": "", "created_at": "x"});
    check(
        &[
            json!({"spec": {"run_id": "r", "eval_name": "e"}}),
            event("s.0", "sampling", json!({"prompt": [turn("user", "p")], "sampled": ["No"]})),
            event("s.0", "sampling", json!({"prompt": "q", "sampled": "Yes"})),
            event("s.0", "match", json!({"correct": true, "expected": "No", "picked": "No"})),
            json!({"final_report": {"accuracy": 1.0}}),
        ],
        &["s.0: user=p -> No [No]", "s.0: user=q -> Yes [No]"],
    );
}

#[test]
fn batch_replies_find_their_requests() {
    let reply = |id: &str, text: &str| json!({"id": "b", "custom_id": id, "response": {"status_code": 200, "request_id": "x", "body": {"model": "m", "choices": [{"index": 0, "message": turn("assistant", text)}]}}, "error": null});
    let request = |id: &str, text: &str| json!({"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": [turn("system", "be"), turn("user", text)]}});
    let mut failed = reply("3", "");
    failed["response"]["status_code"] = json!(429);
    let told = said(
        &[
            &[reply("2", "s"), reply("1", "r"), failed, reply("4", "u")],
            &[request("1", "p"), request("2", "q"), request("3", "o")],
        ],
        Told::default(),
    );
    assert_eq!(told[..2], ["2: system=be user=q -> s (m)", "1: system=be user=p -> r (m)"]);
    assert!(
        told[2].starts_with(
            "1.jsonl:3: field `response.status_code`: holds no response: the request failed with 429"
        ),
        "{told:?}"
    );
    assert!(
        told[3]
            .contains("field `custom_id`: no file has the batch request `4` (name the file that has it too"),
        "{told:?}"
    );
    let result = |id: &str, result: Value| json!({"custom_id": id, "result": result});
    let told = said(
        &[
            &[
                result(
                    "1",
                    json!({"type": "succeeded", "message": {"role": "assistant", "model": "m", "content": [{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "r"}]}}),
                ),
                result("2", json!({"type": "expired"})),
            ],
            &[json!({"custom_id": "1", "params": {"system": "be", "messages": [turn("user", "p")]}})],
        ],
        Told::default(),
    );
    assert_eq!(told[0], "1: system=be user=p -> r (m)");
    assert!(told[1].contains("field `result.type`: holds no response: expired"), "{told:?}");
}

#[test]
fn promptfoo_groups_by_prompt() {
    let result = |test: u8, model: &str, prompt: &str, output: Value| json!({"promptIdx": 0, "testIdx": test, "provider": {"id": model}, "prompt": {"raw": prompt, "label": "p"}, "vars": {}, "response": {"output": output}, "success": true, "score": 1});
    let mut broken = result(0, "x", "p", Value::Null);
    broken["error"] = json!("timeout");
    let chat = json!([turn("system", "be"), turn("user", "q")]).to_string();
    check(
        &[
            json!({"evalId": "e", "config": {}, "results": {"version": 3, "results": [result(0, "m", "p", json!("r")), result(0, "n", "p", json!({"a": 1})), broken, result(1, "m", &chat, json!("t"))]}}),
        ],
        &["user=p -> r (m) | {\"a\":1} (n)", "left: a provider gave no output", "system=be user=q -> t (m)"],
    );
}

#[test]
fn lm_eval_rows_of_a_second_filter_are_the_same_responses() {
    let row = |filter: &str, resp: Value| json!({"doc_id": 0, "doc": {"q": "p"}, "target": "No", "arguments": {"gen_args_0": {"arg_0": "p", "arg_1": {}}}, "resps": [[resp]], "filtered_resps": [""], "filter": filter, "exact_match": 1.0});
    let told = said(
        &[&[row("strict", json!("r")), row("flexible", json!("r")), row("strict", json!([-1.5, false]))]],
        Told::default(),
    );
    assert_eq!(told[0], "0: user=p -> r [No]");
    assert!(
        told[1].starts_with("1.jsonl:3: field `resps[0][0]`: holds no response: it holds log-probabilities"),
        "{told:?}"
    );
    assert_eq!(told.len(), 2);
}

#[test]
fn inspect_epochs_are_one_item() {
    let sample = |epoch: u8, text: &str| json!({"id": 1, "epoch": epoch, "input": "p", "target": "No", "output": {"model": "m", "completion": text, "choices": []}, "scores": {"match": {"value": "C"}}});
    let silent = json!({"id": 2, "epoch": 1, "input": [turn("user", "q")], "target": ["a", "b"], "output": {"model": "m", "choices": []}});
    check(
        &[json!({"version": 2, "status": "success", "samples": [sample(1, "No"), sample(2, "Yes"), silent]})],
        &["1: user=p -> No (m) | Yes (m) [No]", "left: a sample has no output"],
    );
}

#[test]
fn a_zip_archive_is_refused_with_the_way_out() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log.eval");
    fs::write(&path, b"PK\x03\x04rest").unwrap();
    let error = Input::open_as(&path, "log.eval", &ReadSettings::default()).unwrap_err();
    assert_eq!(error.to_string(), "`log.eval` is a ZIP archive");
    assert!(error.hint().contains("inspect log convert"));
}
