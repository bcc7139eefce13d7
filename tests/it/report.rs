//! Reports: what they say, that hostile texts stay texts, and that the same rows make the same bytes.

use serde_json::{Value, json};

use crate::endpoint::{Asked, Endpoint, scores};
use crate::llm::{ONE_CRITIC, project, rows_of};
use crate::project::{ANSWERS, Project, has_library};

/// A scored row, with what a report reads.
fn row(item: usize, response: usize, reward: Option<f64>) -> Value {
    let score = reward.unwrap_or(0.5);
    json!({
        "id": format!("q{item}"), "source": "in.jsonl", "row": item, "response_index": response,
        "item_id": format!("{item:032x}"), "response_id": format!("{:032x}", item * 10 + response),
        "generator": format!("m{response}"), "reward": reward, "no_reward": if reward.is_none() { "2 critics failed" } else { "" },
        "dimensions": {"accuracy": reward, "style": 0.6}, "uncertainty": {"total": 0.1, "between_critics": 0.01 * item as f64},
        "route": if response == 1 { "review" } else { "accept" }, "route_reason": if response == 1 { "uncertain" } else { "" },
        "verdicts": [
            {"critic": "rule.a", "dimension": "accuracy", "outcome": "scored", "score": score, "weight": 0.5, "rationale": "why"},
            {"critic": "llm.b", "dimension": "accuracy", "outcome": "failed", "score": null, "rationale": "no answer"},
        ],
        "versions": {"panel": "p1", "aggregator": "a1"}, "prompt": format!("question {item}"), "response": "word ".repeat(response + 1),
    })
}

