//! How far annotators agree, beyond what chance would give.
//!
//! [`observed`] is the bare share of equal labels, [`cohen`] compares two annotators, [`fleiss`] any number on items of
//! equally many labels, [`krippendorff`] any number with gaps and on four levels of measurement. Where a figure has no
//! value, the reason is returned in its place, never a number.

pub mod cohen;
pub mod fleiss;
pub mod krippendorff;
pub mod observed;

/// Why a figure of agreement has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Agreement takes two.
    #[error("no item has labels of two annotators")]
    NoOverlap,
    /// Without variation chance explains everything, and nothing is left to measure.
    #[error("all labels are the same")]
    NoVariation,
    /// Fleiss' kappa is defined on equally many labels an item.
    #[error("items have from {least} to {most} labels, not equally many")]
    Uneven {
        /// The fewest labels of an item.
        least: usize,
        /// The most labels of an item.
        most: usize,
    },
    /// Ratios need a true zero.
    #[error("the ratio level needs values of at least 0")]
    Negative,
    /// More distinct values than pairs of them can be gone through.
    #[error("{found} distinct values, more than the {most} that the ratio level is computed for")]
    TooManyValues {
        /// Distinct values.
        found: usize,
        /// As many are allowed.
        most: usize,
    },
}
