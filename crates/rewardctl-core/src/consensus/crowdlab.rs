//! Annotators beside a model that gives each item probabilities.
//!
//! Reference: H. W. Goh, U. Tkachenko, J. Mueller, *CROWDLAB: supervised learning to infer consensus labels and quality
//! scores for data with multiple annotators*, arXiv 2210.06812; the steps are those of cleanlab 2.9.

use crate::consensus::majority::shares;
use crate::consensus::{Consensus, likeliest};
use crate::votes::Votes;

/// The least weight of an annotator or a model.
const LEAST_WEIGHT: f64 = 1e-6;

/// What the method found.
#[derive(Debug, Clone, PartialEq)]
pub struct Crowdlab {
    /// Labels, and as reliability the weight of each annotator, in 1e-6..=1.
    pub consensus: Consensus,
    /// The weight of the model beside one annotator's.
    pub model_weight: f64,
    /// How good each annotator is, in 0..=1: between the posterior of the own labels and how many of them are the
    /// consensus, as the weights say; None without an item that somebody else labelled too.
    pub quality: Vec<Option<f64>>,
}

/// Returns the consensus of annotators and a model of which `model` has the probability of each class, item after item;
/// those of an item sum to 1. None if no item has two labels, or if there is but one class: nothing says then how far
/// to trust anyone.
///
/// With `err_M` the share of items with two labels or more on which the model contradicts the consensus, `err_j` the
/// share of other annotators' labels that contradict annotator j, and `err_0` the share that the commonest label gets
/// wrong: `w_j = max(1 − err_j/err_0, 1e-6)`, `w_M = max(1 − err_M/err_0, 1e-6) √(mean labels an item)`. An annotator's
/// label has the share P of the agreement with the consensus, each other class `(1 − P)/(K − 1)`; the posterior is the
/// weighted mean. All of it is done first for the majority (ties go to the model), then for the consensus so found.
pub fn crowdlab(votes: &Votes, model: &[f64]) -> Option<Crowdlab> {
    let classes = votes.extent().classes;
    let several: Vec<usize> = (0..votes.extent().items).filter(|item| votes.of(*item).len() > 1).collect();
    if several.is_empty() || classes < 2 {
        return None;
    }
    let weighing = Weighing { votes, model, classes, agreement: agreement(votes)?, several };
    let first = weighing.posterior(&weighing.majority());
    let labels: Vec<u32> = first.posterior.chunks_exact(classes).map(likeliest).collect();
    let second = weighing.posterior(&labels);
    let quality = weighing.quality(&labels, &second);
    let consensus =
        Consensus { classes, posterior: second.posterior, labels, reliability: second.annotators, fit: None };
    Some(Crowdlab { consensus, model_weight: second.model, quality })
}

struct Weighing<'a> {
    votes: &'a Votes,
    model: &'a [f64],
    classes: usize,
    /// How often other annotators' labels are those of each annotator.
    agreement: Vec<f64>,
    /// The items with two labels or more.
    several: Vec<usize>,
}

struct Weighed {
    posterior: Vec<f64>,
    annotators: Vec<f64>,
    model: f64,
}

