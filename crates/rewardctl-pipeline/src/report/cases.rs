//! Responses worth looking at: the lowest rewards, and those that critics disagree about most.

use rewardctl_data::measured::scored::{Ended, ScoredRow, ScoredVerdict};

use crate::report::figures::{Case, CaseVerdict};

/// Characters of a prompt, a response and a rationale that are kept.
const PROMPT_CHARS: usize = 600;
const TEXT_CHARS: usize = 1_500;
const RATIONALE_CHARS: usize = 300;
/// Verdicts shown of a case.
const VERDICTS: usize = 10;
/// A score that weighs less says nothing of the reward.
const LEAST_WEIGHT: f64 = 0.005;

/// The cases so far.
pub(super) struct Cases {
    count: usize,
    worst: Vec<Case>,
    disputed: Vec<Case>,
}

impl Cases {
    /// Keeps `count` of each kind.
    pub(super) fn new(count: usize) -> Self {
        Self { count, worst: vec![], disputed: vec![] }
    }

    /// Keeps a response if it is among the worst or the most disputed; earlier ones stay before equal ones.
    pub(super) fn add(&mut self, row: &ScoredRow, case: impl Fn() -> Option<Case>) {
        let Some(reward) = row.reward else { return };
        let apart = disagreement(row);
        let is_among = |kept: &[Case], is_ahead: &dyn Fn(&Case) -> bool| {
            kept.len() < self.count || kept.last().is_some_and(is_ahead)
        };
        let is_worst = is_among(&self.worst, &|last| reward < last.reward);
        let is_disputed = apart > 0.0 && is_among(&self.disputed, &|last| apart > last.disagreement);
        if !is_worst && !is_disputed {
            return;
        }
        let Some(case) = case() else { return };
        if is_worst {
            insert(&mut self.worst, case.clone(), self.count, |a, b| a.reward < b.reward);
        }
        if is_disputed {
            insert(&mut self.disputed, case, self.count, |a, b| a.disagreement > b.disagreement);
        }
    }

    /// Returns the worst, then the most disputed.
    pub(super) fn finish(self) -> (Vec<Case>, Vec<Case>) {
        (self.worst, self.disputed)
    }
}

/// Returns a response as a case; None without a reward.
pub(super) fn case(row: &ScoredRow) -> Option<Case> {
    let shown = shown(&row.verdicts);
    let scored = row.verdicts.iter().filter(|one| one.outcome == Ended::Scored).count();
    let scored_shown = shown.iter().filter(|one| one.score.is_some()).count();
    Some(Case {
        place: row.source.clone(),
        id: row.id.clone(),
        generator: row.generator.clone(),
        reward: row.reward?,
        uncertainty: row.uncertainty.map(|uncertainty| uncertainty.total),
        disagreement: disagreement(row),
        route: cut(&row.route_reason, RATIONALE_CHARS),
        dimensions: row.dimensions.clone(),
        prompt: cut(&row.prompt, PROMPT_CHARS),
        text: row.text.as_ref().map(|text| cut(text, TEXT_CHARS)),
        verdicts: shown,
        unshown: (scored - scored_shown) as u64,
        abstained: row.verdicts.iter().filter(|one| one.outcome == Ended::Abstained).count() as u64,
    })
}

/// The spread between critics, or how far their scores lie apart where the row does not say.
fn disagreement(row: &ScoredRow) -> f64 {
    if let Some(between) = row.uncertainty.and_then(|uncertainty| uncertainty.between_critics)
        && between > 0.0
    {
        return between;
    }
    let scores = || row.verdicts.iter().filter_map(|verdict| verdict.score);
    let n = scores().count() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = scores().sum::<f64>() / n;
    (scores().map(|score| (score - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// The verdicts to show: flags and failures, then what weighs most; those of one dimension together.
fn shown(verdicts: &[ScoredVerdict]) -> Vec<CaseVerdict> {
    let urgent = |verdict: &ScoredVerdict| verdict.flagged || verdict.outcome == Ended::Failed;
    let weight = |verdict: &ScoredVerdict| verdict.weight.map_or(1.0, f64::abs);
    let speaks = |verdict: &&ScoredVerdict| {
        let counts = verdict.outcome == Ended::Scored && weight(verdict) >= LEAST_WEIGHT;
        urgent(verdict) || counts
    };
    let mut picked: Vec<&ScoredVerdict> = verdicts.iter().filter(speaks).collect();
    picked.sort_by(|a, b| urgent(b).cmp(&urgent(a)).then(weight(b).total_cmp(&weight(a))));
    picked.truncate(VERDICTS);
    let place = |name: &str| verdicts.iter().position(|verdict| verdict.dimension == name);
    picked.sort_by_key(|verdict| place(&verdict.dimension));
    picked.into_iter().map(case_verdict).collect()
}

fn case_verdict(verdict: &ScoredVerdict) -> CaseVerdict {
    CaseVerdict {
        critic: verdict.critic.clone(),
        dimension: verdict.dimension.clone(),
        score: verdict.score,
        weight: verdict.weight,
        flagged: verdict.flagged,
        rationale: cut(&verdict.rationale, RATIONALE_CHARS),
    }
}

fn insert(kept: &mut Vec<Case>, case: Case, count: usize, ahead: fn(&Case, &Case) -> bool) {
    let place = kept.iter().position(|other| ahead(&case, other)).unwrap_or(kept.len());
    kept.insert(place, case);
    kept.truncate(count);
}

fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.into(),
    }
}
