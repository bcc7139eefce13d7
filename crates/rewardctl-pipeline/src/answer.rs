//! Answers: the responses of a chunk with what the critics said of them and the reward that came of it.

use rewardctl_core::id::ResponseId;
use rewardctl_core::panel::Panel;
use rewardctl_core::reward::{Reward, Utility, finish, quorum_failure, uncertainty};
use rewardctl_core::route::{Candidate, Policy, Route, decide, is_audited, is_far};
use rewardctl_core::verdict::Verdict;
use rewardctl_model::aggregator::{Aggregator, Row as AggregatorRow};
use rewardctl_model::learn::style::style;
use rewardctl_store::save::{Batch, ItemRecord, RewardRecord, VerdictRecord};

use crate::chunk::{Chunk, Row};
use crate::error::Error;
use crate::judges::Judged;

/// One response, judged and rewarded.
pub struct Answer<'a> {
    /// The row that it stands in.
    pub row: &'a Row,
    /// Its place in the row.
    pub at: usize,
    /// In the panel's order of slots.
    pub verdicts: Vec<Verdict>,
    /// The reward, or why there is none.
    pub reward: Result<Reward, String>,
    /// The greatest confidence with which it is better or worse than another response of its row; None without another
    /// with a utility.
    pub confidence: Option<f64>,
}

impl Answer<'_> {
    /// Returns the response's id.
    pub fn id(&self) -> ResponseId {
        self.row.responses[self.at]
    }

    fn utility(&self) -> Option<&Utility> {
        self.reward.as_ref().ok()?.utility.as_ref()
    }

    /// Decides where the response goes.
    pub fn route(&self, policy: &Policy) -> Route {
        let flagged = self.verdicts.iter().filter(|verdict| verdict.flagged);
        let candidate = Candidate {
            response: self.id(),
            uncertainty: self.reward.as_ref().map(|reward| reward.uncertainty.total).map_err(String::as_str),
            flagged_by: flagged.map(|verdict| verdict.critic.as_str()).collect(),
            confidence: self.confidence,
            distance: self.utility().map(|utility| utility.distance),
        };
        decide(&candidate, policy)
    }

    /// Returns the uncertainty that ranks the response for people; None if they see it, or not, whatever it is.
    pub fn rank(&self, policy: &Policy) -> Option<(ResponseId, f64)> {
        let is_flagged = self.verdicts.iter().any(|verdict| verdict.flagged);
        let reward = self.reward.as_ref().ok()?;
        let is_unlike = reward.utility.as_ref().is_some_and(|utility| is_far(utility.distance));
        (!is_flagged && !is_unlike && !is_audited(self.id(), policy))
            .then(|| (self.id(), reward.uncertainty.total))
    }
}

/// Makes rewards of the verdicts on a chunk: one run of the aggregator, then the quorum for each response.
pub fn reward<'a>(
    aggregator: &mut Aggregator,
    panel: &Panel,
    chunk: &'a Chunk,
    verdicts: Vec<Vec<Verdict>>,
) -> Result<Vec<Answer<'a>>, Error> {
    let aggregates = aggregator.run(&aggregator_rows(aggregator, chunk, &verdicts))?;
    let places = chunk.rows.iter().flat_map(|row| (0..row.responses.len()).map(move |at| (row, at)));
    let mut answers = Vec::with_capacity(verdicts.len());
    for (((row, at), verdicts), aggregate) in places.zip(verdicts).zip(aggregates) {
        let reward = match quorum_failure(panel, &verdicts) {
            Some(why) => Err(why),
            None => Ok(finish(panel, &verdicts, aggregate)
                .ok_or_else(|| Error::AggregatorOutOfRange { file: row.file.clone(), line: row.line })?),
        };
        answers.push(Answer { row, at, verdicts, reward, confidence: None });
    }
    Ok(answers)
}

/// Finds how sure each response is better or worse than another one of its row, at the aggregator's `temperature`.
pub fn compare_within_rows(answers: &mut [Answer<'_>], temperature: f64) {
    for row in answers.chunk_by_mut(|one, other| std::ptr::eq(one.row, other.row)) {
        let utilities: Vec<Option<Utility>> = row.iter().map(|answer| answer.utility().cloned()).collect();
        for (at, answer) in row.iter_mut().enumerate() {
            let Some(own) = &utilities[at] else { continue };
            let others = utilities.iter().enumerate().filter(|(other, _)| *other != at);
            let confidence = others.filter_map(|(_, other)| {
                let probability = own.probability_better(other.as_ref()?, temperature);
                Some(probability.max(1.0 - probability))
            });
            answer.confidence = confidence.max_by(f64::total_cmp);
        }
    }
}

/// Returns the uncertainty of the reward that each response has so far; None where it has none.
pub fn uncertainties(
    aggregator: &mut Aggregator,
    panel: &Panel,
    chunk: &Chunk,
    verdicts: &[Vec<Verdict>],
) -> Result<Vec<Option<f64>>, Error> {
    let aggregates = aggregator.run(&aggregator_rows(aggregator, chunk, verdicts))?;
    let each = verdicts.iter().zip(aggregates).map(|(verdicts, aggregate)| {
        let quorate = quorum_failure(panel, verdicts).is_none();
        quorate.then(|| uncertainty(panel, verdicts, &aggregate).total)
    });
    Ok(each.collect())
}

/// Returns what the aggregator reads of each response; how a text looks is counted only for a fitted one.
fn aggregator_rows(aggregator: &Aggregator, chunk: &Chunk, verdicts: &[Vec<Verdict>]) -> Vec<AggregatorRow> {
    let texts = chunk.rows.iter().flat_map(|row| &row.item.responses).map(|response| response.text.as_str());
    let row = |(verdicts, text): (&Vec<Verdict>, &str)| AggregatorRow {
        scores: verdicts.iter().map(Verdict::score).collect(),
        variances: verdicts.iter().map(|verdict| verdict.variance().unwrap_or(0.0)).collect(),
        style: aggregator.is_fitted().then(|| style(text)),
    };
    verdicts.iter().zip(texts).map(row).collect()
}

/// Parts what the judges give: the verdicts on each response, and what the store did not have.
pub fn part(judged: impl Iterator<Item = Judged>) -> (Vec<Vec<Verdict>>, Vec<VerdictRecord>) {
    let (mut verdicts, mut fresh) = (vec![], vec![]);
    for judged in judged {
        verdicts.push(judged.verdicts);
        fresh.extend(judged.fresh);
    }
    (verdicts, fresh)
}

/// Returns what is saved of a chunk; without routes these stay open.
pub fn batch<'b>(
    chunk: &'b Chunk,
    answers: &'b [Answer<'b>],
    fresh: Vec<VerdictRecord>,
    routes: Option<&'b [Route]>,
) -> Batch<'b> {
    let items =
        chunk.rows.iter().map(|row| ItemRecord { id: row.id, item: &row.item, responses: &row.responses });
    let rewards = answers.iter().enumerate().map(|(n, answer)| RewardRecord {
        response: answer.id(),
        reward: answer.reward.as_ref().map_err(String::as_str),
        route: routes.map(|routes| &routes[n]),
    });
    Batch { items: items.collect(), verdicts: fresh, rewards: rewards.collect() }
}
