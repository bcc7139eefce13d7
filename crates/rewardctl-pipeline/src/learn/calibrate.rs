//! From which confidence on pairs need no person: the guarantee, and where it is kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rewardctl_core::acquire::Purpose;
use rewardctl_core::guarantee::{Aim, Guarantee, Judged, NoGuarantee, guarantee};
use rewardctl_core::id::{ResponseId, Version};
use rewardctl_core::label::{Judgement, Label, comparisons, last_words};
use rewardctl_core::proportion::Proportion;
use rewardctl_model::file;
use rewardctl_store::open::Store;
use rewardctl_store::tasks::PairTask;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::learn::apply::PairForecast;

/// The name of the file in the aggregator's folder.
pub(super) const CALIBRATION: &str = "calibration.json";

/// A guarantee as it is kept beside the aggregator that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Pairs whose likelier side has this probability or more are accepted.
    pub threshold: f64,
    /// α: at most this share of accepted pairs is wrong.
    pub error: f64,
    /// δ: the chance that this promise fails.
    pub risk: f64,
    /// Calibration pairs.
    pub pairs: u64,
    /// Of these, accepted.
    pub kept: u64,
    /// Of those, wrong.
    pub wrong: u64,
    /// The upper bound of the share of errors.
    pub bound: f64,
}

/// Finds the threshold on pairs with a winner; ties of people are left out.
pub fn calibrate(found: &[PairForecast], aim: Aim) -> Result<Guarantee, NoGuarantee> {
    let judged = found.iter().filter_map(|pair| judged(pair.probability, pair.label));
    guarantee(&judged.collect::<Vec<_>>(), aim)
}

/// None for a tie of people.
fn judged(probability: f64, label: f64) -> Option<Judged> {
    (label != 0.5).then(|| Judged {
        confidence: probability.max(1.0 - probability),
        // No difference is no answer: it is never a right one.
        correct: (probability - 0.5) * (label - 0.5) > 0.0,
    })
}

/// What people said of the pairs that were drawn at random.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    /// The pairs drawn for calibration, as far as somebody came.
    pub judged: Vec<Judged>,
    /// Of these, passed over: they count as wrong.
    pub passed_over: usize,
    /// Drawn for calibration and still to come.
    pub waiting: usize,
    /// Drawn for calibration, without rewards of the aggregator in force.
    pub unscored: usize,
    /// Audited pairs that were accepted, and of these the wrong ones.
    pub audits: Proportion,
}

/// Reads the pairs of the store that were drawn for calibration and for audits, with the rewards of the aggregator in
/// force, whose `version` and `temperature` are given. Pairs without such rewards, and ties of people, are left out.
pub async fn drawn(store: &Store, version: Version, temperature: f64) -> Result<Drawn, Error> {
    let tasks = store.pair_tasks().await?;
    let last = tasks.iter().rposition(|(task, answered)| task.purpose == Purpose::Calibrate && *answered);
    let responses: Vec<ResponseId> = tasks.iter().flat_map(|(task, _)| [task.a, task.b]).collect();
    let utilities = store.utilities(version, &responses).await?;
    let labels = store.labels().await?;
    let compared = comparisons(&last_words(&labels));
    let mut drawn = Drawn { audits: Proportion { hits: 0, count: 0 }, ..Drawn::default() };
    for (at, (task, answered)) in tasks.iter().enumerate() {
        let Some((a, b)) = utilities.get(&task.a).zip(utilities.get(&task.b)) else {
            drawn.unscored += usize::from(task.purpose == Purpose::Calibrate);
            continue;
        };
        let probability = a.probability_better(b, temperature);
        let label = compared.get(&(task.a, task.b)).map_or(0.5, |said| match said.preferred {
            Some(preferred) => f64::from(u8::from(preferred == task.a)),
            None => 0.5,
        });
        match (task.purpose, answered) {
            (Purpose::Calibrate, true) => drawn.judged.extend(judged(probability, label)),
            (Purpose::Calibrate, false) if last.is_some_and(|last| at < last) => {
                drawn.passed_over += 1;
                let confidence = probability.max(1.0 - probability);
                drawn.judged.push(Judged { confidence, correct: false });
            }
            (Purpose::Calibrate, false) => drawn.waiting += 1,
            (Purpose::Audit, true) => {
                if let Some(judged) = judged(probability, label) {
                    drawn.audits.count += 1;
                    drawn.audits.hits += u64::from(!judged.correct);
                }
            }
            (Purpose::Audit, false) | (Purpose::Teach | Purpose::Relabel, _) => {}
        }
    }
    Ok(drawn)
}

/// Takes the comparisons of pairs that were drawn for calibration out of `labels`, and returns how many they were.
pub fn hold_back(labels: &mut Vec<Label>, tasks: &[(PairTask, bool)]) -> usize {
    let drawn = tasks.iter().filter(|(task, _)| task.purpose == Purpose::Calibrate);
    let drawn: BTreeSet<(ResponseId, ResponseId)> = drawn.map(|(task, _)| (task.a, task.b)).collect();
    let before = labels.len();
    labels.retain(|label| match label.judgement {
        Judgement::Compare { a, b, .. } => !drawn.contains(&(a.min(b), a.max(b))),
        Judgement::Rate { .. } | Judgement::Correct { .. } => true,
    });
    before - labels.len()
}

impl Calibration {
    /// Makes what is kept of a guarantee.
    pub fn new(found: &Guarantee) -> Self {
        Self {
            threshold: found.threshold,
            error: found.aim.error,
            risk: found.aim.risk,
            pairs: found.kept.count,
            kept: found.kept.hits,
            wrong: found.errors.hits,
            bound: found.bound,
        }
    }

    /// Writes it beside the aggregator in `folder`.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let mut json = serde_json::to_vec_pretty(self).expect("numbers can be written as JSON");
        json.push(b'\n');
        Ok(file::write(&folder.join(CALIBRATION), &json)?)
    }

    /// Reads what is kept beside the aggregator in `folder`; None where nothing is.
    pub fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(CALIBRATION);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|source| Error::ReadPanel { path: path.clone(), source })?,
        };
        let broken =
            |source: serde_json::Error| Error::ReadPanel { path: path.clone(), source: source.into() };
        serde_json::from_slice(&bytes).map(Some).map_err(broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_difference_is_never_right() {
        let pair = |probability: f64, label: f64| PairForecast {
            group: 0,
            other_group: 0,
            a: "a".into(),
            b: "b".into(),
            probability,
            label,
        };
        let aim = Aim { error: 0.2, risk: 0.1 };
        for label in [0.0, 1.0] {
            assert!(calibrate(&vec![pair(0.5, label); 100], aim).is_err());
        }
        let sure: Vec<PairForecast> = (0..100).map(|at| pair(0.9, f64::from(u8::from(at > 4)))).collect();
        assert_eq!(calibrate(&sure, aim).unwrap().errors.hits, 5);
    }
}
