//! What rows leave out, say twice or say unclearly never helps to pass.

use serde_json::{Value, json};

use crate::gate::{around, check, scored, with_files};
use crate::project::Project;

/// A row of a few fields, and whatever `more` says.
fn told(at: usize, more: &Value) -> String {
    let mut row = json!({"item_id": format!("i{at}"), "response_id": format!("r{at}"), "reward": 0.9});
    row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("{row}\n")
}

#[test]
fn what_a_file_says_twice_or_unclearly_never_helps_to_pass() {
    let project = Project::new();
    let twice = |one: Value, other: Value| told(0, &one) + &told(1, &json!({})) + &told(0, &other);
    project.file("two.jsonl", twice(json!({}), json!({"reward": 0.1})));
    project.file(
        "scored.jsonl",
        twice(json!({"source": "a", "row": 1}), json!({"source": "a", "row": 1, "reward": 0.1})),
    );
    project.file("none.jsonl", twice(json!({}), json!({"reward": null})));
    project.file("dims.jsonl", twice(json!({"dimensions": {"a": 0.9}}), json!({"dimensions": {"a": 0.1}})));
    let failed = json!({"verdicts": [{"critic": "c", "dimension": "d", "outcome": "failed"}]});
    project.file("failed.jsonl", twice(json!({}), failed));
    for file in ["two", "scored", "none", "dims", "failed"] {
        let run =
            project.run(&format!("gate {file}.jsonl --min-mean 0.8 --max-fail-rate 50% --pass-if observed"));
        let said = format!("{file}.jsonl:1 and {file}.jsonl:3 are the same response with different rewards");
        assert!(run.code == 2 && run.stderr.contains(&said), "{}{}", run.stdout, run.stderr);
    }
    // The same row scored twice counts once, the same answer of another row as another.
    let row = |source: &str| told(0, &json!({"source": source, "row": 1}));
    project.file("same.jsonl", row("a") + &row("a") + &row("b"));
    check(&project.run("gate same.jsonl --max-fail-rate 0"), 0, "2 responses to 1 prompt");
    for outcome in ["error", "FAILED", "timeout", "scored"] {
        let verdict =
            json!({"verdicts": [{"critic": "c", "dimension": "d", "outcome": outcome, "score": null}]});
        project.file("odd.jsonl", told(0, &verdict));
        check(&project.run("gate odd.jsonl --max-fail-rate 0"), 1, "the verdict of c failed");
    }
    project.file("odd.jsonl", told(0, &json!({"verdicts": ["failed"]})));
    check(&project.run("gate odd.jsonl --max-fail-rate 0"), 2, "verdicts[0]");
    project.file("bad.jsonl", told(0, &json!({})) + &told(1, &json!({"reward": 7})));
    check(&project.run("gate bad.jsonl --min-mean 0.1 --on-bad-row skip"), 2, "a gate leaves no row out");
    check(&project.run("compare bad.jsonl bad.jsonl --on-bad-row skip"), 0, "left out 1 row");
    for row in ["0", "-5", "1e300"] {
        project.file(
            "odd.jsonl",
            told(0, &json!({"source": "x.jsonl", "row": 0})).replace("\"row\":0", &format!("\"row\":{row}")),
        );
        check(
            &project.run("gate odd.jsonl --min-mean 1 --pass-if observed --sarif g.sarif"),
            1,
            "odd.jsonl:1",
        );
        assert!(project.read("g.sarif").contains("\"startLine\": 1"), "{}", project.read("g.sarif"));
    }
}

#[test]
fn verdicts_that_are_left_out_count_as_failed() {
    let project = Project::new();
    let rows = scored(&around(0.7, 40), "v1", "tax");
    let verdict = |critic: &str| {
        format!(r#"{{"critic":"{critic}","dimension":"style","outcome":"scored","score":0.5}}"#)
    };
    let both = format!(r#""verdicts":[{},{}]"#, verdict("one"), verdict("two"));
    let whole = rows.replace(r#""verdicts":[]"#, &both);
    let cut = |line: (usize, &str)| match line {
        (0..4, row) => row.replace(&both, r#""verdicts":[]"#) + "\n",
        (4..6, row) => row.replace(&both, &format!(r#""verdicts":[{}]"#, verdict("one"))) + "\n",
        (_, row) => row.to_owned() + "\n",
    };
    project.file("whole.jsonl", &whole);
    project.file("cut.jsonl", whole.lines().enumerate().map(cut).collect::<String>());
    check(&project.run("gate whole.jsonl --max-fail-rate 0%"), 0, "pass");
    let run = project.run("gate cut.jsonl --max-fail-rate 14%");
    check(&run, 1, "15.0 % of the responses");
    check(&run, 1, "the verdict of a critic that the row leaves out failed");
    project.file("bare.jsonl", rows);
    check(&project.run("gate bare.jsonl --max-fail-rate 0%"), 0, "failures behind a reward go unseen");
    check(
        &project.run("gate bare.jsonl --baseline whole.jsonl --max-fail-rate 0%"),
        1,
        "100.0 % of the responses",
    );
}

#[test]
fn a_prompt_that_was_changed_under_its_id_is_named_so() {
    let project = with_files();
    let old = scored(&around(0.7, 120), "v1", "tax");
    project.file(
        "renewed.jsonl",
        old.replace(r#""item_id":"i3""#, r#""item_id":"j3""#)
            .replace(r#""item_id":"i7""#, r#""item_id":"j7""#),
    );
    let run = project.run("gate renewed.jsonl --baseline old.jsonl");
    check(&run, 4, "2 prompts have the id of one in the baseline and not its prompt");
}

#[test]
fn a_gate_names_no_way_out_that_it_refuses() {
    let project = with_files();
    project.file("broken.jsonl", "{\"prompt\": \"a\", \"response\": \"b\"}\n{\"prompt\": 3\n");
    let run = project.run("gate broken.jsonl --min-mean 0.1 --panel rules");
    check(&run, 2, "hint: mend or remove the rows that are named");
    assert!(!run.stderr.contains("--on-bad-row"), "{}", run.stderr);
}
