//! The features of the aggregator: standardised scores with what is missing imputed, caps that bind, and style.
//!
//! Only differences between responses to one prompt matter to a preference, so that a critic's unit is its spread
//! within prompts. A missing score is replaced by its conditional mean under a normal distribution of all critics'
//! scores, and the variance that this leaves is kept: dropping rows, zeros and rescaling all do worse.

use ndarray::Array2;
use rewardctl_core::panel::{Panel, Part};

use crate::fit::linear::Cholesky;
use crate::learn::labels::Observed;
use crate::learn::style::{STYLE, STYLE_NAMES};

/// A critic with fewer scores than this, or none that differ, has no feature.
const FEWEST_SCORES: usize = 5;
/// A spread below this is a constant.
const CONSTANT: f64 = 1e-6;
/// The share of the mean second moment that is added to every critic's own: estimates from few pairs need it.
const RIDGE: f64 = 0.05;

/// How a raw number becomes a feature: `(value − mean) / deviation`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standard {
    /// The mean over the pool.
    pub mean: f64,
    /// The spread within the prompts where the number differs, or over the pool where no prompt has two responses; 0
    /// for what has no feature.
    ///
    /// Prompts where it does not differ are left out: a rule that seldom fires would else be taken for a large step
    /// each time that it does.
    pub deviation: f64,
}

/// Which signs the weights of critics may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// None is negative: a reward that falls as a quality rises is an invitation to hack it.
    NonNegative,
    /// Any: the most accurate combination of labels that are at hand, where nothing is trained against the reward.
    Free,
}

/// The space of features, measured on a pool of responses that needs no labels.
#[derive(Debug, Clone)]
pub struct Space {
    /// The panel.
    pub panel: Panel,
    /// Which signs their weights may have.
    pub signs: Signs,
    /// Per slot; caps have no feature of their own.
    pub critics: Vec<Standard>,
    /// Second moments of the critics' features, `K × K`, ridge included.
    pub moments: Array2<f64>,
    /// Per dimension: by how much its caps cut its mean; no feature where it has none.
    pub excess: Vec<Standard>,
    /// Per style count, of `log(1 + count)`.
    pub style: [Standard; STYLE],
}

/// The features of one response.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// Critics, excesses and style, in this order.
    pub values: Vec<f64>,
    /// The covariance of what was imputed, over the slots that are missing; None where nothing is.
    pub imputed: Option<Imputed>,
}

/// What was filled in, and how uncertain it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Imputed {
    /// The slots that are missing, in order.
    pub slots: Vec<usize>,
    /// The slots with a score, in order.
    pub seen: Vec<usize>,
    /// `Σ_mo Σ_oo⁻¹`: what each seen feature adds to each missing one.
    pub regression: Array2<f64>,
    /// `Σ_mm − Σ_mo Σ_oo⁻¹ Σ_om`.
    pub covariance: Array2<f64>,
}

impl Space {
    /// Measures the pool.
    pub fn measure(panel: &Panel, signs: Signs, pool: &[Observed]) -> Self {
        let critic = |slot: usize| {
            let values = pool.iter().map(|one| one.scores[slot].map(|score| (one.group, score)));
            let is_mean = panel.slots[slot].part == Part::Mean;
            if is_mean { standard(values.flatten(), FEWEST_SCORES) } else { Standard::NONE }
        };
        let critics: Vec<Standard> = (0..panel.slots.len()).map(critic).collect();
        let excess = |dimension: usize| {
            let has_cap = slots_of(panel, dimension, Part::Cap).next().is_some();
            let values = pool.iter().map(|one| (one.group, excess(panel, dimension, &one.scores)));
            if has_cap { standard(values, FEWEST_SCORES).around_zero() } else { Standard::NONE }
        };
        let excess = (0..panel.dimensions.len()).map(excess).collect();
        let style = std::array::from_fn(|at| {
            let values = pool.iter().filter_map(|one| Some((one.group, log_count(one.style?[at]))));
            standard(values, FEWEST_SCORES)
        });
        let mut space =
            Self { panel: panel.clone(), signs, critics, moments: Array2::zeros((0, 0)), excess, style };
        space.moments = space.second_moments(pool);
        space
    }

