//! Which pairs people should label next.
//!
//! The largest share of a batch goes to what teaches the aggregator most ([`bald`], greedily, see [`greedy`]); the rest
//! keeps it honest: a uniformly random share that calibration may rest on, labels that are asked again, and audits of
//! what was accepted without a person. Every pick says why. Without any labels, typical pairs come [`first`].
//!
//! Everything here works on plain rows of numbers: the difference of the features of a pair's two responses, and the
//! aggregator's posterior over the weights of those features.

use serde::Serialize;

use crate::acquire::covariance::Covariance;
use crate::acquire::greedy::{Greedy, Limits, Rule};
use crate::id::ContentId;
use crate::random;

pub mod bald;
pub mod covariance;
pub mod first;
pub mod greedy;
pub mod kmeans;
pub mod proposal;
pub mod relabel;

/// A pair of responses to one prompt that a person could compare.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Names the pair; whatever is random hangs on it.
    pub id: ContentId,
    /// The mean of the margin: how much better the aggregator finds the first response, in logits.
    pub mean: f64,
    /// The difference of the features of both responses, as the aggregator's weights see them.
    pub difference: &'a [f64],
    /// The variance of the margin that more labels of other pairs do not remove: noise of critics, missing verdicts.
    pub item_variance: f64,
    /// The standard deviation of what the critics say; 0 where it is unknown. Only [`Rule::Disagreement`] reads it.
    pub disagreement: f64,
    /// The cluster of the prompt; None where prompts are not clustered.
    pub cluster: Option<usize>,
    /// The embedding of the pair, by which near-duplicates are told; None without an encoder.
    pub embedding: Option<&'a [f64]>,
    /// What people and routing said of it so far.
    pub state: State,
}

/// How far a pair is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum State {
    /// Nobody labelled it.
    Open {
        /// Whether routing accepted it without a person, so that it may be audited.
        accepted: bool,
    },
    /// Somebody labelled it.
    Labelled {
        /// How far its label can be trusted, lowest first, as [`relabel`] scores it; None where it is not asked again.
        trust: Option<f64>,
    },
}

/// Why a pair was picked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its label is expected to tell most about the aggregator's weights.
    Informative {
        /// The value by the rule that ranked it; bits for [`Rule::Bald`].
        value: f64,
    },
    /// Drawn uniformly at random: calibration and evaluation may rest on it.
    Calibration,
    /// The label that it has is doubtful.
    Relabel {
        /// How far the label can be trusted, in 0..=1.
        trust: f64,
    },
    /// Drawn uniformly at random from what was accepted without a person.
    Audit,
    /// The most typical pair of its cluster, to begin with.
    Typical {
        /// The cluster.
        cluster: usize,
    },
    /// Among the typical pairs of its cluster the one that critics find closest, to begin with.
    Contested {
        /// The cluster.
        cluster: usize,
    },
    /// Drawn at random, to begin with where nothing is known of the prompts.
    Any,
}

/// What a label is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To teach the aggregator.
    Teach,
    /// To calibrate: the pair was drawn uniformly at random, and nothing is fitted to its label.
    Calibrate,
    /// To check a label that is doubtful.
    Relabel,
    /// To check what was accepted without a person.
    Audit,
}

impl Purpose {
    const ALL: [Self; 4] = [Self::Teach, Self::Calibrate, Self::Relabel, Self::Audit];

    /// Returns the name under which it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Teach => "teach",
            Self::Calibrate => "calibrate",
            Self::Relabel => "relabel",
            Self::Audit => "audit",
        }
    }

    /// Returns the purpose that is kept under `name`; None where there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }
}

impl Why {
    /// Returns what the label is for.
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Informative { .. } | Self::Typical { .. } | Self::Contested { .. } | Self::Any => {
                Purpose::Teach
            }
            Self::Calibration => Purpose::Calibrate,
            Self::Relabel { .. } => Purpose::Relabel,
            Self::Audit => Purpose::Audit,
        }
    }

    /// Returns the reason as a person reads it.
    pub fn reason(&self) -> String {
        match self {
            Self::Informative { value } => format!("its label teaches most (value {value:.3})"),
            Self::Calibration => "drawn at random, for calibration".into(),
            Self::Relabel { trust } => format!("its label is doubtful (trust {trust:.2})"),
            Self::Audit => "drawn at random from what was accepted, as an audit".into(),
            Self::Typical { cluster } => format!("typical of cluster {cluster}"),
            Self::Contested { cluster } => format!("typical of cluster {cluster}, and critics find it close"),
            Self::Any => "drawn at random, to begin with".into(),
        }
    }
}

/// One pair of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pick {
    /// The place of the pair among the candidates.
    pub at: usize,
    /// Why it was picked.
    pub why: Why,
}

/// How a batch is shared out; what is left is for the most informative pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// The share drawn uniformly at random.
    pub calibration: f64,
    /// The share of labels asked again.
    pub relabel: f64,
    /// The share of audits.
    pub audit: f64,
}

/// A fifth at random keeps enough labels for a guarantee without giving away what active selection saves; a tenth each
/// for doubtful labels and for audits.
pub const SHARES: Shares = Shares { calibration: 0.2, relabel: 0.1, audit: 0.1 };

