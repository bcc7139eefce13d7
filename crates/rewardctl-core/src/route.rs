//! Routing: which responses a person should see, and why.

use serde::{Deserialize, Serialize};

use crate::id::ResponseId;
use crate::random;

/// Where a response goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// The reward stands without a person.
    Accept,
    /// A person should look.
    Review(Reason),
}

/// Why a person should look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no reward, and why.
    NoReward(String),
    /// These critics ask for a person, whatever the reward.
    Flagged(Vec<String>),
    /// The uncertainty is above the limit.
    Uncertain,
    /// No comparison with another response to the prompt is as sure as the guarantee asks.
    NotCovered,
    /// The scores or the text are unlike what the aggregator was fitted on.
    Unlike,
    /// Drawn at random, so that what is accepted can be checked.
    Audit,
}

/// Which uncertainty is too much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// A total uncertainty above this, in score units.
    Above(f64),
    /// This response and all that are more uncertain; among equals the smaller id comes first.
    From(f64, ResponseId),
    /// None is.
    Never,
}

impl Limit {
    fn exceeded(&self, uncertainty: f64, response: ResponseId) -> bool {
        match *self {
            Self::Above(limit) => uncertainty > limit,
            Self::From(limit, last) => uncertainty > limit || (uncertainty == limit && response <= last),
            Self::Never => false,
        }
    }
}

/// The limits that routing follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// The uncertainty from which on a person should look.
    pub limit: Limit,
    /// The confidence from which on a guarantee covers a pair; takes the place of the limit for responses that have
    /// others beside them. None without a guarantee.
    pub covered_from: Option<f64>,
    /// The share of responses drawn for audit, in 0..=1.
    pub audit_share: f64,
    /// The seed of the draw.
    pub seed: u64,
}

/// What routing looks at.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The response.
    pub response: ResponseId,
    /// The total uncertainty of its reward, or why there is no reward.
    pub uncertainty: Result<f64, &'a str>,
    /// The critics that ask for a person.
    pub flagged_by: Vec<&'a str>,
    /// The greatest confidence with which the response is better or worse than another one to the same prompt; None
    /// without another, or without a fitted aggregator.
    pub confidence: Option<f64>,
    /// How far the response lies from what the aggregator was fitted on; beyond 1 lies one in a hundred.
    pub distance: Option<f64>,
}

/// A response farther than this from what the aggregator was fitted on goes to a person: twice as far as all but one in
/// a hundred, since new data always lie a little beyond old.
const FAR: f64 = 2.0;

/// Decides the route of one response; the first reason that holds is given.
pub fn decide(candidate: &Candidate<'_>, policy: &Policy) -> Route {
    let uncertainty = match candidate.uncertainty {
        Err(why) => return Route::Review(Reason::NoReward(why.into())),
        Ok(uncertainty) => uncertainty,
    };
    if !candidate.flagged_by.is_empty() {
        let critics = candidate.flagged_by.iter().map(|critic| critic.to_string()).collect();
        return Route::Review(Reason::Flagged(critics));
    }
    if is_audited(candidate.response, policy) {
        return Route::Review(Reason::Audit);
    }
    if candidate.distance.is_some_and(is_far) {
        return Route::Review(Reason::Unlike);
    }
    match policy.covered_from.zip(candidate.confidence) {
        Some((threshold, confidence)) if confidence < threshold => Route::Review(Reason::NotCovered),
        Some(_) => Route::Accept,
        None if policy.limit.exceeded(uncertainty, candidate.response) => Route::Review(Reason::Uncertain),
        None => Route::Accept,
    }
}

/// Tells whether a response lies too far from what the aggregator was fitted on to be accepted.
pub fn is_far(distance: f64) -> bool {
    distance > FAR
}

/// Tells whether the seeded draw takes `response` for audit.
pub fn is_audited(response: ResponseId, policy: &Policy) -> bool {
    random::unit(policy.seed, "audit", response) < policy.audit_share
}

