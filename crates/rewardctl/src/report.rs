//! Tables and sums for people. Untrusted text passes through [`printable`].

pub mod annotators;
pub mod calls;
pub mod candidates;
pub mod compare;
pub mod dataset;
pub mod duplicates;
pub mod eval;
pub mod export;
pub mod gate;
pub mod learn;
pub mod lint;
pub mod people;
pub mod pii;
pub mod plan;
pub mod queue;
pub mod sarif;
pub mod simulate;

use std::fmt::Display;
use std::path::Path;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use rewardctl_critic::llm::price::money::NanoDollars;
use rewardctl_data::error::STDOUT;
use rewardctl_model::fit::report::{Figure, Report as Fitted};
use rewardctl_pipeline::budget::Spend;
use rewardctl_pipeline::export::Exported;
use rewardctl_pipeline::summary::{Extreme, Line, Report};
use rewardctl_store::ledger::lookup::CallTotal;
use rewardctl_store::people::figures::QueueCounts;
use rewardctl_store::read::Counts;

use crate::commands::is_dash;
use crate::show::printable;

/// Characters of a text that a table shows.
const TEXT_WIDTH: usize = 60;

/// Returns a number with what it counts: `1 row`, `2 rows`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, what: &str) -> String {
    let end = if count == N::from(1) { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// Returns a p-value; a very small one as a bound, as its digits mean nothing.
pub fn p_value(p: Option<f64>) -> String {
    match p {
        None => "–".into(),
        Some(p) if p < 0.0001 => "< .0001".into(),
        Some(p) => format!("{p:.4}"),
    }
}

/// Returns a table without lines: two spaces between columns.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|name| name.to_string()));
    let numeric: Vec<bool> = (0..header.len()).map(|at| is_numeric(&rows, at)).collect();
    table.add_rows(rows);
    for (column, numeric) in table.column_iter_mut().zip(numeric) {
        column.set_padding((0, 2));
        if numeric {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn is_numeric(rows: &[Vec<String>], at: usize) -> bool {
    let is_number = |cell: &String| cell.chars().all(|c| c.is_ascii_digit() || " .,–".contains(c));
    rows.iter().filter_map(|row| row.get(at)).all(is_number)
}

/// Returns the summary of a run.
pub fn summary(report: &Report) -> String {
    let mut parts = vec![String::new(), lines("", &dimensions(report))];
    if !report.generators.is_empty() {
        parts.push(lines("generator", &report.generators.iter().collect::<Vec<_>>()));
    }
    parts.push(routes(report));
    if let Some(pairs) = report.pairs {
        let interval = pairs.interval.map_or(String::new(), |(low, high)| format!(" [{low:.2}, {high:.2}]"));
        parts.push(format!(
            "The reward prefers the input's own chosen response in {:.2}{interval} of {}.",
            pairs.share,
            counted(pairs.pairs, "pair")
        ));
    }
    if !report.failures.is_empty() {
        let failures: Vec<String> =
            report.failures.iter().map(|(critic, n)| format!("{critic} {n}")).collect();
        parts.push(format!("Verdicts that failed, and count as nothing: {}.", failures.join(", ")));
    }
    parts.extend(report.calls.as_ref().map(calls::made));
    parts.extend(extremes("Best", &report.best));
    parts.extend(extremes("Worst", &report.worst));
    parts.join("\n\n").trim_start_matches("\n\n").to_owned()
}

fn dimensions(report: &Report) -> Vec<&Line> {
    std::iter::once(&report.reward).chain(&report.dimensions).collect()
}

fn lines(first: &str, lines: &[&Line]) -> String {
    let row = |line: &&Line| {
        let number = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.3}"));
        let interval = line.interval.map_or("–".into(), |(low, high)| format!("{low:.3} – {high:.3}"));
        vec![
            printable(&line.name, 40),
            number(line.mean),
            interval,
            number(line.spread),
            line.scored.to_string(),
            line.failed.to_string(),
            if first.is_empty() && line.name != "reward" { String::new() } else { line.routed.to_string() },
        ]
    };
    let header = [first, "mean", "95 % interval", "spread", "scored", "failed", "to people"];
    table(&header, lines.iter().map(row).collect())
}

fn routes(report: &Report) -> String {
    let accepted = report.routes.get("accept").copied().unwrap_or(0);
    let reasons: Vec<String> = report
        .routes
        .iter()
        .filter_map(|(route, n)| Some(format!("{n} {}", route.strip_prefix("review: ")?)))
        .collect();
    let reviewed = report.responses - accepted;
    let why = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    let all = counted(report.responses, "response");
    format!("{all}: {accepted} accepted, {reviewed} to people{why}.")
}

/// Says that no response at all got a reward, and what failed most; None if any got one.
pub fn without_reward(report: &Report) -> Option<String> {
    if report.reward.scored > 0 || report.responses == 0 {
        return None;
    }
    let most = report.failures.iter().max_by_key(|(_, count)| **count);
    let why = match most {
        Some((critic, count)) => format!("`{critic}` failed on {count} of them"),
        None => "too few critics had something to judge".into(),
    };
    let all = counted(report.responses, "response");
    Some(format!(
        "no reward at all for {all}: {why}; `no_reward` in the rows and `rewardctl queue list` say more"
    ))
}

fn extremes(name: &str, extremes: &[Extreme]) -> Option<String> {
    let row = |one: &Extreme| {
        let who = one.id.as_deref().unwrap_or(&one.source);
        let generator = one.generator.as_deref().unwrap_or("–");
        let head = format!("  {:.3}  {}  {}", one.reward, printable(who, 40), printable(generator, 30));
        let weakest = match one.weakest.as_str() {
            "" => String::new(),
            weakest => format!("\n         weakest: {}", printable(weakest, 90)),
        };
        format!(
            "{head}\n         {}\n         > {}{weakest}",
            printable(&one.prompt, 90),
            printable(&one.response, 90)
        )
    };
    let rows: Vec<String> = extremes.iter().map(row).collect();
    (!rows.is_empty()).then(|| format!("{name}\n{}", rows.join("\n")))
}

/// Returns the counts of the store.
pub fn status(store: &str, counts: &Counts, queue: &QueueCounts, calls: &[CallTotal]) -> String {
    let waiting = counts.responses - counts.rewards - counts.without_reward;
    let stages = [
        ("ingest", [counted(counts.items, "item"), counted(counts.responses, "response")].join(", ")),
        (
            "critique",
            format!(
                "{} scored, {} abstained, {} failed",
                counted(counts.verdicts_scored, "verdict"),
                counts.verdicts_abstained,
                counts.verdicts_failed
            ),
        ),
        (
            "aggregate",
            format!(
                "{}, {} without reward, {waiting} not yet",
                counted(counts.rewards, "reward"),
                counts.without_reward
            ),
        ),
        ("route", format!("{} accepted, {} to people", counts.accepted, counts.routed)),
        ("review", people::queue(queue)),
        ("runs", format!("{} begun, {} finished", counts.runs, counts.runs_finished)),
    ];
    let rows = stages.into_iter().map(|(stage, what)| vec![stage.to_owned(), what]).collect();
    let mut parts = vec![format!("store {store}"), table(&["stage", "done"], rows)];
    parts.extend(calls::totals(calls));
    parts.join("\n\n")
}

/// Returns what an export came to.
pub fn exported(exported: &Exported, output: &Path) -> String {
    let counts = |counts: Vec<(String, u64)>| {
        counts.into_iter().map(|(name, n)| format!("{n} {name}")).collect::<Vec<_>>().join(", ")
    };
    let sources = exported.sources.iter().map(|(source, n)| (format!("by {}", source.who()), *n)).collect();
    let withheld = exported.withheld.iter().map(|(reason, n)| (reason.to_string(), *n)).collect();
    let output = if is_dash(output) { STDOUT.into() } else { output.display().to_string() };
    let items = counted(exported.items, "item");
    let wrote = match exported.rows {
        0 => format!("no row of {items} is sure enough, so {output} was not written"),
        rows => format!("wrote {} of {items} to {output}", counted(rows, "row")),
    };
    let mut text = wrote;
    if !exported.sources.is_empty() {
        text += &format!("\n  decided {}", counts(sources));
    }
    if !exported.withheld.is_empty() {
        text += &format!("\n  withheld: {}", counts(withheld));
    }
    if !exported.load.is_empty() {
        text += &export::load(&exported.load);
    }
    text
}

/// Returns the held-out figures of a fit beside its baselines.
pub fn fitted(fitted: &Fitted, out: &Path) -> String {
    let figure = |figure: Figure| format!("{:.3} [{:.3}, {:.3}]", figure.mean, figure.low, figure.high);
    let mut rows = vec![];
    for dimension in &fitted.dimensions {
        for source in &dimension.sources {
            rows.push(vec![
                dimension.dimension.clone(),
                printable(&source.source, 30),
                source.comparisons.to_string(),
                figure(source.head),
                figure(source.longer),
                figure(source.tfidf),
            ]);
        }
    }
    let header = ["dimension", "source", "comparisons", "head", "longer wins", "TF-IDF"];
    let shown = table(&header, rows);
    format!("{shown}\n\nAccuracy on prompts that the fit never saw. Wrote the model to {}.", out.display())
}

/// Returns what calls came to, as people read it.
pub fn spent(spend: &Spend) -> String {
    let money = if spend.cost > 0 { format!(", {}", NanoDollars(spend.cost)) } else { String::new() };
    format!("{}{money}", counted(spend.calls, "call"))
}
