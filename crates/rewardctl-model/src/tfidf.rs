//! The baseline of the text heads' card: TF-IDF of words and word pairs under a Bradley-Terry regression.
//!
//! It never sees the prompt and is not served: a head that does not beat it has learnt nothing that words do not say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::fit::logistic::{log_loss, sigmoid};

/// What the baseline reads of one example.
#[derive(Debug, Clone, Copy)]
pub struct TextRow<'a> {
    /// The better response of a pair, or a rated one.
    pub first: &'a str,
    /// The worse response of a pair.
    pub second: Option<&'a str>,
    /// The probability that the first is better, or the rating; in 0..=1.
    pub target: f64,
}

/// Examples as weighted terms, ready to fit.
#[derive(Debug)]
pub struct TfIdf {
    terms: HashMap<String, Term>,
    table: Vec<Sparse>,
    targets: Vec<f64>,
}

/// What a fit found: one weight per term, and the constant of the ratings.
#[derive(Debug)]
pub struct Weights(Vec<f64>);

#[derive(Debug)]
struct Term {
    column: usize,
    rarity: f64,
}

/// A document's terms by column; the squares of the values sum to 1.
type Sparse = Vec<(usize, f64)>;

/// A term in fewer documents is not learnt from.
const MIN_DOCUMENTS: usize = 3;
/// Newton steps and conjugate-gradient steps in each: ample for a ridge of 0.1 and more.
const NEWTON_STEPS: usize = 12;
const GRADIENT_STEPS: usize = 40;

impl TfIdf {
    /// Reads examples, and learns which terms there are and how rare they are.
    pub fn read(rows: &[TextRow<'_>]) -> Self {
        let documents: BTreeSet<&str> =
            rows.iter().flat_map(|row| std::iter::once(row.first).chain(row.second)).collect();
        let terms = vocabulary(&documents);
        let constant = terms.len();
        let mut read = Self { terms, table: vec![], targets: rows.iter().map(|row| row.target).collect() };
        read.table = rows.iter().map(|row| read.regressors(row, constant)).collect();
        read
    }

    /// Fits with a ridge on every weight; ratings share a constant.
    pub fn fit(&self, ridge: f64) -> Weights {
        let regression = Regression { table: &self.table, targets: &self.targets, ridge };
        Weights(newton(&regression, self.terms.len() + 1))
    }

    /// Returns how good `text` is, on a scale of its own.
    pub fn score(&self, weights: &Weights, text: &str) -> f64 {
        product(&self.vector(text), &weights.0)
    }

    fn regressors(&self, row: &TextRow<'_>, constant: usize) -> Sparse {
        let mut found = self.vector(row.first);
        match row.second {
            None => found.push((constant, 1.0)),
            Some(second) => {
                found.extend(self.vector(second).into_iter().map(|(column, value)| (column, -value)));
            }
        }
        found
    }

    fn vector(&self, text: &str) -> Sparse {
        let mut counts: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for term in terms(text) {
            if let Some(Term { column, rarity }) = self.terms.get(&term) {
                counts.entry(*column).or_insert((0.0, *rarity)).0 += 1.0;
            }
        }
        let weigh = |(column, (count, rarity)): (usize, (f64, f64))| (column, (1.0 + count.ln()) * rarity);
        let vector: Sparse = counts.into_iter().map(weigh).collect();
        let norm = vector.iter().map(|(_, value)| value * value).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        vector.into_iter().map(|(column, value)| (column, value / norm)).collect()
    }
}

fn terms(text: &str) -> Vec<String> {
    let low = text.to_lowercase();
    let words: Vec<&str> =
        low.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1).collect();
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    words.iter().map(|word| word.to_string()).chain(pairs).collect()
}

