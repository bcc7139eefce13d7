//! Takes in what people said in files of other tools: with the texts, since that is how such a file names a response.

use std::collections::BTreeMap;

use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::item::Item;
use rewardctl_core::label::Label;
use rewardctl_data::fields::ReadSettings;
use rewardctl_data::input::said_rows::SaidRow;
use rewardctl_data::input::{Input, Told, open_said};
use rewardctl_data::labels::{LabelRow, Target};
use rewardctl_data::row_error::RowError;
use rewardctl_data::sources::{By, Opinion};
use rewardctl_store::open::Store;
use rewardctl_store::save::ItemRecord;

use crate::error::Error;
use crate::ingest::{BAD_ROWS_LISTED, InputFile, OnBadRow};
use crate::label::{Imported, Sightings, Taken, resolve, see};

/// Items that are added in one transaction.
const ITEMS_AT_ONCE: usize = 256;

/// How the files of other tools are taken.
#[derive(Debug, Clone, Copy)]
pub struct SourceSettings<'a> {
    /// What the first file is, and the scale of ratings whose file says none.
    pub told: Told<'a>,
    /// Takes what models said too, as labels of this annotator.
    pub annotator: Option<&'a str>,
    /// What to do with a row that cannot be used.
    pub on_bad_row: OnBadRow,
}

/// Opens files of other tools; None if the first is none, and so may be a label file.
pub fn open(files: &[InputFile], settings: &SourceSettings<'_>) -> Result<Option<Vec<Input>>, Error> {
    let files = files.iter().map(|file| (file.path.as_path(), file.label.as_str()));
    Ok(open_said(files, &ReadSettings::default(), settings.told)?)
}

/// Imports what people said in `inputs`, with the items and responses that it is about.
///
/// Every row is read before anything is kept; nothing is kept if one cannot be used, unless such rows are skipped.
pub async fn import_sources(
    store: &Store,
    inputs: &[Input],
    settings: &SourceSettings<'_>,
    now: &str,
) -> Result<Imported, Error> {
    let skipped = check(inputs, settings.on_bad_row)?;
    let mut gathering = Gathering::new(store, settings.annotator, store.dimensions().await?);
    for input in inputs {
        for row in input.said_rows()? {
            match row {
                Ok(row) => gathering.take(&input.label, row).await?,
                Err(error) if error.ends_file() => return Err(Error::CutShort(error)),
                Err(_) => continue,
            }
        }
    }
    gathering.add_items().await?;
    let Gathering { dimensions, labels, unknown, mut taken, .. } = gathering;
    taken.skipped = skipped;
    let new = store.add_labels(&labels, now).await?;
    Ok(Imported { labels: labels.len(), new, unknown_dimensions: unknown, dimensions, source: taken })
}

/// Reads all rows and returns how many cannot be used.
fn check(inputs: &[Input], on_bad_row: OnBadRow) -> Result<u64, Error> {
    let (mut count, mut first): (u64, Vec<RowError>) = (0, vec![]);
    for input in inputs {
        for row in input.said_rows()? {
            match row {
                Ok(_) => {}
                Err(error) if error.ends_file() => return Err(Error::CutShort(error)),
                Err(error) => {
                    count += 1;
                    first.extend((first.len() < BAD_ROWS_LISTED).then_some(error));
                }
            }
        }
    }
    if count > 0 && on_bad_row == OnBadRow::Fail { Err(Error::BadRows { count, first }) } else { Ok(count) }
}

/// What was read so far.
struct Gathering<'a> {
    store: &'a Store,
    annotator: Option<&'a str>,
    dimensions: Vec<String>,
    /// Items that labels are about, not yet in the store.
    items: Vec<(ItemId, Item, Vec<ResponseId>)>,
    labels: Vec<Label>,
    unknown: BTreeMap<String, Sightings>,
    taken: Taken,
}

impl<'a> Gathering<'a> {
    fn new(store: &'a Store, annotator: Option<&'a str>, dimensions: Vec<String>) -> Self {
        let (items, labels, unknown, taken) = (vec![], vec![], BTreeMap::new(), Taken::default());
        Self { store, annotator, dimensions, items, labels, unknown, taken }
    }

    async fn take(&mut self, file: &str, row: SaidRow) -> Result<(), Error> {
        for why in row.passed_over {
            *self.taken.passed_over.entry(why.into()).or_default() += 1;
        }
        let said: Vec<LabelRow> =
            row.opinions.into_iter().filter_map(|opinion| self.label_row(opinion)).collect();
        if said.is_empty() {
            return Ok(());
        }
        for label in &said {
            see(&mut self.unknown, &self.dimensions, &label.said, row.line);
        }
        match row.item {
            Some(item) => self.take_item(item, said).await,
            None => {
                for label in said {
                    self.labels.push(resolve(self.store, file, row.line, label).await?);
                }
                Ok(())
            }
        }
    }

    /// Returns an opinion as a label; None where a model said it and the user names no annotator for that.
    fn label_row(&mut self, opinion: Opinion) -> Option<LabelRow> {
        let annotator = match (opinion.by, self.annotator) {
            (By::Person(name), _) => name,
            (By::Machine, Some(name)) => name.into(),
            (By::Machine, None) => {
                self.taken.machine += 1;
                return None;
            }
        };
        Some(LabelRow { item: None, said: opinion.said, annotator, note: opinion.note })
    }

    async fn take_item(&mut self, item: Item, said: Vec<LabelRow>) -> Result<(), Error> {
        let id = item.context.id();
        let responses: Vec<ResponseId> = item.responses.iter().map(|response| response.id(id)).collect();
        for row in said {
            let judgement = row.said.judgement(|target| match target {
                Target::Id(id) => Some(id),
                Target::Index(at) => responses.get(at as usize).copied(),
            });
            let note = row.note.unwrap_or_default();
            self.labels.extend(judgement.map(|judgement| Label {
                item: id,
                judgement,
                annotator: row.annotator,
                note,
            }));
        }
        self.items.push((id, item, responses));
        if self.items.len() >= ITEMS_AT_ONCE { self.add_items().await } else { Ok(()) }
    }

    async fn add_items(&mut self) -> Result<(), Error> {
        let items = std::mem::take(&mut self.items);
        let records: Vec<ItemRecord<'_>> =
            items.iter().map(|(id, item, responses)| ItemRecord { id: *id, item, responses }).collect();
        let (items, responses) = self.store.add_items(&records).await?;
        self.taken.items += items;
        self.taken.responses += responses;
        Ok(())
    }
}
