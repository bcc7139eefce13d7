//! `D`: what a dataset as a whole teaches beside what it should.

use crate::lint::check::Runs::Always;
use crate::lint::check::Severity::{Note, Warning};
use crate::lint::check::{Check, Severity};

/// Every check of whole datasets.
pub const ALL: &[&Check] =
    &[&D01, &D02, &D03, &D04, &D05, &D06, &D07, &D08, &D09, &D10, &D11, &D12, &D13, &D14];

const fn check(
    code: &'static str,
    severity: Severity,
    meaning: &'static str,
    why: &'static str,
    fix: &'static str,
) -> Check {
    Check { code, severity, meaning, why, fix, runs: Always }
}

/// Length tells the winner.
pub static D01: Check = check(
    "D01",
    Warning,
    "length alone tells which answer was chosen",
    "a reward model learns to count characters",
    "balance the pairs by length; an AUROC within 0.45 to 0.55 is balanced",
);
/// Markdown tells the winner.
pub static D02: Check = check(
    "D02",
    Warning,
    "lists, bold text or headings alone tell which answer was chosen",
    "a reward model learns to like the format",
    "balance the pairs by style, or strip the markdown from some on both sides",
);
/// Sides that hardly differ.
pub static D03: Check = check(
    "D03",
    Note,
    "chosen and rejected hardly differ",
    "there is next to no signal in the pair",
    "leave out pairs that differ in blanks, markdown or a few characters only, unless those matter",
);
/// Marks of templates.
pub static D04: Check = check(
    "D04",
    Warning,
    "a mark of a prompt template inside a text",
    "the model learns to write the template, or to go on with the user's next turn",
    "cut the text at the mark, or fill the placeholder in",
);
/// Too long for the trainer.
pub static D05: Check = check(
    "D05",
    Warning,
    "longer than the tokens allowed",
    "trainers cut such rows or drop them without a word",
    "shorten or leave out such rows, or raise the trainer's limit",
);
/// Rows twice.
pub static D06: Check = check(
    "D06",
    Warning,
    "a row is there twice",
    "it weighs twice, and on both sides of a split it leaks",
    "keep one of them",
);
/// Prompts twice.
pub static D07: Check = check(
    "D07",
    Note,
    "a prompt is there more than once",
    "it weighs more than others; with several answers that may be meant",
    "keep one answer for each prompt, or split by prompt",
);
/// Rows nearly twice.
pub static D08: Check = check(
    "D08",
    Warning,
    "a row is there nearly twice: prompt and answers are alike to those of another row",
    "it weighs twice, and on both sides of a split it leaks",
    "keep the one that is trusted most; `rewardctl duplicates` shows them side by side",
);
/// Items of benchmarks.
pub static D09: Check = check(
    "D09",
    Warning,
    "a row holds an item of a benchmark",
    "what is measured on the benchmark is memory then",
    "leave the row out; `rewardctl build --benchmark FILE` does so",
);
/// Rings of preferences.
pub static D10: Check = check(
    "D10",
    Warning,
    "preferences among the answers to a prompt go in a circle",
    "no reward can agree with all of them",
    "leave out the weakest of them, or ask people again",
);
/// Opposite preferences.
pub static D11: Check = check(
    "D11",
    Warning,
    "two rows prefer opposite answers",
    "they cancel out",
    "keep what most people said, or leave both out",
);
/// How many labels may be wrong.
pub static D12: Check = check(
    "D12",
    Warning,
    "repeated comparisons disagree so often that many labels must be wrong",
    "the noise bounds what can be learnt, and losses need to know of it",
    "take the majority of several people, or smooth the labels by the noise rate",
);
/// Weights of desirable and undesirable.
pub static D13: Check = check(
    "D13",
    Note,
    "desirable and undesirable examples are not balanced",
    "KTO wants the weighted ratio within 1 to 4/3",
    "set the trainer's weights as the message says",
);
/// Shares of right steps.
pub static D14: Check = check(
    "D14",
    Warning,
    "too few or too many steps are labelled right",
    "a process reward model learns to give the same answer always",
    "keep the share of right steps within 30 % to 90 %",
);
