//! Intervals of strengths and win rates: whole clusters are drawn again, and the strengths fitted anew each time.

use crate::bootstrap;
use crate::bradley_terry::Tournament;
use crate::bradley_terry::connected::apart;
use crate::bradley_terry::fit::{Search, Strengths};
use crate::bradley_terry::tally::Tally;

/// The intervals of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampled {
    /// The 95 % interval of its strength, less that of the anchor or the mean of all.
    pub log_odds: Option<(f64, f64)>,
    /// The 95 % interval of its win rate.
    pub win_rate: Option<(f64, f64)>,
}

impl Tournament {
    /// Returns the bootstrap intervals of all models, the strengths less that of `anchor`, or less their mean.
    ///
    /// An interval is None with fewer than two clusters, and where more than a few samples have no estimate, which happens
    /// to strengths where some model has hardly any wins or losses; a ridge avoids it.
    pub fn intervals(&self, strengths: &Strengths, anchor: Option<usize>, seed: u64) -> Vec<Resampled> {
        let mut search = Search::new(self.models, strengths.ridge);
        search.log_odds.clone_from(&strengths.log_odds);
        // Leaves the Hessian for the samples to start with; where it fails, so do they.
        let is_settled = search.settle(&self.tally(None)).is_ok();
        let statistics = |drawn: &[u32]| {
            let tally = self.tally(Some(drawn));
            let log_odds = if is_settled { fitted(&tally, search.clone(), strengths.ridge) } else { None };
            let log_odds = log_odds.map(|log_odds| anchored(&log_odds, anchor));
            let mut figures = match log_odds {
                Some(log_odds) => log_odds.into_iter().map(Some).collect(),
                None => vec![None; self.models],
            };
            figures.extend(win_rates(&tally));
            figures
        };
        let mut intervals = bootstrap::interval_list(self.clusters, seed, 2 * self.models, statistics);
        let rates = intervals.split_off(self.models);
        let both = intervals.into_iter().zip(rates);
        both.map(|(log_odds, win_rate)| Resampled { log_odds, win_rate }).collect()
    }
}

fn fitted(tally: &Tally<'_>, mut search: Search, ridge: f64) -> Option<Vec<f64>> {
    if ridge == 0.0 && apart(tally).is_some() {
        return None;
    }
    search.settle(tally).ok()?;
    Some(search.log_odds)
}

/// Returns the strengths less that of the anchor, or less their mean.
pub fn anchored(log_odds: &[f64], anchor: Option<usize>) -> Vec<f64> {
    let mean = || log_odds.iter().sum::<f64>() / log_odds.len() as f64;
    let zero = anchor.and_then(|anchor| log_odds.get(anchor).copied()).unwrap_or_else(mean);
    log_odds.iter().map(|theta| theta - zero).collect()
}

/// Returns the share that each model won; None for one that was not compared.
fn win_rates(tally: &Tally<'_>) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0.0); tally.models];
    for score in tally.scores() {
        for (model, won) in [(score.a, score.a_won), (score.b, score.b_won)] {
            sums[model].0 += won;
            sums[model].1 += score.a_won + score.b_won;
        }
    }
    sums.into_iter().map(|(won, count)| (count > 0.0).then(|| won / count)).collect()
}
