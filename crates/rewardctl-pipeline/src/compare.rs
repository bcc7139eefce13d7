//! Comparisons: a pairwise critic sees two responses in both orders, and its wins become scores.
//!
//! With `p₁` the probability that A wins when it stands first and `p₂` when it stands second, the pair's logit is
//! `½ (logit p₁ + logit p₂)`: a critic that favours a place cancels itself. A response's score is the mean of its
//! chances against the others.

use rewardctl_core::id::{ContentId, ResponseId};
use rewardctl_core::verdict::{Bout, Evidence, Method, Outcome, Verdict};
use rewardctl_critic::llm::prompt::pairwise;

use crate::call::Caller;
use crate::chunk::Row;
use crate::critic::{Critic, Question, seed};
use crate::draw::Drawn;
use crate::error::{Error, all_or_gravest};

/// Up to this many responses, all pairs are compared; beyond it each response meets its two neighbours.
const ALL_PAIRS: usize = 4;

/// Probabilities are kept away from 0 and 1 by this much, so that one of them cannot decide alone.
const CLIP: f64 = 0.01;

/// How a comparison came out.
struct Met {
    first: usize,
    second: usize,
    /// The chance of the first when it is shown first, and when it is shown second; or why there is none.
    orders: Result<(f64, f64), Outcome>,
    rationale: String,
    calls: Vec<ContentId>,
}

impl Critic {
    /// Compares the responses of a row, and returns a verdict on each.
    pub async fn compare(&self, caller: &Caller, row: &Row) -> Result<Vec<Verdict>, Error> {
        let count = row.responses.len();
        if count < 2 {
            let reason = "there is no other response to compare with";
            return Ok(row.responses.iter().map(|_| self.abstained(reason.into())).collect());
        }
        if let Some(lack) = self.llm.lacks(&row.item.context) {
            return Ok(row.responses.iter().map(|_| self.abstained(lack.into())).collect());
        }
        let _room = caller.room(&self.endpoint).await;
        let met = pairs(count).into_iter().map(|(first, second)| self.meet(caller, row, first, second));
        let met = all_or_gravest(futures_util::future::join_all(met).await)?;
        Ok((0..count).map(|at| self.verdict(sum_up(&met, &row.responses, at))).collect())
    }

    /// Compares two responses in both orders.
    async fn meet(&self, caller: &Caller, row: &Row, first: usize, second: usize) -> Result<Met, Error> {
        let (there, back) = tokio::join!(
            self.ask_order(caller, row, first, second),
            self.ask_order(caller, row, second, first)
        );
        let (there, back) = match (there, back) {
            (Err(one), Err(other)) => return Err(Error::gravest(Some(one), other)),
            (there, back) => (there?, back?),
        };
        let calls = there.evidence.calls.iter().chain(&back.evidence.calls).copied().collect();
        let rationale = there.rationale.clone();
        let orders = match (won(&there), won(&back)) {
            (Ok(first_wins), Ok(second_wins)) => Ok((first_wins, 1.0 - second_wins)),
            (Err(outcome), _) | (_, Err(outcome)) => Err(outcome),
        };
        Ok(Met { first, second, orders, rationale, calls })
    }

    async fn ask_order(&self, caller: &Caller, row: &Row, a: usize, b: usize) -> Result<Drawn, Error> {
        let parts = [self.question.as_bytes(), row.responses[a].as_bytes(), row.responses[b].as_bytes()];
        let key = ContentId::of("comparison", parts);
        let fence = self.fence(key);
        let text = |at: usize| row.item.responses[at].text.as_str();
        let messages = pairwise(&self.llm, &row.item.context, text(a), text(b), &fence);
        self.draw(caller, &Question { messages, fence, seed: seed(key) }).await
    }
}

