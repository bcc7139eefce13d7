//! Revisions: the best candidate of a prompt, corrected by what critics held against it.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use rewardctl_core::id::ContentId;
use rewardctl_critic::llm::fence::Fence;
use rewardctl_critic::llm::prompt::{Finding, revise as ask_for};
use rewardctl_critic::llm::request::{Ask, Form, Sampling};
use rewardctl_data::candidates::{Candidate, CandidateWriter, Revision, RevisionFinding};
use rewardctl_store::ledger::Purpose;
use serde::Serialize;

use crate::call::{Asking, Caller};
use crate::chunk::{Chunk, Row, read};
use crate::drawing::{Answered, answered};
use crate::error::Error;
use crate::in_order::{Event, in_order};
use crate::ingest::Checked;
use crate::judged::{JudgedRow, JudgedRows, JudgedVerdict};
use crate::lost::{Lost, Text, refuse_down};
use crate::panel::TEXT_CRITICS;
use crate::sample::{CHUNK, Calling, OnCut, ended, folded};
use crate::score::Progress;

/// What cassettes and errors call who asks.
const LABEL: &str = "revise";

/// What is put after the model's name for a correction of its own.
const REVISED: &str = "+revised";

/// Critics that compare with the reference: what they say could give it away, and teach copying.
const REFERENCE_CRITICS: [&str; 5] =
    ["rule.exact_match", "rule.number_match", "rule.token_f1", "rule.rouge_l", "rule.embedding_similarity"];

/// How candidates are revised.
#[derive(Debug, Clone)]
pub struct ReviseSettings {
    /// The endpoint, as [`Caller::endpoint_of`] gives it.
    pub endpoint: String,
    /// A critic's score below this is held against a response, if the critic says why.
    pub below: f64,
    /// The most tokens of a revision, without reasoning.
    pub max_reply_tokens: u32,
    /// What is done with a revision that ran out of tokens.
    pub on_cut: OnCut,
    /// Keys the fences around quoted text.
    pub secret: [u8; 32],
}

/// What revising came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Revised {
    /// Prompts with candidates.
    pub prompts: u64,
    /// Revisions written.
    pub revised: u64,
    /// Prompts whose best candidate nobody holds anything against.
    pub without_findings: u64,
    /// Prompts of which no candidate has a reward.
    pub without_reward: u64,
    /// What was asked for and is no candidate.
    pub lost: Lost,
}

/// Has the best candidate of every prompt corrected, and writes all candidates in the order of the input.
///
/// `verdicts` is the file that judging the same inputs wrote.
pub async fn revise(
    checked: &Checked,
    verdicts: &Path,
    settings: &ReviseSettings,
    mut writer: CandidateWriter,
    calling: Calling<'_>,
) -> Result<Revised, Error> {
    let Calling { caller, stop, progress } = calling;
    let reviser = Arc::new(Reviser { caller: Arc::clone(caller), settings: settings.clone() });
    let mut judged = JudgedRows::open(verdicts)?;
    let total = checked.items;
    let mut tally =
        Tally { settings, model: &caller.line(&settings.endpoint).model, report: Revised::default() };
    let start = |chunk: Chunk| {
        let tasks: Result<Vec<Task>, Error> = chunk
            .rows
            .iter()
            .map(|row| Ok(Task::of(&judged.next(&row.responses)?, settings.below)))
            .collect();
        Ok(revise_chunk(Arc::clone(&reviser), chunk, tasks?))
    };
    let hear = |event: Event<RevisedChunk>| {
        if let Event::Done((chunk, outcomes)) = event {
            refuse_down(&settings.endpoint, outcomes.iter().filter_map(Outcome::answer))?;
            for (row, outcome) in chunk.rows.iter().zip(outcomes) {
                let candidate = tally.take(row, outcome);
                writer.write(&row.item, candidate.as_slice(), None)?;
            }
        }
        progress(Progress { finished: tally.report.prompts, total, spent: caller.spent() });
        Ok(())
    };
    let outcome =
        in_order(read(checked.inputs.clone(), checked.only.clone(), CHUNK), stop, start, hear).await;
    ended(outcome, tally.report.prompts, total, stop)?;
    writer.finish()?;
    Ok(tally.report)
}

