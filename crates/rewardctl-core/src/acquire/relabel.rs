//! Which labels should be asked again: a second opinion on a doubtful label can teach more than a new one.
//!
//! Reference: H. W. Goh and J. Mueller, *ActiveLab* (arXiv 2301.11856); what is low is asked first, labelled or not.

/// What is known of the people who labelled, and of the model, in the weights of a consensus of both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// How much the model's word counts.
    pub model: f64,
    /// How much one person's word counts on average.
    pub person: f64,
    /// How many answers there are to choose from.
    pub classes: usize,
}

/// Below this probability of the label that was given, by a model that did not see it, the label is asked again.
pub const DOUBTFUL: f64 = 0.1;

/// Returns ActiveLab's score of a labelled item, in 0..=1: the mean of the quality of its consensus and of chance, weighted
/// by the people who labelled it and the model on one side, and by one more person on the other.
///
/// `quality` is the consensus's own probability of being right, `people` are the weights of those who labelled. None
/// without classes, or where a number is not finite or no weight is positive.
pub fn labelled(quality: f64, people: &[f64], weights: Weights) -> Option<f64> {
    score(quality, people.iter().sum::<f64>() + weights.model, weights)
}

/// Returns ActiveLab's score of an item that nobody labelled, in 0..=1; `probability` is the model's for its likeliest
/// answer. None as for [`labelled`].
pub fn unlabelled(probability: f64, weights: Weights) -> Option<f64> {
    score(probability, weights.model, weights)
}

fn score(quality: f64, known: f64, weights: Weights) -> Option<f64> {
    let total = known + weights.person;
    let usable = weights.classes > 0 && quality.is_finite() && total.is_finite() && total > 0.0;
    usable.then(|| (known * quality + weights.person / weights.classes as f64) / total)
}

/// Returns the trust in a label without weights of people: the probability of the given label, by a model that did not see
/// it, where that is below [`DOUBTFUL`]; None where the label is believed.
pub fn doubtful(given: f64) -> Option<f64> {
    (given < DOUBTFUL).then_some(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHTS: Weights = Weights { model: 0.6, person: 0.5, classes: 2 };

    /// By hand: (1.4 · 0.9 + 0.5 · 0.5) / 1.9, and (0.6 · 0.9 + 0.5 · 0.5) / 1.1.
    #[test]
    fn the_scores_are_weighted_means() {
        assert!((labelled(0.9, &[0.3, 0.5], WEIGHTS).unwrap() - 1.51 / 1.9).abs() < 1e-12);
        assert!((unlabelled(0.9, WEIGHTS).unwrap() - 0.79 / 1.1).abs() < 1e-12);
    }

    /// More opinions leave less to gain from another.
    #[test]
    fn agreeing_people_raise_the_score() {
        let one = labelled(0.9, &[0.5], WEIGHTS).unwrap();
        assert!(one > unlabelled(0.9, WEIGHTS).unwrap());
        assert!(labelled(0.9, &[0.5, 0.5], WEIGHTS).unwrap() > one);
        assert!(labelled(0.3, &[0.5], WEIGHTS).unwrap() < one);
    }

    #[test]
    fn what_means_nothing_has_no_score() {
        assert_eq!(labelled(f64::NAN, &[0.5], WEIGHTS), None);
        assert_eq!(unlabelled(0.9, Weights { classes: 0, ..WEIGHTS }), None);
        assert_eq!(unlabelled(0.9, Weights { model: 0.0, person: 0.0, classes: 2 }), None);
        assert_eq!((doubtful(0.05), doubtful(0.1), doubtful(f64::NAN)), (Some(0.05), None, None));
    }
}
