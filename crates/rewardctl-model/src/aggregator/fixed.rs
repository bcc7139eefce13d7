//! The aggregator with fixed weights, written as an ONNX graph for a panel.
//!
//! Within a dimension the critics present are averaged by weight; the caps present limit that mean. The reward is the
//! mean of the dimensions present, by weight. The graph is unrolled into one column per critic and dimension and uses
//! only operations that treat every row alone: matrix products and reductions add in an order that depends on the
//! size of the batch, and a reward must not.

use rewardctl_core::panel::{Panel, Part, Slot};

use super::signature;
use crate::graph::{Attribute, GraphBuilder};

/// Stands for a score that is not there; above every score, so that a minimum passes it over.
const ABSENT: f32 = 2.0;
/// Between every score and [`ABSENT`].
const PRESENT_BELOW: f32 = 1.5;
/// How far a cap must lie under the mean to bind: rounding alone must not move the weight from the mean to the cap.
const CAP_MARGIN: f32 = 1e-6;

/// ONNX names `Cast`'s target type by number; this is `f32`.
pub const TO_F32: [(&str, Attribute<'static>); 1] = [("to", Attribute::Int(1))];
pub const COLUMNS: [(&str, Attribute<'static>); 1] = [("axis", Attribute::Int(1))];

/// Writes the graph.
pub fn graph(panel: &Panel) -> Vec<u8> {
    let mut builder = GraphBuilder::new("aggregator");
    let ports = signature(panel);
    ports.inputs.iter().for_each(|port| builder.input(port));
    ports.outputs.iter().for_each(|port| builder.output(port));
    builder.metadata("panel", &panel.name);
    write_dimensions(&mut builder, panel);
    write_reward(&mut builder, panel);
    write_weights(&mut builder, panel);
    write_outputs(&mut builder, panel);
    builder.finish()
}

/// Writes what any aggregator of `panel` gives for its dimensions, and the constants that this takes.
pub fn write_dimensions(builder: &mut GraphBuilder, panel: &Panel) {
    write_constants(builder, panel);
    write_critics(builder, panel);
    for at in 0..panel.dimensions.len() {
        write_dimension(builder, panel, at);
    }
}

fn write_constants(builder: &mut GraphBuilder, panel: &Panel) {
    let constants = [
        ("zero", 0.0),
        ("half", 0.5),
        ("one", 1.0),
        ("absent", ABSENT),
        ("present_below", PRESENT_BELOW),
        ("cap_margin", CAP_MARGIN),
    ];
    for (name, value) in constants {
        builder.floats(name, &[], &[value]);
    }
    let of_dimensions: Vec<f64> = panel.dimensions.iter().map(|dimension| dimension.weight).collect();
    for (at, weight) in relative(&of_dimensions).into_iter().enumerate() {
        builder.floats(&format!("dimension_weight{at}"), &[], &[weight]);
    }
    let of_critics: Vec<f64> = panel.slots.iter().map(|slot| slot.weight).collect();
    builder.floats("critic_weight", &[1, of_critics.len() as i64], &relative(&of_critics));
}

/// Divides `weights` by the greatest: only their ratios count, and 32 bits must hold them as positive numbers.
fn relative(weights: &[f64]) -> Vec<f32> {
    let greatest = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    weights.iter().map(|weight| ((weight / greatest) as f32).max(f32::MIN_POSITIVE)).collect()
}

/// Writes, per critic `k`: its score or [`ABSENT`] (`score{k}`), its weight if present (`mass{k}`) and the product.
fn write_critics(builder: &mut GraphBuilder, panel: &Panel) {
    builder.node("Greater", &["mask", "half"], &["present"], &[]);
    // A choice and no product: what is masked may be NaN.
    builder.node("Where", &["present", "score", "absent"], &["scores"], &[]);
    builder.node("Where", &["present", "critic_weight", "zero"], &["masses"], &[]);
    builder.node("Mul", &["masses", "scores"], &["products"], &[]);
    for (whole, column) in [("scores", "score"), ("masses", "mass"), ("products", "product")] {
        let places: Vec<usize> = (0..panel.slots.len()).collect();
        builder.node("Split", &[whole], &names(&columns(column, &places)), &COLUMNS);
    }
    // A whole column for the mean or the cap of a dimension that has none.
    builder.node("Max", &["score0", "absent"], &["nothing"], &[]);
}

/// Writes, per dimension `d`: its score or [`ABSENT`] (`raw{d}`), its weight if present (`dimension_mass{d}`), and what
/// [`write_weights`] needs.
fn write_dimension(builder: &mut GraphBuilder, panel: &Panel, at: usize) {
    let d = |name: &str| format!("{name}{at}");
    write_mean(builder, &critics(panel, at, Part::Mean), at);
    write_cap(builder, &critics(panel, at, Part::Cap), at);
    builder.node("Add", &[&d("cap"), "cap_margin"], &[&d("cap_raised")], &[]);
    builder.node("Less", &[&d("cap_raised"), &d("mean")], &[&d("binds")], &[]);
    builder.node("Where", &[&d("binds"), &d("cap"), &d("mean")], &[&d("raw")], &[]);
    builder.node("Less", &[&d("raw"), "present_below"], &[&d("dimension_present")], &[]);
    let chosen = [d("dimension_present"), d("dimension_weight"), "zero".into()];
    builder.node("Where", &names(&chosen), &[&d("dimension_mass")], &[]);
}

/// Writes `mean{d}`, and `divisor{d}`: the weight of the critics present, or 1 where none is.
fn write_mean(builder: &mut GraphBuilder, critics: &[usize], at: usize) {
    let d = |name: &str| format!("{name}{at}");
    if critics.is_empty() {
        return builder.node("Identity", &["nothing"], &[&d("mean")], &[]);
    }
    builder.node("Sum", &names(&columns("mass", critics)), &[&d("mass_sum")], &[]);
    builder.node("Sum", &names(&columns("product", critics)), &[&d("product_sum")], &[]);
    builder.node("Greater", &[&d("mass_sum"), "zero"], &[&d("has_mean")], &[]);
    builder.node("Where", &[&d("has_mean"), &d("mass_sum"), "one"], &[&d("divisor")], &[]);
    builder.node("Div", &[&d("product_sum"), &d("divisor")], &[&d("quotient")], &[]);
    builder.node("Where", &[&d("has_mean"), &d("quotient"), "absent"], &[&d("mean")], &[]);
}

/// Writes `cap{d}`: the least of the caps present.
fn write_cap(builder: &mut GraphBuilder, critics: &[usize], at: usize) {
    let cap = format!("cap{at}");
    if critics.is_empty() {
        return builder.node("Identity", &["nothing"], &[&cap], &[]);
    }
    builder.node("Min", &names(&columns("score", critics)), &[&cap], &[]);
}

/// Writes `reward`, and per dimension `d` its score or 0 (`dimension{d}`) and its part of all weight (`share{d}`).
fn write_reward(builder: &mut GraphBuilder, panel: &Panel) {
    let dimensions: Vec<usize> = (0..panel.dimensions.len()).collect();
    builder.node("Sum", &names(&columns("dimension_mass", &dimensions)), &["total"], &[]);
    builder.node("Greater", &["total", "zero"], &["has_reward"], &[]);
    builder.node("Where", &["has_reward", "total", "one"], &["total_or_one"], &[]);
    for at in &dimensions {
        let d = |name: &str| format!("{name}{at}");
        builder.node("Where", &[&d("dimension_present"), &d("raw"), "zero"], &[&d("dimension")], &[]);
        builder.node("Div", &[&d("dimension_mass"), "total_or_one"], &[&d("share")], &[]);
        builder.node("Mul", &[&d("share"), &d("dimension")], &[&d("part")], &[]);
    }
    builder.node("Sum", &names(&columns("part", &dimensions)), &["reward"], &[]);
}

/// Writes `weight`: a dimension's share goes to its mean, by the weights of the critics present, or to the caps that bind,
/// split equally where several are the least.
///
/// All critics at once: every node costs time when the graph is loaded, and a panel has many critics.
fn write_weights(builder: &mut GraphBuilder, panel: &Panel) {
    write_least(builder, panel);
    write_amounts(builder, panel);
    for at in 0..panel.dimensions.len() {
        write_share_of_one(builder, panel, at);
    }
    let shares = of_slots(panel, |slot, at| match slot.part {
        Part::Mean => format!("to_mean{at}"),
        Part::Cap => format!("to_cap{at}"),
    });
    builder.node("Concat", &names(&shares), &["share_of_one"], &COLUMNS);
    builder.node("Mul", &["amounts", "share_of_one"], &["weight"], &[]);
}

/// Writes, per critic, what the share of its dimension is split by: 1 or 0 as it is the least cap, or its weight.
fn write_amounts(builder: &mut GraphBuilder, panel: &Panel) {
    let is_cap: Vec<f32> =
        panel.slots.iter().map(|slot| f32::from(u8::from(slot.part == Part::Cap))).collect();
    builder.floats("cap_or_not", &[1, is_cap.len() as i64], &is_cap);
    builder.node("Greater", &["cap_or_not", "half"], &["is_cap"], &[]);
    builder.node("Where", &["is_cap", "least", "masses"], &["amounts"], &[]);
}

/// Writes what the share of the dimension `at` is for a unit of weight (`to_mean{d}`), and for one of its least caps
/// (`to_cap{d}`).
fn write_share_of_one(builder: &mut GraphBuilder, panel: &Panel, at: usize) {
    let d = |name: &str| format!("{name}{at}");
    if !critics(panel, at, Part::Mean).is_empty() {
        builder.node("Div", &[&d("share"), &d("divisor")], &[&d("share_per_mass")], &[]);
        builder.node("Where", &[&d("binds"), "zero", &d("share_per_mass")], &[&d("to_mean")], &[]);
    }
    if !critics(panel, at, Part::Cap).is_empty() {
        builder.node("Div", &[&d("share"), &d("least_sum")], &[&d("share_per_cap")], &[]);
        builder.node("Where", &[&d("binds"), &d("share_per_cap"), "zero"], &[&d("to_cap")], &[]);
    }
}

/// Writes, per critic `k`, 1 or 0 as it is the least cap of its dimension (`least{k}`, together `least`), and per dimension
/// `d` that has caps how many are (`least_sum{d}`).
pub fn write_least(builder: &mut GraphBuilder, panel: &Panel) {
    let caps = of_slots(panel, |slot, at| match slot.part {
        Part::Mean => "nothing".into(),
        Part::Cap => format!("cap{at}"),
    });
    builder.node("Concat", &names(&caps), &["caps"], &COLUMNS);
    builder.node("LessOrEqual", &["scores", "caps"], &["is_least"], &[]);
    builder.node("Where", &["is_least", "one", "zero"], &["least"], &[]);
    let places: Vec<usize> = (0..panel.slots.len()).collect();
    builder.node("Split", &["least"], &names(&columns("least", &places)), &COLUMNS);
    for at in 0..panel.dimensions.len() {
        let caps = critics(panel, at, Part::Cap);
        if !caps.is_empty() {
            builder.node("Sum", &names(&columns("least", &caps)), &[&format!("least_sum{at}")], &[]);
        }
    }
}

fn write_outputs(builder: &mut GraphBuilder, panel: &Panel) {
    let dimensions: Vec<usize> = (0..panel.dimensions.len()).collect();
    builder.node("Concat", &names(&columns("dimension", &dimensions)), &["dimension"], &COLUMNS);
    builder.node(
        "Concat",
        &names(&columns("dimension_present", &dimensions)),
        &["dimensions_present"],
        &COLUMNS,
    );
    builder.node("Cast", &["dimensions_present"], &["dimension_mask"], &TO_F32);
}

/// Returns a name for each slot of the panel, from the slot and the place of its dimension.
fn of_slots(panel: &Panel, name: impl Fn(&Slot, usize) -> String) -> Vec<String> {
    let place = |slot: &Slot| panel.dimensions.iter().position(|dimension| dimension.name == slot.dimension);
    panel.slots.iter().map(|slot| name(slot, place(slot).unwrap_or_default())).collect()
}

/// The places of the critics that enter the dimension `at` as `part`.
fn critics(panel: &Panel, at: usize, part: Part) -> Vec<usize> {
    let dimension = &panel.dimensions[at].name;
    let slots = panel.slots.iter().enumerate();
    slots.filter(|(_, slot)| slot.dimension == *dimension && slot.part == part).map(|(k, _)| k).collect()
}

pub fn columns(name: &str, places: &[usize]) -> Vec<String> {
    places.iter().map(|at| format!("{name}{at}")).collect()
}

pub fn names(owned: &[String]) -> Vec<&str> {
    owned.iter().map(String::as_str).collect()
}
