//! `rewardctl queue`.

use std::path::Path;

use rewardctl_core::id::Version;
use rewardctl_data::task_file::{TaskRecord, Tool, write_lines, write_tasks};
use rewardctl_model::encoder::{Encoder, EncoderSettings};
use rewardctl_model::onnx::Runtime;
use rewardctl_pipeline::ask::{AskSettings, Asked, Embed, ask};
use rewardctl_pipeline::error::Error;
use rewardctl_pipeline::in_force::version;
use rewardctl_pipeline::learn::apply::temperature;
use rewardctl_pipeline::panel::LoadedPanel;
use rewardctl_store::open::Store;
use rewardctl_store::people::browse::{WorkFilter, WorkRow, WorkState};
use rewardctl_store::people::work::TaskFilter;
use rewardctl_store::read::Task;
use rewardctl_store::tasks::OpenPair;
use serde::Serialize;

use crate::cli::queue::{QueueCommand, QueueExportArgs, QueueListArgs, QueuePlanArgs, QueueTool};
use crate::commands::{
    block_on, both_want_stdout, bulk, calls, is_dash, load_panel, model_paths, now, open_known_store, people,
    print_json, print_line, seed,
};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::report;
use crate::report::counted;
use crate::settings::Settings;
use crate::show::say;

/// Lists what waits for people, or plans what they are asked next.
pub fn run(command: &QueueCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        QueueCommand::List(args) => list(args, settings),
        QueueCommand::Plan(args) => plan(args, settings),
        QueueCommand::Export(args) => export(args, settings),
        QueueCommand::Show(args) => people::show(args, settings),
        QueueCommand::Add(args) => people::add(args, settings),
        QueueCommand::Release(args) => bulk::release(args, settings),
        QueueCommand::Close(args) => bulk::close(args, settings),
        QueueCommand::Reopen(args) => bulk::reopen(args, settings),
        QueueCommand::Stats(args) => people::stats(args, settings),
        QueueCommand::Agreement(args) => people::agreement(args, settings),
    }
}

/// One line of the queue.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Compare(&'a OpenPair),
    Rate(&'a Task),
    /// A task by its number, as `queue show` and `queue release` take it.
    Task(&'a WorkRow),
}

/// What waits, as annotation tools take it, with how many there are in all.
#[derive(Default)]
struct Waiting {
    pairs: Vec<OpenPair>,
    all_pairs: i64,
    tasks: Vec<Task>,
    all_tasks: i64,
}

fn list(args: &QueueListArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (filter, limit) = (args.filter.filter(), args.limit as usize);
    let (waiting, work) = block_on(async {
        // What is filtered are tasks: pairs and responses that wait are among them.
        let waiting = match filter == TaskFilter::default() {
            true => waiting(limit, settings).await?,
            false => Waiting::default(),
        };
        Ok((waiting, work(&filter, limit, settings).await?))
    })?;
    if args.json {
        let lines = waiting.pairs.iter().map(Line::Compare).chain(waiting.tasks.iter().map(Line::Rate));
        for line in lines.chain(work.iter().map(Line::Task)) {
            print_line(&serde_json::to_string(&line).map_err(Failure::machine)?)?;
        }
        return Ok(Exit::Done);
    }
    let pairs = report::queue::pairs(&waiting.pairs, waiting.all_pairs);
    let tasks = report::queue::responses(&waiting.tasks, waiting.all_tasks);
    let parts: Vec<String> =
        pairs.into_iter().chain(tasks).chain(report::queue::numbers(&work, args.limit)).collect();
    match parts.is_empty() {
        true => print_line("Nothing waits for people.")?,
        false => print_line(&parts.join("\n\n"))?,
    }
    Ok(Exit::Done)
}

fn export(args: &QueueExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    let to_stdout = is_dash(&args.file);
    if to_stdout && args.json {
        return Err(both_want_stdout("-"));
    }
    let waiting = block_on(waiting(args.limit as usize, settings))?;
    let tool = match args.tool {
        QueueTool::Argilla => Some(Tool::Argilla),
        QueueTool::LabelStudio => Some(Tool::LabelStudio),
        QueueTool::Jsonl => None,
    };
    let lines = waiting.pairs.iter().map(Line::Compare).chain(waiting.tasks.iter().map(Line::Rate));
    let written = match tool {
        Some(tool) => write_tasks(&args.file, tool, lines.filter_map(|line| line.record())),
        None => write_lines(&args.file, lines),
    };
    let tasks = written.map_err(Error::from)?;
    match args.json {
        true => print_json(&serde_json::json!({ "tasks": tasks }))?,
        false if tasks == 0 => say("nothing waits for people, so nothing was written"),
        false => say(format!("wrote {} to {}", counted(tasks, "task"), shown(&args.file))),
    }
    Ok(Exit::Done)
}

fn shown(path: &Path) -> String {
    if is_dash(path) { "stdout".into() } else { path.display().to_string() }
}

impl Line<'_> {
    /// Returns what an annotation tool asks; None of a task by its number.
    fn record(&self) -> Option<TaskRecord> {
        Some(match self {
            Line::Task(_) => return None,
            Line::Compare(pair) => TaskRecord {
                item: pair.task.item_id,
                prompt: pair.prompt.clone(),
                responses: vec![
                    (pair.task.a, pair.response_a.clone()),
                    (pair.task.b, pair.response_b.clone()),
                ],
                reason: pair.task.reason.clone(),
                answers: vec![],
            },
            Line::Rate(task) => TaskRecord {
                item: task.item_id,
                prompt: task.prompt.clone(),
                responses: vec![(task.response_id, task.response.clone())],
                reason: task.reason.clone(),
                answers: vec![],
            },
        })
    }
}

