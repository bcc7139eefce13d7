//! `rewardctl gate`: wired, exit codes, every output, and what never helps to pass.

use serde_json::{Value, json};

use crate::endpoint::{Endpoint, choice, completion, scores};
use crate::llm::{ONE_CRITIC, project as llm_project};
use crate::project::{Outcome, Project, has_library, outcome};

mod input;

/// Scored rows whose rewards are told, with a field beside.
fn scored(rewards: &[Option<f64>], version: &str, topic: &str) -> String {
    let row = |(at, reward): (usize, &Option<f64>)| {
        let row = json!({
            "id": format!("id{at}"), "source": "answers.jsonl", "row": at + 1, "item_id": format!("i{at}"),
            "response_id": format!("r{at}-{reward:?}"), "reward": reward, "dimensions": {"style": reward},
            "uncertainty": {"total": 0.1}, "verdicts": [], "versions": {"panel": version}, "topic": topic,
        });
        format!("{row}\n")
    };
    rewards.iter().enumerate().map(row).collect()
}

fn around(mean: f64, count: usize) -> Vec<Option<f64>> {
    (0..count).map(|at| Some(mean + 0.1 * ((at * 37 % 41) as f64 / 40.0 - 0.5))).collect()
}

/// A project with a file that is as good as its baseline, one that is worse, and one that lacks half of the rewards.
fn with_files() -> Project {
    let project = Project::new();
    project.file("old.jsonl", scored(&around(0.7, 120), "v1", "tax"));
    let turned: Vec<Option<f64>> = around(0.7, 120).into_iter().rev().collect();
    project.file("same.jsonl", scored(&turned, "v1", "tax"));
    project.file("worse.jsonl", scored(&around(0.6, 120), "v1", "tax"));
    let half = around(0.9, 120).into_iter().enumerate().map(|(at, reward)| reward.filter(|_| at % 2 == 0));
    project.file("half.jsonl", scored(&half.collect::<Vec<_>>(), "v1", "tax"));
    project.file("other.jsonl", scored(&around(0.7, 120), "v2", "tax"));
    project
}

fn check(run: &Outcome, code: i32, said: &str) {
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains(said) || run.stderr.contains(said), "{}{}", run.stdout, run.stderr);
}

#[test]
fn exit_codes_say_what_was_ruled() {
    let project = with_files();
    for (arguments, code, said) in [
        ("gate same.jsonl --baseline old.jsonl", 0, "pass: 1 passed"),
        ("gate worse.jsonl --baseline old.jsonl", 1, "went from 0.701 to 0.601"),
        ("gate half.jsonl --baseline old.jsonl", 4, "counted as the worst"),
        ("gate worse.jsonl --baseline old.jsonl --min-mean 0.1", 1, "went from 0.701 to 0.601"),
        ("gate same.jsonl --baseline old.jsonl --junit old.jsonl", 2, "is input and output"),
        ("gate same.jsonl --junit out --sarif out", 2, "two outputs want"),
        ("gate old.jsonl --min-mean 0.6 --min-mean style=0.6", 0, "pass: 2 passed"),
        ("gate old.jsonl --min-mean 80%", 1, "FAIL"),
        ("gate old.jsonl --min-mean 0.7 --pass-if not-refuted", 0, "not refuted"),
        ("gate old.jsonl --min-quantile 10%:0.6", 0, "pass"),
        ("gate half.jsonl --max-fail-rate 10%", 1, "50.0 % of the responses"),
        ("gate old.jsonl --max-uncertainty 0.2 --must-pass id3 --must-pass i4", 0, "pass: 2 passed"),
        ("gate old.jsonl --must-pass id999", 1, "it is not in the file"),
        ("gate old.jsonl --min-mean 0.6 --by topic", 0, "topic tax"),
    ] {
        check(&project.run(arguments), code, said);
    }
}

