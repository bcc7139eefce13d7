//! The queue, agreement, the audit log and the keys, for people to read.

use std::path::Path;

use rewardctl_core::review::keymap::Keymap;
use rewardctl_pipeline::people::{AgreementRow, PeopleReport, ReviewerRow, Share};
use rewardctl_store::people::audit::{AuditLine, AuditReport};
use rewardctl_store::people::browse::WorkRow;
use rewardctl_store::people::figures::QueueCounts;
use rewardctl_store::people::reveal::Revealed;
use rewardctl_store::read::StoredItem;

use crate::report::{counted, table};
use crate::show::{printable, visible};

/// Returns by how many of those who are to answer a task it was answered, and whether others are awaited.
pub fn answered(work: &WorkRow) -> String {
    match (work.filled, work.needed) {
        // Everybody may answer a gold task.
        (filled, _) if work.purpose == "gold" => filled.to_string(),
        (filled, needed) if filled == 0 || filled >= needed => format!("{filled} of {needed}"),
        (filled, needed) if needed - filled == 1 => {
            format!("{filled} of {needed}, another person is awaited")
        }
        (filled, needed) => format!("{filled} of {needed}, {} more people are awaited", needed - filled),
    }
}

/// Returns a task with its texts and what was said.
pub fn task(work: &WorkRow, item: &StoredItem, said: &Revealed) -> String {
    let of = work
        .question
        .dimension
        .as_deref()
        .map_or(String::new(), |name| format!(" on {}", printable(name, 40)));
    let mut text = format!(
        "Task {}: {}{of}, {} (answered: {})\nWhy: {}\n\n{}\n",
        work.task,
        work.question.kind.name(),
        work.state.name(),
        answered(work),
        printable(&work.reason, 200),
        visible(&item.context.prompt_text()),
    );
    for judged in &said.responses {
        let known = item.responses.iter().find(|response| response.id == judged.id);
        let reward = judged.reward.map_or("no reward".into(), |reward| format!("reward {reward:.2}"));
        let by =
            judged.generator.as_deref().map_or(String::new(), |name| format!(", by {}", printable(name, 40)));
        let body = known.map_or(String::new(), |response| visible(&response.text));
        text.push_str(&format!("\n── {} ({reward}{by})\n{body}\n", judged.id));
    }
    for (who, _) in &work.held {
        text.push_str(&format!("\nHeld by {}.", printable(who, 64)));
    }
    for (at, opinion) in said.opinions.iter().enumerate() {
        let note = if opinion.note.is_empty() {
            String::new()
        } else {
            format!(": {}", printable(&opinion.note, 200))
        };
        text.push_str(&format!("\nPerson {} answered {}{note}.", at + 1, opinion.answer.name()));
    }
    text.trim_end().into()
}

/// Returns the counts of the queue, in the words that all commands have for them.
pub fn queue(counts: &QueueCounts) -> String {
    let conflicts = match counts.conflicts {
        0 => String::new(),
        n => format!(" ({} for a curator)", counted(n, "conflict")),
    };
    let skipped = match counts.skipped {
        0 => String::new(),
        n => format!(" ({n} skipped)"),
    };
    format!(
        "{} open{conflicts}, {} held, {} decided{skipped}, {} in force",
        counted(counts.open, "place"),
        counts.held,
        counts.decided,
        counted(counts.labels, "label"),
    )
}

/// Returns the counts of the queue and of everybody's work.
pub fn stats(counts: &QueueCounts, report: &PeopleReport) -> String {
    let sums = queue(counts) + ".";
    let row = |person: &ReviewerRow| {
        vec![
            printable(&person.name, 30),
            person.labels.to_string(),
            person.decided.to_string(),
            person.skipped.to_string(),
            person.per_hour.map_or("–".into(), |speed| format!("{speed:.0}")),
            person.median_ms.map_or("–".into(), |ms| format!("{:.1}", f64::from(ms) / 1000.0)),
            share(&person.hasty),
        ]
    };
    let header = ["who", "labels", "decided", "skipped", "an hour", "seconds each", "under 2 s"];
    match report.reviewers.is_empty() {
        true => sums,
        false => format!("{sums}\n\n{}", table(&header, report.reviewers.iter().map(row).collect())),
    }
}

