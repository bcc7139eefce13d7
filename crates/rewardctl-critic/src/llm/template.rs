//! Templates: the only file that names `minijinja`.
//!
//! A template is rendered when its critic is parsed, once for each way in which a request can lack something, with a
//! marker wherever a text will stand. The rendering is cut at the markers, and requests are put together from the
//! pieces: the engine never sees a judged text, and a request cannot fail in it.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, merge_maps};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use rewardctl_core::id::ContentId;
use serde::Serialize;

use crate::error::Error;

/// Steps of the engine that a template may take: the standard one takes a few hundred.
const FUEL: u64 = 100_000;

/// A place in a template where a text goes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The conversation up to the response.
    Prompt,
    /// The response of a pointwise critic.
    Response,
    /// The response that a pairwise critic knows as A.
    First,
    /// The response that a pairwise critic knows as B.
    Second,
    /// The reference.
    Reference,
    /// The documents.
    Documents,
    /// What earlier critics found.
    Findings,
}

impl Slot {
    /// Returns its name in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Response => "response",
            Self::First => "first",
            Self::Second => "second",
            Self::Reference => "reference",
            Self::Documents => "documents",
            Self::Findings => "findings",
        }
    }

    /// Returns what tells requests that have this text from those that lack it; None for what is always there.
    fn bit(self) -> Option<usize> {
        match self {
            Self::Reference => Some(1),
            Self::Documents => Some(2),
            Self::Findings => Some(4),
            Self::Prompt | Self::Response | Self::First | Self::Second => None,
        }
    }
}

/// A slot that a template may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    pub slot: Slot,
    /// Whether a template without it is an error.
    pub required: bool,
}

/// A stretch of a rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Slot(Slot),
}

/// A template, rendered for every set of texts that a request can have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Template {
    renderings: Vec<Vec<Piece>>,
}

impl Template {
    /// Renders `source` with the fields of `values`; line numbers in errors are those of `source`.
    pub fn compile(
        file: &str,
        source: &str,
        values: &impl Serialize,
        allowed: &[Allowed],
    ) -> Result<Self, Error> {
        let engine = engine();
        let mut renderings = Vec::new();
        for present in 0..8 {
            let is_present = |slot: Slot| slot.bit().is_none_or(|bit| present & bit != 0);
            let slots = allowed.iter().map(|allowed| {
                let shown =
                    if is_present(allowed.slot) { marker(source, allowed.slot) } else { String::new() };
                (allowed.slot.name(), Value::from(shown))
            });
            let texts = Value::from_pairs(slots);
            let context = merge_maps([texts, Value::from(Serde(values))]);
            let rendered = engine
                .render_named_str(file, source, context)
                .map_err(|source| Error::CriticTemplate { file: file.into(), source: Box::new(source) })?;
            for Allowed { slot, required } in allowed.iter().copied() {
                let count = rendered.matches(&marker(source, slot)).count();
                let needed = required && is_present(slot);
                if count > 1 || (needed && count == 0) {
                    return Err(Error::CriticSlot { file: file.into(), slot: slot.name(), count });
                }
            }
            renderings.push(cut(rendered.trim(), source, allowed));
        }
        Ok(Self { renderings })
    }

    /// Returns the pieces for a request that has the texts of `present`, of those that can be lacking.
    pub fn pieces(&self, present: &[Slot]) -> &[Piece] {
        let bits = present.iter().filter_map(|slot| slot.bit());
        &self.renderings[bits.fold(0, |set, bit| set | bit)]
    }
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.set_fuel(Some(FUEL));
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    engine.set_syntax(syntax.expect("the delimiters are the engine's own"));
    engine
}

/// Returns what stands for a text; a template cannot hold the hash of itself.
fn marker(source: &str, slot: Slot) -> String {
    let id = ContentId::of("marker", [source.as_bytes(), slot.name().as_bytes()]);
    format!("«{id}:{}»", slot.name())
}

fn cut(rendered: &str, source: &str, allowed: &[Allowed]) -> Vec<Piece> {
    let mut places = Vec::new();
    for Allowed { slot, .. } in allowed {
        let marker = marker(source, *slot);
        places.extend(rendered.find(&marker).map(|start| (start, start + marker.len(), *slot)));
    }
    places.sort_by_key(|(start, ..)| *start);
    let mut pieces = Vec::new();
    let mut done = 0;
    for (start, end, slot) in places {
        pieces.push(Piece::Text(rendered[done..start].into()));
        pieces.push(Piece::Slot(slot));
        done = end;
    }
    pieces.push(Piece::Text(rendered[done..].into()));
    pieces
}
