//! How well a number, such as a length, tells good answers from bad ones.

/// Returns the area under the ROC curve of `good` against `bad`: the chance that a good one is greater, with ties as half.
/// None where one side is empty. Their order is lost.
///
/// J. A. Hanley, B. J. McNeil, *The meaning and use of the area under a receiver operating characteristic curve*, Radiology
/// 143 (1982).
pub fn auroc(good: &mut [u32], bad: &mut [u32]) -> Option<f64> {
    if good.is_empty() || bad.is_empty() {
        return None;
    }
    good.sort_unstable();
    bad.sort_unstable();
    let (mut below, mut upto, mut wins) = (0, 0, 0.0);
    for value in good.iter() {
        while below < bad.len() && bad[below] < *value {
            below += 1;
        }
        while upto < bad.len() && bad[upto] <= *value {
            upto += 1;
        }
        wins += f64::midpoint(below as f64, upto as f64);
    }
    Some(wins / (good.len() as f64 * bad.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_counts_ties_as_half() {
        // scikit-learn: roc_auc_score([1, 1, 1, 0, 0], [3, 2, 5, 2, 4]) is 0.5833333333333334.
        let area = auroc(&mut [3, 2, 5], &mut [2, 4]).unwrap();
        assert!((area - 3.5 / 6.0).abs() < 1e-15);
        assert_eq!(auroc(&mut [1], &mut []), None);
    }
}
