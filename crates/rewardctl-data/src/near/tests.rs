use proptest::prelude::*;

use super::*;
use crate::near::shingle::{Shingles, Units, jaccard, mix, overlap};

fn settings(threads: usize) -> Settings {
    Settings { threshold: 0.8, seed: 1, threads, all_pairs: true, folder: std::env::temp_dir() }
}

fn found(texts: &[String], settings: &Settings) -> Components {
    components(texts.iter().map(Ok::<_, Error>), settings).unwrap()
}

/// Draws below `limit`, one after the other.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0 += 1;
        (mix(self.0) % limit as u64) as usize
    }

    fn words(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| format!("w{}", self.below(3000))).collect()
    }

    /// Returns `words` with some of them replaced, left out or doubled.
    fn edited(&mut self, words: &[String], edits: usize) -> String {
        let mut words = words.to_vec();
        for _ in 0..edits {
            let at = self.below(words.len());
            match self.below(3) {
                0 => words[at] = format!("new{}", self.below(3000)),
                1 => drop(words.remove(at)),
                _ => words.insert(at, format!("new{}", self.below(3000))),
            }
        }
        words.join(" ")
    }
}

/// Texts of which most have a variant a few edits away.
fn planted(count: usize, lengths: std::ops::Range<usize>, seed: u64) -> Vec<String> {
    let mut draws = Draws(seed << 32);
    let mut texts = vec![];
    while texts.len() < count {
        let length = lengths.start + draws.below(lengths.len());
        let words = draws.words(length);
        let edits = 1 + draws.below(length / 20 + 2);
        texts.push(words.join(" "));
        texts.push(draws.edited(&words, edits));
    }
    texts
}

/// Returns every pair at the threshold, by comparing all.
fn by_hand(texts: &[String], threshold: f64) -> Vec<(usize, usize, f64)> {
    let (mut pairs, mut units) = (vec![], Units::default());
    let mut shingles = |text: &String| {
        units.read(text, usize::MAX);
        units.shingles()
    };
    let sets: Vec<Shingles> = texts.iter().map(&mut shingles).collect();
    for second in 0..texts.len() {
        for first in 0..second {
            let jaccard = overlap(&sets[first], &sets[second]);
            if jaccard >= threshold {
                pairs.push((first, second, jaccard));
            }
        }
    }
    pairs
}

#[test]
fn planted_pairs_are_found_and_nothing_else() {
    // Short texts, those on the border of short, and ordinary ones.
    for lengths in [3..20, 15..30, 20..60, 60..400] {
        let texts = planted(400, lengths.clone(), 7);
        let all = by_hand(&texts, 0.8);
        let found = found(&texts, &settings(2));
        let pairs: Vec<_> = found.pairs.iter().map(|pair| (pair.first, pair.second, pair.jaccard)).collect();
        assert!(pairs.iter().all(|pair| all.contains(pair)), "{lengths:?}");
        let recall = pairs.len() as f64 / all.len() as f64;
        assert!(all.len() > 20 && recall >= 0.97, "{lengths:?}: {} of {}", pairs.len(), all.len());
    }
}

#[test]
fn pairs_at_the_threshold_are_found_as_often_as_bands_promise() {
    // 104 words are 100 shingles; two apart words in one of them leave 90 of 110 in common: .818.
    let mut draws = Draws(5 << 40);
    let mut texts = vec![];
    for _ in 0..3000 {
        let mut words = draws.words(104);
        texts.push(words.join(" "));
        words[30] = "other".into();
        words[60] = "another".into();
        texts.push(words.join(" "));
    }
    let found = found(&texts, &settings(2));
    let recall = found.pairs.len() as f64 / 3000.0;
    // 1 − (1 − .818⁷)¹⁸ is .990; three standard errors are .005.
    assert!((0.984..=0.997).contains(&recall), "{recall}");
}

#[test]
fn other_thresholds_have_other_bands() {
    let texts = planted(300, 40..120, 11);
    for threshold in [0.5, 0.7, 0.9, 1.0] {
        let all = by_hand(&texts, threshold);
        let found = found(&texts, &Settings { threshold, ..settings(1) });
        assert!(found.pairs.len() as f64 >= 0.96 * all.len() as f64, "{threshold}");
        assert!(found.pairs.iter().all(|pair| pair.jaccard >= threshold));
    }
}

