use proptest::prelude::*;
use serde_json::json;

use super::*;

fn ask() -> Ask {
    Ask {
        messages: vec![Message { role: "system".into(), content: "S".into() }, Message::user("U")],
        form: Form::Text,
        sampling: Sampling {
            temperature: None,
            top_p: None,
            max_tokens: 50,
            seed: None,
            n: 1,
            logprobs: false,
        },
    }
}

fn verdict() -> Form {
    let schema = json!({"type": "object", "properties": {"score": {"type": "integer"}, "rationale": {"type": "string"}}});
    Form::Json { name: "llm.accuracy".into(), schema }
}

fn check(ask: &Ask, dialect: &Dialect, expected: &str) {
    assert_eq!(request("m", ask, dialect).body(), expected);
}

#[test]
fn a_plain_ask_names_nothing_that_was_not_asked_for() {
    check(
        &ask(),
        &Dialect::FULL,
        r#"{"max_tokens":50,"messages":[{"content":"S","role":"system"},{"content":"U","role":"user"}],"model":"m"}"#,
    );
}

#[test]
fn everything_that_the_dialect_has_is_asked_for() {
    let mut ask = ask();
    ask.messages.remove(0);
    ask.sampling = Sampling {
        temperature: Some(-0.0),
        top_p: Some(0.9),
        max_tokens: 50,
        seed: Some(u64::MAX),
        n: 3,
        logprobs: true,
    };
    check(
        &ask,
        &Dialect::FULL,
        r#"{"logprobs":true,"max_tokens":50,"messages":[{"content":"U","role":"user"}],"model":"m","n":3,"seed":2147483647,"temperature":0.0,"top_logprobs":20,"top_p":0.9}"#,
    );
    let poor = Dialect {
        token_limit: TokenLimit::MaxCompletionTokens,
        temperature: false,
        seed: false,
        n: false,
        logprobs: false,
        thinking_tokens: 1000,
        ..Dialect::FULL
    };
    check(
        &ask,
        &poor,
        r#"{"max_completion_tokens":1050,"messages":[{"content":"U","role":"user"}],"model":"m","top_p":0.9}"#,
    );
}

#[test]
fn a_schema_keeps_the_order_of_its_fields() {
    let ask = Ask { form: verdict(), ..ask() };
    check(
        &ask,
        &Dialect::FULL,
        r#"{"max_tokens":50,"messages":[{"content":"S","role":"system"},{"content":"U","role":"user"}],"model":"m","response_format":{"json_schema":{"name":"llm_accuracy","schema":{"type":"object","properties":{"score":{"type":"integer"},"rationale":{"type":"string"}}},"strict":true},"type":"json_schema"}}"#,
    );
}

#[test]
fn a_schema_that_is_not_enforced_is_stated() {
    let ask = Ask { form: verdict(), ..ask() };
    let body = |constraint| {
        let text = request("m", &ask, &Dialect { constraint, ..Dialect::FULL }).body().to_owned();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let last = |body: &Value| body["messages"][1]["content"].as_str().unwrap().to_owned();
    for constraint in [Constraint::JsonObject, Constraint::Tool, Constraint::Grammar, Constraint::None] {
        let said = last(&body(constraint));
        assert!(said.starts_with("U\n\n") && said.contains("JSON schema") && said.ends_with("}}"), "{said}");
    }
    assert_eq!(last(&body(Constraint::JsonSchema)), "U");
    let tool = body(Constraint::Tool);
    assert_eq!(tool["tool_choice"], json!({"type": "function", "function": {"name": "llm_accuracy"}}));
    assert_eq!(tool["tools"][0]["function"]["name"], "llm_accuracy");
    assert_eq!(body(Constraint::JsonObject)["response_format"], json!({"type": "json_object"}));
    assert!(body(Constraint::Grammar)["grammar"].as_str().unwrap().starts_with("root ::= "));
    assert!(body(Constraint::None).get("response_format").is_none());
}

#[test]
fn system_messages_move_to_the_next_turn_where_they_are_not_taken() {
    let dialect = Dialect { system: false, ..Dialect::FULL };
    let mut ask = ask();
    check(&ask, &dialect, r#"{"max_tokens":50,"messages":[{"content":"S\n\nU","role":"user"}],"model":"m"}"#);
    ask.messages.pop();
    check(&ask, &dialect, r#"{"max_tokens":50,"messages":[{"content":"S","role":"user"}],"model":"m"}"#);
}

#[test]
fn a_key_depends_on_who_is_asked_what_and_which_draw() {
    let one = request("m", &ask(), &Dialect::FULL);
    let other = request("n", &ask(), &Dialect::FULL);
    // Python: sha256 over kind, endpoint, body and sample (4 bytes), each after its length (8 bytes), little-endian.
    assert_eq!(one.key("http://a/v1", 0).to_string(), "33db3e45e59a1afe182655a63a99ddd5");
    assert_ne!(one.key("http://a/v1", 0), one.key("http://b/v1", 0));
    assert_ne!(one.key("http://a/v1", 0), one.key("http://a/v1", 1));
    assert_ne!(one.key("http://a/v1", 0), other.key("http://a/v1", 0));
}

#[test]
fn names_are_tidied() {
    assert_eq!(tidy("llm.a b/é"), "llm_a_b__");
    assert_eq!(tidy(""), "answer");
    assert_eq!(tidy(&"x".repeat(100)).len(), 64);
}

proptest! {
    #[test]
    fn whatever_is_asked_the_body_is_one_line_of_json_that_says_it(system in any::<String>(), user in any::<String>()) {
        let messages = vec![Message { role: "system".into(), content: system.clone() }, Message::user(user.clone())];
        let ask = Ask { messages, ..ask() };
        let made = request("m", &ask, &Dialect::FULL);
        prop_assert!(!made.body().contains('\n'));
        let body: Value = serde_json::from_str(made.body()).unwrap();
        prop_assert_eq!(&body["messages"][0]["content"], &json!(system));
        prop_assert_eq!(&body["messages"][1]["content"], &json!(user));
        prop_assert_eq!(made, request("m", &ask, &Dialect::FULL));
    }
}
