//! Annotators with one accuracy each, whatever the label.
//!
//! Reference: Y. Zhang, X. Chen, D. Zhou, M. I. Jordan, *Spectral methods meet EM*, JMLR 17 (2016), arXiv 1406.3824.
//! Start, floors, order of the steps and the bound that is watched are those of crowd-kit 1.4.2 (see Dawid-Skene), so that
//! the same settings give the same results.

use crate::consensus::majority::shares;
use crate::consensus::{Consensus, LEAST, Stop, Watch, entropy, mean_of_classes, normalise};
use crate::votes::Votes;

/// Fits an accuracy for each annotator, which is the reliability, by expectation and maximisation, from the shares of
/// the votes on.
///
/// With s the accuracy, a right label has the chance s and each wrong one `(1 − s)/(K − 1)`, both in 1e-10..=1 − 1e-10;
/// s is the mean posterior of the labels that the annotator gave. It has fewer parameters than a confusion matrix, and
/// so suits few labels an annotator. Takes time in proportion to votes + items × classes in each iteration.
pub fn one_coin(votes: &Votes, stop: Stop) -> Consensus {
    let classes = votes.extent().classes;
    let mut posterior = shares(votes);
    let mut skills = skills(votes, &posterior);
    let mut prior = mean_of_classes(&posterior, classes);
    let mut watch = Watch::new(stop, votes);
    // With one class there is nothing to tell apart.
    while classes > 1 && !watch.is_over() {
        let log_likelihood = expect(votes, &prior, &skills, &mut posterior);
        prior = mean_of_classes(&posterior, classes);
        skills = self::skills(votes, &posterior);
        let expectation = expectation(votes, &prior, &skills, &posterior);
        watch.note_bound(expectation + entropy(&posterior), log_likelihood);
    }
    let fit = (classes > 1).then_some(watch.fit);
    Consensus::new(classes, posterior, skills, fit)
}

fn expect(votes: &Votes, prior: &[f64], skills: &[f64], posterior: &mut [f64]) -> f64 {
    let (log_prior, logs) = logs(prior, skills);
    let mut log_likelihood = 0.0;
    for (item, of_item) in posterior.chunks_exact_mut(prior.len()).enumerate() {
        of_item.copy_from_slice(&log_prior);
        let mut all_wrong = 0.0;
        for vote in votes.of(item) {
            let (right, wrong) = logs[vote.annotator as usize];
            all_wrong += wrong;
            of_item[vote.class as usize] += right - wrong;
        }
        log_likelihood += all_wrong + normalise(of_item);
    }
    log_likelihood
}

fn skills(votes: &Votes, posterior: &[f64]) -> Vec<f64> {
    let extent = votes.extent();
    let mut skills = vec![0.0; extent.annotators];
    for vote in votes.all() {
        skills[vote.annotator as usize] +=
            posterior[vote.item as usize * extent.classes + vote.class as usize];
    }
    skills.iter_mut().zip(votes.counts()).for_each(|(skill, count)| *skill /= count as f64);
    skills
}

/// Returns the logarithms of the prior, and of each annotator's chances to be right and to be wrong in one way.
fn logs(prior: &[f64], skills: &[f64]) -> (Vec<f64>, Vec<(f64, f64)>) {
    let log = |chance: f64| chance.clamp(LEAST, 1.0 - LEAST).ln();
    let wrongs = (prior.len() - 1) as f64;
    let of_skill = |skill: &f64| (log(*skill), log((1.0 - skill) / wrongs));
    let log_prior = prior.iter().map(|share| share.max(LEAST).ln()).collect();
    (log_prior, skills.iter().map(of_skill).collect())
}

/// Returns the expected log-likelihood, the prior counted once a vote.
fn expectation(votes: &Votes, prior: &[f64], skills: &[f64], posterior: &[f64]) -> f64 {
    let (log_prior, logs) = logs(prior, skills);
    let mut sum = 0.0;
    for (item, of_item) in posterior.chunks_exact(prior.len()).enumerate() {
        let of_prior: f64 = of_item.iter().zip(&log_prior).map(|(probability, log)| probability * log).sum();
        for vote in votes.of(item) {
            let (right, wrong) = logs[vote.annotator as usize];
            let probability = of_item[vote.class as usize];
            sum += of_prior + probability * right + (1.0 - probability) * wrong;
        }
    }
    sum
}
