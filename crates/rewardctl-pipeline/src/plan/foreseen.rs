//! What a first tier may say, so that a plan knows about how many responses are left for the next: a few worlds, in each
//! of which every critic that would be asked says something that it said before, or may say.

use rewardctl_core::id::ResponseId;
use rewardctl_core::random::index;
use rewardctl_core::score::Score;
use rewardctl_core::verdict::{Outcome, Verdict};

use crate::critic::Critic;

/// Worlds that are looked at. A share of a thousand responses is then known to about half a percent.
pub const WORLDS: usize = 8;

/// Verdicts of the store that are looked at.
pub const LOOKED_AT: u32 = 2_000;

/// Fewer verdicts of a critic say too little of how it judges.
const LEAST: usize = 20;

/// Where it is not known how a critic judges, its scores are taken to be spread evenly over this many levels.
const LEVELS: u32 = 5;

/// The variance that such a score is taken to have: that of a critic which wavers between three neighbouring levels. A
/// guess on the safe side, since the surer a critic is, the fewer responses are left for the next tier.
pub const VARIANCE: f64 = 0.25 * 0.25 * 2.0 / 3.0;

/// What a critic may say.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    outcomes: Vec<Outcome>,
    /// Verdicts that this was learnt from; 0 is a guess.
    pub learnt_from: u64,
}

/// What all critics say in one world; one for each response, in the panel's order of slots.
pub type World = Vec<Vec<Verdict>>;

impl Foreseen {
    /// Learns how the critic `name` judges from `verdicts`, whoever gave them; if it is not known, its
    /// scores are taken to have this `variance`.
    pub fn learn(name: &str, verdicts: &[Verdict], variance: Option<f64>) -> Self {
        let own = verdicts.iter().filter(|verdict| verdict.critic == name);
        let outcomes: Vec<Outcome> = own.map(|verdict| verdict.outcome.clone()).collect();
        if outcomes.len() >= LEAST {
            return Self { learnt_from: outcomes.len() as u64, outcomes };
        }
        let levels = (0..LEVELS).filter_map(|level| Score::clamped(f64::from(level) / f64::from(LEVELS - 1)));
        let outcome = |score| Outcome::Scored { score, variance };
        Self { outcomes: levels.map(outcome).collect(), learnt_from: 0 }
    }

    /// Puts what the critic may say of `response` in world number `number` into `verdict`.
    pub fn fill(&self, critic: &Critic, response: ResponseId, number: usize, verdict: &mut Verdict) {
        let purpose = format!("foreseen {}", critic.name);
        let at = index(number as u64, &purpose, response, self.outcomes.len());
        verdict.outcome = self.outcomes[at].clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(critic: &str, score: f64) -> Verdict {
        Verdict {
            critic: critic.into(),
            dimension: "d".into(),
            outcome: Outcome::Scored { score: Score::clamped(score).unwrap(), variance: None },
            rationale: String::new(),
            spans: vec![],
            flagged: false,
            evidence: None,
        }
    }

    #[test]
    fn what_a_critic_said_often_enough_is_what_it_says() {
        let verdicts: Vec<Verdict> = (0..60).map(|n| verdict(["a", "b"][n % 2], 0.5)).collect();
        let known = Foreseen::learn("a", &verdicts, Some(VARIANCE));
        assert_eq!((known.learnt_from, known.outcomes.len()), (30, 30));
        assert!(known.outcomes.iter().all(|outcome| *outcome == verdicts[0].outcome));
        let unknown = Foreseen::learn("c", &verdicts, None);
        assert_eq!((unknown.learnt_from, unknown.outcomes.len()), (0, 5));
        let has_none = |outcome: &Outcome| matches!(outcome, Outcome::Scored { variance: None, .. });
        assert!(unknown.outcomes.iter().all(has_none));
    }
}
