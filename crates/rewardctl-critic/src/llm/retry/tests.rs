use proptest::prelude::*;

use super::*;

fn failure(retry: Retry) -> CallFailure {
    CallFailure { reason: "x".into(), retry, status: Some(500), usage: None }
}

fn asked(seconds: u64) -> CallFailure {
    failure(Retry::Later { after: Some(Duration::from_secs(seconds)) })
}

fn check(attempt: u32, failure: &CallFailure, jitter: f64, expected_ms: Option<u64>) {
    let policy = RetryPolicy { max_attempts: 10, ..RetryPolicy::USUAL };
    assert_eq!(policy.delay(attempt, failure, jitter), expected_ms.map(Duration::from_millis));
}

#[test]
fn waits_double_up_to_the_cap() {
    let later = failure(Retry::Later { after: None });
    for (attempt, ms) in [(1, 500), (2, 1000), (3, 2000), (4, 4000), (5, 8000), (6, 8000), (9, 8000)] {
        check(attempt, &later, 1.0, Some(ms));
        check(attempt, &later, 0.5, Some(ms / 2));
    }
    check(1, &later, 0.0, Some(0));
    check(10, &later, 1.0, None);
}

#[test]
fn what_would_fail_again_is_not_tried_again() {
    check(1, &failure(Retry::Never), 0.5, None);
}

#[test]
fn the_server_is_waited_for_but_not_for_ever() {
    check(1, &asked(4), 0.0, Some(4000));
    check(1, &asked(4), 1.0, Some(5000));
    check(1, &asked(120), 0.0, Some(120_000));
    check(1, &asked(121), 0.0, None);
    check(1, &asked(0), 1.0, Some(0));
}

proptest! {
    #[test]
    fn no_wait_is_shorter_than_asked_or_longer_than_allowed(
        attempt in 0u32..100, seconds in proptest::option::of(0u64..200), jitter in any::<f64>(),
    ) {
        let after = seconds.map(Duration::from_secs);
        let policy = RetryPolicy { max_attempts: 50, ..RetryPolicy::USUAL };
        if let Some(wait) = policy.delay(attempt, &failure(Retry::Later { after }), jitter) {
            prop_assert!(attempt < 50);
            prop_assert!(wait >= after.unwrap_or_default());
            prop_assert!(wait <= after.map_or(policy.cap, |_| policy.longest_wait * 5 / 4));
        }
    }
}

#[test]
fn a_busy_server_is_asked_more_often_than_a_broken_one() {
    let failure = |status: u16| CallFailure {
        reason: String::new(),
        retry: Retry::Later { after: None },
        status: Some(status),
        usage: None,
    };
    let mut tries = Tries::default();
    let counted: Vec<u32> = (0..21).map(|_| tries.count(&failure(429))).collect();
    assert_eq!([counted[0], counted[9], counted[10], counted[20]], [1, 1, 2, 3]);
    assert_eq!(tries.count(&failure(500)), 4);
}
