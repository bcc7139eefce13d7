//! What a comparison came to.

use rewardctl_core::betting::Betting;
use rewardctl_core::bootstrap;
use rewardctl_core::length_control::LengthControlled;
use rewardctl_core::mcnemar::{McNemar, mcnemar};
use rewardctl_core::mean_test::{FEW, MeanTest, Method, Question, mean_test};
use rewardctl_core::power::{detectable_paired, pairs_needed};
use rewardctl_core::wilcoxon::{SignedRank, signed_rank};
use serde::Serialize;

use crate::comparison::duel::{Duel, Met};
use crate::comparison::{Arm, CompareSettings, Looks, Told, at_equal_length};
use crate::measure::Figure;
use crate::measure::ranking::ModelRow;
use crate::rewarded::prompts::{Worth, by_prompt};

/// Differences that a plan names the prompts for.
const PLANNED: [f64; 4] = [0.01, 0.02, 0.05, 0.1];

/// What a comparison came to.
#[derive(Debug, Clone, Serialize)]
pub struct CompareReport {
    /// The dimension whose scores count; None for the reward.
    pub dimension: Option<String>,
    /// One less the level of tests and intervals.
    pub alpha: f64,
    /// The arms, in the order given.
    pub arms: Vec<ArmReport>,
    /// Every two arms.
    pub duels: Vec<DuelReport>,
    /// The same within slices.
    pub slices: Vec<SliceReport>,
    /// A ranking of all; None of two.
    pub ranking: Option<Ranked>,
    /// What to do, in words: one sentence for each two arms.
    pub advice: Vec<String>,
}

/// One arm.
#[derive(Debug, Clone, Serialize)]
pub struct ArmReport {
    /// What it is called.
    pub name: String,
    /// Prompts answered.
    pub prompts: usize,
    /// Responses to them.
    pub responses: usize,
    /// Responses without a score.
    pub missing: usize,
    /// The mean score over prompts.
    pub mean: Figure,
    /// The mean length of the responses in characters; None where a text is not known.
    pub length: Option<f64>,
}

/// Two arms: the second against the first.
#[derive(Debug, Clone, Serialize)]
pub struct DuelReport {
    /// What the first is called.
    pub first: String,
    /// What the second is called.
    pub second: String,
    /// Prompts with a score on both sides; all figures are of these.
    pub prompts: usize,
    /// Prompts that both answered, without a score on one side.
    pub missing: usize,
    /// Prompts that only the first answered.
    pub only_first: usize,
    /// Prompts that only the second answered.
    pub only_second: usize,
    /// Prompts with a score of the first alone, and of the second alone, whatever the reason.
    pub scored_by_one: (usize, usize),
    /// Prompts that the second won.
    pub wins: usize,
    /// Prompts where neither won.
    pub ties: usize,
    /// Prompts that the second lost.
    pub losses: usize,
    /// The share that the second won, ties as half.
    pub win_rate: Figure,
    /// The same at equal length; None where a text is not known.
    pub length_controlled: Option<LengthControlled>,
    /// The mean score of the second less that of the first.
    pub difference: Figure,
    /// The standard deviation of the differences.
    pub spread: f64,
    /// How the difference was tested; None of no prompt.
    pub method: Option<Method>,
    /// The two-sided p-value of "there is no difference".
    pub p: Option<f64>,
    /// The same, adjusted for the number of comparisons.
    pub p_adjusted: Option<f64>,
    /// The 95 % bootstrap interval of the difference.
    pub bootstrap: Option<(f64, f64)>,
    /// Wilcoxon's signed-rank test of the differences.
    pub wilcoxon: Option<SignedRank>,
    /// McNemar's test of wins against losses.
    pub sign: Option<McNemar>,
    /// The smallest difference that so many prompts show with the power promised; None where the test is not Student's, or
    /// one looks at any time.
    pub detectable: Option<f64>,
    /// The prompts that differences take, looked at once; none where so many prompts do not say how the differences spread.
    pub planned: Vec<Planned>,
    /// What holds however often one looks.
    pub always: Option<Always>,
}

/// How many prompts a difference takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Planned {
    /// The difference.
    pub difference: f64,
    /// The prompts.
    pub prompts: u64,
}

/// What holds however often one looks, prompts in the order of the second arm's file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Always {
    /// The interval of the difference; None where the order of the rows is wrong.
    pub interval: Option<(f64, f64)>,
    /// The p-value of "there is no difference", adjusted for the number of comparisons; None likewise.
    pub p: Option<f64>,
    /// After how many prompts that was first refuted; None while it is not.
    pub decided_after: Option<usize>,
    /// Whether the rows are not in the order in which they came: then nothing here holds.
    pub out_of_order: bool,
}

/// The comparisons within one slice.
#[derive(Debug, Clone, Serialize)]
pub struct SliceReport {
    /// The field and its value.
    pub slice: String,
    /// Every two arms.
    pub duels: Vec<DuelReport>,
}

/// A ranking of all arms.
#[derive(Debug, Clone, Serialize)]
pub struct Ranked {
    /// The arms, the strongest first; the first arm given has the strength 0.
    pub models: Vec<ModelRow>,
    /// What to know of the ranking, or why there is none.
    pub note: Option<String>,
}

