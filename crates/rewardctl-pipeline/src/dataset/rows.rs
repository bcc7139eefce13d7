//! Rows on their way from selection into the file of drafts. What a row needs by itself is done by several threads, a batch
//! at a time, while the next batch is selected; what depends on the rows before it is done in their order, so that no byte
//! depends on the threads.

use std::collections::{BTreeMap, HashSet};
use std::iter::from_fn;
use std::mem::{replace, take};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::thread::{JoinHandle, spawn};

use rewardctl_core::dataset::reason::Reason;
use rewardctl_core::dataset::{Example, Provenance, Vouch};
use rewardctl_core::item::Message;
use rewardctl_core::proportion::Proportion;
use rewardctl_data::drafts::{Drafts, PackedDraft};
use rewardctl_model::learn::style::style;

use crate::dataset::BuildSettings;
use crate::dataset::alike::{Compared, Comparing};
use crate::dataset::screen::{Look, Screen, shown};
use crate::error::Error;

/// Rows of a batch: enough that starting threads costs nothing beside it.
const BATCH_ROWS: usize = 512;
/// About the most bytes of a batch.
const BATCH_BYTES: usize = 16 << 20;

/// A row as selection picked it.
pub(super) struct Selected {
    pub prompt: Vec<Message>,
    pub example: Example,
    pub provenance: Provenance,
    /// Whether the row is one to learn towards; pairs are.
    pub good: bool,
}

/// What is remembered of a row until all are known; its texts lie in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub vouch: Vouch,
    /// Whether the row is one to learn towards; pairs are.
    pub good: bool,
    /// What the least sure rows are told by: people before models, then the probability.
    pub confidence: f32,
    pub margin: Option<f64>,
    /// Of a row in steps, its steps, and of these the right ones.
    pub steps: Proportion,
    /// Of the better text, then of the worse one: characters, list items, bold, headers.
    pub style: [Option<[u32; 4]>; 2],
}

/// The rows so far.
pub(super) struct Rows {
    waiting: Vec<Selected>,
    waiting_bytes: usize,
    threads: usize,
    screen: Arc<Screen>,
    /// The batch before, in parts that lie one behind the other.
    working: Vec<JoinHandle<Vec<Looked>>>,
    /// The rows that were made, by a hash of their texts.
    seen: HashSet<u64>,
    comparing: Comparing,
    gathered: Gathered,
}

/// What became of all rows.
pub(super) struct Gathered {
    pub drafts: Drafts,
    pub marks: Vec<Mark>,
    pub withheld: BTreeMap<Reason, u64>,
    /// Rows of which personal data were masked.
    pub masked: u64,
}

/// Whether personal data were masked, and the row, or why it stays out.
type Looked = (bool, Result<Ready, Reason>);

/// A row with what is known of it alone.
struct Ready {
    packed: PackedDraft,
    compared: Compared,
    mark: Mark,
    print: u64,
}

impl Rows {
    /// Starts with none; temporary files lie in `folder`.
    pub(super) fn start(settings: &BuildSettings, screen: Screen, folder: &Path) -> Result<Self, Error> {
        Ok(Self {
            waiting: vec![],
            waiting_bytes: 0,
            threads: settings.tools.threads.max(1),
            screen: Arc::new(screen),
            working: vec![],
            seen: HashSet::new(),
            comparing: Comparing::start(settings, folder),
            gathered: Gathered {
                drafts: Drafts::create(folder)?,
                marks: vec![],
                withheld: BTreeMap::new(),
                masked: 0,
            },
        })
    }

    /// Takes in the next row.
    pub(super) fn add(&mut self, row: Selected) -> Result<(), Error> {
        self.waiting_bytes += shown(&row.prompt, &row.example).iter().map(|text| text.len()).sum::<usize>();
        self.waiting.push(row);
        match self.waiting.len() >= BATCH_ROWS || self.waiting_bytes >= BATCH_BYTES {
            true => self.settle(),
            false => Ok(()),
        }
    }

    /// Counts what selection held back.
    pub(super) fn withhold(&mut self, reason: Reason) {
        *self.gathered.withheld.entry(reason).or_default() += 1;
    }

