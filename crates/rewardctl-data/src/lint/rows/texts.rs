//! What the texts are: E05, S04, S05, S09, D04.

use crate::chat::is_transcript;
use crate::lint::check::dataset::D04;
use crate::lint::check::loader::E05;
use crate::lint::check::silent::{S04, S05, S09};
use crate::lint::finding::Findings;
use crate::lint::layout::Shape;
use crate::lint::parts::{Form, Said};
use crate::lint::rows::Row;
use crate::lint::text::{special_token, template_mark};

/// What stands around an answer in a rendered conversation: an answer that occurs here is found at the wrong place.
const SCAFFOLD: &str = "<|im_start|>user\n[[dummy_message]]<|im_end|>\n<|im_start|>assistant\n";

/// Checks the texts of a row.
pub(super) fn check(row: &Row<'_>, findings: &mut Findings) {
    if row.layout.shape == Shape::Unknown {
        return;
    }
    if let Some(prompt) = &row.parts.prompt {
        emptiness(row, prompt, "prompt", findings);
        marks(row, prompt, findings);
    }
    for (_, answer) in &row.parts.answers {
        emptiness(row, answer, "answer", findings);
        marks(row, answer, findings);
        blanks(row, answer, findings);
        shortness(row, answer, findings);
    }
}

fn emptiness(row: &Row<'_>, said: &Said, what: &str, findings: &mut Findings) {
    // What a target misses is said by the check of its columns.
    let is_said_elsewhere =
        row.target.is_some_and(|target| target.needs.iter().any(|n| n.column == said.field));
    let message = match said.form {
        Form::Missing if is_said_elsewhere => return,
        Form::Missing => format!("the {what} is missing"),
        Form::Other => format!("the {what} is neither text nor messages"),
        Form::Texts if said.turns.iter().any(|step| step.text.trim().is_empty()) => "a step is empty".into(),
        _ if said.is_empty() => format!("the {what} is empty"),
        _ => return,
    };
    findings.add(&E05, Some(said.field.clone()), message);
}

fn marks(row: &Row<'_>, said: &Said, findings: &mut Findings) {
    // Rendered text is full of them, and means to be.
    if row.layout.shape == Shape::Text {
        return;
    }
    // A prompt that is a transcript is rendered on purpose.
    let is_transcript = said.form == Form::Text && said.turns.iter().any(|turn| is_transcript(&turn.text));
    for turn in &said.turns {
        if let Some(token) = special_token(&turn.text) {
            findings.add(&S09, Some(said.field.clone()), format!("holds `{token}`"));
            return;
        }
        if let Some(mark) = template_mark(&turn.text).filter(|_| !is_transcript) {
            findings.add(&D04, Some(said.field.clone()), format!("holds `{}`", mark.trim()));
            return;
        }
    }
}

fn blanks(row: &Row<'_>, answer: &Said, findings: &mut Findings) {
    let is_asked = row.target.is_some_and(|target| target.searches_answers) || findings.asks_for(&S04);
    let text = answer.text();
    if is_asked && text.len() != text.trim().len() && !text.trim().is_empty() && !row.parts.implicit {
        findings.add(&S04, Some(answer.field.clone()), "starts or ends with a blank");
    }
}

fn shortness(row: &Row<'_>, answer: &Said, findings: &mut Findings) {
    let is_asked = row.target.is_some_and(|target| target.searches_answers) || findings.asks_for(&S05);
    let text = answer.text();
    let text = text.trim();
    if is_asked && !text.is_empty() && SCAFFOLD.contains(text) {
        findings.add(&S05, Some(answer.field.clone()), "the answer also stands in the template around it");
    }
}
