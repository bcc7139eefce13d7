//! What waits for people, and what was planned for them.

use rewardctl_core::acquire::Purpose;
use rewardctl_pipeline::ask::{Asked, purposes};
use rewardctl_store::people::browse::WorkRow;
use rewardctl_store::people::work::AddedWork;
use rewardctl_store::read::Task;
use rewardctl_store::tasks::OpenPair;

use crate::report::people::answered;
use crate::report::{TEXT_WIDTH, counted, table};
use crate::show::printable;

/// Characters of a prompt or of one of two responses that a table shows.
const SHORT: usize = TEXT_WIDTH / 2;

/// Returns the pairs that wait, `total` in all; None where none does.
pub fn pairs(pairs: &[OpenPair], total: i64) -> Option<String> {
    let row = |pair: &OpenPair| {
        vec![
            numbered(pair.number),
            pair.task.a.to_string()[..12].to_owned(),
            pair.task.b.to_string()[..12].to_owned(),
            printable(&pair.task.reason, 50),
            printable(&pair.prompt, SHORT),
            printable(&pair.response_a, SHORT),
            printable(&pair.response_b, SHORT),
        ]
    };
    let header = ["task", "a", "b", "why", "prompt", "text a", "text b"];
    let shown = table(&header, pairs.iter().map(row).collect());
    let count = format!("{} of {} to compare shown", pairs.len(), counted(total, "pair"));
    (!pairs.is_empty()).then(|| format!("{shown}\n\n{count}; `--json` prints whole texts and ids."))
}

fn numbered(task: Option<i64>) -> String {
    task.map_or("–".into(), |task| task.to_string())
}

/// Returns the responses that wait, `total` in all; None where none does.
pub fn responses(tasks: &[Task], total: i64) -> Option<String> {
    let number = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.2}"));
    let row = |task: &Task| {
        vec![
            numbered(task.number),
            task.response_id.to_string()[..12].to_owned(),
            number(task.reward),
            number(task.uncertainty),
            printable(&task.reason, 40),
            printable(&task.prompt, SHORT),
            printable(&task.response, TEXT_WIDTH),
        ]
    };
    let header = ["task", "response", "reward", "±", "why", "prompt", "text"];
    let shown = table(&header, tasks.iter().map(row).collect());
    let count = format!("{} of {total} shown", tasks.len());
    (!tasks.is_empty()).then(|| {
        format!("{shown}\n\n{count}; `--json` prints whole texts and ids, `--limit N` more of them.")
    })
}

/// Returns tasks by their numbers, at most `limit`; None where there is none.
pub fn numbers(work: &[WorkRow], limit: u32) -> Option<String> {
    let row = |task: &WorkRow| {
        let of = task.question.dimension.as_deref();
        let holders: Vec<String> = task.held.iter().map(|(who, _)| printable(who, 20)).collect();
        vec![
            task.task.to_string(),
            format!(
                "{}{}",
                task.question.kind.name(),
                of.map_or(String::new(), |name| format!(" {}", printable(name, 20)))
            ),
            task.purpose.clone(),
            printable(&task.reason, 40),
            answered(task),
            match task.conflict && holders.is_empty() {
                true => "waits for a curator".into(),
                false => holders.join(", "),
            },
        ]
    };
    let header = ["task", "asks", "for", "why", "answered", "held by"];
    let shown = table(&header, work.iter().map(row).collect());
    let more = if work.len() as u64 == u64::from(limit) { "; `--limit N` shows more" } else { "" };
    let count = counted(work.len() as u64, "task");
    (!work.is_empty()).then(|| {
        format!("{shown}\n\n{count} by the numbers that `queue show` and `queue release` take{more}.")
    })
}

/// Returns what came of adding tasks.
pub fn added(work: &AddedWork) -> String {
    let numbers: Vec<String> = work.tasks.iter().map(i64::to_string).collect();
    let numbers = numbers.join(", ");
    match work.added {
        0 => format!("This was asked already, as task {numbers}; nothing was added."),
        _ => format!("Added as task {numbers}; `rewardctl review` shows it."),
    }
}

/// Returns what was planned.
pub fn planned(asked: &Asked, dry_run: bool) -> String {
    if asked.tasks.is_empty() {
        return format!(
            "No pair is left to ask about: {} waiting already, and no other item has two responses with rewards by the critics and the aggregator in force. `rewardctl score` makes these.",
            counted(asked.waiting as u64, "pair")
        );
    }
    let what = |purpose: Purpose| match purpose {
        Purpose::Teach if asked.fitted => "teach the aggregator most",
        Purpose::Teach => "are typical of the prompts",
        Purpose::Calibrate => "are drawn at random, for calibration",
        Purpose::Relabel => "have a doubtful label",
        Purpose::Audit => "were accepted without a person, drawn at random",
    };
    let rows = purposes(&asked.tasks);
    let rows = rows.into_iter().map(|(purpose, count)| vec![count.to_string(), what(purpose).into()]);
    let done = if dry_run { "would be added to the queue" } else { "added to the queue" };
    format!(
        "{}\n\n{} of {} {done}; `rewardctl queue list` shows them.",
        table(&["pairs", "that"], rows.collect()),
        asked.tasks.len(),
        counted(asked.candidates as u64, "candidate")
    )
}
