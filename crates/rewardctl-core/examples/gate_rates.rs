//! How often the tests behind gates and comparisons are wrong, by simulation; the figures of docs/gate.md and
//! docs/compare.md.
//!
//!     cargo run --release -p rewardctl-core --example gate_rates -- 4000

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::env;

use rewardctl_core::betting::Betting;
use rewardctl_core::gate::{Claim, Evidence, Finding, PassIf, Ruling, RulingSettings, rule};
use rewardctl_core::mean_test::{Question, mean_test};
use rewardctl_core::multiplicity::Correction;
use rewardctl_core::non_inferiority::{Pair, paired_power, worst_and_best};
use rewardctl_core::power::{Promise, Sides};
use rewardctl_core::stream::Stream;

const MARGIN: f64 = 0.02;
const PROMISE: Promise = Promise { alpha: 0.05, power: 0.8, sides: Sides::One };

fn main() {
    let runs: u64 = env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(1000);
    println!(
        "{runs} runs each; a share of 5 % has a standard error of {:.2} %",
        100.0 * (0.0475 / runs as f64).sqrt()
    );
    against_a_baseline(runs);
    thresholds(runs);
    many_checks(runs);
    looking_all_the_time(runs);
}

/// Prompts of unlike difficulty, answered twice; the second time worse by `drop`.
fn pairs(stream: &mut Stream, count: usize, drop: f64) -> Vec<Pair> {
    let mut pair = || {
        let hard = 0.5 + 0.15 * stream.normal();
        let mut value = |drop: f64| (hard - drop + 0.08 * stream.normal()).clamp(0.0, 1.0);
        let (before, after) = (value(0.0), value(drop));
        Pair { before: (before, before), after: (after, after) }
    };
    (0..count).map(|_| pair()).collect()
}

fn against_a_baseline(runs: u64) {
    println!(
        "\nagainst a baseline, margin {MARGIN}\nprompts  equal: passes  promised  fails  | worse by the margin: passes | worse by what is detectable: fails  promised"
    );
    let spread = {
        let many = pairs(&mut Stream::new(1), 100_000, 0.0);
        worst_and_best(&many, MARGIN, 0.05).map_or(0.0, |(worst, _)| worst.spread)
    };
    for count in [10, 20, 50, 100, 200, 500] {
        let power = paired_power(count as u64, spread, MARGIN, PROMISE);
        let detectable = power.and_then(|power| power.detectable);
        let share = |drop: f64, is: fn(f64, f64) -> bool| {
            let hit = |run: &u64| {
                let pairs = pairs(&mut Stream::of(*run, "pairs", count as u64), count, drop);
                worst_and_best(&pairs, MARGIN, 0.05)
                    .is_some_and(|(worst, best)| is(worst.p_at_most, best.p_at_least))
            };
            (0..runs).filter(hit).count() as f64 / runs as f64
        };
        let passes: fn(f64, f64) -> bool = |broken, _| broken <= 0.05;
        let fails: fn(f64, f64) -> bool = |_, holds| holds <= 0.05;
        println!(
            "{count:>7}  {:>13.3}  {:>8.3}  {:>5.3}  | {:>27.3} | {:>35.3}  {:>8.3}",
            share(0.0, passes),
            power.map_or(0.0, |power| power.equal_passes),
            share(0.0, fails),
            share(MARGIN, passes),
            share(MARGIN + detectable.unwrap_or(0.0), fails),
            PROMISE.power,
        );
    }
}

