use super::*;
use crate::fit::testing::{TRAINED, fit, pair, planted};

#[test]
fn a_planted_preference_is_found_and_the_same_twice() {
    let source = &TRAINED.report.dimensions[0].sources[0];
    assert_eq!((source.examples, source.comparisons), (60, 20));
    assert!(source.head.mean > 0.9, "{:?}", source.head);
    assert!(source.spearman.unwrap()[0] > 0.8, "{:?}", source.spearman);
    let again = fit(&planted(60)).unwrap();
    assert_eq!(TRAINED.onnx, again.onnx);
    assert_eq!(TRAINED.card, again.card);
}

#[test]
fn what_is_written_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/heads");
    TRAINED.write(&path).unwrap();
    let manifest = Manifest::load_kind(&path, Kind::TextHeads).unwrap();
    assert_eq!(manifest, TRAINED.manifest);
    assert_eq!(manifest.read(&path, Role::Onnx).unwrap().1, TRAINED.onnx);
    let card = std::fs::read_to_string(path.join("README.md")).unwrap();
    assert!(card.contains("| test | 60 |") && card.ends_with("Made up.\n"), "{card}");
}

#[test]
fn too_little_is_refused() {
    let message = |examples: &[Example]| fit(examples).unwrap_err().to_string();
    assert_eq!(message(&[]), "there are no training examples");
    assert_eq!(
        message(&[pair("p", "a", "b", 1.0), pair("q", "a", "b", 1.0)]),
        "the prompts of dimension `style` are too few to fit on some and test on others: there are 2"
    );
}

#[test]
fn an_embedding_of_another_length_is_refused() {
    let examples = planted(3);
    let read = Corpus::read(&examples, &mut |_| Ok(vec![0.0; 3]), &mut |_, _| {});
    assert_eq!(read.err().unwrap().to_string(), "an embedding has 3 numbers, but 384 are needed");
}
