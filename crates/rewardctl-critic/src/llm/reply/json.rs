//! Objects in a text: JSON, and what models write when they mean JSON.
//!
//! One reader for both, because a second pass with a stricter one would only answer a question that a flag answers
//! here. It accepts single and curly quotes, bare keys and words, trailing and missing commas, raw newlines and
//! quotes inside strings. All attempts share one allowance of steps, so that no text costs more than linear time.

use std::ops::Range;

use crate::llm::reply::json::word::{begins_key, begins_next, closes, constant, is_quote};

mod word;

/// Deeper nesting than this is not a verdict.
const MAX_DEPTH: usize = 32;
/// Steps allowed for each byte of the text: a sound object costs about two.
const STEPS_PER_BYTE: usize = 12;
/// The longest bare word and the longest key looked ahead for, in bytes.
const MAX_WORD: usize = 64;

/// A value and the bytes that it was read from; of a string, those between its quotes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub json: Json,
    pub span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As written, since the text `1e999` or `4.50` says more than a number can.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// An object found in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    pub members: Vec<(String, Node)>,
    pub span: Range<usize>,
    /// Whether strict JSON would have accepted it.
    pub strict: bool,
}

/// The objects of a text, outermost only, in order.
#[derive(Debug, Default)]
pub(super) struct Objects {
    pub found: Vec<Object>,
    /// Whether the text ends inside an object, or seems to.
    pub open: bool,
    /// Whether the allowance of steps ran out, so that objects may be missing.
    pub exhausted: bool,
}

/// Why an object could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Malformed,
    End,
    Exhausted,
}

/// Finds the outermost objects of `text`.
pub(super) fn objects(text: &str) -> Objects {
    let mut objects = Objects::default();
    let mut steps = text.len().saturating_mul(STEPS_PER_BYTE).saturating_add(1024);
    let mut from = 0;
    while let Some(brace) = text[from..].find('{') {
        let start = from + brace;
        let strict = object_at(text, start, &mut steps, Quotes::First);
        let object = match strict {
            Ok(_) | Err(Fault::Exhausted) => strict,
            Err(fault) => {
                objects.open |= fault == Fault::End;
                object_at(text, start, &mut steps, Quotes::Fitting)
            }
        };
        match object {
            Ok(object) => {
                from = object.span.end;
                objects.found.push(object);
            }
            Err(Fault::Exhausted) => {
                objects.exhausted = true;
                break;
            }
            Err(fault) => {
                // In running text a brace and a quote that never close are an example, not an answer.
                objects.open |= fault == Fault::End && begins_block(&text[..start]);
                from = start + 1;
            }
        }
    }
    objects
}

/// Tells whether what follows `before` begins a reply or a fenced block.
fn begins_block(before: &str) -> bool {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(MAX_WORD))..];
    let near = near.trim_end().trim_end_matches("json").trim_end_matches("python");
    near.is_empty() || near.ends_with("```")
}

fn object_at(text: &str, start: usize, steps: &mut usize, quotes: Quotes) -> Result<Object, Fault> {
    let mut reader = Reader { text, at: start, steps: *steps, strict: true, quotes };
    let members = reader.object(0);
    *steps = reader.steps;
    Ok(Object { members: members?, span: start..reader.at, strict: reader.strict })
}