#[test]
fn people_read_a_table_what_speaks_against_it_and_the_sum() {
    let project = with_files();
    let run = project.run(
        "gate worse.jsonl --baseline old.jsonl --min-mean 0.55 --max-regression 0.02 --max-fail-rate 1%",
    );
    let told = "warning: the rows have no verdicts, so that failures behind a reward go unseen";
    assert!(
        run.code == 1 && run.stderr.starts_with(told) && run.stderr.lines().count() == 1,
        "{}",
        run.stderr
    );
    insta::assert_snapshot!(run.stdout, @r"
          check                     found   bounds            asked for  prompts  missing  p
    pass  min-mean of reward        0.601   0.596 to 0.605    ≥ 0.55         120        0  < .0001
    FAIL  max-regression of reward  -0.100  -0.130 to -0.063  ≥ -0.02        120        0  0.0013
    pass  max-fail-rate of reward   0.000   –                 ≤ 0.01         120        0  –

    max-regression of reward: the mean reward went from 0.701 to 0.601, and a fall of 0.02 is allowed
      answers.jsonl:109: id108: reward fell from 0.698 to 0.597
      answers.jsonl:68: id67: reward fell from 0.698 to 0.597
      answers.jsonl:27: id26: reward fell from 0.698 to 0.597

    FAIL: 2 passed, 1 failed, 0 open; 120 responses to 120 prompts against 120 prompts of the baseline.
    ");
}

#[test]
fn what_cannot_be_ruled_on_is_refused() {
    let project = with_files();
    project.file("bad.toml", "[[rule]]\nmin-maen = 0.5\n");
    project.file("empty.jsonl", "");
    project.file("broken.jsonl", "{\"item_id\":\"i\",\"response_id\":\"r\",\"reward\":7}\n");
    for (arguments, said) in [
        ("gate old.jsonl", "no rule, and there is no baseline"),
        ("gate other.jsonl --baseline old.jsonl", "answers.jsonl:1 in the baseline (version `v1`)"),
        ("gate old.jsonl other.jsonl --min-mean 0.5", "hint: score both again with one panel"),
        ("gate old.jsonl --max-regression 0.02", "`--baseline OLD` names it"),
        ("gate old.jsonl --min-mean stile=0.5", "known are `style`"),
        ("gate old.jsonl --min-mean 0.5 --by tpoic", "no row has a field `tpoic`"),
        ("gate old.jsonl --min-mean high", "is no number"),
        ("gate old.jsonl --min-mean 7", "from 0 to 1"),
        ("gate old.jsonl --min-quantile 0.1", "has no score"),
        ("gate old.jsonl --policy bad.toml", "min-maen"),
        ("gate old.jsonl --policy nowhere.toml", "failed to read the policy"),
        ("gate old.jsonl --changed-only --min-mean 0.5", "--baseline"),
        ("gate empty.jsonl --min-mean 0.5", "empty.jsonl"),
        ("gate broken.jsonl --min-mean 0.5", "broken.jsonl:1"),
        ("gate old.jsonl --baseline nowhere.jsonl", "does not exist"),
    ] {
        let run = project.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
    }
}

#[test]
fn who_names_a_panel_is_not_told_of_rewards_that_another_made() {
    let project = with_files();
    for flag in
        ["--panel llm", "--replay nowhere.jsonl", "--record tape.jsonl", "--max-cost 1", "--max-calls 1"]
    {
        let run = project.run(&format!("gate old.jsonl --min-mean 0.1 {flag}"));
        let said = format!("nothing would be judged with `{}`: `old.jsonl`", flag.split(' ').next().unwrap());
        assert!(run.code == 2 && run.stderr.contains(&said), "{}{}", run.stdout, run.stderr);
    }
    check(
        &project.run("compare --ab old.jsonl same.jsonl --metric reward --panel rules"),
        2,
        "nothing would be judged",
    );
    check(&project.run("gate old.jsonl --min-mean 0.1 --seed 3"), 0, "pass");
}

#[test]
fn the_policy_stands_in_the_settings_and_flags_go_before() {
    let project = with_files();
    project.file(
        "rewardctl.toml",
        "[gate]\nalpha = 0.01\n[[gate.rule]]\nmin-mean = 0.8\n[[gate.rule]]\nname = 'tax'\nmin-mean = 0.6\nwhere = { topic = 'tax' }\n",
    );
    check(&project.run("gate old.jsonl"), 1, "tax: min-mean of reward (topic tax)");
    check(&project.run("gate old.jsonl --min-mean 0.6"), 0, "pass: 2 passed");
    let shown = project.run("config show");
    assert!(shown.stdout.contains("2 rules"), "{}", shown.stdout);
    project.file("rewardctl.toml", "[gate]\nalhpa = 0.01\n");
    let run = project.run("gate old.jsonl");
    assert!(run.code == 2 && run.stderr.contains("alhpa"), "{}", run.stderr);
}

#[test]
fn every_output_says_the_same() {
    let project = with_files();
    let summary = project.file("summary.md", "before\n");
    let arguments = "gate worse.jsonl --baseline old.jsonl --json --junit g.xml --sarif g.sarif --markdown g.md --github --max-places 2";
    let mut command = project.command(arguments);
    command.env("GITHUB_STEP_SUMMARY", &summary);
    let run = outcome(command);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (&report["ruling"], &report["checks"][0]["check"]),
        (&json!("fail"), &json!("max-regression"))
    );
    assert_eq!(report["checks"][0]["places"].as_array().map(Vec::len), Some(2));
    let commands: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("::")).collect();
    assert!(
        commands[0].starts_with("::error title=max-regression of reward%3A FAIL::the mean reward went"),
        "{commands:?}"
    );
    assert!(commands[1].starts_with("::error file=answers.jsonl,line="), "{commands:?}");
    let junit = project.read("g.xml");
    assert!(
        junit.contains("<testsuites name=\"rewardctl gate\" tests=\"1\" failures=\"1\" errors=\"0\">"),
        "{junit}"
    );
    assert!(junit.contains("<failure type=\"threshold\" message=\"the mean reward went from"), "{junit}");
    let sarif: Value = serde_json::from_str(&project.read("g.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["ruleId"]), (3, &json!("max-regression")));
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "worse.jsonl");
    assert_eq!(results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "answers.jsonl");
    let markdown = project.read("g.md");
    assert!(
        markdown.starts_with("### rewardctl gate: FAIL\n") && markdown.contains("| ❌ FAIL |"),
        "{markdown}"
    );
    assert_eq!(project.read("summary.md"), format!("before\n{markdown}"));
}

