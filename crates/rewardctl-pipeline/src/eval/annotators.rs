//! Annotators: how far they agree, what the labels of an item come to, and whom to trust.
//!
//! [`mod@gather`] reads the labels, by dimension, and numbers them; [`mod@agreement`] and [`mod@consensus`] measure,
//! [`mod@reliability`] looks at each annotator, and [`report`] is what all of it comes to.

pub mod agreement;
pub mod consensus;
pub mod gather;
pub mod reliability;
pub mod report;

use rewardctl_data::annotators::AnnotatorFields;

use crate::error::Error;
use crate::eval::annotators::agreement::{LevelName, agreement};
use crate::eval::annotators::consensus::{Method, consensus};
use crate::eval::annotators::gather::{Gathered, gather};
use crate::eval::annotators::reliability::reliability;
use crate::eval::annotators::report::{AnnotatorsReport, ConsensusRow, DimensionReport};
use crate::ingest::{InputFile, OnBadRow};

/// What is asked of an evaluation of annotators.
#[derive(Debug, Clone)]
pub struct AnnotatorsSettings {
    /// The names of the fields.
    pub fields: AnnotatorFields,
    /// What to do with a row that cannot be used.
    pub on_bad_row: OnBadRow,
    /// The levels of measurement; None for those that suit the labels.
    pub levels: Option<Vec<LevelName>>,
    /// The labels in their order, where it is not that of numbers; None where it is.
    pub order: Option<Vec<String>>,
    /// The methods of consensus, each once.
    pub methods: Vec<Method>,
    /// The method of the rows; None for the one that suits the labels.
    pub method: Option<Method>,
    /// Iterations at most; None for what each method is usually given.
    pub iterations: Option<usize>,
    /// The gain a label, in nats, below which a fit stops; None for what each method is usually given.
    pub tolerance: Option<f64>,
    /// Compare as many annotators in pairs, those with most labels.
    pub pairs: usize,
    /// Derive bootstraps and random starts from this.
    pub seed: u64,
}

/// Reads the labels and measures; `stage` hears what is done next.
pub fn annotators(
    files: &[InputFile],
    settings: &AnnotatorsSettings,
    stage: &mut dyn FnMut(&str),
) -> Result<(AnnotatorsReport, Vec<ConsensusRow>), Error> {
    stage("reading");
    let gathered = gather(files, settings)?;
    let (mut dimensions, mut rows) = (vec![], vec![]);
    for labels in &gathered.dimensions {
        stage("agreement");
        let agreement = agreement(labels, settings);
        let found = consensus(labels, settings, stage);
        rows.extend(found.rows(labels));
        dimensions.push(DimensionReport {
            dimension: labels.dimension.clone(),
            items: labels.items.len(),
            annotators: labels.annotators.len(),
            labels: labels.votes.all().len(),
            fewest_labels: labels.labels_of_items().min().unwrap_or(0),
            most_labels: labels.labels_of_items().max().unwrap_or(0),
            classes: labels.classes.clone(),
            are_numbers: labels.values.is_some(),
            agreement,
            reliability: reliability(labels, &found.fitted),
            consensus: found.report,
        });
    }
    stage("done");
    let Gathered { inputs, rows: read, unlabelled, repeated, corrections, skipped, skipped_rows, .. } =
        gathered;
    let report = AnnotatorsReport {
        inputs,
        rows: read,
        unlabelled,
        repeated,
        corrections,
        skipped,
        skipped_rows,
        dimensions,
    };
    Ok((report, rows))
}
