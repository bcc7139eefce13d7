//! Settings, help and the commands around the main job.

use crate::project::Project;

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
    let run = crate::project::outcome(command);
    let shown: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let of = |key: &str| shown.as_array().unwrap().iter().find(|one| one["key"] == key).unwrap().clone();
    assert_eq!((of("seed")["value"].as_str(), of("threads")["value"].as_str()), (Some("2"), Some("3")));
    assert_eq!(of("seed")["origin"], "from the environment: REWARDCTL_SEED");
    assert!(of("threads")["origin"].as_str().unwrap().ends_with("rewardctl.toml:2"));
    assert_eq!(of("store")["origin"], "from a flag");
    assert_eq!(of("panel")["origin"], "default");
}

#[test]
fn init_writes_once() {
    let project = Project::new();
    assert_eq!(project.run("init").code, 0);
    assert!(project.read("rewardctl.toml").contains("# max-uncertainty = "));
    assert_eq!(project.run("config show").code, 0);
    let again = project.run("init");
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
}

#[test]
fn a_wrong_flag_is_refused_with_a_proposal() {
    let run = Project::new().run("score x.jsonl --treads 2");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--threads"), "{}", run.stderr);
}
