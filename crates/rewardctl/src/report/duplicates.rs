//! What rows have in common, for people. Texts of rows pass through [`printable`].

use rewardctl_pipeline::duplicates::{Component, Contaminated, Contamination, Duplicates, Example, Place};

use crate::report::{counted, table};
use crate::show::printable;

/// Characters of a text that is shown on a line of its own.
const TEXT_WIDTH: usize = 100;

/// Characters of a text in a table.
const CELL_WIDTH: usize = 60;

/// Returns the report.
pub fn duplicates(found: &Duplicates) -> String {
    let mut parts = vec![sums(found)];
    if !found.largest.is_empty() {
        parts.push(largest(&found.largest));
    }
    if !found.examples.is_empty() {
        parts.push(examples(&found.examples));
    }
    if let Some(contamination) = &found.contamination {
        parts.push(contaminated(contamination));
    }
    parts.join("\n\n")
}

fn sums(found: &Duplicates) -> String {
    let share = found.duplicates as f64 / found.rows.max(1) as f64 * 100.0;
    let mut said = format!(
        "{}: {} of two or more; {} ({share:.1} %) with an earlier one like them, {} of these equal to it in content",
        counted(found.rows, "row"),
        counted(found.components, "component"),
        counted(found.duplicates, "row"),
        found.copies,
    );
    if let Some(Contamination { items, rows, .. }) = &found.contamination {
        said +=
            &format!("\n{} with one of {} of the benchmark", counted(*rows, "row"), counted(*items, "item"));
    }
    said + &format!("\n{} kept", counted(found.kept, "row"))
}

fn largest(components: &[Component]) -> String {
    let row = |component: &Component| {
        let text = printable(&component.text, CELL_WIDTH);
        vec![component.rows.to_string(), place(&component.first), text]
    };
    table(&["rows", "first", "text"], components.iter().map(row).collect())
}

fn examples(examples: &[Example]) -> String {
    let said = |example: &Example| {
        let Example { first, first_text, second, second_text, .. } = example;
        format!(
            "{:.3}  {}: {}\n       {}: {}",
            example.jaccard,
            place(first),
            printable(first_text, TEXT_WIDTH),
            place(second),
            printable(second_text, TEXT_WIDTH)
        )
    };
    let pairs: Vec<String> = examples.iter().map(said).collect();
    format!("The least alike pairs:\n{}", pairs.join("\n"))
}

fn contaminated(contamination: &Contamination) -> String {
    let row = |row: &Contaminated| {
        let text = printable(&row.text, CELL_WIDTH);
        vec![format!("{:.2}", row.score), place(&row.item), place(&row.row), text]
    };
    let rows: Vec<_> = contamination.examples.iter().map(row).collect();
    if rows.is_empty() {
        return "No row contains an item of the benchmark.".into();
    }
    table(&["covered", "item", "row", "text"], rows)
}

fn place(place: &Place) -> String {
    format!("{}:{}", printable(&place.file, CELL_WIDTH), place.line)
}
