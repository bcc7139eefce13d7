//! The space in which heads are linear: what becomes of embeddings and surface features before weights meet them.
//!
//! With `e` the embedding of the response, `p` that of the prompt, `s` the standardised signals (surface features
//! and the cosine of `p` and `e`) and `z` the prompt's place on its main axes:
//! `φ = [e, p∘e, s, s⊗z]`. The last block lets a signal count differently from one kind of prompt to another:
//! a refusal is good where the request is not.

use ndarray::{Array1, Array2};

use crate::encoder::EMBEDDING;
use crate::features::SURFACE;
use crate::fit::corpus::{Corpus, Row, Side};
use crate::fit::linear::top_directions;

/// Surface features and the cosine.
pub const SIGNALS: usize = SURFACE + 1;
/// How many axes of the prompts the signals are crossed with.
pub const AXES: usize = 8;
/// The length of `φ`.
pub const FEATURES: usize = 2 * EMBEDDING + SIGNALS * (1 + AXES);
/// A unit vector's numbers are about `EMBEDDING^-½` and their products `EMBEDDING⁻¹`: this makes both about 1, so
/// that one ridge means the same for every block.
pub const SCALES: [f64; 2] = [19.595_917_942_265_423, EMBEDDING as f64];

/// What is measured on the examples that are fitted, and frozen.
#[derive(Debug, Clone)]
pub struct Space {
    /// The mean of every signal.
    pub means: [f64; SIGNALS],
    /// One over the standard deviation of every signal; 0 for a signal that never changes.
    pub inverse_deviations: [f64; SIGNALS],
    /// The mean embedding of the prompts.
    pub prompt_mean: Array1<f64>,
    /// The prompts' main axes, as columns, scaled to unit variance.
    pub prompt_axes: Array2<f64>,
}

impl Space {
    /// Measures the space on `rows`.
    pub fn measure(corpus: &Corpus<'_>, rows: &[&Row<'_>]) -> Self {
        let signals: Vec<[f64; SIGNALS]> =
            rows.iter().flat_map(|row| sides(row).map(|side| signals(corpus, row, side))).collect();
        let (means, inverse_deviations) = moments(&signals);
        let mut prompts: Vec<usize> = rows.iter().map(|row| row.prompt).collect();
        prompts.sort_unstable();
        prompts.dedup();
        let mut table = Array2::zeros((prompts.len(), EMBEDDING));
        for (mut row, prompt) in table.rows_mut().into_iter().zip(&prompts) {
            row.assign(&wide(corpus.embedding(*prompt)));
        }
        let count = prompts.len().max(1) as f64;
        let prompt_mean = table.sum_axis(ndarray::Axis(0)) / count;
        table -= &prompt_mean;
        let main = top_directions(&(table.t().dot(&table) / count), AXES);
        let mut prompt_axes = main.axes;
        for (mut axis, variance) in prompt_axes.columns_mut().into_iter().zip(main.values) {
            // A direction without variance says nothing; dividing by it would only blow up rounding.
            axis *= if variance > 1e-9 { variance.sqrt().recip() } else { 0.0 };
        }
        Self { means, inverse_deviations, prompt_mean, prompt_axes }
    }

    /// Returns `φ` of one response.
    pub fn features(&self, corpus: &Corpus<'_>, row: &Row<'_>, side: &Side<'_>) -> Array1<f64> {
        let prompt = wide(corpus.embedding(row.prompt));
        let response = wide(corpus.embedding(side.embedding));
        let place = (&prompt - &self.prompt_mean).dot(&self.prompt_axes);
        let raw = signals(corpus, row, side);
        let standard: Vec<f64> =
            (0..SIGNALS).map(|at| (raw[at] - self.means[at]) * self.inverse_deviations[at]).collect();
        let crossed = standard.iter().flat_map(|signal| place.iter().map(move |axis| signal * axis));
        let direct = response.iter().map(|e| e * SCALES[0]);
        let products = prompt.iter().zip(&response).map(|(p, e)| p * e * SCALES[1]);
        direct.chain(products).chain(standard.iter().copied()).chain(crossed).collect()
    }

    /// Returns what the logistic regression sees of a row: the difference of a pair, or a rated response.
    pub fn regressors(&self, corpus: &Corpus<'_>, row: &Row<'_>) -> Array1<f64> {
        let first = self.features(corpus, row, &row.first);
        match &row.second {
            Some(second) => first - self.features(corpus, row, second),
            None => first,
        }
    }
}

/// Returns the one or two responses of a row.
pub fn sides<'r, 'a>(row: &'r Row<'a>) -> impl Iterator<Item = &'r Side<'a>> {
    std::iter::once(&row.first).chain(&row.second)
}

fn signals(corpus: &Corpus<'_>, row: &Row<'_>, side: &Side<'_>) -> [f64; SIGNALS] {
    let (prompt, response) = (corpus.embedding(row.prompt), corpus.embedding(side.embedding));
    let cosine: f64 = prompt.iter().zip(response).map(|(p, e)| f64::from(*p) * f64::from(*e)).sum();
    let mut signals = [cosine; SIGNALS];
    for (signal, feature) in signals.iter_mut().zip(side.surface) {
        *signal = f64::from(feature);
    }
    signals
}

fn moments(signals: &[[f64; SIGNALS]]) -> ([f64; SIGNALS], [f64; SIGNALS]) {
    let count = signals.len().max(1) as f64;
    let (mut means, mut inverse) = ([0.0; SIGNALS], [0.0; SIGNALS]);
    for at in 0..SIGNALS {
        means[at] = signals.iter().map(|row| row[at]).sum::<f64>() / count;
        let variance = signals.iter().map(|row| (row[at] - means[at]).powi(2)).sum::<f64>() / count;
        inverse[at] = if variance > 1e-12 { variance.sqrt().recip() } else { 0.0 };
    }
    (means, inverse)
}

fn wide(embedding: &[f32]) -> Array1<f64> {
    embedding.iter().copied().map(f64::from).collect()
}
