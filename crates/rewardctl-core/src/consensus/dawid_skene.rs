//! Annotators with a confusion matrix each.
//!
//! Reference: A. P. Dawid and A. M. Skene, *Maximum likelihood estimation of observer error-rates using the EM
//! algorithm*, JRSS C 28 (1979). Start, floors, order of the steps and the bound that is watched are those of crowd-kit
//! 1.4.2, so that the same settings give the same results.

use crate::consensus::majority::shares;
use crate::consensus::rows::Rows;
use crate::consensus::{Consensus, LEAST, Stop, Watch, entropy, mean_of_classes, normalise};
use crate::votes::Votes;

/// As many chances of at least 1e-10, the prior among them, multiply to a number that a double still holds.
const MOST_FACTORS: usize = 29;

/// What the method found.
#[derive(Debug, Clone, PartialEq)]
pub struct DawidSkene {
    /// Labels, and as reliability the chance that the annotator is right: `Σ_k p_k e_k(k)`.
    pub consensus: Consensus,
    /// The share p of each class over all items.
    pub prior: Vec<f64>,
    /// For each annotator `e_k(l)`, the chance to say l where k is true, at `k · classes + l`; those of one k sum to 1.
    pub confusion: Vec<Vec<f64>>,
}

/// Fits confusion matrices and labels by expectation and maximisation, from the shares of the votes on.
///
/// `P(k | votes) ∝ p_k Π_j e^{w_j}_k(l_j)`, over the votes j of annotators w for labels l, in logarithms; then
/// `e^w_k(l) ∝ Σ_{j of w: l_j = l} P(k)`, at least 1e-10 for any label that w gave, and p the mean posterior.
/// The bound that is watched is `Σ_j Σ_k P(k) [log e_k(l_j) + log p_k]` plus the entropy of the posterior. It counts the
/// prior once a vote, where the likelihood counts it once an item: it may fall, and then ends the fit early, before
/// annotators of few votes are taken to be without fault.
/// Takes time in proportion to votes × classes in each iteration.
pub fn dawid_skene(votes: &Votes, stop: Stop) -> DawidSkene {
    let mut fit = Fitting::new(votes);
    let mut posterior = shares(votes);
    fit.maximise(votes, &posterior);
    let mut watch = Watch::new(stop, votes);
    while !watch.is_over() {
        let log_likelihood = fit.expect(votes, &mut posterior);
        let expectation = fit.maximise(votes, &posterior);
        let entropy = if watch.is_watched() { entropy(&posterior) } else { 0.0 };
        watch.note_bound(expectation + entropy, log_likelihood);
    }
    let confusion = fit.confusion();
    let reliability = confusion.iter().map(|matrix| fit.reliability(matrix)).collect();
    let consensus = Consensus::new(fit.classes, posterior, reliability, Some(watch.fit));
    DawidSkene { consensus, prior: fit.prior, confusion }
}

/// The parameters.
struct Fitting {
    classes: usize,
    rows: Rows,
    prior: Vec<f64>,
    /// For each row of annotator and label, the chance of it at each true class.
    errors: Vec<f64>,
}

impl Fitting {
    fn new(votes: &Votes) -> Self {
        let (classes, rows) = (votes.extent().classes, Rows::new(votes));
        let errors = vec![0.0; rows.len() * classes];
        Self { classes, rows, prior: vec![], errors }
    }

    /// Finds the posterior and returns the log-likelihood.
    fn expect(&self, votes: &Votes, posterior: &mut [f64]) -> f64 {
        let mut log_likelihood = 0.0;
        for (item, of_item) in posterior.chunks_exact_mut(self.classes).enumerate() {
            let rows = &self.rows.of_vote[votes.span(item)];
            log_likelihood += match rows.len() <= MOST_FACTORS {
                true => multiply(&self.prior, &self.errors, rows, of_item),
                false => add_logs(&self.prior, &self.errors, rows, of_item),
            };
        }
        log_likelihood
    }

    /// Finds the parameters, and returns the expected log-likelihood at them, the prior counted once a vote.
    fn maximise(&mut self, votes: &Votes, posterior: &[f64]) -> f64 {
        self.prior = mean_of_classes(posterior, self.classes);
        self.prior.iter_mut().for_each(|share| *share = share.max(LEAST));
        self.errors.fill(0.0);
        for (item, of_item) in posterior.chunks_exact(self.classes).enumerate() {
            for row in &self.rows.of_vote[votes.span(item)] {
                let from = *row as usize * self.classes;
                let counts = &mut self.errors[from..from + self.classes];
                for (class, count) in counts.iter_mut().enumerate() {
                    *count += of_item[class];
                }
            }
        }
        let counts = self.errors.clone();
        self.errors.iter_mut().for_each(|count| *count = count.max(LEAST));
        for two in self.rows.starts.windows(2) {
            let rows = &mut self.errors[two[0] * self.classes..two[1] * self.classes];
            let sums = mean_of_classes(rows, self.classes);
            let count = (two[1] - two[0]) as f64;
            for row in rows.chunks_exact_mut(self.classes) {
                row.iter_mut().zip(&sums).for_each(|(chance, mean)| *chance /= mean * count);
            }
        }
        let log_prior: Vec<f64> = self.prior.iter().map(|share| share.ln()).collect();
        let mut expectation = 0.0;
        for (at, (count, chance)) in counts.iter().zip(&self.errors).enumerate() {
            expectation += count * (chance.ln() + log_prior[at % self.classes]);
        }
        expectation
    }

    fn confusion(&self) -> Vec<Vec<f64>> {
        let of_annotator = |two: &[usize]| {
            let mut matrix = vec![0.0; self.classes * self.classes];
            for row in two[0]..two[1] {
                let label = self.rows.class[row] as usize;
                let chances = &self.errors[row * self.classes..(row + 1) * self.classes];
                chances.iter().enumerate().for_each(|(truth, chance)| {
                    matrix[truth * self.classes + label] = *chance;
                });
            }
            matrix
        };
        self.rows.starts.windows(2).map(of_annotator).collect()
    }

    fn reliability(&self, matrix: &[f64]) -> f64 {
        let right = (0..self.classes).map(|class| self.prior[class] * matrix[class * self.classes + class]);
        right.sum::<f64>().clamp(0.0, 1.0)
    }
}

/// Fills in the posterior of an item with the votes `rows`, and returns its log-likelihood: plain products, which take
/// neither logarithms nor exponentials.
fn multiply(prior: &[f64], errors: &[f64], rows: &[u32], of_item: &mut [f64]) -> f64 {
    of_item.copy_from_slice(prior);
    for row in rows {
        let chances = &errors[*row as usize * prior.len()..][..prior.len()];
        for (class, product) in of_item.iter_mut().enumerate() {
            *product *= chances[class];
        }
    }
    let sum: f64 = of_item.iter().sum();
    let scale = 1.0 / sum;
    of_item.iter_mut().for_each(|product| *product *= scale);
    sum.ln()
}

/// Does the same in logarithms, for items of so many votes that products would underflow.
fn add_logs(prior: &[f64], errors: &[f64], rows: &[u32], of_item: &mut [f64]) -> f64 {
    of_item.iter_mut().zip(prior).for_each(|(log, share)| *log = share.ln());
    for row in rows {
        let chances = &errors[*row as usize * prior.len()..][..prior.len()];
        of_item.iter_mut().zip(chances).for_each(|(sum, chance)| *sum += chance.ln());
    }
    normalise(of_item)
}
