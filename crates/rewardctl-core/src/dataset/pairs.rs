//! Pairs of a better and a worse answer to one prompt.
//!
//! People first: corrections, comparisons, ratings of both sides. Where they made no pair, one side that they rated and
//! one that the models judge. Where they said nothing, the models alone, if sure and clearly apart. No pair contradicts
//! a person.

use crate::dataset::Vouch;
use crate::dataset::people::Backing;
use crate::dataset::prompt::{Gap, MODELS, Picked, Prompt, Rules, Side};
use crate::dataset::reason::Reason;
use crate::dataset::recipe::{Rejected, SIGMA_CANDIDATES};
use crate::random;

/// Two answers, the better one known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair<'a> {
    /// The better answer.
    pub chosen: Side<'a>,
    /// The place of the worse response.
    pub rejected: usize,
    /// Who says so.
    pub backing: Backing,
    /// The models' probability that it is so; None where people decided, or nobody knows it.
    pub probability: Option<f64>,
    /// The difference of two rewards, or of two ratings where people rated both.
    pub margin: Option<f64>,
    /// How strong the preference is, in 0..=1.
    pub strength: Option<f64>,
}

/// Returns the pairs of one prompt, and why others were held back.
pub fn pairs<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>) -> Picked<Pair<'a>> {
    let mut picked = of_people(prompt, rules);
    if picked.rows.is_empty() {
        let with_models = half_rated(prompt, rules).or_else(|| by_models(prompt, rules, &picked.withheld));
        if let Some(found) = with_models {
            picked.rows.extend(found.rows);
            picked.withheld.extend(found.withheld);
        }
    }
    capped(picked, prompt, rules)
}

fn of_people<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>) -> Picked<Pair<'a>> {
    let mut picked = Picked::nothing();
    corrected(prompt, rules, &mut picked);
    compared(prompt, &mut picked);
    rated(prompt, rules, &mut picked);
    let waits = |pair: &Pair<'_>| needs_second_label(prompt, pair, rules);
    let waiting = picked.rows.extract_if(.., |pair| waits(pair)).count();
    picked.withheld.extend(vec![Reason::NeedsSecondLabel; waiting]);
    picked
}

fn corrected<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>, picked: &mut Picked<Pair<'a>>) {
    for correction in &prompt.people.corrections {
        let Some(rejected) = prompt.place(correction.response) else { continue };
        let rating = prompt.rating(rejected).map(|(value, _)| value);
        if rating.is_some_and(|value| value >= rules.recipe.people.chosen_rating) {
            picked.withheld.push(Reason::CorrectedThoughGood);
            continue;
        }
        picked.rows.push(Pair {
            chosen: Side::Text(correction.text),
            rejected,
            backing: correction.backing,
            probability: None,
            margin: None,
            strength: Some(1.0),
        });
    }
}

fn compared<'a>(prompt: &Prompt<'a>, picked: &mut Picked<Pair<'a>>) {
    for ((first, second), preference) in &prompt.people.preferences {
        let Some((first, second)) = prompt.place(*first).zip(prompt.place(*second)) else { continue };
        let Some(preferred) = preference.preferred else {
            picked.withheld.push(Reason::Tie);
            continue;
        };
        let first_wins = prompt.candidates[first].id == preferred;
        let (chosen, rejected) = if first_wins { (first, second) } else { (second, first) };
        picked.rows.push(Pair {
            chosen: Side::Candidate(chosen),
            rejected,
            backing: preference.backing,
            probability: None,
            margin: None,
            strength: Some(preference.strength),
        });
    }
}

/// Of the responses rated well, each against those rated badly, unless people compared the two.
fn rated<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>, picked: &mut Picked<Pair<'a>>) {
    let people = &rules.recipe.people;
    let all = || (0..prompt.candidates.len()).filter_map(|place| Some((place, prompt.rating(place)?)));
    for (chosen, (good, first)) in all().filter(|(_, (value, _))| *value >= people.chosen_rating) {
        for (rejected, (bad, second)) in all().filter(|(_, (value, _))| *value <= people.rejected_rating) {
            if was_compared(prompt, chosen, rejected) {
                continue;
            }
            let vouch = first.vouch.max(second.vouch);
            let annotators = first.annotators.max(second.annotators);
            picked.rows.push(Pair {
                chosen: Side::Candidate(chosen),
                rejected,
                backing: Backing { vouch, annotators },
                probability: None,
                margin: Some(good - bad),
                strength: Some(good - bad),
            });
        }
    }
}

