//! Words, quotes and what may follow them.

use crate::llm::reply::json::{Json, MAX_WORD, Place};

pub(super) fn is_quote(next: char) -> bool {
    matches!(next, '"' | '\'' | '“' | '”' | '‘' | '’')
}

pub(super) fn closes(open: char, next: char) -> bool {
    match open {
        '“' | '”' => matches!(next, '”' | '“' | '"'),
        '‘' | '’' => matches!(next, '’' | '‘' | '\''),
        _ => next == open,
    }
}

/// Tells whether `text`, which follows a comma, begins the next member or element, or ends the object or list.
pub(super) fn begins_next(place: Place, text: &str) -> bool {
    let closing = if place == Place::Element { ']' } else { '}' };
    match text.chars().next() {
        None => true,
        Some(next) if next == closing => true,
        Some(next) if place == Place::Element => {
            is_quote(next) || matches!(next, '{' | '[' | '-') || next.is_ascii_digit()
        }
        Some(_) => begins_key(text),
    }
}

/// Tells whether `text` begins with a short key, quoted or bare, and a colon.
pub(super) fn begins_key(text: &str) -> bool {
    let head = text.char_indices().take_while(|(at, next)| *at <= MAX_WORD && *next != '\n');
    let Some((colon, _)) = head.into_iter().find(|(_, next)| *next == ':') else {
        return false;
    };
    let key = text[..colon].trim();
    let quoted = key.strip_prefix(is_quote).and_then(|key| key.strip_suffix(is_quote));
    match quoted {
        Some(key) => !key.contains(is_quote),
        None => {
            !key.is_empty() && key.chars().all(|next| next.is_alphanumeric() || matches!(next, '_' | '-'))
        }
    }
}

/// Reads a bare word; the flag tells whether JSON knows it.
pub(super) fn constant(word: &str) -> Option<(Json, bool)> {
    let known = match word {
        "" => return None,
        "null" => (Json::Null, true),
        "true" => (Json::Bool(true), true),
        "false" => (Json::Bool(false), true),
        "None" | "undefined" | "NaN" | "nan" | "NULL" | "Null" => (Json::Null, false),
        "True" => (Json::Bool(true), false),
        "False" => (Json::Bool(false), false),
        _ if is_number(word) => (Json::Number(word.to_owned()), true),
        _ => (Json::Text(word.to_owned()), false),
    };
    Some(known)
}

/// Tells whether `word` is a number of JSON.
fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let leading_zero = digits.starts_with('0') && digits[1..].starts_with(|next: char| next.is_ascii_digit());
    let starts_well = digits.starts_with(|next: char| next.is_ascii_digit()) && !leading_zero;
    let ends_well = digits.ends_with(|next: char| next.is_ascii_digit())
        && !digits.contains(".e")
        && !digits.contains(".E");
    starts_well && ends_well && word.parse::<f64>().is_ok()
}
