use proptest::prelude::*;

use super::*;
use crate::llm::completion::{Token, Usage};

const ENFORCED: &str = r#"{"colour": "q7"}"#;

fn choice(text: &str) -> Choice {
    Choice {
        text: Some(text.into()),
        reasoning: None,
        refusal: None,
        tool_arguments: None,
        finish: Finish::Stop,
        tokens: vec![],
    }
}

fn token() -> Token {
    Token { text: "q".into(), logprob: -0.1, top: vec![] }
}

fn completion(choices: Vec<Choice>) -> Completion {
    Completion { id: String::new(), model: String::new(), choices, usage: None }
}

fn failure(status: Option<u16>, reason: &str) -> CallFailure {
    let is_lasting = matches!(status, Some(400..=404 | 422));
    let retry = if is_lasting { Retry::Never } else { Retry::Later { after: None } };
    CallFailure { reason: reason.into(), retry, status, usage: None }
}

/// Probes a server that answers by `reply`; returns what was found and how many calls it took.
fn probe(reply: impl Fn(&Value) -> Result<Completion, CallFailure>) -> (Result<Dialect, Error>, u32) {
    let mut probe = Probe::new("m", 4000);
    let mut calls = 0;
    while let Some(request) = probe.next() {
        calls += 1;
        assert!(calls <= MOST_CALLS);
        let body: Value = serde_json::from_str(request.body()).unwrap();
        probe.observe(&reply(&body));
    }
    (probe.finish(), calls)
}

fn check(reply: impl Fn(&Value) -> Result<Completion, CallFailure>, expected: Dialect, expected_calls: u32) {
    let (found, calls) = probe(reply);
    assert_eq!(found.unwrap(), expected);
    assert_eq!(calls, expected_calls);
}

fn asks_for(body: &Value, kind: &str) -> bool {
    body["response_format"]["type"] == kind
}

/// Answers as a server that honours all it is asked, apart from the text of the answer.
fn obedient(body: &Value, text: &str) -> Completion {
    let n = body["n"].as_u64().unwrap_or(1);
    let tokens = if body["logprobs"] == true { vec![token()] } else { vec![] };
    completion((0..n).map(|_| Choice { tokens: tokens.clone(), ..choice(text) }).collect())
}

#[test]
fn a_server_that_does_everything_is_known_after_one_call() {
    check(|body| Ok(obedient(body, ENFORCED)), Dialect::FULL, 1);
}

#[test]
fn what_is_ignored_without_a_word_is_seen_in_the_reply() {
    let expected = Dialect { n: false, logprobs: false, ..Dialect::FULL };
    check(|_| Ok(completion(vec![choice(ENFORCED)])), expected, 1);
}

