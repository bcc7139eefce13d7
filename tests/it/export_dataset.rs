//! Datasets in the shapes of trainers.

use std::fs;

use rewardctl_core::dataset::{Example, Provenance, Row, Split, Vouch};
use rewardctl_core::id::ContentId;
use rewardctl_core::item::Message;
use rewardctl_data::dataset_file::write_rows;
use serde_json::Value;

use crate::project::Project;

fn pair(number: u64, chosen: &str) -> Row {
    let item = ContentId::of("test", [number.to_le_bytes().as_slice()]);
    let provenance = Provenance {
        item,
        responses: vec![item, item],
        generators: vec![None, None],
        source: Vouch::Single,
        annotators: 1,
        probability: None,
        margin: Some(1.0),
        strength: Some(1.0),
        weight: 1.0,
        rewards: vec![None, None],
    };
    Row {
        prompt: vec![Message::user("Name a prime.")],
        example: Example::Preference { chosen: chosen.into(), rejected: "Nine.".into() },
        split: if number == 3 { Split::Test } else { Split::Train },
        provenance,
    }
}

/// A project with two versions of a dataset; the second has a row that says nothing.
fn project() -> Project {
    let project = Project::new();
    for (version, answers) in [("v1", ["Two."; 4]), ("v2", ["Seven.", "Eleven.", " ", "Thirteen."])] {
        let folder = project.path().join("datasets/primes").join(version);
        fs::create_dir_all(&folder).unwrap();
        let rows = answers.iter().zip(0..).map(|(answer, number)| pair(number, answer));
        write_rows(&folder.join("rows.jsonl.zst"), rows).unwrap();
        fs::write(folder.join("manifest.json"), r#"{"kind": "rm", "more": 1}"#).unwrap();
    }
    project
}

#[test]
fn a_dataset_is_written_and_loading_it_is_said() {
    let project = project();
    let run = project.run("export primes --for trl-dpo -o dpo.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, "");
    insta::assert_snapshot!(run.stderr, @r#"
    wrote 2 rows to dpo.jsonl
      left out: 1 row of the part test; `--split` asks for it
      withheld: 1 row, empty_answer (empty answer)
    load it:
      dataset = load_dataset("json", data_files="dpo.jsonl", split="train")
      DPOTrainer(..., train_dataset=dataset)
    "#);
    let first: Value = serde_json::from_str(project.read("dpo.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(first["chosen"][0]["content"], "Seven.");
    assert_eq!(project.read("dpo.jsonl.provenance.jsonl").lines().count(), 2);
}

#[test]
fn a_version_and_a_file_can_be_named() {
    let project = project();
    let run = project.run("export primes@1 --for trl-reward -o - --split all --strength-columns");
    assert_eq!((run.code, run.stdout.lines().count()), (0, 4), "{}", run.stderr);
    assert!(
        run.stdout.contains(r#""content":"Two."}"#) && run.stdout.contains(r#""margin":1.0}"#),
        "{}",
        run.stdout
    );
    let file = "export --dataset datasets/primes/v2/rows.jsonl.zst --for hf -o hub --json";
    let run = project.run(file);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&report["rows"], &report["withheld"]["empty_answer"]), (&Value::from(3), &Value::from(1)));
    assert_eq!(report["kind"], "rm", "the manifest says which kind of pairs they are");
    assert_eq!(report["load"], "dataset = load_dataset(\"hub\")");
    assert!(project.exists("hub/data/test-00000-of-00001.parquet") && project.exists("hub/README.md"));
}

#[test]
fn refusals_say_the_way_out_and_write_nothing() {
    let project = project();
    for (arguments, said) in [
        ("export primes --for trl-kto -o o.jsonl", "these can: `trl-dpo`"),
        ("export primes@7 --for trl-dpo -o o.jsonl", "dataset `primes` has no version 7, only [1, 2]"),
        ("export odds --for trl-dpo -o o.jsonl", "there is no dataset `odds`"),
        ("export --dataset none.zst --for trl-dpo -o o.jsonl", "`none.zst` does not exist"),
        ("export primes --for together -o o.jsonl --with-metadata", "together refuses columns"),
        ("export primes --for mlx -o o.jsonl", "mlx cannot be made of this dataset of kind rm"),
        ("export --for trl-kto -o o.jsonl", "`trl-kto` is made of a dataset, and none is named"),
        ("export --for trl-dpo -o o.jsonl --shards 2", "`--shards` is for datasets, and none is named"),
        ("export primes --for trl-dpo -o o.jsonl --shards 2 --shard-rows 3", "cannot be used with"),
        ("export primes --for trl-dop -o o.jsonl", "trl-dpo"),
    ] {
        let run = project.run(arguments);
        assert_eq!(run.code, 2, "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
        assert!(!project.exists("o.jsonl") && !project.exists("o.jsonl.provenance.jsonl"), "{arguments}");
    }
}

#[test]
fn no_row_at_all_is_stopping_short() {
    let project = project();
    let run = project.run("export primes --for trl-dpo -o o.jsonl --split validation");
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("so o.jsonl was not written"), "{}", run.stderr);
    assert!(!project.exists("o.jsonl") && !project.exists("o.jsonl.provenance.jsonl"));
}
