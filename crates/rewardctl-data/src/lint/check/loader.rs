//! `E`: what loaders refuse.

use crate::lint::check::Runs::{Always, ForTarget};
use crate::lint::check::Severity::{Error, Note, Warning};
use crate::lint::check::{Check, Runs, Severity};

/// Every check of what loaders refuse.
pub const ALL: &[&Check] = &[
    &E01, &E02, &E03, &E04, &E05, &E06, &E07, &E08, &E09, &E10, &E11, &E12, &E13, &E14, &E15, &E16, &E17,
    &F01, &F02, &F03,
];

const fn check(
    code: &'static str,
    severity: Severity,
    runs: Runs,
    meaning: &'static str,
    why: &'static str,
    fix: &'static str,
) -> Check {
    Check { code, severity, meaning, why, fix, runs }
}

/// Several types in one column.
pub static E01: Check = check(
    "E01",
    Error,
    Always,
    "a column holds values of several types",
    "loaders refuse the file, or turn what does not fit into text after the first 10 MB",
    "give every row of the column the same type; lists of messages and plain strings do not mix",
);
/// Rows with other keys than the first.
pub static E02: Check = check(
    "E02",
    Warning,
    Always,
    "a key is in some rows only",
    "loaders fill in null, and refuse the file if the key first comes after 10 MB or in a later file",
    "write the same keys in every row; `--fix` adds the missing ones as null",
);
/// Half characters and bytes that are no text.
pub static E03: Check = check(
    "E03",
    Error,
    Always,
    "a lone surrogate, or bytes that are not UTF-8",
    "loaders refuse the whole file",
    "write the text again as UTF-8; `\\ud83d` alone is half a character",
);
/// The same key twice.
pub static E04: Check = check(
    "E04",
    Error,
    Always,
    "an object has a key twice",
    "loaders refuse the whole file, and readers that do not keep one of the two values",
    "keep the one that is meant",
);
/// Nothing where a text should be.
pub static E05: Check = check(
    "E05",
    Error,
    Always,
    "a prompt or an answer is missing or empty",
    "trainers stop, drop the row without a word, or learn to say nothing",
    "leave the row out; `--fix` drops rows without an answer",
);
/// A prompt that nobody asks.
pub static E06: Check = check(
    "E06",
    Error,
    Always,
    "the prompt ends with a system turn",
    "chat templates refuse it: there is nothing to answer",
    "end the prompt with a turn of the user",
);
/// Labels that are 0 and 1, or text.
pub static E07: Check = check(
    "E07",
    Error,
    Always,
    "a label is neither true nor false",
    "0, 1 and text are not booleans: trainers refuse them or take the row for another kind",
    "write `true` or `false`; `--fix` does so where a column is wholly 0 and 1",
);
/// A file without rows.
pub static E08: Check = check(
    "E08",
    Error,
    Always,
    "the file has no row",
    "loaders refuse empty files",
    "leave the file out of the dataset",
);
/// 1 and 0.5 in one column.
pub static E09: Check = check(
    "E09",
    Warning,
    Always,
    "whole numbers and fractions mix in a column",
    "after 10 MB of whole numbers the first fraction ends the load; before that the column turns into fractions",
    "write every number with a point (`1.0`); `--fix` does so",
);
/// Nulls before the first value.
pub static E10: Check = check(
    "E10",
    Warning,
    Always,
    "a column starts with null, or holds nothing else",
    "its type is guessed from the first 10 MB: a text that comes later ends the load, and a column of nulls does not \
     join a typed one",
    "put a row with a value first, leave the column out, or pin its type in the dataset card",
);
/// Keys that a strict reader does not know.
pub static E11: Check = check(
    "E11",
    Error,
    ForTarget,
    "a key that the target does not take",
    "the service refuses files with keys of their own",
    "leave the key out; keep notes on rows in a file beside",
);
/// Roles and their order.
pub static E12: Check = check(
    "E12",
    Error,
    ForTarget,
    "a role that the target does not know, or turns that do not alternate",
    "the chat template or the service refuses the conversation, or the row is skipped",
    "use the roles of the target, and alternate between user and assistant",
);
/// Odd and even numbers of messages.
pub static E13: Check = check(
    "E13",
    Error,
    ForTarget,
    "the number of messages is odd where it must be even, or the other way round",
    "the loader skips the row or stops",
    "end conversations where the target expects it: with the user before a pair, with the assistant elsewhere",
);
/// Names that a loader looks for.
pub static E14: Check = check(
    "E14",
    Error,
    ForTarget,
    "a file name that the target does not find or not read",
    "the loader knows files by their names, and does not see others",
    "rename or unpack the file",
);
/// What is no row at all.
pub static E15: Check = check(
    "E15",
    Error,
    Always,
    "a row that cannot be read",
    "no loader reads past it",
    "mend the row, or leave it out",
);
/// Types of Parquet columns.
pub static E16: Check = check(
    "E16",
    Error,
    Always,
    "a Parquet column has a type that loaders refuse",
    "some versions of `datasets` know neither maps nor views nor, inside of lists, large texts",
    "write the file again with plain strings and lists",
);
/// Not the columns of the target.
pub static E17: Check = check(
    "E17",
    Error,
    ForTarget,
    "a column of the target is missing or of another kind",
    "the trainer looks for it by name, and stops or learns something else",
    "export the data for this target, or lint for the target that they were made for",
);
/// A mark at the start.
pub static F01: Check = check(
    "F01",
    Note,
    Always,
    "a byte order mark at the start",
    "readers that take lines as they are, such as MLX-LM, stop at it",
    "`--fix` takes it off",
);
/// Lines without a row.
pub static F02: Check = check(
    "F02",
    Note,
    Always,
    "a blank line",
    "readers that take lines as they are, such as MLX-LM, stop at it",
    "`--fix` leaves it out",
);
/// Windows line ends.
pub static F03: Check = check(
    "F03",
    Note,
    Always,
    "lines end with CRLF",
    "the same rows have other bytes, hashes and sizes",
    "`--fix` ends lines with LF",
);