/// Which quote ends a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// The first one, as JSON has it.
    First,
    /// The first one that is followed by what may follow a string, so that raw quotes inside do no harm.
    Fitting,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    steps: usize,
    strict: bool,
    quotes: Quotes,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn spend(&mut self, steps: usize) -> Result<(), Fault> {
        self.steps = self.steps.checked_sub(steps).ok_or(Fault::Exhausted)?;
        Ok(())
    }

    fn bump(&mut self) -> Result<char, Fault> {
        let next = self.peek().ok_or(Fault::End)?;
        self.spend(1)?;
        self.at += next.len_utf8();
        Ok(next)
    }

    fn skip_space(&mut self) -> Result<(), Fault> {
        loop {
            while let Some(next) = self.peek().filter(|next| next.is_whitespace()) {
                self.strict &= matches!(next, ' ' | '\t' | '\n' | '\r');
                self.bump()?;
            }
            let Some(comment) = comment(&self.text[self.at..])? else { return Ok(()) };
            self.strict = false;
            self.spend(comment)?;
            self.at += comment;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<(String, Node)>, Fault> {
        self.bump()?;
        let mut members = Vec::new();
        loop {
            self.skip_space()?;
            if self.peek() == Some('}') {
                self.strict &= members.is_empty();
                self.bump()?;
                return Ok(members);
            }
            let key = self.key()?;
            self.skip_space()?;
            if self.bump()? != ':' {
                return Err(Fault::Malformed);
            }
            let value = self.value(depth + 1, Place::Member)?;
            members.push((key, value));
            if self.separator('}')? {
                return Ok(members);
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
        self.bump()?;
        let mut nodes = Vec::new();
        loop {
            self.skip_space()?;
            if self.peek() == Some(']') {
                self.strict &= nodes.is_empty();
                self.bump()?;
                return Ok(nodes);
            }
            nodes.push(self.value(depth + 1, Place::Element)?);
            if self.separator(']')? {
                return Ok(nodes);
            }
        }
    }

    /// Reads what stands between two members; true at the closing bracket. A missing comma is forgiven.
    fn separator(&mut self, closing: char) -> Result<bool, Fault> {
        self.skip_space()?;
        match self.peek() {
            None => Err(Fault::End),
            Some(next) if next == closing => self.bump().map(|_| true),
            Some(',' | ';') => {
                self.strict &= self.bump()? == ',';
                Ok(false)
            }
            Some(next) if is_quote(next) => {
                self.strict = false;
                Ok(false)
            }
            Some(_) => Err(Fault::Malformed),
        }
    }

    fn key(&mut self) -> Result<String, Fault> {
        match self.peek() {
            None => Err(Fault::End),
            Some(next) if is_quote(next) => Ok(self.string(Place::Key)?.0),
            Some(next) if next.is_alphabetic() || next == '_' => {
                self.strict = false;
                let start = self.at;
                while self
                    .peek()
                    .is_some_and(|next| next.is_alphanumeric() || matches!(next, '_' | '-' | ' '))
                {
                    self.bump()?;
                    if self.at - start > MAX_WORD {
                        return Err(Fault::Malformed);
                    }
                }
                Ok(self.text[start..self.at].trim_end().to_owned())
            }
            Some(_) => Err(Fault::Malformed),
        }
    }

    fn value(&mut self, depth: usize, place: Place) -> Result<Node, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::Malformed);
        }
        self.skip_space()?;
        let start = self.at;
        let json = match self.peek().ok_or(Fault::End)? {
            '{' => Json::Object(self.object(depth)?),
            '[' => Json::List(self.list(depth)?),
            next if is_quote(next) => {
                let (text, span) = self.string(place)?;
                return Ok(Node { json: Json::Text(text), span });
            }
            _ => self.bare()?,
        };
        Ok(Node { json, span: start..start + self.text[start..self.at].trim_end().len() })
    }

    /// Reads a number, a constant of JSON or Python, or a few words without quotes.
    fn bare(&mut self) -> Result<Json, Fault> {
        let start = self.at;
        while let Some(next) = self.peek() {
            let rest = &self.text[self.at..];
            let is_comment = ["//", "/*", " #"].iter().any(|opening| rest.starts_with(opening));
            if matches!(next, ',' | ';' | '}' | ']' | '\n') || is_comment {
                break;
            }
            let is_word = !is_quote(next) && !matches!(next, '{' | '[' | ':');
            if !is_word || self.at - start > MAX_WORD {
                return Err(Fault::Malformed);
            }
            self.bump()?;
        }
        if self.at == self.text.len() {
            return Err(Fault::End);
        }
        let word = self.text[start..self.at].trim_end();
        let (json, strict) = constant(word).ok_or(Fault::Malformed)?;
        self.strict &= strict;
        Ok(json)
    }

    /// Reads a string that closes where what follows fits `place`, and returns it with the bytes inside its quotes.
    fn string(&mut self, place: Place) -> Result<(String, Range<usize>), Fault> {
        let open = self.bump()?;
        self.strict &= open == '"';
        let start = self.at;
        let mut text = String::new();
        loop {
            let before = self.at;
            let next = self.bump()?;
            if closes(open, next) {
                if self.ends_here(place)? {
                    return Ok((text, start..before));
                }
                self.strict = false;
                text.push(next);
            } else if place == Place::Key && self.quotes == Quotes::Fitting && self.at - start > MAX_WORD {
                return Err(Fault::Malformed);
            } else if next == '\\' {
                self.escape(&mut text)?;
            } else {
                self.strict &= next >= ' ';
                text.push(next);
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), Fault> {
        match self.bump()? {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'u' => text.push(self.unicode_escape()?),
            next @ ('"' | '\\' | '/') => text.push(next),
            other => {
                self.strict = false;
                // A backslash before anything else is the model's own, as in a formula.
                if !is_quote(other) {
                    text.push('\\');
                }
                text.push(other);
            }
        }
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let high = self.hex4()?;
        let is_pair = (0xD800..0xDC00).contains(&high) && self.text[self.at..].starts_with("\\u");
        if !is_pair {
            self.strict &= char::from_u32(high).is_some();
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.bump()?;
        self.bump()?;
        let low = self.hex4()?;
        let joined =
            (0xDC00..0xE000).contains(&low).then(|| 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
        self.strict &= joined.is_some();
        Ok(joined.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + self.bump()?.to_digit(16).ok_or(Fault::Malformed)?;
        }
        Ok(code)
    }

    /// Tells whether a quote just read ends its string.
    fn ends_here(&mut self, place: Place) -> Result<bool, Fault> {
        if self.quotes == Quotes::First {
            return Ok(true);
        }
        let rest = &self.text[self.at..];
        let after = rest.trim_start();
        let space = &rest[..rest.len() - after.len()];
        self.spend(space.len() + 1)?;
        let Some(next) = after.chars().next() else {
            return Ok(true);
        };
        Ok(match (place, next) {
            (Place::Key, _) => next == ':',
            (Place::Member, '}') | (Place::Element, ']') => true,
            (_, ',' | ';') => {
                let beyond = after[1..].trim_start();
                self.spend(after.len() - beyond.len() + MAX_WORD)?;
                begins_next(place, beyond)
            }
            (Place::Member, _) => {
                self.spend(MAX_WORD)?;
                space.contains('\n') && begins_key(after)
            }
            (Place::Element, _) => false,
        })
    }
}

/// Returns the length of the comment that `text` begins with, as in JavaScript or Python.
fn comment(text: &str) -> Result<Option<usize>, Fault> {
    if let Some(inside) = text.strip_prefix("/*") {
        return inside.find("*/").map(|end| Some(end + 4)).ok_or(Fault::End);
    }
    let is_comment = text.starts_with("//") || text.starts_with('#');
    Ok(is_comment.then(|| text.find('\n').unwrap_or(text.len())))
}

/// Where a string stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Key,
    Member,
    Element,
}