    /// Returns the number of features.
    pub fn width(&self) -> usize {
        self.critics.len() + self.excess.len() + STYLE
    }

    /// Returns where the style counts begin among the features.
    pub fn style_at(&self) -> usize {
        self.critics.len() + self.excess.len()
    }

    /// Returns the names of the features, in their order.
    pub fn names(&self) -> Vec<String> {
        let critics = self.panel.slots.iter().map(|slot| slot.critic.clone());
        let excess = self.panel.dimensions.iter().map(|dimension| format!("caps of {}", dimension.name));
        critics.chain(excess).chain(STYLE_NAMES.iter().map(|name| name.to_string())).collect()
    }

    /// Returns which features differ between responses at all.
    pub fn active(&self) -> Vec<bool> {
        self.standards().map(|standard| standard.deviation > 0.0).collect()
    }

    /// Returns which features may not count against a response when they are high: none under [`Signs::Free`], else
    /// all but style.
    pub fn nonnegative(&self) -> Vec<bool> {
        (0..self.width()).map(|at| at < self.style_at() && self.signs == Signs::NonNegative).collect()
    }

    /// Returns the features of `observed`.
    pub fn features(&self, observed: &Observed) -> Features {
        let mut values: Vec<f64> = self
            .critics
            .iter()
            .zip(&observed.scores)
            .map(|(standard, score)| score.map_or(0.0, |score| standard.of(score)))
            .collect();
        let imputed = self.impute(&observed.scores, &mut values);
        let excess = self.excess.iter().enumerate();
        values.extend(excess.map(|(d, standard)| standard.of(excess_of(self, d, observed))));
        values.extend(
            (0..STYLE)
                .map(|at| observed.style.map_or(0.0, |counts| self.style[at].of(log_count(counts[at])))),
        );
        Features { values, imputed }
    }

    /// Fills `values` of the slots without a score with their conditional means.
    fn impute(&self, scores: &[Option<f64>], values: &mut [f64]) -> Option<Imputed> {
        let has_feature = |slot: &usize| self.critics[*slot].deviation > 0.0;
        let (seen, missing): (Vec<usize>, Vec<usize>) =
            (0..scores.len()).filter(has_feature).partition(|slot| scores[*slot].is_some());
        if missing.is_empty() {
            return None;
        }
        let block = |rows: &[usize], columns: &[usize]| {
            Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| self.moments[[rows[i], columns[j]]])
        };
        let mut covariance = block(&missing, &missing);
        let mut regression = block(&missing, &seen);
        if !seen.is_empty() {
            let factor =
                Cholesky::of(&block(&seen, &seen)).expect("second moments with a ridge are positive");
            let across = regression.clone();
            for (at, slot) in missing.iter().enumerate() {
                let row = factor.solve(&across.row(at).to_owned());
                values[*slot] = row.iter().zip(&seen).map(|(share, slot)| share * values[*slot]).sum();
                covariance.row_mut(at).scaled_add(-1.0, &across.dot(&row));
                regression.row_mut(at).assign(&row);
            }
        }
        Some(Imputed { slots: missing, seen, regression, covariance })
    }

    /// Means of products over the responses that both critics scored; a ridge makes the table invertible.
    fn second_moments(&self, pool: &[Observed]) -> Array2<f64> {
        let count = self.critics.len();
        let (mut sums, mut counts) =
            (Array2::<f64>::zeros((count, count)), Array2::<f64>::zeros((count, count)));
        for one in pool {
            let seen: Vec<(usize, f64)> = (0..count)
                .filter(|slot| self.critics[*slot].deviation > 0.0)
                .filter_map(|slot| Some((slot, self.critics[slot].of(one.scores[slot]?))))
                .collect();
            for (i, x) in &seen {
                for (j, y) in &seen {
                    sums[[*i, *j]] += x * y;
                    counts[[*i, *j]] += 1.0;
                }
            }
        }
        let mut moments = Array2::from_shape_fn((count, count), |at| sums[at] / counts[at].max(1.0));
        let live = self.critics.iter().filter(|standard| standard.deviation > 0.0).count().max(1);
        let ridge = RIDGE * moments.diag().sum() / live as f64;
        moments.diag_mut().mapv_inplace(|moment| moment + ridge.max(RIDGE));
        positive(moments)
    }

    fn standards(&self) -> impl Iterator<Item = &Standard> {
        self.critics.iter().chain(&self.excess).chain(&self.style)
    }
}

