//! What a release carries: versions, completions, manual pages.

use serde_json::Value;

use crate::project::Project;

#[test]
fn versions_name_all_that_takes_part() {
    let project = Project::new();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(project.run("-V").stdout, format!("rewardctl {version}\n"));
    let long = project.run("--version");
    assert_eq!(long.code, 0);
    for part in [version, "ONNX Runtime", "all-MiniLM-L6-v2 int8", "text-heads", "aggregator", "ddcc27d3b38f"]
    {
        assert!(long.stdout.contains(part), "{part}: {}", long.stdout);
    }
    let json: Value = serde_json::from_str(&project.run("version --json").stdout).unwrap();
    assert_eq!(json["version"], version);
    assert_eq!(json["parts"].as_array().unwrap().len(), 4);
    for elsewhere in ["version --models nowhere", "--version --models nowhere", "--models nowhere --version"]
    {
        let elsewhere = project.run(elsewhere);
        assert_eq!(elsewhere.stdout.matches("not found").count(), 3, "{}", elsewhere.stdout);
    }
    assert_eq!(project.run("--version --json").stdout, project.run("version --json").stdout);
    for broken in ["--version --config nowhere.toml", "--version --nothing", "--version score answers.jsonl"]
    {
        let broken = project.run(broken);
        assert!(broken.code == 0 && broken.stdout.contains(version), "{}", broken.stderr);
    }
}

#[test]
fn shells_complete_every_verb() {
    let project = Project::new();
    for shell in ["bash", "zsh", "fish"] {
        let run = project.run(&format!("completions {shell}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout.contains("report") && run.stdout.contains("completions"), "{shell}");
    }
    assert_eq!(project.run("completions csh").code, 2);
}

#[test]
fn every_verb_has_a_manual_page() {
    let project = Project::new();
    project.folder("man");
    let run = project.run("man man");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(project.read("man/rewardctl.1").contains(env!("CARGO_PKG_VERSION")));
    for page in ["rewardctl-score.1", "rewardctl-report.1", "rewardctl-audit-critics.1"] {
        assert!(project.exists(&format!("man/{page}")), "{page}");
    }
}
