//! Scores in the tables that Markdown has: a column that is called `Score`, a row for each thing that was judged.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use crate::llm::reply::{
    claim::{Claim, calls_itself_final, lines},
    pattern::pattern,
    value::Ruler,
};

static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[*_\s]{0,4}(?:final |overall |total )?(?:score|rating|grade)s?[*_\s]{0,4}(?:\([^()]{1,20}\))?[*_\s]{0,4}\z",
    )
});
static RULE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\A\|?\s{0,3}:?-[-:|\s]{0,200}\z"));
static SUM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:overall|total|final|average|mean)\b"));

/// Reads the scores of all tables in `text`; a row for the whole is final.
pub(super) fn tables(text: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    let lines = lines(text);
    let mut claims = vec![];
    let mut column = None;
    for (at, (start, line)) in lines.iter().enumerate() {
        let is_head = lines.get(at + 1).is_some_and(|(_, next)| RULE.is_match(next)) && line.contains('|');
        if is_head {
            column = cells(line).iter().position(|cell| HEADER.is_match(&line[cell.clone()]));
        } else if !line.contains('|') {
            column = None;
        } else if let Some(column) = column.filter(|_| !RULE.is_match(line)) {
            claims.extend(row(text, *start, line, column, ruler));
        }
    }
    claims
}

fn row(text: &str, start: usize, line: &str, column: usize, ruler: &Ruler<'_>) -> Option<Claim<f64>> {
    let cells = cells(line);
    let cell = cells.get(column)?.clone();
    let (answer, span) = ruler.whole(&line[cell.clone()])?;
    let offset = start + cell.start;
    let mut claim = Claim::plain(text, answer, span.start + offset..span.end + offset);
    let others =
        cells.iter().enumerate().filter(|(at, _)| *at != column).map(|(_, cell)| &line[cell.clone()]);
    claim.is_final = others.take(1).any(|name| SUM.is_match(name) || calls_itself_final(name));
    Some(claim)
}

/// Returns the bytes of the cells of a row, without the bars at its ends.
fn cells(line: &str) -> Vec<Range<usize>> {
    let mut cells = vec![];
    let mut from = usize::from(line.starts_with('|'));
    for (at, _) in line.match_indices('|').skip(from) {
        cells.push(from..at);
        from = at + 1;
    }
    if from < line.len() {
        cells.push(from..line.len());
    }
    cells
}