#[test]
fn a_schema_that_is_ignored_is_not_believed() {
    let ignores_all = |body: &Value| Ok(obedient(body, "Blue."));
    check(ignores_all, Dialect { constraint: Constraint::None, ..Dialect::FULL }, 13);
    let knows_objects = |body: &Value| {
        let text =
            if asks_for(body, "json_object") { r#"{"answer": "blue"}"# } else { r#"{"colour": "blue"}"# };
        Ok(obedient(body, text))
    };
    check(knows_objects, Dialect { constraint: Constraint::JsonObject, ..Dialect::FULL }, 4);
}

#[test]
fn tools_and_grammars_are_found() {
    let knows_tools = |body: &Value| {
        let mut reply = obedient(body, "blue");
        if body.get("tools").is_some() {
            reply.choices = vec![Choice { text: None, tool_arguments: Some(ENFORCED.into()), ..choice("") }];
        }
        Ok(reply)
    };
    let expected = Dialect { constraint: Constraint::Tool, n: false, logprobs: false, ..Dialect::FULL };
    check(knows_tools, expected, 7);
    let knows_grammars = |body: &Value| match body.get("grammar") {
        Some(_) => Ok(obedient(body, ENFORCED)),
        None => Ok(obedient(body, "blue")),
    };
    check(knows_grammars, Dialect { constraint: Constraint::Grammar, ..Dialect::FULL }, 10);
}

#[test]
fn a_reasoning_model_gives_up_what_its_errors_name_and_gets_more_tokens() {
    let unsupported = |name: &str, hint: &str| {
        let reason =
            format!("HTTP 400: `Unsupported: '{name}'. {hint}`, param `{name}`, code `unsupported_value`");
        Err(failure(Some(400), &reason))
    };
    let reasons = |body: &Value| {
        if body.get("max_tokens").is_some() {
            return unsupported("max_tokens", "Use 'max_completion_tokens' instead.");
        }
        for name in ["temperature", "logprobs"] {
            if body.get(name).is_some() {
                return unsupported(name, "Only the default is.");
            }
        }
        let is_enough = body["max_completion_tokens"] == 4064;
        let mut reply = obedient(body, ENFORCED);
        reply.usage = Some(Usage { reasoning_tokens: 64, ..Usage::default() });
        if !is_enough {
            let cut = Choice { text: None, finish: Finish::Length, ..choice("") };
            reply.choices = vec![cut.clone(), cut];
        }
        Ok(reply)
    };
    let expected = Dialect {
        token_limit: TokenLimit::MaxCompletionTokens,
        temperature: false,
        logprobs: false,
        thinking_tokens: 4000,
        ..Dialect::FULL
    };
    check(reasons, expected, 5);
}

#[test]
fn probabilities_after_reasoning_are_not_trusted() {
    let thinks = |body: &Value| {
        let mut reply = obedient(body, ENFORCED);
        reply.choices[0].reasoning = Some("hm".into());
        Ok(reply)
    };
    check(thinks, Dialect { logprobs: false, thinking_tokens: 4000, ..Dialect::FULL }, 1);
}

#[test]
fn refusals_are_read_in_the_words_of_many_servers() {
    let check_refusal = |refused: &'static str, words: &'static str, expected: Dialect| {
        let reply = |body: &Value| {
            let is_system = refused == "system" && body["messages"][0]["role"] == "system";
            let is_many = refused == "top_logprobs" && body["top_logprobs"].as_u64() > Some(5);
            let is_other = !matches!(refused, "system" | "top_logprobs") && body.get(refused).is_some();
            let is_refused = is_system || is_many || is_other;
            if is_refused { Err(failure(Some(400), words)) } else { Ok(obedient(body, ENFORCED)) }
        };
        check(reply, expected, 2);
    };
    let full = Dialect::FULL;
    check_refusal("n", "HTTP 400: `Only 'n' = 1 is supported`", Dialect { n: false, ..full.clone() });
    check_refusal(
        "seed",
        "HTTP 422: `[{\"loc\":[\"body\",\"seed\"]}]`",
        Dialect { seed: false, ..full.clone() },
    );
    check_refusal(
        "system",
        "HTTP 400: `System role not supported: system`",
        Dialect { system: false, ..full.clone() },
    );
    check_refusal(
        "top_logprobs",
        "HTTP 400: `max logprobs`, param `top_logprobs`",
        Dialect { top_logprobs: 5, ..full.clone() },
    );
    check_refusal("temperature", "HTTP 400: `temperature must be 1`", Dialect { temperature: false, ..full });
}

#[test]
fn a_refusal_without_a_name_costs_the_small_things_before_the_schema() {
    let bare = Dialect { temperature: false, seed: false, n: false, logprobs: false, ..Dialect::FULL };
    let reply = |body: &Value| match body.get("seed") {
        Some(_) => Err(failure(Some(400), "HTTP 400: `bad request`")),
        None => Ok(obedient(body, ENFORCED)),
    };
    check(reply, bare.clone(), 2);
    let falls_over = |body: &Value| match body.get("response_format").or(body.get("tools")) {
        Some(_) => Err(failure(Some(500), "HTTP 500: `response_format`")),
        None => Ok(obedient(body, "blue")),
    };
    check(falls_over, Dialect { constraint: Constraint::None, ..Dialect::FULL }, 9);
}

#[test]
fn a_garbled_reply_or_a_stumble_makes_no_poor_dialect() {
    let garbled = completion(vec![choice("Sure! {\"colour\": \"q7\" oops")]);
    let cut = completion(vec![Choice { finish: Finish::Length, ..choice("{\"colour") }]);
    let refused = completion(vec![Choice { text: None, refusal: Some("No.".into()), ..choice("") }]);
    for fault in [garbled, cut, refused] {
        let calls = std::cell::Cell::new(0);
        let reply = |body: &Value| {
            calls.set(calls.get() + 1);
            if calls.get() < 3 { Ok(fault.clone()) } else { Ok(obedient(body, ENFORCED)) }
        };
        check(reply, Dialect::FULL, 3);
    }
    let calls = std::cell::Cell::new(0);
    let stumbles = |body: &Value| {
        calls.set(calls.get() + 1);
        let stumble = failure(Some(500), "HTTP 500: `out of memory`");
        if calls.get() == 1 { Err(stumble) } else { Ok(obedient(body, ENFORCED)) }
    };
    check(stumbles, Dialect::FULL, 3);
}

#[test]
fn an_endpoint_that_cannot_be_asked_is_an_error_and_not_a_poor_dialect() {
    for (status, reason) in [
        (None, "connection refused"),
        (Some(401), "HTTP 401"),
        (Some(404), "HTTP 404"),
        (Some(429), "HTTP 429"),
    ] {
        let (found, calls) = probe(|_| Err(failure(status, reason)));
        assert!(matches!(found, Err(Error::ProbeFailed { .. })));
        assert_eq!(calls, 1);
    }
    let (found, calls) = probe(|_| Err(failure(Some(500), "HTTP 500")));
    assert!(matches!(found, Err(Error::ProbeFailed { .. })));
    assert_eq!(calls, 2, "what fails the plainest question fails all");
    let (found, _) = probe(|_| Err(failure(Some(400), "HTTP 400: `API key not valid`")));
    assert!(matches!(found, Err(Error::ProbeFailed { .. })));
    let (found, calls) = probe(|_| Ok(completion(vec![Choice { text: None, ..choice("") }])));
    assert!(matches!(found, Err(Error::ProbeUndecided { calls: MOST_CALLS, .. })));
    assert_eq!(calls, MOST_CALLS);
}

#[test]
fn a_dialect_survives_a_write_and_a_read() {
    let text = serde_json::to_string(&Dialect::FULL).unwrap();
    assert_eq!(
        text,
        r#"{"constraint":"json_schema","token_limit":"max_tokens","system":true,"temperature":true,"seed":true,"n":true,"logprobs":true,"top_logprobs":20,"thinking_tokens":0}"#
    );
    assert_eq!(serde_json::from_str::<Dialect>(&text).unwrap(), Dialect::FULL);
}

proptest! {
    #[test]
    fn every_probe_ends_whatever_is_answered(answers in proptest::collection::vec(0u8..6, MOST_CALLS as usize)) {
        let mut probe = Probe::new("m", 100);
        let mut answers = answers.into_iter();
        while probe.next().is_some() {
            probe.observe(&match answers.next().unwrap() {
                0 => Ok(completion(vec![choice("blue")])),
                1 => Ok(completion(vec![])),
                2 => Err(failure(Some(400), "HTTP 400: `n max_tokens seed`")),
                3 => Err(failure(Some(500), "HTTP 500")),
                4 => Ok(completion(vec![Choice { finish: Finish::Length, text: None, ..choice("") }])),
                _ => Ok(completion(vec![choice(ENFORCED)])),
            });
        }
        let _ = probe.finish();
    }
}
