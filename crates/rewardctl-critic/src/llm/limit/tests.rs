use proptest::prelude::*;

use super::bucket::parse_reset;
use super::*;
use crate::llm::completion::Usage;

fn limits(requests: u32, tokens: u32, concurrency: u32) -> Limits {
    Limits {
        requests_per_minute: NonZeroU32::new(requests),
        tokens_per_minute: NonZeroU32::new(tokens),
        concurrency: NonZeroU32::new(concurrency).unwrap(),
    }
}

fn answered(tokens: u64) -> Result<Completion, CallFailure> {
    let usage = Some(Usage { input_tokens: tokens, ..Usage::default() });
    Ok(Completion { id: String::new(), model: String::new(), choices: vec![], usage })
}

fn refused(status: u16) -> Result<Completion, CallFailure> {
    let retry = Retry::Later { after: None };
    Err(CallFailure { reason: String::new(), retry, status: Some(status), usage: None })
}

fn headers(pairs: &[(&str, &str)]) -> Headers {
    pairs.iter().map(|(name, value)| (format!("x-ratelimit-{name}"), value.to_string())).collect()
}

/// Makes `calls` calls one after the other, each reserving and using `tokens`; returns the seconds that took.
async fn pace(limiter: &Limiter, calls: u32, tokens: u64) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        limiter.acquire(tokens).await.settle(&answered(tokens), &Headers::new());
    }
    (Instant::now() - start).as_secs_f64()
}

#[track_caller]
fn near(seconds: f64, expected: f64) {
    assert!((seconds - expected).abs() < 0.05 + expected * 0.01, "{seconds} s, not {expected} s");
}

#[tokio::test(start_paused = true)]
async fn requests_keep_to_their_rate() {
    // Two a second: two at once, then one every half second.
    near(pace(&Limiter::new(&limits(120, 0, 8)), 62, 1).await, 30.0);
}

#[tokio::test(start_paused = true)]
async fn tokens_keep_to_their_rate_even_in_calls_larger_than_the_bucket() {
    // A hundred a second; the first call of 500 starts at once and each further one when the debt is paid.
    near(pace(&Limiter::new(&limits(0, 6000, 8)), 11, 500).await, 50.0);
}

