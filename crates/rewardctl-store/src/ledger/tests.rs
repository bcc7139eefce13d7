mod killed;
mod laws;
mod load;

use std::path::Path;

use rewardctl_core::id::ContentId;
use tempfile::TempDir;

use super::counts::RunCounts;
use super::lookup::{CallFilter, CallTotal};
use super::{Answer, Failure, Ledger, PlannedCall, Purpose, State};
use crate::error::Error;
use crate::open::Store;

const NOW: &str = "2026-01-01T00:00:00Z";
const LATER: &str = "2026-01-01T00:00:01Z";

fn key(n: u64) -> ContentId {
    ContentId::of("call", [n.to_le_bytes().as_slice()])
}

fn call(n: u64) -> PlannedCall {
    PlannedCall {
        key: key(n),
        purpose: Purpose::Critic,
        endpoint: "http://127.0.0.1:8089/v1".into(),
        model: "m1".into(),
        request: format!("{{\"n\":{n}}}"),
    }
}

fn answer(text: &str, cost_nano: u64) -> Answer {
    Answer {
        status: 200,
        body: text.as_bytes().to_vec(),
        request_id: Some("req_1".into()),
        input_tokens: Some(150),
        output_tokens: Some(30),
        cost_nano: Some(cost_nano),
    }
}

fn failure(cost_nano: u64) -> Failure {
    Failure {
        reason: "the reply was cut off".into(),
        retryable: true,
        status: Some(200),
        request_id: None,
        input_tokens: None,
        output_tokens: None,
        cost_nano: Some(cost_nano),
        body: Some(b"half a rep".to_vec()),
    }
}

async fn open(folder: &Path) -> (Store, Ledger) {
    let store = Store::open(&folder.join("store.db")).await.unwrap();
    let ledger = Ledger::open(&store, LATER).await.unwrap();
    (store, ledger)
}

async fn fresh() -> (Store, Ledger, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (store, ledger) = open(folder.path()).await;
    (store, ledger, folder)
}

async fn total(store: &Store) -> CallTotal {
    store.call_totals().await.unwrap().pop().unwrap_or_default()
}

#[tokio::test]
async fn an_answer_is_kept_and_served() {
    let (store, ledger, _folder) = fresh().await;
    assert_eq!(ledger.plan(&[call(1), call(2), call(1)]).await.unwrap(), 2);
    assert_eq!(ledger.plan(&[call(1)]).await.unwrap(), 0);
    let attempt = ledger.sent(key(1), Some(100), NOW).await.unwrap();
    assert_eq!((attempt.key(), attempt.number()), (key(1), 1));
    assert!(store.answers(&[key(1)]).await.unwrap().is_empty());
    ledger.done(attempt, &answer("4", 60), LATER).await.unwrap();
    let found = store.answers(&[key(1), key(2), key(3)]).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(key(1), answer("4", 60))]);
}

#[tokio::test]
async fn a_call_in_flight_or_done_or_unplanned_is_not_sent() {
    let (_store, ledger, _folder) = fresh().await;
    let refused = |error| matches!(error, Error::NotSendable { .. });
    assert!(refused(ledger.sent(key(1), None, NOW).await.unwrap_err()));
    ledger.plan(&[call(1)]).await.unwrap();
    let attempt = ledger.sent(key(1), None, NOW).await.unwrap();
    assert!(refused(ledger.sent(key(1), None, NOW).await.unwrap_err()));
    ledger.done(attempt, &answer("4", 60), LATER).await.unwrap();
    assert!(refused(ledger.sent(key(1), None, NOW).await.unwrap_err()));
}

#[tokio::test]
async fn a_refused_operation_spoils_nobody_elses() {
    let (store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1), call(2)]).await.unwrap();
    let send = |n| ledger.sent(key(n), Some(1), NOW);
    let (a, b, c, d) = tokio::join!(send(1), send(1), send(3), send(2));
    assert_eq!([a.is_ok(), b.is_ok(), c.is_ok(), d.is_ok()], [true, false, false, true]);
    assert_eq!(total(&store).await.attempts, 2);
}

