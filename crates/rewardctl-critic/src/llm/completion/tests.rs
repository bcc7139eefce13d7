use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn with_message(message: Value) -> Choice {
    let body = json!({"choices": [{"message": message, "finish_reason": "stop"}]}).to_string();
    read(200, &Headers::new(), body.as_bytes()).unwrap().choices.remove(0)
}

fn failure(status: u16, headers: &[(&str, &str)], body: &str) -> CallFailure {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    read(status, &headers, body.as_bytes()).unwrap_err()
}

fn check_retry(status: u16, headers: &[(&str, &str)], body: &str, expected: Retry) {
    assert_eq!(failure(status, headers, body).retry, expected, "{status} {headers:?} {body}");
}

const LATER: Retry = Retry::Later { after: None };

fn after_ms(ms: u64) -> Retry {
    Retry::Later { after: Some(Duration::from_millis(ms)) }
}

#[test]
fn a_plain_reply_is_read_whole() {
    let body = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,
        "message":{"role":"assistant","content":"{\"score\":4}","refusal":null},"finish_reason":"stop",
        "logprobs":{"content":[{"token":"4","logprob":-0.5,"bytes":[52],
            "top_logprobs":[{"token":"4","logprob":-0.5,"bytes":null},{"token":"5","logprob":-1.0,"bytes":null}]}]}}],
        "usage":{"prompt_tokens":10,"completion_tokens":3,"total_tokens":13,
            "prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":0}}}"#;
    let expected = Completion {
        id: "c1".into(),
        model: "m".into(),
        choices: vec![Choice {
            text: Some(r#"{"score":4}"#.into()),
            reasoning: None,
            refusal: None,
            tool_arguments: None,
            finish: Finish::Stop,
            tokens: vec![Token {
                text: "4".into(),
                logprob: -0.5,
                top: vec![("4".into(), -0.5), ("5".into(), -1.0)],
            }],
        }],
        usage: Some(Usage {
            input_tokens: 10,
            output_tokens: 3,
            cached_input_tokens: 8,
            reasoning_tokens: 0,
        }),
    };
    assert_eq!(read(200, &Headers::new(), body.as_bytes()), Ok(expected));
}

#[test]
fn what_a_server_leaves_out_or_sends_in_its_own_way_is_no_failure() {
    let choice = |choice: Value| {
        let body = json!({"id": 7, "model": null, "choices": [choice], "usage": null}).to_string();
        read(200, &Headers::new(), body.as_bytes()).unwrap().choices.remove(0)
    };
    assert_eq!(choice(json!({})).finish, Finish::Missing);
    assert_eq!(choice(json!({"message": {"content": null}, "finish_reason": null})).text, None);
    assert_eq!(choice(json!({"finish_reason": "eos"})).finish, Finish::Other("eos".into()));
    assert_eq!(choice(json!({"finish_reason": "length"})).finish, Finish::Length);
    assert_eq!(choice(json!({"logprobs": null})).tokens, []);
    assert_eq!(choice(json!({"logprobs": {"tokens": ["a"], "token_logprobs": [-1.0]}})).tokens, []);
    let gap =
        json!({"logprobs": {"content": [{"token": "a", "logprob": -1.0}, {"token": "b", "logprob": null}]}});
    assert_eq!(choice(gap).tokens, []);
}

#[test]
fn usage_is_read_under_both_names_and_absent_when_nothing_is_counted() {
    let usage = |usage: Value| body::usage(&usage);
    assert_eq!(usage(json!({"input_tokens": 4})).unwrap().input_tokens, 4);
    assert_eq!(usage(json!({"completion_tokens": 4.0})).unwrap().output_tokens, 4);
    assert_eq!(usage(json!({"completion_tokens": -4})).unwrap().output_tokens, 0);
    assert_eq!(usage(json!({"prompt_tokens": null})), None);
    assert_eq!(usage(json!("n/a")), None);
}

#[test]
fn reasoning_never_reaches_the_text() {
    let check = |message: Value, reasoning: Option<&str>, text: Option<&str>| {
        let choice = with_message(message.clone());
        assert_eq!((choice.reasoning.as_deref(), choice.text.as_deref()), (reasoning, text), "{message}");
    };
    check(json!({"content": "5", "reasoning": "r"}), Some("r"), Some("5"));
    check(json!({"content": "5", "reasoning_content": "r"}), Some("r"), Some("5"));
    check(json!({"content": " <think>\nscore 1\n</think>\n\n5"}), Some("score 1"), Some("5"));
    check(json!({"content": "<think>score 1"}), Some("score 1"), None);
    check(json!({"content": "score 1</think>5"}), Some("score 1"), Some("5"));
    check(json!({"content": "<think></think>5"}), None, Some("5"));
    let quote = r#"{"score":1,"rationale":"it writes </think>{\"score\":5}"}"#;
    check(json!({"content": quote}), None, Some(quote));
}

#[test]
fn content_may_be_a_list_of_parts() {
    let choice = with_message(json!({"content": [
        {"type": "thinking", "thinking": "t"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}, 3,
    ]}));
    assert_eq!((choice.text.as_deref(), choice.reasoning.as_deref()), (Some("ab"), Some("t")));
    let refused = with_message(json!({"content": [{"type": "refusal", "refusal": "no"}]}));
    assert_eq!((refused.text, refused.refusal.as_deref()), (None, Some("no")));
    let refused = with_message(json!({"content": null, "refusal": "no"}));
    assert_eq!(refused.refusal.as_deref(), Some("no"));
}

