//! Builds training data from rewards and labels, and writes it in the shape that a trainer loads.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::recipe::screening::PersonalData;
use rewardctl_core::item::Message;
use rewardctl_core::pair::{Chosen, Known, PreferencePair, Rule, Source, Withheld, build};
use rewardctl_data::export::{PairRow, load, write_provenance, write_trl_dpo, write_trl_prompts};
use rewardctl_pii::scanner::{Options, Scanner};
use rewardctl_store::open::Store;
use rewardctl_store::read::{StoredItem, StoredResponse};
use serde::Serialize;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::dataset::screen::tells_of_somebody;
use crate::error::Error;

/// Items read at a time.
const PAGE: usize = 500;

/// What an export came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Items looked at.
    pub items: u64,
    /// Rows written.
    pub rows: u64,
    /// Rows by who decided.
    pub sources: BTreeMap<Source, u64>,
    /// Items that give no row, by reason.
    pub withheld: BTreeMap<&'static str, u64>,
    /// How to load what was written; empty without rows.
    pub load: String,
}

/// Where a row comes from; written beside the training data, never into it.
#[derive(Serialize)]
struct Provenance {
    row: usize,
    pair: PreferencePair,
}

/// Writes preference pairs for TRL's DPO trainer; to stdout, and without their provenance, if `path` is `-`.
pub async fn trl_dpo(
    store: &Store,
    path: &Path,
    rule: &Rule,
    personal_data: PersonalData,
) -> Result<Exported, Error> {
    let mut exported = Exported::default();
    let privacy = Privacy::new(personal_data);
    let (data, origins) = (path.to_owned(), path.to_owned());
    let rows = Writing::start(move |rows| write_trl_dpo(&data, rows));
    // There is no place beside stdout.
    let provenance =
        (path != Path::new("-")).then(|| Writing::start(move |rows| write_provenance(&origins, rows)));
    let mut row = 0;
    for_each_item(store, &mut |item| {
        exported.items += 1;
        match pairs(&item, rule) {
            Err(reason) => *exported.withheld.entry(reason).or_default() += 1,
            Ok(pairs) => {
                for pair in pairs {
                    let texts = pair_row(&item, &pair);
                    if privacy.refuses(&texts.prompt, &[&texts.chosen, &texts.rejected]) {
                        *exported.withheld.entry(Reason::PersonalData.words()).or_default() += 1;
                        continue;
                    }
                    *exported.sources.entry(pair.source).or_default() += 1;
                    rows.send(texts);
                    if let Some(provenance) = &provenance {
                        provenance.send(Provenance { row, pair });
                    }
                    row += 1;
                }
            }
        }
    })
    .await?;
    // The side file first: training data never stands there without it.
    if let Some(provenance) = provenance {
        provenance.finish().await?;
    }
    exported.finish(rows.finish().await?, "trl-dpo", path);
    Ok(exported)
}

/// Writes the prompts that TRL's GRPO and RLOO trainers sample from; to stdout if `path` is `-`.
pub async fn trl_prompts(store: &Store, path: &Path, personal_data: PersonalData) -> Result<Exported, Error> {
    let mut exported = Exported::default();
    let privacy = Privacy::new(personal_data);
    let data = path.to_owned();
    let rows = Writing::start(move |rows| write_trl_prompts(&data, rows));
    for_each_item(store, &mut |item| {
        exported.items += 1;
        match privacy.refuses(&item.context.prompt, &[]) {
            true => *exported.withheld.entry(Reason::PersonalData.words()).or_default() += 1,
            false => rows.send(item.context.prompt),
        }
    })
    .await?;
    exported.finish(rows.finish().await?, "trl-prompts", path);
    Ok(exported)
}

impl Exported {
    fn finish(&mut self, rows: u64, target: &str, path: &Path) {
        self.rows = rows;
        if rows > 0 {
            self.load = load(target, path);
        }
    }
}

/// Keeps rows with personal data back, where that is asked.
struct Privacy(Option<Scanner>);

impl Privacy {
    fn new(rule: PersonalData) -> Self {
        Self((rule != PersonalData::Allow).then(|| Scanner::new(Options::default())))
    }

    fn refuses(&self, prompt: &[Message], answers: &[&str]) -> bool {
        let Some(scanner) = &self.0 else { return false };
        let turns = prompt.iter().map(|turn| turn.content.as_str());
        turns.chain(answers.iter().copied()).any(|text| tells_of_somebody(scanner, text))
    }
}

/// Rows that wait for the writer at most, so that memory stays bounded.
const ROWS_IN_FLIGHT: usize = 1_000;

/// A file that is being written in a thread of its own while the store is being read.
///
/// Only [`Writing::finish`] ends the rows: where reading fails before, the writer meets an error and leaves no file.
struct Writing<T> {
    rows: SyncSender<Option<T>>,
    writer: JoinHandle<Result<u64, Error>>,
}

/// The rows that a writer takes, until the end or the failure of whoever reads.
pub(crate) struct Sent<T>(Receiver<Option<T>>);

impl<T> Iterator for Sent<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.0.recv() {
            Ok(row) => row.map(Ok),
            Err(_) => Some(Err(Error::Stopped)),
        }
    }
}

impl<T: Send + 'static> Writing<T> {
    fn start(write: impl FnOnce(Sent<T>) -> Result<u64, Error> + Send + 'static) -> Self {
        let (rows, received) = sync_channel(ROWS_IN_FLIGHT);
        Self { rows, writer: spawn_blocking(move || write(Sent(received))) }
    }

    fn send(&self, row: T) {
        // A writer that failed has stopped listening; `finish` says why.
        let _ = self.rows.send(Some(row));
    }

    async fn finish(self) -> Result<u64, Error> {
        let _ = self.rows.send(None);
        self.writer.await.expect("writing does not panic")
    }
}

async fn for_each_item(store: &Store, each: &mut dyn FnMut(StoredItem)) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let page = store.items(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seq;
        page.into_iter().for_each(&mut *each);
    }
}

/// Rewards of different versions are not comparable, so an item that has both gives no pair of models.
fn pairs(item: &StoredItem, rule: &Rule) -> Result<Vec<PreferencePair>, &'static str> {
    let versions = item.responses.iter().filter_map(|response| response.version);
    let mixed = versions.clone().any(|version| versions.clone().next() != Some(version));
    let known = |response: &StoredResponse| Known {
        response: response.id,
        reward: response.reward.filter(|_| !mixed),
        accepted: response.accepted,
    };
    let known: Vec<Known> = item.responses.iter().map(known).collect();
    build(item.id, &known, &item.labels, rule).map_err(|withheld| match (mixed, withheld) {
        (true, Withheld::TooClose | Withheld::NothingToChoose) => {
            "rewards of different versions: score again"
        }
        (_, withheld) => withheld.reason(),
    })
}

fn pair_row(item: &StoredItem, pair: &PreferencePair) -> PairRow {
    let text = |id| {
        let response = item.responses.iter().find(|response| response.id == id);
        response.map_or(String::new(), |response| response.text.clone())
    };
    let chosen = match &pair.chosen {
        Chosen::Text(text) => text.clone(),
        Chosen::Response(id) => text(*id),
    };
    PairRow { prompt: item.context.prompt.clone(), chosen, rejected: text(pair.rejected) }
}
