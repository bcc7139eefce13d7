//! Datasets: who decides, what is held back, and that the same inputs make the same bytes.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::project::{Project, has_library, outcome};

/// Rewarded responses: four to each prompt, the first the best, with a little uncertainty.
fn scored(prompts: usize) -> String {
    let mut rows = String::new();
    for prompt in 0..prompts {
        for place in 0..4 {
            let reward = 0.9 - 0.2 * place as f64 - 0.0001 * (prompt % 7) as f64;
            let text = "word ".repeat(3 + (prompt * 7 + place * 3) % 11);
            rows += &format!(
                "{{\"prompt\":\"question {prompt}\",\"response\":\"{text}{place}\",\"reward\":{reward},\"uncertainty\":0.05,\"model\":\"m{place}\"}}\n"
            );
        }
    }
    rows
}

fn manifest(project: &Project, name: &str, version: u32) -> Value {
    serde_json::from_str(&project.read(&format!("datasets/{name}/v{version}/manifest.json"))).unwrap()
}

fn rows_of(project: &Project, name: &str, version: u32) -> Vec<Value> {
    let path = project.path().join(format!("datasets/{name}/v{version}/rows.jsonl.zst"));
    let rows = rewardctl_data::dataset_file::read_rows(&path).unwrap();
    rows.map(|row| serde_json::to_value(row.unwrap()).unwrap()).collect()
}

#[test]
fn files_become_a_dataset_once() {
    let project = Project::new();
    project.file("scored.jsonl", scored(600));
    let build = "build pairs --type dpo --from scored.jsonl";
    let run = project.run(build);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.starts_with("built pairs@1: 600 rows of 600 prompts"), "{}", run.stderr);
    assert!(run.stderr.contains("\n  ready, quality "), "{}", run.stderr);
    let names = ["card.html", "card.md", "manifest.json", "rows.jsonl.zst"];
    let first = names.map(|name| project.read_bytes(&format!("datasets/pairs/v1/{name}")));
    let again = project.run(build);
    assert!(again.stderr.starts_with("unchanged: pairs@1"), "{}", again.stderr);
    assert!(!project.exists("datasets/pairs/v2"));
    let one_thread = project.run(&format!("{build} --threads 1"));
    assert!(one_thread.stderr.starts_with("unchanged"), "{}", one_thread.stderr);
    fs::remove_dir_all(project.path().join("datasets/pairs")).unwrap();
    assert_eq!(project.run(build).code, 0);
    assert!(first == names.map(|name| project.read_bytes(&format!("datasets/pairs/v1/{name}"))));
    let other = project.run(&format!("{build} --set models.rejected=best-vs-worst"));
    assert!(other.stderr.starts_with("built pairs@2"), "{}", other.stderr);
    let worst = rows_of(&project, "pairs", 2);
    assert!(
        worst.iter().all(|row| row["example"]["preference"]["rejected"].as_str().unwrap().ends_with('3'))
    );
    let check = project.run("dataset rebuild pairs@1 --check --from scored.jsonl");
    assert_eq!(check.code, 0, "{}", check.stderr);
    project.file("scored.jsonl", scored(599));
    let changed = project.run("dataset rebuild pairs@1 --check --from scored.jsonl");
    assert_eq!(changed.code, 1);
    assert!(changed.stderr.contains("changed since: prompts: 600 then, 599 now"), "{}", changed.stderr);
}

