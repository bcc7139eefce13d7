//! Picks one pair after the other, each for what it adds to those before.
//!
//! After a pick the covariance of the weights is what it would be with the label at hand, whatever the label says; so a
//! pair that would teach the same again loses its value. References: A. Kirsch, J. van Amersfoort, Y. Gal, *BatchBALD*
//! (arXiv 1906.08158), for batches that are picked one by one; arXiv 2502.04354 for D-optimal pairs of reward models.

use crate::acquire::Candidate;
use crate::acquire::bald::{bald, determinant_gain, information};
use crate::acquire::covariance::{Covariance, dot};

/// What makes a pair worth a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The information of the label about the weights.
    Bald,
    /// The growth of the determinant of the information about the weights.
    DOptimal,
    /// A margin near zero.
    Margin,
    /// Critics that contradict each other.
    Disagreement,
}

/// What a batch must not hold too much of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// How many pairs of one cluster are taken before every other cluster had its turn; None for any number.
    pub per_cluster: Option<usize>,
    /// The cosine of two embeddings above which one of the pairs is left out; None to leave none out.
    pub near: Option<f64>,
}

/// The state of a batch that is being picked.
pub struct Greedy<'a> {
    candidates: &'a [Candidate<'a>],
    covariance: Covariance,
    rule: Rule,
    limits: Limits,
    cap: usize,
    /// Per candidate, the variance of its margin that the weights cause.
    variances: Vec<f64>,
    open: Vec<bool>,
    picks: Vec<usize>,
    per_cluster: Vec<usize>,
}

/// Even a label whose outcome is all but certain teaches a little; without a floor a certain pair would be picked again.
const LEAST_INFORMATION: f64 = 1e-3;

impl<'a> Greedy<'a> {
    /// Begins a batch. Labelled pairs are never picked.
    pub fn new(candidates: &'a [Candidate<'a>], covariance: Covariance, rule: Rule, limits: Limits) -> Self {
        let variances =
            candidates.iter().map(|candidate| covariance.variance(candidate.difference)).collect();
        let clusters =
            candidates.iter().filter_map(|candidate| candidate.cluster).max().map_or(0, |last| last + 1);
        Self {
            candidates,
            covariance,
            rule,
            limits,
            cap: limits.per_cluster.unwrap_or(usize::MAX),
            variances,
            open: candidates.iter().map(|candidate| candidate.state.open()).collect(),
            picks: vec![],
            per_cluster: vec![0; clusters],
        }
    }

    /// Picks the open pair of the highest value, with the value; the smaller id where values are equal. None where no
    /// pair is left.
    pub fn pick(&mut self) -> Option<(usize, f64)> {
        let (at, value) = self.best()?;
        self.per_cluster_of(at, 1);
        self.take(at);
        Some((at, value))
    }

    /// Never picks this pair.
    pub fn leave_out(&mut self, at: usize) {
        self.open[at] = false;
    }

    /// Takes in a pair that something else picked: its label will teach too.
    pub fn take(&mut self, at: usize) {
        let newly = std::mem::replace(&mut self.open[at], false);
        self.picks.push(at);
        // A label that is asked again teaches next to nothing that the posterior does not hold.
        if newly && matches!(self.rule, Rule::Bald | Rule::DOptimal) {
            self.observe(at);
        }
    }

    fn best(&mut self) -> Option<(usize, f64)> {
        let mut order: Vec<(usize, f64)> =
            (0..self.open.len()).filter(|at| self.open[*at]).map(|at| (at, self.value(at))).collect();
        let id = |at: usize| self.candidates[at].id;
        order.sort_by(|(a, one), (b, other)| other.total_cmp(one).then_with(|| id(*a).cmp(&id(*b))));
        // The first pair that no limit forbids is the one; clusters that are full wait until no other is left.
        let mut waiting = None;
        for (at, value) in order {
            if self.is_near_a_pick(at) {
                continue;
            }
            if self.is_full(at) {
                waiting = waiting.or(Some((at, value)));
                continue;
            }
            return Some((at, value));
        }
        self.cap = self.cap.saturating_add(self.limits.per_cluster.unwrap_or(0));
        waiting
    }

    fn value(&self, at: usize) -> f64 {
        let candidate = &self.candidates[at];
        let total = self.variances[at] + candidate.item_variance.max(0.0);
        let value = match self.rule {
            Rule::Bald => bald(candidate.mean, total),
            Rule::DOptimal => determinant_gain(candidate.mean, self.variances[at]),
            Rule::Margin => -candidate.mean.abs(),
            Rule::Disagreement => candidate.disagreement,
        };
        if value.is_nan() { f64::NEG_INFINITY } else { value }
    }

    fn observe(&mut self, at: usize) {
        let candidate = &self.candidates[at];
        let total = self.variances[at] + candidate.item_variance.max(0.0);
        let weight = information(candidate.mean, total).max(LEAST_INFORMATION);
        let weight = if weight.is_finite() { weight } else { LEAST_INFORMATION };
        let moved = self.covariance.times(candidate.difference);
        if !moved.iter().all(|value| value.is_finite()) {
            return;
        }
        let share = weight / (1.0 + weight * self.variances[at]);
        for (variance, other) in self.variances.iter_mut().zip(self.candidates) {
            *variance = (*variance - share * dot(&moved, other.difference).powi(2)).max(0.0);
        }
        self.covariance.observe(candidate.difference, weight);
    }

    fn is_full(&self, at: usize) -> bool {
        self.candidates[at].cluster.is_some_and(|cluster| self.per_cluster[cluster] >= self.cap)
    }

    fn per_cluster_of(&mut self, at: usize, more: usize) {
        if let Some(cluster) = self.candidates[at].cluster {
            self.per_cluster[cluster] += more;
        }
    }

    fn is_near_a_pick(&self, at: usize) -> bool {
        let Some((limit, one)) = self.limits.near.zip(self.candidates[at].embedding) else { return false };
        let others = self.picks.iter().filter_map(|pick| self.candidates[*pick].embedding);
        others.into_iter().any(|other| cosine(one, other) > limit)
    }
}

/// Returns the cosine of two vectors; 0 where one of them has no direction.
pub fn cosine(one: &[f64], other: &[f64]) -> f64 {
    let lengths = (dot(one, one) * dot(other, other)).sqrt();
    if lengths > 0.0 { dot(one, other) / lengths } else { 0.0 }
}
