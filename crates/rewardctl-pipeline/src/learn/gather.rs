//! What the critics said of responses, from verdict files or from a run of the panel, and what people said of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem::take;
use std::path::Path;

use rewardctl_core::id::ResponseId;
use rewardctl_core::label::{Judgement, Label, Winner, last_words};
use rewardctl_core::panel::{Dimension, Panel, Part, Slot};
use rewardctl_core::route::Limit;
use rewardctl_core::score::Score;
use rewardctl_data::labels::{LabelRow, Said as SaidOf, Target};
use rewardctl_model::learn::labels::Observed;
use rewardctl_model::learn::style::style;
use rewardctl_model::manifest::{Kind, Manifest};

use crate::answer::Answer;
use crate::audit::given::{Given, LABEL_FIELDS, given};
use crate::error::Error;
use crate::ingest::{Checked, InputFile};
use crate::label;
use crate::learn::said::{Opinion, Said};
use crate::learn::verdict_files::with_dimension;
use crate::panel::LoadedPanel;
use crate::pass::{Emit, Run};
use crate::score::{ScoreSettings, Surroundings};
use crate::summary::Summary;

/// Who labelled the pairs and ratings that stand in the rows themselves.
pub(super) const THE_FILE: &str = "the file";

/// Everything that was gathered; responses are named by their places.
#[derive(Debug)]
pub struct Gathered {
    /// The critics.
    pub panel: Panel,
    /// The responses.
    pub observed: Vec<Observed>,
    /// Per response, what it is called.
    pub names: Vec<String>,
    /// Per response, the model that wrote it.
    pub generators: Vec<Option<String>>,
    /// What people said, in the order in which they did.
    pub said: Vec<Said>,
    /// Per source of verdicts, what they depend on; empty where that is not known.
    pub fingerprints: BTreeMap<String, String>,
    /// Labels on responses that are not among these.
    pub foreign: usize,
    items: HashMap<String, usize>,
    /// Per item, what it is called.
    pub(super) item_names: Vec<String>,
    /// Per item, its responses.
    pub(super) responses_of: Vec<Vec<usize>>,
    places: HashMap<ResponseId, usize>,
}

impl Gathered {
    pub(super) fn new(panel: Panel) -> Self {
        Self {
            panel,
            observed: vec![],
            names: vec![],
            generators: vec![],
            said: vec![],
            fingerprints: BTreeMap::new(),
            foreign: 0,
            items: HashMap::new(),
            item_names: vec![],
            responses_of: vec![],
            places: HashMap::new(),
        }
    }

    /// Returns the number of the item that is called `name`.
    pub(super) fn item(&mut self, name: &str) -> usize {
        if let Some(number) = self.items.get(name) {
            return *number;
        }
        let number = self.responses_of.len();
        self.items.insert(name.into(), number);
        self.item_names.push(name.into());
        self.responses_of.push(vec![]);
        number
    }

