//! What a lint comes to, for people.

pub mod sarif;

use rewardctl_data::lint::check::by_code;
use rewardctl_data::lint::finding::{Finding, Group};
use rewardctl_data::lint::fix::Fixed;
use rewardctl_data::lint::report::{Figures, Report};

use crate::report::counted;
use crate::show::printable;

/// Places of one code that are shown; `--json` has more.
const SHOWN: usize = 3;
/// Characters of a message that are shown.
const WIDTH: usize = 160;

/// Returns the findings by code, the figures, and the sum.
pub fn report(report: &Report) -> String {
    let mut parts: Vec<String> = report.groups.iter().map(group).collect();
    parts.extend(figures(&report.figures));
    parts.push(sum(report));
    parts.join("\n\n")
}

/// Returns what was mended.
pub fn fixed(fixed: &Fixed, output: &str) -> String {
    let wrote = match fixed.rows_out {
        0 => format!("no row is left, so {output} was not written"),
        rows => format!("wrote {} of {} to {output}", rows, counted(fixed.rows_in, "row")),
    };
    let change = |(code, count): (&&str, &u64)| {
        let meaning = by_code(code).map_or("", |check| check.meaning);
        format!("  {code}: mended {}: {meaning}", counted(*count, "time"))
    };
    let mut lines: Vec<String> = std::iter::once(wrote).chain(fixed.changes.iter().map(change)).collect();
    let others = [
        (
            fixed.copied,
            "cannot be read and was copied as it is",
            "cannot be read and were copied as they are",
        ),
        (fixed.left_out, "cannot be read and was left out", "cannot be read and were left out"),
        (
            fixed.parted,
            "was left out: its transcripts part before an answer",
            "were left out: their transcripts part before an answer",
        ),
    ];
    for (count, one, many) in others.into_iter().filter(|(count, ..)| *count > 0) {
        lines.push(format!("  {} {}", counted(count, "row"), if count == 1 { one } else { many }));
    }
    lines.join("\n")
}

fn group(group: &Group) -> String {
    let check = group.check;
    let mut lines = vec![format!("{} {} ({}): {}", check.code, group.worst, group.count, check.meaning)];
    lines.extend(group.places.iter().take(SHOWN).map(|place| format!("  {}", line(place))));
    let more = group.count - group.places.len().min(SHOWN) as u64;
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines.push(format!("  why: {}", check.why));
    lines.push(format!("  fix: {}", check.fix));
    lines.join("\n")
}

fn line(finding: &Finding) -> String {
    let mut place = finding.file.as_deref().map_or("dataset".into(), |file| printable(file, WIDTH));
    if let Some(line) = finding.line {
        place += &format!(":{line}");
    }
    if let Some(column) = finding.column {
        place += &format!(":{column}");
    }
    let field = finding
        .field
        .as_ref()
        .map_or(String::new(), |field| format!("field `{}`: ", printable(field, WIDTH)));
    format!("{place}: {field}{}", printable(&finding.message, WIDTH))
}

fn figures(figures: &Figures) -> Option<String> {
    let mut lines = vec![];
    if let Some(pairs) = figures.pairs {
        lines.push(format!(
            "{}: chosen is longer in {:.0} %; AUROC of length {:.3}, lists {:.3}, bold {:.3}, headings {:.3}",
            counted(pairs.pairs, "pair"),
            pairs.chosen_longer * 100.0,
            pairs.length_auroc,
            pairs.list_auroc,
            pairs.bold_auroc,
            pairs.heading_auroc
        ));
    }
    if let Some(labels) = figures.labels {
        lines.push(format!("labels: {} true, {} false", labels.yes, labels.no));
    }
    if let Some(steps) = figures.steps {
        lines.push(format!("steps: {} right, {} wrong", steps.yes, steps.no));
    }
    if let Some(tokens) = figures.tokens {
        let over = tokens.over.map_or(String::new(), |over| format!(", {over} over the limit"));
        lines.push(format!(
            "tokens: median {}, 95 % {}, most {}{over}",
            tokens.median, tokens.p95, tokens.max
        ));
    }
    if let Some(repeated) = figures.repeated {
        lines.push(format!(
            "repeated comparisons: {} of {} disagree, label noise about {:.3}",
            repeated.opposite, repeated.comparisons, repeated.noise
        ));
    }
    if figures.rows_not_compared > 0 {
        lines.push(format!(
            "{} not compared with others: `--compared-rows` raises the limit",
            counted(figures.rows_not_compared, "row")
        ));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn sum(report: &Report) -> String {
    let files = report.files.iter().map(|file| {
        format!("{}: {} of {}", printable(&file.file, WIDTH), counted(file.rows, "row"), file.shape)
    });
    let totals = report.totals;
    let counts = format!(
        "{}, {}, {}",
        counted(totals.errors, "error"),
        counted(totals.warnings, "warning"),
        counted(totals.notes, "note")
    );
    let target = report.target.map_or(String::new(), |target| format!(" for {target}"));
    files.chain(std::iter::once(counts + &target)).collect::<Vec<_>>().join("\n")
}
