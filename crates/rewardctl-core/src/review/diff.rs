//! What differs between two texts, word by word.

use serde::Serialize;

/// To which of the two texts a piece belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// To both.
    Both,
    /// To the first alone.
    Left,
    /// To the second alone.
    Right,
}

/// A run of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Whose.
    pub side: Side,
    /// The words with the space between them.
    pub text: String,
}

/// Cells of the table of common subsequences; beyond, what lies between the common ends counts as different.
const MOST_CELLS: usize = 4_000_000;

/// Returns both texts as pieces; those of `Both` and `Left` together are the first text, those of `Both` and `Right` the
/// second.
///
/// A longest common subsequence of words, after the common start and end are set apart. Cost: the product of what is
/// left of both, in words.
pub fn words(left: &str, right: &str) -> Vec<Piece> {
    let (one, other) = (split(left), split(right));
    let start = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = one.len().min(other.len()) - start;
    let end = one.iter().rev().zip(other.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut pieces = vec![];
    push(&mut pieces, Side::Both, &one[..start]);
    middle(&mut pieces, &one[start..one.len() - end], &other[start..other.len() - end]);
    push(&mut pieces, Side::Both, &one[one.len() - end..]);
    readable(pieces)
}

/// A run of fewer words that both share, between two changes, counts as changed: texts that share an "and the" here and
/// there would else be cut into confetti.
const SHARED_WORDS: usize = 3;

/// Gathers changes that only a few shared words keep apart.
fn readable(pieces: Vec<Piece>) -> Vec<Piece> {
    let (mut found, mut left, mut right) = (vec![], String::new(), String::new());
    let last = pieces.len().saturating_sub(1);
    for (at, piece) in pieces.into_iter().enumerate() {
        let is_change_before = !left.is_empty() || !right.is_empty();
        let is_short = piece.text.split_whitespace().count() < SHARED_WORDS && at < last;
        match piece.side {
            Side::Left => left.push_str(&piece.text),
            Side::Right => right.push_str(&piece.text),
            Side::Both if is_change_before && is_short => {
                left.push_str(&piece.text);
                right.push_str(&piece.text);
            }
            Side::Both => {
                flush(&mut found, &mut left, &mut right);
                found.push(piece);
            }
        }
    }
    flush(&mut found, &mut left, &mut right);
    found
}

fn flush(pieces: &mut Vec<Piece>, left: &mut String, right: &mut String) {
    for (side, text) in [(Side::Left, left), (Side::Right, right)] {
        if !text.is_empty() {
            pieces.push(Piece { side, text: std::mem::take(text) });
        }
    }
}

/// Words and the runs of space between them, so that nothing is lost.
fn split(text: &str) -> Vec<&str> {
    let mut parts = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_space = first.is_whitespace();
        let end = rest.find(|c: char| c.is_whitespace() != is_space).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

fn middle(pieces: &mut Vec<Piece>, one: &[&str], other: &[&str]) {
    let (rows, columns) = (one.len(), other.len());
    if rows.saturating_mul(columns) > MOST_CELLS {
        push(pieces, Side::Left, one);
        push(pieces, Side::Right, other);
        return;
    }
    // `longest[row][column]` is the length of the longest common subsequence of what comes from there on.
    let width = columns + 1;
    let mut longest = vec![0u32; (rows + 1) * width];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let at = row * width + column;
            longest[at] = match one[row] == other[column] {
                true => longest[at + width + 1] + 1,
                false => longest[at + width].max(longest[at + 1]),
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        let at = row * width + column;
        if one[row] == other[column] {
            push(pieces, Side::Both, &one[row..=row]);
            (row, column) = (row + 1, column + 1);
        } else if longest[at + width] >= longest[at + 1] {
            push(pieces, Side::Left, &one[row..=row]);
            row += 1;
        } else {
            push(pieces, Side::Right, &other[column..=column]);
            column += 1;
        }
    }
    push(pieces, Side::Left, &one[row..]);
    push(pieces, Side::Right, &other[column..]);
}

fn push(pieces: &mut Vec<Piece>, side: Side, words: &[&str]) {
    if words.is_empty() {
        return;
    }
    match pieces.last_mut().filter(|last| last.side == side) {
        Some(last) => last.text.push_str(&words.concat()),
        None => pieces.push(Piece { side, text: words.concat() }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text_of(pieces: &[Piece], side: Side) -> String {
        let own = pieces.iter().filter(|piece| piece.side == Side::Both || piece.side == side);
        own.map(|piece| piece.text.as_str()).collect()
    }

    proptest! {
        #[test]
        fn nothing_is_lost(left in "[ab \n]{0,40}", right in "[ab \n]{0,40}") {
            let pieces = words(&left, &right);
            prop_assert_eq!(text_of(&pieces, Side::Left), left);
            prop_assert_eq!(text_of(&pieces, Side::Right), right);
        }
    }

    #[test]
    fn a_changed_word_is_one_piece() {
        let piece = |side, text: &str| Piece { side, text: text.into() };
        assert_eq!(
            words("the cat sat", "the dog sat"),
            [
                piece(Side::Both, "the "),
                piece(Side::Left, "cat"),
                piece(Side::Right, "dog"),
                piece(Side::Both, " sat")
            ]
        );
        let far = words("a b c one two three d e f", "x y z one two three u v w");
        assert_eq!(far.iter().filter(|piece| piece.side == Side::Both).count(), 1);
        let near = words("a b one two c d", "x y one two u v");
        assert_eq!(near, [piece(Side::Left, "a b one two c d"), piece(Side::Right, "x y one two u v")]);
        assert_eq!(words("same", "same"), [piece(Side::Both, "same")]);
        assert_eq!(words("", ""), []);
    }
}
