use proptest::prelude::*;

use super::*;
use crate::rules::text::word::key_of;

fn check_words(text: &str, expected: &[&str]) {
    let words = words(text, Apostrophe::Joins);
    let written: Vec<&str> = words.iter().map(|word| &text[word.start..word.end]).collect();
    assert_eq!(written, expected, "of {text:?}");
}

#[test]
fn words_of_many_scripts() {
    check_words(
        "Don’t count 'quotes' twice, 3.5 times.",
        &["Don’t", "count", "quotes", "twice", "3", "5", "times"],
    );
    check_words("Straße naïve ЖЁЛТЫЙ", &["Straße", "naïve", "ЖЁЛТЫЙ"]);
    check_words("nai\u{308}ve", &["nai\u{308}ve"]);
    check_words("東京 is ok", &["東", "京", "is", "ok"]);
    check_words("مرحبا بالعالم", &["مرحبا", "بالعالم"]);
    check_words("हिन्दी भाषा।", &["हिन्दी", "भाषा"]);
    check_words("🎉👩‍👩‍👧 \u{0}\u{202e}x", &["x"]);
}

#[test]
fn words_are_the_same_in_any_case() {
    let keys = |text| words(text, Apostrophe::Joins).iter().map(|word| word.key).collect::<Vec<_>>();
    assert_eq!(keys("DON’T Écrire"), keys("don't écrire"));
    assert_eq!(keys("Word"), [key_of("word")]);
}

fn check_sentences(text: &str, count: usize) {
    assert_eq!(Text::new(text).sentences.count, count, "of {text:?}");
}

#[test]
fn sentences_end_where_people_end_them() {
    check_sentences("One. Two! Three?", 3);
    check_sentences("Dr. Smith paid 3.50 dollars, e.g. in cash.", 1);
    check_sentences("It wraps\nonto a new line.", 1);
    check_sentences("1. First thing\n2. Second thing", 1);
    check_sentences("A heading\n\nA paragraph", 2);
    check_sentences("你好。再见。", 2);
    check_sentences("", 0);
}

#[test]
fn fences_are_taken_out_of_the_prose() {
    let text = Text::new("Before\n```rust ignore\nlet x = 1;\n```\nafter\n~~~\nopen");
    let prose: Vec<&str> = text.prose.iter().map(|word| text.word(word)).collect();
    assert_eq!(prose, ["Before", "after"]);
    assert_eq!(text.fences[0].language, "rust");
    assert_eq!(&text.raw[text.fences[0].body.clone()], "let x = 1;\n");
    assert_eq!((text.fences[0].closed, text.fences[1].closed), (true, false));
    assert_eq!(text.prose_lines().map(|(_, line)| line.trim()).collect::<Vec<_>>(), ["Before", "after"]);
}

proptest! {
    #[test]
    fn parts_lie_on_borders_and_in_order(raw in "(\\PC|[`~\n. '’]|\u{301}|漢|ก|\u{0}){0,80}") {
        let text = Text::new(&raw);
        let mut last_end = 0;
        for word in &text.words {
            prop_assert!(last_end <= word.start && word.start < word.end);
            prop_assert!(!text.word(word).is_empty());
            last_end = word.end;
        }
        let in_sentences: u32 = text.sentences.lengths.iter().sum();
        prop_assert_eq!(in_sentences as usize, text.prose.len());
    }
}
