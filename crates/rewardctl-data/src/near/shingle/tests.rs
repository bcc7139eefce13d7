use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// The definition, with sets of strings.
fn jaccard_by_hand(one: &str, other: &str) -> f64 {
    let words = |text: &str| -> Vec<String> {
        let split = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        split.map(str::to_lowercase).collect()
    };
    let characters = |text: &str| -> Vec<String> {
        let folded = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        folded.chars().map(|c| c.to_string()).collect()
    };
    let set = |units: Vec<String>| -> BTreeSet<Vec<String>> {
        match units.len() {
            0 => BTreeSet::new(),
            1..WIDTH => [units].into(),
            _ => units.windows(WIDTH).map(<[String]>::to_vec).collect(),
        }
    };
    let are_long = [one, other].iter().all(|text| words(text).len() >= SHORT_WORDS);
    let units = |text: &str| if are_long { words(text) } else { characters(text) };
    let (one, other) = (set(units(one)), set(units(other)));
    let all = one.union(&other).count();
    if all == 0 { 1.0 } else { one.intersection(&other).count() as f64 / all as f64 }
}

proptest! {
    #[test]
    fn jaccard_is_the_definition(one in "([abÉ]{1,2}[ ,.\n]{1,2}){0,40}", other in "([abé]{1,2}[ ,]{1,2}){0,40}") {
        prop_assert_eq!(jaccard(&one, &other), jaccard_by_hand(&one, &other));
    }

    #[test]
    fn equal_content_is_jaccard_one(text in "\\PC{0,80}") {
        prop_assert_eq!(jaccard(&text, &format!("  {} \n", text.to_lowercase())), jaccard(&text, &text));
    }
}

fn words(text: &str) -> usize {
    let mut read = vec![];
    read_words(text, &mut read);
    read.len()
}

#[test]
fn words_are_unicode() {
    assert_eq!(words("don't — naïve café 42 x_1"), 7);
    assert_eq!(words("今日は good"), 4);
    assert_eq!(words("ภาษา"), 4);
    assert_eq!(words("?! … 🙂"), 0);
    assert_eq!(jaccard("ÉCOLE", "école"), 1.0);
}

#[test]
fn nothing_is_like_nothing_alone() {
    assert_eq!(jaccard("", " \n"), 1.0);
    assert_eq!(jaccard("", "a"), 0.0);
    assert_eq!(jaccard("?", "!"), 0.0);
    assert_eq!(jaccard("abcd", "abc"), 0.0);
}

#[test]
fn content_tells_texts_apart() {
    let content = |text: &str| {
        let mut units = Units::default();
        units.read(text, 30);
        units.content()
    };
    let long = "word ".repeat(40);
    assert_eq!(content(&long), content(&long.replace(' ', ", ").to_uppercase()));
    assert_ne!(content(&long), content(&format!("{long}word")));
    assert_eq!(content("A  b"), content("a b "));
    assert_ne!(content("a b"), content("a, b"));
    assert_ne!(content("a b"), content("b a"));
}