#[tokio::test(start_paused = true)]
async fn without_limits_nothing_waits() {
    near(pace(&Limiter::new(&limits(0, 0, 1)), 1000, 1_000_000).await, 0.0);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_were_not_used_come_back() {
    let limiter = Limiter::new(&limits(0, 60_000, 8));
    let start = Instant::now();
    for _ in 0..10 {
        limiter.acquire(1000).await.settle(&answered(0), &Headers::new());
    }
    near((Instant::now() - start).as_secs_f64(), 0.0);
}

#[tokio::test(start_paused = true)]
async fn tokens_used_beyond_the_estimate_are_paid_for() {
    let limiter = Limiter::new(&limits(0, 60_000, 8));
    limiter.acquire(1000).await.settle(&answered(6000), &Headers::new());
    near(pace(&limiter, 1, 1000).await, 6.0);
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_are_under_way_than_allowed_and_they_start_in_order() {
    let limiter = Limiter::new(&limits(0, 0, 3));
    let start = Instant::now();
    let order = Arc::new(Mutex::new(vec![]));
    let under_way = Arc::new(std::sync::atomic::AtomicI32::new(0));
    let calls = (0..20).map(|number| {
        let (limiter, order, under_way) = (limiter.clone(), order.clone(), under_way.clone());
        tokio::spawn(async move {
            let mut permit = limiter.acquire(1).await;
            permit.leave().await;
            order.lock().unwrap().push(number);
            assert!(under_way.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 3);
            tokio::time::sleep(Duration::from_millis(10)).await;
            under_way.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            permit.come_back();
            // What comes after a call takes no place.
            tokio::time::sleep(Duration::from_millis(2)).await;
            permit.settle(&answered(1), &Headers::new());
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
    near((Instant::now() - start).as_secs_f64(), 0.072);
}

#[tokio::test(start_paused = true)]
async fn a_call_or_a_wait_that_is_dropped_leaves_its_place() {
    let limiter = Limiter::new(&limits(0, 0, 1));
    let held = limiter.acquire(1).await;
    let waited = tokio::time::timeout(Duration::from_secs(1), limiter.acquire(1)).await;
    assert!(waited.is_err());
    drop(held);
    limiter.acquire(1).await.settle(&answered(1), &Headers::new());
}

#[tokio::test(start_paused = true)]
async fn an_overload_halves_once_for_all_calls_that_met_it() {
    let limiter = Limiter::new(&limits(0, 0, 16));
    let mut permits = vec![];
    for _ in 0..16 {
        permits.push(limiter.acquire(1).await);
    }
    for permit in permits {
        permit.settle(&refused(429), &Headers::new());
    }
    assert_eq!(limiter.concurrency(), 8);
    for expected in [4, 2, 1, 1] {
        limiter.acquire(1).await.settle(&refused(503), &Headers::new());
        assert_eq!(limiter.concurrency(), expected);
    }
    limiter.acquire(1).await.settle(&refused(400), &Headers::new());
    assert_eq!(limiter.concurrency(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_call_starts_while_an_overloaded_endpoint_rests() {
    let limiter = Limiter::new(&limits(0, 0, 4));
    let asked = |seconds: u64| {
        let retry = Retry::Later { after: Some(Duration::from_secs(seconds)) };
        Err(CallFailure { reason: String::new(), retry, status: Some(429), usage: None })
    };
    // Fewer at once may be enough.
    limiter.acquire(1).await.settle(&asked(100), &Headers::new());
    let (first, second) = (limiter.acquire(1).await, limiter.acquire(1).await);
    first.settle(&asked(7), &Headers::new());
    second.settle(&asked(3), &Headers::new());
    near(pace(&limiter, 5, 1).await, 7.0);
    for _ in 0..2 {
        limiter.acquire(1).await.settle(&asked(100_000), &Headers::new());
    }
    near(pace(&limiter, 5, 1).await, 60.0);
}

#[tokio::test(start_paused = true)]
async fn each_round_of_successes_allows_one_more_up_to_the_limit() {
    let limiter = Limiter::new(&limits(0, 0, 4));
    limiter.acquire(1).await.settle(&refused(429), &Headers::new());
    limiter.acquire(1).await.settle(&refused(429), &Headers::new());
    assert_eq!(limiter.concurrency(), 1);
    for expected in [2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4] {
        limiter.acquire(1).await.settle(&answered(1), &Headers::new());
        assert_eq!(limiter.concurrency(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_has_nothing_left_is_waited_for() {
    let limiter = Limiter::new(&limits(0, 0, 8));
    let told = headers(&[("limit-requests", "60"), ("remaining-requests", "0"), ("reset-requests", "1m0s")]);
    limiter.acquire(1).await.settle(&answered(1), &told);
    near(pace(&limiter, 10, 1).await, 10.0);
}

#[tokio::test(start_paused = true)]
async fn a_daily_limit_is_told_by_its_reset() {
    let limiter = Limiter::new(&limits(0, 0, 8));
    let told =
        headers(&[("limit-requests", "200"), ("remaining-requests", "0"), ("reset-requests", "24h0m0s")]);
    limiter.acquire(1).await.settle(&answered(1), &told);
    near(pace(&limiter, 2, 1).await, 864.0);
}

#[tokio::test(start_paused = true)]
async fn what_azure_does_not_know_and_what_was_given_is_left_alone() {
    let unknown = headers(&[("limit-tokens", "-1"), ("remaining-tokens", "-1"), ("reset-tokens", "-1")]);
    let limiter = Limiter::new(&limits(0, 0, 8));
    limiter.acquire(1).await.settle(&answered(1), &unknown);
    near(pace(&limiter, 100, 1000).await, 0.0);
    let told = headers(&[("limit-requests", "1"), ("remaining-requests", "0"), ("reset-requests", "60")]);
    let given = Limiter::new(&limits(6000, 0, 8));
    given.acquire(1).await.settle(&answered(1), &told);
    near(pace(&given, 10, 1).await, 0.0);
}

#[test]
fn resets_are_read_as_go_writes_them() {
    let check =
        |text: &str, ms: Option<u64>| assert_eq!(parse_reset(text), ms.map(Duration::from_millis), "{text}");
    for (text, ms) in
        [("1s", 1000), ("6m0s", 360_000), ("120ms", 120), ("1h2m3.5s", 3_723_500), ("59.7s", 59_700)]
    {
        check(text, Some(ms));
    }
    for (text, ms) in [("12", 12_000), ("0.5", 500), ("0", 0), ("0s", 0), ("1500us", 1)] {
        assert_eq!(parse_reset(text).map(|reset| reset.as_millis() as u64), Some(ms), "{text}");
    }
    for nonsense in ["-1", "s", "1x", "1.2.3s", "soon", "2025-01-01T00:00:00Z", "1e400"] {
        check(nonsense, None);
    }
}

proptest! {
    #[test]
    fn hostile_headers_neither_panic_nor_stop_everything(limit in "[0-9.eE+-]{0,12}", remaining in "[0-9.eE+-]{0,12}", reset in "[0-9a-zµ.]{0,12}") {
        let mut bucket = Bucket::new(None, Instant::now());
        let told = headers(&[("limit-x", &limit), ("remaining-x", &remaining), ("reset-x", &reset)]);
        bucket.learn(&told, "x", Instant::now());
        prop_assert!(bucket.wait(1.0, Instant::now()) <= Duration::from_secs(60));
    }
}
