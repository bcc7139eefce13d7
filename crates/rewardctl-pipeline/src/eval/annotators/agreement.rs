//! How far annotators agree: all of them, and two by two.

use rewardctl_core::agreement::Undefined;
use rewardctl_core::agreement::cohen::{Weights, cohen};
use rewardctl_core::agreement::fleiss::Fleiss;
use rewardctl_core::agreement::krippendorff::{Krippendorff, Level};
use rewardctl_core::agreement::observed::observed;
use rewardctl_core::independence::pearson;
use rewardctl_core::rank::Ranked;
use rewardctl_core::votes::{Vote, common};
use serde::Serialize;

use crate::eval::annotators::AnnotatorsSettings;
use crate::eval::annotators::gather::Labels;
use crate::eval::annotators::report::FigureOrWhy;

/// A level of measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelName {
    /// Equal or not.
    Nominal,
    /// In an order.
    Ordinal,
    /// With distances.
    Interval,
    /// With distances and a zero.
    Ratio,
}

/// How far annotators agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// The share of equal labels among two of one item, each item counting once.
    pub observed: FigureOrWhy,
    /// Krippendorff's alpha, by level.
    pub krippendorff: Vec<LevelFigure>,
    /// Fleiss' kappa.
    pub fleiss: FigureOrWhy,
    /// How many annotators are compared in pairs, those with most labels.
    pub compared: usize,
    /// Those pairs that have an item in common.
    pub pairs: Vec<PairFigures>,
}

/// Alpha at one level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelFigure {
    /// The level.
    pub level: LevelName,
    /// Alpha.
    #[serde(flatten)]
    pub figure: FigureOrWhy,
}

/// How far two annotators agree on the items that both labelled; None where a figure has no value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairFigures {
    /// The one with more labels.
    pub one: String,
    /// The other.
    pub other: String,
    /// Items that both labelled.
    pub items: usize,
    /// The share of equal labels.
    pub observed: f64,
    /// Cohen's kappa.
    pub kappa: Option<f64>,
    /// With linear weights; None where labels have no order.
    pub kappa_linear: Option<f64>,
    /// With quadratic weights; None where labels have no order.
    pub kappa_quadratic: Option<f64>,
    /// Kendall's tau-b; None where labels have no order.
    pub kendall: Option<f64>,
    /// Spearman's correlation; None where labels have no order.
    pub spearman: Option<f64>,
    /// Pearson's correlation; None where labels have no values.
    pub pearson: Option<f64>,
    /// Why there is no kappa.
    pub reason: Option<String>,
}

impl LevelName {
    /// Tells whether labels need an order for it.
    pub fn needs_order(self) -> bool {
        self != LevelName::Nominal
    }

    /// Returns the name that people use.
    pub fn name(self) -> &'static str {
        match self {
            LevelName::Nominal => "nominal",
            LevelName::Ordinal => "ordinal",
            LevelName::Interval => "interval",
            LevelName::Ratio => "ratio",
        }
    }
}

/// Measures the agreement on one dimension.
pub fn agreement(labels: &Labels, settings: &AnnotatorsSettings) -> Agreement {
    let votes = &labels.votes;
    let fleiss = Fleiss::new(votes);
    let kappa = fleiss.as_ref().map_err(Clone::clone).and_then(Fleiss::kappa);
    let compared = most_labels(labels, settings.pairs);
    Agreement {
        observed: FigureOrWhy::new(observed(votes), || None),
        krippendorff: levels(labels, settings)
            .into_iter()
            .map(|level| alpha(labels, level, settings.seed))
            .collect(),
        fleiss: FigureOrWhy::new(kappa, || fleiss.ok()?.interval(settings.seed)),
        compared: compared.len(),
        pairs: pairs(labels, &compared),
    }
}

/// Returns the annotators with most labels, by name where equally many, at most `count`.
pub fn most_labels(labels: &Labels, count: usize) -> Vec<usize> {
    let counts = labels.votes.counts();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|annotator| (std::cmp::Reverse(counts[*annotator]), *annotator));
    order.truncate(count);
    order
}

fn levels(labels: &Labels, settings: &AnnotatorsSettings) -> Vec<LevelName> {
    if let Some(levels) = &settings.levels {
        return levels.clone();
    }
    match (labels.are_ordered, settings.order.is_some()) {
        (true, false) => vec![LevelName::Nominal, LevelName::Ordinal, LevelName::Interval],
        // An order says nothing of distances.
        (true, true) => vec![LevelName::Nominal, LevelName::Ordinal],
        (false, _) => vec![LevelName::Nominal],
    }
}

fn alpha(labels: &Labels, level: LevelName, seed: u64) -> LevelFigure {
    let values = labels.values.as_deref().unwrap_or(&[]);
    let measured = match level {
        LevelName::Nominal => Level::Nominal,
        LevelName::Ordinal => Level::Ordinal,
        LevelName::Interval => Level::Interval(values),
        LevelName::Ratio => Level::Ratio(values),
    };
    let prepared = Krippendorff::new(&labels.votes, measured);
    let value = prepared.as_ref().map_err(Clone::clone).and_then(Krippendorff::alpha);
    LevelFigure { level, figure: FigureOrWhy::new(value, || prepared.ok()?.interval(seed)) }
}

fn pairs(labels: &Labels, compared: &[usize]) -> Vec<PairFigures> {
    let by_annotator = labels.votes.by_annotator();
    let mut pairs = vec![];
    for (at, one) in compared.iter().enumerate() {
        for other in &compared[at + 1..] {
            pairs.extend(pair(labels, (*one, &by_annotator[*one]), (*other, &by_annotator[*other])));
        }
    }
    pairs
}

fn pair(labels: &Labels, one: (usize, &[Vote]), other: (usize, &[Vote])) -> Option<PairFigures> {
    let both = common(one.1, other.1);
    if both.is_empty() {
        return None;
    }
    let classes = labels.classes.len();
    let kappa = cohen(&both, classes, Weights::Unweighted);
    let weighted = |weights| labels.are_ordered.then(|| cohen(&both, classes, weights).ok()).flatten();
    let equal = both.iter().filter(|(one, other)| one == other).count();
    let values = labels.values.as_ref().map(|values| -> Vec<(f64, f64)> {
        both.iter().map(|(one, other)| (values[*one as usize], values[*other as usize])).collect()
    });
    let ranked = values.as_ref().map(|values| {
        let (x, y): (Vec<f64>, Vec<f64>) = values.iter().copied().unzip();
        Ranked::new(&x, &y)
    });
    Some(PairFigures {
        one: labels.annotators[one.0].clone(),
        other: labels.annotators[other.0].clone(),
        items: both.len(),
        observed: equal as f64 / both.len() as f64,
        reason: kappa.as_ref().err().map(Undefined::to_string),
        kappa: kappa.ok(),
        kappa_linear: weighted(Weights::Linear),
        kappa_quadratic: weighted(Weights::Quadratic),
        kendall: ranked.as_ref().and_then(Ranked::kendall),
        spearman: ranked.as_ref().and_then(Ranked::spearman),
        pearson: values.and_then(|values| pearson(&values)),
    })
}
