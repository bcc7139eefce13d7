//! What a report says, as figures.

use std::collections::BTreeMap;

use rewardctl_store::ledger::lookup::CallTotal;
use rewardctl_store::read::Counts;
use serde::Serialize;

use crate::summary::Line;

/// Everything that a report says.
#[derive(Debug, Clone, Serialize)]
pub struct ScoreReport {
    /// The files that the rows come from, or the store.
    pub inputs: Vec<String>,
    /// What made the rewards; more than one where versions are mixed.
    pub made_by: Vec<MadeBy>,
    /// Prompts.
    pub items: u64,
    /// Responses.
    pub responses: u64,
    /// The reward over all responses.
    pub reward: Line,
    /// Each dimension.
    pub dimensions: Vec<Line>,
    /// Each model, best first.
    pub generators: Vec<Generator>,
    /// The rewards, and the scores of each dimension, in bars from 0 to 1.
    pub spread: Vec<(String, Vec<u64>)>,
    /// How far rewards may be off.
    pub uncertainty: UncertaintyFigures,
    /// Responses without a reward, by the reason.
    pub no_reward: BTreeMap<String, u64>,
    /// How many responses go where, and why.
    pub routes: BTreeMap<String, u64>,
    /// Each critic.
    pub critics: Vec<CriticFigures>,
    /// What the calls behind the verdicts came to, as far as a ledger knows them.
    pub cost: Cost,
    /// What people said, and how well rewards agree with it.
    pub people: PeopleFigures,
    /// How rewards go with length; None where rows carry no texts.
    pub length: Option<LengthFigures>,
    /// Runs or files, the earliest first.
    pub trend: Vec<Run>,
    /// Responses of which some verdicts are left out: critics changed between runs, and nobody knows which word made the reward.
    pub unclear: u64,
    /// Prompts that came back after others; intervals count them as prompts of their own, and are too narrow.
    pub scattered: u64,
    /// Scores and verdicts of dimensions and critics beyond those that are told apart.
    pub left_out: u64,
    /// The responses with the lowest rewards.
    pub worst: Vec<Case>,
    /// The responses that critics disagree about most.
    pub disputed: Vec<Case>,
}

/// What made rewards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MadeBy {
    /// By name: `panel`, `aggregator`, `encoder`, `heads`, `rewardctl`.
    pub parts: Vec<(String, String)>,
    /// Responses.
    pub responses: u64,
}

/// A model that wrote responses.
#[derive(Debug, Clone, Serialize)]
pub struct Generator {
    /// Its rewards.
    pub reward: Line,
    /// Its mean score in each dimension, in the order of these; None where there is none.
    pub dimensions: Vec<Option<f64>>,
}

/// How far rewards may be off.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UncertaintyFigures {
    /// Responses with an uncertainty.
    pub count: u64,
    /// The mean of each part, a standard deviation in 0..=1, by name, over the rows that say it; the total first.
    pub parts: Vec<(String, f64)>,
    /// The totals in bars from 0 to the upper end.
    pub counts: Vec<u64>,
    /// That end.
    pub high: f64,
}

/// What one critic said.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CriticFigures {
    /// The critic.
    pub critic: String,
    /// The dimension that it judges.
    pub dimension: String,
    /// Verdicts with a score.
    pub scored: u64,
    /// Verdicts that had nothing to judge.
    pub abstained: u64,
    /// Verdicts that failed.
    pub failed: u64,
    /// Responses that it said nothing of at all, of those whose panel has it.
    pub missing: u64,
    /// Responses that it sends to a person.
    pub flagged: u64,
    /// The mean of its scores, in 0..=1.
    pub mean: Option<f64>,
    /// The mean of what its scores weighed: what a small change of the score changes in the reward.
    pub weight: Option<f64>,
    /// The mean absolute difference of its scores from the score of its dimension, in 0..=1.
    pub apart: Option<f64>,
    /// The most frequent reasons of its failures.
    pub failures: Vec<(String, u64)>,
    /// The calls behind its verdicts.
    pub cost: Cost,
}

/// What calls came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Calls that verdicts name.
    pub calls: u64,
    /// Of these, those that the ledger knows.
    pub known: u64,
    /// Attempts without a price, or whose end nobody saw: they may have cost more.
    pub unpriced: u64,
    /// Nano-dollars known to be spent on them.
    pub spent_nano: u64,
    /// Tokens read and written.
    pub tokens: u64,
}

