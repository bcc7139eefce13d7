//! Precision and recall on planted data in sentences that the scanner was not tuned on, with decoys between them.
//!
//! `golden/planted.jsonl` is what `python3 scripts/pii_corpus.py --golden` prints: the values are made by formulas of the
//! script's own. Secrets are left out, so that no file holds what scanners take for leaked ones.

#![expect(clippy::unwrap_used, clippy::type_complexity, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;

use rewardctl_pii::kind::Kind;
use rewardctl_pii::mask::{HashKey, Masker, Operator};
use rewardctl_pii::scanner::{Options, Scanner};
use serde_json::Value;

/// What counts of one kind.
#[derive(Default)]
struct Tally {
    planted: f64,
    hit: f64,
    found: f64,
}

/// Kinds that a check digit or a checksum confirms.
fn has_checksum(kind: Kind) -> bool {
    use Kind::{BirthDate, Email, HomePath, IpAddress, MacAddress, Phone};
    !matches!(kind, Email | Phone | IpAddress | MacAddress | BirthDate | HomePath)
}

/// Reads the rows: each a text, and the stretch and kind of what is planted in it.
fn rows() -> Vec<(String, Option<(usize, usize, Kind)>)> {
    let read = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = row["text"].as_str().unwrap().to_owned();
        let byte = |at: &Value| {
            let at = at.as_u64().unwrap() as usize;
            text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte)
        };
        let span = row["spans"].get(0).map(|span| {
            (byte(&span[0]), byte(&span[1]), Kind::from_name(span[2].as_str().unwrap()).unwrap())
        });
        (text, span)
    };
    include_str!("golden/planted.jsonl").lines().map(read).collect()
}

#[test]
fn planted_data_are_found_and_decoys_are_not() {
    let scanner = Scanner::new(Options::default());
    let mut tallies: BTreeMap<Kind, Tally> = BTreeMap::new();
    let mut wrong = vec![];
    for (text, planted) in rows() {
        let found = scanner.scan(&text);
        if let Some((start, end, kind)) = planted {
            let hit = found.iter().any(|one| one.kind == kind && one.start == start && one.end == end);
            let tally = tallies.entry(kind).or_default();
            tally.planted += 1.0;
            tally.hit += f64::from(u8::from(hit));
            if !hit {
                wrong.push(format!("missed {} in {text:?}: {found:?}", kind.name()));
            }
        }
        for one in found {
            tallies.entry(one.kind).or_default().found += 1.0;
        }
    }
    let of = |wanted: bool| {
        let chosen = tallies.iter().filter(move |(kind, _)| has_checksum(**kind) == wanted);
        chosen.fold((0.0, 0.0, 0.0), |sum, (_, t)| (sum.0 + t.planted, sum.1 + t.hit, sum.2 + t.found))
    };
    let (planted, hit, found) = of(true);
    assert!(planted >= 400.0, "the corpus is there");
    assert!(hit / planted >= 0.98, "recall {}: {wrong:#?}", hit / planted);
    assert!(hit / found >= 0.995, "precision {}: {wrong:#?}", hit / found);
    let (planted, hit, found) = of(false);
    assert!(hit / planted >= 0.92, "recall of the others {}: {wrong:#?}", hit / planted);
    assert!(hit / found >= 0.92, "precision of the others {}", hit / found);
}

#[test]
fn what_is_masked_is_clean_and_stays() {
    let scanner = Scanner::new(Options::default());
    let key = HashKey::new([7; 32]).unwrap();
    for (text, _) in rows() {
        for operator in [Operator::Placeholder, Operator::KeepFormat, Operator::Hash(&key)] {
            let masked = scanner.mask_field("", &text, &mut Masker::new(operator)).text;
            assert_eq!(scanner.scan(&masked), [], "in {masked:?}, {operator:?}");
            let again = scanner.mask_field("", &masked, &mut Masker::new(operator)).text;
            assert_eq!(again, masked);
        }
    }
}
