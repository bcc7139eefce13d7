//! Counts of what is asked of one critic, and what that comes to.

use rewardctl_critic::llm::price::{Billed, Price};
use serde::Serialize;

use crate::note::{Note, Noted};
use crate::plan::asked::Asked;
use crate::plan::habit::Habit;

/// How a critic's endpoint is asked and billed.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What is known of its replies.
    pub habit: Habit,
    /// What it costs; None where nobody says.
    pub price: Option<Price>,
    /// Replies that are averaged where there are no probabilities.
    pub samples: u64,
    /// Whether one call brings several replies.
    pub several: bool,
    /// Whether that is known; an endpoint that was never asked may do less than is taken to be likely.
    pub is_known: bool,
}

/// What calls come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Calls.
    pub calls: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Nano-dollars; None where a price is not known.
    pub cost_nano: Option<u64>,
}

/// What one critic is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// Calls to which the answer is known: in the ledger, or in a verdict of the store.
    pub answered: u64,
    calls: u64,
    input_tokens: u64,
    replies: u64,
    most_output: u64,
    // Of these, what is asked again where probabilities do not add up.
    doubtful: u64,
    doubtful_input: u64,
    doubtful_output: u64,
}

impl Amount {
    /// Nothing, which costs nothing.
    pub const NONE: Self = Self { calls: 0, input_tokens: 0, output_tokens: 0, cost_nano: Some(0) };

    /// Returns the sum; its cost is not known if one of the two is not.
    pub fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(other.calls),
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cost_nano: self.cost_nano.zip(other.cost_nano).map(|(a, b)| a.saturating_add(b)),
        }
    }
}

impl Count {
    /// Counts what was noted of one question.
    pub fn of<'a>(notes: impl IntoIterator<Item = &'a Note>, terms: &Terms) -> Self {
        let mut count = Self::default();
        for note in notes {
            match &note.what {
                Noted::Answered | Noted::Repeated => count.answered += 1,
                Noted::Sent(body) => {
                    if let Some(asked) = Asked::read(body.as_bytes()) {
                        count.add_call(&asked, terms);
                    }
                }
            }
        }
        count
    }

    /// Adds the counts of other questions.
    pub fn add(&mut self, other: &Self) {
        self.answered += other.answered;
        self.calls += other.calls;
        self.input_tokens += other.input_tokens;
        self.replies += other.replies;
        self.most_output += other.most_output;
        self.doubtful += other.doubtful;
        self.doubtful_input += other.doubtful_input;
        self.doubtful_output += other.doubtful_output;
    }

    /// Returns the share of one among so many.
    pub fn shared(&self, among: u64) -> Self {
        let share = |count: u64| (count + among / 2) / among.max(1);
        Self {
            answered: share(self.answered),
            calls: share(self.calls),
            input_tokens: share(self.input_tokens),
            replies: share(self.replies),
            most_output: share(self.most_output),
            doubtful: share(self.doubtful),
            doubtful_input: share(self.doubtful_input),
            doubtful_output: share(self.doubtful_output),
        }
    }

    /// Returns what is likely.
    pub fn likely(&self, terms: &Terms) -> Amount {
        let again = terms.habit.drawn_again();
        let repeated = |count: u64| (count as f64 * again).round() as u64;
        let replies = self.replies as f64 + self.doubtful as f64 * again * terms.samples as f64;
        let (repairs, repair_input) = terms.habit.repairs(replies);
        let calls = self.calls + repeated(self.doubtful * terms.calls_again()) + repairs.round() as u64;
        let input = self.input_tokens + repeated(self.doubtful_input * terms.calls_again()) + repair_input;
        let output = terms.habit.output_tokens(replies + repairs);
        self.amount(terms, calls, terms.habit.input_tokens(input), output)
    }

    /// Returns the most without repairs and retries: every question is drawn again, and every reply is as long as it
    /// may be.
    pub fn most(&self, terms: &Terms) -> Amount {
        let again = terms.most_calls_again();
        let input = self.input_tokens + self.doubtful_input * again;
        self.amount(
            terms,
            self.calls + self.doubtful * again,
            terms.habit.input_tokens(input).max(input),
            self.most_output + self.doubtful_output * terms.samples,
        )
    }

    fn add_call(&mut self, asked: &Asked, terms: &Terms) {
        // The draws that follow the first one are sure to be made where each takes a call of its own.
        let calls = match asked.wants_probabilities || asked.is_repair || terms.several {
            true => 1,
            false => terms.samples.saturating_sub(self.answered).max(1),
        };
        self.calls += calls;
        self.input_tokens += calls * asked.input_tokens;
        self.replies += calls * asked.replies;
        self.most_output += calls * asked.replies * asked.most_tokens;
        // A critic that is drawn once takes its one reply as it is.
        if asked.wants_probabilities && !asked.is_repair && terms.samples > 1 {
            self.doubtful += 1;
            self.doubtful_input += asked.input_tokens;
            self.doubtful_output += asked.most_tokens;
        }
    }

    fn amount(&self, terms: &Terms, calls: u64, input_tokens: u64, output_tokens: u64) -> Amount {
        let billed = Billed { input_tokens, cached_input_tokens: 0, output_tokens };
        let cost_nano = match (calls, &terms.price) {
            (0, _) => Some(0),
            (_, price) => price.as_ref().map(|price| price.cost(&billed).0),
        };
        Amount { calls, input_tokens, output_tokens, cost_nano }
    }
}