/// What people said.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PeopleFigures {
    /// The counts of the store; None for files.
    pub counts: Option<Counts>,
    /// What all calls in the ledger came to; none for files.
    pub ledger: Vec<CallTotal>,
    /// Labels that count, on responses of this report.
    pub labels: u64,
    /// People who gave them.
    pub annotators: u64,
    /// Labels on other responses.
    pub elsewhere: u64,
    /// How the probabilities of pairs agree with comparisons.
    pub pairs: Option<Agreement>,
    /// How rewards agree with ratings.
    pub ratings: Option<Agreement>,
}

/// How what was said agrees with what people say.
#[derive(Debug, Clone, Serialize)]
pub struct Agreement {
    /// Pairs, or rated responses.
    pub count: u64,
    /// Ties of people, which take part in no figure of pairs.
    pub ties: u64,
    /// The share of pairs that people decide as the rewards do, ties of rewards as half; the rank correlation with ratings.
    pub value: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
    /// The mean absolute difference of the two, in bins, in 0..=1; of pairs, over those that say how sure they are.
    pub error: Option<f64>,
    /// What that would be by chance if every probability were true; of pairs alone.
    pub error_by_chance: Option<f64>,
    /// What was said beside what people say.
    pub bins: Vec<Bin>,
}

/// Some of what was said, together.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Bin {
    /// How many.
    pub count: u64,
    /// The mean of what was said: a probability or a reward, in 0..=1.
    pub said: f64,
    /// The mean of what people say, in 0..=1.
    pub found: f64,
    /// The 95 % interval of that.
    pub interval: Option<(f64, f64)>,
}

/// How rewards go with length.
#[derive(Debug, Clone, Serialize)]
pub struct LengthFigures {
    /// The correlation of reward and log-length within prompts; None where no prompt has two responses that differ.
    pub within: Option<(f64, Option<(f64, f64)>)>,
    /// The same over all responses.
    pub across: Option<f64>,
    /// Mean rewards by length.
    pub bins: Vec<LengthBin>,
}

/// Responses of about one length.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct LengthBin {
    /// From this many characters on, up to the double.
    pub from: u64,
    /// Responses with a reward.
    pub count: u64,
    /// Their mean reward.
    pub mean: f64,
    /// Its 95 % interval, clustered by prompt.
    pub interval: Option<(f64, f64)>,
}

/// What one run or file came to.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// The run's start, or the file's name.
    pub name: String,
    /// What made the rewards.
    pub version: String,
    /// Responses.
    pub responses: u64,
    /// Of these, with a reward.
    pub scored: u64,
    /// Of these, sent to people.
    pub routed: u64,
    /// The mean reward, in 0..=1.
    pub mean: Option<f64>,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
}

/// A response to look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Where it comes from.
    pub place: String,
    /// The item's id in its file.
    pub id: String,
    /// The model that wrote it.
    pub generator: String,
    /// Its reward, in 0..=1.
    pub reward: f64,
    /// How far that may be off: a standard deviation.
    pub uncertainty: Option<f64>,
    /// How far critics lie apart: the part of the uncertainty that is between critics, or where the row does not say it the
    /// standard deviation of the scores.
    pub disagreement: f64,
    /// Why it goes to a person; empty if it does not.
    pub route: String,
    /// By dimension.
    pub dimensions: Vec<(String, Option<f64>)>,
    /// What it answers, cut.
    pub prompt: String,
    /// Its text, cut; None where the row does not carry it.
    pub text: Option<String>,
    /// The verdicts that weigh most, by dimension.
    pub verdicts: Vec<CaseVerdict>,
    /// Critics that scored and are not shown.
    pub unshown: u64,
    /// Critics that had nothing to judge.
    pub abstained: u64,
}

/// What one critic says of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseVerdict {
    /// The critic.
    pub critic: String,
    /// The dimension.
    pub dimension: String,
    /// None where it failed.
    pub score: Option<f64>,
    /// What the score weighed.
    pub weight: Option<f64>,
    /// Whether it asks for a person.
    pub flagged: bool,
    /// What it rests on, cut.
    pub rationale: String,
}
