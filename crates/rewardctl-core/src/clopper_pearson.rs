//! Exact bounds of a proportion, from the tails of the binomial distribution.
//!
//! Reference: C. J. Clopper and E. S. Pearson, *The use of confidence or fiducial limits illustrated in the case of the
//! binomial*, Biometrika 26 (1934). The tails are regularised incomplete beta functions (Abramowitz and Stegun 26.5.24).

use statrs::function::beta::beta_reg;

use crate::proportion::Proportion;

/// Halvings of 0..1 after which a double does not change any more, down to bounds of about 10⁻⁹.
const HALVINGS: usize = 90;

/// Returns the chance of at most `seen.hits` hits in `seen.count` independent draws that hit with chance `rate`.
///
/// 1 where nothing was drawn.
pub fn at_most(seen: Proportion, rate: f64) -> f64 {
    if seen.hits >= seen.count || rate <= 0.0 {
        return 1.0;
    }
    if rate >= 1.0 {
        return 0.0;
    }
    beta_reg((seen.count - seen.hits) as f64, seen.hits as f64 + 1.0, 1.0 - rate)
}

/// Returns the chance of at least `seen.hits` hits in `seen.count` independent draws that hit with chance `rate`.
pub fn at_least(seen: Proportion, rate: f64) -> f64 {
    if seen.hits == 0 || rate >= 1.0 {
        return 1.0;
    }
    if rate <= 0.0 || seen.hits > seen.count {
        return 0.0;
    }
    beta_reg(seen.hits as f64, (seen.count - seen.hits) as f64 + 1.0, rate)
}

/// Returns the upper bound that the true rate passes with chance `delta` at most: `BetaInv(1 − δ; k + 1, m − k)` with
/// `k` hits of `m`. 1 where all hit or nothing was drawn. `delta` is in 0..1, both excluded.
pub fn upper(seen: Proportion, delta: f64) -> f64 {
    if seen.hits >= seen.count {
        return 1.0;
    }
    // The chance of so few hits falls as the rate rises; the bound is where it falls to δ.
    halved(|rate| at_most(seen, rate) > delta)
}

/// Returns the lower bound that the true rate falls short of with chance `delta` at most: `BetaInv(δ; k, m − k + 1)`. 0
/// where none hit. `delta` is in 0..1, both excluded.
pub fn lower(seen: Proportion, delta: f64) -> f64 {
    if seen.hits == 0 || seen.count == 0 {
        return 0.0;
    }
    halved(|rate| at_least(seen, rate) < delta)
}

/// Returns the rate in 0..1 up to which `before` holds.
fn halved(before: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if before(middle) { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(hits: u64, count: u64) -> Proportion {
        Proportion { hits, count }
    }

    /// Golden values: `scripts/golden/guarantees.py` (scipy, `beta.ppf` and `binom`).
    #[test]
    fn agrees_with_scipy() {
        for (hits, count, delta, low, high) in GOLDEN {
            let (l, h) = (lower(seen(hits, count), delta), upper(seen(hits, count), delta));
            assert!(
                (l - low).abs() <= 1e-9 * low && (h - high).abs() <= 1e-9 * high,
                "{hits}/{count}: {l} {h}"
            );
        }
        for (hits, count, rate, most, least) in TAILS {
            let (m, l) = (at_most(seen(hits, count), rate), at_least(seen(hits, count), rate));
            assert!(
                (m - most).abs() <= 1e-9 * most && (l - least).abs() <= 1e-9 * least,
                "{hits}/{count}: {m} {l}"
            );
        }
    }
    const GOLDEN: [(u64, u64, f64, f64, f64); 7] = [
        (1, 40, 0.1, 0.002_630_546_923_292_293, 0.093_797_102_995_283_78),
        (3, 57, 0.05, 0.014_497_388_770_103_228, 0.130_448_644_006_823),
        (17, 60, 0.1, 0.207_082_575_875_255_1, 0.371_042_071_634_520_8),
        (1, 1000, 0.01, 1.005_028_534_904_525_4e-5, 0.006_619_668_395_648_625),
        (250, 5000, 0.1, 0.046_081_439_333_071_65, 0.054_183_074_982_639_24),
        (49, 50, 0.025, 0.893_530_454_288_500_1, 0.999_493_772_016_959_2),
        (2000, 100_000, 0.1, 0.019_434_534_755_286_066, 0.020_579_315_220_381_734),
    ];
    const TAILS: [(u64, u64, f64, f64, f64); 5] = [
        (3, 40, 0.1, 0.423_130_653_093_002_6, 0.777_191_875_660_596_9),
        (9, 40, 0.1, 0.994_936_946_342_165_6, 0.015_495_305_414_444_483),
        (40, 900, 0.05, 0.249_475_294_865_508_12, 0.798_073_220_607_233_1),
        (70, 900, 0.05, 0.999_861_697_930_561_9, 0.000_229_607_070_262_301_73),
        (1, 12, 0.3, 0.085_025_049_948_999_93, 0.986_158_712_799),
    ];

    #[test]
    fn nothing_seen_bounds_nothing() {
        assert_eq!((lower(seen(0, 0), 0.1), upper(seen(0, 0), 0.1)), (0.0, 1.0));
        assert_eq!(upper(seen(5, 5), 0.1), 1.0);
        assert_eq!(lower(seen(0, 5), 0.1), 0.0);
    }

    proptest! {
        #[test]
        fn bounds_enclose_the_share_and_tighten(hits in 0u64..60, misses in 0u64..60, delta in 0.001..0.5f64) {
            prop_assume!(hits + misses > 0);
            let (one, ten) = (seen(hits, hits + misses), seen(10 * hits, 10 * (hits + misses)));
            let share = one.share().unwrap();
            prop_assert!(lower(one, delta) <= share && share <= upper(one, delta));
            prop_assert!(upper(ten, delta) <= upper(one, delta) + 1e-12);
            prop_assert!(lower(ten, delta) >= lower(one, delta) - 1e-12);
        }

        #[test]
        fn tails_complement_each_other(hits in 1u64..60, misses in 0u64..60, rate in 0.001..0.999f64) {
            let both = at_least(seen(hits, hits + misses), rate) + at_most(seen(hits - 1, hits + misses), rate);
            prop_assert!((both - 1.0).abs() < 1e-9, "{both}");
        }
    }
}
