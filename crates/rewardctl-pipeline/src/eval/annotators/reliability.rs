//! Each annotator: how often right, where that is known, and how far each method trusts.

use std::collections::BTreeMap;

use rewardctl_core::proportion::Proportion;
use serde::Serialize;

use crate::eval::annotators::consensus::Fitted;
use crate::eval::annotators::gather::Labels;

/// The figures of one annotator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnnotatorFigures {
    /// The name.
    pub annotator: String,
    /// Labels given.
    pub labels: usize,
    /// Labels on items with a gold label.
    pub gold: u64,
    /// The share of these that are right; None without any.
    pub accuracy: Option<f64>,
    /// The share of the other labels on the same items that are the same; None where nobody else labelled them.
    pub agreement: Option<f64>,
    /// By method, how far to trust, in 0..=1.
    pub reliability: BTreeMap<&'static str, f64>,
    /// The ability that GLAD fits; None unless it was run.
    pub ability: Option<f64>,
    /// The confusion matrix of Dawid-Skene: a row for each true label, a column for each label given, in order; empty
    /// unless it was run.
    pub confusion: Vec<Vec<f64>>,
}

/// Returns the figures of every annotator, by name.
pub fn reliability(labels: &Labels, fitted: &[Fitted]) -> Vec<AnnotatorFigures> {
    let by_annotator = labels.votes.by_annotator();
    let figures = |(annotator, votes): (usize, &Vec<rewardctl_core::votes::Vote>)| {
        let (mut right, mut same) = (Proportion::default(), Proportion::default());
        for vote in votes {
            let of_item = labels.votes.of(vote.item as usize);
            let others = of_item.iter().filter(|other| other.annotator != vote.annotator);
            others.for_each(|other| same.add(other.class == vote.class));
            if let Some(gold) = labels.gold[vote.item as usize] {
                right.add(gold == vote.class);
            }
        }
        AnnotatorFigures {
            annotator: labels.annotators[annotator].clone(),
            labels: votes.len(),
            gold: right.count,
            accuracy: right.share(),
            agreement: same.share(),
            reliability: fitted
                .iter()
                .map(|one| (one.method.name(), one.consensus.reliability[annotator]))
                .collect(),
            ability: fitted.iter().find_map(|one| one.abilities.get(annotator).copied()),
            confusion: fitted.iter().find_map(|one| matrix(one, annotator)).unwrap_or_default(),
        }
    };
    by_annotator.iter().enumerate().map(figures).collect()
}

fn matrix(fitted: &Fitted, annotator: usize) -> Option<Vec<Vec<f64>>> {
    let confusion = fitted.confusion.get(annotator)?;
    Some(confusion.chunks_exact(fitted.consensus.classes).map(<[f64]>::to_vec).collect())
}
