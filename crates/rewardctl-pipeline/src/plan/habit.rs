//! Habits of a critic: what its finished calls tell of those that follow. Where it was not asked yet, those of other
//! critics at the same endpoint tell how the model counts and how long it writes.

use rewardctl_critic::llm::critic::Mode;
use rewardctl_critic::llm::price::tokens::Learnt;
use rewardctl_store::ledger::finished::FinishedCall;
use serde::Serialize;

use crate::plan::asked::Asked;

/// Finished calls that are looked at.
pub const LOOKED_AT: u32 = 2_000;

/// Tokens of a reply before any was seen: a score and the one or two sentences that the prompts ask for.
pub const REPLY_TOKENS: f64 = 50.0;

/// Tokens that a model which reasons first takes for it, before any reply was seen.
const REASONING_TOKENS: f64 = 500.0;

/// The share of questions that are drawn again because the probabilities of the score do not add up, before any was
/// seen: a guess on the safe side, since a plan that is a little too dear does less harm than one too cheap.
const SCORES_DRAWN_AGAIN: f64 = 0.125;

/// The same for winners: they are one of three short words, which take nearly all of the probability.
const WINNERS_DRAWN_AGAIN: f64 = 0.01;

/// How many tokens what other critics' calls tell of counting weighs as much as.
const TRUST_IN_OTHERS: u64 = 8_000;

/// How many calls each of these guesses weighs as much as.
const TRUST: f64 = 8.0;

/// Whose habit it is.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// What every request of the critic begins with.
    pub instruction: &'a str,
    /// What it is asked for.
    pub mode: Mode,
    /// How often a question that is drawn again is drawn.
    pub samples: u32,
    /// Whether the model reasons first.
    pub reasons: bool,
    /// Tokens that a reply is taken to be before any was seen.
    pub reply_tokens: f64,
}

/// What calls of one critic took so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Habit {
    input: Learnt,
    calls: u64,
    reply_tokens: Mean,
    drawn_again: Mean,
    // Calls that ask again since a reply had no verdict, for each reply; and what such a call reads, as estimated.
    repairs: Mean,
    repair_input: u64,
}

/// A mean that starts at a guess.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mean {
    guess: f64,
    sum: f64,
    count: f64,
}

/// What is known of a critic, for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HabitReport {
    /// The critic's name in the panel.
    pub critic: String,
    /// Finished calls of the critic that it rests on.
    pub calls: u64,
    /// Tokens of one reply.
    pub reply_tokens: f64,
    /// The share of questions of which the probabilities do not add up, so that they are sampled.
    pub drawn_again: f64,
    /// Repairs for each reply, since it had no verdict.
    pub repairs: f64,
    /// Tokens read for each that was estimated.
    pub input_factor: f64,
}

impl Habit {
    /// Learns from `calls` to the critic's model, whoever made them.
    pub fn learn<'a>(calls: &'a [FinishedCall], whose: &Whose<'_>) -> Self {
        let read = |call: &'a FinishedCall| Some((Asked::read(&call.request)?, call));
        let read: Vec<(Asked, &FinishedCall)> = calls.iter().filter_map(read).collect();
        let is_own = |asked: &Asked| asked.opening.starts_with(whose.instruction);
        let (own, others): (Vec<_>, Vec<_>) = read.iter().partition(|(asked, _)| is_own(asked));
        let mut of_others = Self::guessed(whose);
        others.iter().for_each(|(asked, call)| of_others.add(asked, call, whose.samples));
        let mut habit = Self { reply_tokens: Mean::of(of_others.reply_tokens.get()), ..Self::guessed(whose) };
        if !others.is_empty() {
            let counted = of_others.input_tokens(TRUST_IN_OTHERS);
            habit.input = habit.input.after(TRUST_IN_OTHERS, counted);
        }
        own.iter().for_each(|(asked, call)| habit.add(asked, call, whose.samples));
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

    /// Returns how many repairs `replies` take, and about how many tokens these read in all.
    pub fn repairs(&self, replies: f64) -> (f64, u64) {
        let repairs = self.repairs.get() * replies;
        let each = self.repair_input as f64 / self.repairs.sum.max(1.0);
        (repairs, (repairs * each) as u64)
    }

    /// Returns what is known, for people.
    pub fn report(&self, critic: &str) -> HabitReport {
        const MANY: u64 = 1_000_000;
        HabitReport {
            critic: critic.into(),
            calls: self.calls,
            reply_tokens: self.reply_tokens.get(),
            drawn_again: self.drawn_again(),
            repairs: self.repairs.get(),
            input_factor: self.input_tokens(MANY) as f64 / MANY as f64,
        }
    }

    fn guessed(whose: &Whose<'_>) -> Self {
        let reasoning = if whose.reasons { REASONING_TOKENS } else { 0.0 };
        let drawn_again = match whose.mode {
            Mode::Pointwise => SCORES_DRAWN_AGAIN,
            Mode::Pairwise => WINNERS_DRAWN_AGAIN,
        };
        Self {
            input: Learnt::default(),
            calls: 0,
            reply_tokens: Mean::of(whose.reply_tokens + reasoning),
            drawn_again: Mean::of(drawn_again),
            repairs: Mean::of(0.0),
            repair_input: 0,
        }
    }

