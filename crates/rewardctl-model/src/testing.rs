//! What the crate's tests share: where ONNX Runtime lies, and what happens where it does not.

use std::path::{Path, PathBuf};

use crate::onnx::Runtime;

/// Returns ONNX Runtime, or None, said on stderr, where its library is absent; with `CI` set that is a failure.
pub fn runtime() -> Option<Runtime> {
    let library = library();
    if library.exists() {
        return Some(Runtime::load(&library).unwrap());
    }
    absent(&library)
}

/// Returns the folder of the shipped model `name` under the same rule.
pub fn model(name: &str) -> Option<PathBuf> {
    let folder = workspace().join("models").join(name);
    if folder.join("model.onnx").exists() { Some(folder) } else { absent(&folder) }
}

/// Returns where ONNX Runtime should lie.
pub fn library() -> PathBuf {
    let default = || workspace().join(".cache/onnxruntime/libonnxruntime.so.1.31.1");
    std::env::var_os("REWARDCTL_ORT_LIB").map_or_else(default, PathBuf::from)
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn absent<T>(path: &Path) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "{} is absent", path.display());
    eprintln!("skipped: {} is absent", path.display());
    None
}