impl Standard {
    /// What has no feature.
    const NONE: Self = Self { mean: 0.0, deviation: 0.0 };

    /// Returns the feature; 0 for what has none.
    pub fn of(&self, value: f64) -> f64 {
        if self.deviation > 0.0 { (value - self.mean) / self.deviation } else { 0.0 }
    }

    /// Keeps the unit but not the mean: no cut is no feature.
    fn around_zero(self) -> Self {
        Self { mean: 0.0, ..self }
    }
}

/// Returns `log(1 + count)`.
pub fn log_count(count: f32) -> f64 {
    f64::from(count).ln_1p()
}

/// Returns minus the amount by which the least cap of a dimension lies under its mean; 0 where it does not bind.
pub fn excess(panel: &Panel, dimension: usize, scores: &[Option<f64>]) -> f64 {
    let present = |part| {
        let slots = slots_of(panel, dimension, part);
        slots.filter_map(|slot| Some((scores[slot]?, panel.slots[slot].weight)))
    };
    let weight: f64 = present(Part::Mean).map(|(_, weight)| weight).sum();
    let sum: f64 = present(Part::Mean).map(|(score, weight)| score * weight).sum();
    let cap = present(Part::Cap).map(|(score, _)| score).min_by(f64::total_cmp);
    match cap {
        // A dimension of caps alone has their least as its score: what is cut is cut from the best.
        Some(cap) if weight > 0.0 => (cap - sum / weight).min(0.0),
        Some(cap) => cap - 1.0,
        None => 0.0,
    }
}

fn excess_of(space: &Space, dimension: usize, observed: &Observed) -> f64 {
    excess(&space.panel, dimension, &observed.scores)
}

/// Returns the slots of a dimension that enter it as `part`.
pub fn slots_of(panel: &Panel, dimension: usize, part: Part) -> impl Iterator<Item = usize> {
    let name = &panel.dimensions[dimension].name;
    let slots = panel.slots.iter().enumerate();
    slots.filter(move |(_, slot)| slot.dimension == *name && slot.part == part).map(|(at, _)| at)
}

/// The mean, and the spread within the groups that differ where there are two of one, else over all.
fn standard(values: impl Iterator<Item = (usize, f64)>, fewest: usize) -> Standard {
    let mut values: Vec<(usize, f64)> = values.collect();
    if values.len() < fewest {
        return Standard::NONE;
    }
    values.sort_by_key(|(group, _)| *group);
    let count = values.len() as f64;
    let mean = values.iter().map(|(_, value)| value).sum::<f64>() / count;
    let overall = (values.iter().map(|(_, value)| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    let (mut squares, mut freedom) = (0.0, 0.0);
    for group in values.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        let size = group.len() as f64;
        let centre = group.iter().map(|(_, value)| value).sum::<f64>() / size;
        let square = group.iter().map(|(_, value)| (value - centre).powi(2)).sum::<f64>();
        if square > CONSTANT * CONSTANT {
            squares += square;
            freedom += size - 1.0;
        }
    }
    let within = if freedom > 0.0 { (squares / freedom).sqrt() } else { 0.0 };
    let deviation = if within > CONSTANT { within } else { overall };
    Standard { mean, deviation: if deviation > CONSTANT { deviation } else { 0.0 } }
}

/// Moments over different responses need not make a positive table: the diagonal is raised until they do.
fn positive(mut moments: Array2<f64>) -> Array2<f64> {
    let mut raise = 0.0;
    loop {
        let mut raised = moments.clone();
        raised.diag_mut().mapv_inplace(|moment| moment + raise);
        if Cholesky::of(&raised).is_some() {
            moments = raised;
            return moments;
        }
        raise = if raise == 0.0 { 1e-3 } else { raise * 2.0 };
    }
}
