//! Reads labels and numbers them: items in the order of the files, annotators by name, labels in their own order.

use std::collections::{BTreeMap, HashMap};

use rewardctl_core::votes::{Extent, Vote, Votes};
use rewardctl_data::annotators::{AnnotatorRow, Category, read_annotators};

use crate::error::Error;
use crate::eval::annotators::AnnotatorsSettings;
use crate::eval::annotators::report::LabelValue;
use crate::ingest::{BAD_ROWS_LISTED, InputFile, OnBadRow};

/// What the files hold.
#[derive(Debug)]
pub struct Gathered {
    /// What each file was found to be.
    pub inputs: Vec<String>,
    /// Rows read.
    pub rows: u64,
    /// Rows without a label.
    pub unlabelled: u64,
    /// Labels that a later one replaces.
    pub repeated: u64,
    /// Corrections, which are no labels.
    pub corrections: u64,
    /// Rows left out.
    pub skipped: u64,
    /// The first of them, with the reason.
    pub skipped_rows: Vec<String>,
    /// The labels by dimension, those without a name first.
    pub dimensions: Vec<Labels>,
}

/// The labels of one dimension.
#[derive(Debug, Clone)]
pub struct Labels {
    /// Its name; None where rows have none.
    pub dimension: Option<String>,
    /// The items, in the order of the files.
    pub items: Vec<String>,
    /// The annotators, by name.
    pub annotators: Vec<String>,
    /// The distinct labels, in order; those of the gold labels, too.
    pub classes: Vec<LabelValue>,
    /// What the classes are worth; None where they are texts without an order.
    pub values: Option<Vec<f64>>,
    /// Whether the labels are numbers in the file, or are ordered by the user.
    pub are_ordered: bool,
    /// Who gave what.
    pub votes: Votes,
    /// The class that is known to be right for each item.
    pub gold: Vec<Option<u32>>,
    /// The probability of each class that a model gives, item after item; empty unless it gives some to every item.
    pub model: Vec<f64>,
}

impl Labels {
    /// Returns how many labels each item has.
    pub fn labels_of_items(&self) -> impl Iterator<Item = usize> {
        (0..self.items.len()).map(|item| self.votes.of(item).len())
    }
}

/// Reads all files, sorted by name; an error where a row cannot be used and none may be skipped.
pub fn gather(files: &[InputFile], settings: &AnnotatorsSettings) -> Result<Gathered, Error> {
    let mut sorted: Vec<&InputFile> = files.iter().collect();
    sorted.sort();
    let mut gathered = Gathered {
        inputs: vec![],
        rows: 0,
        unlabelled: 0,
        repeated: 0,
        corrections: 0,
        skipped: 0,
        skipped_rows: vec![],
        dimensions: vec![],
    };
    let (mut pools, mut bad): (BTreeMap<Option<String>, Pool>, _) = (BTreeMap::new(), vec![]);
    for file in sorted {
        let rows = read_annotators(&file.path, &file.label, &settings.fields)?;
        gathered.inputs.push(rows.describe());
        for row in rows {
            gathered.rows += 1;
            match row {
                Ok((_, None)) => gathered.corrections += 1,
                Ok((line, Some(row))) => {
                    let pool = pools.entry(row.dimension.clone()).or_default();
                    gathered.unlabelled += u64::from(row.label.is_none());
                    gathered.repeated += u64::from(pool.take(&file.label, line, row)?);
                }
                Err(error) if error.ends_file() => return Err(Error::CutShort(error)),
                Err(error) => {
                    gathered.skipped += 1;
                    if bad.len() < BAD_ROWS_LISTED {
                        bad.push(error);
                    }
                }
            }
        }
    }
    if gathered.skipped > 0 && settings.on_bad_row == OnBadRow::Fail {
        return Err(Error::BadRows { count: gathered.skipped, first: bad });
    }
    gathered.skipped_rows = bad.iter().map(ToString::to_string).collect();
    for (dimension, pool) in pools.into_iter().filter(|(_, pool)| !pool.labels.is_empty()) {
        gathered.dimensions.push(pool.labels(dimension, settings)?);
    }
    match gathered.dimensions.is_empty() {
        true => Err(Error::NoLabels { rows: gathered.rows }),
        false => Ok(gathered),
    }
}

/// The labels of one dimension, as they come.
#[derive(Debug, Default)]
struct Pool {
    items: Names,
    annotators: Names,
    /// Distinct labels and gold labels, as texts.
    classes: Names,
    /// What each reads as.
    numbers: Vec<Option<f64>>,
    /// By item and annotator; the last word counts.
    labels: HashMap<(u32, u32), u32>,
    /// The first gold label of each item, and where it stands.
    gold: HashMap<u32, (u32, String, u64)>,
    model: HashMap<u32, Vec<(String, f64)>>,
}

/// Names, numbered in the order in which they come.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: String) -> u32 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }
}

impl Pool {
    /// Takes in a row; true if it replaces an earlier one.
    fn take(&mut self, file: &str, line: u64, row: AnnotatorRow) -> Result<bool, Error> {
        // An item that nobody labelled is none, whatever its gold label.
        let Some(label) = row.label else { return Ok(false) };
        let item = self.items.number(row.item);
        let annotator = self.annotators.number(row.annotator);
        if !row.probabilities.is_empty() {
            self.model.entry(item).or_insert(row.probabilities);
        }
        if let Some(gold) = row.gold {
            let class = self.class(gold);
            let (known, first_file, first_line) =
                self.gold.entry(item).or_insert_with(|| (class, file.into(), line));
            if *known != class {
                let (item, classes) = (&self.items.names[item as usize], &self.classes.names);
                return Err(Error::TwoGolds {
                    place: format!("{file}:{line}"),
                    item: item.clone(),
                    gold: classes[class as usize].clone(),
                    other_place: format!("{first_file}:{first_line}"),
                    other: classes[*known as usize].clone(),
                });
            }
        }
        let class = self.class(label);
        Ok(self.labels.insert((item, annotator), class).is_some())
    }