    /// Numbers the items by their names: what is dealt or drawn by number then is the same in whatever order they came.
    pub(super) fn number_by_name(&mut self) {
        let mut order: Vec<usize> = (0..self.item_names.len()).collect();
        order.sort_by(|one, other| self.item_names[*one].cmp(&self.item_names[*other]));
        let mut number = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, item)| number[*item] = at);
        self.observed.iter_mut().for_each(|one| one.group = number[one.group]);
        self.items.values_mut().for_each(|item| *item = number[*item]);
        self.item_names = order.iter().map(|item| take(&mut self.item_names[*item])).collect();
        self.responses_of = order.iter().map(|item| take(&mut self.responses_of[*item])).collect();
    }

    /// Takes in the labels of a label file about these very responses.
    pub fn add_label_rows(&mut self, file: &InputFile) -> Result<(), Error> {
        for (line, row) in label::read(file)? {
            let said = self.resolve(&row).map_err(|problem| Error::Label {
                file: file.label.clone().into(),
                line,
                problem,
            })?;
            self.said.extend(said);
        }
        self.keep_last_words();
        Ok(())
    }

    /// Keeps what each person said last of the same.
    fn keep_last_words(&mut self) {
        let mut seen = HashSet::new();
        let mut kept: Vec<Said> = take(&mut self.said).into_iter().rev().collect();
        kept.retain(|said| {
            said.annotator == THE_FILE || seen.insert((said.annotator.clone(), said.opinion.subject()))
        });
        kept.reverse();
        self.said = kept;
    }

    /// Takes in the labels of the store; those on other responses are counted.
    pub fn add_labels(&mut self, labels: &[Label]) {
        for label in last_words(labels) {
            let place = |id: &ResponseId| self.places.get(id).copied();
            let opinion = match &label.judgement {
                Judgement::Rate { response, value, scale, dimension } => place(response).map(|response| {
                    Opinion::Rate { response, value: *value, scale: *scale, dimension: dimension.clone() }
                }),
                Judgement::Compare { a, b, winner, strength } => place(a).zip(place(b)).map(|(a, b)| {
                    Opinion::Compare { a, b, winner: *winner, strength: strength.map(Score::get) }
                }),
                Judgement::Correct { .. } => continue,
            };
            match opinion {
                Some(opinion) => self.said.push(Said { annotator: label.annotator.clone(), opinion }),
                None => self.foreign += 1,
            }
        }
    }

    fn resolve(&self, row: &LabelRow) -> Result<Option<Said>, String> {
        let find = |target: &Target| match (target, &row.item) {
            (Target::Id(id), _) => {
                self.places.get(id).copied().ok_or_else(|| format!("no verdict is on a response `{id}`"))
            }
            (Target::Index(index), Some(item)) => {
                let number =
                    self.items.get(item).ok_or_else(|| format!("no verdict is on an item `{item}`"))?;
                let place = self.responses_of[*number].get(*index as usize).copied();
                place.ok_or_else(|| format!("item `{item}` has no response {index}"))
            }
            (Target::Index(_), None) => Err("field `item`: needed beside a response's index".into()),
        };
        let opinion = match &row.said {
            SaidOf::Rate { response, value, scale, dimension } => Opinion::Rate {
                response: find(response)?,
                value: *value,
                scale: *scale,
                dimension: dimension.clone(),
            },
            SaidOf::Compare { a, b, winner, strength } => {
                let (a, b) = (find(a)?, find(b)?);
                if self.observed[a].group != self.observed[b].group || a == b {
                    return Err("a comparison needs two different responses to one item".into());
                }
                Opinion::Compare { a, b, winner: *winner, strength: strength.map(Score::get) }
            }
            SaidOf::Correct { .. } => return Ok(None),
        };
        Ok(Some(Said { annotator: row.annotator.clone(), opinion }))
    }
}

impl Gathered {
    /// Keeps the critics of the dimension that is aimed at, if there are any.
    pub fn aim_at(&mut self, target: Option<&str>) {
        let is_target = |name: &str| Some(name) == target;
        let slots = self.panel.slots.iter().enumerate();
        let kept: Vec<usize> =
            slots.filter(|(_, slot)| is_target(&slot.dimension)).map(|(at, _)| at).collect();
        if kept.is_empty() {
            return;
        }
        for observed in &mut self.observed {
            observed.scores = kept.iter().map(|at| observed.scores[*at]).collect();
            observed.variances = kept.iter().map(|at| observed.variances[*at]).collect();
        }
        self.panel.slots.retain(|slot| is_target(&slot.dimension));
        self.panel.dimensions.retain(|dimension| is_target(&dimension.name));
    }

    /// Puts the critics in the order of the aggregator in `folder`, and its dimensions; a critic that no verdict is of is
    /// missing everywhere, one that the aggregator does not know is left out.
    pub fn follow(&mut self, folder: &Path) -> Result<(), Error> {
        let manifest = Manifest::load_kind(folder, Kind::Aggregator)?;
        // A file that has one dimension of a critic does not name it.
        let is = |slot: &Slot, critic: &String| slot.critic == *critic || with_dimension(slot) == *critic;
        let slot = |critic: &String| self.panel.slots.iter().position(|slot| is(slot, critic));
        let places: Vec<Option<usize>> = manifest.critics.iter().map(slot).collect();
        for observed in &mut self.observed {
            observed.scores = places.iter().map(|place| observed.scores[(*place)?]).collect();
            observed.variances =
                places.iter().map(|place| place.map_or(0.0, |at| observed.variances[at])).collect();
        }
        let first = manifest.dimensions.first().cloned().unwrap_or_default();
        let named = places.iter().zip(&manifest.critics);
        self.panel.slots = named
            .map(|(place, critic)| match place {
                Some(at) => self.panel.slots[*at].clone(),
                None => {
                    Slot { critic: critic.clone(), dimension: first.clone(), weight: 1.0, part: Part::Mean }
                }
            })
            .collect();
        let weight = |name: &String| {
            let known = self.panel.dimensions.iter().find(|dimension| dimension.name == *name);
            Dimension { name: name.clone(), weight: known.map_or(1.0, |dimension| dimension.weight) }
        };
        self.panel.dimensions = manifest.dimensions.iter().map(weight).collect();
        Ok(())
    }
}

