//! Random choices that derive from (seed, purpose, id) alone: no state, so no order and no thread can change them.

use crate::id::ContentId;

/// Returns a number in 0..1, uniform over ids, independent between purposes.
pub fn unit(seed: u64, purpose: &str, id: ContentId) -> f64 {
    // 53 bits fill a double's mantissa.
    (bits(seed, purpose, id) >> 11) as f64 / (1u64 << 53) as f64
}

/// Returns an index below `count`, uniform over ids up to a bias of `count / 2^64`.
///
/// # Panics
/// If `count` is 0.
pub fn index(seed: u64, purpose: &str, id: ContentId, count: usize) -> usize {
    (bits(seed, purpose, id) % count as u64) as usize
}

/// Returns 64 bits, uniform over ids.
pub(crate) fn bits(seed: u64, purpose: &str, id: ContentId) -> u64 {
    let seed = seed.to_le_bytes();
    let drawn = ContentId::of(purpose, [seed.as_slice(), id.as_bytes()]);
    let [a, b, c, d, e, f, g, h, ..] = *drawn.as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_uniform_and_repeatable() {
        let draws: Vec<f64> = (0..10_000u32)
            .map(|n| unit(7, "audit", ContentId::of("t", [n.to_le_bytes().as_slice()])))
            .collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        // The mean of 10,000 uniform draws has a standard error of 0.0029.
        assert!((mean - 0.5).abs() < 0.015, "{mean}");
        let id = ContentId::of("t", [b"x".as_slice()]);
        assert_eq!(unit(7, "audit", id), unit(7, "audit", id));
        assert_ne!(unit(7, "audit", id), unit(8, "audit", id));
    }
}