/// Returns how many responses may be reviewed because they are uncertain, when `share` of `total` may be
/// reviewed at all and `certain` of them are reviewed anyway (no reward, flagged or audited).
pub fn uncertain_places(share: f64, total: usize, certain: usize) -> usize {
    ((share * total as f64).floor() as usize).saturating_sub(certain)
}

impl Route {
    /// Returns `accept` or `review`.
    pub fn name(&self) -> &'static str {
        match self {
            Route::Accept => "accept",
            Route::Review(_) => "review",
        }
    }

    /// Returns the reason as a person reads it; empty for what is accepted.
    pub fn reason(&self) -> String {
        match self {
            Route::Accept => String::new(),
            Route::Review(Reason::NoReward(why)) => format!("no reward: {why}"),
            Route::Review(Reason::Flagged(critics)) => format!("flagged by {}", critics.join(", ")),
            Route::Review(Reason::Uncertain) => "uncertain".into(),
            Route::Review(Reason::NotCovered) => "not sure enough for the guarantee".into(),
            Route::Review(Reason::Unlike) => "unlike what the aggregator was fitted on".into(),
            Route::Review(Reason::Audit) => "drawn for audit".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ContentId;

    fn route(uncertainty: Result<f64, &str>, flagged_by: Vec<&str>) -> Route {
        let response = ContentId::of("t", [b"x".as_slice()]);
        let policy = Policy { limit: Limit::Above(0.2), covered_from: None, audit_share: 0.0, seed: 0 };
        decide(&Candidate { response, uncertainty, flagged_by, confidence: None, distance: None }, &policy)
    }

    #[test]
    fn no_reward_is_never_accepted() {
        assert_eq!(route(Err("2 critics failed"), vec![]).reason(), "no reward: 2 critics failed");
        assert_eq!(route(Ok(0.0), vec!["rule.secrets"]).reason(), "flagged by rule.secrets");
        assert_eq!(route(Ok(0.3), vec![]), Route::Review(Reason::Uncertain));
        assert_eq!(route(Ok(0.2), vec![]), Route::Accept);
    }

    #[test]
    fn the_audit_takes_its_share() {
        let policy = Policy { limit: Limit::Never, covered_from: None, audit_share: 0.1, seed: 3 };
        let drawn = (0..10_000u32)
            .filter(|n| is_audited(ContentId::of("t", [n.to_le_bytes().as_slice()]), &policy))
            .count();
        assert!((900..1100).contains(&drawn), "{drawn}");
    }

    #[test]
    fn a_guarantee_takes_the_place_of_the_limit() {
        let response = ContentId::of("t", [b"x".as_slice()]);
        let policy = Policy { limit: Limit::Above(0.2), covered_from: Some(0.9), audit_share: 0.0, seed: 0 };
        let decide = |confidence, distance| {
            decide(
                &Candidate { response, uncertainty: Ok(0.3), flagged_by: vec![], confidence, distance },
                &policy,
            )
        };
        assert_eq!(decide(Some(0.9), Some(0.5)), Route::Accept);
        assert_eq!(decide(Some(0.89), Some(0.5)), Route::Review(Reason::NotCovered));
        assert_eq!(decide(Some(0.99), Some(2.1)), Route::Review(Reason::Unlike));
        assert_eq!(decide(None, None), Route::Review(Reason::Uncertain));
    }

    #[test]
    fn equals_are_told_apart_by_id() {
        let (small, large) = (ContentId::from_bytes([1; 16]), ContentId::from_bytes([2; 16]));
        let limit = Limit::From(0.3, small);
        assert!(limit.exceeded(0.3, small) && limit.exceeded(0.4, large));
        assert!(!limit.exceeded(0.3, large) && !limit.exceeded(0.2, small));
    }

    #[test]
    fn a_budget_leaves_what_others_do_not_take() {
        assert_eq!(uncertain_places(0.1, 100, 4), 6);
        assert_eq!(uncertain_places(0.1, 100, 40), 0);
        assert_eq!(uncertain_places(0.1, 9, 0), 0);
    }
}
