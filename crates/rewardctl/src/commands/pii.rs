//! `rewardctl pii`.

use std::fs;
use std::path::Path;

use rewardctl_data::texts::Layout;
use rewardctl_pii::mask::{HashKey, Operator};
use rewardctl_pii::scanner::Options;
use rewardctl_pipeline::ingest::{InputFile, OnBadRow};
use rewardctl_pipeline::pii::{PiiReport, PiiSettings, scan};
use secrecy::ExposeSecret;

use crate::cli::pii::{FoundArg, MaskArg, PiiCommand, PiiScanArgs};
use crate::cli::score::OnBadRowArg;
use crate::commands::score::input_files;
use crate::commands::{block_on, both_want_stdout, is_dash, open_store, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::locate::{self, StorePlace};
use crate::progress;
use crate::report::pii as tables;
use crate::settings::Settings;
use crate::settings::environment::key;
use crate::show::say;

/// Finds and masks personal data.
pub fn run(command: &PiiCommand, settings: &Settings) -> Result<Exit, Failure> {
    let PiiCommand::Scan(args) = command;
    let (files, _spooled) = input_files(&args.files)?;
    refuse_nonsense(args, &files)?;
    let key = match args.mask {
        Some(MaskArg::Hash) => Some(hash_key(args, settings)?),
        _ => None,
    };
    let told = told(args, settings, key.as_ref())?;
    let bar = progress::counter("looking");
    let report = scan(&files, &told, &mut |rows| bar.set_position(rows));
    bar.finish_and_clear();
    let report = report?;
    show(args, &report)?;
    Ok(if is_refused(args, &report) { Exit::NotMet } else { Exit::Done })
}

fn refuse_nonsense(args: &PiiScanArgs, files: &[InputFile]) -> Result<(), Failure> {
    let Some(output) = &args.output else { return Ok(()) };
    if is_dash(output) {
        return if args.json { Err(both_want_stdout("-o -")) } else { Ok(()) };
    }
    if output.extension().is_some_and(|end| end == "parquet" || end == "csv" || end == "tsv") {
        let message = format!("masked rows are written as JSONL, not to `{}`", output.display());
        return Err(Failure::refused(message, "`-o masked.jsonl`"));
    }
    let output = output.canonicalize().ok();
    let same = files.iter().find(|file| output.is_some() && file.path.canonicalize().ok() == output);
    match same {
        Some(file) => {
            Err(Failure::refused(format!("`{}` is input and output", file.label), "name another `-o FILE`"))
        }
        None => Ok(()),
    }
}

fn told<'k>(
    args: &PiiScanArgs,
    settings: &Settings,
    key: Option<&'k HashKey>,
) -> Result<PiiSettings<'k>, Failure> {
    let operator = args.mask.map(|mask| match (mask, key) {
        (MaskArg::Hash, Some(key)) => Operator::Hash(key),
        (MaskArg::KeepFormat, _) => Operator::KeepFormat,
        _ => Operator::Placeholder,
    });
    Ok(PiiSettings {
        options: Options { names: args.names, entropy: args.entropy },
        masking: args.output.clone().zip(operator),
        layout: args.text.then_some(Layout::Plain),
        max_row_bytes: settings.whole("input.max-row-mib", 1..=4096)? as usize * (1 << 20),
        on_bad_row: match args.on_bad_row {
            OnBadRowArg::Fail => OnBadRow::Fail,
            OnBadRowArg::Skip => OnBadRow::Skip,
        },
    })
}

/// Returns the key of hashes: of the file, of the environment, or of the store.
fn hash_key(args: &PiiScanArgs, settings: &Settings) -> Result<HashKey, Failure> {
    if let Some(path) = &args.key_file {
        return long_enough(key_of_file(path)?, &format!("the key in `{}`", path.display()));
    }
    if let Some(name) = settings.text("pii.hash-key-env") {
        let missing = || {
            Failure::refused(
                format!("the environment variable `{name}` is not set, but `pii.hash-key-env` names it"),
                "set it, or give `--key-file FILE`",
            )
        };
        let found = key(name).ok_or_else(missing)?;
        return long_enough(found.expose_secret().as_bytes().to_vec(), &format!("the key in `{name}`"));
    }
    if let StorePlace::None = locate::store(settings)? {
        let hint = "give `--key-file FILE`, or set `pii.hash-key-env`";
        return Err(Failure::refused("there is no key for hashes, and no store to keep one", hint));
    }
    let secret = block_on(async {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh)
            .map_err(|error| Failure::machine(anyhow::Error::msg(error.to_string())))?;
        let (store, _folder) = open_store(settings).await?;
        let secret = store.personal_data_secret(fresh).await;
        store.close().await;
        Ok(secret?)
    })?;
    long_enough(secret.to_vec(), "the store's secret")
}

fn key_of_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| {
        let message = format!("failed to read the key in `{}`: {error}", path.display());
        Failure::refused(message, "`head -c 32 /dev/urandom | base64 > FILE` makes one")
    };
    fs::read(path).map(|bytes| bytes.trim_ascii_end().to_vec()).map_err(unreadable)
}

fn long_enough(bytes: Vec<u8>, what: &str) -> Result<HashKey, Failure> {
    let message =
        format!("{what} has {} bytes, and at least {} are needed", bytes.len(), HashKey::LEAST_BYTES);
    let hint = "`head -c 32 /dev/urandom | base64 > FILE` makes one";
    HashKey::new(bytes).ok_or_else(|| Failure::refused(message, hint))
}

fn show(args: &PiiScanArgs, report: &PiiReport) -> Result<(), Failure> {
    tables::skipped(report).into_iter().for_each(say);
    let writes_to_stdout = args.output.as_deref().is_some_and(is_dash);
    match (args.json, writes_to_stdout) {
        (true, _) => print_json(report),
        (false, true) => {
            say(tables::found(report));
            Ok(())
        }
        (false, false) => print_line(&tables::found(report)),
    }
}

fn is_refused(args: &PiiScanArgs, report: &PiiReport) -> bool {
    match args.fail_on_found {
        Some(FoundArg::Any) => report.sure + report.possible > 0,
        Some(FoundArg::Sure) => report.sure > 0,
        None => false,
    }
}
