//! Keeps the picture of ARCHITECTURE.md true: who may use whom, and who alone may name which heavy library.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Every crate with the crates of ours that it may use.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("rewardctl-core", &[]),
    ("rewardctl-pii", &["rewardctl-core"]),
    ("rewardctl-critic", &["rewardctl-core", "rewardctl-pii"]),
    ("rewardctl-model", &["rewardctl-core", "rewardctl-pii"]),
    ("rewardctl-data", &["rewardctl-core", "rewardctl-pii"]),
    ("rewardctl-store", &["rewardctl-core"]),
    (
        "rewardctl-pipeline",
        &[
            "rewardctl-core",
            "rewardctl-critic",
            "rewardctl-data",
            "rewardctl-model",
            "rewardctl-pii",
            "rewardctl-store",
        ],
    ),
    ("rewardctl-web", &["rewardctl-core", "rewardctl-pipeline", "rewardctl-store"]),
    (
        "rewardctl",
        &[
            "rewardctl-core",
            "rewardctl-critic",
            "rewardctl-data",
            "rewardctl-model",
            "rewardctl-pii",
            "rewardctl-pipeline",
            "rewardctl-store",
            "rewardctl-web",
        ],
    ),
];

/// Heavy libraries, with the only crates that may name them.
const HEAVY: [(&str, &[&str]); 23] = [
    ("statrs", &["rewardctl-core"]),
    ("regex", &["rewardctl-pii", "rewardctl-critic"]),
    ("aho-corasick", &["rewardctl-pii", "rewardctl-critic"]),
    ("hmac", &["rewardctl-pii"]),
    ("sha3", &["rewardctl-pii"]),
    ("minijinja", &["rewardctl-critic"]),
    ("async-openai", &["rewardctl-critic"]),
    ("reqwest", &["rewardctl-critic"]),
    ("ort", &["rewardctl-model"]),
    ("tokenizers", &["rewardctl-model"]),
    ("ndarray", &["rewardctl-model"]),
    ("prost", &["rewardctl-model"]),
    ("parquet", &["rewardctl-data"]),
    ("arrow-array", &["rewardctl-data"]),
    ("sqlx", &["rewardctl-store"]),
    ("plotters", &["rewardctl-pipeline"]),
    ("clap", &["rewardctl"]),
    ("clap_complete", &["rewardctl"]),
    ("clap_mangen", &["rewardctl"]),
    ("indicatif", &["rewardctl"]),
    ("ratatui", &["rewardctl"]),
    ("signal-hook", &["rewardctl"]),
    ("axum", &["rewardctl-web"]),
];

/// Libraries that core must never see: it has no I/O, no clock and no threads.
const IMPURE: [&str; 4] = ["tokio", "sqlx", "tempfile", "jiff"];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs in the workspace");
    let normal = |package: &cargo_metadata::Package| {
        let dependencies = package.dependencies.iter();
        dependencies.filter(|d| d.kind == DependencyKind::Normal).map(|d| d.name.to_string()).collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), normal(package))).collect()
}

#[test]
fn every_crate_stands_in_the_picture() {
    let known: BTreeSet<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    let found = dependencies();
    let found: BTreeSet<&str> =
        found.keys().map(String::as_str).filter(|name| name.starts_with("rewardctl")).collect();
    assert_eq!(found, known, "a new crate is a decision: write it down in ARCHITECTURE.md and here");
}

#[test]
fn arrows_point_down() {
    let dependencies = dependencies();
    for (name, allowed) in MAY_USE {
        let ours = dependencies[name].iter().filter(|dependency| dependency.starts_with("rewardctl"));
        for dependency in ours {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not use {dependency}");
        }
    }
}

#[test]
fn heavy_libraries_have_one_home() {
    for (name, dependencies) in dependencies() {
        for (library, homes) in HEAVY {
            let names_it = dependencies.contains(library);
            assert!(!names_it || homes.contains(&name.as_str()), "{name} must not name {library}");
        }
    }
}

#[test]
fn core_is_pure() {
    let core = &dependencies()["rewardctl-core"];
    for library in IMPURE {
        assert!(!core.contains(library), "rewardctl-core must not use {library}");
    }
}
