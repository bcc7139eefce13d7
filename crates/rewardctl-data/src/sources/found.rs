//! Items of a source, put together of rows.

use std::collections::BTreeMap;

use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::item::{Context, Item, Message, Response};
use serde_json::{Map, Value};

use crate::fields::{Expect, FieldMap};
use crate::item::Reader;
use crate::json::{Fields, get};
use crate::labels::{Said, Target};
use crate::row_error::{Fault, RowProblem};
use crate::sources::{Found, Opinion};

/// Reads a row whose fields have names that any file may use; those of `needed` must be there.
pub(crate) fn generic(row: Fields, needed: &[&str]) -> Result<Found, Fault> {
    for field in needed {
        if get(&row, field).is_none_or(Value::is_null) {
            return Err(Fault::of_field(*field, RowProblem::Missing));
        }
    }
    let reader = Reader::detect(&FieldMap::default(), Expect::Responses, &row);
    let Some(reader) = reader else {
        let field = needed.first().copied().unwrap_or("prompt");
        return Err(Fault::of_field(
            field,
            RowProblem::NoAnswer { what: "no prompt with a response is there".into() },
        ));
    };
    let (item, further) = reader.parts(row)?;
    let each = if item.responses.len() == 1 { vec![further] } else { return Ok(with_rest(item, further)) };
    Ok(Found { item: Some(item), each, opinions: vec![], passed_over: vec![] })
}

/// Returns an item with one response, of which `further` is known too.
pub(crate) fn one(prompt: Vec<Message>, response: Response, further: Fields) -> Found {
    let context = Context { prompt, reference: None, documents: vec![] };
    let item = Item { name: None, context, responses: vec![response], metadata: String::new() };
    Found { item: Some(item), each: vec![further], opinions: vec![], passed_over: vec![] }
}

/// Returns an item with several responses and the fields that the row has beside them.
pub(crate) fn several(prompt: Vec<Message>, responses: Vec<Response>, rest: Fields) -> Found {
    let context = Context { prompt, reference: None, documents: vec![] };
    with_rest(Item { name: None, context, responses, metadata: String::new() }, rest)
}

fn with_rest(mut item: Item, rest: Fields) -> Found {
    if !rest.is_empty() {
        item.metadata = Value::Object(rest).to_string();
    }
    Found { item: Some(item), each: vec![], opinions: vec![], passed_over: vec![] }
}

/// Puts items of the same content together, in the order of their first sight.
pub(crate) fn grouped(all: Vec<Found>) -> Vec<Found> {
    let mut places: BTreeMap<ItemId, usize> = BTreeMap::new();
    let mut groups: Vec<Found> = vec![];
    for found in all {
        let id = found.item.as_ref().map(|item| item.context.id());
        match id.and_then(|id| places.get(&id)) {
            Some(&at) => groups[at].absorb(found),
            None => {
                places.extend(id.map(|id| (id, groups.len())));
                groups.push(found);
            }
        }
    }
    groups
}

impl Found {
    /// Returns what has no item and says nothing yet.
    pub(crate) fn nothing() -> Self {
        Self { item: None, each: vec![], opinions: vec![], passed_over: vec![] }
    }

    /// Says why nothing was taken of a row.
    pub(crate) fn passed(why: &'static str) -> Vec<Self> {
        vec![Self { passed_over: vec![why], ..Self::nothing() }]
    }

    /// Names the responses that opinions are about by these ids, where there are any.
    pub(crate) fn named_by(mut self, ids: &[ResponseId]) -> Self {
        let name = |target: &mut Target| {
            if let Target::Index(at) = *target
                && let Some(id) = ids.get(at as usize)
            {
                *target = Target::Id(*id);
            }
        };
        self.opinions.iter_mut().for_each(|opinion| each_target(&mut opinion.said, name));
        self
    }

    pub(crate) fn named(mut self, name: Option<String>) -> Self {
        if let Some(item) = &mut self.item {
            item.name = name.or(item.name.take());
        }
        self
    }

    pub(crate) fn with_reference(mut self, reference: Option<String>) -> Self {
        if let Some(item) = &mut self.item {
            item.context.reference = reference;
        }
        self
    }

    /// Adds what is said; a comparison of equal texts says nothing and is passed over.
    pub(crate) fn saying(mut self, opinions: Vec<Opinion>) -> Self {
        for opinion in opinions {
            match self.compares_equals(&opinion.said) {
                true => self.passed_over.push("both responses are the same text"),
                false => self.opinions.push(opinion),
            }
        }
        self
    }

    pub(crate) fn passing_over(mut self, why: Vec<&'static str>) -> Self {
        self.passed_over.extend(why);
        self
    }

    /// Tells whether `other` answers the same content.
    pub(crate) fn joins(&self, other: &Self) -> bool {
        match (&self.item, &other.item) {
            (Some(item), Some(other)) => item.context == other.context,
            _ => false,
        }
    }

    /// Takes in the responses of another item of the same content.
    pub(crate) fn absorb(&mut self, other: Self) {
        let (Some(item), Some(more)) = (&mut self.item, other.item) else { return };
        let shift = item.responses.len() as u32;
        item.responses.extend(more.responses);
        self.each.extend(other.each);
        self.passed_over.extend(other.passed_over);
        self.opinions.extend(other.opinions.into_iter().map(|mut opinion| {
            shifted(&mut opinion.said, shift);
            opinion
        }));
    }

    /// Writes what is known of each response into the item's metadata.
    pub(crate) fn finished(mut self) -> Self {
        let Some(item) = &mut self.item else { return self };
        let mut each = std::mem::take(&mut self.each);
        if each.len() == 1 {
            let only = each.pop().unwrap_or_default();
            if !only.is_empty() {
                item.metadata = Value::Object(only).to_string();
            }
        } else if each.iter().any(|further| !further.is_empty()) {
            let list = each.into_iter().map(Value::Object).collect();
            item.metadata =
                Value::Object(Map::from_iter([("responses".to_owned(), Value::Array(list))])).to_string();
        }
        self
    }

    fn compares_equals(&self, said: &Said) -> bool {
        let (Said::Compare { a: Target::Index(a), b: Target::Index(b), .. }, Some(item)) = (said, &self.item)
        else {
            return false;
        };
        let text = |at: u32| item.responses.get(at as usize).map(|response| &response.text);
        text(*a) == text(*b)
    }
}

fn shifted(said: &mut Said, shift: u32) {
    each_target(said, |target| {
        if let Target::Index(index) = target {
            *index += shift;
        }
    });
}

fn each_target(said: &mut Said, change: impl Fn(&mut Target)) {
    match said {
        Said::Rate { response, .. } | Said::Correct { response, .. } => change(response),
        Said::Compare { a, b, .. } => {
            change(a);
            change(b);
        }
    }
}
