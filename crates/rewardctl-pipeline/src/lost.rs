//! What was asked for and is no candidate: counted, and said.

use rewardctl_critic::llm::completion::CallFailure;
use serde::Serialize;

use crate::chunk::Row;
use crate::drawing::{Answered, is_down};
use crate::error::Error;
use crate::sample::OnCut;

/// Failed calls that a report lists; the rest are counted.
const FAILURES_LISTED: usize = 20;

/// What was asked for and is no candidate.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Lost {
    /// Texts that the prompt had before, whatever the blanks.
    pub duplicates: u64,
    /// Texts that ran out of tokens.
    pub cut: u64,
    /// Answers without text.
    pub empty: u64,
    /// Answers that the server withheld.
    pub refused: u64,
    /// Calls that failed.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<FailedCall>,
}

/// A call that failed after all its tries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailedCall {
    /// The input file.
    pub file: String,
    /// The row.
    pub line: u64,
    /// The endpoint.
    pub endpoint: String,
    /// Why.
    pub reason: String,
}

/// A text that may be a candidate.
pub(crate) struct Text {
    pub text: String,
    pub is_cut: bool,
}

impl Lost {
    /// Returns the text of an answer, or counts why there is none.
    pub(crate) fn text(
        &mut self,
        answered: Answered,
        on_cut: OnCut,
        row: &Row,
        endpoint: &str,
    ) -> Option<Text> {
        match answered {
            Answered::Whole(text) => return Some(Text { text, is_cut: false }),
            Answered::Cut(text) if on_cut == OnCut::Keep && !text.is_empty() => {
                return Some(Text { text, is_cut: true });
            }
            Answered::Cut(_) => self.cut += 1,
            Answered::Empty => self.empty += 1,
            Answered::Refused => self.refused += 1,
            Answered::Failed(failure) => {
                self.failed += 1;
                if self.failures.len() < FAILURES_LISTED {
                    let (file, line, endpoint) = (row.file.clone(), row.line, endpoint.into());
                    self.failures.push(FailedCall { file, line, endpoint, reason: failure.reason });
                }
            }
        }
        None
    }
}

/// Stops the run at an endpoint of which all `answers` failed through its own fault: a whole chunk of them.
pub(crate) fn refuse_down<'a>(
    endpoint: &str,
    answers: impl Iterator<Item = &'a Answered>,
) -> Result<(), Error> {
    let failures: Option<Vec<&CallFailure>> = answers
        .map(|answered| match answered {
            Answered::Failed(failure) if is_down(failure) => Some(failure),
            _ => None,
        })
        .collect();
    match failures.as_deref() {
        Some([first, ..]) => {
            Err(Error::Refused { endpoint: endpoint.into(), source: Box::new((*first).clone()) })
        }
        _ => Ok(()),
    }
}
