//! Single answers: desirable or not, to imitate, with their rewards; and prompts whose rewards have spread.

use crate::dataset::Vouch;
use crate::dataset::implicit::Signal;
use crate::dataset::people::Backing;
use crate::dataset::prompt::{MODELS, Picked, Prompt, Rules, Side};
use crate::dataset::reason::Reason;
use crate::moments::Moments;

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Single<'a> {
    /// The answer.
    pub answer: Side<'a>,
    /// Whether it is good.
    pub good: bool,
    /// Who says so.
    pub backing: Backing,
    /// The probability that they are right; None where people decided, or nobody knows it.
    pub probability: Option<f64>,
}

/// Returns the answers of one prompt that are desirable or undesirable; `signal` is what the user of its only response
/// did.
pub fn unpaired<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>, signal: Option<Signal>) -> Picked<Single<'a>> {
    let mut picked = Picked::nothing();
    corrections(prompt, rules, &mut picked);
    for place in 0..prompt.candidates.len() {
        match judged(prompt, place, rules, signal) {
            Ok(row) => picked.rows.push(row),
            Err(reason) => picked.withheld.push(reason),
        }
    }
    picked
}

/// Corrections that are no better than what they correct are left out.
fn corrections<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>, picked: &mut Picked<Single<'a>>) {
    let good = |value: f64| value >= rules.recipe.people.chosen_rating;
    for correction in &prompt.people.corrections {
        let rated = prompt.place(correction.response).and_then(|place| prompt.rating(place));
        if rated.is_some_and(|(value, _)| good(value)) {
            picked.withheld.push(Reason::CorrectedThoughGood);
            continue;
        }
        let (answer, backing) = (Side::Text(correction.text), correction.backing);
        picked.rows.push(Single { answer, good: true, backing, probability: None });
    }
}

fn judged<'a>(
    prompt: &Prompt<'a>,
    place: usize,
    rules: &Rules<'_>,
    signal: Option<Signal>,
) -> Result<Single<'a>, Reason> {
    let answer = Side::Candidate(place);
    if let Some((good, backing)) = by_people(prompt, place, rules)? {
        return Ok(Single { answer, good, backing, probability: None });
    }
    let by_models = by_models(prompt, place, rules);
    let weak = signal.filter(|_| prompt.candidates.len() == 1 && by_models.is_err());
    if let Some(signal) = weak {
        return of_signal(signal, rules).map(|(good, probability)| {
            let backing = Backing { vouch: Vouch::Implicit, annotators: 0 };
            Single { answer, good, backing, probability: Some(probability) }
        });
    }
    by_models.map(|(good, probability)| Single { answer, good, backing: MODELS, probability })
}

/// What people said of the response at `place`: rated, or corrected; None if they said nothing.
fn by_people(
    prompt: &Prompt<'_>,
    place: usize,
    rules: &Rules<'_>,
) -> Result<Option<(bool, Backing)>, Reason> {
    let people = &rules.recipe.people;
    let id = prompt.candidates[place].id;
    let corrected = prompt.people.corrections.iter().find(|correction| correction.response == id);
    let (good, backing) = match (prompt.rating(place), corrected) {
        (Some((value, backing)), _) if value >= people.chosen_rating => (true, backing),
        (Some((value, backing)), _) if value <= people.rejected_rating => (false, backing),
        (_, Some(correction)) => (false, correction.backing),
        (Some(_), None) => return Err(Reason::MiddlingRating),
        (None, None) => return Ok(None),
    };
    let against = || (prompt.above_median)(place).map(|p| if good { 1.0 - p } else { p });
    let single = backing.vouch == Vouch::Single && corrected.is_none() && people.second_look < 1.0;
    if single && against().is_some_and(|p| p >= people.second_look) {
        return Err(Reason::NeedsSecondLabel);
    }
    Ok(Some((good, backing)))
}

/// Without uncertainties the distance from the median decides alone.
fn by_models(prompt: &Prompt<'_>, place: usize, rules: &Rules<'_>) -> Result<(bool, Option<f64>), Reason> {
    let reward = prompt.reward(place)?;
    let waits = !prompt.candidates[place].accepted && !rules.recipe.models.chosen_waiting;
    let kto = &rules.recipe.kto;
    match (prompt.above_median)(place) {
        Some(p) if p >= kto.desirable && waits => Err(Reason::WaitsForPerson),
        Some(p) if p >= kto.desirable => Ok((true, Some(p))),
        Some(p) if p <= kto.undesirable => Ok((false, Some(1.0 - p))),
        Some(_) => Err(Reason::Middle),
        None => {
            let gap = reward - rules.pool.median;
            let clear = gap != 0.0 && gap.abs() >= rules.recipe.models.min_margin_sd * rules.pool.sd;
            if clear { Ok((gap > 0.0, None)) } else { Err(Reason::Middle) }
        }
    }
}