fn pairs(count: usize) -> Vec<(usize, usize)> {
    match count <= ALL_PAIRS {
        true => (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect(),
        false => (0..count).map(|a| (a, (a + 1) % count)).collect(),
    }
}

fn won(drawn: &Drawn) -> Result<f64, Outcome> {
    match &drawn.outcome {
        Outcome::Scored { score, .. } => Ok(score.get()),
        other => Err(other.clone()),
    }
}

/// Returns the chance of A from both orders.
fn both_orders(p1: f64, p2: f64) -> f64 {
    let logit = |p: f64| {
        let p = p.clamp(CLIP, 1.0 - CLIP);
        (p / (1.0 - p)).ln()
    };
    1.0 / (1.0 + (-(logit(p1) + logit(p2)) / 2.0).exp())
}

/// Returns how the response at `at` did in a comparison that it took part in; None if that failed.
fn bout(met: &Met, responses: &[ResponseId], at: usize) -> Option<Bout> {
    let (p1, p2) = *met.orders.as_ref().ok()?;
    Some(match met.first == at {
        true => Bout { against: responses[met.second], shown_first: p1, shown_second: p2 },
        false => Bout { against: responses[met.first], shown_first: 1.0 - p2, shown_second: 1.0 - p1 },
    })
}

/// Sums up the comparisons of the response at `at`.
fn sum_up(met: &[Met], responses: &[ResponseId], at: usize) -> Drawn {
    let own: Vec<&Met> = met.iter().filter(|met| met.first == at || met.second == at).collect();
    let bouts: Vec<Bout> = own.iter().filter_map(|met| bout(met, responses, at)).collect();
    let chances: Vec<f64> =
        bouts.iter().map(|bout| both_orders(bout.shown_first, bout.shown_second)).collect();
    let flipped = |bout: &&Bout| (bout.shown_first - 0.5) * (bout.shown_second - 0.5) < 0.0;
    let flips = bouts.iter().filter(flipped).count();
    let calls = own.iter().flat_map(|met| met.calls.iter().copied()).collect();
    let evidence = Evidence { method: Method::Comparisons, calls, bouts };
    if chances.is_empty() {
        let why = own.iter().find_map(|met| met.orders.as_ref().err().cloned());
        let outcome = why.unwrap_or(Outcome::Abstained { reason: "nothing was compared".into() });
        return Drawn { outcome, rationale: String::new(), evidence };
    }
    let mean = chances.iter().sum::<f64>() / chances.len() as f64;
    // What one comparison leaves open: a coin with this chance, averaged over the comparisons.
    let variance = chances.iter().map(|p| p * (1.0 - p)).sum::<f64>() / (chances.len() as f64).powi(2);
    let outcome = match rewardctl_core::score::Score::clamped(mean) {
        Some(score) => Outcome::Scored { score, variance: Some(variance) },
        None => Outcome::Failed { reason: "the comparisons have no mean".into(), retryable: false },
    };
    let wins = chances.iter().filter(|p| **p > 0.5).count();
    let counted = format!("ahead in {wins} of {}, {flips} changed with the order", own.len());
    let said = own.iter().map(|met| met.rationale.as_str()).find(|said| !said.is_empty()).unwrap_or("");
    Drawn { outcome, rationale: format!("{counted}. {said}").trim_end().into(), evidence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_critic_that_favours_the_first_place_cancels_itself() {
        // Wins with .9 when first, and with .1 when second.
        assert!((both_orders(0.9, 0.1) - 0.5).abs() < 1e-12);
        assert!((both_orders(0.9, 0.9) - 0.9).abs() < 1e-12);
        assert!((both_orders(1.0, 1.0) - 0.99).abs() < 1e-12);
    }

    #[test]
    fn both_sides_of_a_comparison_tell_the_same() {
        let ids: Vec<ResponseId> = ["a", "b"].map(|id| ContentId::of("t", [id.as_bytes()])).into();
        // The first slot wins in both orders.
        let met =
            Met { first: 0, second: 1, orders: Ok((0.9, 0.2)), rationale: String::new(), calls: vec![] };
        let sides = [0, 1].map(|at| sum_up(std::slice::from_ref(&met), &ids, at));
        let [one, other] = sides.each_ref().map(|side| side.evidence.bouts[0]);
        assert_eq!((one.against, other.against), (ids[1], ids[0]));
        assert_eq!((one.shown_first, one.shown_second), (0.9, 0.2));
        assert!((other.shown_first - 0.8).abs() < 1e-12 && (other.shown_second - 0.1).abs() < 1e-12);
        assert!(sides[0].rationale.contains("1 changed with the order"), "{}", sides[0].rationale);
    }

    #[test]
    fn few_responses_meet_all_others() {
        assert_eq!(pairs(3), [(0, 1), (0, 2), (1, 2)]);
        assert_eq!(pairs(5), [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]);
    }
}
