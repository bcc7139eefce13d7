//! What a gate found: each check with its figures and its ruling, and what they come to.

use std::collections::BTreeSet;

use rewardctl_core::gate::{PassIf, Ruled, Ruling};
use rewardctl_core::mcnemar::McNemar;
use rewardctl_core::mean_test::{FEW, Method};
use rewardctl_core::multiplicity::Correction;
use rewardctl_core::non_inferiority::{PairedPower, Regression};
use rewardctl_data::measured::rewarded::{Grounds, RewardedRow};
use serde::Serialize;

use crate::gate::check::{Check, Counts, Kind, Looked, Place};
use crate::gate::policy::{Absent, Policy};
use crate::rewarded::prompts::Prompt;

/// What a gate found.
#[derive(Debug, Clone, Serialize)]
pub struct GateReport {
    /// What all checks come to.
    pub ruling: Ruling,
    /// Whether LLM critics judged that nobody compared with people.
    pub uncalibrated: bool,
    /// The version of what made the rewards; None where the rows do not say.
    pub version: Option<String>,
    /// One less the level of every test.
    pub alpha: f64,
    /// How the slices of a threshold are kept from failing by chance.
    pub correction: Correction,
    /// Prompts looked at.
    pub prompts: usize,
    /// Responses to them.
    pub responses: usize,
    /// Prompts of the baseline among them; None without a baseline.
    pub baseline_prompts: Option<usize>,
    /// The checks, in the order of the policy.
    pub checks: Vec<CheckReport>,
    /// What casts doubt on the ruling.
    pub warnings: Vec<String>,
}

/// One check.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// What the rule is called.
    pub rule: String,
    /// What is asked: `min-mean` and so on.
    pub check: &'static str,
    /// The dimension; None for the reward.
    pub dimension: Option<String>,
    /// A score counts as 1 from here on, else as 0.
    pub pass_at: Option<f64>,
    /// Which responses it is about; empty for all.
    pub slice: String,
    /// What is said.
    pub ruling: Ruling,
    /// On whom the burden of proof lay.
    pub pass_if: PassIf,
    /// What must be kept.
    pub threshold: f64,
    /// What was found, with whatever is missing counted as the worst.
    pub estimate: Option<f64>,
    /// Bounds of the estimate, each at the level of the tests.
    pub bounds: Option<(f64, f64)>,
    /// How it was tested.
    pub method: Option<Method>,
    /// The p-value of "it is broken".
    pub p_broken: Option<f64>,
    /// The p-value of "it holds", of slices adjusted for their number.
    pub p_holds: Option<f64>,
    /// What was looked at, and what could not be.
    pub counts: Counts,
    /// What the sample can show, against a baseline.
    pub power: Option<PairedPower>,
    /// The comparison with the baseline.
    pub regression: Option<Regression>,
    /// Prompts that turned from good to bad and back.
    pub turned: Option<McNemar>,
    /// Why, in a sentence.
    pub why: String,
    /// The responses that weigh most against it.
    pub places: Vec<Place>,
}

/// What a report is made of, beside the checks.
pub struct Sources<'s> {
    /// The responses at hand.
    pub new: &'s [RewardedRow],
    /// Those of the baseline.
    pub old: Option<&'s [RewardedRow]>,
    /// The prompts looked at.
    pub prompts: &'s [Prompt<'s>],
    /// Whether LLM critics judged that nobody compared with people.
    pub is_uncalibrated: bool,
}

impl GateReport {
    /// Puts the checks together.
    pub fn new(ruling: Ruling, checks: Vec<CheckReport>, sources: &Sources<'_>, policy: &Policy) -> Self {
        let counted = |of: fn(&Prompt<'_>) -> usize| sources.prompts.iter().map(of).sum::<usize>();
        Self {
            ruling,
            uncalibrated: sources.is_uncalibrated,
            version: sources.new.iter().find_map(|row| row.version.clone()),
            alpha: policy.alpha,
            correction: policy.correction,
            prompts: counted(|prompt| usize::from(!prompt.after.is_empty())),
            responses: counted(|prompt| prompt.after.len()),
            baseline_prompts: sources.old.map(|_| counted(|prompt| usize::from(!prompt.before.is_empty()))),
            warnings: warnings(&checks, sources, policy),
            checks,
        }
    }
}

impl CheckReport {
    /// Puts together what a check asked, found and came to.
    pub fn new(check: &Check, looked: Looked, ruled: Ruled) -> Self {
        let (name, threshold) = match &check.kind {
            Kind::MinMean(least) => ("min-mean", *least),
            Kind::MinQuantile(quantile) => ("min-quantile", quantile.share),
            Kind::MaxRegression(margin) => ("max-regression", *margin),
            Kind::MaxFailRate(most) => ("max-fail-rate", *most),
            Kind::MaxUncertainty(most) => ("max-uncertainty", *most),
            Kind::MustPass { min_score, .. } => ("must-pass", *min_score),
        };
        let bounds = bounds(check, &looked);
        let why = why(check, &looked, ruled.ruling);
        Self {
            rule: check.rule.clone(),
            check: name,
            dimension: check.dimension.clone(),
            pass_at: check.pass_at,
            slice: check.selection.name(),
            ruling: ruled.ruling,
            pass_if: check.pass_if,
            threshold,
            estimate: looked.estimate,
            bounds,
            method: looked.test.map(|test| test.method),
            p_broken: looked.test.map(|test| test.p_at_most),
            p_holds: ruled.adjusted,
            counts: looked.counts,
            power: looked.power,
            regression: looked.regression,
            turned: looked.turned,
            why,
            places: looked.places,
        }
    }

