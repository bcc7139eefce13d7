//! What people are asked next: pairs of stored responses, chosen by what their labels would teach.
//!
//! With a fitted aggregator the pairs are picked greedily by expected information; without one, typical prompts come
//! first. A share of every batch is drawn uniformly at random from all pairs, so that calibration may rest on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rewardctl_core::acquire::bald::bald;
use rewardctl_core::acquire::covariance::Covariance;
use rewardctl_core::acquire::first::first;
use rewardctl_core::acquire::kmeans::kmeans;
use rewardctl_core::acquire::relabel::doubtful;
use rewardctl_core::acquire::{Ask, Candidate, Purpose, SHARES, State, batch};
use rewardctl_core::id::{ContentId, ItemId, ResponseId, Version};
use rewardctl_core::label::{Comparison, Judgement, Label, comparisons, last_words};
use rewardctl_core::random;
use rewardctl_core::reward::Utility;
use rewardctl_store::open::Store;
use rewardctl_store::read::{StoredItem, StoredResponse};
use rewardctl_store::tasks::PairTask;
use serde::Serialize;

use crate::error::Error;

/// Items that take part at most, drawn at random where there are more; this bounds memory.
const MOST_ITEMS: usize = 20_000;
/// Pairs of one item that take part at most, drawn at random where there are more.
const MOST_PAIRS: usize = 6;
/// Items read at a time.
const PAGE: usize = 500;
/// Prompts that are embedded for each pair of a batch, so that near-duplicates and clusters are known of the best.
const EMBEDDED_A_PICK: usize = 10;
/// Prompts that are embedded at most: about ten seconds on two cores.
const MOST_EMBEDDED: usize = 1_000;
/// Clusters of prompts that a batch is spread over.
const CLUSTERS: usize = 16;

/// What planning is told.
#[derive(Debug, Clone, Copy)]
pub struct AskSettings {
    /// How many pairs.
    pub size: usize,
    /// The seed of what is random.
    pub seed: u64,
    /// The version of the rewards that count: those of the aggregator in force.
    pub version: Version,
    /// The temperature of that aggregator.
    pub temperature: f64,
}

/// What was planned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// The tasks, in the order in which they are to be done.
    pub tasks: Vec<PairTask>,
    /// Pairs that could have been picked.
    pub candidates: usize,
    /// Tasks that were planned before and wait.
    pub waiting: usize,
    /// Whether a fitted aggregator ranked them; without one, typical prompts come first.
    pub fitted: bool,
    /// Prompts that were embedded.
    pub embedded: usize,
}

/// Embeds a prompt, in 384 numbers or any other fixed number of them.
pub type Embed<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<f32>, Error>;

/// Two responses to one item.
struct Pair {
    item: ItemId,
    a: ResponseId,
    b: ResponseId,
    prompt: usize,
    mean: f64,
    difference: Vec<f64>,
    item_variance: f64,
    state: State,
}

/// Picks a batch of pairs that nobody was asked about; nothing is kept. Without `embed` there is no diversity of prompts.
pub async fn ask(store: &Store, settings: AskSettings, embed: Option<Embed<'_>>) -> Result<Asked, Error> {
    let planned = store.pair_tasks().await?;
    let waiting: BTreeSet<(ResponseId, ResponseId)> =
        planned.iter().filter(|(_, answered)| !answered).map(|(task, _)| (task.a, task.b)).collect();
    let mut pool = Pool::read(store, settings).await?;
    pool.pairs.retain(|pair| !waiting.contains(&(pair.a, pair.b)));
    let fitted = pool.pairs.iter().any(|pair| !pair.difference.is_empty());
    let embeddings = match embed {
        Some(embed) => pool.embed(&pool.shortlist(settings), embed)?,
        None => HashMap::new(),
    };
    let candidates = pool.candidates(&embeddings, settings.seed);
    let ask = Ask { size: settings.size, before: planned.len(), shares: SHARES, seed: settings.seed };
    let width = pool.pairs.iter().map(|pair| pair.difference.len()).max().unwrap_or(0);
    let picks = if fitted { batch(&candidates, &identity(width), &ask) } else { first(&candidates, &ask) };
    let task = |pick: &rewardctl_core::acquire::Pick| {
        let pair = &pool.pairs[pick.at];
        let (purpose, reason) = (pick.why.purpose(), pick.why.reason());
        PairTask { item_id: pair.item, a: pair.a, b: pair.b, purpose, reason }
    };
    let mut tasks: Vec<PairTask> = picks.iter().map(task).collect();
    // What a label is for must not show in when it is asked.
    tasks.sort_by_key(|task| order(task, settings.seed));
    Ok(Asked {
        tasks,
        candidates: candidates.iter().filter(|candidate| candidate.state.open()).count(),
        waiting: waiting.len(),
        fitted,
        embedded: embeddings.len(),
    })
}

