//! Notes are taken by a caller that has nobody to call.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rewardctl_core::item::Message;
use rewardctl_critic::llm::completion::{CallFailure, Retry};
use rewardctl_critic::llm::dialect::Dialect;
use rewardctl_critic::llm::price::PriceTable;
use rewardctl_critic::llm::request::{Ask, Form, Sampling};
use rewardctl_store::ledger::{Answer, Ledger, PlannedCall, Purpose};
use rewardctl_store::open::Store;

use super::*;
use crate::budget::{Budget, Caps};
use crate::call::{Asking, Call, Caller, CallerParts};
use crate::endpoint::EndpointSettings;
use crate::line::Line;
use crate::tape::Tape;
use crate::unknown::{HELD, OnUnknown};

const NOW: &str = "2026-01-01T00:00:00Z";
const REPLY: &str =
    r#"{"choices":[{"message":{"content":"4"},"finish_reason":"stop"}],"id":"1","model":"m"}"#;

async fn store(folder: &Path) -> Store {
    Store::open(&folder.join("store.db")).await.unwrap()
}

fn caller(store: &Store, unknown: OnUnknown) -> Caller {
    let settings: EndpointSettings =
        serde_json::from_str(r#"{"base-url":"http://127.0.0.1:9/v1","model":"m"}"#).unwrap();
    let line = Line::new("main", &settings, None, None, &PriceTable::shipped()).unwrap();
    Caller::new(CallerParts {
        lines: [("main".to_owned(), line)].into(),
        store: store.clone(),
        ledger: None,
        tape: Tape::Note(Mutex::default()),
        budget: Budget::new(Caps::default()),
        deadline: None,
        unknown,
        now: || NOW.into(),
        stop: Arc::default(),
    })
}

fn call(caller: &Caller, text: &str) -> Call {
    let sampling =
        Sampling { temperature: None, top_p: None, max_tokens: 9, seed: None, n: 1, logprobs: false };
    let ask = Ask { messages: vec![Message::user(text)], form: Form::Text, sampling };
    let who = Asking { endpoint: "main", purpose: Purpose::Critic, label: "llm.c", fence: None, number: 0 };
    caller.prepare(who, &ask, &Dialect::FULL)
}

fn planned(caller: &Caller, text: &str) -> PlannedCall {
    PlannedCall {
        key: call(caller, text).key,
        purpose: Purpose::Critic,
        endpoint: caller.line("main").identity.clone(),
        model: "m".into(),
        request: "{}".into(),
    }
}

async fn reason(caller: &Caller, text: &str) -> Option<String> {
    let reply = caller.call(call(caller, text)).await.unwrap();
    reply.err().map(|CallFailure { reason, retry, .. }| {
        assert!(matches!(retry, Retry::Later { .. }));
        reason
    })
}

#[tokio::test]
async fn what_would_be_sent_is_noted_once_and_what_is_known_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let caller = caller(&store, OnUnknown::Retry);
    let ledger = Ledger::open(&store, NOW).await.unwrap();
    ledger.plan(&[planned(&caller, "known")]).await.unwrap();
    let attempt = ledger.sent(call(&caller, "known").key, None, NOW).await.unwrap();
    let answer = Answer {
        status: 200,
        body: REPLY.into(),
        request_id: None,
        input_tokens: None,
        output_tokens: None,
        cost_nano: None,
    };
    ledger.done(attempt, &answer, NOW).await.unwrap();
    assert_eq!(reason(&caller, "known").await, None);
    assert!(reason(&caller, "new").await.unwrap().contains("this is a plan"));
    assert!(reason(&caller, "new").await.unwrap().contains("this is a plan"));
    let noted: Vec<Noted> = caller.noted().into_iter().map(|note| note.what).collect();
    let [Noted::Answered, Noted::Sent(body), Noted::Repeated] = &noted[..] else { panic!("{noted:?}") };
    assert!(body.contains("\"new\""), "{body}");
    assert!(caller.noted().is_empty());
    assert_eq!(caller.dialect("main").await.unwrap(), Dialect::FULL);
    assert_eq!(caller.known_dialect("main").await.unwrap(), None);
    assert_eq!(store.call_totals().await.unwrap()[0].attempts, 1, "a plan writes nothing down");
}

#[tokio::test]
async fn a_call_of_which_nobody_saw_the_end_is_held_or_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let holding = caller(&store, OnUnknown::Hold);
    let ledger = Ledger::open(&store, NOW).await.unwrap();
    ledger.plan(&[planned(&holding, "lost")]).await.unwrap();
    let attempt = ledger.sent(call(&holding, "lost").key, Some(5), NOW).await.unwrap();
    ledger.unknown(attempt, "timed out", NOW).await.unwrap();
    assert_eq!(reason(&holding, "lost").await.unwrap(), HELD);
    assert!(holding.noted().is_empty());
    assert_eq!(holding.report().unwrap().endpoints[0].held, 1);
    let retrying = caller(&store, OnUnknown::Retry);
    assert!(reason(&retrying, "lost").await.unwrap().contains("this is a plan"));
    assert_eq!(retrying.noted().len(), 1);
}
