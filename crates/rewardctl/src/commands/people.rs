//! The parts of `rewardctl queue` and `audit` that are about people, and what all commands about people share.

use rewardctl_core::id::ResponseId;
use rewardctl_core::review::decision::{Answer, Choice};
use rewardctl_core::review::keymap::{KeyFile, Keymap};
use rewardctl_core::review::question::{Kind, Question};
use rewardctl_core::review::role::Role;
use rewardctl_core::score::Scale;
use rewardctl_pipeline::people::people;
use rewardctl_store::open::Store;
use rewardctl_store::people::work::NewWork;
use rewardctl_store::people::{Now, Person, WorkSettings};
use serde_json::json;

use crate::cli::JsonArgs;
use crate::cli::people::AuditLogArgs;
use crate::cli::queue::{QueueAddArgs, QueueKind, QueueShowArgs};
use crate::commands::label::scale;
use crate::commands::{block_on, open_known_store, print_json, print_line, seed};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::settings::Settings;
use crate::settings::environment::variable;

/// The shipped keys.
const KEYMAP: &str = include_str!("../../keymap.toml");

/// Returns the time, by the clock of this machine.
pub fn clock() -> Now {
    let now = jiff::Timestamp::now();
    Now { ms: now.as_millisecond(), text: crate::commands::now() }
}

/// Returns how work is shared out.
pub fn work_settings(settings: &Settings) -> Result<WorkSettings, Failure> {
    let share = |key| settings.number(key, 0.0, 1.0);
    Ok(WorkSettings {
        overlap: settings.whole("people.overlap", 1..=20)? as u32,
        lease_ms: (settings.number("people.lease-minutes", 0.01, 1440.0)? * 60_000.0) as i64,
        repeat_share: share("people.repeat-share")?,
        gold_share: share("people.gold-share")?,
        seed: seed(settings)?,
    })
}

/// Returns the keys in force.
pub fn keymap(settings: &Settings) -> Result<Keymap, Failure> {
    let shipped: KeyFile = toml::from_str(KEYMAP).map_err(Failure::machine)?;
    Keymap::new(&shipped, &settings.keys).map_err(|error| {
        Failure::refused(
            format!("the keys of the settings do not fit: {error}"),
            "mend the table `keys` of rewardctl.toml; `rewardctl review --keys` shows the shipped ones",
        )
    })
}

/// Returns the name under which one's own decisions are kept.
pub fn own_name(given: Option<&str>, settings: &Settings) -> String {
    let account = || ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(variable);
    let name = given.or(settings.text("people.name")).map(String::from);
    name.or_else(|| account()?.into_string().ok()).unwrap_or_else(|| "local".into())
}

/// Returns the person who uses this machine.
pub fn operator(settings: &Settings) -> Person {
    Person { name: own_name(None, settings), role: Role::Admin }
}

impl From<QueueKind> for Kind {
    fn from(kind: QueueKind) -> Self {
        match kind {
            QueueKind::Rate => Self::Rate,
            QueueKind::Choose => Self::Choose,
            QueueKind::Rank => Self::Rank,
            QueueKind::Correct => Self::Correct,
            QueueKind::Approve => Self::Approve,
            QueueKind::Tag => Self::Tag,
        }
    }
}

/// Shows a task.
pub fn show(args: &QueueShowArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (work, item, revealed) = block_on(async {
        let store = open_known_store(settings).await?;
        store.fill_work(&work_settings(settings)?, &clock()).await?;
        let hint = "`rewardctl queue stats` counts them";
        let missing = || Failure::refused(format!("there is no task {}", args.task), hint);
        let work = store.work_row(args.task, &clock()).await?.ok_or_else(missing)?;
        let item = store.item(work.question.item).await?.ok_or_else(missing)?;
        let revealed = store.said_of_task(args.task, &work.question.responses).await?;
        store.close().await;
        Ok((work, item, revealed))
    })?;
    if args.json {
        let responses: Vec<_> =
            item.responses.iter().map(|response| json!({"id": response.id, "text": response.text})).collect();
        let prompt = item.context.question();
        print_json(&json!({ "task": work, "prompt": prompt, "responses": responses, "said": revealed }))?;
    } else {
        print_line(&report::people::task(&work, &item, &revealed))?;
    }
    Ok(Exit::Done)
}

/// Adds a task.
pub fn add(args: &QueueAddArgs, settings: &Settings) -> Result<Exit, Failure> {
    let work = work_settings(settings)?;
    let added = block_on(async {
        let store = open_known_store(settings).await?;
        let question = question(args, &store).await?;
        let new = NewWork {
            gold: args.gold.as_deref().map(|gold| answer(gold, question.kind)).transpose()?,
            question,
            reason: args.reason.clone(),
            needed: args.people.unwrap_or(work.overlap),
        };
        let added = store.add_work(&[new], &operator(settings).name, &clock()).await?;
        store.close().await;
        Ok(added)
    })?;
    match args.json {
        true => print_json(&added)?,
        false => print_line(&report::queue::added(&added))?,
    }
    Ok(Exit::Done)
}

