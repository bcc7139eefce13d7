//! Whether rewards go with length: within prompts, and over bins of doubling length.

use std::collections::BTreeMap;

use rewardctl_core::id::ItemId;
use rewardctl_core::interval::ClusteredMean;
use rewardctl_core::within::WithinCorrelation;
use rewardctl_data::measured::scored::ScoredRow;

use crate::report::figures::{LengthBin, LengthFigures};

/// What is known so far.
#[derive(Debug, Default)]
pub(super) struct Lengths {
    within: WithinCorrelation,
    // Over all responses: number, Σx, Σy, Σx², Σy², Σxy.
    sums: [f64; 6],
    // By the power of two.
    bins: BTreeMap<u32, ClusteredMean>,
}

impl Lengths {
    /// Takes in a response, if it has a text and a reward.
    pub(super) fn add(&mut self, row: &ScoredRow, item: ItemId) {
        let (Some(text), Some(reward)) = (&row.text, row.reward) else { return };
        let characters = text.chars().count().max(1) as u64;
        let x = (characters as f64).ln();
        self.within.add(item, x, reward);
        let parts = [1.0, x, reward, x * x, reward * reward, x * reward];
        self.sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        self.bins.entry(characters.ilog2()).or_default().add(item, reward);
    }

    /// Sums up; None without a text.
    pub(super) fn finish(self) -> Option<LengthFigures> {
        let [n, x, y, xx, yy, xy] = self.sums;
        if n == 0.0 {
            return None;
        }
        let (sx, sy, sxy) = (xx - x * x / n, yy - y * y / n, xy - x * y / n);
        let varies = sx > 1e-12 * xx && sy > 1e-12 * yy && sx > 0.0 && sy > 0.0;
        let bin = |(power, mean): (&u32, &ClusteredMean)| {
            let interval = mean.interval()?;
            let bounds = interval.bounds.map(|(low, high)| (low.max(0.0), high.min(1.0)));
            Some(LengthBin { from: 1 << power, count: interval.count, mean: interval.mean, interval: bounds })
        };
        Some(LengthFigures {
            within: self.within.correlation().map(|found| (found.value, found.interval)),
            across: varies.then(|| (sxy / (sx * sy).sqrt()).clamp(-1.0, 1.0)),
            bins: self.bins.iter().filter_map(bin).collect(),
        })
    }
}
