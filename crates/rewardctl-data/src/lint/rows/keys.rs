//! Which columns there are, and of which kind: E11, E17, S07.

use serde_json::Value;

use crate::json::{Fields, get, kind};
use crate::lint::check::loader::{E11, E17};
use crate::lint::check::silent::S07;
use crate::lint::finding::Findings;
use crate::lint::layout::Shape;
use crate::lint::parts::{Form, Said};
use crate::lint::rows::Row;
use crate::lint::target::{Kind, Need, Target};

/// Checks the columns of a row.
pub(super) fn check(row: &Row<'_>, findings: &mut Findings) {
    match row.target {
        Some(target) => {
            needs(row, target, findings);
            extras(row.fields, target, findings);
            reserved(row.fields, target, findings);
            prompt_beside_messages(row, findings);
        }
        None => reserved_by_shape(row, findings),
    }
}

fn needs(row: &Row<'_>, target: &Target, findings: &mut Findings) {
    for need in target.needs {
        match get(row.fields, need.column) {
            None => findings.add(
                &E17,
                Some(need.column.into()),
                format!("missing; `{}` needs {}", target.name, need.kind.name()),
            ),
            Some(value) if row.is_typed && !need.holds(value) => {
                let found = kind(value);
                let message = format!("`{}` needs {}, found {found}", target.name, need.kind.name());
                findings.add(&E17, Some(need.column.into()), message);
            }
            Some(_) => {}
        }
    }
}

/// Looks for keys that a strict reader refuses, in the row and in its messages.
fn extras(fields: &Fields, target: &Target, findings: &mut Findings) {
    if let Some(takes) = target.takes {
        let is_known = |key: &String| {
            takes.contains(&key.as_str()) || target.needs.iter().any(|need| need.column == key.as_str())
        };
        for key in fields.keys().filter(|key| !is_known(key)) {
            findings.add(&E11, Some(key.clone()), format!("`{}` takes no such key", target.name));
        }
    }
    let Some(keys) = target.message_keys else { return };
    for need in target.needs {
        let Some(Value::Array(messages)) = get(fields, need.column) else { continue };
        for (at, message) in messages.iter().enumerate() {
            let names = message.as_object().into_iter().flat_map(|message| message.keys());
            for key in names.filter(|key| !keys.contains(&key.as_str())) {
                let field = format!("{}[{at}].{key}", need.column);
                findings.add(&E11, Some(field), format!("`{}` takes no such key in a message", target.name));
            }
        }
    }
}

fn reserved(fields: &Fields, target: &Target, findings: &mut Findings) {
    for (name, what) in target.reserved.iter().filter(|(name, _)| fields.contains_key(*name)) {
        findings.add(&S07, Some((*name).into()), format!("for `{}`, this name {what}", target.name));
    }
}

fn prompt_beside_messages(row: &Row<'_>, findings: &mut Findings) {
    let is_sft = row.target.is_some_and(|target| target.name == "trl-sft");
    if is_sft && row.fields.contains_key("messages") && row.fields.contains_key("prompt") {
        findings.add(
            &S07,
            Some("prompt".into()),
            "beside `messages` the row is taken for a prompt with a completion",
        );
    }
}

/// Without a target, warns of names that no trainer of this shape takes for what they are.
fn reserved_by_shape(row: &Row<'_>, findings: &mut Findings) {
    let is_plain = matches!(row.layout.shape, Shape::Chat | Shape::Text | Shape::Demonstration);
    if !is_plain {
        return;
    }
    for name in ["labels", "input_ids"] {
        if row.fields.contains_key(name) {
            findings.add(&S07, Some(name.into()), "trainers take a column of this name for tokens");
        }
    }
    if row.layout.shape == Shape::Chat
        && row.fields.contains_key("prompt")
        && row.fields.contains_key("messages")
    {
        findings.add(
            &S07,
            Some("prompt".into()),
            "beside `messages` some trainers take the row for another shape",
        );
    }
}

impl Need {
    fn holds(&self, value: &Value) -> bool {
        let said = Said::of(Some(value), self.column);
        let is_object = value.is_object();
        match self.kind {
            Kind::Text => said.form == Form::Text,
            Kind::Messages => said.form == Form::Messages,
            Kind::Message => said.form == Form::Message,
            Kind::OneMessage => said.form == Form::Messages && said.turns.len() == 1,
            Kind::Said => matches!(said.form, Form::Text | Form::Messages | Form::Message),
            Kind::TextOrMessages => matches!(said.form, Form::Text | Form::Messages),
            Kind::Texts => said.form == Form::Texts || is_empty_list(value),
            // What is no boolean is for the check of labels to say.
            Kind::Bool => !value.is_array() && !is_object,
            Kind::Bools | Kind::List => value.is_array(),
            Kind::Object => is_object,
        }
    }
}

fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Messages => "a list of messages",
            Kind::Message => "one message",
            Kind::OneMessage => "a list of exactly one message",
            Kind::Said => "text or messages",
            Kind::TextOrMessages => "text or a list of messages",
            Kind::Texts => "a list of texts",
            Kind::Bool => "true or false",
            Kind::Bools => "a list of true and false",
            Kind::Object => "an object",
            Kind::List => "a list",
        }
    }
}
