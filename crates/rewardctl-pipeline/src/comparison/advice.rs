//! What to do about two arms, in words.

use rewardctl_core::mcnemar::mcnemar;
use rewardctl_core::sample_ratio::LEVEL;

use crate::comparison::report::DuelReport;
use crate::comparison::{CompareSettings, Looks};

/// Returns one or two sentences about two arms.
pub fn advice(duel: &DuelReport, settings: &CompareSettings) -> String {
    if duel.always.is_some_and(|always| always.out_of_order) {
        return format!(
            "Hold: the rows of `{}` are not in the order in which they came, or change on the way, so that nothing can be said at any time. Leave out `--sequential`, or bring them in order.",
            duel.second
        );
    }
    let (Some(difference), Some((low, high))) = (duel.difference.value, interval(duel)) else {
        return format!("`{}` and `{}` share no prompt with a score on both sides.", duel.first, duel.second);
    };
    let effect = settings.effect;
    let are_equal = duel.wins + duel.losses == 0 && duel.spread == 0.0 && difference == 0.0;
    let said = if is_lopsided(duel) {
        let (first, second) = duel.scored_by_one;
        format!(
            "Hold: of the prompts that have a score on one side alone, {first} have it on `{}` and {second} on `{}`, so that those that are left are no longer alike.",
            duel.first, duel.second
        )
    } else if is_decided(duel, settings) {
        better(duel, difference, (low, high), effect)
    } else if are_equal {
        let prompts =
            if duel.prompts == 1 { "the one prompt".into() } else { format!("all {} prompts", duel.prompts) };
        format!(
            "`{}` and `{}` have the same scores on {prompts}: there is nothing to tell apart.",
            duel.first, duel.second
        )
    } else if low > -effect && high < effect {
        format!("`{}` and `{}` are equal within {effect}: take the cheaper one.", duel.first, duel.second)
    } else {
        undecided(duel, settings)
    };
    [said].into_iter().chain(by_length(duel)).chain(apart(duel)).collect::<Vec<_>>().join(" ")
}

fn is_decided(duel: &DuelReport, settings: &CompareSettings) -> bool {
    match settings.looks {
        Looks::Once => duel.p_adjusted.is_some_and(|p| p <= settings.alpha),
        Looks::Always => duel.always.is_some_and(|always| always.decided_after.is_some()),
    }
}

fn better(duel: &DuelReport, difference: f64, (low, high): (f64, f64), effect: f64) -> String {
    let is_second = difference > 0.0;
    let (better, worse) = if is_second { (&duel.second, &duel.first) } else { (&duel.first, &duel.second) };
    let (low, high) = if is_second { (low, high) } else { (-high, -low) };
    let is_small = low > -effect && high < effect;
    let size =
        if is_small { format!(", though by less than the {effect} that matters") } else { String::new() };
    format!(
        "`{better}` is better than `{worse}` by {:.3} [{low:.3}, {high:.3}]{size}: take `{better}`.",
        difference.abs()
    )
}

fn interval(duel: &DuelReport) -> Option<(f64, f64)> {
    match duel.always {
        Some(always) => always.interval,
        None => duel.difference.interval,
    }
}

/// Tells whether one side lacks scores far more often than the other.
fn is_lopsided(duel: &DuelReport) -> bool {
    let (first, second) = duel.scored_by_one;
    mcnemar(first as u64, second as u64).exact < LEVEL
}

fn undecided(duel: &DuelReport, settings: &CompareSettings) -> String {
    let needed = duel.planned.iter().find(|plan| plan.difference == settings.effect);
    let more = match (settings.looks, needed) {
        (Looks::Always, _) => "Go on, and look again whenever you like.".into(),
        (Looks::Once, Some(plan)) if plan.prompts > duel.prompts as u64 => {
            format!("A difference of {} takes {} prompts.", settings.effect, plan.prompts)
        }
        _ => "More prompts would tell.".into(),
    };
    let found = duel.detectable.map_or(String::new(), |detectable| {
        format!(" With {} prompts differences from {detectable:.3} on are found.", duel.prompts)
    });
    format!("Nothing tells `{}` and `{}` apart yet.{found} {more}", duel.first, duel.second)
}

/// Says that a win is one of length.
fn by_length(duel: &DuelReport) -> Option<String> {
    let (raw, controlled) = (duel.win_rate.value?, duel.length_controlled?);
    let turned = (raw - 0.5) * (controlled.rate - 0.5) < 0.0;
    let longer = if raw > 0.5 { &duel.second } else { &duel.first };
    (turned && (raw - controlled.rate).abs() > 0.02).then(|| {
        format!(
            "`{longer}` wins by length: at equal length `{}` would win {:.1} %.",
            duel.second,
            controlled.rate * 100.0
        )
    })
}

/// Says what is left out.
fn apart(duel: &DuelReport) -> Option<String> {
    let left_out = [
        (duel.missing, "without a score on one side".to_owned()),
        (duel.only_first, format!("that only `{}` answered", duel.first)),
        (duel.only_second, format!("that only `{}` answered", duel.second)),
    ];
    let said = left_out.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}"));
    let said = said.collect::<Vec<_>>().join(", ");
    (!said.is_empty()).then(|| format!("In no figure are prompts: {said}."))
}