#[test]
fn names_cannot_drive_a_terminal_or_a_runner() {
    let project = Project::new();
    let row = json!({
        "id": "x\u{1b}[2J\n::error::y", "item_id": "i", "response_id": "r", "reward": 0.1, "source": "a,b:c\r\nd.jsonl",
        "row": 1, "topic": "<b>|\u{202e}",
    });
    let command = json!({"item_id": "j", "response_id": "r", "reward": 0.1, "source": "::stop-commands::pwned", "row": 1,
        "id": "##[error]z @you #1 www.b http://c", "topic": "t", "model": "::set-env::m"});
    project.file("x.jsonl", format!("{row}\n{command}\n"));
    let run = project.run(
        "gate x.jsonl --min-mean 0.9 --by topic --pass-if observed --github --junit g.xml --markdown g.md",
    );
    assert_eq!(run.code, 1, "{}", run.stderr);
    let all = format!("{}{}{}{}", run.stdout, run.stderr, project.read("g.xml"), project.read("g.md"));
    assert!(!all.contains(['\u{1b}', '\u{202e}', '\r']), "{all}");
    assert!(!run.stderr.contains("\n::error::y"), "{}", run.stderr);
    let is_command = |line: &str| line.trim().starts_with("::") || line.contains("##[");
    assert!(
        !run.stdout.lines().any(is_command) && !run.stderr.contains("##["),
        "{}{}",
        run.stdout,
        run.stderr
    );
    let compared = project.run("compare x.jsonl --arm model");
    assert!(!compared.stdout.lines().any(is_command), "{}", compared.stdout);
    assert!(!["@you", "#1", "www.b", "http://"].iter().any(|text| project.read("g.md").contains(text)));
    assert!(project.read("g.md").contains("&lt;b&gt;\\|") && project.read("g.xml").contains("&lt;b&gt;|"));
}