#[tokio::test]
async fn a_failure_is_never_served_but_its_money_counts() {
    let (store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1)]).await.unwrap();
    let first = ledger.sent(key(1), Some(100), NOW).await.unwrap();
    ledger.failed(first, &failure(7), LATER).await.unwrap();
    assert!(store.answers(&[key(1)]).await.unwrap().is_empty());
    assert_eq!((total(&store).await.failed, total(&store).await.at_most_nano()), (1, 7));
    let second = ledger.sent(key(1), Some(100), NOW).await.unwrap();
    assert_eq!((second.number(), total(&store).await.at_most_nano()), (2, 107));
    ledger.done(second, &answer("4", 60), LATER).await.unwrap();
    let total = total(&store).await;
    assert_eq!((total.done, total.failed, total.attempts, total.spent_nano), (1, 0, 2, 67));
}

#[tokio::test]
async fn an_attempt_whose_end_nobody_saw_keeps_its_reservation() {
    let (store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1)]).await.unwrap();
    let first = ledger.sent(key(1), Some(100), NOW).await.unwrap();
    ledger.unknown(first, "no answer within 60 s", LATER).await.unwrap();
    assert!(store.unknown_calls(&[key(1)]).await.unwrap().contains(&key(1)));
    let second = ledger.sent(key(1), Some(100), NOW).await.unwrap();
    ledger.done(second, &answer("4", 60), LATER).await.unwrap();
    assert!(store.unknown_calls(&[key(1)]).await.unwrap().is_empty());
    let total = total(&store).await;
    assert_eq!((total.unknown, total.unknown_attempts), (0, 1));
    assert_eq!((total.spent_nano, total.reserved_nano), (60, 100));
}

#[tokio::test]
async fn a_second_run_that_pays_is_refused() {
    let (store, ledger, folder) = fresh().await;
    let again = Store::open(&folder.path().join("../").join(folder.path()).join("store.db")).await.unwrap();
    let error = Ledger::open(&again, NOW).await.unwrap_err();
    assert!(matches!(error, Error::LedgerInUse { .. }), "{error:?}");
    assert_eq!(again.call_totals().await.unwrap(), []);
    let clone = ledger.clone();
    ledger.close().await;
    assert!(matches!(clone.plan(&[call(1)]).await.unwrap_err(), Error::LedgerClosed));
    Ledger::open(&store, NOW).await.unwrap();
}

#[tokio::test]
async fn what_was_in_flight_is_unknown_to_the_next_run() {
    let (store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1), call(2)]).await.unwrap();
    let stale = ledger.sent(key(1), Some(100), NOW).await.unwrap();
    ledger.close().await;
    let ledger = Ledger::open(&store, LATER).await.unwrap();
    assert_eq!(ledger.interrupted(), 1);
    // The token of a dead run ends nothing.
    let error = ledger.done(stale, &answer("4", 60), LATER).await.unwrap_err();
    assert!(matches!(error, Error::AttemptEnded { number: 1, .. }), "{error:?}");
    assert_eq!(ledger.sent(key(1), Some(100), NOW).await.unwrap().number(), 2);
    assert_eq!(total(&store).await.reserved_nano, 200);
}

#[tokio::test]
async fn money_that_nobody_knows_is_counted_apart() {
    let (store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1), call(2)]).await.unwrap();
    let first = ledger.sent(key(1), None, NOW).await.unwrap();
    let _in_flight = ledger.sent(key(2), None, NOW).await.unwrap();
    let free_of_figures = Answer { cost_nano: None, input_tokens: None, ..answer("4", 0) };
    ledger.done(first, &free_of_figures, LATER).await.unwrap();
    let total = total(&store).await;
    assert_eq!((total.unpriced_attempts, total.at_most_nano(), total.input_tokens), (2, 0, 0));
}

#[tokio::test]
async fn absurd_figures_saturate() {
    let (store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1), call(2), call(3)]).await.unwrap();
    for n in [1, 2, 3] {
        let attempt = ledger.sent(key(n), Some(u64::MAX), NOW).await.unwrap();
        let absurd = Answer { input_tokens: Some(u64::MAX), ..answer("4", u64::MAX) };
        ledger.done(attempt, &absurd, LATER).await.unwrap();
    }
    let total = total(&store).await;
    assert_eq!((total.spent_nano, total.input_tokens, total.output_tokens), (u64::MAX, u64::MAX, 90));
}

