//! The tables of docs/export.md are those of the targets.

use std::fs;
use std::path::{Path, PathBuf};

use rewardctl_core::dataset::Split;

use super::usual_out;
use crate::export::schema::Column;
use crate::export::target::{Layout, Target};
use crate::export::targets;
use crate::export::written::{DataFile, Written};

/// The tables of docs/export.md are made of the targets; a failure shows what to put there.
#[test]
fn the_tables_of_targets_stand_in_the_docs() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/export.md");
    let text = fs::read_to_string(docs).unwrap();
    for table in [targets().map(described).collect::<String>(), targets().map(loaded).collect::<String>()] {
        assert!(text.contains(&table), "docs/export.md should have this table:\n{table}");
    }
}

fn described(target: &Target) -> String {
    let kinds: Vec<&str> = target.kinds.iter().map(|kind| kind.name()).collect();
    let column = |column: &Column| {
        let optional = if column.optional { "?" } else { "" };
        format!("`{}`{optional} {}", column.name, column.holds.name())
    };
    let columns: Vec<String> = target.columns.iter().map(column).collect();
    let (call, kinds, columns) = (target.call(), kinds.join(", "), columns.join(", "));
    format!("| `{call}` | {kinds} | {} | {columns} | {} |\n", target.reader, target.lost)
}

fn loaded(target: &Target) -> String {
    let out = PathBuf::from(usual_out(target));
    let (path, split) = match target.layout {
        Layout::File => (out.clone(), None),
        Layout::Folder(_) => (out.join("train.jsonl"), Some(Split::Train)),
    };
    let file = DataFile { path, split, rows: 1, bytes: 1, sha256: String::new() };
    let (format, kind) = (target.formats[0], target.kinds[0]);
    let load =
        (target.load)(&Written { out, files: vec![file], format, kind, columns: target.columns.to_vec() });
    let lines: Vec<String> = load.lines().map(|line| format!("`{line}`")).collect();
    format!("| `{}` | {} |\n", target.call(), lines.join("<br>"))
}
