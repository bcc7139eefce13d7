//! A scripted endpoint on the loopback: answers chat completions as a test tells it to, and keeps what it was asked.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What a request was.
pub struct Asked {
    /// The body.
    pub body: Value,
    /// The texts of all turns.
    pub text: String,
    /// How often the same body came before.
    pub before: usize,
    /// The value of the header `authorization`.
    pub key: String,
}

/// What the endpoint does about it.
pub enum Act {
    /// Answers: status, headers, body.
    Reply(u16, Vec<(&'static str, String)>, String),
    /// Announces the whole body and sends half of it.
    Cut(String),
    /// Closes the connection without a word.
    Close,
    /// Answers after a while.
    Late(Duration, Box<Act>),
}

type Script = dyn Fn(&Asked) -> Act + Send + Sync;

/// A server of its own for each test; its threads end with the process.
pub struct Endpoint {
    address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    bodies: Vec<String>,
    counts: HashMap<String, usize>,
}

impl Endpoint {
    pub fn start(script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (script, log): (Arc<Script>, _) = (Arc::new(script), Arc::new(Mutex::new(Log::default())));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, log) = (Arc::clone(&script), Arc::clone(&kept));
                thread::spawn(move || serve(&stream, &*script, &log));
            }
        });
        Self { address, log }
    }

    /// Returns the bodies that came, probes left out.
    pub fn bodies(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        log.bodies.iter().filter(|body| !body.contains(PROBE)).cloned().collect()
    }

    /// Returns how many requests came, probes among them.
    pub fn requests(&self) -> usize {
        self.log.lock().unwrap().bodies.len()
    }

    /// Returns how many requests came a second time or more often, probes left out.
    pub fn repeats(&self) -> usize {
        let log = self.log.lock().unwrap();
        log.counts.iter().filter(|(body, _)| !body.contains(PROBE)).map(|(_, count)| count - 1).sum()
    }

    /// Returns the settings of an endpoint that this is, with more lines of TOML.
    pub fn settings(&self, more: &str) -> String {
        format!("[endpoints.main]\nbase-url = \"http://{}/v1\"\nmodel = \"scripted\"\n{more}\n", self.address)
    }
}

/// Stands in every probe and in nothing else.
const PROBE: &str = "What colour is a clear sky";

fn serve(stream: &TcpStream, script: &Script, log: &Mutex<Log>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut key, mut line) = (0, String::new(), String::new());
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim())) {
                Some((name, value)) if name == "content-length" => length = value.parse().ok()?,
                Some((name, value)) if name == "authorization" => key = value.into(),
                _ => {}
            }
        }
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes).ok()?;
        let raw = String::from_utf8(bytes).unwrap();
        let body: Value = serde_json::from_str(&raw).unwrap();
        let turns = body["messages"].as_array().unwrap().iter();
        let text = turns.map(|turn| turn["content"].as_str().unwrap()).collect::<Vec<_>>().join("\n");
        let before = {
            let mut log = log.lock().unwrap();
            log.bodies.push(raw.clone());
            let count = log.counts.entry(raw).or_default();
            *count += 1;
            *count - 1
        };
        act(stream, script(&Asked { body, text, before, key }))?;
    }
}

/// Returns None once the connection is closed.
fn act(mut stream: &TcpStream, act: Act) -> Option<()> {
    match act {
        Act::Reply(status, headers, body) => {
            let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let length = body.len();
            let reply = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{more}\r\n{body}");
            stream.write_all(reply.as_bytes()).ok()
        }
        Act::Cut(body) => {
            let (length, half) = (body.len(), &body[..body.len() / 2]);
            let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{half}");
            let _ = stream.write_all(reply.as_bytes());
            let _ = stream.shutdown(std::net::Shutdown::Both);
            None
        }
        Act::Close => {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            None
        }
        Act::Late(wait, then) => {
            thread::sleep(wait);
            self::act(stream, *then)
        }
    }
}

impl Asked {
    /// Returns how a server answers the probe that can do what `able` names: `schema`, `object`, `n`, `logprobs`.
    /// None if this is no probe.
    pub fn probed(&self, able: &[&str]) -> Option<Act> {
        if !self.text.contains(PROBE) {
            return None;
        }
        let kind = self.body["response_format"]["type"].as_str().unwrap_or("");
        let is_held = kind == "json_schema" && able.contains(&"schema")
            || kind == "json_object" && able.contains(&"object");
        let said = if is_held { r#"{"colour": "q7"}"# } else { "Blue." };
        let count = if able.contains(&"n") { self.body["n"].as_u64().unwrap_or(1) } else { 1 };
        let logprobs = able.contains(&"logprobs").then(|| tokens(&[("x", &[])]));
        let choices = (0..count).map(|_| choice(said, "stop", logprobs.clone())).collect();
        Some(completion(choices))
    }
}

/// Says `content` and stops.
pub fn says(content: &str) -> Act {
    completion(vec![choice(content, "stop", None)])
}

/// Gives a score in the form that was asked for.
pub fn scores(score: &str) -> Act {
    says(&format!(r#"{{"score": {score}, "rationale": "Because."}}"#))
}

pub fn choice(content: &str, finish: &str, logprobs: Option<Value>) -> Value {
    json!({"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish, "logprobs": logprobs})
}

/// Tokens with the alternatives of each, as text and probability.
pub fn tokens(tokens: &[(&str, &[(&str, f64)])]) -> Value {
    let token = |text: &str, p: f64| json!({"token": text, "logprob": p.ln(), "bytes": null});
    let each = tokens.iter().map(|(text, top)| {
        let mut one = token(text, top.first().map_or(1.0, |(_, p)| *p));
        one["top_logprobs"] = top.iter().map(|(text, p)| token(text, *p)).collect();
        one
    });
    json!({"content": each.collect::<Vec<_>>()})
}

/// A completion that took 100 tokens in and 10 out.
pub fn completion(choices: Vec<Value>) -> Act {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110});
    let body = json!({"id": "c", "object": "chat.completion", "model": "scripted", "choices": choices, "usage": usage});
    Act::Reply(200, vec![], body.to_string())
}

/// An error as OpenAI words it.
pub fn error(status: u16, message: &str, param: Option<&str>) -> Act {
    let error = json!({"message": message, "type": "invalid_request_error", "param": param, "code": null});
    Act::Reply(status, vec![], json!({ "error": error }).to_string())
}