#[test]
fn a_dataset_below_its_gates_is_a_draft() {
    let project = Project::new();
    project.file("scored.jsonl", scored(20));
    let run = project.run("build few --type dpo --from scored.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("gate not met: good answers at least 500, found 20"), "{}", run.stderr);
    assert_eq!(manifest(&project, "few", 1)["status"], "draft");
    let low = "--set gates.min-positive=20 --set gates.min-negative=20 --set balance.fail=1";
    let run = project.run(&format!("build few --type dpo --from scored.jsonl {low}"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(manifest(&project, "few", 2)["status"], "ready");
    let listed = project.run("dataset list --status ready --json");
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["version"]), (1, &Value::from(2)));
    assert_eq!(project.run("dataset archive few@2").code, 0);
    let shown: Value = serde_json::from_str(&project.run("dataset show few --json").stdout).unwrap();
    assert_eq!((&shown["status"], &shown["version"]), (&"archived".into(), &2.into()));
    let card = project.run("dataset show few@1");
    assert!(card.stdout.starts_with("# few\n\n20 rows of 20 prompts"), "{}", card.stdout);
}

#[test]
fn each_type_has_its_rows() {
    let project = Project::new();
    project.file("scored.jsonl", scored(40));
    let build = |kind: &str| {
        let run = project.run(&format!("build {kind} --type {kind} --from scored.jsonl"));
        assert_eq!(run.code, 0, "{kind}: {}", run.stderr);
        (manifest(&project, kind, 1), rows_of(&project, kind, 1))
    };
    let (kto, rows) = build("kto");
    let good = rows.iter().filter(|row| row["example"]["unpaired"]["desirable"] == true).count();
    assert_eq!(
        (good as u64, rows.len() as u64),
        (kto["counts"]["good"].as_u64().unwrap(), kto["counts"]["rows"].as_u64().unwrap())
    );
    let ratio = kto["figures"]["weights"]["ratio"].as_f64().unwrap();
    assert!((1.0..=4.0 / 3.0).contains(&ratio), "{ratio}");
    let (_, rows) = build("sft");
    assert!(
        rows.iter().all(|row| row["example"]["demonstration"]["completion"].as_str().unwrap().ends_with('0'))
    );
    assert_eq!(build("rm").1.len(), 40);
    let (prompts, _) = build("prompts");
    assert_eq!(prompts["figures"]["whitening"]["clip"], 5.0);
    let (_, rows) = build("rollouts");
    let rollout = &rows[0]["example"]["rollout"];
    let gap = rollout["reward"].as_f64().unwrap() - rollout["lower"].as_f64().unwrap();
    assert!((gap - 0.05).abs() < 1e-12, "{rollout}");
    let steps = project.run("build steps --type stepwise --from scored.jsonl");
    assert_eq!(steps.code, 2, "{}", steps.stderr);
    assert!(steps.stderr.contains("has steps with labels in the field `steps`"), "{}", steps.stderr);
}

#[test]
fn what_cannot_be_built_is_refused() {
    let project = Project::new();
    project.file("scored.jsonl", scored(2));
    project.file("recipe.toml", "[models]\nmin-probabilty = 0.9\n");
    let refused = |arguments: &str, expected: &str| {
        let run = project.run(arguments);
        assert_eq!(run.code, 2, "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{arguments}: {}", run.stderr);
    };
    let build = "build d --type dpo --from scored.jsonl";
    refused(&format!("{build} --recipe recipe.toml"), "did you mean `models.min-probability`?");
    refused(&format!("{build} --set pairs.uses=0"), "`pairs.uses` must be 1 or more");
    refused("build ../d --type dpo --from scored.jsonl", "cannot be called `../d`");
    refused("build d --type dop --from scored.jsonl", "there is no kind of dataset `dop`");
    refused("dataset show nothing", "there is no dataset `nothing`");
    project.file("bad.jsonl", "{\"prompt\":\"a\",\"response\":\"b\",\"reward\":\"high\"}\n");
    refused("build d --type dpo --from bad.jsonl", "bad.jsonl:1");
    assert!(!project.exists("datasets/d"));
    project.file("one.jsonl", "{\"prompt\":\"a\",\"response\":\"b\",\"reward\":1}\n");
    let none = project.run("build d --type dpo --from one.jsonl");
    assert_eq!(none.code, 4, "{}", none.stderr);
    assert!(none.stderr.contains("1 one response and no correction"), "{}", none.stderr);
    assert!(!project.exists("datasets/d/v1"));
}

#[test]
fn a_killed_build_leaves_no_version() {
    let project = Project::new();
    project.file("scored.jsonl", scored(20_000));
    let mut command = project.command("build d --type dpo --from scored.jsonl");
    let mut child = command.spawn().unwrap();
    let part = project.path().join("datasets/d/.part");
    let started = Instant::now();
    while !part.exists() && started.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none()
    {
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    if project.exists("datasets/d/v1") {
        // It was done before it was killed: then it is whole.
        assert_eq!(manifest(&project, "d", 1)["counts"]["rows"], 20_000);
    }
    let run = project.run("build d --type dpo --from scored.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(manifest(&project, "d", 1)["counts"]["rows"], 20_000);
    assert!(!part.exists() && !project.exists("datasets/d/v2"));
}

#[test]
fn people_outrank_the_models_in_a_dataset() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let prompt = |id: &str| {
        format!(
            "{{\"id\":\"{id}\",\"prompt\":\"What is 2+2? {id}\",\"responses\":[{{\"text\":\"2+2 is 4.\",\"model\":\"<b>m\"}},{{\"text\":\"It is 5, you idiot!!!\"}}]}}\n"
        )
    };
    project.file("answers.jsonl", ["a", "b", "c", "d", "e"].map(prompt).concat());
    let run = project.run("score answers.jsonl --panel rules --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    project.file(
        "labels.jsonl",
        r#"{"kind":"compare","item":"a","a":0,"b":1,"winner":"b","annotator":"ana"}
{"kind":"compare","item":"a","a":0,"b":1,"winner":"b","annotator":"ben"}
{"kind":"compare","item":"b","a":0,"b":1,"winner":"tie","annotator":"ana"}
{"kind":"correct","item":"c","response":1,"text":"Four.","annotator":"ana"}
{"kind":"compare","item":"d","a":0,"b":1,"winner":"a","annotator":"ana"}
{"kind":"compare","item":"d","a":0,"b":1,"winner":"a","annotator":"ben"}
{"kind":"compare","item":"d","a":0,"b":1,"winner":"b","annotator":"eva"}
"#,
    );
    let imported = project.run("label import labels.jsonl");
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    let built = project.run(
        "build d --type dpo --set people.adjudicators=[\"eva\"] --set models.min-margin-sd=0 \
         --set duplicates.rows=allow --estimate",
    );
    assert_eq!(built.code, 0, "{}", built.stderr);
    assert!(built.stderr.contains("people: "), "{}", built.stderr);
    let rows = rows_of(&project, "d", 1);
    let row = |at: usize| {
        let chosen = rows[at]["example"]["preference"]["chosen"].as_str().unwrap().to_owned();
        (chosen, rows[at]["provenance"]["source"].as_str().unwrap().to_owned())
    };
    let idiot = "It is 5, you idiot!!!".to_owned();
    assert_eq!(row(0), (idiot.clone(), "majority".into()));
    assert_eq!(row(1), ("Four.".into(), "single".into()));
    assert_eq!(row(2), (idiot, "adjudicated".into()));
    assert_eq!(manifest(&project, "d", 1)["withheld"]["tie"], 1);
    assert!(!project.read("datasets/d/v1/card.html").contains("<b>m"));
    let same = project.run("dataset rebuild d --check");
    assert_eq!(same.code, 0, "{}", same.stderr);
    project.file(
        "more.jsonl",
        "{\"kind\":\"compare\",\"item\":\"b\",\"a\":0,\"b\":1,\"winner\":\"a\",\"annotator\":\"ana\"}\n",
    );
    project.run("label import more.jsonl");
    let changed = project.run("dataset rebuild d@1 --check");
    assert_eq!(changed.code, 1);
    assert!(changed.stderr.contains("labels: 7 then, 8 now"), "{}", changed.stderr);
}

#[test]
fn steps_of_the_input_become_stepwise_rows() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    project.file(
        "steps.jsonl",
        r#"{"prompt":"Is 51 prime?","response":"No.","steps":["3 divides 51.","So 51 is prime.","Done."],"labels":[true,false,true]}
"#,
    );
    let run = project.run("score steps.jsonl --panel rules --json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let built = project.run("build s --type stepwise --set stepwise.after-first-error=truncate");
    assert_eq!(built.code, 0, "{}", built.stderr);
    let steps = &rows_of(&project, "s", 1)[0]["example"]["steps"];
    assert_eq!(steps["labels"], serde_json::json!([true, false]));
}

#[test]
fn a_page_of_a_dataset_stands_alone() {
    let project = Project::new();
    project.file("scored.jsonl", scored(30).replace("\"m0\"", "\"<script>m|0\""));
    let mut command = project.command("build p --type dpo --from scored.jsonl");
    command.args(["--set", "balance.length=true"]);
    let run = outcome(command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let page = project.read("datasets/p/v1/card.html");
    assert!(page.contains("<svg") && page.contains("prefers-color-scheme: dark"));
    assert!(!page.contains("http") || page.matches("http").count() == page.matches("http-equiv").count());
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;m|0"));
    assert!(project.read("datasets/p/v1/card.md").contains("&lt;script&gt;m\\|0"));
}

/// Two rewarded responses to a prompt, far apart.
fn two(prompt: &str, good: &str, bad: &str) -> String {
    let row = |text: &str, reward: f64| {
        serde_json::json!({"prompt": prompt, "response": text, "reward": reward, "uncertainty": 0.01})
            .to_string()
            + "\n"
    };
    row(good, 0.9) + &row(bad, 0.1)
}

#[test]
fn rows_alike_and_items_of_benchmarks_are_held_back() {
    let project = Project::new();
    let long = "The moon pulls at the water of the seas, and as the earth turns below it, the water rises and falls about \
                twice a day. The sun pulls, too, with less than half of the force, so that the tides are high when \
                sun and moon pull along one line, and low when they pull across each other.";
    let rows = [
        two("What makes the tides of the sea come and go each day?", long, "Wind does."),
        two(
            "What makes the tides of the sea come and go each day, please?",
            &format!("{long}, roughly"),
            "Wind does.",
        ),
        two("What is a neap tide, and when in the month does it come?", "The smallest one.", "No idea."),
    ];
    project.file("scored.jsonl", rows.concat());
    project.file("asked.jsonl", "{\"q\":\"What is a neap tide, and when in the month does it come?\"}\n");
    let run = project.run("build tides --type dpo --from scored.jsonl --benchmark asked.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let known = manifest(&project, "tides", 1);
    assert_eq!((&known["counts"]["rows"], &known["counts"]["prompts"]), (&1.into(), &1.into()));
    assert_eq!(known["withheld"], serde_json::json!({"near_duplicate": 1, "contaminated": 1}));
    assert_eq!(known["inputs"]["benchmarks"]["count"], 1);
    let blind = project.run("build tides --type dpo --from scored.jsonl --set contamination.warn-cosine=0.9");
    assert_eq!(blind.code, 2, "{}", blind.stderr);
    assert!(blind.stderr.contains("and none is given"), "{}", blind.stderr);
    let kept = project.run("build tides --type dpo --from scored.jsonl --set duplicates.rows=allow");
    assert_eq!(kept.code, 0, "{}", kept.stderr);
    assert_eq!(manifest(&project, "tides", 2)["counts"]["rows"], 3);
    let splits: Vec<Value> = rows_of(&project, "tides", 2).iter().map(|row| row["split"].clone()).collect();
    assert_eq!(splits[0], splits[1]);
}

#[test]
fn personal_data_never_leave_unless_told() {
    let project = Project::new();
    let rows = two("Whom do I ask?", "Ask jane.doe@acme.org, she knows it all.", "I do not know.")
        + &two("Where is it?", "It is on the shelf.", "No idea at all.");
    project.file("scored.jsonl", rows);
    let build = |rule: &str| {
        let run = project
            .run(&format!("build desk --type dpo --from scored.jsonl --set privacy.personal-data={rule}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    build("allow");
    let refused = project.run("export desk --for trl-dpo -o out.jsonl --split all");
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("1 row holds personal data or secrets (1 email)"), "{}", refused.stderr);
    let at_once = "build desk --type dpo --from scored.jsonl --set privacy.personal-data=allow -o out.jsonl";
    assert_eq!(project.run(at_once).code, 1);
    assert!(!project.exists("out.jsonl"));
    let told = project.run("export desk --for trl-dpo -o out.jsonl --split all --allow-personal-data");
    assert_eq!(told.code, 0, "{}", told.stderr);
    build("placeholder");
    let masked = project.run("export desk --for trl-dpo -o masked.jsonl --split all");
    assert_eq!(masked.code, 0, "{}", masked.stderr);
    assert!(project.read("masked.jsonl").contains("Ask <EMAIL_1>, she knows it all."));
    let at_once = at_once.replace("allow", "placeholder");
    assert_eq!(project.run(&at_once).code, 0);
    assert_eq!(project.read("out.jsonl"), project.read("masked.jsonl"));
    assert_eq!(manifest(&project, "desk", 2)["counts"]["masked"], 1);
}

#[test]
fn datasets_of_older_versions_are_listed() {
    let project = Project::new();
    project.file("scored.jsonl", scored(30));
    assert_eq!(project.run("build old --type dpo --from scored.jsonl").code, 0);
    let mut older = manifest(&project, "old", 1);
    older["counts"].as_object_mut().unwrap().remove("masked").unwrap();
    older["inputs"].as_object_mut().unwrap().remove("benchmarks").unwrap();
    older["figures"].as_object_mut().unwrap().remove("paraphrases").unwrap();
    for table in ["privacy", "duplicates", "contamination"] {
        older["recipe"].as_object_mut().unwrap().remove(table).unwrap();
    }
    project.file("datasets/old/v1/manifest.json", older.to_string());
    let listed = project.run("dataset list --json");
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    assert!(listed.stdout.contains("\"old\""), "{}", listed.stdout);
}
