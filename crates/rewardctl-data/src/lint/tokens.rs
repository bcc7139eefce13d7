//! How many tokens rows have: D05.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::lint::check::dataset::D05;
use crate::lint::finding::Findings;
use crate::lint::parts::{Parts, Said};

/// Counts the tokens of a text.
pub type CountTokens<'a> = &'a mut dyn FnMut(&str) -> u64;

/// The tokens of all rows.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    counts: BTreeMap<u64, u64>,
    rows: u64,
    over: u64,
}

/// How many tokens rows have, the prompt with the longest of its answers; without what a chat template adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TokenFigures {
    /// Half of the rows have no more.
    pub median: u64,
    /// 95 % of the rows have no more.
    pub p95: u64,
    /// No row has more.
    pub max: u64,
    /// Rows with more than allowed; None where any number is.
    pub over: Option<u64>,
}

impl Tokens {
    /// Takes in a row.
    pub(crate) fn read(
        &mut self,
        parts: &Parts,
        most: Option<u64>,
        count: CountTokens<'_>,
        findings: &mut Findings,
    ) {
        let prompt = parts.prompt.as_ref().map_or(0, |prompt| tokens(prompt, count));
        let answer = parts.answers.iter().map(|(_, answer)| tokens(answer, count)).max().unwrap_or(0);
        let all = prompt + answer;
        *self.counts.entry(all).or_default() += 1;
        self.rows += 1;
        if let Some(most) = most.filter(|most| all > *most) {
            self.over += 1;
            findings.add(&D05, None, format!("{all} tokens, {most} allowed"));
        }
    }

    /// Returns the figures; None without any row.
    pub(crate) fn figures(&self, most: Option<u64>) -> Option<TokenFigures> {
        let max = *self.counts.keys().next_back()?;
        let over = most.map(|_| self.over);
        Some(TokenFigures { median: self.quantile(0.5), p95: self.quantile(0.95), max, over })
    }

    /// Returns the smallest number that this share of the rows does not exceed.
    fn quantile(&self, share: f64) -> u64 {
        let wanted = (share * self.rows as f64).ceil() as u64;
        let mut below = 0;
        for (tokens, rows) in &self.counts {
            below += rows;
            if below >= wanted {
                return *tokens;
            }
        }
        0
    }
}

fn tokens(said: &Said, count: CountTokens<'_>) -> u64 {
    said.turns.iter().map(|turn| count(&turn.text)).sum()
}