#[tokio::test]
async fn every_attempt_can_be_looked_at() {
    let (store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1), call(2)]).await.unwrap();
    let first = ledger.sent(key(1), Some(100), NOW).await.unwrap();
    ledger.failed(first, &failure(7), LATER).await.unwrap();
    let _second = ledger.sent(key(1), Some(90), LATER).await.unwrap();
    let shown = store.call(key(1)).await.unwrap().unwrap();
    assert_eq!(shown.request, b"{\"n\":1}");
    let states: Vec<_> = shown.attempts.iter().map(|attempt| (attempt.number, attempt.state)).collect();
    assert_eq!(states, [(1, State::Failed), (2, State::Sent)]);
    assert_eq!(shown.attempts[0].body.as_deref(), Some(b"half a rep".as_slice()));
    assert_eq!(shown.attempts[0].cost_nano, Some(7));
    assert_eq!((shown.attempts[1].reserved_nano, &shown.attempts[1].ended), (Some(90), &None));
    assert_eq!(store.call(key(9)).await.unwrap(), None);

    let filter = CallFilter { state: Some(State::Sent), purpose: Some(Purpose::Critic), after: 0 };
    let listed = store.calls(&filter, 10).await.unwrap();
    assert_eq!(listed.iter().map(|line| (line.key, line.attempts)).collect::<Vec<_>>(), [(key(1), 2)]);
    let rest = CallFilter { after: listed[0].seq, ..CallFilter::default() };
    assert_eq!(store.calls(&rest, 10).await.unwrap()[0].state, State::Planned);
}

#[tokio::test]
async fn a_full_disk_fails_the_group_and_not_the_ledger() {
    let (store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1)]).await.unwrap();
    let attempt = ledger.sent(key(1), Some(100), NOW).await.unwrap();
    sqlx::query(
        "CREATE TRIGGER full BEFORE INSERT ON attempt_ends BEGIN SELECT RAISE(ROLLBACK, 'full'); END",
    )
    .execute(&store.pool)
    .await
    .unwrap();
    let error = ledger.done(attempt, &answer("4", 60), LATER).await.unwrap_err();
    assert!(matches!(error, Error::WriteLedger { .. }), "{error:?}");
    ledger.plan(&[call(2)]).await.unwrap();
    let total = total(&store).await;
    assert_eq!((total.sent, total.planned, total.reserved_nano), (1, 1, 100));
}

#[tokio::test]
async fn what_a_run_wrote_down_is_counted() {
    let (_store, ledger, _folder) = fresh().await;
    ledger.plan(&[call(1), call(2), call(3)]).await.unwrap();
    let mut attempts = vec![];
    for n in 1..=3 {
        attempts.push(ledger.sent(key(n), Some(100), NOW).await.unwrap());
    }
    ledger.unknown(attempts.pop().unwrap(), "timed out", LATER).await.unwrap();
    ledger.failed(attempts.pop().unwrap(), &failure(7), LATER).await.unwrap();
    ledger.done(attempts.pop().unwrap(), &answer("4", 60), LATER).await.unwrap();
    let unpriced = Answer { cost_nano: None, ..answer("5", 0) };
    ledger.plan(&[call(4)]).await.unwrap();
    let attempt = ledger.sent(key(4), None, NOW).await.unwrap();
    ledger.done(attempt, &unpriced, LATER).await.unwrap();
    let expected = RunCounts {
        requests: 4,
        answered: 2,
        failed: 1,
        unknown: 1,
        unpriced: 1,
        input_tokens: 300,
        output_tokens: 60,
        spent_nano: 67,
        reserved_nano: 100,
    };
    assert_eq!(ledger.clone().counts(), expected);
}

#[tokio::test]
async fn finished_calls_tell_what_they_took() {
    let (store, ledger, _folder) = fresh().await;
    let other = PlannedCall { model: "m2".into(), ..call(4) };
    ledger.plan(&[call(1), call(2), call(3), other]).await.unwrap();
    for n in [1, 2, 4] {
        let attempt = ledger.sent(key(n), None, NOW).await.unwrap();
        ledger.done(attempt, &answer("4", 60), LATER).await.unwrap();
    }
    let finished = async |limit| {
        let found = store.finished_calls(Purpose::Critic, &call(1).endpoint, "m1", limit).await.unwrap();
        assert!(found.iter().all(|call| (call.input_tokens, call.output_tokens) == (150, 30)));
        found.len()
    };
    assert_eq!((finished(10).await, finished(1).await), (2, 1));
}