/// A batch that people are to label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ask {
    /// How many pairs.
    pub size: usize,
    /// How many were asked before. Shares are kept over all batches, so that small ones do not round them away.
    pub before: usize,
    /// How the batch is shared out.
    pub shares: Shares,
    /// The seed of what is random.
    pub seed: u64,
}

/// Cosines above this make two pairs near-duplicates.
pub const NEAR: f64 = 0.95;

/// A cluster gets at most a batch's size over this, rounded up, before the others had their turn.
const CLUSTERS_A_BATCH: usize = 8;

/// Picks a batch of `candidates` for an aggregator whose weights have this `covariance`.
///
/// Random shares are drawn first, so that nothing else can bias them; a share that finds no pair goes to the most
/// informative ones. What is [`reserved`] for calibration is picked for nothing else. Fewer than `ask.size` come back where too few are open. Cost: candidates · weights a pick.
pub fn batch(candidates: &[Candidate<'_>], covariance: &Covariance, ask: &Ask) -> Vec<Pick> {
    let mut picks = fixed_shares(candidates, ask);
    let limits = Limits { per_cluster: Some(ask.size.div_ceil(CLUSTERS_A_BATCH)), near: Some(NEAR) };
    let mut greedy = Greedy::new(candidates, covariance.clone(), Rule::Bald, limits);
    for pick in &picks {
        greedy.take(pick.at);
    }
    (0..candidates.len())
        .filter(|at| reserved(&candidates[*at], ask.seed))
        .for_each(|at| greedy.leave_out(at));
    while picks.len() < ask.size {
        let Some((at, value)) = greedy.pick() else { break };
        picks.push(Pick { at, why: Why::Informative { value } });
    }
    picks
}

/// Tells whether a pair is kept for calibration: a uniformly random fifth of all, whatever is asked and answered. If what
/// teaches most could be taken out of it, the rest would be easier than the whole.
pub fn reserved(candidate: &Candidate<'_>, seed: u64) -> bool {
    random::unit(seed, CALIBRATION, candidate.id) < SHARES.calibration
}

/// Returns the picks of the calibration, relabel and audit shares.
pub(crate) fn fixed_shares(candidates: &[Candidate<'_>], ask: &Ask) -> Vec<Pick> {
    let mut picks: Vec<Pick> = vec![];
    let mut taken = vec![false; candidates.len()];
    let mut take = |places: Vec<(usize, Why)>, count: usize| {
        let mut left = count;
        for (at, why) in places {
            if left > 0 && !taken[at] && picks.len() < ask.size {
                taken[at] = true;
                left -= 1;
                picks.push(Pick { at, why });
            }
        }
    };
    let kept = |candidate: &Candidate<'_>| candidate.state.open() && reserved(candidate, ask.seed);
    let accepted = |candidate: &Candidate<'_>| candidate.state.accepted() && !reserved(candidate, ask.seed);
    take(drawn(candidates, ask.seed, CALIBRATION, Why::Calibration, &kept), ask.part(ask.shares.calibration));
    take(drawn(candidates, ask.seed, "audit", Why::Audit, &accepted), ask.part(ask.shares.audit));
    take(doubtful(candidates), ask.part(ask.shares.relabel));
    picks
}

const CALIBRATION: &str = "calibration";

impl Ask {
    /// Returns how many of this batch a share gets, so that after every batch the share of all is met within one.
    fn part(&self, share: f64) -> usize {
        let so_far = |count: usize| (share * count as f64 + 1e-9).floor() as usize;
        so_far(self.before + self.size) - so_far(self.before)
    }
}

impl State {
    /// Tells whether nobody labelled the pair.
    pub fn open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    fn accepted(&self) -> bool {
        matches!(self, Self::Open { accepted: true })
    }
}

pub(crate) fn drawn(
    candidates: &[Candidate<'_>],
    seed: u64,
    purpose: &str,
    why: Why,
    qualifies: &dyn Fn(&Candidate<'_>) -> bool,
) -> Vec<(usize, Why)> {
    let order = random_order(candidates, seed, purpose).into_iter();
    order.filter(|at| qualifies(&candidates[*at])).map(|at| (at, why)).collect()
}

fn random_order(candidates: &[Candidate<'_>], seed: u64, purpose: &str) -> Vec<usize> {
    let key = |at: usize| (random::unit(seed, purpose, candidates[at].id), candidates[at].id);
    let mut keyed: Vec<(usize, (f64, ContentId))> = (0..candidates.len()).map(|at| (at, key(at))).collect();
    keyed.sort_by(|(_, a), (_, b)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    keyed.into_iter().map(|(at, _)| at).collect()
}

fn doubtful(candidates: &[Candidate<'_>]) -> Vec<(usize, Why)> {
    let trust = |candidate: &Candidate<'_>| match candidate.state {
        State::Labelled { trust } => trust.filter(|trust| trust.is_finite()),
        State::Open { .. } => None,
    };
    let mut found: Vec<(usize, f64)> =
        candidates.iter().enumerate().filter_map(|(at, candidate)| Some((at, trust(candidate)?))).collect();
    found
        .sort_by(|(a, one), (b, other)| one.total_cmp(other).then(candidates[*a].id.cmp(&candidates[*b].id)));
    found.into_iter().map(|(at, trust)| (at, Why::Relabel { trust })).collect()
}

#[cfg(test)]
mod tests;
