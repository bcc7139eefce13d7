use std::fs;

use super::*;
use crate::graph::GraphBuilder;
use crate::testing;

const WRITTEN: &str = r#"kind = "text-heads"
name = "default"
version = "1"
licence = "MIT"
dimensions = ["accuracy", "style"]

[fitted_on]
sources = ["some pairs"]
rows = 1200

[figures]
pair_accuracy = 0.75

[[file]]
path = "model.onnx"
role = "onnx"
sha256 = ""

[[input]]
name = "features"
element = "f32"
dims = [-1, 3]

[[output]]
name = "mean"
element = "f32"
dims = [-1, 3]
"#;

fn folder(manifest: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(MANIFEST), manifest).unwrap();
    folder
}

fn graph(width: i64) -> Vec<u8> {
    let mut builder = GraphBuilder::new("identity");
    builder.input(&Port::f32("features", &[None, Some(width)]));
    builder.node("Identity", &["features"], &["mean"], &[]);
    builder.output(&Port::f32("mean", &[None, Some(width)]));
    builder.finish()
}

fn problems(manifest: &Manifest, folder: &Path, runtime: &Runtime) -> Vec<String> {
    let checks = manifest.check(folder, runtime);
    checks.into_iter().filter_map(|check| Some(format!("{}: {}", check.what, check.outcome.err()?))).collect()
}

#[test]
fn a_manifest_is_read_and_written_alike() {
    let folder = folder(WRITTEN);
    let manifest = Manifest::load(folder.path()).unwrap();
    assert_eq!(manifest.kind, Kind::TextHeads);
    assert_eq!(manifest.inputs, [Port::f32("features", &[None, Some(3)])]);
    manifest.write(folder.path()).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join(MANIFEST)).unwrap(), WRITTEN);
}

#[test]
fn an_unknown_key_is_refused_with_the_known_ones() {
    let folder = folder(&WRITTEN.replace("licence", "license"));
    let error = Manifest::load(folder.path()).unwrap_err();
    let path = folder.path().join(MANIFEST);
    assert_eq!(error.to_string(), format!("failed to read model manifest `{}`", path.display()));
    let Error::ParseManifest { source, .. } = error else { panic!("{error}") };
    let text = source.to_string();
    assert!(text.contains("unknown field `license`, expected one of"), "{text}");
    assert!(text.contains("`licence`"), "{text}");
}

#[test]
fn a_manifest_stays_in_its_folder() {
    for path in ["../model.onnx", "/etc/passwd", "a/b.onnx", "..", ".", ""] {
        let folder = folder(&WRITTEN.replace("model.onnx", path));
        let error = Manifest::load(folder.path()).unwrap_err();
        assert!(matches!(error, Error::FileName { .. }), "{path}: {error}");
    }
}

#[test]
fn a_model_of_another_kind_is_refused() {
    let folder = folder(WRITTEN);
    let error = Manifest::load_kind(folder.path(), Kind::Encoder).unwrap_err().to_string();
    assert!(error.ends_with("holds a model of kind `text-heads`, but `encoder` is needed"), "{error}");
}

#[test]
fn a_changed_file_or_graph_is_found() {
    let Some(runtime) = testing::runtime() else { return };
    let folder = folder(WRITTEN);
    let path = folder.path();
    fs::write(path.join("model.onnx"), graph(3)).unwrap();
    let mut manifest = Manifest::load(path).unwrap();
    manifest.measure(path, &runtime).unwrap();
    assert_eq!(problems(&manifest, path, &runtime), Vec::<String>::new());

    manifest.inputs[0].dims[1] = Some(4);
    let found = problems(&manifest, path, &runtime).join("\n");
    assert!(found.starts_with("inputs and outputs: ONNX graph `"), "{found}");
    assert!(found.ends_with("`features: f32[any, 3]`, but `features: f32[any, 4]` is needed"), "{found}");

    fs::write(path.join("model.onnx"), graph(4)).unwrap();
    let found = problems(&manifest, path, &runtime).join("\n");
    assert!(found.contains("has the SHA-256 `"), "{found}");

    fs::remove_file(path.join("model.onnx")).unwrap();
    let found = problems(&manifest, path, &runtime).join("\n");
    assert!(found.starts_with("model.onnx: failed to read `"), "{found}");

    manifest.files.clear();
    let found = problems(&manifest, path, &runtime).join("\n");
    assert!(found.ends_with("names 0 files with the role `onnx`, but one is needed"), "{found}");
}

#[test]
fn shipped_models_are_what_their_manifests_say() {
    let Some(runtime) = testing::runtime() else { return };
    for name in ["encoder", "aggregator"] {
        let Some(folder) = testing::model(name) else { continue };
        let manifest = Manifest::load(&folder).unwrap();
        assert_eq!(problems(&manifest, &folder, &runtime), Vec::<String>::new());
    }
}

#[test]
fn a_person_reads_the_facts() {
    let manifest = Manifest::load(folder(WRITTEN).path()).unwrap();
    let lines: Vec<String> =
        manifest.describe().iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(
        lines,
        [
            "model: default 1",
            "kind: text-heads",
            "licence: MIT",
            "dimensions: accuracy, style",
            "fitted on: 1200 rows of some pairs",
            "pair_accuracy: 0.75",
            "model.onnx: sha256 ",
            "input: `features: f32[any, 3]`",
            "output: `mean: f32[any, 3]`",
        ]
    );
}
