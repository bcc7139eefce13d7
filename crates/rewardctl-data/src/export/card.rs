//! The card of a dataset: a head in YAML that `load_dataset` reads, and a page for people.

use std::fmt::Write;

use rewardctl_core::dataset::Kind;
use serde_json::Value;

use crate::export::schema::{Column, Type};
use crate::export::written::{DataFile, Written};

/// Returns the text of `README.md`.
pub(crate) fn card(written: &Written) -> String {
    format!("---\n{}---\n\n{}", head(written), page(written))
}

/// Everything that the Hub wants to know; where it names parts, it must name all of them, with their exact rows.
fn head(written: &Written) -> String {
    let (name, rows) = (written.kind.name(), total(written, |file| file.rows));
    let mut head = String::new();
    let mut line = |text: &str| {
        head.push_str(text);
        head.push('\n');
    };
    line("# Name the licence before you share it.");
    line("license: other");
    line(&format!("pretty_name: {}", Value::from(written.name())));
    line("task_categories: [text-generation]");
    line(&format!("tags: [{}]", tags(written.kind)));
    line(&format!("size_categories: [{}]", size(rows)));
    line(&format!("configs:\n- config_name: {name}\n  default: true\n  data_files:"));
    for (split, _) in written.parts() {
        line(&format!("  - {{split: {0}, path: data/{0}-*}}", split.name()));
    }
    line(&format!("dataset_info:\n- config_name: {name}\n  features:"));
    line(features(&written.columns, 2).trim_end());
    line("  splits:");
    for (split, files) in written.parts() {
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();
        let rows: u64 = files.iter().map(|file| file.rows).sum();
        line(&format!("  - {{name: {}, num_bytes: {bytes}, num_examples: {rows}}}", split.name()));
    }
    let bytes = total(written, |file| file.bytes);
    line(&format!("  download_size: {bytes}\n  dataset_size: {bytes}"));
    head
}

fn features(columns: &[Column], indent: usize) -> String {
    let mut text = String::new();
    for column in columns {
        // A String takes everything that is written to it.
        let _ = write!(text, "{:indent$}- name: {}\n{}", "", column.name, holds(&column.holds, indent + 2));
    }
    text
}

fn holds(holds: &Type, indent: usize) -> String {
    match holds {
        Type::List(Type::Object(fields)) => format!("{:indent$}list:\n{}", "", features(fields, indent)),
        Type::List(each) => format!("{:indent$}sequence: {}\n", "", scalar(each)),
        Type::Object(fields) => format!("{:indent$}struct:\n{}", "", features(fields, indent)),
        other => format!("{:indent$}dtype: {}\n", "", scalar(other)),
    }
}

fn scalar(holds: &Type) -> &'static str {
    match holds {
        Type::Float => "float64",
        Type::Int => "int64",
        Type::Bool => "bool",
        _ => "string",
    }
}

fn tags(kind: Kind) -> &'static str {
    match kind {
        Kind::Dpo => "preference, dpo",
        Kind::Kto => "preference, kto",
        Kind::Sft => "sft",
        Kind::Rm => "preference, reward-model",
        Kind::Prompts => "prompts, reinforcement-learning",
        Kind::Rollouts => "rollouts, reinforcement-learning",
        Kind::Stepwise => "process-reward-model",
    }
}

/// The Hub's own buckets.
fn size(rows: u64) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        _ => "n>10M",
    }
}

fn page(written: &Written) -> String {
    let mut page = format!("# {}\n\nWritten by `rewardctl export --for hf`.\n\n", written.name());
    page.push_str("| part | rows | files |\n|---|---:|---:|\n");
    for (split, files) in written.parts() {
        let rows: u64 = files.iter().map(|file| file.rows).sum();
        let _ = writeln!(page, "| {} | {rows} | {} |", split.name(), files.len());
    }
    page.push_str("\n| column | holds |\n|---|---|\n");
    for column in &written.columns {
        let _ = writeln!(page, "| `{}` | {} |", column.name, column.holds.name());
    }
    let name = Value::from(written.out.file_name().unwrap_or_default().to_string_lossy());
    let _ = write!(
        page,
        "\n```python\nfrom datasets import load_dataset\n\ndataset = load_dataset({name})\n```\n"
    );
    page
}

fn total(written: &Written, of: fn(&DataFile) -> u64) -> u64 {
    written.files.iter().map(of).sum()
}