type Draw = (&'static str, f64, fn(&mut Stream) -> f64);

/// Distributions that are kind, and some that are not: hardly any failures, hardly any successes, two heaps.
const DRAWS: [Draw; 5] = [
    ("even", 0.5, |stream| stream.unit()),
    ("mostly 1", 0.95, |stream| f64::from(u8::from(stream.unit() < 0.95))),
    ("mostly .9", 0.83, |stream| if stream.unit() < 0.1 { 0.2 } else { 0.9 }),
    ("mostly .1", 0.17, |stream| if stream.unit() < 0.1 { 0.8 } else { 0.1 }),
    ("narrow", 0.7, |stream| 0.7 + 0.1 * (stream.unit() - 0.5)),
];

fn thresholds(runs: u64) {
    println!(
        "\na mean that lies on its threshold: how often it passes and how often it fails (5 % promised)"
    );
    for count in [3, 10, 20, 50, 200] {
        let mut line = format!("{count:>5}");
        for (name, mean, draw) in DRAWS {
            let (mut passes, mut fails) = (0u64, 0u64);
            for run in 0..runs {
                let mut stream = Stream::of(run, name, count);
                let values: Vec<f64> = (0..count).map(|_| draw(&mut stream)).collect();
                let question = Question { range: (0.0, 1.0), threshold: mean, alpha: 0.05 };
                if let Some(found) = mean_test(&values, question) {
                    passes += u64::from(found.p_at_most <= 0.05);
                    fails += u64::from(found.p_at_least <= 0.05);
                }
            }
            line += &format!("  {name} {:.3}/{:.3}", passes as f64 / runs as f64, fails as f64 / runs as f64);
        }
        println!("{line}");
    }
}

fn many_checks(runs: u64) {
    println!("\nten slices on their threshold: how often any fails, and how often all pass");
    for correction in [Correction::Holm, Correction::None] {
        let (mut any, mut all) = (0u64, 0u64);
        for run in 0..runs {
            let check = |number: u64| {
                let mut stream = Stream::of(run, "checks", number);
                let values: Vec<f64> = (0..40).map(|_| stream.unit()).collect();
                let question = Question { range: (0.0, 1.0), threshold: 0.5, alpha: 0.05 };
                let found = mean_test(&values, question);
                let finding = found.map_or(Finding::Nothing, |found| {
                    Finding::Estimate(Evidence {
                        broken: found.p_at_most,
                        holds: found.p_at_least,
                        holds_at_worst: found.p_at_least,
                        observed: found.mean >= 0.5,
                    })
                });
                Claim { finding, pass_if: PassIf::Shown, family: 0 }
            };
            let findings: Vec<_> = (0..10).map(check).collect();
            let ruled = rule(&findings, RulingSettings { alpha: 0.05, correction });
            any += u64::from(ruled.iter().any(|ruled| ruled.ruling == Ruling::Fail));
            all += u64::from(ruled.iter().all(|ruled| ruled.ruling == Ruling::Pass));
        }
        println!(
            "{correction:?}: any fails {:.3}, all pass {:.4}",
            any as f64 / runs as f64,
            all as f64 / runs as f64
        );
    }
}

/// Looks after every number, up to a thousand, and stops at the first alarm.
fn looking_all_the_time(runs: u64) {
    println!(
        "\na look after every number, up to 1,000: how often a true mean is ever refuted at 5 %, by bets and by a z test"
    );
    for (name, mean, draw) in DRAWS {
        let (mut by_bets, mut by_z) = (0u64, 0u64);
        for run in 0..runs {
            let mut stream = Stream::of(run, name, 0);
            let values: Vec<f64> = (0..1000).map(|_| draw(&mut stream)).collect();
            by_bets += u64::from(Betting::at_any_time(&values, 0.025).refuted_after(mean, 0.05).is_some());
            by_z += u64::from(z_ever_refutes(&values, mean));
        }
        println!("{name:>10}: bets {:.4}, z {:.3}", by_bets as f64 / runs as f64, by_z as f64 / runs as f64);
    }
}

/// Tells whether a z test at 5 % refutes the mean at any time from the tenth number on.
fn z_ever_refutes(values: &[f64], mean: f64) -> bool {
    let (mut sum, mut squares) = (0.0, 0.0);
    values.iter().enumerate().any(|(place, value)| {
        let count = place as f64 + 1.0;
        (sum, squares) = (sum + value, squares + value * value);
        let average = sum / count;
        let variance = (squares / count - average * average).max(0.0) * count / (count - 1.0).max(1.0);
        count >= 10.0 && (average - mean).abs() > 1.96 * (variance / count).sqrt()
    })
}