    fn add(&mut self, asked: &Asked, call: &FinishedCall, samples: u32) {
        self.calls += 1;
        self.input = self.input.after(asked.input_tokens, call.input_tokens);
        self.reply_tokens.sum += call.output_tokens as f64;
        self.reply_tokens.count += asked.replies as f64;
        match asked.is_repair {
            true => self.repair_input += asked.input_tokens,
            false => self.repairs.count += asked.replies as f64,
        }
        self.repairs.sum += f64::from(u8::from(asked.is_repair));
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

    fn judge(mode: Mode) -> Whose<'static> {
        Whose { instruction: "Judge.", mode, samples: 5, reasons: false, reply_tokens: REPLY_TOKENS }
    }

    fn asked(who: &str) -> String {
        let content = format!("{who} {}", "word ".repeat(275));
        format!(r#"[{{"role":"user","content":"{content}"}}]"#)
    }

    #[test]
    fn guesses_give_way_to_what_was_seen() {
        let whose = judge(Mode::Pointwise);
        let fresh = Habit::learn(&[], &whose);
        assert_eq!((fresh.output_tokens(2.0), fresh.drawn_again()), (100, 0.125));
        assert_eq!(fresh.input_tokens(1000), 1000);
        assert_eq!(Habit::learn(&[], &Whose { reasons: true, ..whose }).output_tokens(1.0), 550);
        assert_eq!(Habit::learn(&[], &judge(Mode::Pairwise)).drawn_again(), WINNERS_DRAWN_AGAIN);
        let turn = asked("Judge.");
        let first = call(&format!(r#"{{"messages":{turn},"logprobs":true,"max_tokens":400}}"#), 30);
        let again = call(&format!(r#"{{"messages":{turn},"n":5,"max_tokens":400}}"#), 150);
        let mut calls = vec![first; 900];
        calls.extend(vec![again; 90]);
        let seen = Habit::learn(&calls, &whose);
        assert!((seen.drawn_again() - 0.1).abs() < 0.001, "{}", seen.drawn_again());
        assert!(seen.output_tokens(100.0).abs_diff(3000) < 30, "{}", seen.output_tokens(100.0));
        // 346 + 7 tokens estimated, 700 billed.
        assert!(seen.input_tokens(353).abs_diff(700) < 5, "{}", seen.input_tokens(353));
        assert_eq!(seen.repairs(100.0), (0.0, 0));
    }

    #[test]
    fn repairs_are_a_habit() {
        let turn = asked("Judge.");
        let ask = call(&format!(r#"{{"messages":{turn},"logprobs":true,"max_tokens":400}}"#), 30);
        let turns = turn.trim_end_matches(']').to_owned() + r#",{"role":"assistant","content":"?"}]"#;
        let repair = call(&format!(r#"{{"messages":{turns},"max_tokens":400}}"#), 30);
        let calls = [vec![ask; 800], vec![repair; 200]].concat();
        let (repairs, input) = Habit::learn(&calls, &judge(Mode::Pointwise)).repairs(100.0);
        assert!((repairs - 25.0).abs() < 0.5, "{repairs}");
        // 346 + 7 tokens each, and a few more of the reply that is shown again.
        assert!((353.0..370.0).contains(&(input as f64 / repairs)), "{input}");
    }

    #[test]
    fn what_one_critic_did_is_no_habit_of_another() {
        let (mine, its) = (asked("Judge."), asked("Compare."));
        let ask = |turn: &str, output| {
            call(&format!(r#"{{"messages":{turn},"logprobs":true,"max_tokens":400}}"#), output)
        };
        let draw = call(&format!(r#"{{"messages":{its},"n":5,"max_tokens":400}}"#), 150);
        let mut calls = vec![ask(&mine, 20); 500];
        calls.extend(vec![ask(&its, 30); 500]);
        calls.extend(vec![draw; 500]);
        let seen = Habit::learn(&calls, &judge(Mode::Pointwise));
        assert!(seen.drawn_again() < 0.01, "{}", seen.drawn_again());
        assert!(seen.output_tokens(100.0).abs_diff(2000) < 50, "{}", seen.output_tokens(100.0));
        assert_eq!(seen.report("c").calls, 500);
        // A critic that was never asked takes over how its model counts and writes, and no more.
        let new = Whose { instruction: "Rank.", ..judge(Mode::Pairwise) };
        let new = Habit::learn(&calls, &new);
        assert!(new.output_tokens(100.0).abs_diff(2900) < 100, "{}", new.output_tokens(100.0));
        assert!(new.input_tokens(353) > 600, "{}", new.input_tokens(353));
        assert_eq!((new.drawn_again(), new.report("r").calls), (WINNERS_DRAWN_AGAIN, 0));
    }
}
