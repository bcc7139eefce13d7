//! The critics of one thread: they judge the responses of a row, except what the store knows already.

use std::collections::HashMap;
use std::sync::Arc;

use rewardctl_core::id::{ContentId, ResponseId, VerdictKey, Version};
use rewardctl_core::item::Context;
use rewardctl_core::panel::{Panel, Slot};
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_critic::rules::settings::RuleSettings;
use rewardctl_critic::rules::{CATALOG, Rules};
use rewardctl_store::save::VerdictRecord;

use crate::chunk::Row;
use crate::error::Error;
use crate::models::ModelPaths;
use crate::panel::{LoadedPanel, known_critics};
use crate::text::{TextModel, TextVersions};

/// Verdicts that the store has, by key.
pub type Known = HashMap<VerdictKey, Vec<Verdict>>;

/// Critics that judge in one pass; their verdicts are stored together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// All rules.
    Rules,
    /// The text heads and what else needs the encoder.
    Text,
}

/// What the judges of all threads share.
#[derive(Debug)]
pub struct Plan {
    panel: Panel,
    // None where the panel has no rule: to compile them is most of what a start takes.
    rules: Option<Rules>,
    models: Option<ModelPaths>,
    sources: Vec<(Source, String)>,
    text: Option<TextVersions>,
    // Per slot of the panel: the source and the place among its verdicts; None for LLM critics, asked later.
    picks: Vec<Option<(Source, usize)>>,
}

/// The critics of one thread.
#[derive(Debug)]
pub struct Judges {
    plan: Arc<Plan>,
    text: Option<TextModel>,
}

/// What the critics say of one response.
#[derive(Debug)]
pub struct Judged {
    /// In the panel's order of slots.
    pub verdicts: Vec<Verdict>,
    /// What the store did not have.
    pub fresh: Vec<VerdictRecord>,
}

impl Plan {
    /// Compiles the rules and finds out which models the panel needs, and their versions.
    pub fn new(panel: &LoadedPanel, rules: &RuleSettings, models: &ModelPaths) -> Result<Self, Error> {
        let slots = panel.panel.slots.iter().enumerate();
        let picks: Vec<_> = slots.map(|(at, slot)| (!panel.is_llm(at)).then(|| pick(&slot.critic))).collect();
        let needs_rules = picks.iter().flatten().any(|(source, _)| *source == Source::Rules);
        let text = panel.needs_encoder().then(|| TextVersions::read(models)).transpose()?;
        let mut sources = vec![];
        let rules = needs_rules.then(|| Rules::compile(rules)).transpose()?;
        if let Some(rules) = &rules {
            sources.push((Source::Rules, rules.fingerprint()));
        }
        if let Some(text) = &text {
            sources.push((Source::Text, text.fingerprint(models.max_windows)));
        }
        Ok(Self {
            picks,
            panel: panel.panel.clone(),
            models: text.is_some().then(|| models.clone()),
            rules,
            sources,
            text,
        })
    }

    /// Returns the version of the rewards that this plan leads to with `aggregator` and the LLM critics behind the
    /// fingerprints `llm`.
    pub fn version(&self, aggregator: &str, llm: &[String]) -> Version {
        let mut fingerprints: Vec<&str> = self.sources.iter().map(|(_, print)| print.as_str()).collect();
        fingerprints.push(aggregator);
        fingerprints.extend(llm.iter().map(String::as_str));
        self.panel.version(&fingerprints)
    }

    /// Returns what the verdicts of each source depend on, by the name of the source.
    pub fn fingerprints(&self) -> Vec<(String, String)> {
        self.sources.iter().map(|(source, print)| (source.name().to_owned(), print.clone())).collect()
    }

    /// Returns the versions of the text model, if it takes part.
    pub fn text_versions(&self) -> Option<&TextVersions> {
        self.text.as_ref()
    }

