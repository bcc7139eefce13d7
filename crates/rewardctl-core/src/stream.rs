//! A stream of random numbers for simulations and resampling: where thousands of draws belong together, hashing an id
//! for each would cost more than what they are drawn for. A stream starts from (seed, purpose, id) like every other
//! random choice, so that it does not depend on what was drawn elsewhere.

use std::f64::consts::TAU;

use crate::id::ContentId;
use crate::random;

/// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014): small, fast, the same everywhere.
#[derive(Debug, Clone)]
pub struct Stream(u64);

impl Stream {
    /// Returns the stream of `seed` itself.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the stream that belongs to (`seed`, `purpose`, `number`), independent of those of other purposes and
    /// numbers.
    pub fn of(seed: u64, purpose: &str, number: u64) -> Self {
        let id = ContentId::of("stream", [number.to_le_bytes().as_slice()]);
        Self(random::bits(seed, purpose, id))
    }

    /// Returns the next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `count`, uniform up to a bias of `count / 2^64`; 0 where `count` is 0.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// Returns a number in 0..1, uniform.
    pub fn unit(&mut self) -> f64 {
        // 53 bits fill a double's mantissa.
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns a draw of the standard normal distribution (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// Brings `values` into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers that the reference implementation gives for the seed 1234567.
    #[test]
    fn the_stream_is_split_mix_64() {
        let mut stream = Stream::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| stream.bits()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn normal_draws_have_mean_0_and_variance_1() {
        let mut stream = Stream::of(7, "test", 0);
        let draws: Vec<f64> = (0..20_000).map(|_| stream.normal()).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / draws.len() as f64;
        let beyond = draws.iter().filter(|draw| draw.abs() > 1.959_964).count() as f64 / draws.len() as f64;
        // Three standard errors of each.
        assert!(mean.abs() < 0.022 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        assert!((beyond - 0.05).abs() < 0.005, "{beyond}");
    }

    #[test]
    fn a_shuffle_keeps_everything_and_prefers_no_place() {
        let mut places = [0u32; 5];
        for number in 0..5000 {
            let mut values = [0, 1, 2, 3, 4];
            Stream::of(7, "shuffle", number).shuffle(&mut values);
            places[values.iter().position(|value| *value == 0).unwrap()] += 1;
            values.sort_unstable();
            assert_eq!(values, [0, 1, 2, 3, 4]);
        }
        assert!(places.iter().all(|count| (900..1100).contains(count)), "{places:?}");
    }
}