/// What is to be done for one prompt.
#[derive(Debug, Clone, PartialEq)]
enum Task {
    /// The response at this place is to be corrected.
    Revise(Revision),
    NoReward,
    NoFinding,
}

/// What came of it.
enum Outcome {
    Answered(Revision, Answered),
    NoReward,
    NoFinding,
}

struct Reviser {
    caller: Arc<Caller>,
    settings: ReviseSettings,
}

struct Tally<'a> {
    settings: &'a ReviseSettings,
    model: &'a str,
    report: Revised,
}

impl Task {
    /// Chooses the response with the highest reward, the first of equals, and what is held against it.
    fn of(judged: &[JudgedRow], below: f64) -> Self {
        let mut best: Option<(usize, f64)> = None;
        for (at, row) in judged.iter().enumerate() {
            if let Some(reward) = row.reward.filter(|reward| best.is_none_or(|(_, most)| *reward > most)) {
                best = Some((at, reward));
            }
        }
        let Some((of, _)) = best else { return Self::NoReward };
        let findings: Vec<RevisionFinding> =
            judged[of].verdicts.iter().filter_map(|verdict| finding(verdict, below)).collect();
        if findings.is_empty() { Self::NoFinding } else { Self::Revise(Revision { of, findings }) }
    }
}

/// Returns what a verdict holds against a response. One that failed or abstained holds nothing against anything, and
/// the text model gives no reasons.
fn finding(verdict: &JudgedVerdict, below: f64) -> Option<RevisionFinding> {
    let critic = verdict.critic.as_str();
    let says_nothing = TEXT_CRITICS.iter().any(|(name, _)| *name == critic)
        || REFERENCE_CRITICS.contains(&critic)
        || verdict.rationale.trim().is_empty();
    let score = verdict.score.filter(|score| *score < below && !says_nothing)?;
    Some(RevisionFinding {
        critic: verdict.critic.clone(),
        dimension: verdict.dimension.clone(),
        score,
        rationale: verdict.rationale.clone(),
    })
}

type RevisedChunk = (Chunk, Vec<Outcome>);

async fn revise_chunk(reviser: Arc<Reviser>, chunk: Chunk, tasks: Vec<Task>) -> Result<RevisedChunk, Error> {
    // All are waited for, also when one of them stops the run: their calls are paid.
    let outcomes = join_all(chunk.rows.iter().zip(tasks).map(|(row, task)| reviser.revise(row, task))).await;
    Ok((chunk, outcomes.into_iter().collect::<Result<_, _>>()?))
}

impl Outcome {
    fn answer(&self) -> Option<&Answered> {
        match self {
            Self::Answered(_, answered) => Some(answered),
            Self::NoReward | Self::NoFinding => None,
        }
    }
}

impl Reviser {
    async fn revise(&self, row: &Row, task: Task) -> Result<Outcome, Error> {
        let revision = match task {
            Task::Revise(revision) => revision,
            Task::NoReward => return Ok(Outcome::NoReward),
            Task::NoFinding => return Ok(Outcome::NoFinding),
        };
        let ReviseSettings { endpoint, secret, max_reply_tokens, .. } = &self.settings;
        let key = key(row, &revision);
        let fence = Fence::new(secret, key.as_bytes());
        let findings: Vec<Finding> = revision.findings.iter().map(quoted).collect();
        let messages = ask_for(&row.item.context, &row.item.responses[revision.of].text, &findings, &fence);
        let [a, b, c, d, ..] = *key.as_bytes();
        let sampling = Sampling {
            temperature: Some(0.0),
            top_p: None,
            max_tokens: *max_reply_tokens,
            seed: Some(u64::from(u32::from_le_bytes([a, b, c, d]))),
            n: 1,
            logprobs: false,
        };
        let dialect = self.caller.dialect(endpoint).await?;
        let who = Asking { endpoint, purpose: Purpose::Revise, label: LABEL, fence: Some(&fence), number: 0 };
        let ask = Ask { messages, form: Form::Text, sampling };
        let reply = self.caller.call(self.caller.prepare(who, &ask, &dialect)).await?;
        let answered = match reply {
            Ok(completion) => answered(&completion.choices[0]),
            Err(failure) => Answered::Failed(failure),
        };
        Ok(Outcome::Answered(revision, answered))
    }
}