    /// Names the check as a line does: `billing: min-mean of accuracy (topic tax)`.
    pub fn title(&self) -> String {
        let subject = self.dimension.as_deref().unwrap_or("reward");
        let rule = if self.rule == subject { String::new() } else { format!("{}: ", self.rule) };
        let slice = if self.slice.is_empty() { String::new() } else { format!(" ({})", self.slice) };
        format!("{rule}{} of {subject}{slice}", self.check)
    }
}

/// Returns the bounds of the estimate; those of a quantile are of the share that falls short.
fn bounds(check: &Check, looked: &Looked) -> Option<(f64, f64)> {
    let test = looked.test?;
    Some(match check.kind {
        Kind::MinQuantile(_) => (1.0 - test.upper, 1.0 - test.lower),
        _ => (test.lower, test.upper),
    })
}

/// Says in a sentence why a check came to its ruling.
fn why(check: &Check, looked: &Looked, ruling: Ruling) -> String {
    if let Some(note) = &looked.note {
        return note.clone();
    }
    let Some(estimate) = looked.estimate else {
        return if looked.counts.added > 0 {
            "the baseline has none of these prompts".into()
        } else {
            "there is no response to look at".into()
        };
    };
    let subject = check.subject();
    let found = match &check.kind {
        Kind::MinMean(least) => {
            format!("the mean {} is {estimate:.3}, and {least} is asked for", named(check, subject))
        }
        Kind::MinQuantile(quantile) => format!(
            "{} of the prompts' {subject} fall short of {}, and {} may",
            percent(estimate),
            quantile.score,
            percent(quantile.share)
        ),
        Kind::MaxRegression(margin) => compared(check, looked, *margin),
        Kind::MaxFailRate(most) => {
            format!(
                "{} of the responses have a failed verdict or no {subject}, and {} may",
                percent(estimate),
                percent(*most)
            )
        }
        Kind::MaxUncertainty(most) => {
            format!("the rewards are uncertain by {estimate:.3} on average, and {most} is allowed")
        }
        Kind::MustPass { items, min_score } => {
            let good = (estimate * items.len() as f64).round();
            format!(
                "{good} of {} items have a {subject} of {min_score} or more in every response",
                items.len()
            )
        }
    };
    match (ruling, looked.test, bounds(check, looked)) {
        (Ruling::NotEnoughEvidence, Some(test), Some((low, high))) => {
            let leave = if test.count == 1 { "leaves" } else { "leave" };
            format!("{found}; {} {leave} {low:.3} to {high:.3} open", many(test.count))
        }
        _ => found,
    }
}

fn named(check: &Check, subject: &str) -> String {
    check.pass_at.map_or(subject.into(), |limit| format!("share of {subject} from {limit} on"))
}

fn compared(check: &Check, looked: &Looked, margin: f64) -> String {
    let worst = looked.estimate.unwrap_or_default();
    let subject = named(check, check.subject());
    let means = looked.regression.as_ref().and_then(|found| Some((found.before?, found.after?)));
    let moved = match means {
        Some((before, after)) => format!("the mean {subject} went from {before:.3} to {after:.3}"),
        None => format!("no prompt has every {subject} on both sides"),
    };
    let missing = looked.regression.as_ref().map_or(0, |found| found.missing_after + found.missing_before);
    let with_missing = match missing {
        0 => String::new(),
        count => format!(" ({worst:+.3} with {} counted as the worst)", what_is_missing(count)),
    };
    format!("{moved}{with_missing}, and a fall of {margin} is allowed")
}

fn what_is_missing(count: usize) -> String {
    format!("{} without one", many(count))
}

fn many(count: usize) -> String {
    if count == 1 { "1 prompt".into() } else { format!("{count} prompts") }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn warnings(checks: &[CheckReport], sources: &Sources<'_>, policy: &Policy) -> Vec<String> {
    let mut warnings = vec![];
    if sources.is_uncalibrated {
        warnings.push(
            "uncalibrated: LLM critics judged, and no aggregator was fitted to what people said of their verdicts".into(),
        );
    }
    if !sources.new.is_empty() && sources.new[0].version.is_none() {
        warnings.push(
            "the rows do not say what made their rewards, so that a changed critic would go unnoticed".into(),
        );
    }
    let asks_for_verdicts = policy.rule.iter().any(|rule| rule.max_fail_rate.is_some());
    if asks_for_verdicts && !sources.new.is_empty() && sources.new.iter().all(|row| row.verdicts == 0) {
        warnings.push(
            "the rows have no verdicts, so that failures behind a reward go unseen: only rewards that are missing count as failed".into(),
        );
    }
    let grounds = |wanted| sources.new.iter().any(|row| row.grounds == wanted);
    if grounds(Grounds::Looks) && !grounds(Grounds::Truth) {
        warnings.push(
            "no critic here knows what is right: rules and the text model judge how responses look, and a wrong one can look good; references in the rows, or LLM critics, tell".into(),
        );
    }
    let models: BTreeSet<&String> = sources.new.iter().filter_map(|row| row.generator.as_ref()).collect();
    let is_told_apart =
        policy.by.iter().any(|field| field == "model") || policy.rule.iter().any(|rule| rule.model.is_some());
    if models.len() > 1 && !is_told_apart {
        warnings.push(format!(
            "responses of {} models are judged as one; `--by model` looks at each",
            models.len()
        ));
    }
    warnings.extend(warnings_of_checks(checks, policy));
    warnings.extend(warnings_of_baseline(checks, sources, policy));
    warnings
}

fn warnings_of_checks(checks: &[CheckReport], policy: &Policy) -> Vec<String> {
    let mut warnings = vec![];
    for check in checks {
        warnings.extend(too_small(check, policy));
        if check.counts.abstained > 0 && check.ruling != Ruling::Pass {
            warnings.push(format!(
                "{}: {} of {} responses gave the critics nothing to judge, and count as 0; `abstained = \"leave-out\"` leaves them out",
                check.title(), check.counts.abstained, check.counts.responses
            ));
        }
    }
    warnings
}

/// Says what the baseline has and the file does not, and the other way round.
fn warnings_of_baseline(checks: &[CheckReport], sources: &Sources<'_>, policy: &Policy) -> Vec<String> {
    let mut warnings = vec![];
    let lacking = checks.iter().map(|check| check.counts.lacking).max().unwrap_or(0);
    if lacking > 0 {
        let what = match policy.removed {
            Absent::Worst => "count as missing; `removed = \"leave-out\"` leaves them out",
            Absent::LeaveOut => "are left out",
        };
        let fewer = if lacking == 1 { "1 response is".into() } else { format!("{lacking} responses are") };
        warnings.push(format!("{fewer} gone that the baseline has to the same prompts; they {what}"));
    }
    let renewed = renewed(sources);
    if renewed > 0 {
        warnings.push(format!(
            "{} the id of one in the baseline and not its prompt, reference and documents, so that they count as new, and the baseline's as gone",
            if renewed == 1 { "1 prompt has".into() } else { format!("{renewed} prompts have") }
        ));
    }
    let added = checks.iter().map(|check| check.counts.added).max().unwrap_or(0);
    if added > 0 && policy.rule.iter().any(|rule| rule.max_regression.is_some()) {
        warnings.push(format!(
            "{} not in the baseline, so they are compared with nothing",
            if added == 1 { "1 prompt is".into() } else { format!("{added} prompts are") }
        ));
    }
    warnings
}

/// Counts the ids that name one prompt in the baseline and another in the file.
fn renewed(sources: &Sources<'_>) -> usize {
    let ids = |rows: &[&RewardedRow]| rows.iter().filter_map(|row| row.id.clone()).collect::<Vec<_>>();
    let (mut gone, mut added) = (BTreeSet::new(), BTreeSet::new());
    for prompt in sources.prompts {
        match (prompt.before.is_empty(), prompt.after.is_empty()) {
            (true, false) => added.extend(ids(&prompt.after)),
            (false, true) => gone.extend(ids(&prompt.before)),
            _ => {}
        }
    }
    gone.intersection(&added).count()
}

/// Says that a sample is too small for what is asked of it.
fn too_small(check: &CheckReport, policy: &Policy) -> Option<String> {
    let is_decided = matches!(check.ruling, Ruling::Pass | Ruling::Fail);
    if check.check != "max-regression" || check.pass_if != PassIf::Shown || is_decided {
        return None;
    }
    let few =
        check.counts.prompts > 0 && check.counts.prompts < FEW && check.ruling == Ruling::NotEnoughEvidence;
    if few {
        let prompts = many(check.counts.prompts);
        return Some(format!(
            "{}: too few prompts to say: the bounds of {prompts} hold for any scores, and are wide; from {FEW} on they are narrower",
            check.title()
        ));
    }
    let power = check.power?;
    if power.equal_passes >= policy.power {
        return None;
    }
    let more = match power.needed {
        Some(needed) => format!("{} would make it {}", many(needed as usize), percent(policy.power)),
        None => {
            "no number of prompts shows a fall of nothing: allow a little, or `pass-if = \"not-refuted\"`"
                .into()
        }
    };
    let detectable = power
        .detectable
        .map_or(String::new(), |detectable| format!("; differences from {detectable:.3} on are found"));
    Some(format!(
        "{}: too few prompts to say: what is equal passes with chance {}{detectable}; {more}",
        check.title(),
        percent(power.equal_passes)
    ))
}