    /// Tells whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.working.is_empty() && self.gathered.marks.is_empty()
    }

    /// Ends: what became of the rows, what keeps rows out, and how rows are alike.
    pub(super) fn finish(mut self) -> Result<(Gathered, Arc<Screen>, Comparing), Error> {
        // The last batch is started, and then taken in.
        self.settle()?;
        self.settle()?;
        Ok((self.gathered, self.screen, self.comparing))
    }

    /// Starts the work on the rows that wait, and meanwhile takes in those of the batch before.
    fn settle(&mut self) -> Result<(), Error> {
        self.waiting_bytes = 0;
        let next = start(take(&mut self.waiting), self.threads, &self.screen);
        for part in replace(&mut self.working, next) {
            self.take_in(part.join().unwrap_or_else(|panic| resume_unwind(panic)))?;
        }
        Ok(())
    }

    fn take_in(&mut self, looked: Vec<Looked>) -> Result<(), Error> {
        for (masked, row) in looked {
            self.gathered.masked += u64::from(masked);
            match row {
                Ok(row) if self.seen.insert(row.print) => self.keep(row)?,
                Ok(_) => self.withhold(Reason::Duplicate),
                Err(reason) => self.withhold(reason),
            }
        }
        Ok(())
    }

    fn keep(&mut self, row: Ready) -> Result<(), Error> {
        self.gathered.drafts.push(&row.packed)?;
        self.gathered.marks.push(row.mark);
        self.comparing.add(row.compared);
        Ok(())
    }
}

fn ready(mut row: Selected, screen: &Screen) -> Looked {
    let Look { masked, print } = screen.look(&mut row);
    let ready = print.map(|print| Ready {
        packed: PackedDraft::new(&row.prompt, &row.example, &row.provenance),
        compared: Compared::of(&row.prompt, &row.example),
        mark: Mark::of(&row),
        print,
    });
    (masked, ready)
}

/// Starts the work on a batch by several threads, each with rows one behind the other.
fn start(batch: Vec<Selected>, threads: usize, screen: &Arc<Screen>) -> Vec<JoinHandle<Vec<Looked>>> {
    let size = batch.len().div_ceil(threads).max(1);
    let mut batch = batch.into_iter();
    let parts =
        from_fn(|| Some(batch.by_ref().take(size).collect::<Vec<_>>()).filter(|part| !part.is_empty()));
    let work = |part: Vec<Selected>| {
        let screen = Arc::clone(screen);
        spawn(move || part.into_iter().map(|row| ready(row, &screen)).collect())
    };
    parts.map(work).collect()
}

impl Mark {
    fn of(row: &Selected) -> Self {
        let provenance = &row.provenance;
        let people_first = match provenance.source {
            Vouch::Adjudicated => 5.0,
            Vouch::Majority => 4.0,
            Vouch::Single => 3.0,
            Vouch::Model => 1.0,
            Vouch::Implicit => 0.0,
        };
        let sureness = provenance.probability.or(provenance.strength).unwrap_or(0.0);
        Self {
            vouch: provenance.source,
            good: row.good,
            confidence: (people_first + sureness) as f32,
            margin: provenance.margin,
            steps: right_steps(&row.example),
            style: styles(&row.example, row.good),
        }
    }
}

fn right_steps(example: &Example) -> Proportion {
    let mut steps = Proportion::default();
    if let Example::Steps { labels, .. } = example {
        labels.iter().for_each(|right| steps.add(*right));
    }
    steps
}

fn styles(example: &Example, good: bool) -> [Option<[u32; 4]>; 2] {
    let of = |text: &str| {
        let [length, lists, bold, headers, ..] = style(text);
        Some([length, lists, bold, headers].map(|count| count as u32))
    };
    match example {
        Example::Preference { chosen, rejected } => [of(chosen), of(rejected)],
        Example::Unpaired { completion, .. } if !good => [None, of(completion)],
        Example::Unpaired { completion, .. }
        | Example::Demonstration { completion }
        | Example::Rollout { completion, .. } => [of(completion), None],
        Example::Prompt { .. } | Example::Steps { .. } => [None, None],
    }
}
