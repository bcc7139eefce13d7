use proptest::prelude::*;

use super::*;

fn index(items: &[&str]) -> Index {
    Index::of(items.iter().map(|item| Ok::<_, ()>(*item)), Limits::default()).unwrap()
}

fn scores(index: &Index, text: &str) -> Vec<(usize, f64)> {
    index.hits(text).iter().map(|hit| (hit.item, hit.score)).collect()
}

#[test]
fn the_score_is_the_share_of_words_covered() {
    let item = "one two three four five six seven eight nine ten eleven twelve";
    let index = index(&["something else that is at least as long as eight words", item]);
    assert_eq!(scores(&index, item), [(1, 1.0)]);
    // Words 1 to 9 are covered by two 8-grams; case and marks do not count.
    let part = "Before: ONE two, three four five six seven eight nine! And after that.";
    assert_eq!(scores(&index, part), [(1, 9.0 / 12.0)]);
    assert_eq!(scores(&index, "one two three four five six seven and eight nine ten eleven twelve"), []);
}

#[test]
fn half_is_not_above_half() {
    let item = "a b c d e f g h i j k l m n o p";
    assert_eq!(scores(&index(&[item]), "a b c d e f g h"), []);
    assert_eq!(scores(&index(&[item]), "a b c d e f g h i"), [(0, 9.0 / 16.0)]);
}

#[test]
fn n_grams_come_from_one_text() {
    let index = index(&["a b c d e f g h i j k l m n o p"]);
    assert_eq!(scores(&index, "a b c d e f g h"), []);
    assert_eq!(scores(&index, "i j k l m n o p"), []);
    assert_eq!(scores(&index, "i j k l m n o p x a b c d e f g h"), [(0, 1.0)]);
}

#[test]
fn a_short_item_is_met_whole_or_not_at_all() {
    let index = index(&["What is 2+2?", ""]);
    assert_eq!(scores(&index, "what is 2 + 2"), [(0, 1.0)]);
    assert_eq!(scores(&index, "What is 2+2? Say it in as many words as you can."), []);
    assert_eq!(scores(&index, ""), []);
}

/// The definition, with strings and without an index.
fn score_by_hand(item: &[String], text: &[String]) -> f64 {
    let mut covered = vec![false; item.len()];
    for start in 0..(item.len() + 1).saturating_sub(8) {
        if text.windows(8).any(|gram| gram == &item[start..start + 8]) {
            covered[start..start + 8].fill(true);
        }
    }
    covered.iter().filter(|c| **c).count() as f64 / item.len() as f64
}

proptest! {
    #[test]
    fn it_is_the_definition(
        items in prop::collection::vec(prop::collection::vec("[ab]", 8..20), 1..4),
        text in prop::collection::vec("[ab]", 0..40),
    ) {
        let joined: Vec<String> = items.iter().map(|item| item.join(" ")).collect();
        let index = index(&joined.iter().map(String::as_str).collect::<Vec<_>>());
        let mut found = scores(&index, &text.join(" "));
        found.sort_by_key(|(item, _)| *item);
        let by_hand: Vec<(usize, f64)> = items.iter().map(|item| score_by_hand(item, &text)).enumerate()
            .filter(|(_, score)| *score > 0.5).collect();
        prop_assert_eq!(found, by_hand);
    }
}

#[test]
fn an_embedding_warns_above_its_limit() {
    let items = Embedded::new(vec![vec![1.0, 0.0], vec![0.6, 0.8], vec![0.0, 0.0]], MAX_COSINE);
    assert_eq!(items.closest(&[6.0, 8.0]), Some(Hit { item: 1, score: 1.0 }));
    assert_eq!(items.closest(&[0.8, -0.6]), None);
    assert_eq!(items.closest(&[0.0, 0.0]), None);
}