impl Terms {
    /// Returns the calls that drawing a question again takes.
    fn calls_again(&self) -> u64 {
        if self.several { 1 } else { self.samples }
    }

    /// Returns the calls that it takes at most.
    fn most_calls_again(&self) -> u64 {
        if self.is_known { self.calls_again() } else { self.samples }
    }
}

#[cfg(test)]
mod tests {
    use rewardctl_critic::llm::critic::Mode;

    use super::*;
    use crate::plan::habit::Whose;

    fn terms(several: bool) -> Terms {
        let price = Price { input: "1".parse().unwrap(), cached_input: None, output: "10".parse().unwrap() };
        let whose =
            Whose { instruction: "", mode: Mode::Pointwise, samples: 5, reasons: false, reply_tokens: 50.0 };
        let habit = Habit::learn(&[], &whose);
        Terms { habit, price: Some(price), samples: 5, several, is_known: true }
    }

    fn note(body: &str) -> Note {
        Note { who: "c".into(), what: Noted::Sent(body.into()) }
    }

    #[test]
    fn a_question_with_probabilities_may_be_drawn_again() {
        let body = r#"{"messages":[{"role":"user","content":"12345678"}],"logprobs":true,"max_tokens":400}"#;
        let mut count = Count::default();
        (0..8).for_each(|_| count.add(&Count::of([&note(body)], &terms(true))));
        let likely = count.likely(&terms(true));
        // 2 + 4 + 3 tokens a question; one of eight is drawn again, five times.
        assert_eq!((likely.calls, likely.input_tokens, likely.output_tokens), (9, 81, 13 * 50));
        assert_eq!(likely.cost_nano, Some(81_000 + 13 * 50 * 10_000));
        let most = count.most(&terms(true));
        assert_eq!((most.calls, most.input_tokens, most.output_tokens), (16, 144, 8 * 6 * 400));
        let unknown = Terms { is_known: false, ..terms(true) };
        assert_eq!((count.likely(&unknown), count.most(&unknown).calls), (likely, 48));
    }

    #[test]
    fn draws_take_calls_of_their_own_where_the_endpoint_gives_one_reply() {
        let sent = note(r#"{"messages":[],"max_tokens":400}"#);
        let known = Note { who: "c".into(), what: Noted::Answered };
        assert_eq!(Count::of([&sent], &terms(false)).likely(&terms(false)).calls, 5);
        let rest = Count::of([&known, &known, &sent], &terms(false));
        assert_eq!((rest.answered, rest.likely(&terms(false)).calls), (2, 3));
        assert_eq!(Count::of([&sent], &terms(true)).likely(&terms(true)).calls, 1);
    }

    #[test]
    fn what_nobody_prices_has_no_cost_but_nothing_costs_nothing() {
        let unpriced = Terms { price: None, ..terms(true) };
        let sent = note(r#"{"messages":[],"n":5,"max_tokens":400}"#);
        assert_eq!(Count::of([&sent], &unpriced).likely(&unpriced).cost_nano, None);
        assert_eq!(Count::default().likely(&unpriced), Amount::NONE);
    }
}
