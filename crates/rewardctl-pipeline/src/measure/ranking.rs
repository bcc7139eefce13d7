//! A ranking of models from comparisons.

use std::collections::BTreeMap;
use std::f64::consts::LN_10;

use rewardctl_core::bradley_terry::resampled::{Resampled, anchored};
use rewardctl_core::bradley_terry::sandwich::Covariance;
use rewardctl_core::bradley_terry::{Comparison, RankingError, Record, Tournament};
use rewardctl_core::label::Winner;
use rewardctl_core::proportion::Z95;
use rewardctl_data::measured::comparison::ComparisonRow;
use serde::Serialize;

use crate::error::Error;
use crate::measure::Figure;
use crate::measure::clusters::numbered;

/// The rating of the anchor, or of the mean of all models.
const ELO_ZERO: f64 = 1000.0;

/// Elo points for odds of ten to one.
const ELO_TENFOLD: f64 = 400.0;

/// Strengths closer than this are equal; the fit is more exact than that.
const EQUAL: f64 = 1e-8;

/// What makes rows depend on each other, so that intervals take them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterBy {
    /// The group that a row names, or else nothing.
    Group,
    /// The annotator that a row names, or else nothing.
    Annotator,
    /// Nothing: each row stands alone.
    Row,
}

/// How models are ranked.
#[derive(Debug, Clone)]
pub struct RankingSettings {
    /// The model whose strength is 0; else the mean of all is.
    pub anchor: Option<String>,
    /// λ of the penalty `½ λ Σ θ²`; 0 for none.
    pub ridge: f64,
    /// What rows are drawn together.
    pub cluster_by: ClusterBy,
    /// Where intervals derive from.
    pub seed: u64,
}

/// What comparisons came to.
#[derive(Debug, Clone, Serialize)]
pub struct RankingReport {
    /// Rows with a winner or a tie.
    pub comparisons: usize,
    /// Ties among them, half a win for each.
    pub ties: usize,
    /// Rows without a verdict, in no figure.
    pub without_winner: usize,
    /// What rows were drawn together; `row` where none names a group.
    pub cluster_by: ClusterBy,
    /// How many clusters there are.
    pub clusters: usize,
    /// The model whose strength is 0; None for the mean of all.
    pub anchor: Option<String>,
    /// λ of the penalty.
    pub ridge: f64,
    /// The logarithm of the likelihood.
    pub log_likelihood: f64,
    /// The models, the strongest first.
    pub models: Vec<ModelRow>,
}

/// One model of a ranking.
#[derive(Debug, Clone, Serialize)]
pub struct ModelRow {
    /// Its place, from 1; equal strengths share one.
    pub rank: usize,
    /// Its name.
    pub model: String,
    /// Its strength: log odds against the anchor, with the bootstrap interval.
    pub strength: Figure,
    /// The interval of the strength from the sandwich variance.
    pub sandwich: Option<(f64, f64)>,
    /// The strength in Elo points, 1000 for the anchor.
    pub elo: Figure,
    /// The share of its comparisons that it won, ties as half.
    pub win_rate: Figure,
    /// Its comparisons.
    pub comparisons: u64,
}

