use std::fs;

use super::*;
use crate::graph::GraphBuilder;
use crate::testing;

/// A graph that gives `y = x · [2, 3]` and `ratio = y / x`.
fn doubling() -> Vec<u8> {
    let mut builder = GraphBuilder::new("doubling");
    builder.input(&Port::f32("x", &[None, Some(2)]));
    builder.floats("factors", &[2], &[2.0, 3.0]);
    builder.node("Mul", &["x", "factors"], &["y"], &[]);
    builder.node("Div", &["y", "x"], &["ratio"], &[]);
    builder.output(&Port::f32("y", &[None, Some(2)]));
    builder.output(&Port::f32("ratio", &[None, Some(2)]));
    builder.finish()
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(|error| error.to_string()).collect::<Vec<_>>().join(": ")
}

#[test]
fn a_graph_runs_and_tells_its_ports() {
    let Some(runtime) = testing::runtime() else { return };
    let mut graph = Graph::from_bytes(&runtime, "doubling", &doubling()).unwrap();
    let signature = graph.signature();
    assert_eq!(signature.inputs, [Port::f32("x", &[None, Some(2)])]);
    assert_eq!(signature.outputs[1], Port::f32("ratio", &[None, Some(2)]));
    let x = Tensor::F32 { dims: &[2, 2], data: &[1.0, 2.0, 3.0, 4.0] };
    let [ratio, y] = graph.run(&[("x", x)], [("ratio", &[2, 2]), ("y", &[2, 2])]).unwrap();
    assert_eq!(y, [2.0, 6.0, 6.0, 12.0]);
    assert_eq!(ratio, [2.0, 3.0, 2.0, 3.0]);
}

#[test]
fn a_run_that_cannot_be_is_an_error() {
    let Some(runtime) = testing::runtime() else { return };
    let mut graph = Graph::from_bytes(&runtime, "doubling", &doubling()).unwrap();
    let mut check = |name: &str, dims: &[i64], data: &[f32], output: &str, expected: &str| {
        let error = graph.run(&[(name, Tensor::F32 { dims, data })], [(output, &[1, 2])]).unwrap_err();
        let text = chain(&error);
        assert!(text.contains(expected), "{text}");
    };
    check("x", &[1, 2], &[1.0, 2.0], "z", "failed to run ONNX graph `doubling`: it has no output `z`");
    check("w", &[1, 2], &[1.0, 2.0], "y", "failed to run ONNX graph `doubling`: ");
    check("x", &[1, 3], &[1.0, 2.0, 3.0], "y", "failed to run ONNX graph `doubling`: ");
    check("x", &[2, 2], &[1.0, 2.0], "y", "failed to run ONNX graph `doubling`: ");
    check("x", &[2, 2], &[1.0; 4], "y", "gave `y` with the dimensions [2, 2], but [1, 2] were expected");
    check("x", &[1, 2], &[0.0, 2.0], "ratio", "gave a number in `ratio` that is not finite");
    check("x", &[1, 2], &[f32::NAN, 2.0], "y", "gave a number in `y` that is not finite");
}

#[test]
fn a_broken_file_is_named() {
    let Some(runtime) = testing::runtime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.onnx");
    let whole = doubling();
    for bytes in [b"no graph".as_slice(), &[], &whole[..whole.len() / 2]] {
        fs::write(&path, bytes).unwrap();
        let text = chain(&Graph::from_file(&runtime, &path).unwrap_err());
        assert!(text.starts_with("failed to load ONNX graph `/"), "{text}");
        assert!(text.contains("broken.onnx"), "{text}");
    }
    let missing = Graph::from_file(&runtime, &folder.path().join("missing.onnx")).unwrap_err();
    assert!(matches!(missing, Error::ReadFile { .. }));
}

#[test]
fn a_missing_or_wrong_library_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("libonnxruntime.so");
    let error = Runtime::load(&missing).unwrap_err();
    assert_eq!(error.to_string(), format!("failed to load ONNX Runtime from `{}`", missing.display()));
    fs::write(&missing, "no library").unwrap();
    let error = Runtime::load(&missing).unwrap_err();
    assert!(error.to_string().starts_with("failed to load ONNX Runtime from `"), "{error}");
}

#[test]
fn the_library_loads_again() {
    let Some(first) = testing::runtime() else { return };
    let again = Runtime::load(&testing::library()).unwrap();
    assert_eq!(first.version(), again.version());
    assert!(first.version().contains("git-commit-id="), "{}", first.version());
}
