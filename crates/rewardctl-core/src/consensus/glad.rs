//! Annotators with an ability each, and items with a difficulty.
//!
//! Reference: J. Whitehill, T. Wu, J. Bergsma, J. Movellan, P. Ruvolo, *Whose vote should count more*, NIPS (2009).
//! Model, priors and start are those of crowd-kit 1.4.2. There each maximisation stops early, at a gradient of 0.01;
//! here it goes on to the end, so that results do not depend on the way of the search.

use crate::consensus::glad::maximise::maximise;
use crate::consensus::{Consensus, Stop, Watch, normalise};
use crate::votes::{Vote, Votes};

mod maximise;

/// What the method found.
#[derive(Debug, Clone, PartialEq)]
pub struct Glad {
    /// Labels, and as reliability the mean chance that the annotator's labels are right.
    pub consensus: Consensus,
    /// The ability α of each annotator: 0 guesses, below 0 misleads.
    pub abilities: Vec<f64>,
    /// The logarithm β of the ease of each item: the lower, the harder.
    pub ease: Vec<f64>,
}

/// Fits abilities and difficulties by expectation and maximisation, from 1 each on.
///
/// A label of annotator w on item i is right with the chance `σ(α_w e^{β_i})`, and otherwise each wrong one is equally
/// likely; so are the classes beforehand. α and β have normal priors of mean 1 and variance 1.
/// Each iteration takes some tens of passes over the votes.
pub fn glad(votes: &Votes, stop: Stop) -> Glad {
    let extent = votes.extent();
    let mut posterior = vec![1.0; extent.items * extent.classes];
    // Abilities, then eases.
    let mut point = vec![1.0; extent.annotators + extent.items];
    let mut watch = Watch::new(stop, votes);
    // With one class there is nothing to tell apart.
    while extent.classes > 1 && !watch.is_over() {
        let log_likelihood = expect(votes, &point, &mut posterior);
        watch.note(log_likelihood - penalty(&point));
        let right = |vote: &Vote| posterior[vote.item as usize * extent.classes + vote.class as usize];
        let right: Vec<f64> = votes.all().iter().map(right).collect();
        maximise(votes, &right, &mut point);
    }
    let ease = point.split_off(extent.annotators);
    let reliability = reliability(votes, &point, &ease);
    let fit = (extent.classes > 1).then_some(watch.fit);
    let consensus = Consensus::new(extent.classes, posterior, reliability, fit);
    Glad { consensus, abilities: point, ease }
}

fn expect(votes: &Votes, point: &[f64], posterior: &mut [f64]) -> f64 {
    let extent = votes.extent();
    let (abilities, ease) = point.split_at(extent.annotators);
    let log_wrongs = ((extent.classes - 1) as f64).ln();
    let mut log_likelihood = 0.0;
    for (item, of_item) in posterior.chunks_exact_mut(extent.classes).enumerate() {
        of_item.fill(-(extent.classes as f64).ln());
        let (scale, mut all_wrong) = (ease[item].exp(), 0.0);
        for vote in votes.of(item) {
            let strength = abilities[vote.annotator as usize] * scale;
            all_wrong -= softplus(strength) + log_wrongs;
            of_item[vote.class as usize] += strength + log_wrongs;
        }
        log_likelihood += all_wrong + normalise(of_item);
    }
    log_likelihood
}

/// Returns the negative logarithm of the priors, up to a constant.
fn penalty(point: &[f64]) -> f64 {
    point.iter().map(|value| (value - 1.0) * (value - 1.0)).sum::<f64>() / 2.0
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn reliability(votes: &Votes, abilities: &[f64], ease: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; abilities.len()];
    for vote in votes.all() {
        let strength = abilities[vote.annotator as usize] * ease[vote.item as usize].exp();
        sums[vote.annotator as usize] += (-softplus(-strength)).exp();
    }
    sums.iter().zip(votes.counts()).map(|(sum, count)| sum / count as f64).collect()
}
