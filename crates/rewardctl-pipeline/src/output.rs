//! Turns a judged response into the row that is written.

use rewardctl_core::id::Version;
use rewardctl_core::item::Item;
use rewardctl_core::panel::Panel;
use rewardctl_core::route::Route;
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_data::measured::rewarded::text_at;
use rewardctl_data::scored::{ScoredRow, VerdictRow, VersionsRow};

use crate::answer::Answer;
use crate::learn::ratings::Ratings;
use crate::text::TextVersions;

/// Hexadecimal digits of a model's hash that a row shows.
const SHORT_HASH: usize = 12;

/// What made the rewards of a run, as every row names it.
#[derive(Debug, Clone)]
pub struct Versions(VersionsRow);

impl Versions {
    /// Names the version of the panel, the aggregator's hash and the text model's.
    pub fn new(version: Version, aggregator: &str, text: Option<&TextVersions>) -> Self {
        Self(VersionsRow {
            rewardctl: env!("CARGO_PKG_VERSION").into(),
            panel: version.to_string(),
            aggregator: aggregator[..SHORT_HASH].into(),
            encoder: text.map(|text| text.encoder[..SHORT_HASH].into()),
            heads: text.map(|text| text.heads[..SHORT_HASH].into()),
        })
    }
}

/// Returns the row of a response: verdicts, reward and route, and with `ratings` what a person is likely to give.
pub fn scored_row<'a>(
    panel: &'a Panel,
    versions: &'a Versions,
    answer: &'a Answer<'_>,
    route: &'a Route,
    ratings: Option<&Ratings>,
) -> ScoredRow<'a> {
    let (row, at) = (answer.row, answer.at);
    let response = &row.item.responses[at];
    let rewarded = answer.reward.as_ref().ok();
    let dimensions = panel.dimensions.iter().enumerate().map(|(n, dimension)| {
        let score = rewarded.and_then(|reward| reward.dimensions[n]).map(|score| score.get());
        (dimension.name.as_str(), score)
    });
    let utility = rewarded.and_then(|reward| reward.utility.as_ref());
    let rating = ratings.zip(rewarded).map(|(ratings, reward)| ratings.interval(reward));
    let weight = |n: usize| rewarded.map(|reward| reward.weights[n]);
    ScoredRow {
        id: row.item.name.as_deref(),
        source: &row.file,
        row: row.line,
        response_index: at as u32,
        role: response.role.as_deref(),
        item_id: row.id.to_string(),
        response_id: row.responses[at].to_string(),
        generator: response.generator.as_deref(),
        reward: rewarded.map(|reward| reward.reward.get()),
        no_reward: answer.reward.as_ref().err().map(String::as_str),
        dimensions: dimensions.collect(),
        uncertainty: rewarded.map(|reward| reward.uncertainty),
        utility: utility.map(|utility| utility.value),
        utility_length_controlled: utility.map(|utility| utility.length_controlled),
        distance: utility.map(|utility| utility.distance),
        rating_low: rating.map(|(low, _)| low),
        rating_high: rating.map(|(_, high)| high),
        route: route.name(),
        route_reason: route.reason(),
        verdicts: answer
            .verdicts
            .iter()
            .enumerate()
            .map(|(n, verdict)| verdict_row(verdict, weight(n)))
            .collect(),
        versions: &versions.0,
        fields: vec![],
        prompt: None,
        response: None,
    }
}

/// Returns what an item of the input says in the fields `names`; empty where it says nothing.
pub fn kept<'n>(item: &Item, names: &'n [String]) -> Vec<(&'n str, String)> {
    if names.is_empty() {
        return vec![];
    }
    let fields = serde_json::from_str(&item.metadata).unwrap_or_default();
    names.iter().map(|name| (name.as_str(), text_at(&fields, name).unwrap_or_default())).collect()
}

fn verdict_row(verdict: &Verdict, weight: Option<f64>) -> VerdictRow<'_> {
    let (outcome, reason) = match &verdict.outcome {
        Outcome::Scored { .. } => ("scored", &verdict.rationale),
        Outcome::Abstained { reason } => ("abstained", reason),
        Outcome::Failed { reason, .. } => ("failed", reason),
    };
    VerdictRow {
        critic: &verdict.critic,
        dimension: &verdict.dimension,
        outcome,
        score: verdict.score().map(|score| score.get()),
        variance: verdict.variance(),
        weight,
        rationale: reason,
        spans: verdict.spans.iter().map(|span| [span.start, span.end]).collect(),
        flagged: verdict.flagged,
        method: verdict.evidence.as_ref().map_or("", |evidence| evidence.method.name()),
        calls: verdict
            .evidence
            .iter()
            .flat_map(|evidence| &evidence.calls)
            .map(ToString::to_string)
            .collect(),
    }
}
