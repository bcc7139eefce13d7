//! The figures of a dataset: how sure, how balanced, how repetitive its rows are.

use std::collections::BTreeMap;

use rewardctl_core::clopper_pearson::{lower, upper};
use rewardctl_core::dataset::balance::{Weights, weights};
use rewardctl_core::dataset::length::auroc;
use rewardctl_core::dataset::pool::Pool;
use rewardctl_core::dataset::recipe::Recipe;
use rewardctl_core::dataset::{Kind, Provenance, Vouch};
use rewardctl_core::moments::Moments;
use rewardctl_core::proportion::{Proportion, Z95};
use serde::{Deserialize, Serialize};

use crate::dataset::paraphrase::Paraphrases;
use crate::dataset::rows::Mark;

/// Bars of a histogram.
const BARS: usize = 20;
/// TRL's robust loss takes a smoothing below this.
const MOST_SMOOTHING: f64 = 0.499;

/// The figures of a dataset; None where they do not apply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Rows by who vouches for them.
    pub sources: BTreeMap<Vouch, u64>,
    /// Rows by the model that wrote the better answer.
    pub generators: BTreeMap<String, u64>,
    /// The share of rows that people vouch for.
    pub people_share: Option<f64>,
    /// The mean probability that a row says the truth, of rows that the models decided.
    pub expected_accuracy: Option<Mean>,
    /// The mean of `1 − P`.
    pub noise_rate: Option<f64>,
    /// What a trainer's label smoothing should be, by the noise rate.
    pub label_smoothing: Option<f64>,
    /// How often the models were wrong on answers drawn at random.
    pub audit: Option<Audit>,
    /// How length goes with being better.
    pub length: Option<Length>,
    /// By style mark, the area under the ROC curve of its count as a sign of the better answer.
    pub style: BTreeMap<String, f64>,
    /// The mean of `2P − 1`, 1 for rows that people decided.
    pub certainty: Option<f64>,
    /// What desirable and undesirable rows should weigh.
    pub weights: Option<Weights>,
    /// What rewards are whitened by.
    pub whitening: Option<Whitening>,
    /// Prompts that say nearly what an item of a benchmark says; None where nobody looked.
    pub paraphrases: Option<Paraphrases>,
    /// The share of right steps.
    pub right_steps: Option<f64>,
    /// The margin at which margins are capped.
    pub margin_cap: Option<f64>,
    /// Margins.
    pub margins: Option<Histogram>,
    /// Rewards of the answers used.
    pub rewards: Option<Histogram>,
    /// Logarithms of the chosen's length over the rejected's.
    pub length_differences: Option<Histogram>,
}

/// A mean with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Its interval: the mean ± 1.96 standard errors, within 0..=1.
    pub interval: (f64, f64),
    /// Of how many rows.
    pub count: u64,
}

/// Errors on answers drawn at random.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// Answers that the models judged otherwise than people.
    pub errors: u64,
    /// Answers that people judged.
    pub judged: u64,
    /// The 95 % interval of the error rate (Clopper-Pearson).
    pub interval: (f64, f64),
}

/// How length goes with being better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Length {
    /// The mean of `ln(chosen length / rejected length)`, of pairs.
    pub mean_log_ratio: Option<f64>,
    /// The share of pairs of which the chosen is longer, of those that differ.
    pub chosen_longer: Option<f64>,
    /// The area under the ROC curve of length as a sign of the better answer; 0.5 says nothing.
    pub auroc: f64,
}

/// What rewards are whitened by: `clamp((reward − mean) / sd, −clip, clip)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Whitening {
    /// The mean of all rewards.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// In standard deviations.
    pub clip: f64,
}

/// Counts in bars of equal width.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The lower end of the first bar.
    pub low: f64,
    /// The upper end of the last bar.
    pub high: f64,
    /// How many lie in each.
    pub counts: Vec<u64>,
}

/// Sums up rows as they are written.
pub(super) struct Summing {
    kind: Kind,
    figures: Figures,
    probability: Moments,
    certainty: Moments,
    good: u64,
    bad: u64,
    lengths: [Vec<u32>; 2],
    marks: [[Vec<u32>; 2]; 3],
    log_ratio: Moments,
    longer: Proportion,
    steps: Proportion,
}

/// What rows sum up to.
pub(super) struct Sum {
    pub figures: Figures,
    /// Rows to learn towards.
    pub good: u64,
    /// Rows, or sides of them, to learn away from.
    pub bad: u64,
    /// Steps, and of these the right ones.
    pub steps: Proportion,
}

impl Histogram {
    pub(super) fn new(low: f64, high: f64) -> Option<Self> {
        (low < high && low.is_finite() && high.is_finite()).then(|| Self { low, high, counts: vec![0; BARS] })
    }

    fn add(&mut self, value: f64) {
        let share = (value - self.low) / (self.high - self.low);
        let bar = ((share * BARS as f64) as usize).min(BARS - 1);
        self.counts[bar] += 1;
    }
}

/// The difference of the logarithms of two lengths, chosen less rejected; an empty text counts as one character.
pub(super) fn log_ratio(mark: &Mark) -> Option<f64> {
    let [Some(better), Some(worse)] = mark.style else { return None };
    let log = |style: [u32; 4]| f64::from(style[0].max(1)).ln();
    Some(log(better) - log(worse))
}