/// Ranks models; the order of the rows leaves no trace.
pub fn ranking(rows: &[ComparisonRow], settings: &RankingSettings) -> Result<RankingReport, Error> {
    let mut decided: Vec<(&ComparisonRow, Winner)> =
        rows.iter().filter_map(|row| Some((row, row.winner?))).collect();
    decided.sort_by(|(a, x), (b, y)| {
        let by_models = (&a.model_a, &a.model_b).cmp(&(&b.model_a, &b.model_b));
        let by_owner = (&a.group, &a.annotator).cmp(&(&b.group, &b.annotator));
        by_models.then(by_owner).then((*x as u8).cmp(&(*y as u8))).then(a.weight.total_cmp(&b.weight))
    });
    let names: Vec<&str> = {
        let both = decided.iter().flat_map(|(row, _)| [row.model_a.as_str(), row.model_b.as_str()]);
        let mut names: Vec<&str> = both.collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let anchor = settings.anchor.as_deref().map(|anchor| place(&names, anchor)).transpose()?;
    let is_grouped = decided.iter().any(|(row, _)| cluster(row, settings.cluster_by).is_some());
    let clusters = numbered(decided.iter().map(|(row, _)| cluster(row, settings.cluster_by)));
    let tournament = tournament(&names, &decided, &clusters).map_err(|error| named(error, &names))?;
    let strengths = tournament.fit(settings.ridge).map_err(|error| named(error, &names))?;
    let covariance = tournament.sandwich(&strengths).map_err(|error| named(error, &names))?;
    let resampled = tournament.intervals(&strengths, anchor, settings.seed);
    let figures = Figured {
        strengths: anchored(&strengths.log_odds, anchor),
        anchor,
        covariance,
        resampled,
        records: tournament.records(),
    };
    Ok(RankingReport {
        comparisons: decided.len(),
        ties: decided.iter().filter(|(_, winner)| *winner == Winner::Tie).count(),
        without_winner: rows.len() - decided.len(),
        cluster_by: if is_grouped { settings.cluster_by } else { ClusterBy::Row },
        clusters: crate::measure::clusters::count(&clusters),
        anchor: settings.anchor.clone(),
        ridge: settings.ridge,
        log_likelihood: strengths.log_likelihood,
        models: figures.models(&names),
    })
}

/// What is known of all models.
struct Figured {
    strengths: Vec<f64>,
    anchor: Option<usize>,
    covariance: Option<Covariance>,
    resampled: Vec<Resampled>,
    records: Vec<Record>,
}

impl Figured {
    fn models(&self, names: &[&str]) -> Vec<ModelRow> {
        // Rounded, so that the last digits of equal strengths do not rank them.
        let rounded: Vec<i64> = self.strengths.iter().map(|theta| (theta / EQUAL).round() as i64).collect();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|a, b| rounded[*b].cmp(&rounded[*a]).then(a.cmp(b)));
        let rank = |at: usize| 1 + rounded.iter().filter(|other| **other > rounded[at]).count();
        order.into_iter().map(|at| self.model(at, names[at], rank(at))).collect()
    }

    fn model(&self, at: usize, name: &str, rank: usize) -> ModelRow {
        let strength = self.strengths[at];
        let resampled = &self.resampled[at];
        let sandwich = self.covariance.as_ref().map(|covariance| {
            let error = match self.anchor {
                Some(anchor) => covariance.error_of_difference(at, anchor),
                None => covariance.error(at),
            };
            (strength - Z95 * error, strength + Z95 * error)
        });
        // Where resampling has no interval, the sandwich has one.
        let interval = resampled.log_odds.or(sandwich);
        let record = self.records[at];
        ModelRow {
            rank,
            model: name.to_owned(),
            strength: Figure::new(Some(strength), interval),
            sandwich,
            elo: Figure::new(Some(elo(strength)), interval.map(|(low, high)| (elo(low), elo(high)))),
            win_rate: Figure::new(record.win_rate(), resampled.win_rate),
            comparisons: record.comparisons,
        }
    }
}

fn elo(log_odds: f64) -> f64 {
    ELO_ZERO + ELO_TENFOLD / LN_10 * log_odds
}

fn cluster(row: &ComparisonRow, by: ClusterBy) -> Option<&str> {
    match by {
        ClusterBy::Group => row.group.as_deref(),
        ClusterBy::Annotator => row.annotator.as_deref(),
        ClusterBy::Row => None,
    }
}

fn place(names: &[&str], anchor: &str) -> Result<usize, Error> {
    names.binary_search(&anchor).map_err(|_| Error::UnknownAnchor {
        anchor: anchor.to_owned(),
        known: names.iter().map(|name| (*name).to_owned()).collect(),
    })
}

fn tournament(
    names: &[&str],
    decided: &[(&ComparisonRow, Winner)],
    clusters: &[usize],
) -> Result<Tournament, RankingError> {
    let numbers: BTreeMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let comparison = |((row, winner), cluster): (&(&ComparisonRow, Winner), &usize)| Comparison {
        a: numbers[row.model_a.as_str()],
        b: numbers[row.model_b.as_str()],
        winner: *winner,
        weight: row.weight,
        cluster: *cluster,
    };
    let comparisons: Vec<Comparison> = decided.iter().zip(clusters).map(comparison).collect();
    Tournament::new(names.len(), &comparisons)
}

/// Says which models stand apart by their names.
fn named(error: RankingError, names: &[&str]) -> Error {
    match error {
        RankingError::Apart(apart) => {
            let name = |at: &usize| plain(names[*at]);
            Error::Apart {
                losers: apart.losers.iter().map(name).collect(),
                others: apart.others.iter().map(name).collect(),
                met: apart.met,
            }
        }
        other => Error::Ranking(other),
    }
}

/// Returns an untrusted name as a message may hold it: short, and without control characters.
fn plain(name: &str) -> String {
    const SHOWN: usize = 60;
    name.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
