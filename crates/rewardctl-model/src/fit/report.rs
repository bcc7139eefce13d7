//! What a fit is worth: held-out figures per dimension and source, beside the baselines on the same comparisons.

use rewardctl_core::interval::ClusteredMean;
use serde::Serialize;

use crate::fit::compare::{Comparison, Numbered, Place, comparisons};
use crate::fit::corpus::{Corpus, Row};
use crate::fit::cross::{Crossed, Judged, select};

/// All figures of a fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The seed of the split.
    pub seed: u64,
    /// The SHA-256 of the encoder's graph.
    pub encoder: String,
    /// How many examples were read.
    pub examples: usize,
    /// How many distinct texts they hold.
    pub texts: usize,
    /// Per dimension, in the order of the heads' outputs.
    pub dimensions: Vec<DimensionReport>,
}

/// The figures of one head.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DimensionReport {
    /// Such as `accuracy`.
    pub dimension: String,
    /// The temperature of its probabilities, from the held-out margins.
    pub temperature: f64,
    /// The ridges on the embeddings, the signals, and the signals crossed with the prompt's axes.
    pub ridges: [f64; 3],
    /// Per source, sorted by name.
    pub sources: Vec<SourceReport>,
}

/// The figures of one head on one source; every one is of prompts that the judge never saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceReport {
    /// The source.
    pub source: String,
    /// How many examples it has.
    pub examples: usize,
    /// How many comparisons they make: pairs, and differently rated responses to one prompt.
    pub comparisons: usize,
    /// The share of comparisons that the head gets right; half for a tie.
    pub head: Figure,
    /// The same of "the longer answer wins".
    pub longer: Figure,
    /// The same of the TF-IDF baseline.
    pub tfidf: Figure,
    /// The same of a head that was fitted without this source.
    pub unseen: Figure,
    /// Head less longer, comparison by comparison.
    pub over_longer: Figure,
    /// Head less TF-IDF, comparison by comparison.
    pub over_tfidf: Figure,
    /// Spearman's rank correlation with the ratings, of the head, the length and TF-IDF; only where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spearman: Option<[f64; 3]>,
}

/// A mean with its 95 % interval, which counts the prompts, not the comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The mean.
    pub mean: f64,
    /// The lower bound; the mean where one prompt leaves no interval.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// Returns the figures of one dimension.
pub fn source_reports(corpus: &Corpus<'_>, dimension: usize, crossed: &Crossed) -> Vec<SourceReport> {
    let report = |source: usize| {
        let rows = select(corpus, dimension, |row| row.source == source);
        let compared = comparisons(&rows);
        if compared.is_empty() {
            return None;
        }
        let judged =
            |place: &Place<'_>, of: fn(&Judged) -> &[f64; 2]| of(&crossed.judged[place.at])[place.side];
        let wins = |of: fn(&Judged) -> &[f64; 2]| -> Vec<f64> {
            compared.iter().map(|pair| win(judged(&pair.better, of), judged(&pair.worse, of))).collect()
        };
        let words = |place: &Place<'_>| place.response().words;
        let longer: Vec<f64> =
            compared.iter().map(|pair| win(words(&pair.better), words(&pair.worse))).collect();
        let [head, tfidf, unseen] =
            [wins(|judged| &judged.head), wins(|judged| &judged.tfidf), wins(|judged| &judged.unseen)];
        let rated: Vec<_> = rows.iter().filter(|(_, row)| row.second.is_none()).copied().collect();
        Some(SourceReport {
            source: corpus.sources[source].into(),
            examples: rows.len(),
            comparisons: compared.len(),
            over_longer: figure(&compared, &less(&head, &longer), -1.0)?,
            over_tfidf: figure(&compared, &less(&head, &tfidf), -1.0)?,
            head: figure(&compared, &head, 0.0)?,
            longer: figure(&compared, &longer, 0.0)?,
            tfidf: figure(&compared, &tfidf, 0.0)?,
            unseen: figure(&compared, &unseen, 0.0)?,
            spearman: (rated.len() > 1).then(|| correlations(&rated, &crossed.judged)),
        })
    };
    (0..corpus.sources.len()).filter_map(report).collect()
}

fn win(better: f64, worse: f64) -> f64 {
    match better.total_cmp(&worse) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    }
}

fn less(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Returns the mean of values in `least..=1`, where its interval ends too, however few prompts there are.
fn figure(compared: &[Comparison<'_>], values: &[f64], least: f64) -> Option<Figure> {
    let mut mean = ClusteredMean::default();
    for (comparison, value) in compared.iter().zip(values) {
        mean.add(comparison.group, *value);
    }
    let found = mean.interval()?;
    let (low, high) = found.bounds.unwrap_or((found.mean, found.mean));
    Some(Figure { mean: found.mean, low: low.max(least), high: high.min(1.0) })
}

fn correlations(rated: &[Numbered<'_>], judged: &[Judged]) -> [f64; 3] {
    let targets: Vec<f64> = rated.iter().map(|(_, row)| row.target).collect();
    let of = |value: fn(&Row<'_>, &Judged) -> f64| -> f64 {
        let values: Vec<f64> = rated.iter().map(|(at, row)| value(row, &judged[*at])).collect();
        spearman(&values, &targets)
    };
    [of(|_, judged| judged.head[0]), of(|row, _| row.first.words), of(|_, judged| judged.tfidf[0])]
}

/// Returns Spearman's rank correlation, ties sharing the mean of their ranks; 0 where one side never changes.
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    // The mean of the ranks 1 to n, with or without ties.
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum() };
    let scale = (product(&a, &a) * product(&b, &b)).sqrt();
    if scale > 0.0 { product(&a, &b) / scale } else { 0.0 }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = start as f64 + f64::midpoint(1.0, tied.len() as f64);
        for at in tied {
            ranks[*at] = rank;
        }
        start += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::testing::{corpus, pair};

    #[test]
    fn an_interval_of_few_prompts_ends_where_the_values_do() {
        let examples = [pair("p", "a", "b", 1.0), pair("q", "a", "b", 1.0)];
        let corpus = corpus(&examples);
        let rows: Vec<Numbered<'_>> = corpus.rows.iter().enumerate().collect();
        let compared = comparisons(&rows);
        let bounds = |values, least| figure(&compared, values, least).map(|found| (found.low, found.high));
        assert_eq!(bounds(&[0.0, 1.0], 0.0), Some((0.0, 1.0)));
        assert_eq!(bounds(&[-1.0, 0.5], -1.0), Some((-1.0, 1.0)));
    }

    /// Golden value: `scipy.stats.spearmanr([1, 2, 2, 5, 3], [2, 1, 4, 4, 9])`.
    #[test]
    fn ranks_share_ties() {
        let found = spearman(&[1.0, 2.0, 2.0, 5.0, 3.0], &[2.0, 1.0, 4.0, 4.0, 9.0]);
        assert!((found - SCIPY).abs() < 1e-12, "{found}");
        assert_eq!(spearman(&[1.0, 1.0], &[0.0, 1.0]), 0.0);
    }
    const SCIPY: f64 = 0.605263157894737;
}