/// Returns how far people agree.
pub fn agreement(report: &PeopleReport) -> String {
    if report.reviewers.is_empty() {
        return "Nobody has said anything yet; `rewardctl review` asks.".into();
    }
    let kinds = table(
        &["labels of", "count", "shared", "equal", "alpha", "95 % interval"],
        report.agreement.iter().map(agreement_row).collect(),
    );
    let row = |person: &ReviewerRow| {
        vec![
            printable(&person.name, 30),
            share(&person.with_others),
            share(&person.gold),
            share(&person.with_self),
            share(&person.left),
        ]
    };
    let header = ["who", "as most others", "known answers", "as before", "left preferred"];
    let people = table(&header, report.reviewers.iter().map(row).collect());
    format!("{kinds}\n\n{people}\n\nShares with their 95 % intervals; docs/review.md says what each counts.")
}

fn agreement_row(row: &AgreementRow) -> Vec<String> {
    let of = row.dimension.as_deref().map_or(String::new(), |name| format!(" {}", printable(name, 30)));
    let (alpha, interval) = match (row.alpha, &row.undefined) {
        (Some(alpha), _) => {
            let interval =
                row.alpha_interval.map_or("–".into(), |(low, high)| format!("{low:.2} to {high:.2}"));
            (format!("{alpha:.2}"), interval)
        }
        (None, why) => ("–".into(), why.clone().unwrap_or_default()),
    };
    let equal = row.observed.map_or("–".into(), |share| format!("{share:.2}"));
    vec![format!("{}{of}", row.kind), row.labels.to_string(), row.shared.to_string(), equal, alpha, interval]
}

fn share(of: &Share) -> String {
    match of.share.zip(of.interval) {
        None => "–".into(),
        Some((share, (low, high))) => {
            format!("{:.0} % of {} ({:.0} to {:.0})", share * 100.0, of.count, low * 100.0, high * 100.0)
        }
    }
}

/// Returns the last entries of the audit log, and what is wrong with it.
pub fn audit(lines: &[AuditLine], found: &AuditReport, heads: &Path) -> String {
    let row = |line: &AuditLine| {
        vec![
            line.seq.to_string(),
            time(line.at_ms),
            printable(&line.actor, 30),
            printable(&line.action, 30),
            printable(&line.body, 100),
        ]
    };
    let shown = table(&["entry", "when", "who", "what", "of what"], lines.iter().map(row).collect());
    let entries = |count: i64| if count == 1 { "1 entry".into() } else { format!("{count} entries") };
    let verdict = match (&found.broken, found.first_without_head) {
        (Some(broken), _) => format!("The log cannot be trusted: {broken}."),
        (None, _) if found.entries == 0 => "Nothing was logged yet.".into(),
        (None, None) => format!(
            "{} in an unbroken chain that agrees with the heads in `{}`.",
            entries(found.entries),
            heads.display()
        ),
        (None, Some(first)) => format!(
            "{} in an unbroken chain, but {} of them, entry {first} the first, without a head in `{}`: nobody can tell whether these were written anew.",
            entries(found.entries),
            found.without_head,
            heads.display()
        ),
    };
    if lines.is_empty() { verdict } else { format!("{shown}\n\n{verdict}") }
}

fn time(ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(ms).ok();
    time.and_then(|time| time.round(jiff::Unit::Second).ok()).map_or("–".into(), |time| time.to_string())
}

/// Returns the keys as the Markdown table of docs/review.md.
#[cfg(test)]
pub fn key_table(keys: &Keymap) -> String {
    let mut text = String::from("| where | keys | what |\n|---|---|---|\n");
    for line in keys.lines() {
        let keys: Vec<String> = line.keys.iter().map(|key| format!("`{key}`")).collect();
        text.push_str(&format!("| {} | {} | {} |\n", line.place.name(), keys.join(" "), line.help));
    }
    text
}

/// Returns the keys as a table for the terminal.
pub fn keys(keys: &Keymap) -> String {
    let row = |line: rewardctl_core::review::keymap::Line<'_>| {
        vec![line.place.name().to_owned(), line.keys.join("  "), line.help.to_owned()]
    };
    table(&["where", "keys", "what"], keys.lines().map(row).collect())
}
