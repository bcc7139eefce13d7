//! A real process, killed with SIGKILL in the middle of its work.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{LATER, NOW, answer, call, key, open, total};
use crate::ledger::Ledger;

/// Tells the child where to work; without it the child has nothing to do.
const FOLDER: &str = "REWARDCTL_TEST_KILLED_FOLDER";
const TASKS: u64 = 8;

#[test]
fn what_was_said_to_be_on_disk_is_there_after_sigkill() {
    for lines in [1, 57, 400] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "ledger::tests::killed::child", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut seen: Vec<String> = said.by_ref().filter(|line| is_ours(line)).take(lines).collect();
        assert_eq!(seen.len(), lines, "the child ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        seen.extend(said.filter(|line| is_ours(line)));
        tokio::runtime::Runtime::new().unwrap().block_on(check(folder.path().into(), &seen));
    }
}

fn is_ours(line: &str) -> bool {
    line.starts_with("sent ") || line.starts_with("done ")
}

async fn check(folder: PathBuf, seen: &[String]) {
    let numbers = |word: &str| -> BTreeSet<u64> {
        seen.iter().filter_map(|line| line.strip_prefix(word)?.parse().ok()).collect()
    };
    let (sent, done) = (numbers("sent "), numbers("done "));
    let (store, ledger) = open(&folder).await;
    let keys: Vec<_> = sent.union(&done).map(|n| key(*n)).collect();
    let answers = store.answers(&keys).await.unwrap();
    let unknown = store.unknown_calls(&keys).await.unwrap();
    for n in &done {
        assert_eq!(answers[&key(*n)], answer(&n.to_string(), 60), "call {n} was paid for");
    }
    for n in &sent {
        let kept = answers.contains_key(&key(*n)) || unknown.contains(&key(*n));
        assert!(kept, "call {n} was sent and is forgotten");
    }
    let total = total(&store).await;
    assert!(ledger.interrupted() <= TASKS, "{} attempts in flight at once", ledger.interrupted());
    assert_eq!(total.reserved_nano, 100 * ledger.interrupted());
    assert_eq!(total.spent_nano, 60 * total.done);
    assert_eq!(total.attempts, total.done + ledger.interrupted());
}

/// Not a test of its own: the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (_store, ledger) = open(&PathBuf::from(folder)).await;
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(work(ledger.clone(), task))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn work(ledger: Ledger, task: u64) {
    for n in (task..).step_by(TASKS as usize) {
        ledger.plan(&[call(n)]).await.unwrap();
        let attempt = ledger.sent(key(n), Some(100), NOW).await.unwrap();
        say("sent", n);
        ledger.done(attempt, &answer(&n.to_string(), 60), LATER).await.unwrap();
        say("done", n);
    }
}

/// Standard output is a pipe: a line is written whole, or not at all.
fn say(word: &str, n: u64) {
    std::io::stdout().lock().write_all(format!("{word} {n}\n").as_bytes()).unwrap();
    std::io::stdout().flush().unwrap();
}
