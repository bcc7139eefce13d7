//! Who speaks, in which order: E06, E12, E13, S06.

use crate::json::get;
use crate::lint::check::loader::{E06, E12, E13};
use crate::lint::check::silent::S06;
use crate::lint::finding::Findings;
use crate::lint::layout::Shape;
use crate::lint::parts::{Form, Said, Turn};
use crate::lint::rows::Row;
use crate::lint::target::{Parity, Target};
use crate::row_error::quoted;

/// Checks the turns of a row.
pub(super) fn check(row: &Row<'_>, findings: &mut Findings) {
    ends_in_system(row, findings);
    let Some(target) = row.target else { return };
    roles(row, target, findings);
    parity(row, target, findings);
    if target.reads_second {
        second(row, findings);
    }
}

fn ends_in_system(row: &Row<'_>, findings: &mut Findings) {
    let Some(prompt) = &row.parts.prompt else { return };
    let is_own_column = row.layout.shape != Shape::Chat;
    if is_own_column && prompt.turns.last().is_some_and(Turn::is_system) {
        findings.add(&E06, Some(prompt.field.clone()), "the last turn is a system turn");
    }
}

/// Follows each conversation: the prompt, then each answer after it.
fn roles(row: &Row<'_>, target: &Target, findings: &mut Findings) {
    let none = &[][..];
    let (prompt, field) = match &row.parts.prompt {
        Some(prompt) if prompt.form != Form::Text || row.parts.implicit => {
            (&prompt.turns[..], prompt.field.as_str())
        }
        _ => (none, ""),
    };
    if let Some(fault) = order_fault(prompt, None, target) {
        findings.add(&E12, Some(field.into()), fault);
    }
    for (_, answer) in &row.parts.answers {
        if matches!(answer.form, Form::Messages | Form::Message)
            && let Some(fault) = order_fault(&answer.turns, prompt.last(), target)
        {
            findings.add(&E12, Some(answer.field.clone()), fault);
        }
    }
    start(row, prompt, target, findings);
    let wants_answer =
        target.turns.alternate && row.layout.shape == Shape::Chat && row.parts.answers.is_empty();
    if wants_answer && !prompt.is_empty() {
        findings.add(&E12, Some(field.into()), "the conversation does not end with a turn of the assistant");
    }
}

/// Where the user must begin, looks at who does.
fn start(row: &Row<'_>, prompt: &[Turn], target: &Target, findings: &mut Findings) {
    if !target.turns.user_first {
        return;
    }
    let first = prompt.iter().find(|turn| !turn.is_system());
    let lone = row.layout.shape == Shape::Chat && first.is_none();
    let lone_answer = row.parts.answers.first().filter(|_| lone).map(|(_, answer)| answer.field.as_str());
    let field = row.parts.prompt.as_ref().map(|prompt| prompt.field.as_str());
    if let Some(field) = field.filter(|_| first.is_some_and(Turn::is_assistant)).or(lone_answer) {
        findings.add(&E12, Some(field.into()), "the assistant speaks before the user");
    }
}

fn order_fault(turns: &[Turn], before: Option<&Turn>, target: &Target) -> Option<String> {
    let known = target.turns.roles;
    let mut before = before;
    for turn in turns {
        if !known.is_empty() && !known.contains(&turn.role.as_str()) {
            return Some(format!(
                "role `{}`; `{}` knows {}",
                quoted(&turn.role),
                target.name,
                known.join(", ")
            ));
        }
        if target.turns.alternate
            && let Some(fault) = step_fault(before, turn)
        {
            return Some(fault);
        }
        before = Some(turn);
    }
    None
}

fn step_fault(before: Option<&Turn>, turn: &Turn) -> Option<String> {
    let role = quoted(&turn.role);
    match before.filter(|before| !before.is_system()) {
        Some(before) if turn.is_system() => {
            Some(format!("a system turn after one of `{}`", quoted(&before.role)))
        }
        Some(before) if before.is_assistant() == turn.is_assistant() => {
            Some(format!("`{role}` follows `{}`", quoted(&before.role)))
        }
        _ => None,
    }
}

fn parity(row: &Row<'_>, target: &Target, findings: &mut Findings) {
    for (column, parity) in target.parity {
        let said = Said::of(get(row.fields, column), column);
        if said.form != Form::Messages {
            continue;
        }
        let turns = said.turns.iter().filter(|turn| !turn.is_system()).count();
        let (is_met, name) = match parity {
            Parity::Odd => (turns % 2 == 1, "an odd"),
            Parity::Even => (turns % 2 == 0 && turns > 0, "an even"),
        };
        if !is_met {
            let message = format!("{turns} messages; `{}` needs {name} number", target.name);
            findings.add(&E13, Some((*column).into()), message);
        }
    }
}

fn second(row: &Row<'_>, findings: &mut Findings) {
    for column in ["chosen", "rejected"] {
        let said = Said::of(get(row.fields, column), column);
        let is_read = said.turns.get(1).is_some_and(Turn::is_assistant);
        if said.form == Form::Messages && !is_read {
            let message = match said.turns.first().is_some_and(Turn::is_system) {
                true => "starts with a system turn, so that the user's turn is read as the answer",
                false => "the second message is no turn of the assistant, and it is what is read",
            };
            findings.add(&S06, Some(column.into()), message);
        }
    }
}
