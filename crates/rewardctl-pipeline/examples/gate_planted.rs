//! How often `gate` catches a regression that is planted in real outputs, and lets equal ones pass; the figures of
//! docs/gate.md. Reads a file that `score` wrote, with several responses to a prompt.
//!
//!     rewardctl score examples/answers.jsonl --panel rules -o rewards.jsonl
//!     cargo run --release -p rewardctl-pipeline --example gate_planted -- rewards.jsonl 2000
//!
//! Each run draws prompts with replacement, and for each two of its responses at random: equal before and after. A planted
//! regression puts the worst response of the prompt in place of the second, for a share of the prompts.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::BTreeMap;
use std::{env, error};

use rewardctl_core::gate::Ruling;
use rewardctl_core::non_inferiority::paired_power;
use rewardctl_core::power::paired;
use rewardctl_core::stream::Stream;
use rewardctl_data::measured::rewarded::RewardedRow;
use rewardctl_pipeline::gate::policy::{Policy, Rule};
use rewardctl_pipeline::gate::{Extent, GateSettings, gate};
use rewardctl_pipeline::ingest::{InputFile, OnBadRow};
use rewardctl_pipeline::rewarded::read;

const MARGIN: f64 = 0.05;
const PLANTED: [f64; 4] = [0.0, 0.1, 0.2, 0.4];

fn main() -> Result<(), Box<dyn error::Error>> {
    let path = env::args().nth(1).ok_or("name a file of rewards")?;
    let runs: u64 = env::args().nth(2).map_or(Ok(200), |runs| runs.parse())?;
    let gathered = read(&[InputFile { label: path.clone(), path: path.into() }], OnBadRow::Fail)?;
    let rows: Vec<RewardedRow> = gathered.rows.into_iter().map(|(_, row)| row).collect();
    let mut prompts: BTreeMap<&str, Vec<&RewardedRow>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.reward.is_some()) {
        prompts.entry(&row.item).or_default().push(row);
    }
    let prompts: Vec<Vec<&RewardedRow>> = prompts.into_values().filter(|rows| rows.len() > 1).collect();
    let policy =
        Policy { rule: vec![Rule { max_regression: Some(MARGIN), ..Rule::default() }], ..Policy::default() };
    println!("{} prompts, {runs} runs each, a fall of {MARGIN} allowed", prompts.len());
    println!("prompts  planted in  true fall  passes  promised  fails  promised  open");
    for count in [50, 100, 200, 400] {
        for share in PLANTED {
            let many = drawn(&prompts, 20_000, share, &mut Stream::new(1));
            let (fall, spread) = fall(&many);
            let promise = policy.promise();
            // What is shown: the mean lies above −margin, or below it.
            let passes = paired((MARGIN - fall) / spread, count as f64, promise.alpha, promise.sides);
            let fails = paired((fall - MARGIN) / spread, count as f64, promise.alpha, promise.sides);
            let mut rulings = BTreeMap::new();
            for run in 0..runs {
                let pairs = drawn(&prompts, count, share, &mut Stream::of(run, "planted", count as u64));
                let (old, new): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
                let settings = GateSettings { seed: run, extent: Extent::All, listed: 0 };
                *rulings.entry(gate(&new, Some(&old), &policy, settings)?.ruling).or_insert(0u64) += 1;
            }
            let rate = |ruling| *rulings.get(&ruling).unwrap_or(&0) as f64 / runs as f64;
            println!(
                "{count:>7}  {:>9.0} %  {fall:>9.3}  {:>6.3}  {passes:>8.3}  {:>5.3}  {fails:>8.3}  {:>4.3}",
                share * 100.0,
                rate(Ruling::Pass),
                rate(Ruling::Fail),
                rate(Ruling::NotEnoughEvidence)
            );
        }
        let spread = fall(&drawn(&prompts, 20_000, 0.0, &mut Stream::new(1))).1;
        let power = paired_power(count as u64, spread, MARGIN, policy.promise());
        let detectable = power.and_then(|power| power.detectable);
        println!(
            "         differences from {:.3} on are found with {count} prompts",
            detectable.unwrap_or(1.0)
        );
    }
    Ok(())
}

/// Draws prompts, each with a response before and one after, as prompts of their own.
fn drawn(
    prompts: &[Vec<&RewardedRow>],
    count: usize,
    planted: f64,
    stream: &mut Stream,
) -> Vec<(RewardedRow, RewardedRow)> {
    let mut one = |number: usize| {
        let rows = &prompts[stream.below(prompts.len())];
        let before = rows[stream.below(rows.len())];
        let mut after = rows[stream.below(rows.len())];
        if stream.unit() < planted {
            after = rows
                .iter()
                .copied()
                .min_by(|a, b| a.reward.unwrap_or(0.0).total_cmp(&b.reward.unwrap_or(0.0)))
                .unwrap_or(after);
        }
        let named = |row: &RewardedRow, side: &str| RewardedRow {
            item: format!("{number}"),
            generator: None,
            response: format!("{side} {}", row.response),
            ..row.clone()
        };
        (named(before, "before"), named(after, "after"))
    };
    (0..count).map(&mut one).collect()
}

/// Returns by how much the mean falls, and the standard deviation of the differences.
fn fall(pairs: &[(RewardedRow, RewardedRow)]) -> (f64, f64) {
    let differences: Vec<f64> =
        pairs.iter().map(|(old, new)| new.reward.unwrap_or(0.0) - old.reward.unwrap_or(1.0)).collect();
    let moments = rewardctl_core::moments::Moments::of(&differences);
    (-moments.mean, moments.spread())
}
