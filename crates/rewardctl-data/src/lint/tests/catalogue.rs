//! The page of codes says what the code says.

use std::fmt::Write;
use std::path::Path;

use crate::lint::check::{Runs, all};
use crate::lint::target;

const START: &str = "<!-- codes: written by the test `the_page_lists_every_check` -->\n";
const END: &str = "<!-- end of codes -->";

fn table() -> String {
    let mut table = String::from(
        "| code | usually | what it means | why it matters | what to do |\n|---|---|---|---|---|\n",
    );
    for check in all() {
        let severity = match check.runs {
            Runs::Always => check.severity.to_string(),
            Runs::ForTarget => format!("{}, for targets", check.severity),
        };
        let _ = writeln!(
            table,
            "| {} | {severity} | {} | {} | {} |",
            check.code, check.meaning, check.why, check.fix
        );
    }
    table.push_str("\nTargets: ");
    let names: Vec<String> = target::all().map(|target| format!("`{}`", target.name)).collect();
    let _ = writeln!(table, "{}.", names.join(", "));
    table
}

/// With `REWARDCTL_WRITE_DOCS=1`, writes the page anew.
#[test]
fn the_page_lists_every_check() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lint.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(START).unwrap();
    let (there, after) = rest.split_once(END).unwrap();
    if std::env::var_os("REWARDCTL_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{START}{}{END}{after}", table())).unwrap();
        return;
    }
    assert_eq!(there, table(), "run this test with REWARDCTL_WRITE_DOCS=1");
}

#[test]
fn codes_are_unique_and_texts_are_one_line() {
    let codes: Vec<&str> = all().iter().map(|check| check.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    for check in all() {
        for text in [check.meaning, check.why, check.fix] {
            assert!(!text.is_empty() && !text.contains(['\n', '|']) && !text.ends_with('.'), "{text}");
        }
    }
}

#[test]
fn targets_have_names_of_their_own() {
    let mut names: Vec<&str> = target::all().map(|target| target.name).collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
}
