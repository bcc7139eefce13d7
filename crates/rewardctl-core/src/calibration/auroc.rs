//! The area under the ROC curve: J. A. Hanley, B. J. McNeil, *The meaning and use of the area under a receiver operating
//! characteristic curve*, Radiology 143 (1982).

use crate::calibration::Sample;
use crate::calibration::reliability::tied;

/// Returns the probability that what is so has the higher probability than what is not, ties as ½; 0.5 is chance.
///
/// None where everything is so, or nothing.
pub fn auroc(sample: Sample<'_>) -> Option<f64> {
    let (mut so, mut not, mut above) = (0.0, 0.0, 0.0);
    for group in tied(sample.weighted()) {
        let other = group.weight - group.outcome;
        above += group.outcome * (not + other / 2.0);
        so += group.outcome;
        not += other;
    }
    let scale: f64 = so * not;
    (scale > 0.0).then(|| (above / scale).clamp(0.0, 1.0))
}
