//! Labels that are true or false: E07.

use serde_json::Value;

use crate::json::kind;
use crate::lint::check::loader::{E05, E07};
use crate::lint::finding::Findings;
use crate::lint::layout::Shape;
use crate::lint::rows::Row;

/// Checks the label or the labels of a row.
pub(super) fn check(row: &Row<'_>, findings: &mut Findings) {
    let Some(column) = &row.layout.label else { return };
    // NeMo-Aligner spells labels out.
    if column == "preference" {
        return;
    }
    match (row.layout.shape, row.fields.get(column)) {
        (_, None) => findings.add(&E07, Some(column.clone()), "missing"),
        (Shape::Steps, Some(Value::Array(labels))) => steps(row, column, labels, findings),
        (_, Some(label)) => {
            if let Some(fault) = fault(label, row.is_typed) {
                findings.add(&E07, Some(column.clone()), fault);
            }
        }
    }
}

fn steps(row: &Row<'_>, column: &str, labels: &[Value], findings: &mut Findings) {
    if let Some((at, fault)) =
        labels.iter().enumerate().find_map(|(at, label)| Some((at, fault(label, true)?)))
    {
        findings.add(&E07, Some(format!("{column}[{at}]")), fault);
    }
    let steps = row.parts.answers.first().map_or(0, |(_, said)| said.turns.len());
    if steps != labels.len() {
        findings.add(&E05, Some(column.into()), format!("{} labels for {steps} steps", labels.len()));
    }
}

fn fault(label: &Value, is_typed: bool) -> Option<String> {
    let is_word = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "true" | "false");
    match label {
        Value::Bool(_) => None,
        Value::String(text) if !is_typed && is_word(text.trim()) => None,
        Value::Number(number) => Some(format!("the number {number}")),
        other => Some(format!("found {}", kind(other))),
    }
}
