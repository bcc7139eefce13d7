//! `S`: what loads and trains on the wrong thing.

use crate::lint::check::Runs::{Always, ForTarget};
use crate::lint::check::Severity::Warning;
use crate::lint::check::{Check, Runs};

/// Every check of what loads and trains on the wrong thing.
pub const ALL: &[&Check] = &[&S01, &S02, &S03, &S04, &S05, &S06, &S07, &S08, &S09, &S10, &S11, &S12, &S13];

const fn check(
    code: &'static str,
    runs: Runs,
    meaning: &'static str,
    why: &'static str,
    fix: &'static str,
) -> Check {
    Check { code, severity: Warning, meaning, why, fix, runs }
}

/// Equal sides.
pub static S01: Check = check(
    "S01",
    Always,
    "chosen and rejected are the same",
    "the pair teaches nothing; some trainers keep its last character as the answer, some stop",
    "leave the pair out; `--fix` does so",
);
/// The prompt once more.
pub static S02: Check = check(
    "S02",
    Always,
    "the prompt is repeated inside the answers",
    "the model learns to say the user's turn before its own",
    "keep the prompt in its column, and only the answer in the others",
);
/// Strings that hold the prompt.
pub static S03: Check = check(
    "S03",
    Always,
    "pairs of strings without a prompt of their own",
    "trainers cut the shared start off character by character, and so into the answers",
    "write the prompt in a column of its own; `--fix` does so for Human/Assistant transcripts",
);
/// Blanks around answers.
pub static S04: Check = check(
    "S04",
    ForTarget,
    "blanks around an answer",
    "templates that trim make the trainer lose the answer: it learns the last character, or nothing",
    "trim the answers; `--fix` does so",
);
/// Answers that the template says too.
pub static S05: Check = check(
    "S05",
    ForTarget,
    "an answer so short that the chat template holds it too",
    "the answer is found by text search, and the wrong place is taken",
    "lengthen such answers, or leave them out",
);
/// System turns where index 1 is read.
pub static S06: Check = check(
    "S06",
    ForTarget,
    "a system turn where the trainer reads the second message",
    "the user's text is taken for the answer on both sides",
    "use a type that knows system turns, or put the text into the `system` column",
);
/// Names with a meaning of their own.
pub static S07: Check = check(
    "S07",
    Always,
    "a column whose name means something else to the trainer",
    "`labels` and `input_ids` are taken for tokens, `prompt` beside `messages` for another shape, and columns of \
     prompts collide with what reward functions are given",
    "rename the column, or leave it out",
);
/// Dates that are no longer text.
pub static S08: Check = check(
    "S08",
    Always,
    "a column of ISO dates",
    "loaders turn it into timestamps and lose the zone",
    "leave it out, or pin its type in the dataset card",
);
/// Tokens of templates inside of texts.
pub static S09: Check = check(
    "S09",
    Always,
    "a special token of chat templates inside a text",
    "the tokenizer reads it as the end of a turn or as a picture",
    "take the token out, unless the text is rendered on purpose",
);
/// Only one kind of label.
pub static S10: Check = check(
    "S10",
    Always,
    "all labels are the same",
    "there is nothing to tell apart; trainers only warn about weights",
    "add rows of the other label",
);
/// Pairs that were ties.
pub static S11: Check = check(
    "S11",
    Always,
    "a pair whose two sides have the same score",
    "a tie was turned into a preference by chance",
    "leave the pair out",
);
/// Prompts on both sides of a split.
pub static S12: Check = check(
    "S12",
    Always,
    "a prompt is in the training part and in another",
    "the figures on the other part are too good",
    "split by prompt, not by row",
);
/// Strings beside lists.
pub static S13: Check = check(
    "S13",
    Always,
    "the prompt is a string and the answers are message lists",
    "trainers take the first row for one kind or the other, and join what does not join",
    "write the prompt as a message list and only the answer in the others",
);
