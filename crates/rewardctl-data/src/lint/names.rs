//! What a file may be called: E14.

use std::path::Path;

use crate::lint::check::loader::E14;
use crate::lint::finding::Findings;
use crate::lint::pass::LintFile;
use crate::lint::target::{Names, Target};

/// Checks the name of a file against what the target finds; what has no name of its own, such as stdin, has none.
pub(crate) fn check(file: &LintFile, target: &Target, findings: &mut Findings) {
    let name = file.path.file_name();
    if name != Path::new(&file.label).file_name() {
        return;
    }
    let name = name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (is_found, wanted) = match target.names {
        Names::Any => return,
        Names::Exactly(names) => (names.contains(&name.as_str()), names),
        Names::EndsWith(ends) => (ends.iter().any(|end| name.ends_with(end)), ends),
    };
    if !is_found {
        let how = if matches!(target.names, Names::Exactly(_)) { "named" } else { "ending in" };
        findings.add(&E14, None, format!("`{}` reads files {how} {}", target.name, wanted.join(", ")));
    }
}
