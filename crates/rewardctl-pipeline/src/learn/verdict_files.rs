//! Verdict files: what the critics said of responses, replayed with no critic at hand.

use std::collections::{BTreeSet, HashMap};

use rewardctl_core::id::ContentId;
use rewardctl_core::label::Winner;
use rewardctl_core::panel::{Dimension, Panel, Part, Quorum, Slot};
use rewardctl_core::score::Score;
use rewardctl_data::verdict_pairs::{VerdictPair, read_verdict_pairs};
use rewardctl_data::verdict_rows::{CriticScore, VerdictRow, is_pairs, read_verdict_rows};
use rewardctl_model::learn::labels::Observed;
use rewardctl_model::learn::style::style;

use crate::error::Error;
use crate::ingest::{BAD_ROWS_LISTED, InputFile};
use crate::learn::gather::{Gathered, THE_FILE};
use crate::learn::said::{Opinion, Said};

/// The dimension of critics of a verdict file that does not say.
const OVERALL: &str = "overall";

/// Reads verdict files. The critics are those of `panel` where it has them all, else those of the files, with equal
/// weights in each dimension.
pub fn from_verdict_files(files: &[InputFile], panel: &Panel) -> Result<Gathered, Error> {
    if files.iter().any(|file| is_pairs(&file.path, &file.label).unwrap_or(false)) {
        return from_pair_files(files);
    }
    let mut rows = vec![];
    for file in files {
        match read_verdict_rows(&file.path, &file.label)? {
            Ok(read) => rows.extend(read),
            Err(mut bad) => {
                let count = bad.len() as u64;
                bad.truncate(BAD_ROWS_LISTED);
                return Err(Error::BadRows { count, first: bad });
            }
        }
    }
    let known = |verdict: &CriticScore| panel.slots.iter().any(|slot| is_of(panel, verdict, slot));
    let all_known = rows.iter().flat_map(|row| &row.verdicts).all(known);
    let panel = if all_known && !rows.is_empty() { panel.clone() } else { panel_of(&rows) };
    let mut gathered = Gathered::new(panel);
    rows.iter().for_each(|row| gathered.add_row(row));
    name_apart(&mut gathered.panel)?;
    gathered.number_by_name();
    Ok(gathered)
}

/// Reads files of pairs with verdicts and labels.
fn from_pair_files(files: &[InputFile]) -> Result<Gathered, Error> {
    let (mut pairs, mut bad) = (vec![], vec![]);
    for file in files {
        for pair in read_verdict_pairs(&file.path, &file.label)? {
            match pair {
                Ok((line, pair)) => pairs.push((format!("{}:{line}", file.label), pair)),
                Err(error) => bad.push(error),
            }
        }
    }
    if !bad.is_empty() {
        let count = bad.len() as u64;
        bad.truncate(BAD_ROWS_LISTED);
        return Err(Error::BadRows { count, first: bad });
    }
    let critics: BTreeSet<&String> = pairs.iter().flat_map(|(_, pair)| pair.verdicts.keys()).collect();
    let slot = |critic: &&String| Slot {
        critic: critic.to_string(),
        dimension: OVERALL.into(),
        weight: 1.0,
        part: Part::Mean,
    };
    let mut gathered = Gathered::new(Panel {
        name: "verdicts".into(),
        dimensions: vec![Dimension { name: OVERALL.into(), weight: 1.0 }],
        slots: critics.iter().map(slot).collect(),
        quorum: Quorum { coverage: 0.0, dimensions: 1 },
    });
    pairs.iter().for_each(|(place, pair)| gathered.add_pair(place, pair));
    gathered.number_by_name();
    Ok(gathered)
}