#[test]
fn raw_files_are_judged_and_only_what_changed_if_asked() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    let rows = |changed: usize| -> String {
        let text = |at: usize| if at < changed { "Shut up, you idiot!!!" } else { "The answer is four." };
        let row = |at: usize| {
            format!(
                "{}\n",
                json!({"id": at, "prompt": format!("What is 2+2 (question {at})?"), "response": text(at), "topic": "math"})
            )
        };
        (0..40).map(row).collect()
    };
    project.file("old.jsonl", rows(0));
    project.file("new.jsonl", rows(12));
    let run = project.run("gate new.jsonl --baseline old.jsonl --panel rules --by topic");
    check(&run, 1, "new.jsonl:");
    check(&project.run("gate old.jsonl --baseline old.jsonl --panel rules"), 0, "pass: 1 passed");
    let run = project
        .run("gate new.jsonl --baseline old.jsonl --panel rules --changed-only --json --store fresh.db");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &report["prompts"]), (1, &json!(12)), "{}", run.stderr);
    assert_eq!(report["checks"][0]["counts"]["removed"], 0, "what has not changed is not gone");
    // Another model's name is no lack of responses, where only the changed ones are judged either.
    let named = |name: &str, file: &str| {
        project.read(file).replace("\"topic\"", &format!("\"model\":\"{name}\",\"topic\""))
    };
    project.file("v1.jsonl", named("v1", "old.jsonl"));
    project.file(
        "v2.jsonl",
        named("v2", "new.jsonl").replace("Shut up, you idiot!!!", "It is four, of course."),
    );
    let run = project.run("gate v2.jsonl --baseline v1.jsonl --panel rules --changed-only --must-pass 3 --must-pass 30 --min-score 0.1");
    check(&run, 0, "pass: 1 passed");
    // Nothing has changed, so nothing is shown.
    let run = project.run("gate old.jsonl --baseline old.jsonl --panel rules --changed-only");
    check(&run, 4, "not enough evidence");
    // A file that was scored with another panel is no baseline.
    let run = project.run("score old.jsonl --panel rules -o scored.jsonl");
    assert_eq!(run.code, 0, "{}", run.stderr);
    check(&project.run("gate new.jsonl --baseline scored.jsonl --panel rules"), 1, "went from");
    project.file("panel.toml", "name = 'p'\n[quorum]\ncoverage = 0.5\ndimensions = 1\n[[dimension]]\nname = 'style'\nweight = 1\n[[critic]]\nname = 'rule.civility'\n");
    let run = project.run("gate new.jsonl --baseline scored.jsonl --panel panel.toml");
    assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_cassette_makes_a_gate_free_and_the_same_each_time() {
    if !has_library() {
        return;
    }
    const ITEMS: usize = 500;
    let endpoint = Endpoint::start(|asked| {
        asked.probed(&["schema"]).unwrap_or_else(|| {
            // One in fifty replies is no verdict.
            match asked.text.contains("question 7 ") || asked.text.contains("question 57 ") {
                true => completion(vec![choice("I would rather not.", "stop", None)]),
                false => scores("4"),
            }
        })
    });
    let rows: String = (0..ITEMS)
        .map(|at| {
            format!(
                "{}\n",
                json!({"prompt": format!("This is question {at} of many."), "response": "It is."})
            )
        })
        .collect();
    let recorded = llm_project(&endpoint, "", ONE_CRITIC, &rows);
    let run = recorded.run("gate x.jsonl --panel panel.toml --min-mean 0.6 --record tape.jsonl");
    check(&run, 0, "uncalibrated");
    let asked = endpoint.requests();
    let replay = |arguments: &str| {
        let played = llm_project(&endpoint, "", ONE_CRITIC, &rows);
        played.file("tape.jsonl", recorded.read("tape.jsonl"));
        let run = played.run(&format!(
            "gate x.jsonl --panel panel.toml --replay tape.jsonl --junit g.xml --sarif g.sarif {arguments}"
        ));
        let written = |name| played.exists(name).then(|| played.read(name));
        (run.code, run.stdout, run.stderr, written("g.xml"), written("g.sarif"))
    };
    let once = replay("--min-mean 0.6 --json");
    assert_eq!(once.0, 0, "{}", once.2);
    assert!(once == replay("--min-mean 0.6 --json"), "a replay is the same each time");
    let report: Value = serde_json::from_str(&once.1).unwrap();
    assert_eq!((&report["prompts"], &report["checks"][0]["counts"]["missing"]), (&json!(ITEMS), &json!(2)));
    let strict = replay("--min-mean 0.6 --max-fail-rate 0");
    assert!(strict.0 == 1 && strict.1.contains("the verdict of llm.accuracy failed"), "{}", strict.1);
    let refused = replay("--min-mean 0.6 --require-calibrated");
    assert!(refused.0 == 2 && refused.3.is_none(), "{}", refused.2);
    assert_eq!(endpoint.requests(), asked, "a replay asks nobody");
}
