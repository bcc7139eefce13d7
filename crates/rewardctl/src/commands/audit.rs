//! `rewardctl audit`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use indicatif::ProgressBar;
use rewardctl_data::dataset_folder::write_text;
use rewardctl_pipeline::audit::critics::{LabelSources, critics};
use rewardctl_pipeline::audit::figures::CriticsReport;
use rewardctl_pipeline::audit::given::LABEL_FIELDS;
use rewardctl_pipeline::audit::injection::{Extent, InjectionAudit, InjectionReport};
use rewardctl_pipeline::audit::page::page;
use rewardctl_pipeline::ingest::{Checked, InputFile};
use rewardctl_pipeline::panel::LoadedPanel;
use rewardctl_pipeline::score::{Progress, ScoreSettings, Surroundings};

use crate::audit_report;
use crate::cli::audit::{AuditCommand, AuditCriticsArgs, AuditInjectionArgs};
use crate::commands::calls::Used;
use crate::commands::score::{checked, input_files, told, watch_for_interrupt};
use crate::commands::{
    block_on, calls, in_store, load_panel, now, open_store, people, print_json, print_line,
};
use crate::exit::{Exit, Failure};
use crate::locate::PROMPTS_NAME;
use crate::progress;
use crate::report::{counted, spent};
use crate::settings::Settings;
use crate::show::say;

/// Audits critics, on data or under attack.
pub fn run(command: &AuditCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        AuditCommand::Critics(args) => run_critics(args, settings),
        AuditCommand::Injection(args) => run_injection(args, settings),
        AuditCommand::Log(args) => people::audit_log(args, settings),
    }
}

fn run_critics(args: &AuditCriticsArgs, settings: &Settings) -> Result<Exit, Failure> {
    let told = told(&args.input, settings)?;
    let (files, _spooled) = input_files(&args.files)?;
    let checked = checked(&files, &told.read, told.on_bad_row)?;
    say_critic_calls(&told.panel, &checked);
    let bar = progress::bar(checked.responses, "judging");
    let outcome = block_on(audit_critics(checked, told, args, settings, &bar));
    bar.finish_and_clear();
    let report = outcome?;
    if let Some(path) = &args.page {
        write_text(path, &page(&report))?;
        say(format!("wrote the page to {}", path.display()));
    }
    match args.json {
        true => print_json(&report)?,
        false => print_line(&audit_report::critics(&report))?,
    }
    Ok(Exit::Done)
}

async fn audit_critics(
    checked: Checked,
    told: ScoreSettings,
    args: &AuditCriticsArgs,
    settings: &Settings,
    bar: &ProgressBar,
) -> Result<CriticsReport, Failure> {
    let (store, temporary) = open_store(settings).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let kept = if temporary.is_none() { "finished and kept" } else { "finished, but not kept" };
    tokio::spawn(watch_for_interrupt(Arc::clone(&stop), kept));
    let mut progress = |progress: Progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.finished);
        if progress.spent.calls > 0 {
            bar.set_message(format!("judging ({})", spent(&progress.spent)));
        }
    };
    let asker = calls::asker(&args.calls, settings, &told.panel, &store, Arc::clone(&stop)).await?;
    let around =
        Surroundings { store: &store, now: &now, stop: &stop, asker: asker.clone(), progress: &mut progress };
    let fields = match &args.label_field {
        Some(field) => vec![field.clone()],
        None => LABEL_FIELDS.map(String::from).into(),
    };
    let named = |path: &PathBuf| InputFile { path: path.clone(), label: path.display().to_string() };
    let sources = LabelSources { fields, file: args.labels.as_ref().map(named) };
    let report = critics(checked, told, sources, around).await;
    if let Some(asker) = asker {
        asker.finish().await?;
    }
    store.close().await;
    report.map_err(|error| in_store(settings, error.into()))
}

fn say_critic_calls(panel: &LoadedPanel, checked: &Checked) {
    if panel.llm.is_empty() {
        return;
    }
    let judged = counted(checked.responses, "response");
    let critics = counted(panel.llm.len() as u64, "LLM critic");
    let most = panel.llm.iter().map(|slot| slot.samples).max().unwrap_or(1);
    let calls = if most == 1 { "1 call".into() } else { format!("1 to {most} calls") };
    say(format!(
        "{critics} on {judged}, whatever the cascade says: {calls} a verdict, twice that a comparison, none where the ledger has the answer"
    ));
}

fn run_injection(args: &AuditInjectionArgs, settings: &Settings) -> Result<Exit, Failure> {
    let panel = attacked_panel(args, settings)?;
    let bar = progress::bar(0, "judging");
    let outcome = block_on(audit_injection(&panel, args, settings, &bar));
    bar.finish_and_clear();
    let report = outcome?;
    match args.json {
        true => print_json(&report)?,
        false => print_line(&audit_report::injection(&report))?,
    }
    Ok(Exit::Done)
}

/// Returns the panel of which the LLM critics are attacked.
fn attacked_panel(args: &AuditInjectionArgs, settings: &Settings) -> Result<LoadedPanel, Failure> {
    let mut panel = match args.prompt.is_empty() {
        true => load_panel(settings)?,
        false => {
            let prompts = settings.project().map(|project| project.join(PROMPTS_NAME));
            LoadedPanel::of_prompts(&args.prompt, prompts.as_deref())?
        }
    };
    if panel.llm.is_empty() {
        return Err(Failure::refused(
            format!("panel `{}` has no LLM critic that an attack could mislead", panel.panel.name),
            "`--panel llm`, or `--prompt accuracy` for one prompt",
        ));
    }
    if let Some(endpoint) = &args.endpoint {
        panel.llm.iter_mut().for_each(|slot| slot.endpoint = Some(endpoint.clone()));
    }
    Ok(panel)
}

async fn audit_injection(
    panel: &LoadedPanel,
    args: &AuditInjectionArgs,
    settings: &Settings,
    bar: &ProgressBar,
) -> Result<InjectionReport, Failure> {
    let (store, _temporary) = open_store(settings).await?;
    let stop = Arc::new(AtomicBool::new(false));
    tokio::spawn(watch_for_interrupt(Arc::clone(&stop), "finished and kept"));
    let caller = calls::caller(&args.calls, settings, &Used::by_panel(panel), &store, stop).await?;
    let secret = calls::fence_secret(&store).await?;
    let extent =
        Extent { attacks: args.attacks.unwrap_or(usize::MAX), answers: args.answers.unwrap_or(usize::MAX) };
    let audit = InjectionAudit::new(panel, Arc::clone(&caller), secret, extent)?;
    say_injection_calls(&audit, panel);
    let report = audit
        .run(&mut |finished, total| {
            bar.set_length(total);
            bar.set_position(finished);
            bar.set_message(format!("judging ({})", spent(&caller.spent())));
        })
        .await;
    caller.finish().await?;
    store.close().await;
    report.map_err(|error| in_store(settings, error.into()))
}

fn say_injection_calls(audit: &InjectionAudit, panel: &LoadedPanel) {
    let Extent { attacks, answers } = audit.extent();
    let critics = counted(panel.llm.len() as u64, "LLM critic");
    let (fewest, most) = audit.calls();
    let calls = if fewest == most { fewest.to_string() } else { format!("{fewest} to {most}") };
    say(format!(
        "{attacks} attacks on {answers} answers, {critics}: {calls} calls, fewer where the ledger has the answer"
    ));
}