/// Returns the tasks that somebody could take or holds, those that are free first.
async fn work(tasks: &TaskFilter, limit: usize, settings: &Settings) -> Result<Vec<WorkRow>, Failure> {
    let store = open_known_store(settings).await?;
    store.fill_work(&people::work_settings(settings)?, &people::clock()).await?;
    let mut work = vec![];
    for state in [WorkState::Open, WorkState::Held] {
        let filter = WorkFilter { tasks: tasks.clone(), state: Some(state), ..WorkFilter::default() };
        work.extend(store.work_list(&filter, 0, limit as i64, &people::clock()).await?);
    }
    store.close().await;
    work.truncate(limit);
    Ok(work)
}

async fn waiting(limit: usize, settings: &Settings) -> Result<Waiting, Failure> {
    let store = open_known_store(settings).await?;
    store.fill_work(&people::work_settings(settings)?, &people::clock()).await?;
    let (pairs, all_pairs) = store.open_pairs(limit).await?;
    let tasks = store.tasks(limit - pairs.len()).await?;
    let all_tasks = store.counts().await?.queued;
    store.close().await;
    Ok(Waiting { pairs, all_pairs, tasks, all_tasks })
}

fn plan(args: &QueuePlanArgs, settings: &Settings) -> Result<Exit, Failure> {
    let panel = load_panel(settings)?;
    let asked = block_on(planned(args, &panel, settings))?;
    if args.json {
        print_json(&asked)?;
    } else {
        print_line(&report::queue::planned(&asked, args.dry_run))?;
    }
    Ok(if asked.tasks.is_empty() { Exit::StoppedShort } else { Exit::Done })
}

async fn planned(args: &QueuePlanArgs, panel: &LoadedPanel, settings: &Settings) -> Result<Asked, Failure> {
    let store = open_known_store(settings).await?;
    let told = AskSettings {
        size: args.count as usize,
        seed: seed(settings)?,
        version: version_in_force(panel, &store, settings)?,
        temperature: panel.aggregator.as_deref().map_or(Ok(1.0), temperature)?,
    };
    let mut encoder = panel.needs_encoder().then(|| encoder(settings)).transpose()?;
    let bar = progress::counter("reading prompts");
    let mut read = encoder.as_mut().map(|encoder| {
        |prompt: &str| {
            bar.inc(1);
            Ok(encoder.embed(prompt)?.vector)
        }
    });
    let embed = read.as_mut().map(|read| read as Embed<'_>);
    let asked = ask(&store, told, embed).await;
    bar.finish_and_clear();
    let asked = asked?;
    if !args.dry_run && !asked.tasks.is_empty() {
        store.add_tasks(&asked.tasks, &now()).await?;
    }
    store.close().await;
    Ok(asked)
}

/// Returns the version of the rewards that scoring would make now.
pub fn version_in_force(panel: &LoadedPanel, store: &Store, settings: &Settings) -> Result<Version, Failure> {
    let asker = calls::foreseer(settings, panel, store)?;
    Ok(version(panel, &settings.rules.0, &model_paths(settings)?, asker.as_deref())?)
}

fn encoder(settings: &Settings) -> Result<Encoder, Failure> {
    let paths = model_paths(settings)?;
    let runtime = Runtime::load(&paths.library).map_err(Error::from)?;
    let told = EncoderSettings { max_windows: 1 };
    Ok(Encoder::load(&runtime, &paths.encoder, told).map_err(Error::from)?)
}
