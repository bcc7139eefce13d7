//! The numbers in a text. Texts of one template that differ in a number alone have nearly the same shingles and say
//! different things.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Returns a hash of the runs of digits in `text`, in order.
pub fn numbers(text: &str) -> u64 {
    let mut digits: Vec<u8> = vec![];
    // A gap stands for all that lies between two runs.
    let mut take = |run: &[u8]| {
        digits.extend_from_slice(run);
        digits.push(b' ');
    };
    if text.is_ascii() {
        let runs = text.as_bytes().split(|byte| !byte.is_ascii_digit());
        runs.filter(|run| !run.is_empty()).for_each(&mut take);
    } else {
        let runs = text.split(|c: char| !c.is_numeric());
        runs.filter(|run| !run.is_empty()).for_each(|run| take(run.as_bytes()));
    }
    let mut hasher = DefaultHasher::new();
    digits.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_their_order_count_and_nothing_else() {
        assert_eq!(numbers("In 1969, 2 men."), numbers("1969 and 2!"));
        assert_ne!(numbers("1 then 2"), numbers("2 then 1"));
        assert_ne!(numbers("1 2"), numbers("12"));
        assert_eq!(numbers("none"), numbers(""));
    }
}
