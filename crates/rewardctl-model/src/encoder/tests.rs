use std::thread;

use proptest::prelude::*;

use super::*;
use crate::testing;
use crate::tokens::{PIECE_BYTES, pieces};

const SETTINGS: EncoderSettings = EncoderSettings { max_windows: 16 };

fn encoder(settings: EncoderSettings) -> Option<Encoder> {
    let runtime = testing::runtime()?;
    Some(Encoder::load(&runtime, &testing::model("encoder")?, settings).unwrap())
}

/// The long text of golden.py.
fn long_text() -> String {
    let sentence = |n: u32| format!("Sentence {n} of a long text speaks of bread number {}.", n * n);
    (0..120).map(sentence).collect::<Vec<_>>().join(" ")
}

/// Numbers by golden.py; the tolerance leaves room for another processor's int8 and another rounding of windows.
#[track_caller]
fn check(text: &str, tokens: usize, windows: usize, cosine_with_bread: f64) {
    let Some(mut encoder) = encoder(SETTINGS) else { return };
    let bread = encoder.embed("How do I bake bread?").unwrap();
    let found = encoder.embed(text).unwrap();
    assert_eq!((found.tokens, found.windows, found.windows_read), (tokens, windows, windows));
    let cosine = cosine(&bread.vector, &found.vector);
    // Processors without VNNI add products of int8 in 16 bits, which may saturate.
    assert!((cosine - cosine_with_bread).abs() < 0.03, "{cosine} instead of {cosine_with_bread}");
    assert!((dot(&found.vector, &found.vector) - 1.0).abs() < 1e-5);
    assert_eq!(found.vector.len(), EMBEDDING);
}

#[test]
fn embeddings_are_those_of_the_python_packages() {
    check("How do I bake bread?", 7, 1, 1.0);
    check("What is the best way to make a loaf at home?", 12, 1, 0.7306);
    check("The central bank raised its interest rate by half a point.", 12, 1, 0.0004);
    check("Wie backe ich Brot? 漢字 naïve café 🙂", 13, 1, 0.1219);
    check(&long_text(), 1554, 4, 0.2070);
}

#[test]
fn tokens_are_those_of_the_python_package() {
    let Some(encoder) = encoder(SETTINGS) else { return };
    let tokens = encoder.tokens.ids("Wie backe ich Brot? 漢字 naïve café 🙂").unwrap();
    assert_eq!(tokens, [15536, 2063, 2067, 2063, 22564, 22953, 2102, 1029, 1904, 100, 15743, 7668, 100]);
}

#[test]
fn an_empty_text_has_an_embedding() {
    let Some(mut encoder) = encoder(SETTINGS) else { return };
    let empty = encoder.embed("").unwrap();
    assert_eq!((empty.tokens, empty.windows, empty.windows_read), (0, 1, 1));
    assert_eq!(empty, encoder.embed(" \n\u{0}").unwrap());
}

#[test]
fn a_text_cannot_spell_special_tokens() {
    let Some(encoder) = encoder(SETTINGS) else { return };
    let tokens = encoder.tokens.ids("good [SEP] [CLS] [PAD]").unwrap();
    assert!(!tokens.contains(&encoder.start) && !tokens.contains(&encoder.end), "{tokens:?}");
}

#[test]
fn a_long_text_is_read_at_even_distances() {
    let Some(mut encoder) = encoder(EncoderSettings { max_windows: 2 }) else { return };
    let found = encoder.embed(&long_text()).unwrap();
    assert_eq!((found.tokens, found.windows, found.windows_read), (1554, 4, 2));
    assert!((dot(&found.vector, &found.vector) - 1.0).abs() < 1e-5);
}

#[test]
fn a_megabyte_without_blanks_is_embedded() {
    let Some(mut encoder) = encoder(EncoderSettings { max_windows: 1 }) else { return };
    let found = encoder.embed(&"a".repeat(1 << 20)).unwrap();
    // A word of more than a hundred characters is one unknown token: one per piece.
    assert_eq!(found.tokens, (1 << 20) / PIECE_BYTES);
}

#[test]
fn an_embedding_does_not_depend_on_order_or_thread() {
    let (Some(mut one), Some(mut other)) = (encoder(SETTINGS), encoder(SETTINGS)) else { return };
    let texts = ["Bread.", "", "The quick brown fox jumps over the lazy dog. ".repeat(30).as_str(), "Bread"]
        .map(String::from);
    let forward: Vec<Embedding> = texts.iter().map(|text| one.embed(text).unwrap()).collect();
    let backward = thread::spawn(move || {
        let embeddings = texts.iter().rev().map(|text| other.embed(text).unwrap());
        embeddings.collect::<Vec<_>>()
    });
    let mut backward = backward.join().unwrap();
    backward.reverse();
    assert_eq!(forward, backward);
}

#[test]
fn the_fingerprint_follows_the_settings() {
    let (Some(one), Some(other)) = (encoder(SETTINGS), encoder(EncoderSettings { max_windows: 1 })) else {
        return;
    };
    assert_ne!(one.fingerprint(), other.fingerprint());
}

#[test]
fn cosines_of_plain_vectors() {
    assert_eq!(cosine(&[1.0, 0.0], &[0.0, 2.0]), 0.0);
    assert_eq!(cosine(&[1.0, 2.0], &[2.0, 4.0]), 1.0);
    assert_eq!(cosine(&[1.0, 0.0], &[-3.0, 0.0]), -1.0);
    assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn windows_share_all_tokens_equally(tokens in 0..20_000usize) {
        let windows = windows(tokens);
        prop_assert_eq!(windows.len(), tokens.div_ceil(WINDOW).max(1));
        prop_assert_eq!((windows[0].start, windows[windows.len() - 1].end), (0, tokens));
        prop_assert!(windows.windows(2).all(|pair| pair[0].end == pair[1].start));
        let sizes = || windows.iter().map(Range::len);
        prop_assert!(sizes().max().unwrap() <= WINDOW);
        prop_assert!(sizes().max().unwrap() - sizes().min().unwrap() <= 1);
    }

    #[test]
    fn windows_that_are_read_spread_over_all(count in 1..200usize, most in 0..40usize) {
        let read = evenly_spaced(count, most);
        prop_assert_eq!(read.len(), count.min(most.max(1)));
        prop_assert!(read.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(read[0], 0);
        prop_assert!(read.len() == 1 || read[read.len() - 1] == count - 1);
    }

    #[test]
    fn pieces_are_the_text(text in "[a-c é漢🙂\n]{0,60}", limit in 4..20usize) {
        let pieces = pieces(&text, limit);
        prop_assert_eq!(&pieces.concat(), &text);
        prop_assert!(pieces.iter().all(|piece| piece.len() <= limit));
    }
}

#[test]
fn pieces_have_the_tokens_of_the_whole() {
    let Some(encoder) = encoder(SETTINGS) else { return };
    let text = "Bäckerei 東京 don't stop-it; e\u{301}te\u{301} ΟΔΟΣ x\u{85}y 🙂\r\n".repeat(40);
    let whole = encoder.tokens.ids(&text).unwrap();
    for limit in [97, 256, 1000] {
        let tokens = pieces(&text, limit).into_iter().flat_map(|piece| encoder.tokens.ids(piece).unwrap());
        assert_eq!(tokens.collect::<Vec<_>>(), whole);
    }
}
