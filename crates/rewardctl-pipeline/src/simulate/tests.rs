use std::fs;
use std::path::Path;

use rewardctl_core::acquire::greedy::Rule;
use rewardctl_core::panel::{Panel, Quorum};
use rewardctl_core::worlds::MEDIUM;
use tempfile::TempDir;

use super::*;
use crate::ingest::InputFile;
use crate::learn::verdict_files::from_verdict_files;
use crate::simulate::plot::plot;
use crate::simulate::stored::Stored;

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
fn source(folder: &Path, pairs: usize) -> Result<Source, Error> {
    let verdicts = |at: usize, side: usize| {
        let wins = (at * 7 % 10 < 5) == (side == 0);
        let good = if wins != at.is_multiple_of(4) { 0.9 } else { 0.2 };
        let guess = (at * 13 + side * 5) % 10;
        format!(
            r#"{{"item": "i{at}", "verdicts": [{{"critic": "good", "score": {good}}}, {{"critic": "guess", "score": 0.{guess}}}]}}"#
        )
    };
    let label = |at: usize| {
        let winner = if at * 7 % 10 < 5 { "a" } else { "b" };
        format!(
            r#"{{"kind": "compare", "item": "i{at}", "a": 0, "b": 1, "winner": "{winner}", "annotator": "ana"}}"#
        )
    };
    let rows: Vec<String> = (0..2 * pairs).map(|at| verdicts(at / 2, at % 2)).collect();
    stored(folder, &rows.join("\n"), &(0..pairs).map(label).collect::<Vec<_>>().join("\n"))
}

fn stored(folder: &Path, verdicts: &str, labels: &str) -> Result<Source, Error> {
    let file = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        InputFile { path: folder.join(name), label: name.into() }
    };
    let panel = Panel {
        name: "none".into(),
        dimensions: vec![],
        slots: vec![],
        quorum: Quorum { coverage: 0.0, dimensions: 1 },
    };
    let mut gathered = from_verdict_files(&[file("verdicts.jsonl", verdicts)], &panel)?;
    gathered.add_label_rows(&file("labels.jsonl", labels))?;
    Ok(Source::Stored(Stored::new("verdicts.jsonl".into(), gathered)?))
}

#[test]
fn stored_verdicts_are_replayed() {
    let folder = TempDir::new().unwrap();
    let source = source(folder.path(), 120).unwrap();
    let one = simulate(&source, &settings(1), &|_| ()).unwrap();
    assert_eq!((one.pool, one.test, one.critics, one.seeds), (60, 60, 2, 2));
    assert_eq!(one, simulate(&source, &settings(3), &|_| ()).unwrap());
    let last = one.rules[1].steps.last().unwrap();
    assert_eq!(last.labels, 24);
    assert!(last.accuracy.mean > 0.65, "{last:?}");
    let drawn = plot(&[one]);
    assert!(drawn.contains("verdicts.jsonl") && drawn.contains("log loss"), "{drawn}");
    for curve in ["#6A7178", "#0072B2", "#C43E00"] {
        assert_eq!(
            drawn.matches(&format!("stroke=\"{curve}\" stroke-width")).count(),
            3,
            "two panels, a legend"
        );
    }
    assert_eq!(drawn.matches("<polygon").count(), 4, "bands of random and shipped");
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
    let few = source(folder.path(), 20).unwrap();
    let error = simulate(&few, &settings(1), &|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`verdicts.jsonl` has 10 pairs to ask about, and the start with one batch takes 16"
    );
    let row = |at: usize| format!(r#"{{"item": "i{at}", "verdicts": [{{"critic": "x", "score": 0.5}}]}}"#);
    let rows: Vec<String> = (0..120).map(|at| row(at / 2)).collect();
    let label = |at: usize| {
        format!(
            r#"{{"kind": "compare", "item": "i{at}", "a": 0, "b": 1, "winner": "a", "annotator": "ana"}}"#
        )
    };
    let labels: Vec<String> = (0..60).map(label).collect();
    let same = stored(folder.path(), &rows.join("\n"), &labels.join("\n")).unwrap();
    let error = simulate(&same, &settings(1), &|_| ()).unwrap_err();
    assert!(matches!(error, Error::NothingToLearn { .. }), "{error}");
    let correct = r#"{"kind": "correct", "item": "i1", "response": 0, "text": "better", "annotator": "ana"}"#;
    let error = stored(folder.path(), &rows.join("\n"), correct).unwrap_err();
    assert!(matches!(error, Error::NothingCompared { .. }), "{error}");
}