/// Returns which texts belong together, by their texts.
fn parts(texts: &[String], settings: &Settings) -> Vec<Vec<String>> {
    let found = found(texts, settings);
    let mut parts = vec![vec![]; texts.len()];
    for (text, name) in texts.iter().zip(found.names()) {
        parts[name].push(text.clone());
    }
    parts.iter_mut().for_each(|part| part.sort());
    parts.retain(|part| !part.is_empty());
    parts.sort();
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn threads_and_order_change_nothing(
        texts in prop::collection::vec("([ab]{1,2} ){0,30}", 0..150),
        threads in 1..5usize,
        turn in any::<prop::sample::Index>(),
        all_pairs: bool,
    ) {
        let told = Settings { all_pairs, ..settings(1) };
        let alone = parts(&texts, &told);
        let mut turned = texts.clone();
        turned.rotate_left(if texts.is_empty() { 0 } else { turn.index(texts.len()) });
        turned.reverse();
        prop_assert_eq!(&parts(&turned, &Settings { threads, ..told.clone() }), &alone);
        // Skipping what is joined already joins no less.
        prop_assert_eq!(&parts(&texts, &Settings { all_pairs: !all_pairs, ..told }), &alone);
        for part in alone {
            for one in &part {
                let has_neighbour = part.iter().any(|other| jaccard(one, other) >= 0.8 && one != other);
                prop_assert!(part.len() == 1 || has_neighbour || part.iter().filter(|t| *t == one).count() > 1);
            }
        }
    }
}

#[test]
fn pairs_are_the_same_with_any_threads() {
    let texts = planted(2000, 10..100, 3);
    let one = found(&texts, &settings(1));
    let four = found(&texts, &settings(4));
    assert_eq!(one.pairs, four.pairs);
    assert_eq!(one.names, four.names);
}

// Comparing all with all would take hours.
#[test]
fn copies_are_not_compared() {
    let copy =
        "The same text over and over, in twenty words or more, so that it is cut into words and not letters.";
    let texts = (0..40_000).map(|n| Ok::<_, Error>(if n % 2 == 0 { copy } else { "" }));
    let found = components(texts, &Settings { all_pairs: false, ..settings(2) }).unwrap();
    assert_eq!(found.sizes(), [(0, 20_000), (1, 20_000)]);
}

#[test]
fn a_bucket_of_thousands_is_not_squared() {
    // The same five shingles in every text, but no two texts of equal content.
    let texts: Vec<String> = (0..1000).map(|n| "one two three four five ".repeat(n + 5)).collect();
    for all_pairs in [false, true] {
        let found = found(&texts, &Settings { all_pairs, ..settings(2) });
        assert_eq!(found.sizes(), [(0, 1000)]);
    }
}

#[test]
fn a_huge_text_among_small_ones() {
    let mut draws = Draws(9);
    let words = draws.words(200_000);
    let huge = words.join(" ");
    let texts = vec!["a".into(), huge.clone(), String::new(), draws.edited(&words, 50), "a ".into(), huge];
    let found = found(&texts, &settings(3));
    assert_eq!(found.names, [0, 1, 2, 1, 0, 1]);
    assert_eq!(found.text(4).unwrap(), "a ");
    assert!(found.pairs.iter().any(|pair| (pair.first, pair.second) == (1, 3) && pair.jaccard < 1.0));
}

#[test]
fn the_most_trusted_is_kept() {
    let texts: Vec<String> = ["a", "b", "a", "b", "c"].map(String::from).to_vec();
    let found = found(&texts, &settings(1));
    assert_eq!(found.best(&[0.1, 0.5, 0.9, f64::NAN, 0.0]), [1, 2, 4]);
    assert_eq!(found.best(&[f64::NAN; 5]), [0, 1, 4]);
}

#[test]
fn what_the_texts_give_up_is_given_on() {
    let texts = [Ok("a"), Err(Error::TooManyTexts { limit: 7 })];
    let error = components(texts.into_iter(), &settings(2)).unwrap_err();
    assert!(matches!(error, Error::TooManyTexts { limit: 7 }));
    let folder = Settings { folder: "/nowhere".into(), ..settings(1) };
    let error = components([Ok::<_, Error>("a")].into_iter(), &folder).unwrap_err();
    assert!(error.to_string().contains("/nowhere"));
}