impl Weighing<'_> {
    fn of_model(&self, item: usize) -> &[f64] {
        &self.model[item * self.classes..(item + 1) * self.classes]
    }

    /// Returns the class of most votes; the model decides between equals.
    fn majority(&self) -> Vec<u32> {
        let shares = shares(self.votes);
        let label = |(item, shares): (usize, &[f64])| {
            let most = shares.iter().copied().fold(0.0, f64::max);
            let candidate = |(share, model): (&f64, &f64)| if *share == most { *model } else { -1.0 };
            let candidates: Vec<f64> = shares.iter().zip(self.of_model(item)).map(candidate).collect();
            likeliest(&candidates)
        };
        shares.chunks_exact(self.classes).enumerate().map(label).collect()
    }

    fn posterior(&self, labels: &[u32]) -> Weighed {
        let count = self.several.len() as f64;
        let share = |is_so: &dyn Fn(usize) -> bool| {
            self.several.iter().filter(|item| is_so(**item)).count() as f64 / count
        };
        let commonest = self.commonest(labels);
        let chance_error = share(&|item| labels[item] != commonest).max(LEAST_WEIGHT);
        let model_error = share(&|item| likeliest(self.of_model(item)) != labels[item]);
        let mean_labels = self.votes.all().len() as f64 / self.votes.extent().items as f64;
        let weight = |error: f64| (1.0 - error / chance_error).max(LEAST_WEIGHT);
        let model = weight(model_error) * mean_labels.sqrt();
        let annotators: Vec<f64> = self.agreement.iter().map(|agreement| weight(1.0 - agreement)).collect();
        let right = self.several.iter().map(|item| self.share_of(*item, labels[*item])).sum::<f64>() / count;
        let posterior = self.average(model, &annotators, right);
        Weighed { posterior, annotators, model }
    }

    fn commonest(&self, labels: &[u32]) -> u32 {
        let mut counts = vec![0.0; self.classes];
        self.several.iter().for_each(|item| counts[labels[*item] as usize] += 1.0);
        likeliest(&counts)
    }

    /// Returns the share of the labels of `item` that are `class`.
    fn share_of(&self, item: usize, class: u32) -> f64 {
        let votes = self.votes.of(item);
        votes.iter().filter(|vote| vote.class == class).count() as f64 / votes.len() as f64
    }

    fn average(&self, model: f64, annotators: &[f64], right: f64) -> Vec<f64> {
        let wrong = (1.0 - right) / (self.classes - 1) as f64;
        let mut posterior: Vec<f64> = self.model.iter().map(|probability| probability * model).collect();
        for (item, of_item) in posterior.chunks_exact_mut(self.classes).enumerate() {
            let mut total = model;
            for vote in self.votes.of(item) {
                let weight = annotators[vote.annotator as usize];
                total += weight;
                of_item.iter_mut().for_each(|sum| *sum += weight * wrong);
                of_item[vote.class as usize] += weight * (right - wrong);
            }
            of_item.iter_mut().for_each(|sum| *sum /= total);
        }
        posterior
    }

    fn quality(&self, labels: &[u32], weighed: &Weighed) -> Vec<Option<f64>> {
        let extent = self.votes.extent();
        let labels_an_annotator = self.votes.all().len() as f64 / (extent.items * extent.annotators) as f64;
        let of_annotators = weighed.annotators.iter().sum::<f64>() * labels_an_annotator;
        let of_model = weighed.model / (weighed.model + of_annotators);
        let quality = |votes: Vec<crate::votes::Vote>| {
            let probability = |vote: &crate::votes::Vote| {
                weighed.posterior[vote.item as usize * self.classes + vote.class as usize]
            };
            let mean = votes.iter().map(probability).sum::<f64>() / votes.len() as f64;
            let shared = votes.iter().filter(|vote| self.votes.of(vote.item as usize).len() > 1);
            let (mut right, mut count) = (0.0, 0.0);
            for vote in shared {
                count += 1.0;
                right += f64::from(u8::from(labels[vote.item as usize] == vote.class));
            }
            (count > 0.0).then(|| of_model * mean + (1.0 - of_model) * right / count)
        };
        self.votes.by_annotator().into_iter().map(quality).collect()
    }
}

/// Returns how often the other labels on an annotator's items are the annotator's own, each label counting once; the
/// mean of the others for who shares no item. None if nobody does.
fn agreement(votes: &Votes) -> Option<Vec<f64>> {
    let annotators = votes.extent().annotators;
    let (mut equal, mut all) = (vec![0.0; annotators], vec![0.0; annotators]);
    for item in 0..votes.extent().items {
        for vote in votes.of(item) {
            let same = votes.of(item).iter().filter(|other| other.class == vote.class).count() - 1;
            equal[vote.annotator as usize] += same as f64;
            all[vote.annotator as usize] += (votes.of(item).len() - 1) as f64;
        }
    }
    let shares: Vec<Option<f64>> =
        equal.iter().zip(&all).map(|(equal, all)| (*all > 0.0).then(|| equal / all)).collect();
    let known: Vec<f64> = shares.iter().copied().flatten().collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    (!known.is_empty()).then(|| shares.into_iter().map(|share| share.unwrap_or(mean)).collect())
}
