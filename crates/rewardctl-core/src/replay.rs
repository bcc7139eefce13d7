//! Replays of active learning on pairs of which the labels are known: what would a rule of asking have been worth?
//!
//! Pairs are split in halves by prompt, one to ask about and one to test on. From the same first labels every rule asks
//! batch after batch; after each, a fit of the labels so far is measured on the other half. The fit is the caller's, so
//! that the aggregator that is replayed is the one that is shipped.

use crate::acquire::covariance::Covariance;
use crate::acquire::greedy::{Greedy, Limits, Rule};
use crate::acquire::{Ask, Candidate, SHARES, Shares, State, batch};
use crate::id::ContentId;
use crate::replay::measure::{Measure, measure};
use crate::stream::Stream;

pub mod measure;
pub mod summary;

/// A pair of responses whose labels are known.
#[derive(Debug, Clone)]
pub struct Question {
    /// Names the pair.
    pub id: ContentId,
    /// Its prompt; pairs of one prompt are never split.
    pub prompt: usize,
    /// The difference of the features, as the aggregator's weights see them.
    pub difference: Vec<f64>,
    /// The cluster of the prompt; None where prompts are not clustered.
    pub cluster: Option<usize>,
    /// The embedding of the pair; None without.
    pub embedding: Option<Vec<f64>>,
    /// How far the critics contradict each other.
    pub disagreement: f64,
    /// What people say, in the order in which they are asked: the probability that the first response is better, in
    /// 0..=1. At least one.
    pub answers: Vec<f64>,
    /// The truth that is tested against: the probability that a person prefers the first response, in 0..=1; 0.5 is a tie.
    pub truth: f64,
}

/// One label that was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The place of the pair among the questions.
    pub at: usize,
    /// The probability that the first response is better, as the label says it.
    pub target: f64,
}

/// What an aggregator believes after some labels.
#[derive(Debug, Clone)]
pub struct Belief {
    /// Per question, the mean of the margin, in logits.
    pub means: Vec<f64>,
    /// Per question, the variance of the margin that the weights do not cause.
    pub item_variances: Vec<f64>,
    /// The covariance of the weights.
    pub covariance: Covariance,
}

/// Fits an aggregator to labels; None where no fit is possible.
pub type Fit<'a> = &'a (dyn Fn(&[Answer]) -> Option<Belief> + Sync);

/// A way to choose what is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Pairs at random.
    Random,
    /// The best by one rule alone, picked greedily.
    Pure(Rule),
    /// What is shipped: expected information, and the random, relabel and audit shares.
    Shipped,
}

/// All of them, random first.
pub const POLICIES: [Policy; 6] = [
    Policy::Random,
    Policy::Pure(Rule::Margin),
    Policy::Pure(Rule::Bald),
    Policy::Pure(Rule::DOptimal),
    Policy::Pure(Rule::Disagreement),
    Policy::Shipped,
];

impl Policy {
    /// Returns the name that people read and type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Pure(Rule::Margin) => "margin",
            Self::Pure(Rule::Bald) => "bald",
            Self::Pure(Rule::DOptimal) => "d-optimal",
            Self::Pure(Rule::Disagreement) => "disagreement",
            Self::Shipped => "shipped",
        }
    }
}

/// How a replay goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// Labels at the start, drawn at random.
    pub start: usize,
    /// Labels a batch.
    pub batch: usize,
    /// Labels in the end.
    pub budget: usize,
}

/// A confidence from which on a replay takes an answer as accepted, so that it may be audited.
const ACCEPTED: f64 = 0.95;

/// Replays `policies` with one `seed`: per policy, what was measured from the start to the budget. Shorter where a pool
/// runs out of pairs, empty where no fit is possible.
pub fn replay(
    questions: &[Question],
    policies: &[Policy],
    course: Course,
    seed: u64,
    fit: Fit<'_>,
) -> Vec<Vec<Measure>> {
    let (pool, test) = halves(questions, seed);
    let start: Vec<usize> = pool.iter().copied().take(course.start).collect();
    policies
        .iter()
        .map(|policy| Run { questions, pool: &pool, test: &test, course, seed, fit }.go(*policy, &start))
        .collect()
}