impl ArmReport {
    /// Sums up an arm.
    pub fn new(arm: &Arm, settings: &CompareSettings) -> Self {
        let measure = settings.measure();
        let mut means = vec![];
        let mut missing = 0;
        let prompts = by_prompt(&arm.rows, &[], 0);
        for prompt in &prompts {
            let scores: Vec<f64> = prompt
                .after
                .iter()
                .filter_map(|row| match measure.worth(row) {
                    Worth::Score(score) => Some(score),
                    Worth::Abstained | Worth::Missing => None,
                })
                .collect();
            missing += prompt.after.len() - scores.len();
            if !scores.is_empty() {
                means.push(scores.iter().sum::<f64>() / scores.len() as f64);
            }
        }
        let test =
            mean_test(&means, Question { range: (0.0, 1.0), threshold: 0.5, alpha: settings.alpha / 2.0 });
        let lengths: Option<Vec<usize>> = arm.rows.iter().map(|row| row.length).collect();
        Self {
            name: arm.name.clone(),
            prompts: prompts.len(),
            responses: arm.rows.len(),
            missing,
            mean: figure(test),
            length: lengths
                .filter(|lengths| !lengths.is_empty())
                .map(|lengths| lengths.iter().sum::<usize>() as f64 / lengths.len() as f64),
        }
    }
}

impl DuelReport {
    /// Takes the figures of two arms.
    pub(crate) fn new((first, second): (&str, &str), duel: &Duel<'_>, told: Told<'_>) -> Self {
        let settings = told.settings;
        let met = duel.met;
        let of = |figure: fn(&Met) -> f64| met.iter().map(figure).collect::<Vec<f64>>();
        let (won, differences) = (of(|met| met.won), of(|met| met.difference));
        let half = settings.alpha / 2.0;
        let win_rate = mean_test(&won, Question { range: (0.0, 1.0), threshold: 0.5, alpha: half });
        let test = mean_test(&differences, Question { range: (-1.0, 1.0), threshold: 0.0, alpha: half });
        let spread = test.map_or(0.0, |test| test.spread);
        let is_once = settings.looks == Looks::Once;
        let is_student = test.is_some_and(|test| test.method == Method::Student);
        let count = |of: fn(f64) -> bool| won.iter().filter(|won| of(**won)).count();
        let (wins, losses) = (count(|won| won > 0.5), count(|won| won < 0.5));
        Self {
            first: first.into(),
            second: second.into(),
            prompts: met.len(),
            missing: duel.missing,
            only_first: duel.only_first,
            only_second: duel.only_second,
            scored_by_one: duel.scored_by_one,
            wins,
            ties: met.len() - wins - losses,
            losses,
            win_rate: figure(win_rate),
            length_controlled: at_equal_length(met),
            difference: figure(test),
            spread,
            method: test.map(|test| test.method),
            p: test.map(|test| (2.0 * test.p_at_most.min(test.p_at_least)).min(1.0)),
            p_adjusted: None,
            bootstrap: bootstrap::mean_interval(&differences, settings.seed),
            wilcoxon: signed_rank(&differences),
            sign: (!met.is_empty()).then(|| mcnemar(losses as u64, wins as u64)),
            detectable: (is_once && is_student)
                .then(|| detectable_paired(met.len() as u64, settings.promise()))
                .flatten()
                .map(|effect| effect * spread),
            // What is planned has prompts enough for a t test, also where these are too few.
            planned: match is_once && (is_student || met.len() < FEW) {
                true => planned(spread, settings),
                false => vec![],
            },
            always: (!is_once && !met.is_empty()).then(|| always(met, told)),
        }
    }
}

fn figure(test: Option<MeanTest>) -> Figure {
    Figure::new(test.map(|test| test.mean), test.map(|test| (test.lower, test.upper)))
}

fn planned(spread: f64, settings: &CompareSettings) -> Vec<Planned> {
    let mut differences = PLANNED.to_vec();
    differences.push(settings.effect);
    differences.sort_by(f64::total_cmp);
    differences.dedup();
    let plan = |difference: f64| {
        let prompts = (pairs_needed(difference / spread, settings.promise())?.ceil() as u64).max(FEW as u64);
        Some(Planned { difference, prompts })
    };
    if spread > 0.0 { differences.into_iter().filter_map(plan).collect() } else { vec![] }
}

fn always(met: &[Met], told: Told<'_>) -> Always {
    let alpha = told.settings.alpha / told.claims;
    let mut met = met.to_vec();
    met.sort_by_key(|met| met.order);
    let scaled: Vec<f64> = met.iter().map(|met| f64::midpoint(met.difference, 1.0).clamp(0.0, 1.0)).collect();
    let half = alpha / 2.0;
    let bets = Betting::at_any_time(&scaled, half);
    let (low, high) = (bets.lower(half), bets.upper(half));
    let out_of_order = !holds_mean(&scaled, (low, high));
    let unscaled = |bound: f64| 2.0 * bound - 1.0;
    Always {
        interval: (!out_of_order).then(|| (unscaled(low), unscaled(high))),
        p: (!out_of_order).then(|| (2.0 * told.claims * bets.at_most(0.5).min(bets.at_least(0.5))).min(1.0)),
        decided_after: bets.refuted_after(0.5, alpha).filter(|_| !out_of_order),
        out_of_order,
    }
}

/// Tells whether bounds that hold at any time hold the mean. Where they do not, the values were sorted by what they are, or
/// changed on the way: bounds that were right at first are wrong now.
pub(crate) fn holds_mean(values: &[f64], (low, high): (f64, f64)) -> bool {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.is_empty() || (low <= mean && mean <= high)
}