fn of_signal(signal: Signal, rules: &Rules<'_>) -> Result<(bool, f64), Reason> {
    match signal.probability {
        p if p >= rules.recipe.kto.desirable => Ok((true, p)),
        p if p <= rules.recipe.kto.undesirable => Ok((false, 1.0 - p)),
        _ => Err(Reason::Middle),
    }
}

/// Returns the answers of one prompt that are worth imitating: corrections, answers rated well, then the best answer that
/// the models accept.
pub fn demonstrations<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>) -> Picked<Single<'a>> {
    let mut picked = Picked::nothing();
    corrections(prompt, rules, &mut picked);
    for place in 0..prompt.candidates.len() {
        match by_people(prompt, place, rules) {
            Ok(Some((true, backing))) => {
                let answer = Side::Candidate(place);
                picked.rows.push(Single { answer, good: true, backing, probability: None });
            }
            Err(Reason::NeedsSecondLabel) => picked.withheld.push(Reason::NeedsSecondLabel),
            _ => {}
        }
    }
    if picked.rows.is_empty() {
        match best(prompt, rules) {
            Ok(row) => picked.rows.push(row),
            Err(reason) => picked.withheld.push(reason),
        }
    }
    picked.rows.sort_by_key(|row| row.backing.vouch);
    let limit = rules.recipe.sft.per_prompt as usize;
    let over = picked.rows.len().saturating_sub(limit);
    picked.rows.truncate(limit);
    picked.withheld.extend(vec![Reason::OverLimit; over]);
    picked
}

/// The best response that people have nothing against.
fn best<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>) -> Result<Single<'a>, Reason> {
    let lost = |place: usize| {
        let id = prompt.candidates[place].id;
        let beaten = |((a, b), preference): (&(_, _), &crate::dataset::people::Preference)| {
            (*a == id || *b == id) && preference.preferred.is_some_and(|better| better != id)
        };
        prompt.people.preferences.iter().any(beaten)
    };
    let untouched = |place: usize| {
        let id = prompt.candidates[place].id;
        let corrected = prompt.people.corrections.iter().any(|correction| correction.response == id);
        !corrected && prompt.rating(place).is_none() && !lost(place)
    };
    let rewarded = prompt.rewarded();
    if rewarded.is_empty() {
        return Err(prompt.no_reward());
    }
    let free = || rewarded.iter().filter(|(place, _)| untouched(*place));
    let waiting = rules.recipe.models.chosen_waiting;
    let accepted = free().find(|(place, _)| waiting || prompt.candidates[*place].accepted);
    let (place, reward) = match (accepted, free().next()) {
        (Some(best), _) => *best,
        (None, Some(_)) => return Err(Reason::WaitsForPerson),
        (None, None) => return Err(Reason::MiddlingRating),
    };
    let probability = (prompt.above_median)(place);
    let sure = match probability {
        Some(p) => p >= rules.recipe.sft.min_probability,
        None => reward - rules.pool.median >= rules.recipe.models.min_margin_sd * rules.pool.sd,
    };
    let answer = Side::Candidate(place);
    if sure {
        Ok(Single { answer, good: true, backing: MODELS, probability })
    } else {
        Err(Reason::LowConfidence)
    }
}

/// Returns the answers of one prompt that have a reward.
pub fn rollouts<'a>(prompt: &Prompt<'a>) -> Picked<Single<'a>> {
    let mut picked = Picked::nothing();
    for place in 0..prompt.candidates.len() {
        let answer = Side::Candidate(place);
        match prompt.reward(place) {
            Ok(_) => picked.rows.push(Single { answer, good: true, backing: MODELS, probability: None }),
            Err(reason) => picked.withheld.push(reason),
        }
    }
    picked
}

/// Tells whether reinforcement learning can learn from the prompt: its rewards have spread.
pub fn has_spread(prompt: &Prompt<'_>, rules: &Rules<'_>) -> Result<(), Reason> {
    let rewards: Vec<f64> = prompt.candidates.iter().filter_map(|candidate| candidate.reward).collect();
    let spread = Moments::of(&rewards).spread();
    let settings = &rules.recipe.prompts;
    match rewards.len() {
        0 | 1 if settings.keep_unmeasured => Ok(()),
        0 | 1 => Err(Reason::SpreadUnknown),
        _ if spread < settings.min_spread * rules.pool.sd || spread == 0.0 => Err(Reason::NoSpread),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
