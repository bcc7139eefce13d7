//! Times the Bradley-Terry fit on a file of `a,b,winner` lines, with a and b as numbers and the winner as 0 for a, 1 for b
//! and 2 for a tie; prints one line of JSON. `benches/ranking` calls it.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::time::Instant;
use std::{env, error, fs};

use rewardctl_core::bradley_terry::{Comparison, Tournament};
use rewardctl_core::label::Winner;

fn main() -> Result<(), Box<dyn error::Error>> {
    let path = env::args().nth(1).ok_or("name a file")?;
    let rounds: usize = env::args().nth(2).map_or(Ok(1), |rounds| rounds.parse())?;
    let mut comparisons = vec![];
    for (cluster, line) in fs::read_to_string(path)?.lines().enumerate() {
        let numbers: Vec<usize> = line.split(',').map(str::parse).collect::<Result<_, _>>()?;
        let [a, b, winner] = numbers[..] else { return Err("three numbers a line".into()) };
        let winner = match winner {
            0 => Winner::A,
            1 => Winner::B,
            _ => Winner::Tie,
        };
        comparisons.push(Comparison { a, b, winner, weight: 1.0, cluster });
    }
    let models = comparisons.iter().map(|row| row.a.max(row.b) + 1).max().unwrap_or(0);
    let (mut seconds, mut strengths) = (vec![], vec![]);
    for _ in 0..rounds {
        let start = Instant::now();
        let fitted = Tournament::new(models, &comparisons)?.fit(0.0)?;
        seconds.push(start.elapsed().as_secs_f64());
        strengths = fitted.log_odds;
    }
    let tournament = Tournament::new(models, &comparisons)?;
    let fitted = tournament.fit(0.0)?;
    let start = Instant::now();
    let resampled = tournament.intervals(&fitted, None, 1);
    let intervals = resampled.iter().filter(|model| model.log_odds.is_some()).count();
    let bootstrap = start.elapsed().as_secs_f64();
    println!(
        "{{\"seconds\": {seconds:?}, \"log_odds\": {strengths:?}, \"bootstrap_seconds\": {bootstrap}, \"intervals\": {intervals}}}"
    );
    Ok(())
}