fn rows(items: usize) -> String {
    let each = (0..items * 2).map(|at| row(at / 2, at % 2, Some((at % 10) as f64 / 10.0)).to_string());
    each.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_page_says_what_was_scored() {
    let project = Project::new();
    project.file("r.jsonl", rows(20));
    let run = project.run("report r.jsonl -o r.html --markdown r.md");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let (page, markdown) = (project.read("r.html"), project.read("r.md"));
    for said in
        ["40 responses to 20 prompts by 2 models", "rule.a", "no answer", "question 0", "Most disputed"]
    {
        assert!(page.contains(said), "the page lacks `{said}`");
    }
    for outside in ["<script", "http-equiv=\"refresh\"", "src=", "url(", "@import", "href=\"http"] {
        assert!(!page.contains(outside), "the page reaches out: {outside}");
    }
    assert!(page.contains("default-src 'none'") && page.contains("prefers-color-scheme: dark"));
    assert!(markdown.contains("| llm.b | accuracy |") && markdown.contains("## Length"), "{markdown}");
    let again = project.run("report r.jsonl -o again.html");
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(project.read("again.html") == page, "the same rows make the same bytes");
}

#[test]
fn hostile_texts_stay_texts() {
    let project = Project::new();
    let evil = "</blockquote><script>alert(1)</script><img src=x onerror=alert(1)>\u{202e}```\n# h";
    let mut hostile = row(0, 0, Some(0.1));
    for field in ["id", "source", "generator", "prompt", "response", "route_reason"] {
        hostile[field] = json!(evil);
    }
    hostile["dimensions"] = json!({evil: 0.5});
    hostile["verdicts"][0]["critic"] = json!(evil);
    hostile["verdicts"][0]["rationale"] = json!(evil);
    hostile["versions"] = json!({evil: evil});
    project.file("r.jsonl", hostile.to_string());
    let run = project.run("report r.jsonl -o r.html --markdown r.md");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let page = project.read("r.html");
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;"));
    let markdown = project.read("r.md");
    let outside: String = markdown.split("````").step_by(2).collect();
    assert!(!outside.contains("<script") && !outside.contains("<img"), "{outside}");
}

#[test]
fn what_has_no_reward_is_counted_and_no_number() {
    let project = Project::new();
    project.file("r.jsonl", [row(0, 0, Some(0.4)), row(0, 1, None)].map(|row| row.to_string()).join("\n"));
    let run = project.run("report r.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&report["reward"]["scored"], &report["reward"]["mean"]), (&json!(1), &json!(0.4)));
    assert_eq!(report["no_reward"], json!({"2 critics failed": 1}));
    let failed = &report["critics"][1];
    assert_eq!((&failed["failed"], &failed["scored"], &failed["mean"]), (&json!(2), &json!(0), &Value::Null));
}

#[test]
fn labels_say_whether_people_agree() {
    let project = Project::new();
    project.file("r.jsonl", rows(4));
    let labels = [
        json!({"kind":"compare","item":"q0","a":0,"b":1,"winner":"b","annotator":"ana"}),
        json!({"kind":"compare","item":"q1","a":0,"b":1,"winner":"a","annotator":"ana"}),
        json!({"kind":"compare","item":"q2","a":0,"b":1,"winner":"tie","annotator":"ana"}),
        json!({"kind":"rate","item":"q3","response":0,"value":4,"scale":{"min":1,"max":5},"annotator":"ben"}),
        json!({"kind":"rate","item":"elsewhere","response":0,"value":4,"scale":{"min":1,"max":5},"annotator":"ben"}),
    ];
    project.file("l.jsonl", labels.map(|label| label.to_string()).join("\n"));
    let run = project.run("report r.jsonl --labels l.jsonl --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let people = &serde_json::from_str::<Value>(&run.stdout).unwrap()["people"];
    assert_eq!(
        (&people["labels"], &people["elsewhere"], &people["annotators"]),
        (&json!(4), &json!(1), &json!(2))
    );
    let pairs = &people["pairs"];
    assert_eq!((&pairs["count"], &pairs["ties"], &pairs["value"]), (&json!(2), &json!(1), &json!(0.5)));
    assert_eq!(people["ratings"]["count"], 1);
}

#[test]
fn earlier_files_make_a_trend() {
    let project = Project::new();
    project.file("old.jsonl", rows(5));
    project.file("new.jsonl", rows(6));
    let run = project.run("report new.jsonl --earlier old.jsonl --json");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let responses = |at: usize| &report["trend"][at]["responses"];
    assert_eq!((responses(0), responses(1), &report["responses"]), (&json!(10), &json!(12), &json!(12)));
}

#[test]
fn the_store_and_the_file_say_the_same() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file("answers.jsonl", ANSWERS);
    let scored = project.run("score answers.jsonl --panel rules --with-text -o r.jsonl");
    assert_eq!(scored.code, 0, "{}", scored.stderr);
    let label =
        json!({"kind":"rate","item":"a","response":0,"value":4,"scale":{"min":1,"max":5},"annotator":"ana"});
    project.file("l.jsonl", label.to_string());
    assert_eq!(project.run("label import l.jsonl").code, 0);
    let report = |arguments: &str| -> Value {
        let run = project.run(arguments);
        assert_eq!(run.code, 0, "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    };
    let (stored, read) = (report("report --json"), report("report r.jsonl --json"));
    for field in
        ["reward", "dimensions", "generators", "spread", "uncertainty", "routes", "critics", "length"]
    {
        assert_eq!(stored[field], read[field], "{field}");
    }
    assert_eq!(stored["people"]["counts"]["responses"], 4);
    assert_eq!((&stored["people"]["labels"], &stored["people"]["ratings"]["count"]), (&json!(1), &json!(1)));
    assert_eq!(stored["people"]["ratings"], read["people"]["ratings"]);
    assert_eq!(stored["worst"][0]["verdicts"], read["worst"][0]["verdicts"]);
}

#[test]
fn the_ledger_says_what_verdicts_cost() {
    if !has_library() {
        return;
    }
    let endpoint = Endpoint::start(|asked: &Asked| asked.probed(&["schema"]).unwrap_or_else(|| scores("4")));
    let price = "price = { input = \"1\", output = \"2\" }";
    let project = project(&endpoint, price, ONE_CRITIC, &rows_of(&["It is.", "It was."]));
    let scored = project.run("score x.jsonl --panel panel.toml -o out.jsonl --with-text");
    assert_eq!(scored.code, 0, "{}", scored.stderr);
    for arguments in ["report --json", "report out.jsonl --json"] {
        let run = project.run(arguments);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let (cost, critic) = (&report["cost"], &report["critics"][0]["cost"]);
        assert_eq!((&cost["known"], &cost["unpriced"]), (&cost["calls"], &json!(0)), "{cost}");
        assert!(cost["spent_nano"].as_u64().unwrap() > 0 && cost == critic, "{cost}");
    }
}

#[test]
fn what_cannot_be_reported_is_refused() {
    let project = Project::new();
    assert_eq!(project.run("report").code, 2);
    project.file("bad.jsonl", "{\"reward\":7}");
    let run = project.run("report bad.jsonl");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("bad.jsonl") && run.stderr.contains("reward"), "{}", run.stderr);
    project.file("r.jsonl", rows(1));
    let both = project.run("report r.jsonl -o - --json");
    assert!(both.code == 2 && both.stderr.contains("stdout"), "{}", both.stderr);
}
