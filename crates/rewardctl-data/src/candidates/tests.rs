use std::fs;

use proptest::prelude::*;
use rewardctl_core::item::{Context, Response};

use super::*;
use crate::fields::{Expect, ReadSettings};
use crate::input::Input;

fn candidate(text: &str, model: &str) -> Candidate {
    let (endpoint, number, seed) = ("here".into(), Some(1), Some(7));
    let (text, model) = (text.into(), model.into());
    Candidate { text, model, endpoint, number, seed, cut: false, revision: None }
}

fn read(file: &Path, expect: Expect) -> Vec<Item> {
    let settings = ReadSettings { expect, ..ReadSettings::default() };
    let input = Input::open(file, &settings).unwrap();
    input.rows().unwrap().map(|row| row.unwrap().item).collect()
}

/// Reads `rows` as prompts, gives each the candidates, and returns what is written.
fn check(rows: &str, candidates: &[Candidate], expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("p.jsonl"), folder.path().join("c.jsonl"));
    fs::write(&from, rows).unwrap();
    let mut writer = CandidateWriter::create(&to).unwrap();
    for item in read(&from, Expect::Prompts) {
        writer.write(&item, candidates, None).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(fs::read_to_string(to).unwrap(), expected);
}

#[test]
fn a_row_keeps_what_the_input_says() {
    check(
        r#"{"uid":7,"question":"2+2?","target":"4","contexts":["d"],"topic":{"a":1.0}}"#,
        &[candidate("4", "m")],
        concat!(
            r#"{"id":"7","prompt":"2+2?","responses":[{"text":"4","model":"m","endpoint":"here","number":1,"seed":7}],"#,
            r#""reference":"4","documents":["d"],"topic":{"a":1.0}}"#,
            "\n"
        ),
    );
}

#[test]
fn responses_that_were_there_stay_in_front_with_their_fields() {
    check(
        r#"{"prompt":"p","responses":[{"text":"a","model":"m","seed":3},{"text":"b"}],"sampling":{"n":2}}"#,
        &[candidate("c", "n")],
        concat!(
            r#"{"prompt":"p","responses":[{"text":"a","model":"m","seed":3},{"text":"b"},"#,
            r#"{"text":"c","model":"n","endpoint":"here","number":1,"seed":7}],"sampling":{"n":2}}"#,
            "\n"
        ),
    );
}

#[test]
fn a_conversation_stays_one() {
    check(
        r#"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}"#,
        &[candidate("c", "n")],
        concat!(
            r#"{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"#,
            r#""responses":[{"text":"c","model":"n","endpoint":"here","number":1,"seed":7}]}"#,
            "\n"
        ),
    );
}

#[test]
fn a_revision_says_what_it_rests_on() {
    let finding =
        RevisionFinding { critic: "c".into(), dimension: "d".into(), score: 0.25, rationale: "r".into() };
    let revision = Revision { of: 1, findings: vec![finding] };
    let revised = Candidate { number: None, seed: None, revision: Some(revision), ..candidate("t", "m") };
    check(
        r#"{"prompt":"p"}"#,
        &[revised],
        concat!(
            r#"{"prompt":"p","responses":[{"text":"t","model":"m","endpoint":"here","revision":{"of":1,"#,
            r#""findings":[{"critic":"c","dimension":"d","score":0.25,"rationale":"r"}]}}]}"#,
            "\n"
        ),
    );
}

fn item() -> impl Strategy<Value = Item> {
    let text = "[^\u{0}]{0,8}[a-z]";
    let turn = ("(system|user|assistant|tool)", text).prop_map(|(role, content)| Message { role, content });
    let prompt = prop::collection::vec(turn, 1..4);
    let responses = prop::collection::vec((text, proptest::option::of("[a-z]{1,4}")), 0..3);
    let parts = (prompt, proptest::option::of(text), prop::collection::vec(text, 0..3), responses);
    parts.prop_map(|(prompt, reference, documents, responses)| Item {
        name: Some("i".into()),
        context: Context { prompt, reference, documents },
        responses: responses
            .into_iter()
            .map(|(text, generator)| Response { text, generator, role: None })
            .collect(),
        metadata: String::new(),
    })
}

proptest! {
    #[test]
    fn scoring_reads_what_is_written(item in item(), texts in prop::collection::vec("[a-z]{1,9}", 1..4)) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.jsonl");
        let candidates: Vec<Candidate> = texts.iter().map(|text| candidate(text, "m")).collect();
        let mut writer = CandidateWriter::create(&file).unwrap();
        writer.write(&item, &candidates, None).unwrap();
        writer.finish().unwrap();
        let [read] = read(&file, Expect::Responses).try_into().unwrap();
        let told = |response: &Response| (response.text.clone(), response.generator.clone());
        let mut expected: Vec<_> = item.responses.iter().map(told).collect();
        expected.extend(texts.into_iter().map(|text| (text, Some("m".to_string()))));
        prop_assert_eq!(read.responses.iter().map(told).collect::<Vec<_>>(), expected);
        prop_assert_eq!((read.name, read.context), (item.name, item.context));
    }
}
