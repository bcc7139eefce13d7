//! Labels and training data.

use std::fs::File;

use serde_json::Value;

use crate::project::{ANSWERS, Project, has_library, outcome};

fn scored() -> Option<Project> {
    if !has_library() {
        return None;
    }
    let project = Project::new();
    project.file("answers.jsonl", ANSWERS);
    let run = project.run("score answers.jsonl --panel rules --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    Some(project)
}

#[test]
fn a_person_outranks_the_models_in_the_export() {
    let Some(project) = scored() else { return };
    // The models prefer the first response to `a`; ben does not.
    project.file(
        "labels.jsonl",
        r#"{"kind":"compare","item":"a","a":0,"b":1,"winner":"b","annotator":"ben"}
{"kind":"correct","item":"b","response":1,"text":"Thirteen.","annotator":"ana"}
"#,
    );
    let imported = project.run("label import labels.jsonl --json");
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let again: Value = serde_json::from_str(&project.run("label import labels.jsonl --json").stdout).unwrap();
    assert_eq!(again["new"], 0);
    let withheld: Value =
        serde_json::from_str(&project.run("export --for trl-dpo -o safe.jsonl --json").stdout).unwrap();
    assert_eq!(
        (&withheld["rows"], &withheld["withheld"]["personal data or secrets in it"]),
        (&1.into(), &1.into())
    );
    let run = project.run("export --for trl-dpo -o dpo.jsonl --allow-personal-data");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let rows: Vec<Value> =
        project.read("dpo.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(rows[0]["chosen"][0]["content"], "It is 5, you idiot!!!");
    assert_eq!(rows[1]["chosen"][0]["content"], "Thirteen.");
    let columns: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(columns, ["prompt", "chosen", "rejected"]);
    assert_eq!(project.read("dpo.jsonl.provenance.jsonl").lines().count(), rows.len());
}

#[test]
fn labels_survive_the_way_out_and_in() {
    let Some(project) = scored() else { return };
    project.file(
        "labels.jsonl",
        r#"{"kind":"rate","item":"a","response":0,"value":4,"scale":{"min":1,"max":5},"annotator":"ana"}"#,
    );
    project.run("label import labels.jsonl");
    assert_eq!(project.run("label export out.jsonl").code, 0);
    let again: Value = serde_json::from_str(&project.run("label import out.jsonl --json").stdout).unwrap();
    assert_eq!((&again["labels"], &again["new"]), (&Value::from(1), &Value::from(0)));
}

#[test]
fn a_dash_is_stdin_and_stdout() {
    let Some(project) = scored() else { return };
    let rating =
        r#"{"kind":"rate","item":"a","response":0,"value":4,"scale":{"min":1,"max":5},"annotator":"ana"}"#;
    let mut import = project.command("label import - --json");
    import.stdin(File::open(project.file("labels.jsonl", rating)).unwrap());
    let imported: Value = serde_json::from_str(&outcome(import).stdout).unwrap();
    assert_eq!(imported["new"], 1);
    let exported: Value = serde_json::from_str(&project.run("label export -").stdout).unwrap();
    assert_eq!(exported["value"], 4.0);
    let pairs = project.run("export --for trl-dpo -o -");
    let first: Value = serde_json::from_str(pairs.stdout.lines().next().unwrap()).unwrap();
    assert!(first["chosen"][0]["content"].is_string(), "{}", pairs.stdout);
    assert!(!project.exists("-") && !project.exists("-.provenance.jsonl"));
    for twice in ["label export - --json", "export --for trl-dpo -o - --json"] {
        assert_eq!(project.run(twice).code, 2);
    }
}

#[test]
fn a_dimension_that_no_panel_has_is_not_taken_in_silence() {
    let Some(project) = scored() else { return };
    let rating = |dimension: &str| {
        format!(
            r#"{{"kind":"rate","item":"a","response":0,"value":4,"scale":{{"min":1,"max":5}},"dimension":"{dimension}","annotator":"ana"}}"#
        )
    };
    project.file("labels.jsonl", ["style", "acuracy", "acuracy"].map(rating).join("\n"));
    let run = project.run("label import labels.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let warning = "warning: labels.jsonl:2: no panel that scored here has the dimension `acuracy` (2 ratings): \
                   did you mean `accuracy`?\n";
    assert!(run.stderr.starts_with(warning), "{}", run.stderr);
}

#[test]
fn a_label_of_nothing_known_is_refused_whole() {
    let Some(project) = scored() else { return };
    project.file(
        "labels.jsonl",
        r#"{"kind":"rate","item":"a","response":0,"value":4,"scale":{"min":1,"max":5},"annotator":"ana"}
{"kind":"rate","item":"zzz","response":0,"value":4,"scale":{"min":1,"max":5},"annotator":"ana"}
"#,
    );
    let run = project.run("label import labels.jsonl");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("labels.jsonl:2: item `zzz`"), "{}", run.stderr);
    let status: Value = serde_json::from_str(&project.run("status --json").stdout).unwrap();
    assert_eq!(status["counts"]["labels"], 0);
}

#[test]
fn no_pair_means_no_file_and_exit_code_4() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("x.jsonl", "{\"prompt\":\"a\",\"response\":\"b\"}\n");
    project.run("score x.jsonl --panel rules --json");
    let run = project.run("export --for trl-dpo -o dpo.jsonl");
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(!project.exists("dpo.jsonl"));
}