/// A slot for each critic and dimension of the rows; a critic of several dimensions is one critic for each.
fn panel_of(rows: &[VerdictRow]) -> Panel {
    let (mut dimensions, mut slots): (Vec<Dimension>, Vec<Slot>) = (vec![], vec![]);
    for (critic, dimension) in rows.iter().flat_map(|row| &row.verdicts).map(slot_of) {
        if slots.iter().any(|slot| slot.critic == critic && slot.dimension == dimension) {
            continue;
        }
        if !dimensions.iter().any(|known| known.name == dimension) {
            dimensions.push(Dimension { name: dimension.into(), weight: 1.0 });
        }
        slots.push(Slot {
            critic: critic.into(),
            dimension: dimension.into(),
            weight: 1.0,
            part: Part::Mean,
        });
    }
    Panel { name: "verdicts".into(), dimensions, slots, quorum: Quorum { coverage: 0.0, dimensions: 1 } }
}

fn slot_of(verdict: &CriticScore) -> (&str, &str) {
    (&verdict.critic, verdict.dimension.as_deref().unwrap_or(OVERALL))
}

/// Gives the slots of critics of several dimensions a name for each: `judge.style`.
fn name_apart(panel: &mut Panel) -> Result<(), Error> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    panel.slots.iter().for_each(|slot| *counts.entry(slot.critic.clone()).or_default() += 1);
    for slot in panel.slots.iter_mut().filter(|slot| counts[&slot.critic] > 1) {
        let name = with_dimension(slot);
        if counts.contains_key(&name) {
            return Err(Error::SameCritic { name, dimension: slot.dimension.clone() });
        }
        slot.critic = name;
    }
    Ok(())
}

pub(super) fn with_dimension(slot: &Slot) -> String {
    format!("{}.{}", slot.critic, slot.dimension)
}

/// Tells whether a verdict belongs into a slot of the panel; one that names no dimension is of the critic as a whole, or of its
/// only dimension.
fn is_of(panel: &Panel, verdict: &CriticScore, slot: &Slot) -> bool {
    let is_only = || panel.slots.iter().filter(|other| other.critic == slot.critic).count() == 1;
    verdict.critic == slot.critic
        && match &verdict.dimension {
            Some(name) => *name == slot.dimension,
            None => slot.dimension == OVERALL || is_only(),
        }
}

impl Gathered {
    fn add_row(&mut self, row: &VerdictRow) {
        let group = self.item(&row.item);
        let of = |slot: &Slot| row.verdicts.iter().find(|verdict| is_of(&self.panel, verdict, slot));
        let verdicts: Vec<_> = self.panel.slots.iter().map(of).collect();
        let observed = Observed {
            group,
            scores: verdicts.iter().map(|verdict| verdict.and_then(|v| v.score).map(Score::get)).collect(),
            variances: verdicts
                .iter()
                .map(|verdict| verdict.and_then(|v| v.variance).unwrap_or(0.0))
                .collect(),
            style: row.text.as_deref().map(style),
        };
        let id = row
            .response
            .parse()
            .unwrap_or_else(|_| ContentId::of("response name", [row.response.as_bytes()]));
        self.push(id, row.response.clone(), row.generator.clone(), observed);
    }

    fn add_pair(&mut self, place: &str, pair: &VerdictPair) {
        let name = pair.id.clone().unwrap_or_else(|| place.into());
        let group = self.item(pair.group.as_deref().unwrap_or(&name));
        let first = self.observed.len();
        for side in 0..2 {
            let scores =
                self.panel.slots.iter().map(|slot| Some(pair.verdicts.get(&slot.critic)?[side].get()));
            let observed = Observed {
                group,
                scores: scores.collect(),
                variances: vec![0.0; self.panel.slots.len()],
                style: pair.responses.as_ref().map(|texts| style(&texts[side])),
            };
            // Whoever names responses by the file knows them by the row and the side.
            let name = format!("{name}/{}", ["a", "b"][side]);
            self.push(
                ContentId::of("response name", [place.as_bytes(), name.as_bytes()]),
                name,
                None,
                observed,
            );
        }
        for label in &pair.labels {
            let winner = match *label {
                label if label > 0.5 => Winner::A,
                label if label < 0.5 => Winner::B,
                _ => Winner::Tie,
            };
            let opinion = Opinion::Compare { a: first, b: first + 1, winner, strength: None };
            self.said.push(Said { annotator: THE_FILE.into(), opinion });
        }
    }
}
