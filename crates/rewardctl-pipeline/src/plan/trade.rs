//! The trade of a cascade: what its first tier would take with other limits of uncertainty.

use serde::Serialize;

use crate::plan::count::{Amount, Count, Terms};

/// Limits that are tried, in hundredths: a reward in 0..=1 cannot be more uncertain than 0.5.
const STEP: u32 = 5;
const LAST: u32 = 50;

/// What the first tier would take with one limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Trade {
    /// The limit; None asks about every response.
    pub max_uncertainty: Option<f64>,
    /// Responses that are more uncertain, or have no reward without LLM critics.
    pub responses: u64,
    /// What they would likely take.
    pub likely: Amount,
}

/// Sums for each limit.
#[derive(Debug)]
pub struct Trades {
    limits: Vec<Limit>,
    // Limits up to the panel's own are always shown.
    own: f64,
}

#[derive(Debug)]
struct Limit {
    above: Option<f64>,
    responses: u64,
    // Per critic.
    counts: Vec<Count>,
}

impl Trades {
    /// Starts with the usual limits and the panel's `own`, for so many critics.
    pub fn new(own: Option<f64>, critics: usize) -> Self {
        let usual = (0..=LAST / STEP).map(|step| f64::from(step * STEP) / 100.0);
        let mut limits: Vec<f64> = usual.chain(own).collect();
        limits.sort_by(f64::total_cmp);
        limits.dedup();
        let all = std::iter::once(None).chain(limits.into_iter().map(Some));
        let limit = |above| Limit { above, responses: 0, counts: vec![Count::default(); critics] };
        Self { limits: all.map(limit).collect(), own: own.unwrap_or(0.0) }
    }

    /// Counts responses by the uncertainty of their reward so far; None has none.
    pub fn add_responses(&mut self, uncertainties: &[Option<f64>]) {
        for limit in &mut self.limits {
            let above = uncertainties.iter().filter(|uncertainty| is_above(**uncertainty, limit.above));
            limit.responses += above.count() as u64;
        }
    }

    /// Counts what the critic at `critic` is asked about responses of which the most uncertain is `uncertainty`.
    pub fn add_calls(&mut self, uncertainty: Option<f64>, critic: usize, count: &Count) {
        for limit in self.limits.iter_mut().filter(|limit| is_above(uncertainty, limit.above)) {
            limit.counts[critic].add(count);
        }
    }

    /// Returns the trade, the dearest first, up to the limit above which nothing changes any more.
    pub fn finish(self, terms: &[Terms]) -> Vec<Trade> {
        let amount = |limit: &Limit| {
            let each = limit.counts.iter().zip(terms).map(|(count, terms)| count.likely(terms));
            each.fold(Amount::NONE, Amount::plus)
        };
        let trade = |limit: &Limit| Trade {
            max_uncertainty: limit.above,
            responses: limit.responses,
            likely: amount(limit),
        };
        let mut trades: Vec<Trade> = self.limits.iter().map(trade).collect();
        while let [.., before, last] = trades.as_slice()
            && before.responses == last.responses
            && before.max_uncertainty.is_some_and(|limit| limit >= self.own)
        {
            trades.pop();
        }
        trades
    }
}

fn is_above(uncertainty: Option<f64>, limit: Option<f64>) -> bool {
    match (uncertainty, limit) {
        (Some(uncertainty), Some(limit)) => uncertainty > limit,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_limit_asks_about_fewer() {
        let mut trades = Trades::new(Some(0.12), 0);
        trades.add_responses(&[Some(0.07), Some(0.12), Some(0.3), None]);
        let counted: Vec<(Option<f64>, u64)> =
            trades.finish(&[]).iter().map(|trade| (trade.max_uncertainty, trade.responses)).collect();
        let expected =
            [(None, 4), (Some(0.0), 4), (Some(0.05), 4), (Some(0.1), 3), (Some(0.12), 2), (Some(0.15), 2)];
        assert_eq!(counted[..6], expected);
        assert_eq!(counted[6..], [(Some(0.2), 2), (Some(0.25), 2), (Some(0.3), 1)]);
    }
}
