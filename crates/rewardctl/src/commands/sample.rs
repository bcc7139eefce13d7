//! `rewardctl sample`.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use indicatif::ProgressBar;
use rewardctl_data::candidates::CandidateWriter;
use rewardctl_data::fields::{Expect, ReadSettings};
use rewardctl_data::score_writer::{OutputFormat, ScoreColumns, ScoreWriter};
use rewardctl_pipeline::asker::Asker;
use rewardctl_pipeline::budget::Spend;
use rewardctl_pipeline::call::Caller;
use rewardctl_pipeline::ingest::{Checked, InputFile, OnBadRow, check};
use rewardctl_pipeline::lost::Lost;
use rewardctl_pipeline::revise::{ReviseSettings, Revised, revise};
use rewardctl_pipeline::sample::{Calling, OnCut, SampleSettings, Sampled, sample};
use rewardctl_pipeline::score::{Progress, Routing, ScoreSettings, Surroundings, judge};
use rewardctl_store::open::Store;
use serde::Serialize;
use tempfile::TempDir;

use crate::cli::sample::{SampleArgs, SampleFailOn};
use crate::commands::calls::Used;
use crate::commands::score::{checked, input_files, on_bad_row, read_settings, watch_for_interrupt};
use crate::commands::{
    block_on, both_want_stdout, calls, in_store, is_dash, load_panel, model_paths, now, open_store,
    print_json, threads,
};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::report::{counted, spent};
use crate::settings::Settings;
use crate::show::{printable, say};

mod foresee;

/// What asks at an endpoint, as errors name it.
const ASKER: &str = "sample";

/// Characters of a failure's reason that are shown.
const REASON_WIDTH: usize = 200;

/// The most bytes of a prompt with its candidates, which we wrote ourselves.
const CANDIDATES_BYTES: usize = 1 << 30;

/// What sampling came to.
#[derive(Serialize)]
struct Report {
    /// None if nothing was drawn.
    sampled: Option<Sampled>,
    /// None if nothing was to be revised.
    revised: Option<Revised>,
    calls: u64,
    cost_nano_usd: u64,
    tokens: u64,
}

/// What the stages share.
struct Stages<'a> {
    args: &'a SampleArgs,
    store: &'a Store,
    caller: Arc<Caller>,
    stop: &'a Arc<AtomicBool>,
    bar: &'a ProgressBar,
    /// Holds what goes from stage to stage.
    folder: TempDir,
}

/// Draws candidates, has them revised if asked to, and sums up.
pub fn run(args: &SampleArgs, settings: &Settings) -> Result<Exit, Failure> {
    refuse_nonsense(args)?;
    if args.dry_run {
        return foresee::run(args, settings);
    }
    let judging = args.revise.then(|| judging(settings)).transpose()?;
    let (files, _spooled) = input_files(&args.files)?;
    let read =
        read_settings(&args.input, settings, if args.n > 0 { Expect::Prompts } else { Expect::Responses })?;
    let checked = checked(&files, &read, on_bad_row(&args.input))?;
    let bar = progress::bar(0, "drawing");
    let outcome = block_on(all(args, settings, checked, judging.as_ref(), &bar));
    bar.finish_and_clear();
    let report = outcome?;
    if args.json {
        print_json(&report)?;
    } else {
        summary(&report);
    }
    exit(args, &report)
}

async fn all(
    args: &SampleArgs,
    settings: &Settings,
    checked: Checked,
    judging: Option<&ScoreSettings>,
    bar: &ProgressBar,
) -> Result<Report, Failure> {
    let (store, _temporary) = open_store(settings).await?;
    let stop = Arc::new(AtomicBool::new(false));
    tokio::spawn(watch_for_interrupt(Arc::clone(&stop), "finished and paid only once"));
    let caller =
        calls::caller(&args.calls, settings, &used(args, judging), &store, Arc::clone(&stop)).await?;
    let folder = tempfile::tempdir().map_err(Failure::writing(&tempfile::env::temp_dir()))?;
    let stages = Stages { args, store: &store, caller, stop: &stop, bar, folder };
    let report = stages.run(checked, judging).await;
    stages.caller.finish().await?;
    store.close().await;
    report.map_err(|failure| in_store(settings, failure))
}

