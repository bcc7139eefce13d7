//! Reports of files that `score` wrote. A store, where there is one, knows what the calls behind them cost.

use std::collections::BTreeSet;

use rewardctl_core::id::ItemId;
use rewardctl_data::measured::scored::{ScoredRow, read_scored_rows};
use rewardctl_store::open::Store;

use crate::error::Error;
use crate::ingest::InputFile;
use crate::label;
use crate::report::figures::{Cost, Run, ScoreReport};
use crate::report::gather::{Gathering, item_of};
use crate::summary::Group;

/// Calls that the ledger is asked about at once.
const CALLS_AT_ONCE: usize = 5_000;

/// What a run of several versions is said to be of.
pub(super) const MIXED: &str = "mixed";

/// What a report of files is made of.
#[derive(Debug)]
pub struct Files<'a> {
    /// The rows.
    pub files: &'a [InputFile],
    /// What people said; none are the labels of the store.
    pub labels: &'a [InputFile],
    /// Files of earlier runs, the earliest first: they stand in the trend alone.
    pub earlier: &'a [InputFile],
    /// How many cases of each kind are shown.
    pub cases: usize,
}

/// Reads the files, and returns the report.
pub async fn of_files(told: &Files<'_>, store: Option<&Store>) -> Result<ScoreReport, Error> {
    let inputs = told.files.iter().map(|file| file.label.clone()).collect();
    let mut gathering = Gathering::new(inputs, told.cases);
    for file in told.labels {
        gathering.opinions.expect(label::read(file)?.into_iter().map(|(_, row)| row).collect());
    }
    if let (Some(store), true) = (store, told.labels.is_empty()) {
        gathering.opinions.expect_stored(store.labels().await?);
    }
    let mut last: Option<ItemId> = None;
    for file in told.files {
        for row in read_scored_rows(&file.path, &file.label)? {
            let (_, row) = row.map_err(refused)?;
            let item = item_of(&row);
            if last.replace(item) != Some(item) && gathering.critics.waiting_calls() >= CALLS_AT_ONCE {
                ask_ledger(&mut gathering, store).await?;
            }
            gathering.add(&row);
        }
    }
    ask_ledger(&mut gathering, store).await?;
    let mut report = gathering.finish();
    if !told.earlier.is_empty() {
        let all = told.earlier.iter().chain(told.files);
        report.trend = all.map(run).collect::<Result<_, _>>()?;
    }
    Ok(report)
}

fn refused(row: rewardctl_data::row_error::RowError) -> Error {
    match row.ends_file() {
        true => Error::CutShort(row),
        false => Error::BadRows { count: 1, first: vec![row] },
    }
}

/// Returns what one file came to, for the trend.
fn run(file: &InputFile) -> Result<Run, Error> {
    let (mut group, mut versions) = (Group::default(), BTreeSet::new());
    for row in read_scored_rows(&file.path, &file.label)? {
        let (_, row): (u64, ScoredRow) = row.map_err(refused)?;
        group.add(item_of(&row), row.reward, false, row.reviewed == Some(true));
        if versions.len() < 2 {
            let own = row.versions.into_iter().find(|(part, _)| part == "panel");
            versions.insert(own.map_or(String::new(), |(_, version)| version));
        }
    }
    let version = match versions.len() {
        0 | 1 => versions.pop_first().unwrap_or_default(),
        _ => MIXED.to_owned(),
    };
    let line = group.line(&file.label);
    Ok(Run {
        name: line.name,
        version,
        responses: line.responses,
        scored: line.scored,
        routed: line.routed,
        mean: line.mean,
        interval: line.interval,
    })
}

/// Adds what the ledger knows of the calls that came up.
pub(super) async fn ask_ledger(gathering: &mut Gathering, store: Option<&Store>) -> Result<(), Error> {
    let calls = gathering.critics.take_calls();
    let Some(store) = store.filter(|_| !calls.is_empty()) else { return Ok(()) };
    let keys: Vec<_> = calls.keys().copied().collect();
    for (key, spent) in store.spent_on(&keys).await? {
        let cost = Cost {
            calls: 0,
            known: 1,
            unpriced: spent.unpriced,
            spent_nano: spent.nano.unwrap_or(0),
            tokens: spent.tokens,
        };
        gathering.critics.add_cost(calls[&key], cost);
    }
    Ok(())
}
