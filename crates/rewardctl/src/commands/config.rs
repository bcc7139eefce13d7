//! `rewardctl config show`.

use serde::Serialize;

use crate::cli::ConfigCommand;
use crate::commands::{print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::settings::{SETTINGS, Settings};

#[derive(Serialize)]
struct Shown<'a> {
    key: &'a str,
    value: &'a str,
    origin: String,
    environment: &'a str,
}

/// Prints every setting with its origin.
pub fn run(command: &ConfigCommand, settings: &Settings) -> Result<Exit, Failure> {
    let ConfigCommand::Show(args) = command;
    let rules = serde_json::to_string(&settings.rules.0).map_err(Failure::machine)?;
    let mut shown: Vec<Shown<'_>> = SETTINGS
        .iter()
        .map(|setting| {
            let (value, origin) = settings.get(setting.key);
            Shown { key: setting.key, value, origin: origin.to_string(), environment: setting.variable }
        })
        .collect();
    let origin = settings.rules.1.to_string();
    shown.push(Shown { key: "rules", value: &rules, origin, environment: "" });
    if args.json {
        print_json(&shown)?;
        return Ok(Exit::Done);
    }
    let rows = shown.iter().map(|one| vec![one.key.into(), quoted(one), one.origin.clone()]).collect();
    print_line(&report::table(&["setting", "value", "where from"], rows))?;
    Ok(Exit::Done)
}

fn quoted(shown: &Shown<'_>) -> String {
    match (shown.key, shown.origin.as_str()) {
        ("rules", "default") => "as in docs/rules.md".into(),
        _ if shown.value.is_empty() => "\"\"".into(),
        _ => shown.value.into(),
    }
}