impl Stages<'_> {
    async fn run(&self, checked: Checked, judging: Option<&ScoreSettings>) -> Result<Report, Failure> {
        let output = self.args.output.as_deref().unwrap_or(Path::new("-"));
        let (mut sampled, mut revised) = (None, None);
        match judging {
            None => sampled = Some(self.sample(&checked, output).await?),
            Some(judging) if self.args.n > 0 => {
                let drawn = self.folder.path().join("candidates.jsonl");
                let some = self.sample(&checked, &drawn).await?;
                if some.rows > 0 {
                    // What was drawn has been checked, and is read as any file of candidates.
                    let file = InputFile { path: drawn, label: "candidates".into() };
                    let candidates = check(&[file], &judging.read, OnBadRow::Fail, &mut |_| ())?;
                    revised = Some(self.revise(&candidates, judging, output).await?);
                }
                sampled = Some(some);
            }
            Some(judging) => revised = Some(self.revise(&checked, judging, output).await?),
        }
        let Spend { cost, calls, tokens } = self.caller.spent();
        Ok(Report { sampled, revised, calls, cost_nano_usd: cost, tokens })
    }

    async fn sample(&self, checked: &Checked, output: &Path) -> Result<Sampled, Failure> {
        let args = self.args;
        let settings = drawing(args, &self.caller)?;
        let writer = CandidateWriter::create(output)?;
        let mut progress = |progress| self.show("drawing", progress);
        let calling = Calling { caller: &self.caller, stop: self.stop, progress: &mut progress };
        Ok(sample(checked, &settings, writer, calling).await?)
    }

    async fn revise(
        &self,
        checked: &Checked,
        judging: &ScoreSettings,
        output: &Path,
    ) -> Result<Revised, Failure> {
        let named = self.args.reviser.as_deref();
        let endpoint = match named {
            Some(_) => self.caller.endpoint_of(ASKER, named)?,
            None => endpoints(self.args, &self.caller)?.swap_remove(0),
        };
        // An endpoint that is not there is found out before the candidates are judged.
        self.caller.dialect(&endpoint).await?;
        let secret = calls::fence_secret(self.store).await?;
        let verdicts = self.folder.path().join("verdicts.jsonl");
        self.judge(checked, judging, &verdicts, secret).await?;
        let settings = ReviseSettings {
            endpoint,
            below: self.args.revise_below,
            max_reply_tokens: self.args.max_reply_tokens,
            on_cut: on_cut(self.args),
            secret,
        };
        let writer = CandidateWriter::create(output)?;
        let mut progress = |progress| self.show("revising", progress);
        let calling = Calling { caller: &self.caller, stop: self.stop, progress: &mut progress };
        Ok(revise(checked, &verdicts, &settings, writer, calling).await?)
    }

    async fn judge(
        &self,
        checked: &Checked,
        judging: &ScoreSettings,
        verdicts: &Path,
        secret: [u8; 32],
    ) -> Result<(), Failure> {
        let has_llm = !judging.panel.llm.is_empty();
        let asker = || Asker::new(&judging.panel, Arc::clone(&self.caller), self.store.clone(), secret);
        let asker = has_llm.then(asker).transpose()?.map(Arc::new);
        let dimensions = judging.panel.panel.dimensions.iter().map(|dimension| dimension.name.clone());
        let columns = ScoreColumns { dimensions: dimensions.collect(), fields: vec![], with_text: false };
        let writer = ScoreWriter::to_file(verdicts, OutputFormat::Jsonl, columns)?;
        let mut progress = |progress| self.show("judging", progress);
        let around =
            Surroundings { store: self.store, now: &now, stop: self.stop, asker, progress: &mut progress };
        Ok(judge(checked, judging, writer, around).await?)
    }

    fn show(&self, what: &'static str, progress: Progress) {
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.finished);
        match progress.spent.calls {
            0 => self.bar.set_message(what),
            _ => self.bar.set_message(format!("{what} ({})", spent(&progress.spent))),
        }
    }
}

/// Returns the endpoints that are drawn from, revise and judge.
fn used(args: &SampleArgs, judging: Option<&ScoreSettings>) -> Used {
    let judges = judging.map(|judging| Used::by_panel(&judging.panel)).unwrap_or_default();
    let reviser = args.reviser.as_deref().map(Some);
    named(args).into_iter().chain(reviser).fold(judges, Used::and)
}

/// Returns how candidates are drawn.
fn drawing(args: &SampleArgs, caller: &Caller) -> Result<SampleSettings, Failure> {
    Ok(SampleSettings {
        endpoints: endpoints(args, caller)?,
        count: args.n,
        temperature: args.temperature,
        top_p: args.top_p,
        max_reply_tokens: args.max_reply_tokens,
        system: args.system.clone(),
        seed: args.seed,
        on_cut: on_cut(args),
    })
}

/// Returns the endpoints named, each once, or the only one that there is.
fn endpoints(args: &SampleArgs, caller: &Caller) -> Result<Vec<String>, Failure> {
    let mut endpoints = vec![];
    for named in named(args) {
        let name = caller.endpoint_of(ASKER, named)?;
        if !endpoints.contains(&name) {
            endpoints.push(name);
        }
    }
    Ok(endpoints)
}

/// Returns the endpoints named; None is the only one that there is.
fn named(args: &SampleArgs) -> Vec<Option<&str>> {
    match args.endpoint.as_slice() {
        [] => vec![None],
        names => names.iter().map(|name| Some(name.as_str())).collect(),
    }
}

fn on_cut(args: &SampleArgs) -> OnCut {
    if args.keep_cut { OnCut::Keep } else { OnCut::Drop }
}

