//! Labels over all rows: S10, D13, D14.

use serde::Serialize;
use serde_json::Value;

use crate::json::Fields;
use crate::lint::check::Severity;
use crate::lint::check::dataset::{D13, D14};
use crate::lint::check::silent::S10;
use crate::lint::finding::Findings;
use crate::lint::layout::{Layout, Shape};

/// Fewer labels say nothing of their balance.
const MIN_LABELS: u64 = 20;
/// The weighted ratio of desirable to undesirable examples that KTO wants: from 1 to 4/3 (arXiv 2402.01306).
const KTO_RATIO: (f64, f64) = (1.0, 4.0 / 3.0);
/// The share of right steps that leaves something to learn.
const RIGHT_STEPS: (f64, f64) = (0.3, 0.9);

/// The labels of all rows.
#[derive(Debug, Default)]
pub(crate) struct Balance {
    rows: Count,
    steps: Count,
}

/// How many labels are true and false.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Desirable answers, or right steps.
    pub yes: u64,
    /// Undesirable answers, or wrong steps.
    pub no: u64,
}

impl Balance {
    /// Takes in a row.
    pub(crate) fn read(&mut self, row: &Fields, layout: &Layout) {
        let Some(label) = layout.label.as_ref().and_then(|column| row.get(column)) else { return };
        match (layout.shape, label) {
            (Shape::Steps, Value::Array(labels)) => labels.iter().for_each(|label| self.steps.add(label)),
            _ => self.rows.add(label),
        }
    }

    /// Says what is out of balance.
    pub(crate) fn report(&self, findings: &mut Findings) {
        findings.stand(None, None);
        self.one_sided(findings);
        let (yes, no) = (self.rows.yes as f64, self.rows.no as f64);
        if self.rows.all() >= MIN_LABELS && yes > 0.0 && no > 0.0 {
            let ratio = yes / no;
            if ratio < KTO_RATIO.0 || ratio > KTO_RATIO.1 {
                findings.add(&D13, None, self.weights());
            }
        }
        let share = self.steps.yes as f64 / self.steps.all().max(1) as f64;
        let is_lopsided = share < RIGHT_STEPS.0 || share > RIGHT_STEPS.1;
        if self.steps.all() >= MIN_LABELS && is_lopsided {
            findings.add(
                &D14,
                None,
                format!("{:.0} % of {} steps are labelled right", share * 100.0, self.steps.all()),
            );
        }
    }

    /// Returns the labels of rows; None without any.
    pub(crate) fn rows(&self) -> Option<Count> {
        (self.rows.all() > 0).then_some(self.rows)
    }

    /// Returns the labels of steps; None without any.
    pub(crate) fn steps(&self) -> Option<Count> {
        (self.steps.all() > 0).then_some(self.steps)
    }

    fn one_sided(&self, findings: &mut Findings) {
        let Count { yes, no } = self.rows;
        // One row alone can have no other side.
        if self.rows.all() > 1 && (yes == 0 || no == 0) {
            let value = yes > 0;
            let severity = if self.rows.all() >= MIN_LABELS { S10.severity } else { Severity::Note };
            findings.add_as(severity, &S10, None, format!("all {} labels are {value}", self.rows.all()));
        }
    }

    /// Names the weights that bring the ratio to the nearer end of what KTO wants.
    fn weights(&self) -> String {
        let Count { yes, no } = self.rows;
        let ratio = yes as f64 / no as f64;
        let counts = format!("{yes} desirable and {no} undesirable");
        match ratio < KTO_RATIO.0 {
            true => format!(
                "{counts}: `desirable_weight` {:.2} to {:.2}",
                KTO_RATIO.0 / ratio,
                KTO_RATIO.1 / ratio
            ),
            false => format!(
                "{counts}: `undesirable_weight` {:.2} to {:.2}",
                ratio / KTO_RATIO.1,
                ratio / KTO_RATIO.0
            ),
        }
    }
}

impl Count {
    fn all(self) -> u64 {
        self.yes + self.no
    }

    fn add(&mut self, label: &Value) {
        let is_yes = match label {
            Value::Bool(label) => *label,
            Value::Number(number) => number.as_f64().is_some_and(|number| number > 0.0),
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "chosen" | "+" => true,
                "false" | "0" | "rejected" | "-" => false,
                _ => return,
            },
            _ => return,
        };
        if is_yes { self.yes += 1 } else { self.no += 1 }
    }
}
