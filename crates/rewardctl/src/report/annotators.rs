//! What annotators come to, as tables for people.

use rewardctl_pipeline::eval::annotators::agreement::PairFigures;
use rewardctl_pipeline::eval::annotators::consensus::{Method, MethodFigures};
use rewardctl_pipeline::eval::annotators::reliability::AnnotatorFigures;
use rewardctl_pipeline::eval::annotators::report::{AnnotatorsReport, DimensionReport, FigureOrWhy};

use crate::report::{counted, table};
use crate::show::printable;

/// Characters of a name that a table shows.
const NAME: usize = 30;

/// Labels that the introduction lists.
const CLASSES: usize = 12;

/// What stands where there is no figure.
const NOTHING: &str = "–";

/// Returns the report; of annotators and their pairs, the `listed` with most labels.
pub fn annotators(report: &AnnotatorsReport, listed: usize) -> String {
    report.dimensions.iter().map(|one| dimension(one, listed)).collect::<Vec<_>>().join("\n\n\n")
}

fn dimension(one: &DimensionReport, listed: usize) -> String {
    let mut parts =
        vec![introduction(one), agreement(one), pairs(one), consensus(one), reliability(one, listed)];
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn introduction(one: &DimensionReport) -> String {
    let name =
        one.dimension.as_ref().map_or(String::new(), |name| format!("Dimension {}: ", printable(name, NAME)));
    let each = match (one.fewest_labels, one.most_labels) {
        (least, most) if least == most => format!("{most} an item"),
        (least, most) => format!("{least} to {most} an item"),
    };
    let shown: Vec<String> =
        one.classes.iter().take(CLASSES).map(|class| printable(&class.to_string(), NAME)).collect();
    let more = one.classes.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "{name}{}, {}, {} ({each}).\nLabels: {}{more}.",
        counted(one.items as u64, "item"),
        counted(one.annotators as u64, "annotator"),
        counted(one.labels as u64, "label"),
        shown.join(", "),
    )
}

fn agreement(one: &DimensionReport) -> String {
    let row = |name: String, figure: &FigureOrWhy| {
        let interval = figure.interval.map_or(NOTHING.into(), |(low, high)| format!("{low:.3} – {high:.3}"));
        vec![name, number(figure.value), interval, figure.reason.clone().unwrap_or_default()]
    };
    let found = &one.agreement;
    let mut rows = vec![row("equal labels of two".into(), &found.observed)];
    for level in &found.krippendorff {
        rows.push(row(format!("Krippendorff's alpha, {}", level.level.name()), &level.figure));
    }
    rows.push(row("Fleiss' kappa".into(), &found.fleiss));
    table(&["agreement", "value", "95 % interval", ""], rows)
}

fn pairs(one: &DimensionReport) -> String {
    let found = &one.agreement;
    if found.pairs.is_empty() {
        return String::new();
    }
    let row = |pair: &PairFigures| {
        vec![
            printable(&pair.one, NAME),
            printable(&pair.other, NAME),
            pair.items.to_string(),
            number(Some(pair.observed)),
            number(pair.kappa),
            number(pair.kappa_linear),
            number(pair.kappa_quadratic),
            number(pair.kendall),
            number(pair.spearman),
            number(pair.pearson),
        ]
    };
    let header = [
        "annotator",
        "and",
        "items",
        "equal",
        "kappa",
        "linear",
        "quadratic",
        "tau-b",
        "Spearman",
        "Pearson",
    ];
    let of = match found.compared == one.annotators {
        true => String::new(),
        false => format!(" Of {} annotators, the {} with most labels.", one.annotators, found.compared),
    };
    let rows = found.pairs.iter().map(row).collect();
    format!(
        "Pairs of annotators, on the items that both labelled; kappa is Cohen's.{of}\n{}",
        speaking(&header, rows)
    )
}

fn consensus(one: &DimensionReport) -> String {
    let found = &one.consensus;
    let Some(chosen) = found.chosen else { return format!("No consensus: {}.", found.why) };
    let row = |method: &MethodFigures| {
        let interval = method.interval.map_or(NOTHING.into(), |(low, high)| format!("{low:.3} – {high:.3}"));
        let end = match (method.iterations, method.converged) {
            (Some(iterations), Some(true)) => iterations.to_string(),
            (Some(iterations), _) => format!("{iterations}, not at the end"),
            (None, _) => NOTHING.into(),
        };
        vec![
            method.method.name().into(),
            number(method.accuracy),
            interval,
            number(Some(method.probability)),
            method.ties.to_string(),
            end,
        ]
    };
    let header = ["consensus", "right", "95 % interval", "mean probability", "ties", "iterations"];
    let rows = found.methods.iter().map(row).collect();
    let gold = match found.gold {
        0 => "No item has a gold label, so nothing says which method is right.".into(),
        gold => format!("`right` is the share of {} with a gold label.", counted(gold as u64, "item")),
    };
    format!("{}\n{gold} Chosen: {}, {}.", speaking(&header, rows), chosen.name(), found.why)
}

fn reliability(one: &DimensionReport, listed: usize) -> String {
    let mut shown: Vec<&AnnotatorFigures> = one.reliability.iter().collect();
    shown.sort_by(|a, b| b.labels.cmp(&a.labels).then_with(|| a.annotator.cmp(&b.annotator)));
    shown.truncate(listed);
    if shown.is_empty() {
        return String::new();
    }
    let methods: Vec<Method> = one.consensus.methods.iter().map(|method| method.method).collect();
    let row = |figures: &&AnnotatorFigures| {
        let mut row = vec![
            printable(&figures.annotator, NAME),
            figures.labels.to_string(),
            number(figures.accuracy),
            number(figures.agreement),
        ];
        row.extend(methods.iter().map(|method| number(figures.reliability.get(method.name()).copied())));
        row
    };
    let mut header = vec!["annotator", "labels", "right", "equal to others"];
    header.extend(methods.iter().map(|method| method.name()));
    let of = match shown.len() == one.annotators {
        true => String::new(),
        false => format!(
            "\nThe {} with most labels of {} annotators; `--pairs N` lists more, `--json` all.",
            shown.len(),
            one.annotators
        ),
    };
    format!("{}{of}", speaking(&header, shown.iter().map(row).collect()))
}

/// Returns a table without the columns that say nothing.
fn speaking(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let says = |at: &usize| rows.is_empty() || rows.iter().any(|row| row[*at] != NOTHING);
    let shown: Vec<usize> = (0..header.len()).filter(says).collect();
    let header: Vec<&str> = shown.iter().map(|at| header[*at]).collect();
    let rows = rows.iter().map(|row| shown.iter().map(|at| row[*at].clone()).collect());
    table(&header, rows.collect())
}

fn number(value: Option<f64>) -> String {
    value.map_or(NOTHING.into(), |value| {
        let text = format!("{value:.3}");
        if text == "-0.000" { "0.000".into() } else { text }
    })
}