/// Returns how candidates are judged: as `score` judges them, but nothing is routed yet.
fn judging(settings: &Settings) -> Result<ScoreSettings, Failure> {
    Ok(ScoreSettings {
        panel: load_panel(settings)?,
        rules: settings.rules.0.clone(),
        models: model_paths(settings)?,
        read: ReadSettings { max_row_bytes: CANDIDATES_BYTES, ..ReadSettings::default() },
        on_bad_row: OnBadRow::Fail,
        routing: Routing { max_uncertainty: 1.0, budget: None, audit_share: 0.0, seed: 0 },
        keep: vec![],
        with_text: false,
        threads: threads(settings)?,
        extremes: 0,
    })
}

fn refuse_nonsense(args: &SampleArgs) -> Result<(), Failure> {
    let refused = |what: &str, hint: &str| Err(Failure::refused(what, hint));
    if args.n == 0 && !args.revise {
        return refused("`-n 0` draws nothing", "with `--revise` it corrects the candidates of a file");
    }
    if args.files.is_empty() && stdin().is_terminal() {
        return refused("there is no file of prompts", "`rewardctl sample prompts.jsonl`, or pipe rows in");
    }
    let Some(output) = args.output.as_deref().filter(|path| !is_dash(path)) else {
        let both = args.json && !args.dry_run;
        return if both { Err(both_want_stdout("-o -")) } else { Ok(()) };
    };
    let extension = output.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    if matches!(extension.as_deref(), Some("csv" | "tsv" | "json" | "parquet" | "gz" | "zst")) {
        return refused("candidates are written as JSONL only", "name the file `.jsonl`");
    }
    let is_output = |path: &PathBuf| {
        let same = path.canonicalize().ok().zip(output.canonicalize().ok());
        same.is_some_and(|(input, output)| input == output)
    };
    match args.files.iter().find(|path| is_output(path)) {
        Some(file) => refused(&format!("`{}` is input and output", file.display()), "name another `-o FILE`"),
        None => Ok(()),
    }
}

fn summary(report: &Report) {
    if let Some(sampled) = &report.sampled {
        let models: Vec<String> = sampled
            .generators
            .iter()
            .map(|(model, count)| format!("{count} of {}", printable(model, 60)))
            .collect();
        let of = if models.is_empty() { String::new() } else { format!(": {}", models.join(", ")) };
        let drawn = counted(sampled.candidates, "candidate");
        say(format!("{drawn} for {}{of}", counted(sampled.prompts, "prompt")));
        lost(&sampled.lost);
        if sampled.rows < sampled.prompts {
            let without = counted(sampled.prompts - sampled.rows, "prompt");
            say(format!("{without} without any candidate, and left out"));
        }
    }
    if let Some(revised) = &report.revised {
        let (without, unrewarded) = (revised.without_findings, revised.without_reward);
        say(format!(
            "{} for {}; nothing was held against the best candidate of {without}, and {unrewarded} had no reward",
            counted(revised.revised, "revision"),
            counted(revised.prompts, "prompt"),
        ));
        lost(&revised.lost);
    }
    let spend = Spend { cost: report.cost_nano_usd, calls: report.calls, tokens: report.tokens };
    say(spent(&spend));
}

fn lost(lost: &Lost) {
    let counts = [
        (lost.duplicates, "the same as another"),
        (lost.cut, "cut off (`--max-reply-tokens` allows more, `--keep-cut` keeps them)"),
        (lost.empty, "empty"),
        (lost.refused, "withheld by the server"),
    ];
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !told.is_empty() {
        say(format!("  left out: {}", told.join(", ")));
    }
    if lost.failed > 0 {
        say(format!("  {} failed; the same command tries them again:", counted(lost.failed, "call")));
        for failed in &lost.failures {
            let reason = printable(&failed.reason, REASON_WIDTH);
            say(format!("    {}:{}: endpoint `{}`: {reason}", failed.file, failed.line, failed.endpoint));
        }
        let more = lost.failed - lost.failures.len() as u64;
        if more > 0 {
            say(format!("    and {more} more"));
        }
    }
}

/// Returns how the run ends, and says why if that is badly.
fn exit(args: &SampleArgs, report: &Report) -> Result<Exit, Failure> {
    let lost =
        [report.sampled.as_ref().map(|some| &some.lost), report.revised.as_ref().map(|some| &some.lost)];
    let failed: u64 = lost.iter().flatten().map(|lost| lost.failed).sum();
    if report.sampled.as_ref().is_some_and(|sampled| sampled.rows == 0) {
        let (exit, hint) = match failed {
            0 => (Exit::StoppedShort, "`--max-reply-tokens` and `--keep-cut` help where replies are cut off"),
            _ => (Exit::Outside, "the failures above say why; the same command tries them again"),
        };
        let error = anyhow::Error::msg("not one candidate came, so nothing was written");
        return Err(Failure { exit, hint: Some(hint.into()), error });
    }
    if failed > 0 && args.fail_on == Some(SampleFailOn::Failed) {
        say(format!("exit code 1: `--fail-on failed`, and {} did", counted(failed, "call")));
        return Ok(Exit::NotMet);
    }
    Ok(Exit::Done)
}
