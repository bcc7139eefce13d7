//! One label for each item out of what several annotators said, with its probability, and how far to trust whom.
//!
//! [`majority`] counts; [`one_coin`] gives each annotator one accuracy, [`dawid_skene`] a confusion matrix, [`mace`] a
//! chance to guess, [`glad`] an ability and each item a difficulty; [`crowdlab`] weighs annotators beside a model.
//! All of them take annotators to err independently of each other, given the true label: copies of one annotator look
//! like confirmation.
//!
//! Every method fits by itself, from a start that is written down, for a number of iterations that may be given, so
//! that its results can be compared with those of other programs. Where two classes are equally likely, the first one
//! is the label.

pub mod crowdlab;
pub mod dawid_skene;
pub mod glad;
pub mod mace;
pub mod majority;
pub mod one_coin;

mod rows;

use crate::votes::Votes;

/// The least probability that a method takes anything to have: what nobody saw yet is not impossible.
const LEAST: f64 = 1e-10;

/// When an iterative method stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// After as many iterations at the latest; each finds the posterior of the items and then the annotators.
    pub iterations: usize,
    /// As soon as one gains less than this a label, in nats of what the method watches; -∞ takes all iterations.
    pub tolerance: f64,
}

/// What a method found.
#[derive(Debug, Clone, PartialEq)]
pub struct Consensus {
    /// Classes of each item.
    pub classes: usize,
    /// The probability of each class, item after item; those of one item sum to 1.
    pub posterior: Vec<f64>,
    /// The likeliest class of each item, the first one of equals.
    pub labels: Vec<u32>,
    /// How far to trust each annotator, in 0..=1; what of that each method says.
    pub reliability: Vec<f64>,
    /// How the fit ended; None where nothing is fitted.
    pub fit: Option<Fit>,
}

/// How a fit ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Iterations taken.
    pub iterations: usize,
    /// Whether it stopped because it gained no more.
    pub converged: bool,
    /// The log-likelihood of the votes at the posterior, in nats, up to a constant.
    pub log_likelihood: f64,
}

impl Consensus {
    /// Returns the probabilities of the classes of `item`.
    pub fn of(&self, item: usize) -> &[f64] {
        &self.posterior[item * self.classes..(item + 1) * self.classes]
    }

    /// Returns the probability of the label of `item`.
    pub fn probability(&self, item: usize) -> f64 {
        self.of(item)[self.labels[item] as usize]
    }

    fn new(classes: usize, posterior: Vec<f64>, reliability: Vec<f64>, fit: Option<Fit>) -> Self {
        let labels = posterior.chunks_exact(classes).map(likeliest).collect();
        Self { classes, posterior, labels, reliability, fit }
    }
}

/// Returns the place of the largest of `probabilities`, the first one of equals.
fn likeliest(probabilities: &[f64]) -> u32 {
    let mut best = 0;
    for (at, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[best] {
            best = at;
        }
    }
    best as u32
}

/// Turns log-probabilities into probabilities that sum to 1, and returns the logarithm of what they summed to.
fn normalise(logs: &mut [f64]) -> f64 {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for log in logs.iter_mut() {
        *log = (*log - largest).exp();
        sum += *log;
    }
    logs.iter_mut().for_each(|value| *value /= sum);
    largest + sum.ln()
}

/// Returns the mean probability of each class.
fn mean_of_classes(posterior: &[f64], classes: usize) -> Vec<f64> {
    let mut mean = vec![0.0; classes];
    for of_item in posterior.chunks_exact(classes) {
        for (class, mean) in mean.iter_mut().enumerate() {
            *mean += of_item[class];
        }
    }
    let items = (posterior.len() / classes) as f64;
    mean.iter_mut().for_each(|mean| *mean /= items);
    mean
}

/// Returns the entropy of the posterior, with no probability below 1e-10.
fn entropy(posterior: &[f64]) -> f64 {
    let least = LEAST * LEAST.ln();
    posterior.iter().map(|one| if *one <= LEAST { -least } else { -one * one.ln() }).sum()
}

/// Watches a fit for its end.
struct Watch {
    stop: Stop,
    labels: f64,
    bound: f64,
    fit: Fit,
}

impl Watch {
    fn new(stop: Stop, votes: &Votes) -> Self {
        let fit = Fit { iterations: 0, converged: false, log_likelihood: f64::NEG_INFINITY };
        Self { stop, labels: votes.all().len() as f64, bound: f64::NEG_INFINITY, fit }
    }

    fn is_over(&self) -> bool {
        self.fit.converged || self.fit.iterations >= self.stop.iterations
    }

    /// Notes that an iteration reached `log_likelihood`.
    fn note(&mut self, log_likelihood: f64) {
        let gain = (log_likelihood - self.bound) / self.labels;
        self.note_gain(gain.abs(), log_likelihood, log_likelihood);
    }

    /// Tells whether anything but the number of iterations ends the fit.
    fn is_watched(&self) -> bool {
        self.stop.tolerance > f64::NEG_INFINITY
    }

    /// Notes an iteration of which `bound` says whether it gained; a bound that falls ends the fit.
    fn note_bound(&mut self, bound: f64, log_likelihood: f64) {
        self.note_gain((bound - self.bound) / self.labels, bound, log_likelihood);
    }

    fn note_gain(&mut self, gain: f64, bound: f64, log_likelihood: f64) {
        self.fit.converged = gain < self.stop.tolerance;
        self.fit.log_likelihood = log_likelihood;
        self.fit.iterations += 1;
        self.bound = bound;
    }
}

#[cfg(test)]
mod tests;
