//! Habits of an endpoint: what finished calls tell of those that follow.

use rewardctl_critic::llm::price::tokens::Learnt;
use rewardctl_store::ledger::finished::FinishedCall;
use serde::Serialize;

use crate::plan::asked::Asked;

/// Finished calls that are looked at.
pub const LOOKED_AT: u32 = 2_000;

/// Tokens of a reply before any was seen: a score and the one or two sentences that the prompts ask for.
const REPLY_TOKENS: f64 = 50.0;

/// Tokens that a model which reasons first takes for it, before any reply was seen.
const REASONING_TOKENS: f64 = 500.0;

/// The share of questions that are drawn again because the probabilities of the score do not add up, before any was
/// seen: a guess on the safe side, since a plan that is a little too dear does less harm than one too cheap.
const DRAWN_AGAIN: f64 = 0.125;

/// How many calls each of these guesses weighs as much as.
const TRUST: f64 = 8.0;

/// What calls to one endpoint took so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Habit {
    input: Learnt,
    calls: u64,
    reply_tokens: Mean,
    drawn_again: Mean,
}

/// A mean that starts at a guess.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mean {
    guess: f64,
    sum: f64,
    count: f64,
}

/// What is known of an endpoint, for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HabitReport {
    /// The endpoint's name.
    pub endpoint: String,
    /// Finished calls that it rests on.
    pub calls: u64,
    /// Tokens of one reply.
    pub reply_tokens: f64,
    /// The share of questions of which the probabilities do not add up, so that they are sampled.
    pub drawn_again: f64,
    /// Tokens read for each that was estimated.
    pub input_factor: f64,
}

impl Habit {
    /// Learns from `calls`; a question that is drawn again is drawn `samples` times.
    pub fn learn(calls: &[FinishedCall], samples: u32, reasons: bool) -> Self {
        let reasoning = if reasons { REASONING_TOKENS } else { 0.0 };
        let mut habit = Self {
            input: Learnt::default(),
            calls: 0,
            reply_tokens: Mean::of(REPLY_TOKENS + reasoning),
            drawn_again: Mean::of(DRAWN_AGAIN),
        };
        for call in calls {
            if let Some(asked) = Asked::read(&call.request) {
                habit.add(&asked, call, samples);
            }
        }
        habit
    }

    /// Corrects an estimate of tokens that the model reads.
    pub fn input_tokens(&self, estimate: u64) -> u64 {
        self.input.correct(estimate)
    }

    /// Returns about how many tokens `replies` take.
    pub fn output_tokens(&self, replies: f64) -> u64 {
        (self.reply_tokens.get() * replies).ceil() as u64
    }

    /// Returns the share of questions that are drawn again.
    pub fn drawn_again(&self) -> f64 {
        self.drawn_again.get().min(1.0)
    }

    /// Returns what is known, for people.
    pub fn report(&self, endpoint: &str) -> HabitReport {
        const MANY: u64 = 1_000_000;
        HabitReport {
            endpoint: endpoint.into(),
            calls: self.calls,
            reply_tokens: self.reply_tokens.get(),
            drawn_again: self.drawn_again(),
            input_factor: self.input_tokens(MANY) as f64 / MANY as f64,
        }
    }

    fn add(&mut self, asked: &Asked, call: &FinishedCall, samples: u32) {
        self.calls += 1;
        self.input = self.input.after(asked.input_tokens, call.input_tokens);
        self.reply_tokens.sum += call.output_tokens as f64;
        self.reply_tokens.count += asked.replies as f64;
        match (asked.is_repair, asked.wants_probabilities) {
            (true, _) => {}
            (false, true) => self.drawn_again.count += 1.0,
            (false, false) => self.drawn_again.sum += asked.replies as f64 / f64::from(samples.max(1)),
        }
    }
}

impl Mean {
    fn of(guess: f64) -> Self {
        Self { guess, sum: 0.0, count: 0.0 }
    }

    fn get(&self) -> f64 {
        (self.sum + TRUST * self.guess) / (self.count + TRUST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(body: &str, output_tokens: u64) -> FinishedCall {
        FinishedCall { request: body.as_bytes().to_vec(), input_tokens: 700, output_tokens }
    }

    #[test]
    fn guesses_give_way_to_what_was_seen() {
        let fresh = Habit::learn(&[], 5, false);
        assert_eq!((fresh.output_tokens(2.0), fresh.drawn_again()), (100, 0.125));
        assert_eq!(fresh.input_tokens(1000), 1000);
        assert_eq!(Habit::learn(&[], 5, true).output_tokens(1.0), 550);
        let turn = format!(r#"[{{"role":"user","content":"{}"}}]"#, "word ".repeat(275));
        let first = call(&format!(r#"{{"messages":{turn},"logprobs":true,"max_tokens":400}}"#), 30);
        let again = call(&format!(r#"{{"messages":{turn},"n":5,"max_tokens":400}}"#), 150);
        let mut calls = vec![first; 900];
        calls.extend(vec![again; 90]);
        let seen = Habit::learn(&calls, 5, false);
        assert!((seen.drawn_again() - 0.1).abs() < 0.001, "{}", seen.drawn_again());
        assert!(seen.output_tokens(100.0).abs_diff(3000) < 30, "{}", seen.output_tokens(100.0));
        // 344 + 7 tokens estimated, 700 billed.
        assert!(seen.input_tokens(351).abs_diff(700) < 5, "{}", seen.input_tokens(351));
    }
}
