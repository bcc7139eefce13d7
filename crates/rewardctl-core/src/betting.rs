//! Bounds of a mean that hold for any numbers in 0..1, however few, and however often one looks.
//!
//! A gambler bets on every next number against "the mean is at most m". If that is true the wealth is not expected to grow,
//! so that it ever reaches `1/α` has at most the chance `α` (Ville 1939). What the wealth refutes at level `α` lies outside
//! of the bound. Reference: I. Waudby-Smith, A. Ramdas, *Estimating means of bounded random variables by betting*, JRSS B
//! 86 (2024), the capital process of section 4 with predictable plug-in bets.
//!
//! The numbers must come in an order that does not depend on them: in time, or shuffled.

/// No bet risks more than this share of the wealth.
const MOST_AT_RISK: f64 = 0.75;
/// Halvings of 0..1 that a bound takes.
const HALVINGS: usize = 40;

/// Bets on a list of numbers, each made before its number was seen.
#[derive(Debug, Clone)]
pub struct Betting<'v> {
    values: &'v [f64],
    bets: Vec<f64>,
}

/// Which bound is bet on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Against {
    /// That the mean is at most `m`.
    AtMost,
    /// That the mean is at least `m`.
    AtLeast,
}

impl<'v> Betting<'v> {
    /// Bets so that the bounds at level `alpha` are tight when all numbers are in. They are in 0..=1.
    pub fn at_the_end(values: &'v [f64], alpha: f64) -> Self {
        let count = values.len() as f64;
        Self::new(values, |_, variance| (2.0 * (1.0 / alpha).ln() / (count * variance)).sqrt())
    }

    /// Bets so that the bounds at level `alpha` are tight at any time, which is what a running experiment is looked at.
    pub fn at_any_time(values: &'v [f64], alpha: f64) -> Self {
        Self::new(values, |place, variance| {
            let time = place as f64 + 1.0;
            (2.0 * (1.0 / alpha).ln() / (variance * time * (time + 1.0).ln())).sqrt()
        })
    }

    /// `bet` is told how many numbers there were, and their variance with one of ¼ added, since nothing is known at first.
    fn new(values: &'v [f64], bet: impl Fn(usize, f64) -> f64) -> Self {
        let (mut sum, mut squares) = (0.5, 0.25);
        let mut bets = Vec::with_capacity(values.len());
        for (place, value) in values.iter().enumerate() {
            let seen = place as f64 + 1.0;
            bets.push(bet(place, squares / seen));
            sum += value;
            let mean = sum / (seen + 1.0);
            squares += (value - mean).powi(2);
        }
        Self { values, bets }
    }

    /// Returns the p-value of "the mean is at most `mean`", valid whenever one stops.
    pub fn at_most(&self, mean: f64) -> f64 {
        (-self.wealth(mean, Against::AtMost)).exp().min(1.0)
    }

    /// Returns the p-value of "the mean is at least `mean`", valid whenever one stops.
    pub fn at_least(&self, mean: f64) -> f64 {
        (-self.wealth(mean, Against::AtLeast)).exp().min(1.0)
    }

    /// Returns the lower bound of the mean at level `alpha`; with [`Betting::upper`] at the same level, the interval misses
    /// with chance `2 alpha` at most.
    pub fn lower(&self, alpha: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.at_most(middle) <= alpha { low = middle } else { high = middle }
        }
        low
    }

    /// Returns the upper bound of the mean at level `alpha`.
    pub fn upper(&self, alpha: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.at_least(middle) <= alpha { high = middle } else { low = middle }
        }
        high
    }

    /// Returns after how many numbers "the mean is `mean`" is first refuted at level `alpha`, on either side.
    pub fn refuted_after(&self, mean: f64, alpha: f64) -> Option<usize> {
        let needed = (2.0 / alpha).ln();
        let first = |against| {
            let mut wealth = 0.0;
            let mut after = self.values.iter().zip(&self.bets).map(move |(value, bet)| {
                wealth += gain(*value, *bet, mean, against);
                wealth
            });
            after.position(|wealth| wealth >= needed)
        };
        let both = [first(Against::AtMost), first(Against::AtLeast)];
        both.into_iter().flatten().min().map(|place| place + 1)
    }

    /// Returns the logarithm of the wealth at its height.
    fn wealth(&self, mean: f64, against: Against) -> f64 {
        let (mut now, mut most) = (0.0, 0.0);
        for (value, bet) in self.values.iter().zip(&self.bets) {
            now += gain(*value, *bet, mean, against);
            most = f64::max(most, now);
        }
        most
    }
}

/// The logarithm of what a bet multiplies the wealth by.
fn gain(value: f64, bet: f64, mean: f64, against: Against) -> f64 {
    match against {
        Against::AtMost => (bet.min(MOST_AT_RISK / mean.max(f64::MIN_POSITIVE)) * (value - mean)).ln_1p(),
        Against::AtLeast => {
            let above = (1.0 - mean).max(f64::MIN_POSITIVE);
            (bet.min(MOST_AT_RISK / above) * (mean - value)).ln_1p()
        }
    }
}

#[cfg(test)]
mod tests;
