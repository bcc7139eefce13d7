//! The area under the precision-recall curve as average precision, without interpolation: as
//! `average_precision_score` of scikit-learn, after J. Davis, M. Goadrich, *The relationship between precision-recall and
//! ROC curves*, ICML (2006), who show why interpolation flatters.

use crate::calibration::Sample;
use crate::calibration::reliability::tied;

/// Returns `Σ (Rₙ − Rₙ₋₁) Pₙ` over the distinct probabilities, the highest first; chance is the share of what is so.
///
/// None where nothing is so.
pub fn auprc(sample: Sample<'_>) -> Option<f64> {
    let (mut so, mut taken, mut area) = (0.0, 0.0, 0.0);
    for group in tied(sample.weighted().rev()) {
        so += group.outcome;
        taken += group.weight;
        area += group.outcome * (so / taken);
    }
    (so > 0.0).then(|| (area / so).clamp(0.0, 1.0))
}
