//! Where a finding may begin and end, and what stands before it.

/// Tells whether the byte before `at` lets a token begin there: no letter, digit or underscore.
pub(crate) fn token_may_begin(bytes: &[u8], at: usize) -> bool {
    at == 0 || !is_word(bytes[at - 1])
}

/// Tells whether the byte at `at` lets a token end before it.
pub(crate) fn token_may_end(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| !is_word(*byte))
}

/// Tells whether a number may begin at `at`: not inside a decimal, a UUID, a path, a price or an order number.
pub(crate) fn number_may_begin(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| bytes[i]) else { return true };
    let second = at.checked_sub(2).map(|i| bytes[i]);
    let joined_to_a_word = matches!(before, b'-' | b'.' | b'/' | b'=' | b'@') && second.is_some_and(is_word);
    let joined_to_a_digit = before == b',' && second.is_some_and(|byte| byte.is_ascii_digit());
    let marked = matches!(before, b'#' | b'$' | b'%' | b'\\');
    !is_word(before) && !marked && !joined_to_a_word && !joined_to_a_digit
}

/// Tells whether a number may end before `at`: not followed by more of a decimal, an identifier or a path.
pub(crate) fn number_may_end(bytes: &[u8], at: usize) -> bool {
    let next = bytes.get(at + 1).copied();
    let joined = match bytes.get(at) {
        Some(b'-' | b'.' | b'/' | b'@') => next.is_some_and(is_word),
        Some(b',') => next.is_some_and(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    token_may_end(bytes, at) && !joined
}

/// Tells whether what begins at `at` is the rest of a word or a number; a sign that a word explains is none.
pub(crate) fn follows_a_number(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| bytes[i]) else { return false };
    let parts_digits = matches!(before, b'-' | b'.' | b'/' | b',' | b' ');
    let second = at.checked_sub(2).map(|i| bytes[i]);
    let after_a_digit = parts_digits && before != b' ' && second.is_some_and(|byte| byte.is_ascii_digit());
    is_word(before) || after_a_digit
}

/// Tells whether a number goes on at `at`, or a word does.
pub(crate) fn goes_on_as_a_number(bytes: &[u8], at: usize) -> bool {
    let parts_digits = matches!(bytes.get(at), Some(b'-' | b'.' | b'/' | b','));
    !token_may_end(bytes, at) || parts_digits && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
}

/// Tells whether one of `words` (lower case) stands in the `reach` bytes before `at`.
pub(crate) fn follows(bytes: &[u8], at: usize, reach: usize, words: &[&str]) -> bool {
    let before = bytes[at.saturating_sub(reach)..at].to_ascii_lowercase();
    words.iter().any(|word| before.windows(word.len()).any(|window| window == word.as_bytes()))
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
