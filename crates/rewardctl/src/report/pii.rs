//! What `pii scan` found, for people.

use rewardctl_pipeline::pii::{Example, KindReport, PiiReport};

use crate::report::{counted, table};
use crate::show::printable;

/// Characters of a file's name and a field's that are shown.
const PLACE_WIDTH: usize = 60;
const EXAMPLE_WIDTH: usize = 50;

/// Returns the table by kind, the examples, and what was not looked for.
pub fn found(report: &PiiReport) -> String {
    let looked_at = format!("{} in {}", counted(report.texts, "text"), counted(report.rows, "row"));
    let mut parts = vec![];
    if report.kinds.is_empty() {
        parts.push(format!("Nothing found in {looked_at}."));
    } else {
        let sums = format!("{} for sure and {} possible", report.sure, report.possible);
        parts.push(format!("{sums}, in {} of {looked_at}.", counted(report.rows_with_findings, "row")));
        parts.push(table(&["kind", "class", "sure", "possible"], report.kinds.iter().map(line).collect()));
        let examples = report.kinds.iter().flat_map(|kind| kind.examples.iter().map(move |one| (kind, one)));
        parts.push(table(&["example, masked", "kind", "", "where"], examples.map(example).collect()));
    }
    parts.extend(report.written.map(|rows| format!("Wrote {}, masked.", counted(rows, "row"))));
    let names = match report.names {
        true => {
            "Names and postal addresses were looked for by signs that miss many and find some that are none."
        }
        false => "Names and postal addresses were not looked for.",
    };
    parts.push(format!("{names} docs/pii.md says what is found, and how well."));
    parts.join("\n\n")
}

fn line(kind: &KindReport) -> Vec<String> {
    vec![kind.kind.into(), kind.class.into(), kind.sure.to_string(), kind.possible.to_string()]
}

fn example((kind, example): (&KindReport, &Example)) -> Vec<String> {
    let field = if example.field.is_empty() { String::new() } else { format!(" {}", example.field) };
    let place = format!("{}:{}{field}", example.file, example.line);
    vec![
        printable(&example.masked, EXAMPLE_WIDTH),
        kind.kind.into(),
        example.certainty.into(),
        printable(&place, PLACE_WIDTH),
    ]
}

/// Says which rows were left out.
pub fn skipped(report: &PiiReport) -> Vec<String> {
    if report.skipped == 0 {
        return vec![];
    }
    let first = format!("left out {} that cannot be used:", counted(report.skipped, "row"));
    let rows = report.skipped_rows.iter().map(|row| format!("  {row}"));
    let more = report.skipped - report.skipped_rows.len() as u64;
    let rest = (more > 0).then(|| format!("  and {more} more"));
    std::iter::once(first).chain(rows).chain(rest).collect()
}