    fn class(&mut self, category: Category) -> u32 {
        // The same number may be written in two ways.
        let text = category.number.map_or(category.text, |number| number.to_string());
        let class = self.classes.number(text);
        if class as usize == self.numbers.len() {
            self.numbers.push(category.number);
        } else if category.number.is_none() {
            self.numbers[class as usize] = None;
        }
        class
    }

    fn labels(self, dimension: Option<String>, settings: &AnnotatorsSettings) -> Result<Labels, Error> {
        let Ordered { places, classes, values, are_ordered } =
            Ordered::new(&self.classes.names, &self.numbers, settings)?;
        let by_name = sorted_places(&self.annotators.names);
        let extent = Extent {
            items: self.items.names.len(),
            annotators: self.annotators.names.len(),
            classes: classes.len(),
        };
        let vote = |((item, annotator), class): (&(u32, u32), &u32)| Vote {
            item: *item,
            annotator: by_name[*annotator as usize],
            class: places[*class as usize],
        };
        let votes = Votes::new(extent, self.labels.iter().map(vote).collect())?;
        let gold = (0..extent.items as u32)
            .map(|item| self.gold.get(&item).map(|(class, ..)| places[*class as usize]))
            .collect();
        let model = self.model(&places, extent);
        let mut annotators = self.annotators.names;
        annotators.sort_unstable();
        let items = self.items.names;
        Ok(Labels { dimension, items, annotators, classes, values, are_ordered, votes, gold, model })
    }

    /// Returns the model's probabilities, which sum to 1 for each item; nothing unless every item has some.
    fn model(&self, places: &[u32], extent: Extent) -> Vec<f64> {
        let mut model = vec![0.0; extent.items * extent.classes];
        for (item, of_item) in (0u32..).zip(model.chunks_exact_mut(extent.classes)) {
            let Some(given) = self.model.get(&item) else { return vec![] };
            for (label, probability) in given {
                if let Some(class) = self.classes.numbers.get(label) {
                    of_item[places[*class as usize] as usize] = *probability;
                }
            }
            let sum: f64 = of_item.iter().sum();
            if sum <= 0.0 {
                return vec![];
            }
            of_item.iter_mut().for_each(|probability| *probability /= sum);
        }
        model
    }
}

/// The classes in their order.
struct Ordered {
    /// Where each class stands.
    places: Vec<u32>,
    classes: Vec<LabelValue>,
    values: Option<Vec<f64>>,
    are_ordered: bool,
}

impl Ordered {
    fn new(texts: &[String], numbers: &[Option<f64>], settings: &AnnotatorsSettings) -> Result<Self, Error> {
        if let Some(order) = &settings.order {
            return Self::given(texts, order);
        }
        let needs_numbers = settings.levels.iter().flatten().any(|level| level.needs_order());
        let numbers: Option<Vec<f64>> = match numbers.iter().copied().collect() {
            Some(numbers) => Some(numbers),
            None if needs_numbers => Some(read_numbers(texts)?),
            None => None,
        };
        let mut order: Vec<u32> = (0..texts.len() as u32).collect();
        match &numbers {
            Some(numbers) => order.sort_by(|a, b| numbers[*a as usize].total_cmp(&numbers[*b as usize])),
            None => order.sort_by(|a, b| texts[*a as usize].cmp(&texts[*b as usize])),
        }
        let mut places = vec![0; texts.len()];
        (0u32..).zip(&order).for_each(|(place, class)| places[*class as usize] = place);
        let values: Option<Vec<f64>> =
            numbers.map(|numbers| order.iter().map(|class| numbers[*class as usize]).collect());
        let classes = match &values {
            Some(values) => values.iter().copied().map(LabelValue::Number).collect(),
            None => order.iter().map(|class| LabelValue::Text(texts[*class as usize].clone())).collect(),
        };
        Ok(Self { places, classes, are_ordered: values.is_some(), values })
    }

    /// Orders the labels as the user says: places from 1 on.
    fn given(texts: &[String], order: &[String]) -> Result<Self, Error> {
        let place = |text: &String| {
            let place = order.iter().position(|label| label == text);
            let unknown = || Error::LabelOutOfOrder { label: text.clone(), order: order.to_vec() };
            place.map(|place| place as u32).ok_or_else(unknown)
        };
        let places = texts.iter().map(place).collect::<Result<_, _>>()?;
        let classes = order.iter().cloned().map(LabelValue::Text).collect();
        let values = (1..=order.len()).map(|place| place as f64).collect();
        Ok(Self { places, classes, values: Some(values), are_ordered: true })
    }
}

fn read_numbers(texts: &[String]) -> Result<Vec<f64>, Error> {
    let number = |text: &String| {
        let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| Error::LabelWithoutOrder { label: text.clone() })
    };
    texts.iter().map(number).collect()
}

/// Returns where each of `names` stands when they are sorted.
fn sorted_places(names: &[String]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_unstable_by(|a, b| names[*a].cmp(&names[*b]));
    let mut places = vec![0; names.len()];
    (0u32..).zip(order).for_each(|(place, name)| places[name] = place);
    places
}
