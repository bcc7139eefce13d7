//! Settings, help and the commands around the main job.

use std::fs::create_dir;

use crate::project::{Project, has_library, outcome};

#[test]
fn a_wrong_key_is_refused_with_a_proposal() {
    let project = Project::new();
    project.file("rewardctl.toml", "[routing]\naudit-shar = 0.1\n");
    let run = project.run("config show");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("rewardctl.toml:2: unknown setting `routing.audit-shar`"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `routing.audit-share`?"), "{}", run.stderr);
}

#[test]
fn a_flag_goes_before_the_environment_before_the_file() {
    let project = Project::new();
    project.file("rewardctl.toml", "seed = 1\nthreads = 3\n");
    let mut command = project.command("config show --json --store from-flag.db");
    command.env("REWARDCTL_SEED", "2");
    let run = outcome(command);
    let shown: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let of = |key: &str| shown.as_array().unwrap().iter().find(|one| one["key"] == key).unwrap().clone();
    assert_eq!((of("seed")["value"].as_str(), of("threads")["value"].as_str()), (Some("2"), Some("3")));
    assert_eq!(of("seed")["origin"], "from the environment: REWARDCTL_SEED");
    assert!(of("threads")["origin"].as_str().unwrap().ends_with("rewardctl.toml:2"));
    assert_eq!(of("store")["origin"], "from a flag");
    assert_eq!(of("panel")["origin"], "default");
}

#[test]
fn an_endpoint_brings_its_panel_and_misses_its_key() {
    let project = Project::new();
    project.file(
        "rewardctl.toml",
        "[endpoints.main]\nbase-url = 'http://127.0.0.1:9/v1'\nmodel = 'm'\napi-key-env = 'NO_SUCH_KEY'\n",
    );
    let shown = project.run("config show").stdout;
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap();
    assert!(line("panel").contains("llm") && line("panel").contains("an endpoint is described"), "{shown}");
    assert!(line("endpoints.main").contains("rewardctl.toml"), "{shown}");
    let run = project.run("doctor");
    assert!(run.stdout.contains("NO_SUCH_KEY is not set"), "{}", run.stdout);
}

#[test]
fn a_number_out_of_its_range_is_refused() {
    let project = Project::new();
    project.file("x.jsonl", "{\"prompt\":\"a\",\"response\":\"b\"}");
    let cases = [
        ("--seed -1", "", "a whole number in 0..=18446744073709551615"),
        ("--threads 257", "", "a whole number in 0..=256"),
        ("", "text-model.max-windows = 0", "rewardctl.toml:1), but must be a whole number in 1..=4096"),
        ("", "input.max-row-mib = 0", "rewardctl.toml:1), but must be a whole number in 1..=1024"),
        ("--review-budget 0%", "", "hint: `--audit-share 0`"),
    ];
    for (flag, setting, message) in cases {
        project.file("rewardctl.toml", setting);
        let run = project.run(&format!("score x.jsonl --panel rules {flag}"));
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(message) || !has_library(), "{}", run.stderr);
    }
    assert_eq!(project.run("queue list --limit 0").code, 2);
}

#[test]
fn a_settings_file_that_is_a_folder_is_refused() {
    let project = Project::new();
    create_dir(project.path().join("rewardctl.toml")).unwrap();
    let run = project.run("config show");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("rewardctl.toml` is a folder, not a file"), "{}", run.stderr);
}

#[test]
fn an_empty_variable_is_not_set_and_an_unknown_one_is_named() {
    let project = Project::new();
    let mut command = project.command("config show");
    command.env("REWARDCTL_SEED", "").env("REWARDCTL_PANNEL", "rules").env("REWARDCTL_CONFIG", "");
    let run = outcome(command);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.lines().any(|line| line.split_whitespace().eq(["seed", "0", "default"])),
        "{}",
        run.stdout
    );
    let warning = "warning: nothing reads the environment variable `REWARDCTL_PANNEL`: did you mean `REWARDCTL_PANEL`?\n";
    assert_eq!(run.stderr, warning);
}

#[test]
fn a_model_that_is_missing_is_named() {
    if !has_library() {
        return;
    }
    let project = Project::new();
    create_dir(project.path().join("models")).unwrap();
    let run = project.run("model check --models models");
    assert_eq!(run.code, 5, "{}", run.stderr);
    for model in ["encoder", "text-heads", "aggregator"] {
        assert!(run.stdout.contains(&format!("models/{model}/model.toml")), "{}", run.stdout);
    }
}

#[test]
fn an_aggregator_is_written_over_nothing_but_its_like() {
    let project = Project::new();
    for expected in [0, 0] {
        assert_eq!(project.run("model aggregator weights --panel rules").code, expected);
    }
    let manifest = project.read("weights/model.toml");
    project.file("weights/model.toml", manifest.replace("fixed-weights", "1.0"));
    for folder in ["weights", "."] {
        let run = project.run(&format!("model aggregator {folder}"));
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(&format!("`{folder}` holds")), "{}", run.stderr);
    }
    project.file("file", "");
    for arguments in ["model aggregator file/new", "init file"] {
        let run = project.run(arguments);
        assert_eq!(run.code, 5, "{}", run.stderr);
        assert!(run.stderr.contains("failed to write `file/"), "{}", run.stderr);
    }
}

#[test]
fn init_writes_once() {
    let project = Project::new();
    assert_eq!(project.run("init").code, 0);
    assert!(project.read("rewardctl.toml").contains("# max-uncertainty = "));
    assert!(project.read("prices.toml").contains("date = "));
    assert!(project.read("prompts/accuracy.md").starts_with("+++"));
    assert_eq!(project.run("config show").code, 0);
    let again = project.run("init");
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
}

#[test]
fn init_keeps_what_is_there_and_adds_what_is_missing() {
    let project = Project::new();
    project.file("rewardctl.toml", "seed = 7\n");
    project.folder("prompts");
    project.file("prompts/style.md", "mine");
    let run = project.run("init");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("kept ./rewardctl.toml"), "{}", run.stderr);
    assert!(run.stderr.contains("wrote 8 LLM critics to ./prompts, kept 1"), "{}", run.stderr);
    assert_eq!(project.read("rewardctl.toml"), "seed = 7\n");
    assert_eq!(project.read("prompts/style.md"), "mine");
    assert!(project.exists("prices.toml"));
}

#[test]
fn printing_the_settings_writes_nothing() {
    let project = Project::new();
    let run = project.run("init --print");
    assert!(run.stdout.contains("# [endpoints.main]"), "{}", run.stdout);
    assert!(!project.exists("rewardctl.toml") && !project.exists("prompts") && !project.exists(".rewardctl"));
}

#[test]
fn what_a_project_edits_counts() {
    let project = Project::new();
    project.file("x.jsonl", "{\"prompt\":\"a\",\"response\":\"b\"}");
    assert_eq!(project.run("init").code, 0);
    project.file("prompts/style.md", "no header");
    let run = project.run("score x.jsonl --panel llm");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("prompts/style.md"), "{}", run.stderr);
}

#[test]
fn a_wrong_flag_is_refused_with_a_proposal() {
    let run = Project::new().run("score x.jsonl --treads 2");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--threads"), "{}", run.stderr);
}