fn was_compared(prompt: &Prompt<'_>, a: usize, b: usize) -> bool {
    let (a, b) = (prompt.candidates[a].id, prompt.candidates[b].id);
    prompt.people.preferences.contains_key(&(a.min(b), a.max(b)))
}

fn needs_second_label(prompt: &Prompt<'_>, pair: &Pair<'_>, rules: &Rules<'_>) -> bool {
    let Side::Candidate(chosen) = pair.chosen else { return false };
    let limit = rules.recipe.people.second_look;
    let against = || (prompt.better)(pair.rejected, chosen);
    pair.backing.vouch == Vouch::Single && limit < 1.0 && against().is_some_and(|p| p >= limit)
}

/// One response that people rated well or badly, and one that they did not rate, on which the models are sure.
fn half_rated<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>) -> Option<Picked<Pair<'a>>> {
    let people = &rules.recipe.people;
    let unrated = || (0..prompt.candidates.len()).filter(|place| prompt.rating(*place).is_none());
    let mut found: Vec<(usize, usize, Gap, u32)> = vec![];
    for place in 0..prompt.candidates.len() {
        let Some((value, backing)) = prompt.rating(place) else { continue };
        for other in unrated().filter(|other| !was_compared(prompt, place, *other)) {
            let sides = if value >= people.chosen_rating {
                (place, other)
            } else if value <= people.rejected_rating && may_be_chosen(prompt, other, rules) {
                (other, place)
            } else {
                continue;
            };
            if let Ok(gap) = prompt.gap(sides.0, sides.1, rules) {
                found.push((sides.0, sides.1, gap, backing.annotators));
            }
        }
    }
    let surest = |a: &&(usize, usize, Gap, u32), b: &&(usize, usize, Gap, u32)| {
        a.2.probability.unwrap_or(1.0).total_cmp(&b.2.probability.unwrap_or(1.0)).then(b.0.cmp(&a.0))
    };
    let (chosen, rejected, gap, annotators) = *found.iter().max_by(surest)?;
    let backing = Backing { vouch: Vouch::Model, annotators };
    Some(Picked { rows: vec![model_pair(chosen, rejected, gap, backing)], withheld: vec![] })
}

fn may_be_chosen(prompt: &Prompt<'_>, place: usize, rules: &Rules<'_>) -> bool {
    prompt.candidates[place].accepted || rules.recipe.models.chosen_waiting
}

fn model_pair<'a>(chosen: usize, rejected: usize, gap: Gap, backing: Backing) -> Pair<'a> {
    Pair {
        chosen: Side::Candidate(chosen),
        rejected,
        backing,
        probability: gap.probability,
        margin: Some(gap.margin),
        strength: gap.probability.map(|p| 2.0 * p - 1.0),
    }
}

/// The models alone, on responses that nobody rated or compared; `held` says what people said that made no pair.
fn by_models<'a>(prompt: &Prompt<'a>, rules: &Rules<'_>, held: &[Reason]) -> Option<Picked<Pair<'a>>> {
    let touched = |place: usize| {
        let id = prompt.candidates[place].id;
        let compared = prompt.people.preferences.keys().any(|(a, b)| *a == id || *b == id);
        let corrected = prompt.people.corrections.iter().any(|correction| correction.response == id);
        compared || corrected || prompt.rating(place).is_some()
    };
    let rewarded = prompt.rewarded();
    let free: Vec<(usize, f64)> = rewarded.iter().copied().filter(|(place, _)| !touched(*place)).collect();
    if free.len() < 2 {
        return held.is_empty().then(|| Picked::none(too_few(prompt, rewarded.len(), rules)));
    }
    let mut picked = Picked::nothing();
    let mut open = free;
    for _ in 0..rules.recipe.models.pairs_per_prompt {
        match best_pair(prompt, &open, rewarded.as_slice(), rules) {
            Ok(pair) => {
                open.retain(|(place, _)| pair.chosen != Side::Candidate(*place) && pair.rejected != *place);
                picked.rows.push(pair);
            }
            Err(reason) if picked.rows.is_empty() => return Some(Picked::none(reason)),
            Err(_) => break,
        }
    }
    Some(picked)
}