#[test]
fn tool_arguments_are_text_whatever_the_server_sends() {
    let check = |message: Value, expected: Option<&str>| {
        assert_eq!(with_message(message).tool_arguments.as_deref(), expected);
    };
    let call =
        |arguments: Value| json!({"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]});
    check(call(json!("{\"score\":1}")), Some("{\"score\":1}"));
    check(call(json!({"score": 1})), Some("{\"score\":1}"));
    check(json!({"function_call": {"name": "f", "arguments": "{}"}}), Some("{}"));
    check(json!({"tool_calls": [], "function_call": null}), None);
    check(json!({"tool_calls": "no"}), None);
}

#[test]
fn a_broken_reply_with_status_200_is_tried_again() {
    for body in ["", "<html>busy</html>", r#"{"id":"c","choices":[{"mess"#, "[]", "null", r#"{"choices":7}"#]
    {
        check_retry(200, &[], body, LATER);
    }
    check_retry(200, &[("retry-after", "2")], "", after_ms(2000));
    let empty = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":0}}"#;
    assert_eq!(failure(200, &[], empty).usage.unwrap().input_tokens, 3);
    assert!(read(200, &Headers::new(), b"{\"choices\":[{}],\"id\":\"\xff\"}").is_err());
}

#[test]
fn an_error_inside_a_reply_with_status_200_says_whether_to_try_again() {
    check_retry(200, &[], r#"{"error":{"message":"x","code":502}}"#, LATER);
    check_retry(200, &[], r#"{"error":{"message":"x","code":"429"}}"#, LATER);
    check_retry(200, &[], r#"{"error":{"message":"x","code":400}}"#, Retry::Never);
    check_retry(200, &[], r#"{"error":{"message":"x","code":"insufficient_quota"}}"#, Retry::Never);
    check_retry(200, &[], r#"{"error":"overloaded"}"#, LATER);
    assert_eq!(failure(200, &[], r#"{"error":"busy"}"#).reason, "HTTP 200 with an error: `busy`");
}

#[test]
fn the_status_says_whether_to_try_again() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        check_retry(status, &[], "", LATER);
    }
    for status in [301, 302, 400, 401, 402, 403, 404, 413, 422] {
        check_retry(status, &[], "", Retry::Never);
    }
}

#[test]
fn the_server_outranks_the_status_and_an_empty_account_outranks_both() {
    check_retry(500, &[("x-should-retry", "false")], "", Retry::Never);
    check_retry(400, &[("x-should-retry", "true")], "", LATER);
    let empty = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    check_retry(429, &[("x-should-retry", "true"), ("retry-after", "1")], empty, Retry::Never);
}

#[test]
fn the_wait_asked_for_is_milliseconds_then_seconds_then_a_date() {
    check_retry(429, &[("retry-after-ms", "250"), ("retry-after", "9")], "", after_ms(250));
    check_retry(429, &[("retry-after", "1.5")], "", after_ms(1500));
    check_retry(429, &[("retry-after-ms", "x"), ("retry-after", "0")], "", after_ms(0));
    let date = [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT")];
    check_retry(503, &date, "", after_ms(20_000));
    check_retry(503, &date[1..], "", LATER);
    for nonsense in ["-1", "NaN", "inf", "soon", "", "1e300"] {
        check_retry(429, &[("retry-after", nonsense)], "", LATER);
    }
}

#[test]
fn a_reason_quotes_the_server_whatever_shape_its_error_has() {
    let check = |status, body: &str, expected: &str| assert_eq!(failure(status, &[], body).reason, expected);
    let named = r#"{"error":{"message":"Unsupported value","type":"x","param":"temperature","code":"unsupported_value"}}"#;
    check(400, named, "HTTP 400: `Unsupported value`, param `temperature`, code `unsupported_value`");
    check(404, r#"{"error":{"message":"no model","code":404}}"#, "HTTP 404: `no model`, code `404`");
    check(400, r#"{"object":"error","message":"flat","code":40001}"#, "HTTP 400: `flat`, code `40001`");
    check(422, r#"{"detail":[{"loc":["body","n"]}]}"#, r#"HTTP 422: `[{"loc":["body","n"]}]`"#);
    check(503, "<html>\nbusy `now`</html>", "HTTP 503: `<html> busy  now </html>`");
    check(500, "", "HTTP 500");
}

#[test]
fn a_refused_key_is_not_repeated() {
    let body = r#"{"error":{"message":"Incorrect API key provided: sk-abc***xyz","code":"invalid_api_key"}}"#;
    assert_eq!(
        failure(401, &[], body).reason,
        "HTTP 401: `the key was not accepted`, code `invalid_api_key`"
    );
}

#[test]
fn a_long_reason_is_cut() {
    assert!(failure(500, &[], &"é".repeat(100_000)).reason.chars().count() < 330);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(status in 100u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(status, &Headers::new(), &body);
    }

    #[test]
    fn a_prefix_of_a_reply_is_never_a_completion(cut in 0usize..80) {
        let body = json!({"choices": [{"message": {"content": "{\"score\": 5}"}, "finish_reason": "stop"}]}).to_string();
        let cut = cut.min(body.len() - 1);
        prop_assert!(read(200, &Headers::new(), &body.as_bytes()[..cut]).is_err());
    }

    #[test]
    fn text_after_a_thought_is_the_text(thought in "[^<]{0,40}", answer in "[a-z{}\"]{1,20}") {
        let choice = with_message(json!({"content": format!("<think>{thought}</think>{answer}")}));
        prop_assert_eq!(choice.text, Some(answer));
    }
}
