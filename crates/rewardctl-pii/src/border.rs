//! Where a candidate may begin and end, and what stands before it.

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
    let joined_to_a_word = matches!(before, b'-' | b'.' | b'/' | b',' | b'=' | b'@')
        && at.checked_sub(2).is_some_and(|i| is_word(bytes[i]));
    !is_word(before) && !matches!(before, b'#' | b'$' | b'%' | b'\\') && !joined_to_a_word
}

/// Tells whether a number may end before `at`: not followed by more of a decimal, an identifier or a path.
pub(crate) fn number_may_end(bytes: &[u8], at: usize) -> bool {
    let joined_to_a_word = matches!(bytes.get(at), Some(b'-' | b'.' | b'/' | b',' | b'@'))
        && bytes.get(at + 1).is_some_and(|byte| is_word(*byte));
    token_may_end(bytes, at) && !joined_to_a_word
}

/// Tells whether one of `words` (lower case) stands in the `reach` bytes before `at`.
pub(crate) fn follows(bytes: &[u8], at: usize, reach: usize, words: &[&str]) -> bool {
    let before = bytes[at.saturating_sub(reach)..at].to_ascii_lowercase();
    words.iter().any(|word| before.windows(word.len()).any(|window| window == word.as_bytes()))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
