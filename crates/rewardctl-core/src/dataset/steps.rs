//! Answers cut into steps: what becomes of the steps after the first wrong one.

use crate::dataset::recipe::AfterFirstError;

/// Applies the rule to steps and their labels, which are as many.
pub fn after_first_error(
    mut steps: Vec<String>,
    mut labels: Vec<bool>,
    rule: AfterFirstError,
) -> (Vec<String>, Vec<bool>) {
    if let Some(first) = labels.iter().position(|right| !right) {
        match rule {
            AfterFirstError::False => labels[first..].fill(false),
            AfterFirstError::Truncate => {
                steps.truncate(first + 1);
                labels.truncate(first + 1);
            }
        }
    }
    (steps, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_after_an_error_is_right() {
        let steps = || vec!["a".to_owned(), "b".into(), "c".into()];
        let labels = || vec![true, false, true];
        let (kept, falsed) = after_first_error(steps(), labels(), AfterFirstError::False);
        assert_eq!((kept.len(), falsed), (3, vec![true, false, false]));
        let (kept, cut) = after_first_error(steps(), labels(), AfterFirstError::Truncate);
        assert_eq!((kept, cut), (vec!["a".to_owned(), "b".into()], vec![true, false]));
        let all = after_first_error(steps(), vec![true; 3], AfterFirstError::Truncate);
        assert_eq!(all.0.len(), 3);
    }
}
