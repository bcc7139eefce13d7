use super::*;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn go(breaker: &mut Breaker, now: Instant) -> Pass {
    match breaker.pass(now, now) {
        Passage::Go(pass) => pass,
        other => panic!("{other:?}"),
    }
}

/// Reports `count` calls that all started and ended at `now`; returns whether the breaker changed.
fn report(breaker: &mut Breaker, health: Health, count: u32, now: Instant) -> bool {
    (0..count).any(|_| {
        let pass = go(breaker, now);
        breaker.record(pass, health, now)
    })
}

fn opened(now: Instant) -> Breaker {
    let mut breaker = Breaker::new(BreakerSettings::USUAL);
    assert!(report(&mut breaker, Health::Sick, 20, now));
    breaker
}

#[test]
fn it_opens_at_half_of_twenty_calls() {
    let now = Instant::now();
    let mut breaker = Breaker::new(BreakerSettings::USUAL);
    assert!(!report(&mut breaker, Health::Sick, 19, now));
    assert!(report(&mut breaker, Health::Well, 1, now));
    let mut healthy = Breaker::new(BreakerSettings::USUAL);
    assert!(!report(&mut healthy, Health::Well, 11, now));
    assert!(!report(&mut healthy, Health::Sick, 10, now));
    assert!(report(&mut healthy, Health::Sick, 1, now));
}

#[test]
fn what_is_older_than_the_window_does_not_count() {
    let now = Instant::now();
    let mut breaker = Breaker::new(BreakerSettings::USUAL);
    assert!(!report(&mut breaker, Health::Sick, 19, now));
    assert!(!report(&mut breaker, Health::Sick, 19, now + seconds(31)));
}

#[test]
fn open_it_lets_one_call_try_after_the_pause() {
    let now = Instant::now();
    let mut breaker = opened(now);
    assert_eq!(breaker.pass(now, now), Passage::Wait(now + seconds(1)));
    let later = now + seconds(1);
    let probe = go(&mut breaker, later);
    assert_eq!(breaker.pass(now, later), Passage::Wait(later + seconds(1)));
    assert!(breaker.record(probe, Health::Well, later));
    go(&mut breaker, later);
}

#[test]
fn the_pause_doubles_with_each_failed_try_up_to_a_limit() {
    let mut now = Instant::now();
    let mut breaker = opened(now);
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(breaker.pass(now, now), Passage::Wait(now + seconds(pause)));
        now += seconds(pause);
        let probe = go(&mut breaker, now);
        assert!(breaker.record(probe, Health::Sick, now));
    }
}

#[test]
fn a_try_that_never_reports_does_not_keep_it_open() {
    let now = Instant::now();
    let mut breaker = opened(now);
    go(&mut breaker, now + seconds(1));
    go(&mut breaker, now + seconds(2));
}

#[test]
fn calls_from_before_it_opened_do_not_close_it() {
    let now = Instant::now();
    let mut breaker = Breaker::new(BreakerSettings::USUAL);
    let early = go(&mut breaker, now);
    assert!(report(&mut breaker, Health::Sick, 20, now));
    assert!(!breaker.record(early, Health::Well, now));
    assert!(matches!(breaker.pass(now, now), Passage::Wait(_)));
}

#[test]
fn a_call_waits_only_so_long() {
    let now = Instant::now();
    let mut breaker = opened(now);
    let mut at = now;
    // Whoever tries keeps failing, while this call waits.
    while at < now + seconds(300) {
        assert!(!matches!(breaker.pass(now, at), Passage::GiveUp));
        at += seconds(1);
        if let Passage::Go(pass) = breaker.pass(at, at) {
            breaker.record(pass, Health::Sick, at);
        }
    }
    assert_eq!(breaker.pass(now, now + seconds(300)), Passage::GiveUp);
}

#[test]
fn refusals_are_no_illness() {
    let failed = |status| {
        let retry = crate::llm::completion::Retry::Never;
        Health::of(&Err(CallFailure { reason: String::new(), retry, status, usage: None }))
    };
    for status in [None, Some(200), Some(408), Some(500), Some(503)] {
        assert_eq!(failed(status), Health::Sick);
    }
    for status in [Some(400), Some(401), Some(429)] {
        assert_eq!(failed(status), Health::Well);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_start_when_the_endpoint_is_back() {
    let gate = Gate::new(BreakerSettings::USUAL);
    for _ in 0..20 {
        gate.record(gate.pass().await.unwrap(), Health::Sick);
    }
    let start = Instant::now();
    let (first, second) = tokio::join!(gate.pass(), async {
        tokio::task::yield_now().await;
        gate.pass().await
    });
    assert!(first.is_some() && second.is_some());
    // The second waits a further pause, because the first never reports.
    assert_eq!((Instant::now() - start).as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_too_long_gives_up() {
    let settings = BreakerSettings { longest_wait: Duration::from_millis(500), ..BreakerSettings::USUAL };
    let gate = Gate::new(settings);
    for _ in 0..20 {
        gate.record(gate.pass().await.unwrap(), Health::Sick);
    }
    assert_eq!(gate.pass().await, None);
}

#[test]
fn a_silence_is_counted_until_a_call_is_answered() {
    let now = Instant::now();
    let mut breaker = opened(now);
    assert_eq!(breaker.silence(), Some(Silence { failures: 20, since: now, until: None }));
    let (first, later) = (now + seconds(1), now + seconds(2));
    let probe = go(&mut breaker, later);
    assert_eq!(breaker.pass(first, later), Passage::Wait(later + seconds(1)));
    assert!(breaker.record(probe, Health::Sick, later));
    breaker.pass(later, later);
    let until = Some(first + BreakerSettings::USUAL.longest_wait);
    assert_eq!(breaker.silence(), Some(Silence { failures: 21, since: now, until }));
    let probe = go(&mut breaker, later + seconds(2));
    assert!(breaker.record(probe, Health::Well, later + seconds(2)));
    assert_eq!(breaker.silence(), None);
}
