//! Writes `models/aggregator`, the fixed weights of the default panel as ONNX:
//! `cargo run -p rewardctl-pipeline --example write_aggregator`, in the checkout's folder.

use std::path::Path;

use rewardctl_model::aggregator::write_fixed_weights;
use rewardctl_pipeline::panel::LoadedPanel;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let default = LoadedPanel::load("default")?;
    std::fs::create_dir_all("models/aggregator")?;
    write_fixed_weights(Path::new("models/aggregator"), &default.panel)?;
    Ok(())
}