impl Gathered {
    fn add_answer(&mut self, answer: &Answer<'_>) {
        if self.places.contains_key(&answer.id()) {
            return;
        }
        let group = self.item(&answer.row.id.to_string());
        let response = &answer.row.item.responses[answer.at];
        let observed = Observed {
            group,
            scores: answer.verdicts.iter().map(|verdict| verdict.score().map(Score::get)).collect(),
            variances: answer.verdicts.iter().map(|verdict| verdict.variance().unwrap_or(0.0)).collect(),
            style: Some(style(&response.text)),
        };
        self.push(answer.id(), answer.id().to_string(), response.generator.clone(), observed);
    }

    pub(super) fn push(
        &mut self,
        id: ResponseId,
        name: String,
        generator: Option<String>,
        observed: Observed,
    ) {
        let place = self.observed.len();
        self.responses_of[observed.group].push(place);
        self.observed.push(observed);
        self.names.push(name);
        self.generators.push(generator);
        self.places.insert(id, place);
    }

    /// Takes in what the row itself says: chosen and rejected, a winner, ratings.
    fn add_given(&mut self, answer: &Answer<'_>) {
        let row = answer.row;
        if answer.at + 1 != row.responses.len() {
            return;
        }
        let places: Vec<usize> = row.responses.iter().map(|id| self.places[id]).collect();
        let mut say = |opinion| self.said.push(Said { annotator: THE_FILE.into(), opinion });
        let beats = |winner: usize, other: usize| Opinion::Compare {
            a: places[winner],
            b: places[other],
            winner: Winner::A,
            strength: None,
        };
        let role = |at: usize| row.item.responses[at].role.as_deref();
        let all = 0..places.len();
        for chosen in all.clone().filter(|at| role(*at) == Some("chosen")) {
            for rejected in all.clone().filter(|at| role(*at) == Some("rejected")) {
                say(beats(chosen, rejected));
            }
        }
        match given(&row.item, &LABEL_FIELDS.map(String::from)) {
            Some(Given::Winner(Some(winner))) => {
                all.filter(|at| *at != winner).for_each(|other| say(beats(winner, other)));
            }
            Some(Given::Winner(None)) if places.len() == 2 => {
                say(Opinion::Compare { a: places[0], b: places[1], winner: Winner::Tie, strength: None });
            }
            Some(Given::Ratings(ratings)) => {
                for (response, rated) in places.iter().zip(ratings) {
                    let each = rated.dimensions.into_iter().map(|(name, value)| (Some(name), value));
                    for (dimension, value) in rated.overall.map(|value| (None, value)).into_iter().chain(each)
                    {
                        say(Opinion::Grade { response: *response, value, dimension });
                    }
                }
            }
            Some(Given::Winner(None) | Given::Unread) | None => {}
        }
    }
}

/// Judges the checked inputs with the panel, as far as the store does not know the verdicts already, and gathers them.
pub async fn from_items(
    checked: Checked,
    settings: &ScoreSettings,
    mut around: Surroundings<'_>,
) -> Result<Gathered, Error> {
    let mut gathered = Gathered::new(settings.panel.panel.clone());
    // What an aggregator of older critics would say is of no use, and a new fit is the way out of that.
    let by_weights = ScoreSettings {
        panel: LoadedPanel { aggregator: None, ..settings.panel.clone() },
        ..settings.clone()
    };
    let mut run = match Run::begin(&checked, settings, &around).await {
        Err(Error::StaleAggregator { .. }) => Run::begin(&checked, &by_weights, &around).await?,
        begun => begun?,
    };
    gathered.fingerprints = run.fingerprints();
    let mut listener = |answer: &Answer<'_>| {
        gathered.add_answer(answer);
        gathered.add_given(answer);
    };
    let summary = Summary::new(&settings.panel.panel, 0, vec![]);
    let mut emit = Emit { writer: None, summary, listener: Some(&mut listener) };
    run.pass(&checked, Some(Limit::Never), &mut emit, &mut around).await?;
    around.store.finish_run(run.id, &(around.now)()).await?;
    gathered.number_by_name();
    Ok(gathered)
}
