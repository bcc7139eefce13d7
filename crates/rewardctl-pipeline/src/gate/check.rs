//! Checks: one threshold, held against the responses that it is about.

use rewardctl_core::gate::{Finding, PassIf};
use rewardctl_core::mcnemar::McNemar;
use rewardctl_core::mean_test::MeanTest;
use rewardctl_core::non_inferiority::{PairedPower, Regression, UNKNOWN};
use rewardctl_data::measured::rewarded::RewardedRow;
use serde::Serialize;

use crate::gate::GateSettings;
use crate::gate::policy::{Absent, Policy, Quantile};
use crate::rewarded::prompts::{Measure, Prompt, Selection, Worth};

/// One threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What the rule is called.
    pub rule: String,
    /// The dimension whose scores count; None for the reward.
    pub dimension: Option<String>,
    /// A score counts as 1 from here on, else as 0.
    pub pass_at: Option<f64>,
    /// Which responses it is about.
    pub selection: Selection,
    /// How much of the rule it is about.
    pub reach: Reach,
    /// What is asked.
    pub kind: Kind,
    /// On whom the burden of proof lies.
    pub pass_if: PassIf,
}

/// How much of its rule a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of it.
    Rule,
    /// One value of a field.
    Slice,
}

/// What a check asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The mean is at least this.
    MinMean(f64),
    /// All but a share reach a score.
    MinQuantile(Quantile),
    /// The mean falls behind the baseline's by less than this.
    MaxRegression(f64),
    /// Verdicts fail, or are missing, in no larger share.
    MaxFailRate(f64),
    /// The rewards are no more uncertain on average.
    MaxUncertainty(f64),
    /// All responses to these items reach a score.
    MustPass {
        /// The items, by their ids.
        items: Vec<String>,
        /// What they must reach.
        min_score: f64,
    },
}

/// What all checks share.
pub struct Scene<'p> {
    /// What must hold.
    pub policy: &'p Policy,
    /// What the gate is told beside.
    pub settings: GateSettings,
    /// Whether there is a baseline.
    pub has_baseline: bool,
    /// All prompts, also those that are not looked at since they did not change.
    pub all: &'p [Prompt<'p>],
}

/// How many responses and prompts a check looked at, and how many it could not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Prompts.
    pub prompts: usize,
    /// Responses to them.
    pub responses: usize,
    /// Responses without a score, since a verdict failed or there is no reward.
    pub missing: usize,
    /// Responses with a reward that the dimension had nothing to judge of.
    pub abstained: usize,
    /// Prompts of the baseline without a response.
    pub removed: usize,
    /// Responses that the baseline has more of, to prompts that have one.
    pub lacking: usize,
    /// Prompts that the baseline does not have: nothing to compare with.
    pub added: usize,
}

/// What a check found.
#[derive(Debug, Clone)]
pub struct Looked {
    /// What it is ruled on.
    pub finding: Finding,
    /// What was looked at.
    pub counts: Counts,
    /// The figure, with whatever is missing counted as the worst.
    pub estimate: Option<f64>,
    /// The test behind it.
    pub test: Option<MeanTest>,
    /// What the sample can show.
    pub power: Option<PairedPower>,
    /// The comparison with the baseline.
    pub regression: Option<Regression>,
    /// Prompts that turned from good to bad and back.
    pub turned: Option<McNemar>,
    /// What differs from what one may expect.
    pub note: Option<String>,
    /// The responses that weigh most against the check, the worst first.
    pub places: Vec<Place>,
}

/// A response that weighs against a check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The file that it stands in.
    pub file: Option<String>,
    /// The line.
    pub line: Option<u64>,
    /// What the item is called, by the user or by its content.
    pub item: String,
    /// The model that wrote it.
    pub model: Option<String>,
    /// Its score; None where it has none.
    pub score: Option<f64>,
    /// The baseline's score of the same prompt.
    pub before: Option<f64>,
    /// What is wrong.
    pub what: String,
}

/// A place with how much it weighs.
pub(super) type Weighed = (f64, Place);

