//! The standard normal distribution.

use std::f64::consts::{PI, SQRT_2};

use statrs::function::erf::erfc;

/// Below this the distribution function is taken from its asymptotic series, whose error is then less than 1e-9.
const TAIL: f64 = -20.0;

/// Returns the distribution function at `x`, in 0..=1.
pub fn phi(x: f64) -> f64 {
    erfc(-x / SQRT_2) / 2.0
}

/// Returns the logarithm of the distribution function at `x`, at most 0, also where that is too small for a number
/// (M. Abramowitz, I. Stegun, *Handbook of Mathematical Functions*, 26.2.12).
pub fn ln_phi(x: f64) -> f64 {
    if x > TAIL {
        return phi(x).ln();
    }
    let y = x.powi(-2);
    let series = 1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y * (1.0 - 7.0 * y)));
    -x * x / 2.0 - (-x).ln() - (2.0 * PI).ln() / 2.0 + series.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_agrees_with_scipy() {
        // As `scipy.special.log_ndtr` gives them.
        let golden = [
            (3.0, -0.0013508099647481925),
            (0.25, -0.5129840754094305),
            (-1.5, -2.7059444008238898),
            (-9.9, -52.226428300404045),
            (-10.1, -54.24604754269364),
            (-19.9, -201.91716770733265),
            (-20.1, -205.92711840194826),
            (-30.0, -454.32124395634327),
            (-100_000.0, -5000000012.431865),
        ];
        for (x, expected) in golden {
            let found = ln_phi(x);
            assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{x}: {found}");
        }
    }
}
