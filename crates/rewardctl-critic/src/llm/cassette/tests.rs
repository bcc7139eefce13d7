use rewardctl_core::item::Message;

use super::*;
use crate::llm::dialect::Dialect;
use crate::llm::request::{Ask, Form, Sampling, request};

fn asked(text: &str) -> Request {
    let sampling =
        Sampling { temperature: None, top_p: None, max_tokens: 5, seed: None, n: 1, logprobs: false };
    request("m", &Ask { messages: vec![Message::user(text)], form: Form::Text, sampling }, &Dialect::FULL)
}

fn answered(status: u16, body: &[u8]) -> Exchange {
    let headers = Headers::from([("x-request-id".into(), "r".into())]);
    Exchange::Answered { status, headers, body: body.into() }
}

fn broken() -> Exchange {
    Exchange::Broken { reason: "connection refused".into(), sent: Sent::No }
}

fn record(recorder: &Recorder, text: &str, attempt: u32, exchange: &Exchange) -> ContentId {
    let request = asked(text);
    let key = request.key("http://a/v1", 0);
    let call = Call { key, attempt, endpoint: "http://a/v1", model: "m", request: &request };
    recorder.record(&call, exchange).unwrap();
    key
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cassette.jsonl");
    (folder, path)
}

#[test]
fn a_line_says_what_was_asked_and_what_came_back() {
    let (_folder, path) = folder();
    let recorder = Recorder::open(&path).unwrap();
    let key = record(&recorder, "hi", 1, &answered(200, b"{\"a\":1}"));
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        format!(
            concat!(
                r#"{{"key":"{}","attempt":1,"endpoint":"http://a/v1","model":"m","#,
                r#""request":{{"max_tokens":5,"messages":[{{"content":"hi","role":"user"}}],"model":"m"}},"#,
                r#""reply":{{"status":200,"headers":{{"x-request-id":"r"}},"body":{{"text":"{{\"a\":1}}"}}}}}}"#,
                "\n"
            ),
            key
        )
    );
}

#[test]
fn what_was_recorded_is_played_in_order() {
    let (_folder, path) = folder();
    let recorder = Recorder::open(&path).unwrap();
    let exchanges = [answered(429, b"busy"), broken(), answered(200, b"\xff\x00")];
    for (place, exchange) in exchanges.iter().enumerate() {
        record(&recorder, "hi", place as u32 + 1, exchange);
    }
    let key = record(&recorder, "ho", 1, &answered(200, b"{}"));
    recorder.finish().unwrap();
    let player = Player::open(&path).unwrap();
    let first = asked("hi").key("http://a/v1", 0);
    for (place, exchange) in exchanges.iter().enumerate() {
        assert_eq!(player.play("c", first, place as u32 + 1).unwrap(), exchange);
    }
    assert_eq!(player.play("c", key, 1).unwrap(), &answered(200, b"{}"));
}

#[test]
fn a_call_that_was_not_recorded_is_named() {
    let (_folder, path) = folder();
    let recorder = Recorder::open(&path).unwrap();
    let key = record(&recorder, "hi", 1, &broken());
    let player = Player::open(&path).unwrap();
    let other = asked("ho").key("http://a/v1", 0);
    let message = player.play("llm.accuracy", other, 1).unwrap_err().to_string();
    assert!(
        message.starts_with(&format!("critic `llm.accuracy` asks for call `{other}`, attempt 1")),
        "{message}"
    );
    assert!(player.play("c", key, 2).is_err());
    assert!(player.play("c", key, 0).is_err());
}

#[test]
fn the_same_run_leaves_the_same_bytes_whatever_the_order_and_the_restarts() {
    let (_folder, one) = folder();
    let recorder = Recorder::open(&one).unwrap();
    for text in ["a", "b", "c"] {
        record(&recorder, text, 1, &answered(429, b""));
        record(&recorder, text, 2, &answered(200, text.as_bytes()));
    }
    recorder.finish().unwrap();
    let (_folder, two) = folder();
    let recorder = Recorder::open(&two).unwrap();
    record(&recorder, "c", 1, &answered(500, b"from a run that was killed"));
    record(&recorder, "b", 2, &answered(200, b"b"));
    drop(recorder);
    let recorder = Recorder::open(&two).unwrap();
    for text in ["c", "a", "b"] {
        record(&recorder, text, 2, &answered(200, text.as_bytes()));
        record(&recorder, text, 1, &answered(429, b""));
    }
    recorder.finish().unwrap();
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
}

#[test]
fn a_cassette_cut_anywhere_plays_and_can_be_recorded_on() {
    let (_folder, path) = folder();
    let recorder = Recorder::open(&path).unwrap();
    let first = record(&recorder, "a", 1, &answered(200, b"1"));
    let whole = fs::read(&path).unwrap().len();
    let second = record(&recorder, "b", 1, &answered(200, b"2"));
    let bytes = fs::read(&path).unwrap();
    for cut in whole..bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        let player = Player::open(&path).unwrap();
        assert!(player.play("c", first, 1).is_ok() && player.play("c", second, 1).is_err());
    }
    record(&Recorder::open(&path).unwrap(), "b", 1, &answered(200, b"2"));
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_file_of_another_kind_is_not_written_to() {
    let (_folder, path) = folder();
    fs::write(&path, "notes\nof mine\n").unwrap();
    assert!(matches!(Recorder::open(&path), Err(Error::CassetteLine { line: 1, .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "notes\nof mine\n");
}

#[test]
fn a_missing_cassette_is_an_error() {
    let (_folder, path) = folder();
    assert!(matches!(Player::open(&path), Err(Error::Cassette { .. })));
}
