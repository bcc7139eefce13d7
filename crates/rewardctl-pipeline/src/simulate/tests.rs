use std::fs;
use std::path::Path;

use rewardctl_core::acquire::greedy::Rule;
use rewardctl_core::worlds::MEDIUM;
use tempfile::TempDir;

use super::*;
use crate::ingest::InputFile;
use crate::simulate::plot::plot;
use crate::simulate::stored::read;

fn settings(threads: usize) -> SimulateSettings {
    SimulateSettings {
        policies: vec![Policy::Random, Policy::Pure(Rule::Bald), Policy::Shipped],
        seeds: 2,
        seed: 7,
        course: Course { start: 8, batch: 8, budget: 24 },
        threads,
    }
}

/// Pairs of which one critic knows the winner three times of four, and the other guesses.
fn file(folder: &Path, rows: usize) -> InputFile {
    let row = |at: usize| {
        let winner = if (at * 7) % 10 < 5 { "a" } else { "b" };
        let good = if (winner == "a") == (at % 4 != 0) { 0.9 } else { 0.2 };
        let guess = (at * 13 % 10) as f64 / 10.0;
        format!(
            r#"{{"group": "g{}", "verdicts": {{"good": {good}, "guess": [{guess}, 0.5]}}, "winner": "{winner}"}}"#,
            at / 2
        )
    };
    let path = folder.join("pairs.jsonl");
    fs::write(&path, (0..rows).map(row).collect::<Vec<_>>().join("\n")).unwrap();
    InputFile { path, label: "pairs.jsonl".into() }
}

#[test]
fn stored_verdicts_are_replayed() {
    let folder = TempDir::new().unwrap();
    let source = Source::Stored(read(&file(folder.path(), 120)).unwrap());
    let one = simulate(&source, &settings(1), &|_| ()).unwrap();
    assert_eq!((one.pool, one.test, one.critics, one.seeds), (60, 60, 2, 2));
    assert_eq!(one, simulate(&source, &settings(3), &|_| ()).unwrap());
    let last = one.rules[1].steps.last().unwrap();
    assert_eq!(last.labels, 24);
    assert!(last.accuracy.mean > 0.65, "{last:?}");
    let drawn = plot(&[one]);
    assert!(
        drawn.contains("pairs.jsonl: accuracy") && drawn.matches("class=\"curve").count() == 9,
        "{drawn}"
    );
    assert!(!drawn.contains("NaN"));
}

#[test]
fn worlds_are_replayed() {
    let settings = SimulateSettings { policies: vec![Policy::Random], seeds: 1, ..settings(1) };
    let world = simulate(&Source::World(MEDIUM), &settings, &|_| ()).unwrap();
    assert_eq!((world.pool, world.critics, world.rules.len()), (1200, 6, 1));
    assert!(world.rules[0].steps[2].accuracy.mean > 0.6);
}

#[test]
fn what_cannot_be_replayed_says_why() {
    let folder = TempDir::new().unwrap();
    let few = Source::Stored(read(&file(folder.path(), 20)).unwrap());
    let error = simulate(&few, &settings(1), &|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`pairs.jsonl` has 10 pairs to ask about, and the start with one batch takes 16"
    );
    let path = folder.path().join("same.jsonl");
    let rows = vec![r#"{"verdicts": {"x": "tie"}, "winner": "a"}"#; 60].join("\n");
    fs::write(&path, rows).unwrap();
    let same = Source::Stored(read(&InputFile { path: path.clone(), label: "same.jsonl".into() }).unwrap());
    let error = simulate(&same, &settings(1), &|_| ()).unwrap_err();
    assert!(matches!(error, Error::NothingToLearn { .. }), "{error}");
    fs::write(&path, "{\"verdicts\": {}, \"winner\": \"x\"}\n").unwrap();
    let error = read(&InputFile { path, label: "same.jsonl".into() }).unwrap_err();
    assert!(matches!(error, Error::BadRows { count: 1, .. }), "{error}");
}