fn order(task: &PairTask, seed: u64) -> ContentId {
    ContentId::of("order of tasks", [seed.to_le_bytes().as_slice(), pair_id(task.a, task.b).as_bytes()])
}

fn pair_id(a: ResponseId, b: ResponseId) -> ContentId {
    ContentId::of("pair", [a.as_bytes().as_slice(), b.as_bytes()])
}

/// The posterior of a utility is given in directions in which the weights are uncorrelated and of variance 1.
fn identity(width: usize) -> Covariance {
    let values = (0..width * width).map(|at| f64::from(u8::from(at % (width + 1) == 0))).collect();
    Covariance::new(width, values).expect("ones and zeros, as many as it takes")
}

/// The pairs that take part.
struct Pool {
    pairs: Vec<Pair>,
    /// Per item that takes part, its prompt.
    prompts: Vec<String>,
}

impl Pool {
    async fn read(store: &Store, settings: AskSettings) -> Result<Self, Error> {
        let counts = store.counts().await?;
        let share = MOST_ITEMS as f64 / counts.items.max(1) as f64;
        let mut pool = Self { pairs: vec![], prompts: vec![] };
        let mut after = 0;
        loop {
            let page = store.items(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(pool) };
            after = last.seq;
            let drawn = |item: &&StoredItem| random::unit(settings.seed, "pool of tasks", item.id) < share;
            let items: Vec<&StoredItem> = page.iter().filter(drawn).collect();
            let ids: Vec<ResponseId> =
                items.iter().flat_map(|item| &item.responses).map(|one| one.id).collect();
            let utilities = store.utilities(settings.version, &ids).await?;
            items.iter().for_each(|item| pool.add(item, &utilities, settings));
        }
    }

    fn add(&mut self, item: &StoredItem, utilities: &HashMap<ResponseId, Utility>, settings: AskSettings) {
        let current = |one: &&StoredResponse| one.version == Some(settings.version) && one.reward.is_some();
        let responses: Vec<&StoredResponse> = item.responses.iter().filter(current).collect();
        let labels = last_words(&item.labels);
        let said = Said { compared: comparisons(&labels), labels: &labels };
        let prompt = self.prompts.len();
        let mut pairs: Vec<Pair> = vec![];
        for (at, one) in responses.iter().enumerate() {
            for other in &responses[at + 1..] {
                let (a, b) = if one.id < other.id { (*one, *other) } else { (*other, *one) };
                pairs.push(pair(item.id, (a, b), prompt, utilities, &said, settings.temperature));
            }
        }
        let drawn = |pair: &Pair| random::unit(settings.seed, "pairs of an item", pair_id(pair.a, pair.b));
        pairs.sort_by(|one, other| drawn(one).total_cmp(&drawn(other)));
        // What has a label stays, whatever the draw: it may be asked again.
        let mut open = 0;
        pairs.retain(|pair| {
            open += usize::from(pair.state.open());
            !pair.state.open() || open <= MOST_PAIRS
        });
        if !pairs.is_empty() {
            self.prompts.push(item.context.prompt_text());
            self.pairs.extend(pairs);
        }
    }

    /// Returns the prompts worth embedding: those of the pairs that would teach most, or any where that is not known.
    fn shortlist(&self, settings: AskSettings) -> Vec<usize> {
        let value = |pair: &Pair| {
            let variance: f64 = pair.difference.iter().map(|part| part * part).sum();
            match pair.difference.is_empty() {
                true => random::unit(settings.seed, "prompts to embed", pair.item),
                false => bald(pair.mean, variance + pair.item_variance),
            }
        };
        let mut valued: Vec<(f64, &Pair)> =
            self.pairs.iter().filter(|pair| pair.state.open()).map(|pair| (value(pair), pair)).collect();
        valued.sort_by(|(one, a), (other, b)| other.total_cmp(one).then(a.item.cmp(&b.item)));
        let mut prompts: Vec<usize> = vec![];
        let most = (settings.size * EMBEDDED_A_PICK).min(MOST_EMBEDDED);
        for (_, pair) in valued {
            if prompts.len() == most {
                break;
            }
            if !prompts.contains(&pair.prompt) {
                prompts.push(pair.prompt);
            }
        }
        prompts
    }