impl Check {
    /// Looks at prompts that are selected already.
    pub fn look(&self, prompts: &[Prompt<'_>], scene: &Scene<'_>) -> Looked {
        let looked = match &self.kind {
            Kind::MinMean(least) => self.mean(*least, prompts, scene),
            Kind::MinQuantile(quantile) => self.quantile(*quantile, prompts, scene),
            Kind::MaxRegression(margin) => self.against_baseline(*margin, prompts, scene),
            Kind::MaxFailRate(most) => self.fail_rate(*most, prompts, scene),
            Kind::MaxUncertainty(most) => self.uncertainty(*most, prompts, scene),
            Kind::MustPass { items, min_score } => self.must_pass((items, *min_score), prompts, scene),
        };
        let mut places = looked.places;
        places.truncate(scene.settings.listed);
        Looked { places, ..looked }
    }

    pub(super) fn measure(&self) -> Measure<'_> {
        Measure { dimension: self.dimension.as_deref(), pass_at: self.pass_at }
    }

    pub(super) fn counts(&self, prompts: &[Prompt<'_>], scene: &Scene<'_>) -> Counts {
        let mut counts = Counts::default();
        for prompt in prompts {
            counts.prompts += usize::from(!prompt.after.is_empty());
            counts.responses += prompt.after.len();
            counts.removed += usize::from(prompt.after.is_empty());
            counts.lacking += prompt.lacking;
            counts.added += usize::from(scene.has_baseline && prompt.before.is_empty());
            for row in &prompt.after {
                match self.measure().worth(row) {
                    Worth::Missing => counts.missing += 1,
                    Worth::Abstained => counts.abstained += 1,
                    Worth::Score(_) => {}
                }
            }
        }
        counts
    }

    /// Returns the least and the greatest mean that responses to one prompt may have, of which some are lacking; None if they
    /// are left out.
    pub(super) fn bounds(
        &self,
        rows: &[&RewardedRow],
        lacking: usize,
        abstained: Absent,
    ) -> Option<(f64, f64)> {
        let lacking = lacking as f64;
        let (mut least, mut most, mut count) = (UNKNOWN.0 * lacking, UNKNOWN.1 * lacking, lacking);
        for row in rows {
            let (low, high) = match (self.measure().worth(row), abstained) {
                (Worth::Score(score), _) => (score, score),
                (Worth::Abstained, Absent::LeaveOut) => continue,
                (Worth::Abstained | Worth::Missing, _) => UNKNOWN,
            };
            (least, most, count) = (least + low, most + high, count + 1.0);
        }
        (count > 0.0).then(|| (least / count, most / count))
    }

    /// What is measured, as a sentence names it.
    pub fn subject(&self) -> &str {
        self.dimension.as_deref().unwrap_or("reward")
    }
}

impl Scene<'_> {
    /// Tells whether a prompt is gone that counts as the worst.
    pub(super) fn removed_counts(&self, prompt: &Prompt<'_>) -> bool {
        self.has_baseline && prompt.after.is_empty() && self.policy.removed == Absent::Worst
    }

    /// Counts the responses that are gone and count as the worst, to a prompt that still has one.
    pub(super) fn lacking(&self, prompt: &Prompt<'_>) -> usize {
        if self.has_baseline && self.policy.removed == Absent::Worst { prompt.lacking } else { 0 }
    }
}

impl Looked {
    pub(super) const NOTHING: Self = Self {
        finding: Finding::Nothing,
        counts: Counts {
            prompts: 0,
            responses: 0,
            missing: 0,
            abstained: 0,
            removed: 0,
            lacking: 0,
            added: 0,
        },
        estimate: None,
        test: None,
        power: None,
        regression: None,
        turned: None,
        note: None,
        places: vec![],
    };

    pub(super) fn with_places(self, mut places: Vec<Weighed>) -> Self {
        // Stable: what weighs the same stays in the order of the prompts.
        places.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        Self { places: places.into_iter().map(|(_, place)| place).collect(), ..self }
    }
}

impl Place {
    pub(super) fn nowhere(what: &str) -> Self {
        Self {
            file: None,
            line: None,
            item: String::new(),
            model: None,
            score: None,
            before: None,
            what: what.into(),
        }
    }
}

/// Says that responses are gone.
pub(super) fn fewer(count: usize) -> String {
    match count {
        1 => "the baseline has 1 response more".into(),
        _ => format!("the baseline has {count} responses more"),
    }
}

/// Names a response.
pub(super) fn place(row: &RewardedRow, what: String) -> Place {
    let (file, line) = row.source.clone().unzip();
    let item = row.id.clone().unwrap_or_else(|| row.item.clone());
    Place { file, line, item, model: row.generator.clone(), ..Place::nowhere(&what) }
}
