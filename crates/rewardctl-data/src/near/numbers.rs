//! The numbers in a text. Texts of one template that differ in a number alone have nearly the same shingles and say
//! different things.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Returns a hash of the runs of digits in `text`, in order.
pub fn numbers(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    // Most texts have no digits, which is seen many bytes at a time.
    if !text.bytes().any(|byte| byte.is_ascii_digit() || !byte.is_ascii()) {
        return hasher.finish();
    }
    text.split(|c: char| !c.is_numeric()).filter(|run| !run.is_empty()).for_each(|run| run.hash(&mut hasher));
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
