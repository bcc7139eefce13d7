mod catalogue;
mod clean;
mod fixing;
mod hostile;
mod planted;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::lint::fix::{Fixed, fix};
use crate::lint::pass::{LintFile, LintSettings, Listeners, lint};
use crate::lint::report::Report;
use crate::lint::selection::Selection;
use crate::lint::target;

fn settings(target: Option<&str>, select: &[&str]) -> LintSettings {
    let select = select.iter().map(|code| code.to_string()).collect();
    LintSettings {
        target: target.map(|name| target::by_name(name).unwrap_or_else(|| panic!("no target {name}"))),
        selection: Selection::new(select, vec![]).unwrap(),
        max_places: 100,
        max_row_bytes: 16 << 20,
        max_tokens: None,
        compared_rows: 1_000_000,
    }
}

/// Files in a folder of their own, which findings call by their names.
struct Files {
    folder: TempDir,
    files: Vec<LintFile>,
}

impl Files {
    fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |(name, content): &(&str, Vec<u8>)| {
            let path: PathBuf = folder.path().join(name);
            fs::write(&path, content).unwrap();
            LintFile { path, label: (*name).into() }
        };
        let files = files.iter().map(file).collect();
        Self { folder, files }
    }

    fn lint(&self, settings: &LintSettings) -> Report {
        lint(&self.files, settings, &mut Listeners::default()).unwrap()
    }

    /// Mends the first file and returns what was done with the text that came out.
    fn fix(&self, settings: &LintSettings) -> (Fixed, String) {
        let output = self.folder.path().join("out.jsonl");
        let fixed = fix(&self.files[0], settings, &output).unwrap().unwrap();
        (fixed, fs::read_to_string(output).unwrap_or_default())
    }
}

/// Returns the findings of a file as `CODE:line` (0 for none), in the order of the codes.
fn found(name: &str, content: impl Into<Vec<u8>>, settings: &LintSettings) -> Vec<String> {
    places(&Files::new(&[(name, content.into())]).lint(settings))
}

fn places(report: &Report) -> Vec<String> {
    let places = report.groups.iter().flat_map(|group| &group.places);
    places.map(|place| format!("{}:{}", place.code, place.line.unwrap_or(0))).collect()
}