    fn embed(&self, prompts: &[usize], embed: Embed<'_>) -> Result<HashMap<usize, Vec<f64>>, Error> {
        let mut embeddings = HashMap::with_capacity(prompts.len());
        for prompt in prompts {
            let vector = embed(&self.prompts[*prompt])?;
            embeddings.insert(*prompt, vector.into_iter().map(f64::from).collect());
        }
        Ok(embeddings)
    }

    fn candidates<'a>(&'a self, embeddings: &'a HashMap<usize, Vec<f64>>, seed: u64) -> Vec<Candidate<'a>> {
        let known: BTreeMap<usize, &[f64]> =
            embeddings.iter().map(|(prompt, vector)| (*prompt, vector.as_slice())).collect();
        let vectors: Vec<&[f64]> = known.values().copied().collect();
        let members = kmeans(&vectors, CLUSTERS, seed).members;
        let clusters: HashMap<usize, usize> = known.keys().copied().zip(members).collect();
        let candidate = |pair: &'a Pair| Candidate {
            id: pair_id(pair.a, pair.b),
            mean: pair.mean,
            difference: &pair.difference,
            item_variance: pair.item_variance,
            disagreement: 0.0,
            cluster: clusters.get(&pair.prompt).copied(),
            embedding: known.get(&pair.prompt).copied(),
            state: pair.state,
        };
        self.pairs.iter().map(candidate).collect()
    }
}

/// What people said of an item.
struct Said<'a> {
    compared: BTreeMap<(ResponseId, ResponseId), Comparison>,
    labels: &'a [&'a Label],
}

fn pair(
    item: ItemId,
    (a, b): (&StoredResponse, &StoredResponse),
    prompt: usize,
    utilities: &HashMap<ResponseId, Utility>,
    said: &Said<'_>,
    temperature: f64,
) -> Pair {
    let state = |chance: Option<f64>| match said.compared.get(&(a.id, b.id)) {
        None => State::Open { accepted: a.accepted && b.accepted },
        Some(compared) => State::Labelled { trust: said.trust(a.id, b.id, compared, chance) },
    };
    let rest = |mean, difference, item_variance, state| Pair {
        item,
        a: a.id,
        b: b.id,
        prompt,
        mean,
        difference,
        item_variance,
        state,
    };
    let Some((one, other)) = utilities.get(&a.id).zip(utilities.get(&b.id)) else {
        let rewards = a.reward.zip(b.reward).map(|(one, other)| one.0 - other.0);
        return rest(rewards.unwrap_or(0.0), vec![], 0.0, state(None));
    };
    let parts = one.posterior.iter().zip(&other.posterior);
    let difference = parts.map(|(a, b)| f64::from(a - b) / temperature).collect();
    let noise = |one: &Utility| one.imputed_variance + one.critic_variance;
    let item_variance = (noise(one) + noise(other)) / temperature.powi(2);
    let chance = one.probability_better(other, temperature);
    rest((one.value - other.value) / temperature, difference, item_variance, state(Some(chance)))
}

impl Said<'_> {
    /// Returns how far the label of a pair is to be trusted, by an aggregator that saw it, and so the rather believes it;
    /// None where it is believed, or two people gave it.
    fn trust(&self, a: ResponseId, b: ResponseId, compared: &Comparison, chance: Option<f64>) -> Option<f64> {
        let said_so = |label: &&&Label| match &label.judgement {
            Judgement::Compare { a: one, b: other, .. } => {
                [*one, *other].contains(&a) && [*one, *other].contains(&b)
            }
            _ => false,
        };
        if self.labels.iter().filter(said_so).count() > 1 {
            return None;
        }
        let chance = chance?;
        let given = match compared.preferred? {
            preferred if preferred == a => chance,
            _ => 1.0 - chance,
        };
        doubtful(given)
    }
}

/// Returns how many tasks there are for each purpose.
pub fn purposes(tasks: &[PairTask]) -> BTreeMap<Purpose, usize> {
    let mut counts = BTreeMap::new();
    tasks.iter().for_each(|task| *counts.entry(task.purpose).or_default() += 1);
    counts
}