impl Summing {
    pub(super) fn new(kind: Kind, rewards: (f64, f64), cap: Option<f64>) -> Self {
        let figures = Figures {
            margin_cap: cap,
            margins: cap.and_then(|cap| Histogram::new(0.0, cap)),
            rewards: Histogram::new(rewards.0, rewards.1),
            length_differences: matches!(kind, Kind::Dpo | Kind::Rm)
                .then(|| Histogram::new(-2.0, 2.0))
                .flatten(),
            ..Figures::default()
        };
        Self {
            kind,
            figures,
            probability: Moments::default(),
            certainty: Moments::default(),
            good: 0,
            bad: 0,
            lengths: Default::default(),
            marks: Default::default(),
            log_ratio: Moments::default(),
            longer: Proportion::default(),
            steps: Proportion::default(),
        }
    }

    pub(super) fn add(&mut self, mark: &Mark, provenance: &Provenance) {
        *self.figures.sources.entry(mark.vouch).or_default() += 1;
        // Where a person wrote the better answer, the first response is the worse one.
        let all_by_models = !matches!(self.kind, Kind::Dpo | Kind::Rm) || provenance.responses.len() == 2;
        if let (Some(Some(generator)), true) = (provenance.generators.first(), all_by_models && mark.good) {
            *self.figures.generators.entry(generator.clone()).or_default() += 1;
        }
        if let Some(p) = provenance.probability {
            self.probability.add(p);
            self.certainty.add((2.0 * p - 1.0).max(0.0));
        } else if mark.vouch < Vouch::Model {
            self.certainty.add(1.0);
        }
        self.good += u64::from(mark.good);
        self.bad += u64::from(!mark.good);
        self.steps.hits += mark.steps.hits;
        self.steps.count += mark.steps.count;
        if let (Some(histogram), Some(margin)) = (&mut self.figures.margins, provenance.margin) {
            histogram.add(margin.max(0.0));
        }
        if let Some(histogram) = &mut self.figures.rewards {
            provenance.rewards.iter().flatten().for_each(|reward| histogram.add(*reward));
        }
        self.add_style(mark);
    }

    fn add_style(&mut self, mark: &Mark) {
        for (side, style) in mark.style.iter().enumerate() {
            let Some([length, marks @ ..]) = style else { continue };
            self.lengths[side].push(*length);
            marks.iter().enumerate().for_each(|(at, count)| self.marks[at][side].push(*count));
        }
        let Some(ratio) = log_ratio(mark) else { return };
        self.log_ratio.add(ratio);
        if ratio != 0.0 {
            self.longer.add(ratio > 0.0);
        }
        if let Some(histogram) = &mut self.figures.length_differences {
            histogram.add(ratio.clamp(-2.0, 2.0));
        }
    }

    /// Returns what they sum up to.
    pub(super) fn finish(mut self, recipe: &Recipe, pool: &Pool, audit: Proportion) -> Sum {
        let figures = &mut self.figures;
        let rows: u64 = figures.sources.values().sum();
        let people: u64 = figures.sources.range(..Vouch::Model).map(|(_, rows)| rows).sum();
        figures.people_share = (rows > 0).then(|| people as f64 / rows as f64);
        figures.expected_accuracy = mean(&self.probability);
        figures.noise_rate = figures.expected_accuracy.map(|accuracy| 1.0 - accuracy.mean);
        figures.label_smoothing = figures.noise_rate.map(|rate| rate.min(MOST_SMOOTHING));
        figures.certainty = self.certainty.some_mean();
        figures.audit = audited(audit);
        figures.right_steps = self.steps.share();
        let [good, bad] = &mut self.lengths;
        figures.length = auroc(good, bad).map(|auroc| Length {
            mean_log_ratio: self.log_ratio.some_mean(),
            chosen_longer: self.longer.share(),
            auroc,
        });
        for (name, [good, bad]) in ["list items", "bold", "headers"].iter().zip(&mut self.marks) {
            figures.style.extend(auroc(good, bad).map(|area| (name.to_string(), area)));
        }
        let (good, bad) = match self.kind {
            Kind::Dpo | Kind::Rm => (self.good, self.good),
            _ => (self.good, self.bad),
        };
        match self.kind {
            Kind::Kto => figures.weights = weights(good, bad),
            Kind::Prompts | Kind::Rollouts if pool.sd > 0.0 => {
                let clip = recipe.prompts.clip;
                figures.whitening = Some(Whitening { mean: pool.mean, sd: pool.sd, clip });
            }
            _ => {}
        }
        Sum { figures: self.figures, good, bad, steps: self.steps }
    }
}

fn mean(moments: &Moments) -> Option<Mean> {
    let half = Z95 * moments.spread() / moments.count.sqrt();
    let mean = moments.mean;
    let interval = ((mean - half).max(0.0), (mean + half).min(1.0));
    (moments.count > 0.0).then_some(Mean { mean, interval, count: moments.count as u64 })
}

fn audited(audit: Proportion) -> Option<Audit> {
    let interval = (lower(audit, 0.025), upper(audit, 0.025));
    (audit.count > 0).then_some(Audit { errors: audit.hits, judged: audit.count, interval })
}
