//! What must hold of a row before a target takes it; each rule is one function, each target lists its own.

use rewardctl_core::dataset::{Example, Row};

use crate::export::withheld::Withheld;

/// Refuses what a target cannot carry.
pub type Rule = fn(&Row) -> Result<(), Withheld>;

/// The roles that chat templates know.
const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];

/// The marks in place of which loaders put media.
const MEDIA_MARKS: [&str; 3] = ["<image>", "<video>", "<audio>"];

/// The prompt says something, and so does its last turn.
pub fn has_prompt(row: &Row) -> Result<(), Withheld> {
    let says_something = row.prompt.last().is_some_and(|turn| !turn.content.trim().is_empty());
    says_something.then_some(()).ok_or(Withheld::EmptyPrompt)
}

/// Every answer says something.
pub fn has_answers(row: &Row) -> Result<(), Withheld> {
    let has_empty = answers(row).iter().any(|answer| answer.trim().is_empty());
    if has_empty { Err(Withheld::EmptyAnswer) } else { Ok(()) }
}

/// The two answers differ; loaders that trim must not make them equal either.
pub fn differs(row: &Row) -> Result<(), Withheld> {
    match answers(row)[..] {
        [chosen, rejected] if chosen.trim() == rejected.trim() => Err(Withheld::SameAnswers),
        _ => Ok(()),
    }
}

/// The answer comes after a turn of the user, or of a tool.
pub fn awaits_answer(row: &Row) -> Result<(), Withheld> {
    let last = row.prompt.last().map(|turn| turn.role.as_str());
    if matches!(last, Some("user" | "tool")) { Ok(()) } else { Err(Withheld::EndsWithoutUser) }
}

/// The answer comes after a turn of the user.
pub fn ends_with_user(row: &Row) -> Result<(), Withheld> {
    let is_user = row.prompt.last().is_some_and(|turn| turn.role == "user");
    is_user.then_some(()).ok_or(Withheld::EndsWithoutUser)
}

/// Every role is one that chat templates know.
pub fn knows_roles(row: &Row) -> Result<(), Withheld> {
    let all_known = row.prompt.iter().all(|turn| ROLES.contains(&turn.role.as_str()));
    all_known.then_some(()).ok_or(Withheld::UnknownRole)
}

/// Every role is the system's, the user's or the assistant's.
pub fn knows_plain_roles(row: &Row) -> Result<(), Withheld> {
    let is_plain = |role: &str| matches!(role, "system" | "user" | "assistant");
    row.prompt.iter().all(|turn| is_plain(&turn.role)).then_some(()).ok_or(Withheld::UnknownRole)
}

/// User and assistant take turns, the user first, after at most one system turn.
pub fn alternates(row: &Row) -> Result<(), Withheld> {
    let turns = row.prompt.iter().map(|turn| turn.role.as_str());
    let turns = turns.skip(usize::from(has_system(row)));
    let expected = ["user", "assistant"].into_iter().cycle();
    turns.zip(expected).all(|(role, expected)| role == expected).then_some(()).ok_or(Withheld::NotAlternating)
}

/// The prompt is one turn of the user, after at most one system turn.
pub fn has_one_turn(row: &Row) -> Result<(), Withheld> {
    let turns = row.prompt.len() - usize::from(has_system(row));
    if turns == 1 { Ok(()) } else { Err(Withheld::SeveralTurns) }
}

/// The prompt has no system turn.
pub fn has_no_system(row: &Row) -> Result<(), Withheld> {
    if has_system(row) { Err(Withheld::SystemTurn) } else { Ok(()) }
}

/// No turn and no answer has a mark that loaders replace by media.
pub fn has_no_media(row: &Row) -> Result<(), Withheld> {
    let turns = row.prompt.iter().map(|turn| turn.content.as_str());
    let mut texts = turns.chain(answers(row));
    let has_mark = texts.any(|text| MEDIA_MARKS.iter().any(|mark| text.contains(mark)));
    if has_mark { Err(Withheld::MediaMark) } else { Ok(()) }
}

/// The row knows the answer that a response should reach.
pub fn has_reference(row: &Row) -> Result<(), Withheld> {
    match &row.example {
        Example::Prompt { reference: None } => Err(Withheld::NoReference),
        _ => Ok(()),
    }
}

/// There are steps, and each has its label.
pub fn has_steps(row: &Row) -> Result<(), Withheld> {
    match &row.example {
        Example::Steps { completions, labels }
            if completions.is_empty() || completions.len() != labels.len() =>
        {
            Err(Withheld::UnlabelledSteps)
        }
        _ => Ok(()),
    }
}

/// Returns the texts that are learnt, the better one first.
pub(crate) fn answers(row: &Row) -> Vec<&str> {
    match &row.example {
        Example::Preference { chosen, rejected } => vec![chosen, rejected],
        Example::Unpaired { completion, .. }
        | Example::Demonstration { completion }
        | Example::Rollout { completion, .. } => vec![completion],
        Example::Steps { completions, .. } => completions.iter().map(String::as_str).collect(),
        Example::Prompt { .. } => vec![],
    }
}

fn has_system(row: &Row) -> bool {
    row.prompt.first().is_some_and(|turn| turn.role == "system")
}
