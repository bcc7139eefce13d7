//! How many independent critics the panel amounts to.

use rewardctl_core::independence::{Column, correlations, effective_number};
use serde::Serialize;

use crate::audit::figures::hit;
use crate::audit::gather::Gathered;

/// Two critics with fewer common places than this have no correlation worth telling.
const LEAST_COMMON: usize = 20;

/// How far the critics go together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Independence {
    /// What is correlated.
    pub basis: Basis,
    /// The critics that take part; one that hardly ever speaks or decides does not.
    pub critics: Vec<String>,
    /// Their correlations; None where two have too little in common.
    pub matrix: Vec<Vec<Option<f64>>>,
    /// The mean correlation.
    pub mean: Option<f64>,
    /// The effective number of independent critics.
    pub effective: Option<f64>,
}

/// What is correlated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Whether they are wrong, on the labelled pairs that both decide.
    Errors,
    /// Their scores, for want of labels: what is good is good for all, so these go together more than errors do.
    Scores,
}

/// Correlates the critics `names`, in the order of slots.
pub fn independence(gathered: &Gathered, names: Vec<String>) -> Independence {
    let labelled = gathered.preferred.values().flatten().count();
    let basis = if labelled < LEAST_COMMON { Basis::Scores } else { Basis::Errors };
    let column = |slot| match basis {
        Basis::Errors => errors(gathered, slot),
        Basis::Scores => (0..gathered.responses.len()).map(|at| gathered.score(slot, at)).collect(),
    };
    let all: Vec<Column> = (0..names.len()).map(column).collect();
    let found = correlations(&all, LEAST_COMMON);
    let takes_part: Vec<usize> =
        (0..names.len()).filter(|slot| found.matrix[*slot].iter().any(Option::is_some)).collect();
    let row = |slot: &usize| takes_part.iter().map(|other| found.matrix[*slot][*other]).collect();
    Independence {
        basis,
        critics: takes_part.iter().map(|slot| names[*slot].clone()).collect(),
        matrix: takes_part.iter().map(row).collect(),
        mean: found.mean,
        effective: found.mean.and_then(|mean| effective_number(takes_part.len(), mean)),
    }
}

fn errors(gathered: &Gathered, slot: usize) -> Column {
    let pairs = gathered.preferred.iter().filter_map(|(pair, preferred)| Some((pair, (*preferred)?)));
    let error = |((_, one, other), preferred): (&(usize, usize, usize), usize)| {
        // Critics that tie on nearly everything would pass for independent ones.
        let decided = hit(gathered, slot, *one, *other, preferred).filter(|hit| *hit != 0.5);
        decided.map(|hit| 1.0 - hit)
    };
    pairs.map(error).collect()
}
