//! Questions from a file of pairs with stored verdicts and labels.

use std::collections::{BTreeMap, BTreeSet};

use rewardctl_core::id::ContentId;
use rewardctl_core::panel::{Dimension, Panel, Part, Quorum, Slot};
use rewardctl_core::replay::Question;
use rewardctl_data::verdict_pairs::{VerdictPair, read_verdict_pairs};
use rewardctl_model::learn::fit::Pool;
use rewardctl_model::learn::labels::Observed;
use rewardctl_model::learn::rows::Rows;
use rewardctl_model::learn::style::style;

use crate::error::Error;
use crate::ingest::{BAD_ROWS_LISTED, InputFile};
use crate::simulate::simulated::deviation;

/// Pairs of a file, as the aggregator sees them.
#[derive(Debug)]
pub struct Stored {
    /// The file.
    pub name: String,
    /// The pairs.
    pub questions: Vec<Question>,
    panel: Panel,
    /// Two responses for each pair, one after the other.
    observed: Vec<Observed>,
}

/// The dimension of verdicts that say no more than which response is better.
const DIMENSION: &str = "overall";

/// Reads a file: all of it, or an error if any row cannot be used.
pub fn read(file: &InputFile) -> Result<Stored, Error> {
    let (mut rows, mut bad) = (vec![], vec![]);
    for row in read_verdict_pairs(&file.path, &file.label)? {
        match row {
            Ok((_, row)) => rows.push(row),
            Err(error) => bad.push(error),
        }
    }
    if !bad.is_empty() {
        let count = bad.len() as u64;
        bad.truncate(BAD_ROWS_LISTED);
        return Err(Error::BadRows { count, first: bad });
    }
    Ok(stored(file.label.clone(), &rows))
}

fn stored(name: String, rows: &[VerdictPair]) -> Stored {
    let critics: BTreeSet<&String> = rows.iter().flat_map(|row| row.verdicts.keys()).collect();
    let groups = numbered_groups(rows);
    let observed: Vec<Observed> = rows
        .iter()
        .zip(&groups)
        .flat_map(|(row, group)| [0, 1].map(|side| observed(row, &critics, *group, side)))
        .collect();
    let mut stored = Stored { name, questions: vec![], panel: panel(&critics), observed };
    let differences = stored.rows(&stored.pool()).differences();
    let questions = rows.iter().zip(&groups).zip(differences).enumerate();
    let questions = questions.map(|(at, ((row, group), difference))| question(at, row, *group, difference));
    stored.questions = questions.collect();
    stored
}

impl Stored {
    /// Returns how many critics judged.
    pub fn critics(&self) -> usize {
        self.panel.slots.len()
    }

    pub(crate) fn pool(&self) -> Pool<'_> {
        Pool::new(&self.panel, &self.observed)
    }

    pub(crate) fn rows<'a>(&self, pool: &'a Pool<'a>) -> Rows<'a> {
        Rows::of_pool(pool, (0..self.observed.len() / 2).map(|at| (2 * at, 2 * at + 1)).collect())
    }
}

/// Numbers the groups in the order of the file; a row without one is a group of its own.
fn numbered_groups(rows: &[VerdictPair]) -> Vec<usize> {
    let (mut known, mut next) = (BTreeMap::new(), 0);
    let mut numbers = vec![];
    for row in rows {
        let number = row.group.as_ref().map_or(next, |group| *known.entry(group).or_insert(next));
        next += usize::from(number == next);
        numbers.push(number);
    }
    numbers
}

fn panel(critics: &BTreeSet<&String>) -> Panel {
    let slot = |critic: &&String| Slot {
        critic: critic.to_string(),
        dimension: DIMENSION.into(),
        weight: 1.0,
        part: Part::Mean,
    };
    Panel {
        name: "stored verdicts".into(),
        dimensions: vec![Dimension { name: DIMENSION.into(), weight: 1.0 }],
        slots: critics.iter().map(slot).collect(),
        quorum: Quorum { coverage: 0.0, dimensions: 1 },
    }
}

fn observed(row: &VerdictPair, critics: &BTreeSet<&String>, group: usize, side: usize) -> Observed {
    let score = |critic: &&String| row.verdicts.get(*critic).map(|scores| scores[side].get());
    Observed {
        group,
        scores: critics.iter().map(score).collect(),
        variances: vec![0.0; critics.len()],
        style: row.responses.as_ref().map(|responses| style(&responses[side])),
    }
}

fn question(at: usize, row: &VerdictPair, prompt: usize, difference: Vec<f64>) -> Question {
    let gaps: Vec<f64> = row.verdicts.values().map(|[a, b]| a.get() - b.get()).collect();
    Question {
        id: ContentId::of("stored pair", [(at as u64).to_le_bytes().as_slice()]),
        prompt,
        difference,
        cluster: None,
        embedding: None,
        disagreement: deviation(&gaps),
        answers: row.labels.clone(),
        truth: row.winner,
    }
}
