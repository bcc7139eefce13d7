//! Fills in the manifest of a model's folder: file hashes, and the graph's inputs and outputs.
//!
//! `cargo run -p rewardctl-model --example write_manifest -- LIBRARY FOLDER...`, where LIBRARY is ONNX Runtime and
//! every FOLDER holds a `model.toml` that says the rest.

use std::error::Error;
use std::path::Path;

use rewardctl_model::manifest::Manifest;
use rewardctl_model::onnx::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let library = arguments.next().ok_or("the path of the ONNX Runtime library is missing")?;
    let runtime = Runtime::load(Path::new(&library))?;
    for folder in arguments {
        let folder = Path::new(&folder);
        let mut manifest = Manifest::load(folder)?;
        manifest.measure(folder, &runtime)?;
        manifest.write(folder)?;
    }
    Ok(())
}
