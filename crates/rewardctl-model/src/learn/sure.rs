//! How sure an order of two responses is: by weights of any sign, where these predict labels as well.
//!
//! A reward must not fall as a quality rises, or whatever is trained on it learns to hack it. How sure one may be of an order
//! need not obey that. Where critics are fooled by the same thing, those that are fooled most speak against what all of them
//! say, and weights that may not be negative cannot hear it: they are surest of just these pairs.

use rewardctl_core::reward::sure_margin;

use crate::learn::Learned;
use crate::learn::cross::{Crossed, Predicted};
use crate::learn::report::preferences;
use crate::learn::temperature::{DEVIATION, FEWEST_MARGINS, cross_entropy, golden_section, probability};

/// What the scale, the one number that is fitted here, gains by chance, in nats over all labels (H. Akaike, *A New Look at the
/// Statistical Model Identification*, IEEE Transactions on Automatic Control 19, 1974).
const CHANCE: f64 = 1.0;

/// Lets `free`, the fit of the same labels with weights of any sign, say how sure an order is, unless out of fold it says so
/// worse than the fit itself, by more than chance: where both do as well, an order on which they disagree is not sure.
pub fn add_sureness(learned: &mut Learned, free: &Learned) {
    let t = learned.model.temperature;
    let own = &learned.crossed.preferences;
    if own.len() < FEWEST_MARGINS || !are_alike(&learned.crossed, &free.crossed) {
        return;
    }
    let sure = |scale: f64| -> Vec<Predicted> {
        own.iter().zip(&free.crossed.preferences).map(|(own, free)| surer(own, free, scale)).collect()
    };
    let start = (t / free.model.temperature).ln();
    let scale = golden_section(start - 1.5, start + 1.5, |log| {
        let losses = sure(log.exp()).iter().map(|one| loss(one, t)).sum::<f64>();
        losses + ((log - start) / DEVIATION).powi(2) / 2.0
    })
    .exp();
    let sure = sure(scale);
    let gain: f64 = own.iter().zip(&sure).map(|(one, sure)| loss(one, t) - loss(sure, t)).sum();
    if gain < -CHANCE {
        return;
    }
    learned.crossed.preferences = sure;
    learned.model.any_sign = Some(&free.model.theta * scale);
    learned.model.posterior = &free.model.posterior * scale;
    learned.report.is_sure_by_any_sign = true;
    learned.report.preferences = preferences(&learned.crossed.preferences, t, learned.report.seed);
}

/// Tells whether both predict the same preferences, in one order.
fn are_alike(one: &Crossed, other: &Crossed) -> bool {
    let preferences =
        |crossed: &Crossed| crossed.preferences.iter().map(|one| one.preference).collect::<Vec<_>>();
    preferences(one) == preferences(other)
}

/// Returns a prediction that is as sure as the free weights are; what the responses leave open themselves stays.
fn surer(own: &Predicted, free: &Predicted, scale: f64) -> Predicted {
    let weights_variance = scale * scale * free.weights_variance;
    Predicted {
        sure: sure_margin(own.margin, Some(scale * free.margin)),
        variance: own.variance - own.weights_variance + weights_variance,
        weights_variance,
        ..own.clone()
    }
}

fn loss(one: &Predicted, t: f64) -> f64 {
    cross_entropy(probability(one.sure, one.variance, t), one.preference.target)
}