/// Splits prompts at random into halves; the first half's pairs come back in random order.
pub fn halves(questions: &[Question], seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut prompts: Vec<usize> = questions.iter().map(|question| question.prompt).collect();
    prompts.sort_unstable();
    prompts.dedup();
    let mut stream = Stream::of(seed, "replay", 0);
    stream.shuffle(&mut prompts);
    let mut asked = prompts[..prompts.len() / 2].to_vec();
    asked.sort_unstable();
    let is_asked = |at: &usize| asked.binary_search(&questions[*at].prompt).is_ok();
    let (mut pool, test): (Vec<usize>, Vec<usize>) = (0..questions.len()).partition(is_asked);
    stream.shuffle(&mut pool);
    (pool, test)
}

struct Run<'a> {
    questions: &'a [Question],
    pool: &'a [usize],
    test: &'a [usize],
    course: Course,
    seed: u64,
    fit: Fit<'a>,
}

impl Run<'_> {
    fn go(&self, policy: Policy, start: &[usize]) -> Vec<Measure> {
        // Per question, how often it was asked.
        let mut asked = vec![0; self.questions.len()];
        let mut answers = vec![];
        let mut measures = vec![];
        self.ask(start, &mut asked, &mut answers);
        while let Some(belief) = (self.fit)(&answers) {
            measures.extend(measure(answers.len(), self.questions, self.test, &belief));
            let size = self.course.batch.min(self.course.budget.saturating_sub(answers.len()));
            if size == 0 {
                break;
            }
            let next = self.next(policy, &belief, &asked, size, answers.len());
            if next.is_empty() {
                break;
            }
            self.ask(&next, &mut asked, &mut answers);
        }
        measures
    }

    fn ask(&self, places: &[usize], asked: &mut [usize], answers: &mut Vec<Answer>) {
        for at in places {
            let given = &self.questions[*at].answers;
            let answer = given.get(asked[*at]).or(given.last());
            answers.extend(answer.map(|target| Answer { at: *at, target: *target }));
            asked[*at] += 1;
        }
    }

    fn next(
        &self,
        policy: Policy,
        belief: &Belief,
        asked: &[usize],
        size: usize,
        before: usize,
    ) -> Vec<usize> {
        let open = |at: &&usize| asked[**at] == 0;
        if policy == Policy::Random {
            return self.pool.iter().filter(open).take(size).copied().collect();
        }
        let candidates: Vec<Candidate<'_>> =
            self.pool.iter().map(|at| self.candidate(*at, belief, asked)).collect();
        let covariance = belief.covariance.clone();
        let places: Vec<usize> = match policy {
            Policy::Pure(rule) => {
                let limits = Limits { per_cluster: None, near: None };
                let mut greedy = Greedy::new(&candidates, covariance, rule, limits);
                (0..size).map_while(|_| greedy.pick()).map(|(at, _)| at).collect()
            }
            _ => {
                // Where nobody can be asked twice, that share goes to new pairs.
                let again = self.questions.iter().any(|question| question.answers.len() > 1);
                let shares = Shares { relabel: if again { SHARES.relabel } else { 0.0 }, ..SHARES };
                let ask = Ask { size, before, shares, seed: self.seed };
                batch(&candidates, &covariance, &ask).iter().map(|pick| pick.at).collect()
            }
        };
        places.into_iter().map(|at| self.pool[at]).collect()
    }

    fn candidate(&self, at: usize, belief: &Belief, asked: &[usize]) -> Candidate<'_> {
        let question = &self.questions[at];
        let (mean, item_variance) = (belief.means[at], belief.item_variances[at]);
        let chance = measure::chance(belief, at, question);
        Candidate {
            id: question.id,
            mean,
            difference: &question.difference,
            item_variance,
            disagreement: question.disagreement,
            cluster: question.cluster,
            embedding: question.embedding.as_deref(),
            state: state(question, asked[at], chance),
        }
    }
}

fn state(question: &Question, asked: usize, chance: f64) -> State {
    if asked == 0 {
        return State::Open { accepted: chance.max(1.0 - chance) >= ACCEPTED };
    }
    let given = question.answers.get(asked - 1).filter(|_| asked < question.answers.len());
    State::Labelled { trust: given.map(|given| given * chance + (1.0 - given) * (1.0 - chance)) }
}

#[cfg(test)]
mod tests;