impl Tally<'_> {
    /// Returns the revision of a row, or counts why there is none.
    fn take(&mut self, row: &Row, outcome: Outcome) -> Option<Candidate> {
        let report = &mut self.report;
        report.prompts += 1;
        let endpoint = self.settings.endpoint.clone();
        let (revision, answered) = match outcome {
            Outcome::Answered(revision, answered) => (revision, answered),
            Outcome::NoReward => {
                report.without_reward += 1;
                return None;
            }
            Outcome::NoFinding => {
                report.without_findings += 1;
                return None;
            }
        };
        let Text { text, is_cut } = report.lost.text(answered, self.settings.on_cut, row, &endpoint)?;
        if row.item.responses.iter().any(|response| folded(&response.text) == folded(&text)) {
            report.lost.duplicates += 1;
            return None;
        }
        report.revised += 1;
        let (model, revision) = (format!("{}{REVISED}", self.model), Some(revision));
        Some(Candidate { text, model, endpoint, number: None, seed: None, cut: is_cut, revision })
    }
}

/// Names what is corrected, and why.
fn key(row: &Row, revision: &Revision) -> ContentId {
    let response = row.responses[revision.of];
    let findings = revision.findings.iter().flat_map(|finding| [&finding.critic, &finding.rationale]);
    let parts = std::iter::once(response.as_bytes().as_slice()).chain(findings.map(|text| text.as_bytes()));
    ContentId::of("revision", parts)
}

fn quoted(finding: &RevisionFinding) -> Finding {
    Finding {
        critic: finding.critic.clone(),
        dimension: finding.dimension.clone(),
        rationale: finding.rationale.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(critic: &str, score: Option<f64>, rationale: &str) -> JudgedVerdict {
        let (dimension, rationale) = ("d".into(), rationale.into());
        JudgedVerdict { critic: critic.into(), dimension, score, rationale }
    }

    fn judged(reward: Option<f64>, verdicts: &[JudgedVerdict]) -> JudgedRow {
        JudgedRow { response_id: ContentId::of("r", []), reward, verdicts: verdicts.into() }
    }

    fn check(rows: &[JudgedRow], expected: Option<(usize, &[&str])>) {
        let told = match Task::of(rows, 0.75) {
            Task::Revise(Revision { of, findings }) => {
                Some((of, findings.into_iter().map(|finding| finding.critic).collect::<Vec<_>>()))
            }
            Task::NoReward | Task::NoFinding => None,
        };
        let expected = expected.map(|(of, critics)| (of, critics.iter().map(|c| c.to_string()).collect()));
        assert_eq!(told, expected);
    }

    #[test]
    fn the_best_candidate_is_corrected_by_what_scored_low() {
        let low = verdict("llm.accuracy", Some(0.5), "It is 5.");
        let fine = verdict("llm.style", Some(0.75), "Plain.");
        let rows = [
            judged(Some(0.4), std::slice::from_ref(&low)),
            judged(Some(0.6), &[fine.clone(), low.clone()]),
            judged(Some(0.6), std::slice::from_ref(&low)),
            judged(None, std::slice::from_ref(&low)),
        ];
        check(&rows, Some((1, &["llm.accuracy"])));
        check(&[judged(Some(0.9), &[fine])], None);
        check(&[judged(None, &[low])], None);
    }

    #[test]
    fn what_did_not_score_or_knows_the_reference_is_no_finding() {
        let verdicts = [
            verdict("llm.honesty", None, "the reply was cut off"),
            verdict("llm.grounding", Some(0.0), " "),
            verdict("rule.number_match", Some(0.0), "missing is `42`"),
            verdict("text.style", Some(0.1), "utility -2.00 on 9 tokens"),
        ];
        check(&[judged(Some(0.2), &verdicts)], None);
    }
}
