//! Many tasks at once, beside the store's own writer.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rewardctl_core::id::ContentId;
use rewardctl_core::panel::{Panel, Quorum};
use rewardctl_core::score::Score;
use rewardctl_core::verdict::{Outcome, Verdict};

use super::{LATER, NOW, answer, call, fresh, key, total};
use crate::ledger::{Ledger, PlannedCall};
use crate::open::Store;
use crate::save::{Batch, NewRun, VerdictRecord};

const TASKS: u64 = 64;

async fn work(ledger: Ledger, calls: Range<u64>, reply: String) {
    for n in calls {
        let attempt = ledger.sent(key(n), Some(100), NOW).await.unwrap();
        ledger.done(attempt, &answer(&reply, 60), LATER).await.unwrap();
    }
}

/// Saves batches of verdicts until told to stop; returns how many, and the longest wait for one.
async fn save_beside(store: Store, stop: Arc<AtomicBool>) -> (u32, Duration) {
    let version = ContentId::of("version", [b"1".as_slice()]);
    let quorum = Quorum { coverage: 0.0, dimensions: 0 };
    let panel = Panel { name: "test".into(), dimensions: vec![], slots: vec![], quorum };
    let new = NewRun { version, panel: &panel, seed: 1, inputs: &[], started: NOW };
    let run = store.begin_run(&new).await.unwrap();
    let scored = Outcome::Scored { score: Score::BEST, variance: None };
    let verdict = Verdict {
        critic: "rule.x".into(),
        dimension: "style".into(),
        outcome: scored,
        rationale: "r".repeat(500),
        spans: vec![],
        flagged: false,
        evidence: None,
    };
    let (mut batches, mut longest) = (0, Duration::ZERO);
    while !stop.load(Ordering::Relaxed) {
        let records = (0..500_u32).map(|n| {
            let id = ContentId::of("v", [(batches * 500 + n).to_le_bytes().as_slice()]);
            VerdictRecord::new(id, id, "rules", std::slice::from_ref(&verdict))
        });
        let batch = Batch { verdicts: records.collect(), ..Batch::default() };
        let begun = Instant::now();
        store.save(run, version, &batch).await.unwrap();
        longest = longest.max(begun.elapsed());
        batches += 1;
    }
    (batches, longest)
}

async fn plan(ledger: &Ledger, calls: u64) {
    let calls: Vec<PlannedCall> = (0..calls)
        .map(|n| PlannedCall { request: "a request of some words. ".repeat(40), ..call(n) })
        .collect();
    for calls in calls.chunks(1_000) {
        ledger.plan(calls).await.unwrap();
    }
}

/// Makes `each` calls in every task; returns the rows written a second.
async fn run(store: &Store, ledger: &Ledger, each: u64) -> f64 {
    let calls = TASKS * each;
    plan(ledger, calls).await;
    let reply = "a reply. ".repeat(100);
    let begun = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| tokio::spawn(work(ledger.clone(), task * each..(task + 1) * each, reply.clone())))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let took = begun.elapsed();
    let total = total(store).await;
    assert_eq!((total.done, total.attempts, total.spent_nano), (calls, calls, 60 * calls));
    (2 * calls) as f64 / took.as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tasks_share_the_disk() {
    let (store, ledger, _folder) = fresh().await;
    println!("{:.0} rows/s", run(&store, &ledger, 1_000).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_and_the_store_do_not_starve_each_other() {
    let (store, ledger, _folder) = fresh().await;
    let stop = Arc::new(AtomicBool::new(false));
    let beside = tokio::spawn(save_beside(store.clone(), stop.clone()));
    let rate = run(&store, &ledger, 200).await;
    stop.store(true, Ordering::Relaxed);
    let (batches, longest) = beside.await.unwrap();
    println!("{rate:.0} rows/s beside {batches} batches of 500, the slowest in {longest:?}");
    assert!(batches > 0);
}