async fn question(args: &QueueAddArgs, store: &Store) -> Result<Question, Failure> {
    let hint = "`rewardctl queue list --json` has ids of responses";
    let mut responses: Vec<ResponseId> = vec![];
    for text in &args.responses {
        let id = text.parse();
        responses.push(id.map_err(|error| Failure::refused(format!("{error}"), hint))?);
    }
    let unknown = || Failure::refused(format!("no response `{}` was ever scored here", responses[0]), hint);
    let item = store.item_of(responses[0]).await?.ok_or_else(unknown)?;
    let by_count = match responses.len() {
        1 => Kind::Rate,
        2 => Kind::Choose,
        _ => Kind::Rank,
    };
    let scale = match args.scale.as_str() {
        "1..5" => Scale::STARS,
        text => with_steps(scale(text)?),
    };
    let kind = args.kind.map_or(by_count, Kind::from);
    Ok(Question { kind, item, responses, dimension: args.dimension.clone(), scale })
}

/// Whole numbers get steps of one.
fn with_steps(scale: Scale) -> Scale {
    let is_whole = scale.min.fract() == 0.0 && scale.max.fract() == 0.0 && scale.max - scale.min > 1.0;
    if is_whole { Scale { step: 1.0, ..scale } } else { scale }
}

/// Reads the known answer of a gold task.
fn answer(text: &str, kind: Kind) -> Result<Answer, Failure> {
    let choose = |choice| Answer::Choose { choice, strength: None };
    let answer = match (kind, text) {
        (Kind::Choose, "left") => Some(choose(Choice::Left)),
        (Kind::Choose, "right") => Some(choose(Choice::Right)),
        (Kind::Choose, "tie") => Some(choose(Choice::Tie)),
        (Kind::Approve, "approve") => Some(Answer::Approve {}),
        (Kind::Approve, "reject") => Some(Answer::Reject {}),
        (Kind::Rate, number) => number.parse().ok().map(|value| Answer::Rate { value }),
        _ => None,
    };
    answer.ok_or_else(|| {
        let hint = "`left`, `right` or `tie` for two responses, a value for a rating, `approve` or `reject`";
        Failure::refused(format!("`{text}` is no answer to a task to {}", kind.name()), hint)
    })
}

/// Counts the queue and what everybody did.
pub fn stats(args: &JsonArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (counts, report) = block_on(async {
        let store = open_known_store(settings).await?;
        store.fill_work(&work_settings(settings)?, &clock()).await?;
        let counts = store.queue_counts(&clock()).await?;
        let report = people(&store, seed(settings)?).await?;
        store.close().await;
        Ok((counts, report))
    })?;
    match args.json {
        true => print_json(&json!({ "queue": counts, "reviewers": report.reviewers }))?,
        false => print_line(&report::people::stats(&counts, &report))?,
    }
    Ok(Exit::Done)
}

/// Measures agreement.
pub fn agreement(args: &JsonArgs, settings: &Settings) -> Result<Exit, Failure> {
    let report = block_on(async {
        let store = open_known_store(settings).await?;
        let report = people(&store, seed(settings)?).await?;
        store.close().await;
        Ok(report)
    })?;
    match args.json {
        true => print_json(&report)?,
        false => print_line(&report::people::agreement(&report))?,
    }
    Ok(Exit::Done)
}

/// Shows the audit log and looks whether it was tampered with.
pub fn audit_log(args: &AuditLogArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (lines, found, heads) = block_on(async {
        let store = open_known_store(settings).await?;
        let lines = store.audit_lines(None, i64::from(args.limit)).await?;
        let heads = args.heads.clone().unwrap_or_else(|| store.heads_path());
        let found = store.check_audit(&heads).await?;
        store.close().await;
        Ok((lines, found, heads))
    })?;
    match args.json {
        true => print_json(&json!({ "check": found, "entries": lines }))?,
        false => print_line(&report::people::audit(&lines, &found, &heads))?,
    }
    Ok(if found.broken.is_some() { Exit::NotMet } else { Exit::Done })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keymap {
        keymap(&Settings::read(None, &vec![("store", Some("s.db".into()))]).ok().unwrap()).ok().unwrap()
    }

    /// The table of docs/review.md is that of the key file.
    #[test]
    fn the_docs_show_the_keys() {
        let page = include_str!("../../../../docs/review.md");
        let table = report::people::key_table(&keys());
        assert!(page.contains(&table), "docs/review.md must hold this table:\n{table}");
    }
}
