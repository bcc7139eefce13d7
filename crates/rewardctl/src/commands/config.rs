//! `rewardctl config show`.

use serde::Serialize;

use crate::cli::ConfigCommand;
use crate::commands::{print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::report;
use crate::settings::{SETTINGS, Setting, Settings};

#[derive(Serialize)]
struct Shown<'a> {
    key: String,
    value: &'a str,
    origin: String,
    environment: &'a str,
}

/// Prints every setting with its origin.
pub fn run(command: &ConfigCommand, settings: &Settings) -> Result<Exit, Failure> {
    let ConfigCommand::Show(args) = command;
    let rules = serde_json::to_string(&settings.rules.0).map_err(Failure::machine)?;
    let mut shown: Vec<Shown<'_>> = SETTINGS.iter().map(|setting| shown(setting, settings)).collect();
    let origin = settings.rules.1.to_string();
    shown.push(Shown { key: "rules".into(), value: &rules, origin, environment: "" });
    let file = settings.file.as_ref().map_or(String::new(), |file| format!("from {}", file.display()));
    for (name, endpoint) in &settings.endpoints {
        let key = format!("endpoints.{name}");
        shown.push(Shown { key, value: &endpoint.model, origin: file.clone(), environment: "" });
    }
    let gate = settings.gate.as_ref().map(|gate| report::counted(gate.rule.len() as u64, "rule"));
    if let Some(gate) = &gate {
        shown.push(Shown { key: "gate".into(), value: gate, origin: file, environment: "" });
    }
    if args.json {
        print_json(&shown)?;
        return Ok(Exit::Done);
    }
    let rows = shown.iter().map(|one| vec![one.key.clone(), quoted(one), one.origin.clone()]).collect();
    print_line(&report::table(&["setting", "value", "where from"], rows))?;
    Ok(Exit::Done)
}

fn shown<'a>(setting: &'a Setting, settings: &'a Settings) -> Shown<'a> {
    let (value, origin) = settings.get(setting.key);
    let one =
        Shown { key: setting.key.into(), value, origin: origin.to_string(), environment: setting.variable };
    match setting.key {
        // What is in force, not what the list of defaults says.
        "panel" if settings.panel() != value => {
            Shown { value: settings.panel(), origin: "default where an endpoint is described".into(), ..one }
        }
        _ => one,
    }
}

fn quoted(shown: &Shown<'_>) -> String {
    match (shown.key.as_str(), shown.origin.as_str()) {
        ("rules", "default") => "as in docs/rules.md".into(),
        _ if shown.value.is_empty() => "\"\"".into(),
        _ => shown.value.into(),
    }
}
