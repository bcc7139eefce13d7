//! Tells of endpoints that do not answer, so that nobody waits without knowing for what.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::sync::Weak;
use std::time::Duration;

use jiff::Timestamp;
use rewardctl_pipeline::call::Caller;
use rewardctl_pipeline::line::Silent;
use tokio::time::{Instant, sleep};

use crate::show::{printable, say};

/// How often it is looked for them.
const LOOK: Duration = Duration::from_secs(1);

/// A shorter silence of fewer tries is a fault as every server has some.
const LEAST: (Duration, u32) = (Duration::from_secs(5), 3);

/// How often a silence is told of again.
const AGAIN: Duration = Duration::from_secs(30);

/// Characters of an endpoint's reason that are shown.
const REASON_WIDTH: usize = 120;

/// Returns to the head of the line and clears it: the progress line may stand there.
const CLEAR: &str = "\r\u{1b}[2K";

/// Writes lines about endpoints that do not answer, as long as there is somebody who asks them.
pub async fn tell(caller: Weak<Caller>) {
    let mut told: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        sleep(LOOK).await;
        let Some(silent) = caller.upgrade().map(|caller| caller.silent()) else { return };
        told.retain(|name, _| {
            let is_silent = silent.iter().any(|one| one.endpoint == *name);
            if !is_silent {
                say_over_progress(&format!("endpoint `{name}` answers again"));
            }
            is_silent
        });
        for one in silent.iter().filter(|one| is_worth_telling(one)) {
            if told.get(&one.endpoint).is_none_or(|when| when.elapsed() >= AGAIN) {
                told.insert(one.endpoint.clone(), Instant::now());
                say_over_progress(&in_words(one, Timestamp::now()));
            }
        }
    }
}

fn is_worth_telling(silent: &Silent) -> bool {
    let (lasting, failures) = LEAST;
    silent.left.is_some() || (silent.lasting >= lasting && silent.failures >= failures)
}

fn in_words(silent: &Silent, now: Timestamp) -> String {
    let Silent { endpoint, failures, lasting, left, reason } = silent;
    let waits = match left {
        Some(left) => {
            let until = (now + *left).strftime("%H:%M:%S");
            format!("it is waited for until {until} UTC, {} s from now, then the run ends", left.as_secs())
        }
        None => "it is tried again".into(),
    };
    let reason = printable(reason, REASON_WIDTH);
    format!(
        "endpoint `{endpoint}` does not answer: {failures} tries in a row failed in {} s ({reason}); {waits}",
        lasting.as_secs()
    )
}

fn say_over_progress(line: &str) {
    let clear = if stderr().is_terminal() { CLEAR } else { "" };
    say(format!("{clear}{line}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent(left: Option<u64>, failures: u32, lasting: u64) -> Silent {
        Silent {
            endpoint: "main".into(),
            failures,
            lasting: Duration::from_secs(lasting),
            left: left.map(Duration::from_secs),
            reason: "connection refused".into(),
        }
    }

    #[test]
    fn it_says_how_often_it_was_tried_and_until_when_it_is_waited_for() {
        let now: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        assert_eq!(
            in_words(&silent(Some(290), 21, 12), now),
            "endpoint `main` does not answer: 21 tries in a row failed in 12 s (connection refused); \
             it is waited for until 12:04:50 UTC, 290 s from now, then the run ends"
        );
        assert!(in_words(&silent(None, 3, 6), now).ends_with("it is tried again"));
    }

    #[test]
    fn single_faults_are_not_told_of() {
        assert!(!is_worth_telling(&silent(None, 2, 60)));
        assert!(!is_worth_telling(&silent(None, 30, 1)));
        assert!(is_worth_telling(&silent(None, 3, 5)));
        assert!(is_worth_telling(&silent(Some(300), 20, 0)));
    }
}
