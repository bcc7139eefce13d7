//! A fitted aggregator, written as an ONNX graph.
//!
//! The dimensions are those of the fixed weights. The reward comes of a linear utility over standardised features;
//! scores that are missing are imputed within the graph by conjugate gradients, which are exact after as many steps as
//! there are critics, so that every pattern of missing critics runs in one batch without control flow.
//!
//! The arithmetic is in 64 bits, since 32 lose a digit too many in the imputation. Products with tables are written as
//! products and sums of rows, and rows are padded with zeros to whole cache lines: products of matrices, and sums of
//! rows that start anywhere, may add in an order that depends on a row's place in the batch, and a reward must not.

use ndarray::{Array1, Array2};
use rewardctl_core::panel::{Panel, Part};

use super::fixed::{self, COLUMNS, columns, names};
use crate::aggregator::fitted::rows::{output, product, row_sum, stack, sum_of_squares};
use crate::graph::{Attribute, GraphBuilder};
use crate::learn::model::{Model, POOL};
use crate::learn::space::{Space, Standard, slots_of};
use crate::learn::style::STYLE;
use crate::signature::{Port, Signature};

mod rows;

/// Keeps a division by what has become zero finite.
const TINY: f64 = 1e-30;
/// Steps beyond the number of critics, for what rounding undoes.
const MORE_STEPS: usize = 2;
/// ONNX names `Cast`'s target type by number; this is `f64`.
const TO_F64: [(&str, Attribute<'static>); 1] = [("to", Attribute::Int(11))];

/// Numbers of a row that a sum takes together, at most: rows are a multiple of it.
const LINE: usize = 8;

/// Where the features stand in the graph's padded rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Columns of the critics, padded.
    pub critics: usize,
    /// All columns, padded.
    pub all: usize,
    /// Per feature, its column.
    pub places: Vec<usize>,
}

impl Columns {
    /// Lays the features of `space` out.
    pub fn new(space: &Space) -> Self {
        let (slots, width) = (space.critics.len(), space.width());
        let critics = slots.next_multiple_of(LINE);
        let places = (0..width).map(|at| if at < slots { at } else { at - slots + critics });
        Self { critics, all: (width - slots + critics).next_multiple_of(LINE), places: places.collect() }
    }

    /// Spreads numbers, one a feature, over the columns; zeros elsewhere.
    fn row(&self, values: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut row = vec![0.0; self.all];
        self.places.iter().zip(values).for_each(|(place, value)| row[*place] = value);
        row
    }

    fn table(&self, values: &Array2<f64>) -> Array2<f64> {
        let mut table = Array2::zeros((self.all, self.all));
        for ((i, j), value) in values.indexed_iter() {
            table[[self.places[i], self.places[j]]] = *value;
        }
        table
    }
}

/// What says how sure an order is; graphs of before do not have it.
pub const ANY_SIGN: &str = "utility_any_sign";

/// Returns what a fitted aggregator of `panel` reads and gives.
///
/// `variance` is 0 where a critic knows none; `style` holds raw counts, `style_mask` is 0 where the text is not at
/// hand. `utility` is unbounded, `slope` is what a unit of it adds to the reward here. The squared distance of two
/// rows of `posterior` is the variance of the difference of their [`ANY_SIGN`] by the weights; `imputed_variance` and `critic_variance`
/// come on top for each. `contribution` adds up to the utility, up to a constant.
pub fn signature(panel: &Panel, features: usize) -> Signature {
    let critics = [None, Some(panel.slots.len() as i64)];
    let features = [None, Some(features as i64)];
    let one = [None, Some(1)];
    let mut signature = super::signature(panel);
    signature.inputs.extend([
        Port::f32("variance", &critics),
        Port::f32("style", &[None, Some(STYLE as i64)]),
        Port::f32("style_mask", &one),
    ]);
    let numbers = [
        "utility",
        "utility_length_controlled",
        ANY_SIGN,
        "slope",
        "imputed_variance",
        "critic_variance",
        "distance",
    ];
    signature.outputs.extend(numbers.map(|name| Port::f32(name, &one)));
    signature.outputs.extend(["posterior", "contribution"].map(|name| Port::f32(name, &features)));
    signature
}

/// Writes the graph.
pub fn graph(model: &Model) -> Vec<u8> {
    let panel = &model.space.panel;
    let mut builder = GraphBuilder::new("aggregator");
    let columns = Columns::new(&model.space);
    let ports = signature(panel, columns.all);
    ports.inputs.iter().for_each(|port| builder.input(port));
    ports.outputs.iter().for_each(|port| builder.output(port));
    builder.metadata("panel", &panel.name);
    let mut names = vec![String::new(); columns.all];
    columns.places.iter().zip(model.space.names()).for_each(|(place, name)| names[*place] = name);
    builder.metadata("features", &names.join("\n"));
    fixed::write_dimensions(&mut builder, panel);
    write_dimension_outputs(&mut builder, panel);
    write_constants(&mut builder, model, &columns);
    write_scores(&mut builder, &columns, panel.slots.len());
    write_gradients(&mut builder, panel.slots.len());
    write_imputation(&mut builder);
    write_features(&mut builder, model, &columns);
    write_utility(&mut builder);
    write_uncertainty(&mut builder);
    write_any_sign(&mut builder, model);
    write_weights(&mut builder, model);
    builder.finish()
}

fn write_dimension_outputs(builder: &mut GraphBuilder, panel: &Panel) {
    let dimensions: Vec<usize> = (0..panel.dimensions.len()).collect();
    for at in &dimensions {
        let d = |name: &str| format!("{name}{at}");
        builder.node("Where", &[&d("dimension_present"), &d("raw"), "zero"], &[&d("dimension")], &[]);
    }
    builder.node("Concat", &names(&columns("dimension", &dimensions)), &["dimension"], &COLUMNS);
    let present = columns("dimension_present", &dimensions);
    builder.node("Concat", &names(&present), &["dimensions_present"], &COLUMNS);
    builder.node("Cast", &["dimensions_present"], &["dimension_mask"], &fixed::TO_F32);
}

fn write_constants(builder: &mut GraphBuilder, model: &Model, columns: &Columns) {
    let space = &model.space;
    let slots = space.critics.len();
    let mut row = |name: &str, values: Vec<f64>| builder.doubles(name, &[1, values.len() as i64], &values);
    let padded = |values: Vec<f64>| columns.row(values)[..columns.critics].to_vec();
    row("critic_mean", space.critics.iter().map(|standard| standard.mean).collect());
    row("critic_unit", space.critics.iter().map(scale).collect());
    row("critic_scale", padded(space.critics.iter().map(scale).collect()));
    row("style_mean", space.style.iter().map(|standard| standard.mean).collect());
    row("style_scale", space.style.iter().map(scale).collect());
    row("theta", columns.row(model.theta.to_vec()));
    row("centre", columns.row(model.centre.to_vec()));
    if let Some(weights) = &model.any_sign {
        row("theta_any_sign", columns.row(weights.to_vec()));
    }
    row("pool", model.pool.to_vec());
    let weights: Array1<f64> = model.theta.iter().take(slots).copied().collect();
    let explained = space.moments.dot(&weights);
    row("explained", padded(explained.to_vec()));
    let prior_variance = weights.dot(&explained);
    for (name, value) in [
        ("offset", model.offset),
        ("temperature", model.temperature),
        ("length_slope", model.length_slope),
        ("prior_variance", prior_variance),
        ("pool_size", POOL as f64),
        ("far_squared", model.live() * model.far * model.far),
        ("tiny", TINY),
        ("zero_64", 0.0),
        ("half_64", 0.5),
        ("one_64", 1.0),
    ] {
        builder.doubles(name, &[], &[value]);
    }
    let mut moments = Array2::zeros((columns.critics, columns.critics));
    space.moments.indexed_iter().for_each(|(at, value)| moments[at] = *value);
    table(builder, "moments", &moments);
    table(builder, "posterior_factor", &columns.table(&model.posterior));
    table(builder, "likeness", &columns.table(&model.likeness));
    builder.ints("columns", &[1], &[1]);
    builder.ints("depth", &[1], &[2]);
}

fn scale(standard: &Standard) -> f64 {
    if standard.deviation > 0.0 { standard.deviation.recip() } else { 0.0 }
}

/// A table that rows are multiplied with from the left; it is written transposed, see [`product`].
fn table(builder: &mut GraphBuilder, name: &str, values: &Array2<f64>) {
    let transposed = values.t();
    let dims = [transposed.nrows() as i64, transposed.ncols() as i64];
    builder.doubles(name, &dims, &transposed.iter().copied().collect::<Vec<f64>>());
}

/// Writes `seen`, the mask as 0 and 1, `unseen`, and `known`: standardised scores, 0 where there is none.
fn write_scores(builder: &mut GraphBuilder, columns: &Columns, slots: usize) {
    builder.node("Cast", &["score"], &["score_64"], &TO_F64);
    builder.node("Cast", &["variance"], &["variance_64"], &TO_F64);
    builder.ints("padding", &[4], &[0, 0, 0, (columns.critics - slots) as i64]);
    builder.node("Where", &["present", "one_64", "zero_64"], &["seen_unpadded"], &[]);
    builder.node("Sub", &["one_64", "seen_unpadded"], &["unseen_unpadded"], &[]);
    builder.node("Where", &["present", "variance_64", "zero_64"], &["variance_unpadded"], &[]);
    builder.node("Where", &["present", "score_64", "critic_mean"], &["score_or_mean"], &[]);
    builder.node("Sub", &["score_or_mean", "critic_mean"], &["score_centred"], &[]);
    builder.node("Mul", &["score_centred", "critic_unit"], &["known_unpadded"], &[]);
    for name in ["seen", "unseen", "variance", "known"] {
        let padded = if name == "variance" { "variance_seen" } else { name };
        builder.node("Pad", &[&format!("{name}_unpadded"), "padding"], &[padded], &[]);
    }
}

/// Solves `(MΣM + I − M) z = b` for two right sides, stacked: the known scores, and what the weights explain.
fn write_gradients(builder: &mut GraphBuilder, critics: usize) {
    builder.node("Mul", &["seen", "explained"], &["explained_seen"], &[]);
    stack(builder, ["known", "explained_seen"], "b");
    stack(builder, ["seen", "seen"], "m");
    stack(builder, ["unseen", "unseen"], "i");
    builder.node("Mul", &["b", "zero_64"], &["z_0"], &[]);
    builder.node("Identity", &["b"], &["r_0"], &[]);
    builder.node("Identity", &["b"], &["p_0"], &[]);
    sum_of_squares(builder, ["r_0", "r_0"], "rr_0");
    for step in 0..critics + MORE_STEPS {
        write_step(builder, step);
    }
    let last = format!("z_{}", critics + MORE_STEPS);
    builder.node("Split", &[&last], &["z_scores", "z_weights"], &[("axis", Attribute::Int(0))]);
}

fn write_step(builder: &mut GraphBuilder, step: usize) {
    let now = |name: &str| format!("{name}_{step}");
    let next = |name: &str| format!("{name}_{}", step + 1);
    builder.node("Mul", &["m", &now("p")], &[&now("mp")], &[]);
    product(builder, &now("mp"), "moments", &now("smp"));
    builder.node("Mul", &["m", &now("smp")], &[&now("msmp")], &[]);
    builder.node("Mul", &["i", &now("p")], &[&now("ip")], &[]);
    builder.node("Add", &[&now("msmp"), &now("ip")], &[&now("ap")], &[]);
    sum_of_squares(builder, [&now("p"), &now("ap")], &now("pap"));
    builder.node("Add", &[&now("pap"), "tiny"], &[&now("pap_safe")], &[]);
    builder.node("Div", &[&now("rr"), &now("pap_safe")], &[&now("alpha")], &[]);
    builder.node("Mul", &[&now("alpha"), &now("p")], &[&now("dz")], &[]);
    builder.node("Add", &[&now("z"), &now("dz")], &[&next("z")], &[]);
    builder.node("Mul", &[&now("alpha"), &now("ap")], &[&now("dr")], &[]);
    builder.node("Sub", &[&now("r"), &now("dr")], &[&next("r")], &[]);
    sum_of_squares(builder, [&next("r"), &next("r")], &next("rr"));
    builder.node("Add", &[&now("rr"), "tiny"], &[&now("rr_safe")], &[]);
    builder.node("Div", &[&next("rr"), &now("rr_safe")], &[&now("beta")], &[]);
    builder.node("Mul", &[&now("beta"), &now("p")], &[&now("bp")], &[]);
    builder.node("Add", &[&next("r"), &now("bp")], &[&next("p")], &[]);
}

/// Writes `imputed`, the features of all critics; `effective`, what each score really weighs in the utility; and the
/// two variances of the response itself.
fn write_imputation(builder: &mut GraphBuilder) {
    builder.node("Mul", &["seen", "z_scores"], &["z_seen"], &[]);
    product(builder, "z_seen", "moments", "regressed");
    builder.node("Mul", &["unseen", "regressed"], &["filled"], &[]);
    builder.node("Add", &["known", "filled"], &["imputed"], &[]);
    builder.node("Mul", &["seen", "z_weights"], &["effective"], &[]);
    sum_of_squares(builder, ["effective", "explained_seen"], "known_variance");
    builder.node("Sub", &["prior_variance", "known_variance"], &["left_variance"], &[]);
    builder.node("Max", &["left_variance", "zero_64"], &["left_variance_or_zero"], &[]);
    // With every critic there nothing is imputed, and rounding must not say otherwise.
    row_sum(builder, "unseen", "unseen_count");
    builder.node("Greater", &["unseen_count", "half_64"], &["is_imputed"], &[]);
    builder.node("Where", &["is_imputed", "left_variance_or_zero", "zero_64"], &["imputed_variance_64"], &[]);
    output(builder, "imputed_variance");
    builder.node("Mul", &["effective", "critic_scale"], &["sensitivity"], &[]);
    builder.node("Mul", &["sensitivity", "sensitivity"], &["sensitivity_squared"], &[]);
    sum_of_squares(builder, ["sensitivity_squared", "variance_seen"], "critic_variance_64");
    output(builder, "critic_variance");
}

/// Writes `features`: critics, what caps cut, style.
fn write_features(builder: &mut GraphBuilder, model: &Model, columns: &Columns) {
    let space = &model.space;
    let dimensions: Vec<usize> = (0..space.excess.len()).collect();
    for at in &dimensions {
        let d = |name: &str| format!("{name}{at}");
        let standard = &space.excess[*at];
        builder.doubles(&d("excess_scale"), &[], &[scale(standard)]);
        // Without averaged critics a cap is cut from the best score.
        let has_mean = slots_of(&space.panel, *at, Part::Mean).next().is_some();
        let has_cap = slots_of(&space.panel, *at, Part::Cap).next().is_some();
        if has_cap && has_mean {
            builder.node("Where", &[&d("has_mean"), &d("mean"), "one"], &[&d("cut_from")], &[]);
        } else {
            builder.node("Max", &["score0", "absent"], &[&d("cut_from_any")], &[]);
            builder.node("Min", &[&d("cut_from_any"), "one"], &[&d("cut_from")], &[]);
        }
        builder.node("Sub", &[&d("cap"), &d("cut_from")], &[&d("cut")], &[]);
        builder.node("Min", &[&d("cut"), "zero"], &[&d("cut_or_zero")], &[]);
        builder.node("Cast", &[&d("cut_or_zero")], &[&d("cut_64")], &TO_F64);
        builder.node("Mul", &[&d("cut_64"), &d("excess_scale")], &[&d("excess")], &[]);
    }
    builder.node("Cast", &["style"], &["style_64"], &TO_F64);
    builder.node("Add", &["style_64", "one_64"], &["style_more"], &[]);
    builder.node("Log", &["style_more"], &["style_log"], &[]);
    builder.node("Sub", &["style_log", "style_mean"], &["style_centred"], &[]);
    builder.node("Mul", &["style_centred", "style_scale"], &["style_unmasked"], &[]);
    builder.node("Greater", &["style_mask", "half"], &["has_style"], &[]);
    builder.node("Where", &["has_style", "style_unmasked", "zero_64"], &["style_feature"], &[]);
    let excess = self::columns("excess", &dimensions);
    let parts: Vec<&str> = ["imputed"].into_iter().chain(names(&excess)).chain(["style_feature"]).collect();
    builder.node("Concat", &parts, &["features_unpadded"], &COLUMNS);
    let missing = columns.all - columns.critics - dimensions.len() - STYLE;
    builder.ints("features_padding", &[4], &[0, 0, 0, missing as i64]);
    builder.node("Pad", &["features_unpadded", "features_padding"], &["features"], &[]);
    builder.ints("style_lengths", &[2], &[1, STYLE as i64 - 1]);
    let split = ["style_feature", "style_lengths"];
    builder.node("Split", &split, &["length_feature", "other_style"], &COLUMNS);
}

fn write_utility(builder: &mut GraphBuilder) {
    builder.node("Mul", &["features", "theta"], &["contribution_64"], &[]);
    output(builder, "contribution");
    row_sum(builder, "contribution_64", "utility_sum");
    builder.node("Sub", &["utility_sum", "offset"], &["utility_64"], &[]);
    output(builder, "utility");
    builder.node("Mul", &["length_feature", "length_slope"], &["length_part"], &[]);
    builder.node("Sub", &["utility_64", "length_part"], &["utility_length_controlled_64"], &[]);
    output(builder, "utility_length_controlled");
    builder.node("Sub", &["utility_64", "pool"], &["over_pool"], &[]);
    builder.node("Div", &["over_pool", "temperature"], &["over_pool_scaled"], &[]);
    builder.node("Sigmoid", &["over_pool_scaled"], &["wins"], &[]);
    row_sum(builder, "wins", "wins_sum");
    builder.node("Div", &["wins_sum", "pool_size"], &["reward_64"], &[]);
    output(builder, "reward");
    builder.node("Sub", &["one_64", "wins"], &["losses"], &[]);
    builder.node("Mul", &["wins", "losses"], &["slopes"], &[]);
    row_sum(builder, "slopes", "slopes_sum");
    builder.node("Div", &["slopes_sum", "pool_size"], &["slopes_mean"], &[]);
    builder.node("Div", &["slopes_mean", "temperature"], &["slope_64"], &[]);
    output(builder, "slope");
}

fn write_uncertainty(builder: &mut GraphBuilder) {
    builder.node("Sub", &["features", "centre"], &["features_centred"], &[]);
    product(builder, "features_centred", "posterior_factor", "posterior_64");
    output(builder, "posterior");
    product(builder, "features_centred", "likeness", "whitened");
    sum_of_squares(builder, ["whitened", "whitened"], "distance_squares");
    builder.node("Div", &["distance_squares", "far_squared"], &["distance_mean"], &[]);
    builder.node("Sqrt", &["distance_mean"], &["distance_64"], &[]);
    output(builder, "distance");
}

/// Writes `utility_any_sign`, which says how sure an order is.
fn write_any_sign(builder: &mut GraphBuilder, model: &Model) {
    match model.any_sign {
        Some(_) => {
            builder.node("Mul", &["features_centred", "theta_any_sign"], &["parts_any_sign"], &[]);
            row_sum(builder, "parts_any_sign", "utility_any_sign_64");
        }
        None => builder.node("Identity", &["utility_64"], &["utility_any_sign_64"], &[]),
    }
    output(builder, ANY_SIGN);
}

/// Writes `weight`: what a small change of each score changes in the reward. A cap that binds takes the place of the
/// mean that it cuts.
fn write_weights(builder: &mut GraphBuilder, model: &Model) {
    let panel = &model.space.panel;
    let all: Vec<usize> = (0..panel.slots.len()).collect();
    builder.node("Mul", &["sensitivity", "slope_64"], &["weights_64"], &[]);
    let (slots, padded) = (panel.slots.len(), panel.slots.len().next_multiple_of(LINE));
    builder.ints("weights_lengths", &[2], &[slots as i64, (padded - slots) as i64]);
    let split = ["weights_64", "weights_lengths"];
    builder.node("Split", &split, &["weights_of_critics", "weights_of_padding"], &COLUMNS);
    builder.node("Cast", &["weights_of_critics"], &["weights_unbound"], &fixed::TO_F32);
    builder.node("Split", &["weights_unbound"], &names(&columns("weight_unbound", &all)), &COLUMNS);
    fixed::write_least(builder, panel);
    for (at, standard) in model.space.excess.iter().enumerate() {
        let d = |name: &str| format!("{name}{at}");
        let theta = model.theta[model.space.critics.len() + at] * scale(standard);
        builder.floats(&d("excess_weight"), &[], &[theta as f32]);
        builder.node("Mul", &["slope", &d("excess_weight")], &[&d("excess_slope")], &[]);
        builder.node("Where", &[&d("binds"), &d("excess_slope"), "zero"], &[&d("bound")], &[]);
        let caps: Vec<usize> = slots_of(panel, at, Part::Cap).collect();
        for k in slots_of(panel, at, Part::Mean) {
            let [weight, unbound] = ["weight", "weight_unbound"].map(|name| format!("{name}{k}"));
            if caps.is_empty() {
                builder.node("Identity", &[&unbound], &[&weight], &[]);
                continue;
            }
            let [share, part] = ["bound_share", "bound_part"].map(|name| format!("{name}{k}"));
            builder.node("Div", &[&format!("mass{k}"), &d("divisor")], &[&share], &[]);
            builder.node("Mul", &[&share, &d("bound")], &[&part], &[]);
            builder.node("Sub", &[&unbound, &part], &[&weight], &[]);
        }
        for k in &caps {
            let part = format!("cap_part{k}");
            builder.node("Mul", &[&format!("least{k}"), &d("bound")], &[&part], &[]);
            builder.node("Div", &[&part, &d("least_sum")], &[&format!("weight{k}")], &[]);
        }
    }
    builder.node("Concat", &names(&columns("weight", &all)), &["weight"], &COLUMNS);
}

#[cfg(test)]
mod tests;
