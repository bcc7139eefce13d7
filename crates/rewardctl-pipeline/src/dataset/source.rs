//! What datasets are made from, one prompt at a time: the store, or files of rewarded responses.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use rewardctl_core::dataset::pool::{Pool, pool};
use rewardctl_core::dataset::prompt::Candidate;
use rewardctl_core::id::{ContentId, ItemId, Version};
use rewardctl_core::item::Message;
use rewardctl_core::label::Label;
use rewardctl_core::pair::probability_better;
use rewardctl_core::reward::Utility;
use rewardctl_data::scored_input::{ScoredEntry, ScoredInput, ScoredTexts};
use rewardctl_store::open::Store;
use rewardctl_store::read::StoredItem;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Items read at a time.
const PAGE: usize = 500;

/// Where prompts, responses, rewards and labels come from.
pub enum Source<'a> {
    /// The store.
    Store(&'a Store),
    /// Files of rewarded responses, with their names.
    Files(&'a ScoredInput, Vec<String>),
}

/// One prompt with what is known of its responses.
pub(super) struct Known<'a> {
    pub item: ItemId,
    pub candidates: Vec<Candidate>,
    pub measures: Vec<Measure>,
    pub labels: &'a [Label],
    pub metadata: &'a str,
}

/// What stands behind a reward.
#[derive(Debug, Clone, Default)]
pub(super) struct Measure {
    pub deviation: Option<f64>,
    pub utility: Option<Utility>,
    pub audited: bool,
}

/// The texts of one prompt, read only when a row is made of them.
pub(super) enum Texts<'a> {
    Store(&'a StoredItem),
    Files(&'a ScoredInput, &'a [ScoredEntry]),
}

/// A number of things and the hash of all of them in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many.
    pub count: u64,
    /// The hash of all that were counted, in order.
    pub digest: ContentId,
}

/// What a dataset was made from; the same inputs have the same hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The files read; none for the store.
    pub files: Vec<String>,
    /// Prompts.
    pub items: Counted,
    /// Responses.
    pub responses: Counted,
    /// Rewards, with their uncertainty, version and route.
    pub rewards: Counted,
    /// Labels.
    pub labels: Counted,
    /// Items of benchmarks that no row may hold.
    #[serde(default = "Counted::nothing")]
    pub benchmarks: Counted,
}

/// What a first look at everything finds.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    pub inputs: Inputs,
    pub pool: Pool,
    /// The version of the rewards in use, where the store has any.
    pub version: Option<Version>,
    /// The same of files.
    pub file_version: u64,
    /// Whether a fitted aggregator made the rewards.
    pub fitted: bool,
    /// Responses with a reward of another version.
    pub other_versions: u64,
    /// Rewards without an uncertainty.
    pub without_deviation: u64,
    /// The least, the greatest reward.
    pub range: (f64, f64),
}

impl Counted {
    pub(super) fn nothing() -> Self {
        Self { count: 0, digest: ContentId::of("inputs", []) }
    }

    pub(super) fn add(&mut self, parts: &[&[u8]]) {
        self.count += 1;
        let digest = self.digest;
        let parts = std::iter::once(digest.as_bytes().as_slice()).chain(parts.iter().copied());
        self.digest = ContentId::of("inputs", parts);
    }
}

impl Inputs {
    fn nothing(files: Vec<String>) -> Self {
        let [items, responses, rewards, labels, benchmarks] = [Counted::nothing(); 5];
        Self { files, items, responses, rewards, labels, benchmarks }
    }

    /// Says what differs from `now`, each with both counts.
    pub fn changes(&self, now: &Self) -> Vec<String> {
        let kinds = [
            ("prompts", self.items, now.items),
            ("responses", self.responses, now.responses),
            ("rewards", self.rewards, now.rewards),
            ("labels", self.labels, now.labels),
            ("items of benchmarks", self.benchmarks, now.benchmarks),
        ];
        let changed = kinds.into_iter().filter(|(_, then, now)| then != now);
        let said = |(what, then, now): (&str, Counted, Counted)| {
            format!("{what}: {} then, {} now", then.count, now.count)
        };
        changed.map(said).collect()
    }
}

