//! Several numbers out of one reply, one for each dimension.

use std::{collections::BTreeMap, ops::Range};

use regex::Regex;
use rewardctl_core::score::Scale;

use crate::llm::reply::{
    How, Parsed, Reading, ReplyText,
    claim::{Claim, deciding, lines, reading},
    content::{Source, refuses, silence, words},
    json::{Json, Node, Objects, objects},
    score,
    value::Ruler,
    verdict_object::{own_claims, plain_name, rationale},
};

/// A dimension's value may stand in an object inside the object, this deep.
const MAX_DEPTH: usize = 3;
/// A heading is at most this long, in bytes.
const MAX_HEADING: usize = 80;
/// The keys that name the dimension in a list of verdicts.
const NAME_KEYS: &[&str] = &["dimension", "name", "criterion", "aspect", "metric", "category", "skill", "id"];

/// Reads the score on `scale` that `reply` gives to each of `names`.
///
/// Every name is in the result. What is missing, not applicable or off the scale is so for its own name only.
pub fn parse_scores(reply: &ReplyText<'_>, names: &[&str], scale: &Scale) -> BTreeMap<String, Reading> {
    let (source, text) = match words(reply) {
        Ok(words) => words,
        Err(silence) => return names.iter().map(|name| ((*name).to_owned(), silence.clone())).collect(),
    };
    let ruler = Ruler { scale, levels: &[] };
    let objects = objects(text);
    let broken = broken(&objects);
    let sections = sections(text, names);
    let read = |name: &str| {
        if let Some(broken) = &broken {
            return broken.clone();
        }
        let in_objects = in_objects(&objects, name, &ruler);
        if let Some(decided) = deciding(in_objects) {
            return reading(decided, |value, rationale, _| Parsed {
                value,
                rationale,
                how: how(source, &objects),
            });
        }
        let in_text = on_lines(text, name, &ruler);
        let in_text = if in_text.is_empty() { in_section(text, &sections, name, &ruler) } else { in_text };
        match deciding(in_text) {
            Some(decided) => {
                reading(decided, |value, rationale, _| Parsed { value, rationale, how: How::Label })
            }
            None if refuses(text) => silence(text),
            None => Reading::Unparsable { reason: format!("no verdict on `{name}` in the reply") },
        }
    };
    names.iter().map(|name| ((*name).to_owned(), read(name))).collect()
}

fn broken(objects: &Objects) -> Option<Reading> {
    if objects.exhausted {
        return Some(Reading::Unparsable { reason: "the reply is too tangled to read".into() });
    }
    objects.open.then(|| Reading::Cut { reason: "the reply ends inside an object".into() })
}

fn how(source: Source, objects: &Objects) -> How {
    match source {
        Source::ToolArguments => How::ToolArguments,
        Source::Text if objects.found.iter().any(|object| !object.strict) => How::LenientJson,
        Source::Text => How::EmbeddedJson,
    }
}

fn in_objects(objects: &Objects, name: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    let mut claims = Vec::new();
    for object in &objects.found {
        gather(&object.members, &plain_name(name), ruler, MAX_DEPTH, &mut claims);
    }
    claims
}

/// Collects what `members`, and the objects in them, say of the dimension `name`.
fn gather(
    members: &[(String, Node)],
    name: &str,
    ruler: &Ruler<'_>,
    depth: usize,
    claims: &mut Vec<Claim<f64>>,
) {
    let names_it = |(key, node): &(String, Node)| {
        NAME_KEYS.contains(&plain_name(key).as_str())
            && matches!(&node.json, Json::Text(text) if plain_name(text) == name)
    };
    if members.iter().any(names_it) {
        claims.extend(own_claims(members, &score::KEYS, &|node| ruler.node(node)));
        return;
    }
    for (key, node) in members {
        if is_key_of(&plain_name(key), name) {
            claims.extend(of_node(node, ruler, rationale(members)));
            continue;
        }
        if depth == 0 {
            continue;
        }
        match &node.json {
            Json::Object(inner) => gather(inner, name, ruler, depth - 1, claims),
            Json::List(nodes) => {
                for node in nodes {
                    if let Json::Object(inner) = &node.json {
                        gather(inner, name, ruler, depth - 1, claims);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_key_of(key: &str, name: &str) -> bool {
    key.strip_prefix(name).is_some_and(|rest| matches!(rest, "" | "score" | "rating"))
}

fn of_node(node: &Node, ruler: &Ruler<'_>, beside: String) -> Vec<Claim<f64>> {
    if let Json::Object(members) = &node.json {
        return own_claims(members, &score::KEYS, &|node| ruler.node(node));
    }
    let claim = |(answer, span)| Claim { answer, span, is_final: false, rationale: beside };
    ruler.node(node).map(claim).into_iter().collect()
}

/// Reads `name: 4`, at the beginning of a line or of an element of a list.
fn on_lines(text: &str, name: &str, ruler: &Ruler<'_>) -> Vec<Claim<f64>> {
    let words: Vec<_> = name.split(|next: char| !next.is_alphanumeric()).map(regex::escape).collect();
    let pattern = format!(
        r"(?im)(?:^|[,;|(]|\.\s)[\s>*#_•\-0-9.()]{{0,12}}[*_`\x22']{{0,3}}{}[*_`\x22']{{0,3}}(?:\s(?:score|rating))?\s?(?:\([^()\n]{{0,40}}\))?[*_`\x22']{{0,3}}\s{{0,3}}[:=|–-]",
        words.join(r"[\s_-]{0,2}")
    );
    let Ok(label) = Regex::new(&pattern) else {
        return Vec::new();
    };
    score::behind(&label, text, ruler)
}

/// Where the headings of `names` divide `text`: what each names, and the bytes up to the next one.
fn sections(text: &str, names: &[&str]) -> Vec<(String, Range<usize>)> {
    let plain: Vec<_> = names.iter().map(|name| plain_name(name)).filter(|name| !name.is_empty()).collect();
    let mut headings: Vec<(String, usize, usize)> = Vec::new();
    for (at, line) in lines(text) {
        if line.len() > MAX_HEADING {
            continue;
        }
        let heading = plain_name(line);
        let longest =
            plain.iter().filter(|name| heading.ends_with(name.as_str())).max_by_key(|name| name.len());
        if let Some(name) = longest {
            headings.push((name.clone(), at, at + line.len()));
        }
    }
    let ends = headings.iter().skip(1).map(|(_, at, _)| *at).chain([text.len()]).collect::<Vec<_>>();
    headings.into_iter().zip(ends).map(|((name, _, start), end)| (name, start..end)).collect()
}

fn in_section(
    text: &str,
    sections: &[(String, Range<usize>)],
    name: &str,
    ruler: &Ruler<'_>,
) -> Vec<Claim<f64>> {
    let wanted = plain_name(name);
    let mut claims = Vec::new();
    for (_, range) in sections.iter().filter(|(name, _)| *name == wanted) {
        let section = &text[range.clone()];
        let mut found = score::marks(section, ruler);
        found.extend(score::labels(section, ruler));
        if found.is_empty() {
            found = score::lone(section, ruler);
        }
        for claim in found {
            claims.push(Claim {
                span: claim.span.start + range.start..claim.span.end + range.start,
                rationale: section.trim().to_owned(),
                ..claim
            });
        }
    }
    claims
}
