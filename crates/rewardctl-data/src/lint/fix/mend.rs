//! Mends one row by the plan.

use serde_json::{Value, json};

use crate::json::Fields;
use crate::lint::check::loader::{E02, E05, E07, E09};
use crate::lint::check::silent::{S01, S03, S04};
use crate::lint::fix::plan::Plan;
use crate::lint::fix::raw_row::{RawFields, compact};
use crate::lint::layout::Shape;
use crate::lint::parts::{Form, Parts, Said, Turn};
use crate::row_file::write_json;

/// What became of a row.
pub(crate) enum Mended {
    /// It is kept: as it stands where there is no line, and with the codes of what was mended.
    Row(Option<Vec<u8>>, Vec<&'static str>),
    /// It is left out for the fault of this code.
    Dropped(&'static str),
    /// It is left out because its transcripts part before an answer.
    Parted,
}

/// A row whose values are exchanged one by one.
struct Draft {
    fields: Vec<(String, Vec<u8>)>,
    codes: Vec<&'static str>,
}

/// Mends a row; `text` is its JSON.
pub(crate) fn mend(row: &Fields, text: &[u8], plan: &Plan) -> Mended {
    let parts = Parts::of(row, &plan.layout);
    if let Some(code) = dropped(&parts, plan) {
        return Mended::Dropped(code);
    }
    let Ok(RawFields(raw)) = serde_json::from_slice(text) else { return Mended::Row(None, vec![]) };
    let fields = raw.into_iter().map(|(name, value)| (name, value.get().as_bytes().to_vec()));
    let mut draft = Draft { fields: fields.collect(), codes: vec![] };
    if plan.splits && !draft.split(&parts) {
        return Mended::Parted;
    }
    if plan.trims {
        draft.trim(row, &parts);
    }
    draft.numbers(row, plan);
    draft.order(plan);
    let line = (!draft.codes.is_empty()).then(|| draft.line());
    Mended::Row(line, draft.codes)
}

/// Returns the prompt and the answers of transcripts, as lists of messages; None where they part before an answer.
pub(crate) fn split(parts: &Parts) -> Option<[(String, Value); 3]> {
    let (prompt, (chosen, rejected)) = (parts.prompt.as_ref()?, parts.pair()?);
    let is_text = chosen.form == Form::Text && rejected.form == Form::Text;
    let is_answer = |said: &Said| matches!(&said.turns[..], [only] if only.is_assistant());
    let ends_with_user = prompt.turns.last().is_some_and(|turn| !turn.is_assistant());
    let is_split = parts.implicit && is_text && ends_with_user && is_answer(chosen) && is_answer(rejected);
    is_split.then(|| {
        [
            ("prompt".into(), messages(&prompt.turns)),
            (chosen.field.clone(), messages(&chosen.turns)),
            (rejected.field.clone(), messages(&rejected.turns)),
        ]
    })
}

fn messages(turns: &[Turn]) -> Value {
    turns.iter().map(|turn| json!({"role": turn.role, "content": turn.text})).collect()
}

fn dropped(parts: &Parts, plan: &Plan) -> Option<&'static str> {
    let judged = matches!(plan.layout.shape, Shape::Pair | Shape::Unpaired | Shape::Demonstration);
    let is_empty = judged && parts.answers.iter().any(|(_, answer)| answer.is_empty());
    if plan.drops_empty && is_empty {
        return Some(E05.code);
    }
    let is_equal = parts.pair().is_some_and(|(chosen, rejected)| chosen.text() == rejected.text());
    (plan.drops_equal && is_equal && !is_empty).then_some(S01.code)
}

impl Draft {
    fn set(&mut self, name: &str, value: &Value) {
        let mut json = vec![];
        // Writing to memory cannot fail.
        let _ = write_json(&mut json, value);
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => *old = json,
            None => self.fields.insert(0, (name.into(), json)),
        }
    }

    fn split(&mut self, parts: &Parts) -> bool {
        let Some(columns) = split(parts) else { return false };
        columns.iter().for_each(|(name, value)| self.set(name, value));
        self.codes.push(S03.code);
        true
    }

    fn trim(&mut self, row: &Fields, parts: &Parts) {
        for (_, answer) in &parts.answers {
            let Some(value) = row.get(&answer.field) else { continue };
            let mut trimmed = value.clone();
            trim(&mut trimmed);
            if trimmed != *value {
                self.set(&answer.field, &trimmed);
                self.codes.push(S04.code);
            }
        }
    }

    fn numbers(&mut self, row: &Fields, plan: &Plan) {
        if let Some(label) = &plan.zero_one
            && let Some(number) = row.get(label).and_then(Value::as_u64)
        {
            self.set(label, &Value::Bool(number == 1));
            self.codes.push(E07.code);
        }
        let before = self.codes.len();
        for (name, json) in &mut self.fields {
            let is_whole = matches!(row.get(name.as_str()), Some(Value::Number(number)) if !number.is_f64());
            if is_whole && plan.pointed.contains(name) {
                json.extend_from_slice(b".0");
                self.codes.push(E09.code);
            }
        }
        self.codes.truncate(before + 1);
    }

    /// Brings the keys into one order, with null for those that the row lacks.
    fn order(&mut self, plan: &Plan) {
        let Some(keys) = &plan.keys else { return };
        if self.fields.iter().map(|(name, _)| name).eq(keys) {
            return;
        }
        let place = |name: &String| keys.iter().position(|key| key == name);
        // A prompt that was split off comes first.
        self.fields.sort_by_key(|(name, _)| place(name).map_or(0, |place| place + 1));
        for key in keys {
            if !self.fields.iter().any(|(name, _)| name == key) {
                let at = self.fields.iter().position(|(name, _)| place(name) > place(key));
                self.fields.insert(at.unwrap_or(self.fields.len()), (key.clone(), b"null".to_vec()));
            }
        }
        self.codes.push(E02.code);
    }

    fn line(&self) -> Vec<u8> {
        let mut line = vec![b'{'];
        for (at, (name, json)) in self.fields.iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            line.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
            line.push(b':');
            line.extend_from_slice(&compact(json));
        }
        line.push(b'}');
        line
    }
}

/// Takes the blanks off a text, or off the last message.
fn trim(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.trim().to_owned(),
        Value::Array(turns) => {
            if let Some(last) = turns.last_mut() {
                trim(last);
            }
        }
        Value::Object(turn) => {
            let content = ["content", "value"].into_iter().find(|name| turn.contains_key(*name));
            if let Some(Value::String(text)) = content.and_then(|name| turn.get_mut(name)) {
                *text = text.trim().to_owned();
            }
        }
        _ => {}
    }
}
