//! What people see beside the data: errors with their causes and hints, and text made safe for a terminal.

use std::io::{Write, stderr};
use std::process::ExitCode;

use rewardctl_core::hidden::is_hidden;
use rewardctl_pipeline::error::Error as PipelineError;

use crate::exit::{Exit, Failure};

/// Writes a line to stderr. Nobody can be told when that fails.
pub fn say(line: impl AsRef<str>) {
    let _ = writeln!(stderr(), "{}", line.as_ref());
}

/// Shows an error, the chain of its causes and the way out.
pub fn failure(failure: &Failure) {
    say(format!("error: {}", visible(&failure.error.to_string())));
    let mut said = failure.error.to_string();
    for cause in failure.error.chain().skip(1).map(ToString::to_string) {
        // Some libraries repeat their cause in their own message.
        if !said.ends_with(&cause) {
            say(format!("  because: {}", visible(&cause)));
        }
        said = cause;
    }
    if let Some(PipelineError::BadRows { count, first }) = failure.error.downcast_ref() {
        first.iter().for_each(|row| say(format!("  {}", visible(&row.to_string()))));
        let more = count - first.len() as u64;
        if more > 0 {
            say(format!("  and {more} more"));
        }
    }
    if let Some(hint) = &failure.hint {
        say(format!("hint: {hint}"));
    }
}

/// Shows what clap has to say: help on stdout, a wrong flag on stderr with exit code 2.
pub fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let exit = if error.use_stderr() { Exit::Refused } else { Exit::Done };
    ExitCode::from(exit as u8)
}

/// Returns the first `width` characters of untrusted text on one line: whitespace is folded, characters that
/// a terminal would act on or that hide or turn text are shown as `·`, and no CI runner takes it for a command.
pub fn printable(text: &str, width: usize) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = folded.chars().take(width).map(|c| if is_hidden(c) { '·' } else { c }).collect();
    if folded.chars().nth(width).is_some() {
        shown.pop();
        shown.push('…');
    }
    inert(&shown)
}

/// Returns a line of text that a CI runner takes no command from: `::name::` at its beginning, `##[name]` anywhere.
pub fn inert(text: &str) -> String {
    let broken =
        text.replace("##[", "##·[").replace("##vso[", "##vso·[").replace("##teamcity[", "##teamcity·[");
    match broken.strip_prefix("::") {
        Some(rest) => format!("·:{rest}"),
        None => broken,
    }
}

/// Returns untrusted text with its lines; characters that a terminal would act on or that hide or turn text are
/// shown as `·`.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) && c != '\n' && c != '\t' { '·' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_driven_by_a_response() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nc\u{202e}d", 20), "a·[2Jb c·d");
        assert_eq!(printable("abcdef", 4), "abc…");
        assert_eq!(printable(" ::stop-commands::x", 40), "·:stop-commands::x");
        assert_eq!(printable("a ##[error]b ##vso[task]", 40), "a ##·[error]b ##vso·[task]");
        assert_eq!(visible("a\u{1b}[2Jb\r\nc\u{9b}d"), "a·[2Jb·\nc·d");
    }
}
