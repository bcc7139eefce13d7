//! How sure an order of two responses is: by weights of any sign, where these predict labels better.
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

/// Lets `free`, the fit of the same labels with weights of any sign, say how sure an order is, if out of fold it says so
/// better than the fit itself, by more than chance.
pub fn add_sureness(learned: &mut Learned, free: &Learned) {
    let t = learned.model.temperature;
    let own = &learned.crossed.preferences;
    if own.len() < FEWEST_MARGINS || !are_alike(&learned.crossed, &free.crossed) {
        return;
    }
    let sure = |scale: f64| -> Vec<f64> {
        let pairs = own.iter().zip(&free.crossed.preferences);
        pairs.map(|(own, free)| sure_margin(own.margin, Some(scale * free.margin))).collect()
    };
    let start = (t / free.model.temperature).ln();
    let scale = golden_section(start - 1.5, start + 1.5, |log| {
        let losses = own.iter().zip(sure(log.exp())).map(|(one, margin)| loss(one, margin, t));
        losses.sum::<f64>() + ((log - start) / DEVIATION).powi(2) / 2.0
    })
    .exp();
    let sure = sure(scale);
    let gain: f64 =
        own.iter().zip(&sure).map(|(one, sure)| loss(one, one.margin, t) - loss(one, *sure, t)).sum();
    if gain <= CHANCE {
        return;
    }
    learned.crossed.preferences.iter_mut().zip(sure).for_each(|(one, sure)| one.sure = sure);
    learned.model.any_sign = Some(&free.model.theta * scale);
    learned.report.is_sure_by_any_sign = true;
    learned.report.preferences = preferences(&learned.crossed.preferences, t, learned.report.seed);
}

/// Tells whether both predict the same preferences, in one order.
fn are_alike(one: &Crossed, other: &Crossed) -> bool {
    let preferences =
        |crossed: &Crossed| crossed.preferences.iter().map(|one| one.preference).collect::<Vec<_>>();
    preferences(one) == preferences(other)
}

/// The loss of a label under a margin that is as uncertain as the fit's own.
fn loss(one: &Predicted, margin: f64, t: f64) -> f64 {
    cross_entropy(probability(margin, one.variance, t), one.preference.target)
}
