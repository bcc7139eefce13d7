//! Cross-fitting: every example is judged once by heads and baselines that never saw its prompt.
//!
//! The groups fall into [`PARTS`] parts. For each part, the next one chooses the ridges (with a fit on the others),
//! then a fit on all but the held-out part judges it. Nothing measured on a held-out prompt enters its judgement,
//! not even the means and axes of the space.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::fit::compare::{Comparison, Differences, Numbered, Place, comparisons};
use crate::fit::corpus::{Corpus, Row};
use crate::fit::head::{Design, Head, Ridges};
use crate::fit::logistic::log_loss;
use crate::fit::space::Space;
use crate::tfidf::{TextRow, TfIdf};

/// How many parts the groups fall into.
pub const PARTS: usize = 5;
/// The ridges that the TF-IDF baseline chooses from, on the same development part as the heads.
const BASELINE_RIDGES: [f64; 3] = [0.1, 1.0, 10.0];

/// What held-out judges say of the responses of one row, first and second.
#[derive(Debug, Clone, Copy, Default)]
pub struct Judged {
    /// The head.
    pub head: [f64; 2],
    /// The TF-IDF baseline.
    pub tfidf: [f64; 2],
    /// A head that saw nothing of the row's source either.
    pub unseen: [f64; 2],
}

/// What cross-fitting found for one dimension.
pub struct Crossed {
    /// Per row of the corpus; zeros for rows of other dimensions.
    pub judged: Vec<Judged>,
    /// The ridges that the development parts chose: per block the middle one.
    pub ridges: Ridges,
}

/// Judges every row of `dimension` by fits that know nothing of its prompt.
pub fn cross_fit(corpus: &Corpus<'_>, dimension: usize, seed: u64) -> Result<Crossed, Error> {
    let not_finite = || Error::FitDiverged { dimension: corpus.dimensions[dimension].into() };
    let mut crossed = Crossed { judged: vec![Judged::default(); corpus.rows.len()], ridges: Ridges::START };
    let mut chosen = vec![];
    for part in 0..PARTS {
        let development = (part + 1) % PARTS;
        let parts = |row: &Row<'_>| row.part(seed, PARTS);
        let inner = Split::new(corpus, dimension, |row| parts(row) != part && parts(row) != development);
        let choosing = select(corpus, dimension, |row| parts(row) == development);
        let outer = Split::new(corpus, dimension, |row| parts(row) != part);
        let held_out = select(corpus, dimension, |row| parts(row) == part);
        let compared = comparisons(&choosing);
        let ridges = inner.choose_ridges(corpus, &compared).ok_or_else(not_finite)?;
        let head = outer.fit(corpus, ridges).ok_or_else(not_finite)?;
        let tfidf = outer.baseline();
        let weights = tfidf.fit(baseline_ridge(&inner.baseline(), &compared));
        for place in held_out.iter().flat_map(places) {
            let judged = &mut crossed.judged[place.at];
            judged.head[place.side] = outer.utility(corpus, &head, place);
            judged.tfidf[place.side] = tfidf.score(&weights, place.response().text);
        }
        chosen.push(ridges);
    }
    crossed.ridges = Ridges::middle(&chosen);
    judge_unseen(corpus, dimension, &mut crossed).ok_or_else(not_finite)?;
    Ok(crossed)
}

/// Leaves out one source after the other, with every row that shares a prompt with it.
fn judge_unseen(corpus: &Corpus<'_>, dimension: usize, crossed: &mut Crossed) -> Option<()> {
    for source in 0..corpus.sources.len() {
        let left_out = select(corpus, dimension, |row| row.source == source);
        let groups: BTreeSet<_> = left_out.iter().map(|(_, row)| row.group).collect();
        let rest = Split::new(corpus, dimension, |row| row.source != source && !groups.contains(&row.group));
        if left_out.is_empty() || rest.rows.is_empty() {
            continue;
        }
        let head = rest.fit(corpus, crossed.ridges)?;
        for place in left_out.iter().flat_map(places) {
            crossed.judged[place.at].unseen[place.side] = rest.utility(corpus, &head, place);
        }
    }
    Some(())
}

/// Returns the rows of `dimension` that `keep` takes.
pub fn select<'r>(
    corpus: &'r Corpus<'r>,
    dimension: usize,
    keep: impl Fn(&Row<'_>) -> bool,
) -> Vec<Numbered<'r>> {
    corpus.rows.iter().enumerate().filter(|(_, row)| row.dimension == dimension && keep(row)).collect()
}

/// The rows that a fit may see: those of one dimension, and those of all for the space.
struct Split<'r> {
    space: Space,
    rows: Vec<Numbered<'r>>,
}

impl<'r> Split<'r> {
    fn new(corpus: &'r Corpus<'r>, dimension: usize, keep: impl Fn(&Row<'_>) -> bool) -> Self {
        let all: Vec<&Row<'_>> = corpus.rows.iter().filter(|row| keep(row)).collect();
        Self { space: Space::measure(corpus, &all), rows: select(corpus, dimension, keep) }
    }

    fn design(&self, corpus: &Corpus<'_>) -> Design {
        let rows: Vec<&Row<'_>> = self.rows.iter().map(|(_, row)| *row).collect();
        Design::new(corpus, &self.space, &rows)
    }

    fn choose_ridges(&self, corpus: &Corpus<'_>, development: &[Comparison<'_>]) -> Option<Ridges> {
        self.design(corpus).choose_ridges(&Differences::new(corpus, &self.space, development))
    }

    fn fit(&self, corpus: &Corpus<'_>, ridges: Ridges) -> Option<Head> {
        self.design(corpus).fit(ridges, None)
    }

    fn utility(&self, corpus: &Corpus<'_>, head: &Head, place: Place<'_>) -> f64 {
        self.space.features(corpus, place.row, place.response()).dot(&head.weights)
    }

    fn baseline(&self) -> TfIdf {
        let text_row = |(_, row): &Numbered<'r>| TextRow {
            first: row.first.text,
            second: row.second.as_ref().map(|second| second.text),
            target: row.target,
        };
        TfIdf::read(&self.rows.iter().map(text_row).collect::<Vec<_>>())
    }
}

/// Returns the ridge with which the baseline does best on `development`.
fn baseline_ridge(baseline: &TfIdf, development: &[Comparison<'_>]) -> f64 {
    let loss = |ridge: f64| -> f64 {
        let weights = baseline.fit(ridge);
        let score = |place: &Place<'_>| baseline.score(&weights, place.response().text);
        development.iter().map(|pair| log_loss(score(&pair.better) - score(&pair.worse), pair.target)).sum()
    };
    let losses = BASELINE_RIDGES.map(|ridge| (loss(ridge), ridge));
    losses.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1.0, |(_, ridge)| ridge)
}

fn places<'r>(row: &Numbered<'r>) -> Vec<Place<'r>> {
    let (at, row) = *row;
    (0..1 + usize::from(row.second.is_some())).map(|side| Place { at, row, side }).collect()
}
