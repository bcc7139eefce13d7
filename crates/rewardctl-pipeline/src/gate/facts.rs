//! Checks of the responses at hand alone: failures, uncertainty, items that must pass.

use rewardctl_core::gate::Finding;
use rewardctl_data::measured::rewarded::RewardedRow;

use crate::gate::check::{Check, Looked, Place, Scene, Weighed, fewer, place};
use crate::rewarded::prompts::{Measure, Prompt, Worth};

/// The largest standard deviation of a number in 0..=1: what a reward is uncertain by that is not there.
const GREATEST_DEVIATION: f64 = 0.5;

impl Check {
    pub(super) fn fail_rate(&self, most: f64, prompts: &[Prompt<'_>], scene: &Scene<'_>) -> Looked {
        let (mut failed, mut count, mut places) = (0usize, 0usize, vec![]);
        for prompt in prompts {
            let gone = gone(prompt, scene);
            (failed, count) = (failed + gone.len(), count + gone.len());
            places.extend(gone);
            for row in &prompt.after {
                count += 1;
                if self.measure().has_failed(row) {
                    failed += 1;
                    places.push((1.0, place(row, self.failure(row))));
                }
            }
        }
        let rate = (count > 0).then(|| failed as f64 / count as f64);
        Looked {
            finding: rate.map_or(Finding::Nothing, |rate| Finding::Fact(rate <= most)),
            counts: self.counts(prompts, scene),
            estimate: rate,
            ..Looked::NOTHING
        }
        .with_places(places)
    }

    fn failure(&self, row: &RewardedRow) -> String {
        let mut critics: Vec<&str> = row.failed.iter().map(|(_, critic)| critic.as_str()).collect();
        critics.dedup();
        match critics.is_empty() {
            true => format!("no {}", self.subject()),
            false => format!("the verdict of {} failed", critics.join(", ")),
        }
    }

    pub(super) fn uncertainty(&self, most: f64, prompts: &[Prompt<'_>], scene: &Scene<'_>) -> Looked {
        let rows: Vec<&RewardedRow> =
            prompts.iter().flat_map(|prompt| prompt.after.iter().copied()).collect();
        let gone: Vec<Weighed> = prompts.iter().flat_map(|prompt| gone(prompt, scene)).collect();
        let of = |row: &RewardedRow| {
            row.uncertainty.filter(|_| row.reward.is_some()).unwrap_or(GREATEST_DEVIATION)
        };
        let count = rows.len() + gone.len();
        let sum = rows.iter().map(|row| of(row)).sum::<f64>() + GREATEST_DEVIATION * gone.len() as f64;
        let mean = (!rows.is_empty()).then(|| sum / count as f64);
        let above = rows.iter().filter(|row| of(row) > most).map(|row| {
            let what = match row.uncertainty {
                Some(deviation) => format!("the reward is uncertain by {deviation:.3}"),
                None => "no uncertainty: it counts as 0.5".into(),
            };
            (of(row), Place { score: row.reward, ..place(row, what) })
        });
        Looked {
            finding: mean.map_or(Finding::Nothing, |mean| Finding::Fact(mean <= most)),
            counts: self.counts(prompts, scene),
            estimate: mean,
            ..Looked::NOTHING
        }
        .with_places(above.chain(gone).collect())
    }

    pub(super) fn must_pass(
        &self,
        (items, min_score): (&[String], f64),
        prompts: &[Prompt<'_>],
        scene: &Scene<'_>,
    ) -> Looked {
        let (mut places, mut good) = (vec![], 0usize);
        for item in items {
            let is_it = |row: &&&RewardedRow| row.id.as_ref() == Some(item) || row.item == *item;
            let rows: Vec<&&RewardedRow> =
                prompts.iter().flat_map(|prompt| &prompt.after).filter(is_it).collect();
            let mut bad: Vec<Weighed> = rows.iter().filter_map(|row| self.short_of(row, min_score)).collect();
            let of_item = prompts.iter().filter(|prompt| prompt.after.iter().any(|row| is_it(&row)));
            bad.extend(of_item.flat_map(|prompt| gone(prompt, scene)));
            if rows.is_empty() {
                places.push((1.0, Place { item: item.clone(), ..Place::nowhere("it is not in the file") }));
            }
            good += usize::from(!rows.is_empty() && bad.is_empty());
            places.extend(bad);
        }
        Looked {
            finding: Finding::Fact(good == items.len()),
            counts: self.counts(prompts, scene),
            estimate: Some(good as f64 / items.len() as f64),
            ..Looked::NOTHING
        }
        .with_places(places)
    }

    /// Returns the responses below a score, and those without one.
    pub(super) fn below(&self, prompts: &[Prompt<'_>], score: f64) -> Vec<Weighed> {
        prompts.iter().flat_map(|prompt| &prompt.after).filter_map(|row| self.short_of(row, score)).collect()
    }

    fn short_of(&self, row: &RewardedRow, least: f64) -> Option<Weighed> {
        let plain = Measure { pass_at: None, ..self.measure() };
        match plain.worth(row) {
            Worth::Score(score) if score >= least => None,
            Worth::Score(score) => {
                let what = format!("{} {score:.3} is below {least}", self.subject());
                Some((1.0 - score, Place { score: Some(score), ..place(row, what) }))
            }
            Worth::Abstained | Worth::Missing => Some((2.0, place(row, self.failure(row)))),
        }
    }
}

/// Names what the baseline has and the file does not, one by one: the prompt, or responses to it.
fn gone(prompt: &Prompt<'_>, scene: &Scene<'_>) -> Vec<Weighed> {
    let lacking = scene.lacking(prompt);
    let (count, what) = match scene.removed_counts(prompt) {
        true => (1, "the baseline has it, and the file does not".into()),
        false => (lacking, fewer(lacking)),
    };
    let row = prompt.after.first().or(prompt.before.first());
    row.map_or(vec![], |row| vec![(1.0, place(row, what)); count])
}