impl Source<'_> {
    /// Looks at everything once.
    pub(super) async fn survey(&self) -> Result<Survey, Error> {
        match self {
            Self::Store(store) => survey_store(store).await,
            Self::Files(input, files) => Ok(survey_files(input, files)),
        }
    }

    /// Calls `each` with every prompt, in order.
    pub(super) async fn each(
        &self,
        survey: &Survey,
        each: &mut dyn FnMut(&Known<'_>, &Texts<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Self::Store(store) => each_of_store(store, survey, each).await,
            Self::Files(input, _) => input.prompts().try_for_each(|entries| {
                each(&known_of_entries(entries, survey.file_version), &Texts::Files(input, entries))
            }),
        }
    }
}

async fn survey_store(store: &Store) -> Result<Survey, Error> {
    let versions = store.reward_versions().await?;
    let version = versions.first().map(|(version, _)| *version);
    let mut inputs = Inputs::nothing(vec![]);
    let (mut rewards, mut some, mut after) = (vec![], None, 0);
    loop {
        let page = store.items(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for item in &page {
            count_item(&mut inputs, item)?;
            for response in item.responses.iter().filter(|response| response.version == version) {
                rewards.extend(response.reward.map(|(reward, _)| reward));
                some = some.or(response.reward.map(|_| response.id));
            }
        }
    }
    let fitted = match (version, some) {
        (Some(version), Some(response)) => !store.utilities(version, &[response]).await?.is_empty(),
        _ => false,
    };
    Ok(Survey {
        inputs,
        range: range(&rewards),
        pool: pool(&mut rewards),
        version,
        file_version: 0,
        fitted,
        other_versions: versions.iter().skip(1).map(|(_, responses)| responses).sum(),
        without_deviation: 0,
    })
}

fn count_item(inputs: &mut Inputs, item: &StoredItem) -> Result<(), Error> {
    inputs.items.add(&[item.id.as_bytes(), item.metadata.as_bytes()]);
    for response in &item.responses {
        inputs.responses.add(&[response.id.as_bytes()]);
        if let Some((reward, deviation)) = response.reward {
            let route = [u8::from(response.accepted), u8::from(response.audited)];
            let numbers = [reward.to_le_bytes(), deviation.to_le_bytes()].concat();
            let version = response.version.map_or([0; 16], |version| *version.as_bytes());
            inputs.rewards.add(&[response.id.as_bytes(), &version, &numbers, &route]);
        }
    }
    for label in &item.labels {
        let body = serde_json::to_vec(label).expect("a label is plain data");
        inputs.labels.add(&[&body]);
    }
    Ok(())
}

fn survey_files(input: &ScoredInput, files: &[String]) -> Survey {
    let mut inputs = Inputs::nothing(files.to_vec());
    let mut versions: BTreeMap<u64, u64> = BTreeMap::new();
    for entry in input.entries().iter().filter(|entry| entry.reward.is_some()) {
        *versions.entry(entry.version).or_default() += 1;
    }
    let most = versions.iter().max_by_key(|(version, count)| (**count, std::cmp::Reverse(**version)));
    let file_version = most.map_or(0, |(version, _)| *version);
    let (mut rewards, mut without_deviation) = (Vec::with_capacity(input.entries().len()), 0);
    for entries in input.prompts() {
        inputs.items.add(&[entries[0].item.as_bytes()]);
        for entry in entries {
            inputs.responses.add(&[entry.response.as_bytes()]);
            let Some(reward) = entry.reward else { continue };
            let deviation = entry.deviation.unwrap_or(-1.0).to_le_bytes();
            let accepted = [u8::from(entry.accepted)];
            inputs.rewards.add(&[&reward.to_le_bytes(), &deviation, &entry.version.to_le_bytes(), &accepted]);
            if entry.version == file_version {
                rewards.push(reward);
                without_deviation += u64::from(entry.deviation.is_none());
            }
        }
    }
    let rewarded: u64 = versions.values().sum();
    Survey {
        inputs,
        range: range(&rewards),
        other_versions: rewarded - rewards.len() as u64,
        pool: pool(&mut rewards),
        version: None,
        file_version,
        fitted: false,
        without_deviation,
    }
}

fn range(rewards: &[f64]) -> (f64, f64) {
    rewards.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), r| (low.min(*r), high.max(*r)))
}