    /// Returns the keys under which the verdicts on `response` are stored, in the order of the sources.
    pub fn keys(&self, response: ResponseId) -> Vec<VerdictKey> {
        let key = |(source, print): &(Source, String)| {
            let parts = [response.as_bytes().as_slice(), source.name().as_bytes(), print.as_bytes()];
            ContentId::of("verdict", parts)
        };
        self.sources.iter().map(key).collect()
    }
}

impl Judges {
    /// Loads the models that the plan needs.
    pub fn new(plan: Arc<Plan>) -> Result<Self, Error> {
        let text = plan.models.as_ref().map(TextModel::load).transpose()?;
        Ok(Self { plan, text })
    }

    /// Judges the responses of a row, in their order.
    pub fn judge(&mut self, row: &Row, known: &Known) -> Vec<Judged> {
        let texts = row.item.responses.iter().map(|response| response.text.as_str());
        let each = row.responses.iter().zip(texts);
        each.map(|(id, text)| self.judge_response(&row.item.context, *id, text, known)).collect()
    }

    fn judge_response(&mut self, context: &Context, id: ResponseId, text: &str, known: &Known) -> Judged {
        let plan = Arc::clone(&self.plan);
        let (mut said, mut fresh) = (vec![], vec![]);
        for ((source, _), key) in plan.sources.iter().zip(plan.keys(id)) {
            let verdicts = match known.get(&key) {
                Some(verdicts) => verdicts.clone(),
                None => {
                    let verdicts = self.ask(*source, context, text);
                    fresh.push(VerdictRecord::new(key, id, source.name(), &verdicts));
                    verdicts
                }
            };
            said.push((*source, verdicts));
        }
        Judged { verdicts: in_panel_order(&plan, said), fresh }
    }

    fn ask(&mut self, source: Source, context: &Context, text: &str) -> Vec<Verdict> {
        match source {
            Source::Rules => self.plan.rules.as_ref().map_or(vec![], |rules| rules.judge(context, text)),
            Source::Text => {
                let model =
                    self.text.as_mut().expect("a plan with this source has the models, and they were loaded");
                model.judge(context, text)
            }
        }
    }
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Text => "text",
        }
    }
}

fn pick(critic: &str) -> (Source, usize) {
    match CATALOG.iter().position(|info| info.critic == critic) {
        Some(at) => (Source::Rules, at),
        None => (Source::Text, TextModel::place(critic)),
    }
}

/// Picks the panel's verdicts out of what all sources said; a slot may move a critic to another dimension.
fn in_panel_order(plan: &Plan, said: Vec<(Source, Vec<Verdict>)>) -> Vec<Verdict> {
    // Moved, not cloned: a panel names no critic twice, and there is one of these for every response.
    let mut said: Vec<(Source, Vec<Option<Verdict>>)> = said
        .into_iter()
        .map(|(source, verdicts)| (source, verdicts.into_iter().map(Some).collect()))
        .collect();
    let mut take = |(source, at): &(Source, usize)| {
        said.iter_mut().find(|(said, _)| said == source).and_then(|(_, verdicts)| verdicts[*at].take())
    };
    let slots = plan.panel.slots.iter().zip(&plan.picks);
    let moved = slots.filter_map(|(slot, pick)| {
        let Some(pick) = pick else { return Some(not_asked(slot)) };
        let mut verdict = take(pick)?;
        if verdict.dimension != slot.dimension {
            verdict.dimension.clone_from(&slot.dimension);
        }
        Some(verdict)
    });
    moved.collect()
}

/// Tells whether a critic is a rule or a head of the text model, which is asked about every response.
pub(crate) fn is_local(critic: &str) -> bool {
    known_critics().iter().any(|(name, _)| *name == critic)
}

/// What stands in an LLM critic's place unless it is asked.
pub(crate) fn not_asked(slot: &Slot) -> Verdict {
    Verdict {
        critic: slot.critic.clone(),
        dimension: slot.dimension.clone(),
        outcome: Outcome::Abstained { reason: "not asked: the reward was certain enough without".into() },
        rationale: String::new(),
        spans: vec![],
        flagged: false,
        evidence: None,
    }
}
