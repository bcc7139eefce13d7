//! The fitted heads together, and the ONNX graph that says the same.

use ndarray::Array1;

use crate::encoder::EMBEDDING;
use crate::features::SURFACE;
use crate::fit::corpus::{Corpus, Row};
use crate::fit::head::{Head, Posterior, RANK};
use crate::fit::space::{AXES, FEATURES, SCALES, SIGNALS, Space, sides};
use crate::graph::{Attribute, GraphBuilder};
use crate::signature::{Port, Signature};

/// How many utilities stand for the responses that a score compares with.
pub const POOL: usize = 33;

/// The heads that were fitted together.
pub struct Model {
    /// The space that they share.
    pub space: Space,
    /// The mean of the features of all responses: the utility there is 0, and its variance too.
    pub centre: Array1<f64>,
    /// One per dimension.
    pub heads: Vec<Scored>,
}

/// A head with what turns its utility into a score.
pub struct Scored {
    /// The dimension.
    pub dimension: String,
    /// The head.
    pub head: Head,
    /// What it does not know.
    pub posterior: Posterior,
    /// The temperature of its probabilities.
    pub temperature: f64,
    /// Utilities of responses that it was fitted on, at equal steps of probability.
    pub pool: [f64; POOL],
}

/// Returns what every graph of text heads reads and gives, for `dimensions` dimensions.
pub fn signature(dimensions: usize) -> Signature {
    let width = |width: usize| [None, Some(width as i64)];
    Signature {
        inputs: vec![
            Port::f32("prompt_embedding", &width(EMBEDDING)),
            Port::f32("response_embedding", &width(EMBEDDING)),
            Port::f32("surface", &width(SURFACE)),
        ],
        outputs: ["utility", "score", "variance"].map(|name| Port::f32(name, &width(dimensions))).into(),
    }
}

/// Returns the mean features of all responses in `rows`.
pub fn centre(corpus: &Corpus<'_>, space: &Space, rows: &[&Row<'_>]) -> Array1<f64> {
    let (mut sum, mut count) = (Array1::zeros(FEATURES), 0.0);
    for row in rows {
        for side in sides(row) {
            sum += &space.features(corpus, row, side);
            count += 1.0;
        }
    }
    sum / f64::max(count, 1.0)
}

/// Returns the utilities at the middles of [`POOL`] equal steps through the sorted `utilities`; zeros if none.
pub fn pool(mut utilities: Vec<f64>) -> [f64; POOL] {
    utilities.sort_by(f64::total_cmp);
    let mut pool = [0.0; POOL];
    for (at, value) in pool.iter_mut().enumerate() {
        let middle = (2 * at + 1) * utilities.len() / (2 * POOL);
        *value = utilities.get(middle).copied().unwrap_or(0.0);
    }
    pool
}

impl Model {
    /// Returns the ONNX file.
    pub fn onnx(&self) -> Vec<u8> {
        let mut graph = GraphBuilder::new("text-heads");
        let signature = signature(self.heads.len());
        signature.inputs.iter().for_each(|port| graph.input(port));
        signature.outputs.iter().for_each(|port| graph.output(port));
        self.write_features(&mut graph);
        self.write_utility(&mut graph);
        self.write_score(&mut graph);
        self.write_variance(&mut graph);
        graph.finish()
    }

    fn write_features(&self, graph: &mut GraphBuilder) {
        let Space { means, inverse_deviations, prompt_mean, prompt_axes } = &self.space;
        floats(graph, "signal_means", &[SIGNALS], means);
        floats(graph, "signal_scales", &[SIGNALS], inverse_deviations);
        floats(graph, "prompt_mean", &[EMBEDDING], prompt_mean);
        floats(graph, "prompt_axes", &[EMBEDDING, AXES], prompt_axes);
        floats(graph, "response_scale", &[], &[SCALES[0]]);
        floats(graph, "product_scale", &[], &[SCALES[1]]);
        floats(graph, "centre", &[FEATURES], &self.centre);
        graph.ints("axis_1", &[1], &[1]);
        graph.ints("axis_2", &[1], &[2]);
        // In a reshape, 0 keeps the length.
        graph.ints("crossed_shape", &[2], &[0, (SIGNALS * AXES) as i64]);
        let keep = [("keepdims", Attribute::Int(1))];
        let columns = [("axis", Attribute::Int(1))];
        graph.node("Mul", &["prompt_embedding", "response_embedding"], &["product"], &[]);
        graph.node("ReduceSum", &["product", "axis_1"], &["cosine"], &keep);
        graph.node("Concat", &["surface", "cosine"], &["raw_signals"], &columns);
        graph.node("Sub", &["raw_signals", "signal_means"], &["centred_signals"], &[]);
        graph.node("Mul", &["centred_signals", "signal_scales"], &["signals"], &[]);
        graph.node("Sub", &["prompt_embedding", "prompt_mean"], &["centred_prompt"], &[]);
        graph.node("MatMul", &["centred_prompt", "prompt_axes"], &["place"], &[]);
        graph.node("Unsqueeze", &["signals", "axis_2"], &["signals_3d"], &[]);
        graph.node("Unsqueeze", &["place", "axis_1"], &["place_3d"], &[]);
        graph.node("Mul", &["signals_3d", "place_3d"], &["crossed_3d"], &[]);
        graph.node("Reshape", &["crossed_3d", "crossed_shape"], &["crossed"], &[]);
        graph.node("Mul", &["response_embedding", "response_scale"], &["direct"], &[]);
        graph.node("Mul", &["product", "product_scale"], &["products"], &[]);
        graph.node("Concat", &["direct", "products", "signals", "crossed"], &["all_features"], &columns);
        graph.node("Sub", &["all_features", "centre"], &["features"], &[]);
    }

