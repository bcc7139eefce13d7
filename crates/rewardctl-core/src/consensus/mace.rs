//! Annotators who know, or else guess in a way of their own.
//!
//! Reference: D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy, *Learning whom to trust with MACE*, NAACL (2013), with
//! its variational maximisation. Priors and steps are those of crowd-kit 1.4.2; unlike there, each restart has a start
//! of its own, and chances are multiplied in logarithms, so that items with hundreds of labels do not underflow.

use statrs::function::gamma::digamma;

use crate::consensus::rows::Rows;
use crate::consensus::{Consensus, Stop, Watch, normalise};
use crate::stream::Stream;
use crate::votes::Votes;

/// The prior of knowing and of guessing: Beta(½, ½).
const KNOWING_PRIOR: f64 = 0.5;

/// The prior of each guess: a symmetric Dirichlet.
const GUESS_PRIOR: f64 = 10.0;

/// A start draws weights from 1 to this.
const START_TOP: f64 = 2.5;

/// Where a fit starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The chance that each annotator guesses, in 0..=1; else the annotator knows.
    pub guessing: Vec<f64>,
    /// The chance of each guess, at `annotator · classes + class`.
    pub guesses: Vec<f64>,
}

/// Fits from `restarts` random starts, which derive from `seed`, and returns the likeliest result; the reliability is
/// the chance that the annotator knows. At least one start is tried.
///
/// Who knows gives the true label, who does not draws one: with g the chance to guess and ξ the guesses, a label l at
/// the truth k has the chance `(1 − g)[l = k] + g ξ_l`; classes are equally likely beforehand. g and ξ are the
/// exponentials of the mean logarithms of their posterior, a Beta and a Dirichlet.
pub fn mace(votes: &Votes, stop: Stop, restarts: usize, seed: u64) -> Consensus {
    let mut best: Option<Consensus> = None;
    for restart in 0..restarts.max(1) as u64 {
        let found = mace_from(votes, stop, &Start::random(votes, seed, restart));
        let likelihood = |one: &Consensus| one.fit.map_or(f64::NEG_INFINITY, |fit| fit.log_likelihood);
        if best.as_ref().is_none_or(|best| likelihood(&found) > likelihood(best)) {
            best = Some(found);
        }
    }
    best.unwrap_or_else(|| mace_from(votes, stop, &Start::random(votes, seed, 0)))
}

/// Fits from a given start.
pub fn mace_from(votes: &Votes, stop: Stop, start: &Start) -> Consensus {
    let mut fit = Fitting::new(votes, start);
    let mut posterior = vec![0.0; votes.extent().items * fit.classes];
    let mut watch = Watch::new(stop, votes);
    watch.bound = fit.expect(votes, &mut posterior);
    watch.fit.log_likelihood = watch.bound;
    while !watch.is_over() {
        fit.maximise(votes, &posterior);
        watch.note(fit.expect(votes, &mut posterior));
    }
    let reliability = fit.knowing.iter().map(|knowing| knowing.clamp(0.0, 1.0)).collect();
    Consensus::new(fit.classes, posterior, reliability, Some(watch.fit))
}

impl Start {
    fn random(votes: &Votes, seed: u64, restart: u64) -> Self {
        let extent = votes.extent();
        let mut stream = Stream::of(seed, "mace start", restart);
        let (mut guessing, mut guesses) = (vec![], vec![]);
        for _ in 0..extent.annotators {
            guessing.push(shares(2, &mut stream)[0]);
            guesses.extend(shares(extent.classes, &mut stream));
        }
        Self { guessing, guesses }
    }
}

fn shares(count: usize, stream: &mut Stream) -> Vec<f64> {
    let drawn: Vec<f64> = (0..count).map(|_| 1.0 + (START_TOP - 1.0) * stream.unit()).collect();
    let sum: f64 = drawn.iter().sum();
    drawn.into_iter().map(|weight| weight / sum).collect()
}

struct Fitting {
    classes: usize,
    rows: Rows,
    knowing: Vec<f64>,
    /// For each row of annotator and label, the chance to say it by guessing.
    guessed: Vec<f64>,
    /// The logarithm of that, and how much likelier the label is where it is true.
    logs: Vec<(f64, f64)>,
    /// Scratch: how often each row was guessed.
    guesses: Vec<f64>,
}

impl Fitting {
    fn new(votes: &Votes, start: &Start) -> Self {
        let (classes, rows) = (votes.extent().classes, Rows::new(votes));
        let mut guessed = vec![0.0; rows.len()];
        for (annotator, two) in rows.starts.windows(2).enumerate() {
            for (guessed, class) in guessed[two[0]..two[1]].iter_mut().zip(&rows.class[two[0]..two[1]]) {
                *guessed = start.guessing[annotator] * start.guesses[annotator * classes + *class as usize];
            }
        }
        let knowing = start.guessing.iter().map(|guessing| 1.0 - guessing).collect();
        let (logs, guesses) = (vec![(0.0, 0.0); rows.len()], vec![0.0; rows.len()]);
        let mut new = Self { classes, rows, knowing, guessed, logs, guesses };
        new.take_logs();
        new
    }

    fn take_logs(&mut self) {
        for (annotator, two) in self.rows.starts.windows(2).enumerate() {
            for row in two[0]..two[1] {
                let guessed = self.guessed[row];
                self.logs[row] = (guessed.ln(), (self.knowing[annotator] / guessed).ln_1p());
            }
        }
    }

    fn expect(&self, votes: &Votes, posterior: &mut [f64]) -> f64 {
        let mut log_likelihood = 0.0;
        for (item, of_item) in posterior.chunks_exact_mut(self.classes).enumerate() {
            of_item.fill(0.0);
            let mut all_guessed = -(self.classes as f64).ln();
            for (vote, row) in votes.of(item).iter().zip(&self.rows.of_vote[votes.span(item)]) {
                let (guessed, if_true) = self.logs[*row as usize];
                all_guessed += guessed;
                of_item[vote.class as usize] += if_true;
            }
            log_likelihood += all_guessed + normalise(of_item);
        }
        log_likelihood
    }

    fn maximise(&mut self, votes: &Votes, posterior: &[f64]) {
        let mut known = vec![0.0; self.knowing.len()];
        self.guesses.fill(0.0);
        for (vote, row) in votes.all().iter().zip(&self.rows.of_vote) {
            let (annotator, row) = (vote.annotator as usize, *row as usize);
            let right = posterior[vote.item as usize * self.classes + vote.class as usize];
            let share = self.knowing[annotator] / (self.guessed[row] + self.knowing[annotator]);
            known[annotator] += right * share;
            self.guesses[row] += 1.0 - right * share;
        }
        let all_guess_priors = GUESS_PRIOR * self.classes as f64;
        for (annotator, two) in self.rows.starts.windows(2).enumerate() {
            let guesses: f64 = self.guesses[two[0]..two[1]].iter().sum();
            let both = digamma(guesses + known[annotator] + 2.0 * KNOWING_PRIOR);
            self.knowing[annotator] = (digamma(known[annotator] + KNOWING_PRIOR) - both).exp();
            let guessing = digamma(guesses + KNOWING_PRIOR) - both - digamma(guesses + all_guess_priors);
            for row in two[0]..two[1] {
                self.guessed[row] = (guessing + digamma(self.guesses[row] + GUESS_PRIOR)).exp();
            }
        }
        self.take_logs();
    }
}