fn too_few(prompt: &Prompt<'_>, rewarded: usize, rules: &Rules<'_>) -> Reason {
    let ratings: Vec<f64> =
        (0..prompt.candidates.len()).filter_map(|place| Some(prompt.rating(place)?.0)).collect();
    let middling = ratings.iter().any(|value| {
        (rules.recipe.people.rejected_rating..rules.recipe.people.chosen_rating).contains(value)
            && *value > rules.recipe.people.rejected_rating
    });
    match prompt.candidates.len() {
        0 | 1 => Reason::NoSecondText,
        _ if middling => Reason::MiddlingRating,
        _ if !ratings.is_empty() => Reason::LowConfidence,
        _ if rewarded < 2 => prompt.no_reward(),
        _ => Reason::NoSecondText,
    }
}

/// The best response of `open` that may be chosen, against one that the rule picks among the clearly worse.
fn best_pair<'a>(
    prompt: &Prompt<'a>,
    open: &[(usize, f64)],
    all: &[(usize, f64)],
    rules: &Rules<'_>,
) -> Result<Pair<'a>, Reason> {
    let chosen = open.iter().find(|(place, _)| may_be_chosen(prompt, *place, rules));
    let (chosen, _) = *chosen.ok_or(Reason::WaitsForPerson)?;
    let (mut worse, mut reason) = (vec![], Reason::MarginTooSmall);
    for (place, reward) in open.iter().filter(|(place, _)| *place != chosen) {
        match prompt.gap(chosen, *place, rules) {
            Ok(gap) => worse.push((*place, *reward, gap)),
            Err(Reason::LowConfidence) => reason = Reason::LowConfidence,
            Err(_) => {}
        }
    }
    if worse.is_empty() {
        return Err(reason);
    }
    let (rejected, _, gap) = worse[rejected_among(prompt, &worse, all, rules)];
    Ok(model_pair(chosen, rejected, gap, MODELS))
}

/// Returns the index in `worse`, which is not empty and falls by reward, of the one to reject.
fn rejected_among(
    prompt: &Prompt<'_>,
    worse: &[(usize, f64, Gap)],
    all: &[(usize, f64)],
    rules: &Rules<'_>,
) -> usize {
    let random = || {
        // By id, so that the order of the input does not matter.
        let mut places: Vec<usize> = (0..worse.len()).collect();
        places.sort_by_key(|at| prompt.candidates[worse[*at].0].id);
        places[random::index(rules.seed, "rejected", prompt.item, places.len())]
    };
    match rules.recipe.models.rejected {
        Rejected::BestVsWorst => worse.len() - 1,
        Rejected::BestVsRandom => random(),
        Rejected::MuMinus2Sigma if all.len() < SIGMA_CANDIDATES => random(),
        Rejected::MuMinus2Sigma => {
            let target = mu_minus_2_sigma(all);
            let distance = |at: &usize| (worse[*at].1 - target).abs();
            (0..worse.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
        }
    }
}

/// `μ − 2σ` of the prompt's rewards, with `n` below the deviation: they are all there are.
fn mu_minus_2_sigma(all: &[(usize, f64)]) -> f64 {
    let n = all.len() as f64;
    let mean = all.iter().map(|(_, reward)| reward).sum::<f64>() / n;
    let variance = all.iter().map(|(_, reward)| (reward - mean).powi(2)).sum::<f64>() / n;
    mean - 2.0 * variance.sqrt()
}

/// Keeps the highest vouched and strongest within the limits of prompts and responses.
fn capped<'a>(mut picked: Picked<Pair<'a>>, prompt: &Prompt<'a>, rules: &Rules<'_>) -> Picked<Pair<'a>> {
    let limits = &rules.recipe.pairs;
    let order = |a: &Pair<'_>, b: &Pair<'_>| {
        let strength = |pair: &Pair<'_>| pair.strength.unwrap_or(0.0);
        a.backing.vouch.cmp(&b.backing.vouch).then(strength(b).total_cmp(&strength(a)))
    };
    picked.rows.sort_by(order);
    let mut uses = vec![0; prompt.candidates.len()];
    let mut kept = vec![];
    for pair in picked.rows {
        let chosen = match pair.chosen {
            Side::Candidate(place) => Some(place),
            Side::Text(_) => None,
        };
        let places = || chosen.into_iter().chain([pair.rejected]);
        let spent = places().any(|place| uses[place] >= limits.uses);
        if spent || kept.len() >= limits.per_prompt as usize {
            picked.withheld.push(Reason::OverLimit);
            continue;
        }
        places().for_each(|place| uses[place] += 1);
        kept.push(pair);
    }
    Picked { rows: kept, withheld: picked.withheld }
}

#[cfg(test)]
mod tests;
