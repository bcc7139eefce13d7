//! From which confidence on pairs need no person: the guarantee, and where it is kept.

use std::fs;
use std::path::Path;

use rewardctl_core::guarantee::{Aim, Guarantee, Judged, NoGuarantee, guarantee};
use rewardctl_model::file;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::learn::apply::PairForecast;

/// The name of the file in the aggregator's folder.
const CALIBRATION: &str = "calibration.json";

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
    let judged = found.iter().filter(|pair| pair.label != 0.5).map(|pair| Judged {
        confidence: pair.probability.max(1.0 - pair.probability),
        // No difference is no answer: it is never a right one.
        correct: (pair.probability - 0.5) * (pair.label - 0.5) > 0.0,
    });
    guarantee(&judged.collect::<Vec<_>>(), aim)
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
