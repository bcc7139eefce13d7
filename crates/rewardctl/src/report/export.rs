//! What an export of a dataset came to.

use std::path::Path;

use rewardctl_data::error::STDOUT;
use rewardctl_data::export::dataset::Exported;

use crate::commands::is_dash;
use crate::report::counted;

/// Returns what was written, what was not and why, and how to load it.
pub fn dataset(exported: &Exported, output: &Path) -> String {
    let output = if is_dash(output) { STDOUT.into() } else { output.display().to_string() };
    let mut text = match exported.rows {
        0 => format!("no row is left for {}, so {output} was not written", exported.target),
        rows => format!("wrote {} to {output}", counted(rows, "row")),
    };
    if exported.files.len() > 1 {
        for file in &exported.files {
            text += &format!("\n  {} {}", file.path.display(), counted(file.rows, "row"));
        }
    }
    for (part, rows) in &exported.left_out {
        text += &format!("\n  left out: {} of the part {part}; `--split` asks for it", counted(*rows, "row"));
    }
    for (changed, rows) in &exported.changed {
        text += &format!("\n  changed: {} {}", counted(*rows, "row"), changed.what());
    }
    for (withheld, rows) in &exported.withheld {
        text +=
            &format!("\n  withheld: {}, {} ({})", counted(*rows, "row"), withheld.code(), withheld.reason());
    }
    if !exported.load.is_empty() {
        text += &load(&exported.load);
    }
    text
}

/// Returns how to load what was written, on lines of its own.
pub fn load(load: &str) -> String {
    format!("\nload it:\n  {}", load.replace('\n', "\n  "))
}
