//! Checks of what reaches beyond the responses at hand: means, quantiles, and how they compare with a baseline.

use rewardctl_core::gate::{Evidence, Finding};
use rewardctl_core::mcnemar::{McNemar, mcnemar};
use rewardctl_core::mean_test::{Question, mean_test};
use rewardctl_core::non_inferiority::{Pair, UNKNOWN, regression};

use crate::gate::check::{Check, Counts, Looked, Place, Scene, Weighed, fewer, place};
use crate::gate::policy::Quantile;
use crate::rewarded::prompts::Prompt;

/// Where a score counts as good when pairs that turned are counted, unless the rule says where.
const GOOD_FROM: f64 = 0.5;

impl Check {
    pub(super) fn mean(&self, least: f64, prompts: &[Prompt<'_>], scene: &Scene<'_>) -> Looked {
        let question = Question { range: UNKNOWN, threshold: least, alpha: scene.policy.alpha };
        let places = self.below(prompts, least);
        Self::estimated(&self.values(prompts, scene), question, self.counts(prompts, scene))
            .with_places(places)
    }

    pub(super) fn quantile(
        &self,
        Quantile { share, score }: Quantile,
        prompts: &[Prompt<'_>],
        scene: &Scene<'_>,
    ) -> Looked {
        let reaching = Self { pass_at: Some(score), ..self.clone() };
        let question = Question { range: UNKNOWN, threshold: 1.0 - share, alpha: scene.policy.alpha };
        let looked = Self::estimated(&reaching.values(prompts, scene), question, self.counts(prompts, scene));
        let places = self.below(prompts, score);
        // Said the other way round: the share that falls short.
        Looked { estimate: looked.estimate.map(|reaching| 1.0 - reaching), ..looked }.with_places(places)
    }

    /// Returns what prompts are worth within bounds, those that are gone among them.
    fn values(&self, prompts: &[Prompt<'_>], scene: &Scene<'_>) -> Vec<(f64, f64)> {
        let absent = |prompt: &Prompt<'_>| scene.removed_counts(prompt).then_some(UNKNOWN);
        prompts.iter().filter_map(|prompt| self.after(prompt, scene).or_else(|| absent(prompt))).collect()
    }

    /// Returns what a prompt is worth now, with each response that the baseline has more of unknown.
    fn after(&self, prompt: &Prompt<'_>, scene: &Scene<'_>) -> Option<(f64, f64)> {
        self.bounds(&prompt.after, scene.lacking(prompt), scene.policy.abstained)
    }

    /// Tests the mean of values that are known within bounds.
    fn estimated(values: &[(f64, f64)], question: Question, counts: Counts) -> Looked {
        let of = |side: fn(&(f64, f64)) -> f64| values.iter().map(side).collect::<Vec<f64>>();
        let (worst, best) =
            (mean_test(&of(|value| value.0), question), mean_test(&of(|value| value.1), question));
        let evidence = worst.zip(best).map(|(worst, best)| Evidence {
            broken: worst.p_at_most,
            holds: best.p_at_least,
            holds_at_worst: worst.p_at_least,
            observed: worst.mean >= question.threshold,
        });
        Looked {
            finding: evidence.map_or(Finding::Nothing, Finding::Estimate),
            counts,
            estimate: worst.map(|worst| worst.mean),
            test: worst,
            ..Looked::NOTHING
        }
    }

    pub(super) fn against_baseline(&self, margin: f64, prompts: &[Prompt<'_>], scene: &Scene<'_>) -> Looked {
        let (mut pairs, mut places, mut all_same) = (vec![], vec![], true);
        for prompt in prompts.iter().filter(|prompt| !prompt.before.is_empty()) {
            if prompt.after.is_empty() && !scene.removed_counts(prompt) {
                continue;
            }
            let Some(pair) = self.pair(prompt, scene) else { continue };
            let is_known = pair.after.0 == pair.after.1;
            all_same &= !prompt.is_changed() && is_known && pair.before == pair.after;
            places.extend(self.fallen(prompt, pair, scene));
            pairs.push(pair);
        }
        let found = regression(&pairs, margin, scene.policy.promise(), scene.settings.seed);
        let finding = match &found {
            None => Finding::Nothing,
            // What is word for word the same is no worse, whatever the number of prompts.
            Some(_) if all_same => Finding::Fact(true),
            Some(found) => Finding::Estimate(Evidence {
                broken: found.worst.p_at_most,
                holds: found.best.p_at_least,
                holds_at_worst: found.worst.p_at_least,
                observed: found.worst.mean >= -margin,
            }),
        };
        let same = "every response is the one that the baseline has".to_owned();
        Looked {
            finding,
            counts: self.counts(prompts, scene),
            estimate: found.as_ref().map(|found| found.worst.mean),
            test: found.as_ref().map(|found| found.worst).filter(|_| !all_same),
            power: found.as_ref().and_then(|found| found.power).filter(|_| !all_same),
            turned: (!pairs.is_empty()).then(|| turned(&pairs)),
            note: (found.is_some() && all_same).then_some(same),
            regression: found,
            ..Looked::NOTHING
        }
        .with_places(places)
    }

    /// Returns what a prompt is worth on both sides; None if one side had nothing to judge and may be left out.
    fn pair(&self, prompt: &Prompt<'_>, scene: &Scene<'_>) -> Option<Pair> {
        let after = if prompt.after.is_empty() { Some(UNKNOWN) } else { self.after(prompt, scene) };
        let before = self.bounds(&prompt.before, 0, scene.policy.abstained);
        match (before, after) {
            (None, None) => None,
            // What one side judged and the other did not is unknown on the other.
            (before, after) => {
                Some(Pair { before: before.unwrap_or(UNKNOWN), after: after.unwrap_or(UNKNOWN) })
            }
        }
    }

    fn fallen(&self, prompt: &Prompt<'_>, pair: Pair, scene: &Scene<'_>) -> Option<Weighed> {
        let fall = pair.before.1 - pair.after.0;
        let row = prompt.after.first().or(prompt.before.first())?;
        let known = |(least, most): (f64, f64)| (least == most).then_some(least);
        let (before, score) = (known(pair.before), known(pair.after));
        let what = match (before, score) {
            _ if prompt.after.is_empty() => "the baseline has it, and the file does not".into(),
            (Some(before), Some(score)) => format!("{} fell from {before:.3} to {score:.3}", self.subject()),
            _ if scene.lacking(prompt) > 0 => fewer(scene.lacking(prompt)),
            (_, None) => format!("no {}: it counts as 0", self.subject()),
            (None, _) => format!("no {} in the baseline: it counts as 1 there", self.subject()),
        };
        (fall > 0.0).then(|| (fall, Place { score, before, ..place(row, what) }))
    }
}

/// Counts the prompts with both values that turned from good to bad, and from bad to good.
fn turned(pairs: &[Pair]) -> McNemar {
    let known = pairs.iter().filter(|pair| pair.before.0 == pair.before.1 && pair.after.0 == pair.after.1);
    let (mut lost, mut gained) = (0, 0);
    for pair in known {
        match (pair.before.0 >= GOOD_FROM, pair.after.0 >= GOOD_FROM) {
            (true, false) => lost += 1,
            (false, true) => gained += 1,
            _ => {}
        }
    }
    mcnemar(lost, gained)
}
