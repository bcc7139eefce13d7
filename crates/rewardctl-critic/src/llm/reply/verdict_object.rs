//! The verdict in an object: which keys hold it, which hold its rationale.

use std::ops::Range;

use crate::llm::reply::{
    How, Reading,
    claim::{Answer, Claim, before_on_line, calls_itself_final, deciding, reading},
    content::Source,
    json::{Json, Node, Object, objects},
};

/// A verdict may stand in an object inside the object, this deep.
const MAX_DEPTH: usize = 2;

const RATIONALES: &[&str] = &[
    "rationale",
    "reason",
    "reasons",
    "reasoning",
    "explanation",
    "feedback",
    "justification",
    "comment",
    "comments",
    "analysis",
    "critique",
    "thought",
    "thoughts",
];

/// The keys of one kind of verdict, in letters and digits only, lower case.
pub(super) struct Keys {
    /// The keys that hold the final one among several verdicts.
    pub decisive: &'static [&'static str],
    /// The keys that hold a verdict.
    pub plain: &'static [&'static str],
    /// The keys that may hold one where no better key does.
    pub weak: &'static [&'static str],
}

/// What a value under a verdict's key says, and the bytes that say it.
pub(super) type Read<T> = Option<(Answer<T>, Range<usize>)>;

/// Reads the verdict of the objects in `text`; None where other forms may be tried.
pub(super) fn in_objects<T: PartialEq, U>(
    (source, text): (Source, &str),
    keys: &Keys,
    read: &dyn Fn(&Node) -> Read<T>,
    value: impl FnOnce(T, Found) -> U,
) -> Option<Reading<U>> {
    let objects = objects(text);
    if objects.exhausted {
        return Some(Reading::Unparsable { reason: "the reply is too tangled to read".into() });
    }
    if objects.open {
        return Some(Reading::Cut { reason: "the reply ends inside an object".into() });
    }
    let mut found = Vec::new();
    for object in &objects.found {
        let before = before_on_line(text, object.span.start);
        for mut claim in claims(object, keys, read) {
            claim.is_final |= calls_itself_final(before);
            found.push(claim);
        }
    }
    match deciding(found) {
        Some(decided) => Some(reading(decided, |answer, rationale, span| {
            let how = how_found(source, text, &objects.found, &span);
            value(answer, Found { rationale, span, how })
        })),
        None if is_all_objects(text, &objects.found) => {
            Some(Reading::Unparsable { reason: "no verdict in the reply's object".into() })
        }
        None => None,
    }
}

/// Where a verdict was found in an object.
pub(super) struct Found {
    pub rationale: String,
    pub span: Range<usize>,
    pub how: How,
}

fn how_found(source: Source, text: &str, objects: &[Object], span: &Range<usize>) -> How {
    let home = objects.iter().find(|object| object.span.start <= span.start && span.end <= object.span.end);
    let is_strict = home.is_some_and(|object| object.strict);
    let is_whole = home.is_some_and(|object| object.span == (0..text.len()));
    match source {
        Source::ToolArguments => How::ToolArguments,
        Source::Text if !is_strict => How::LenientJson,
        Source::Text if is_whole => How::Json,
        Source::Text => How::EmbeddedJson,
    }
}

/// Tells whether `text` is objects and nothing else, but for fences.
fn is_all_objects(text: &str, objects: &[Object]) -> bool {
    let mut from = 0;
    let mut outside = String::new();
    for object in objects {
        outside.push_str(&text[from..object.span.start]);
        from = object.span.end;
    }
    outside.push_str(&text[from..]);
    let words = outside.replace("```json", " ").replace("```", " ");
    !objects.is_empty() && words.chars().all(|next| next.is_whitespace() || matches!(next, ',' | '[' | ']'))
}

/// Returns the claims of `object`: those of its own keys, else those of the objects inside it.
fn claims<T>(object: &Object, keys: &Keys, read: &dyn Fn(&Node) -> Read<T>) -> Vec<Claim<T>> {
    let mut level = vec![&object.members];
    for _ in 0..=MAX_DEPTH {
        let mut found: Vec<_> = level.iter().flat_map(|members| own_claims(members, keys, read)).collect();
        if !found.is_empty() {
            if found.iter().all(|claim| claim.rationale.is_empty()) {
                let beside = rationale(&object.members);
                found.iter_mut().for_each(|claim| claim.rationale.clone_from(&beside));
            }
            return found;
        }
        level = level.iter().flat_map(|members| inner_objects(members)).collect();
    }
    Vec::new()
}

/// Returns the claims of an object's own keys, of the best kind of key that it has.
pub(super) fn own_claims<T>(
    members: &[(String, Node)],
    keys: &Keys,
    read: &dyn Fn(&Node) -> Read<T>,
) -> Vec<Claim<T>> {
    for (wanted, is_final) in [(keys.decisive, true), (keys.plain, false), (keys.weak, false)] {
        let named = members.iter().filter(|(key, _)| wanted.contains(&plain_name(key).as_str()));
        let claim = |(answer, span)| Claim { answer, span, is_final, rationale: rationale(members) };
        let found: Vec<_> = named.filter_map(|(_, node)| read(node)).map(claim).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn inner_objects(members: &[(String, Node)]) -> Vec<&Vec<(String, Node)>> {
    let mut inner = Vec::new();
    for (_, node) in members {
        match &node.json {
            Json::Object(members) => inner.push(members),
            Json::List(nodes) => inner.extend(nodes.iter().filter_map(|node| match &node.json {
                Json::Object(members) => Some(members),
                _ => None,
            })),
            _ => {}
        }
    }
    inner
}

/// Returns the explanations among `members`, joined.
pub(super) fn rationale(members: &[(String, Node)]) -> String {
    let texts = members.iter().filter_map(|(key, node)| match &node.json {
        Json::Text(text) if RATIONALES.contains(&plain_name(key).as_str()) => Some(text.trim()),
        _ => None,
    });
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Returns the letters and digits of `name` in lower case: `Final Score` and `final_score` are one key.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().filter(|next| next.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
