//! Edit distance up to a bound, in linear time.

/// Returns the Levenshtein distance of two texts in characters; None if it is above `bound`.
///
/// Ukkonen's band: only `2 · bound + 1` diagonals are looked at, and the rest is given up as soon as all of them are
/// above the bound, so that texts of megabytes cost no more than reading them.
pub fn edits_within(one: &str, other: &str, bound: usize) -> Option<usize> {
    // An edit adds or takes away one character, of at most four bytes.
    if one.len().abs_diff(other.len()) > 4 * bound {
        return None;
    }
    let (one, other): (Vec<char>, Vec<char>) = differing(one, other);
    if one.len().abs_diff(other.len()) > bound {
        return None;
    }
    let width = 2 * bound + 1;
    // Cell `at` of a row is the distance of the first `row` characters of one to `row + at - bound` of the other.
    let mut cells: Vec<usize> = (0..width).map(|at| at.checked_sub(bound).unwrap_or(bound + 1)).collect();
    for (row, character) in one.iter().enumerate() {
        let above = cells.clone();
        for at in 0..width {
            let Some(column) = (row + 1 + at).checked_sub(bound).filter(|column| *column <= other.len())
            else {
                cells[at] = bound + 1;
                continue;
            };
            let replaced = match column.checked_sub(1) {
                Some(before) => above[at] + usize::from(*character != other[before]),
                None => bound + 1,
            };
            let removed = above.get(at + 1).map_or(bound + 1, |cell| cell + 1);
            let added = if at > 0 && column > 0 { cells[at - 1] + 1 } else { bound + 1 };
            cells[at] = replaced.min(removed).min(added);
        }
        if cells.iter().all(|cell| *cell > bound) {
            return None;
        }
    }
    let last = (other.len() + bound).checked_sub(one.len())?;
    cells.get(last).copied().filter(|distance| *distance <= bound)
}

/// Returns the characters of both texts without what they share at the start and at the end.
fn differing(one: &str, other: &str) -> (Vec<char>, Vec<char>) {
    let shared = |(left, right): &(char, char)| left == right;
    let start: usize = one.chars().zip(other.chars()).take_while(shared).map(|(c, _)| c.len_utf8()).sum();
    let (one, other) = (&one[start..], &other[start..]);
    let end: usize =
        one.chars().rev().zip(other.chars().rev()).take_while(shared).map(|(c, _)| c.len_utf8()).sum();
    (one[..one.len() - end].chars().collect(), other[..other.len() - end].chars().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn within_the_bound_it_is_levenshtein(one in "[abé]{0,9}", other in "[abé]{0,9}", bound in 0..6usize) {
            let distance = strsim::levenshtein(&one, &other);
            prop_assert_eq!(edits_within(&one, &other, bound), (distance <= bound).then_some(distance));
        }
    }

    // All cells of the matrix would take hours.
    #[test]
    fn megabytes_are_not_squared() {
        let long = "The quick brown fox. ".repeat(100_000);
        let changed = format!("x{}y{}", &long[..1_000_000], &long[1_000_001..]);
        let unlike = "A wholly different text. ".repeat(84_000);
        assert_eq!(edits_within(&long, &changed, 3), Some(2));
        assert_eq!(edits_within(&long, &unlike, 3), None);
    }
}