fn vocabulary(documents: &BTreeSet<&str>) -> HashMap<String, Term> {
    let mut found: HashMap<String, usize> = HashMap::new();
    for document in documents {
        for term in terms(document).into_iter().collect::<BTreeSet<_>>() {
            *found.entry(term).or_default() += 1;
        }
    }
    let all = documents.len() as f64;
    // Sorted, so that the columns do not depend on the order of a hash map.
    let frequent: BTreeMap<String, usize> =
        found.into_iter().filter(|(_, count)| *count >= MIN_DOCUMENTS).collect();
    let term = |(column, (term, count)): (usize, (String, usize))| {
        // Smoothed as if one more document held every term, so that no rarity is zero.
        let rarity = ((1.0 + all) / (1.0 + count as f64)).ln() + 1.0;
        (term, Term { column, rarity })
    };
    frequent.into_iter().enumerate().map(term).collect()
}

struct Regression<'t> {
    table: &'t [Sparse],
    targets: &'t [f64],
    ridge: f64,
}

/// Newton's method whose steps are found by conjugate gradients: the second derivative never exists as a table.
fn newton(regression: &Regression<'_>, size: usize) -> Vec<f64> {
    let mut weights = vec![0.0; size];
    let mut loss = regression.loss(&weights);
    for _ in 0..NEWTON_STEPS {
        let (gradient, curvatures) = regression.derivatives(&weights);
        let step = conjugate_gradients(regression, &curvatures, &gradient);
        let mut share = 1.0;
        let moved =
            |share: f64| -> Vec<f64> { weights.iter().zip(&step).map(|(w, s)| w - share * s).collect() };
        let (mut next, mut next_loss) = (moved(share), f64::INFINITY);
        while share > 1e-6 {
            next = moved(share);
            next_loss = regression.loss(&next);
            if next_loss <= loss {
                break;
            }
            share /= 2.0;
        }
        if next_loss >= loss - 1e-6 * loss {
            break;
        }
        (weights, loss) = (next, next_loss);
    }
    weights
}

fn conjugate_gradients(regression: &Regression<'_>, curvatures: &[f64], gradient: &[f64]) -> Vec<f64> {
    let mut found = vec![0.0; gradient.len()];
    let mut residual = gradient.to_vec();
    let mut direction = residual.clone();
    let mut square = dense(&residual, &residual);
    let enough = 1e-6 * square;
    for _ in 0..GRADIENT_STEPS {
        if square <= enough {
            break;
        }
        let image = regression.curve(curvatures, &direction);
        let length = square / dense(&direction, &image);
        add(&mut found, length, &direction);
        add(&mut residual, -length, &image);
        let next = dense(&residual, &residual);
        let share = next / square;
        square = next;
        direction = residual.iter().zip(&direction).map(|(r, d)| r + share * d).collect();
    }
    found
}

impl Regression<'_> {
    fn loss(&self, weights: &[f64]) -> f64 {
        let rows = self.table.iter().zip(self.targets);
        let data: f64 = rows.map(|(row, target)| log_loss(product(row, weights), *target)).sum();
        data + self.ridge / 2.0 * dense(weights, weights)
    }

    fn derivatives(&self, weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut gradient: Vec<f64> = weights.iter().map(|weight| self.ridge * weight).collect();
        let mut curvatures = Vec::with_capacity(self.table.len());
        for (row, target) in self.table.iter().zip(self.targets) {
            let p = sigmoid(product(row, weights));
            scatter(&mut gradient, p - target, row);
            curvatures.push(p * (1.0 - p));
        }
        (gradient, curvatures)
    }

    fn curve(&self, curvatures: &[f64], direction: &[f64]) -> Vec<f64> {
        let mut image: Vec<f64> = direction.iter().map(|value| self.ridge * value).collect();
        for (row, curvature) in self.table.iter().zip(curvatures) {
            scatter(&mut image, curvature * product(row, direction), row);
        }
        image
    }
}

fn product(row: &[(usize, f64)], weights: &[f64]) -> f64 {
    row.iter().map(|(column, value)| value * weights[*column]).sum()
}

fn scatter(sums: &mut [f64], share: f64, row: &[(usize, f64)]) {
    for (column, value) in row {
        sums[*column] += share * value;
    }
}

fn dense(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(sums: &mut [f64], share: f64, values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += share * value;
    }
}

#[cfg(test)]
mod tests;
