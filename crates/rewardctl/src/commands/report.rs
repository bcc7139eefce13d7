//! `rewardctl report`.

use std::path::{Path, PathBuf};

use rewardctl_data::error::{Error as DataError, STDOUT};
use rewardctl_pipeline::ingest::InputFile;
use rewardctl_pipeline::report::figures::ScoreReport;
use rewardctl_pipeline::report::files::{Files, of_files};
use rewardctl_pipeline::report::markdown::markdown;
use rewardctl_pipeline::report::page::page;
use rewardctl_pipeline::report::stored::of_store;
use rewardctl_store::open::Store;

use crate::cli::report::ReportArgs;
use crate::commands::score::refuse_to_overwrite;
use crate::commands::{block_on, in_store, is_dash, open_known_store, print_json};
use crate::exit::{Exit, Failure};
use crate::locate::{self, StorePlace};
use crate::settings::Settings;
use crate::show::{inert, say};

/// Writes the page, the Markdown and the figures that were asked for; the Markdown on stdout without any of them.
pub fn run(args: &ReportArgs, settings: &Settings) -> Result<Exit, Failure> {
    let outputs = [args.output.as_deref(), args.markdown.as_deref()];
    let to_stdout = outputs.iter().flatten().filter(|path| is_dash(path)).count() + usize::from(args.json);
    if to_stdout > 1 {
        let hint = "write all but one of page, Markdown and JSON to files";
        return Err(Failure::refused("more than one of the outputs wants stdout", hint));
    }
    let inputs = named(&[&args.files[..], &args.labels, &args.earlier].concat());
    outputs.iter().try_for_each(|output| refuse_to_overwrite(*output, &inputs))?;
    let report = block_on(report(args, settings))?;
    if report.responses == 0 {
        let hint = "`rewardctl score FILE` scores responses";
        return Err(Failure::refused("there is nothing to report: nothing was scored", hint));
    }
    if let Some(path) = &args.output {
        written(path, &page(&report), "page")?;
    }
    if let Some(path) = &args.markdown {
        written(path, &markdown(&report), "Markdown")?;
    }
    match outputs {
        _ if args.json => print_json(&report)?,
        // A log of CI may be what reads it.
        [None, None] => {
            let lines = markdown(&report).lines().map(|line| inert(line) + "\n").collect::<String>();
            written(Path::new("-"), &lines, "Markdown")?;
        }
        _ => {}
    }
    Ok(Exit::Done)
}

async fn report(args: &ReportArgs, settings: &Settings) -> Result<ScoreReport, Failure> {
    let cases = usize::from(args.cases);
    if args.files.is_empty() {
        let store = open_known_store(settings).await?;
        let report = of_store(&store, cases).await;
        store.close().await;
        return report.map_err(|error| in_store(settings, error.into()));
    }
    let [files, labels, earlier] = [&args.files, &args.labels, &args.earlier].map(|paths| named(paths));
    let told = Files { files: &files, labels: &labels, earlier: &earlier, cases };
    let store = match locate::store(settings) {
        Ok(StorePlace::File(path)) if path.exists() => Some(Store::open(&path).await?),
        _ => None,
    };
    let report = of_files(&told, store.as_ref()).await;
    if let Some(store) = store {
        store.close().await;
    }
    report.map_err(|error| in_store(settings, error.into()))
}

fn named(paths: &[PathBuf]) -> Vec<InputFile> {
    let file = |path: &PathBuf| InputFile { path: path.clone(), label: path.display().to_string() };
    paths.iter().map(file).collect()
}

/// Writes a text beside its place and renames it, or to stdout.
fn written(path: &Path, text: &str, what: &str) -> Result<(), Failure> {
    use std::io::Write;
    if is_dash(path) {
        let failed = |source| DataError::Write { path: STDOUT.into(), source };
        return Ok(std::io::stdout().write_all(text.as_bytes()).map_err(failed)?);
    }
    rewardctl_data::dataset_folder::write_text(path, text)?;
    say(format!("wrote the {what} to {}", path.display()));
    Ok(())
}