    fn write_utility(&self, graph: &mut GraphBuilder) {
        let count = self.heads.len();
        let weights = by_feature(|feature| self.heads.iter().map(move |head| head.head.weights[feature]));
        floats(graph, "weights", &[FEATURES, count], &weights);
        graph.node("MatMul", &["features", "weights"], &["utility"], &[]);
    }

    /// The score is the mean probability of being preferred to the responses of the pool.
    fn write_score(&self, graph: &mut GraphBuilder) {
        let count = self.heads.len();
        let pool: Vec<f64> = self.heads.iter().flat_map(|head| head.pool).collect();
        let inverse: Vec<f64> = self.heads.iter().map(|head| head.temperature.recip()).collect();
        floats(graph, "pool", &[count, POOL], &pool);
        floats(graph, "inverse_temperature", &[count, 1], &inverse);
        let last = [("axes", Attribute::Ints(&[2])), ("keepdims", Attribute::Int(0))];
        graph.node("Unsqueeze", &["utility", "axis_2"], &["utility_3d"], &[]);
        graph.node("Sub", &["utility_3d", "pool"], &["margins"], &[]);
        graph.node("Mul", &["margins", "inverse_temperature"], &["tempered"], &[]);
        graph.node("Sigmoid", &["tempered"], &["chances"], &[]);
        graph.node("ReduceMean", &["chances"], &["score"], &last);
    }

    /// The delta method: the variance of the utility times the square of the score's slope.
    fn write_variance(&self, graph: &mut GraphBuilder) {
        let count = self.heads.len();
        let priors = by_feature(|feature| self.heads.iter().map(move |head| head.posterior.prior[feature]));
        let factors = by_feature(|feature| {
            self.heads.iter().flat_map(move |head| head.posterior.factor.row(feature).to_vec())
        });
        floats(graph, "priors", &[FEATURES, count], &priors);
        floats(graph, "factors", &[FEATURES, count * RANK], &factors);
        graph.ints("factor_shape", &[3], &[0, count as i64, RANK as i64]);
        floats(graph, "zero", &[], &[0.0]);
        // No number in 0..=1 varies by more than a coin that shows 0 or 1.
        floats(graph, "quarter", &[], &[0.25]);
        let last = [("axes", Attribute::Ints(&[2])), ("keepdims", Attribute::Int(1))];
        let drop = [("keepdims", Attribute::Int(0))];
        graph.node("Mul", &["features", "features"], &["squares"], &[]);
        graph.node("MatMul", &["squares", "priors"], &["prior_variance"], &[]);
        graph.node("MatMul", &["features", "factors"], &["known"], &[]);
        graph.node("Mul", &["known", "known"], &["known_squares"], &[]);
        graph.node("Reshape", &["known_squares", "factor_shape"], &["known_3d"], &[]);
        graph.node("ReduceSum", &["known_3d", "axis_2"], &["known_variance"], &drop);
        graph.node("Sub", &["prior_variance", "known_variance"], &["difference"], &[]);
        graph.node("Max", &["difference", "zero"], &["utility_variance"], &[]);
        graph.node("Mul", &["chances", "chances"], &["chance_squares"], &[]);
        graph.node("Sub", &["chances", "chance_squares"], &["slopes"], &[]);
        graph.node("ReduceMean", &["slopes"], &["slope_3d"], &last);
        graph.node("Mul", &["slope_3d", "inverse_temperature"], &["tempered_slope"], &[]);
        graph.node("Squeeze", &["tempered_slope", "axis_2"], &["slope"], &[]);
        graph.node("Mul", &["slope", "slope"], &["slope_square"], &[]);
        graph.node("Mul", &["utility_variance", "slope_square"], &["score_variance"], &[]);
        graph.node("Min", &["score_variance", "quarter"], &["variance"], &[]);
    }
}

fn by_feature<I: Iterator<Item = f64>>(values: impl Fn(usize) -> I) -> Vec<f64> {
    (0..FEATURES).flat_map(values).collect()
}

fn floats<'v>(
    graph: &mut GraphBuilder,
    name: &str,
    dims: &[usize],
    values: impl IntoIterator<Item = &'v f64>,
) {
    let dims: Vec<i64> = dims.iter().map(|length| *length as i64).collect();
    let values: Vec<f32> = values.into_iter().map(|value| *value as f32).collect();
    graph.floats(name, &dims, &values);
}

#[cfg(test)]
mod tests;