async fn each_of_store(
    store: &Store,
    survey: &Survey,
    each: &mut dyn FnMut(&Known<'_>, &Texts<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let page = store.items(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seq;
        let mut utilities = match survey.version.filter(|_| survey.fitted) {
            Some(version) => {
                let ids: Vec<_> = page.iter().flat_map(|item| &item.responses).map(|one| one.id).collect();
                store.utilities(version, &ids).await?
            }
            None => HashMap::new(),
        };
        for item in &page {
            each(&known_of_item(item, survey, &mut utilities), &Texts::Store(item))?;
        }
    }
}

fn known_of_item<'a>(
    item: &'a StoredItem,
    survey: &Survey,
    utilities: &mut HashMap<ContentId, Utility>,
) -> Known<'a> {
    let (mut candidates, mut measures) = (vec![], vec![]);
    for response in &item.responses {
        let in_use = response.version == survey.version;
        let reward = response.reward.filter(|_| in_use);
        candidates.push(Candidate {
            id: response.id,
            reward: reward.map(|(reward, _)| reward),
            other_version: response.reward.is_some() && !in_use,
            accepted: response.accepted,
        });
        let utility = reward.and_then(|_| utilities.remove(&response.id));
        let deviation = reward.map(|(_, deviation)| deviation);
        measures.push(Measure { deviation, utility, audited: response.audited });
    }
    Known { item: item.id, candidates, measures, labels: &item.labels, metadata: &item.metadata }
}

fn known_of_entries(entries: &[ScoredEntry], version: u64) -> Known<'static> {
    let candidate = |entry: &ScoredEntry| Candidate {
        id: entry.response,
        reward: entry.reward.filter(|_| entry.version == version),
        other_version: entry.reward.is_some() && entry.version != version,
        accepted: entry.accepted,
    };
    let measure = |entry: &ScoredEntry| Measure { deviation: entry.deviation, utility: None, audited: false };
    Known {
        item: entries[0].item,
        candidates: entries.iter().map(candidate).collect(),
        measures: entries.iter().map(measure).collect(),
        labels: &[],
        metadata: "",
    }
}

impl Known<'_> {
    /// The probability that the response at `a` is better than that at `b`: by utilities, of which the covariance is
    /// known, else by rewards with normal errors. None without uncertainties.
    pub(super) fn better(&self, a: usize, b: usize, temperature: f64) -> Option<f64> {
        if let (Some(one), Some(other)) = (&self.measures[a].utility, &self.measures[b].utility) {
            return Some(one.probability_better(other, temperature));
        }
        let side = |place: usize| Some((self.candidates[place].reward?, self.measures[place].deviation?));
        Some(probability_better(side(a)?, side(b)?))
    }

    /// The probability that the response at `place` is better than the pool's median.
    pub(super) fn above_median(&self, place: usize, median: f64) -> Option<f64> {
        let side = (self.candidates[place].reward?, self.measures[place].deviation?);
        Some(probability_better(side, (median, 0.0)))
    }
}

/// The texts that one row is made of.
pub(super) struct RowTexts<'a> {
    pub prompt: Cow<'a, [Message]>,
    pub reference: Option<&'a str>,
    /// Of each response asked for, its text and the model that wrote it.
    pub answers: Vec<(Cow<'a, str>, Option<String>)>,
}

impl<'a> Texts<'a> {
    /// Reads the prompt and the responses at `places`.
    pub(super) fn read(&self, places: &[usize]) -> Result<RowTexts<'a>, Error> {
        match self {
            Self::Store(item) => {
                let answer = |place: &usize| {
                    let response = &item.responses[*place];
                    (Cow::Borrowed(response.text.as_str()), response.generator.clone())
                };
                Ok(RowTexts {
                    prompt: Cow::Borrowed(&item.context.prompt),
                    reference: item.context.reference.as_deref(),
                    answers: places.iter().map(answer).collect(),
                })
            }
            Self::Files(input, entries) => {
                let read: Result<Vec<ScoredTexts>, _> =
                    places.iter().map(|place| input.texts(&entries[*place])).collect();
                let (mut prompt, mut answers) = (None, vec![]);
                for texts in read? {
                    prompt = prompt.or(Some(texts.prompt));
                    answers.push((Cow::Owned(texts.response), texts.generator));
                }
                let prompt = match prompt {
                    Some(prompt) => prompt,
                    None => input.texts(&entries[0])?.prompt,
                };
                Ok(RowTexts { prompt: Cow::Owned(prompt), reference: None, answers })
            }
        }
    }
}
