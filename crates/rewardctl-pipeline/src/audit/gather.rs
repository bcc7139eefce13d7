//! Gathers of each response what the figures need, while the panel judges: scores, length, format, labels; no text.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use rewardctl_core::id::{ItemId, ResponseId};
use rewardctl_core::label::{Judgement, Label, comparisons, last_words};
use rewardctl_core::score::Score;
use rewardctl_core::verdict::{Bout, Outcome, Verdict};

use crate::answer::Answer;
use crate::audit::given::{Given, Rated, given};
use crate::chunk::Row;

/// In an item with more responses than this, each is paired with this many that follow it.
const PAIRED_WITH: usize = 50;

/// What one critic says of one response.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Told {
    /// Its score.
    Scored(f64),
    /// It had nothing to judge.
    Abstained,
    /// It should have judged and could not.
    Failed,
}

/// A response, as far as figures need it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its item, by place.
    pub item: usize,
    /// The natural logarithm of one more than its characters.
    pub log_length: f64,
    /// Marks of Markdown for each hundred words.
    pub markdown: f64,
    /// The model that wrote it.
    pub generator: Option<String>,
    /// Ratings.
    pub rated: Rated,
    /// In the panel's order of slots.
    pub told: Vec<Told>,
}

/// Everything that was gathered. Places are indexes: responses and items count once, however often they come.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The responses to each item, in the order of the input.
    pub items: Vec<Vec<usize>>,
    /// The responses.
    pub responses: Vec<Seen>,
    /// The preferred one of two responses to an item, the lower place first; None for a tie.
    pub preferred: BTreeMap<(usize, usize, usize), Option<usize>>,
    /// For each slot the comparisons of its critic, each once: the item, and how one side did.
    pub bouts: BTreeMap<usize, Vec<(usize, Bout)>>,
    /// Rows of which the label field could not be read.
    pub unread: u64,
    fields: Vec<String>,
    item_places: HashMap<ItemId, usize>,
    response_places: HashMap<ResponseId, usize>,
}

impl Gathered {
    /// Starts with nothing; labels are read from the first of `fields` that a row has.
    pub fn new(fields: Vec<String>) -> Self {
        Self { fields, ..Self::default() }
    }

    /// Takes in a response that the panel judged.
    pub fn add(&mut self, answer: &Answer<'_>) {
        let (row, at) = (answer.row, answer.at);
        let item = self.item(row.id);
        if let Entry::Vacant(new) = self.response_places.entry(answer.id()) {
            let place = self.responses.len();
            new.insert(place);
            self.items[item].push(place);
            self.responses.push(seen(row, at, item, &answer.verdicts));
            self.add_bouts(item, answer.id(), &answer.verdicts);
        }
        if at + 1 == row.responses.len() {
            self.add_given(row, item);
        }
    }

    /// Takes in what people said, in the order in which they did. Their word replaces what the file says.
    pub fn add_labels(&mut self, labels: &[Label]) {
        let labels = last_words(labels);
        let mut rated: BTreeMap<(usize, Option<&str>), Vec<f64>> = BTreeMap::new();
        for label in &labels {
            if let Judgement::Rate { response, value, scale, dimension } = &label.judgement
                && let Some(place) = self.response_places.get(response)
            {
                let score = scale.normalise(*value).ok().map(Score::get);
                rated.entry((*place, dimension.as_deref())).or_default().extend(score);
            }
        }
        if !rated.is_empty() {
            // Two scales in one ranking would be nonsense.
            self.responses.iter_mut().for_each(|seen| seen.rated = Rated::default());
        }
        for ((place, dimension), scores) in rated {
            let mean = scores.iter().sum::<f64>() / scores.len() as f64;
            self.rate(place, dimension, mean);
        }
        for ((one, other), outcome) in comparisons(&labels) {
            let places = (self.response_places.get(&one), self.response_places.get(&other));
            let (Some(one), Some(other)) = places else { continue };
            let preferred = outcome.preferred.and_then(|id| self.response_places.get(&id).copied());
            self.preferred.insert(self.pair(*one, *other), preferred);
        }
    }

    /// Lets ratings decide the pairs that nobody compared. To be called once, after all labels.
    pub fn prefer_by_ratings(&mut self) {
        for (one, other) in self.pairs() {
            let rating = |at: usize| self.responses[at].rated.overall;
            let (Some(first), Some(second)) = (rating(one), rating(other)) else { continue };
            if first != second {
                let better = if first > second { one } else { other };
                self.preferred.entry(self.pair(one, other)).or_insert(Some(better));
            }
        }
    }

    /// Returns the pairs of responses to one item.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        let of_item = |responses: &Vec<usize>| {
            let mut pairs = vec![];
            for (n, one) in responses.iter().enumerate() {
                pairs.extend(responses[n + 1..].iter().take(PAIRED_WITH).map(|other| (*one, *other)));
            }
            pairs
        };
        self.items.iter().flat_map(of_item).collect()
    }

    /// Returns the score of the critic at `slot` on a response.
    pub fn score(&self, slot: usize, response: usize) -> Option<f64> {
        match self.responses[response].told[slot] {
            Told::Scored(score) => Some(score),
            Told::Abstained | Told::Failed => None,
        }
    }

    fn item(&mut self, id: ItemId) -> usize {
        let new = self.items.len();
        let place = *self.item_places.entry(id).or_insert(new);
        if place == new {
            self.items.push(vec![]);
        }
        place
    }

    fn pair(&self, one: usize, other: usize) -> (usize, usize, usize) {
        (self.responses[one].item, one.min(other), one.max(other))
    }

    fn rate(&mut self, place: usize, dimension: Option<&str>, rating: f64) {
        let rated = &mut self.responses[place].rated;
        match dimension {
            None => rated.overall = Some(rating),
            Some(name) => {
                rated.dimensions.insert(name.into(), rating);
            }
        }
    }

    /// Both sides of a comparison tell of it: the one with the smaller id counts.
    fn add_bouts(&mut self, item: usize, id: ResponseId, verdicts: &[Verdict]) {
        for (slot, verdict) in verdicts.iter().enumerate() {
            let bouts = verdict.evidence.iter().flat_map(|evidence| &evidence.bouts);
            let own: Vec<(usize, Bout)> =
                bouts.filter(|bout| id < bout.against).map(|bout| (item, *bout)).collect();
            if !own.is_empty() {
                self.bouts.entry(slot).or_default().extend(own);
            }
        }
    }

    fn add_given(&mut self, row: &Row, item: usize) {
        let places: Vec<usize> = row.responses.iter().map(|id| self.response_places[id]).collect();
        let called = |role: &str| {
            let of_role = row.item.responses.iter().zip(&places);
            let of_role = of_role.filter(move |(response, _)| response.role.as_deref() == Some(role));
            of_role.map(|(_, place)| *place).collect::<Vec<_>>()
        };
        for chosen in called("chosen") {
            for rejected in called("rejected") {
                self.prefer(item, chosen, rejected, Some(chosen));
            }
        }
        match given(&row.item, &self.fields) {
            None => {}
            Some(Given::Unread) => self.unread += 1,
            Some(Given::Ratings(ratings)) => {
                for (place, rated) in places.iter().zip(ratings) {
                    self.responses[*place].rated = rated;
                }
            }
            Some(Given::Winner(winner)) => {
                let winner = winner.map(|at| places[at]);
                for (n, one) in places.iter().enumerate() {
                    for other in &places[n + 1..] {
                        if winner.is_none_or(|winner| winner == *one || winner == *other) {
                            self.prefer(item, *one, *other, winner);
                        }
                    }
                }
            }
        }
    }

    fn prefer(&mut self, item: usize, one: usize, other: usize, preferred: Option<usize>) {
        if one != other {
            self.preferred.entry((item, one.min(other), one.max(other))).or_insert(preferred);
        }
    }
}

fn seen(row: &Row, at: usize, item: usize, verdicts: &[Verdict]) -> Seen {
    let response = &row.item.responses[at];
    let told = |verdict: &Verdict| match verdict.outcome {
        Outcome::Scored { score, .. } => Told::Scored(score.get()),
        Outcome::Abstained { .. } => Told::Abstained,
        Outcome::Failed { .. } => Told::Failed,
    };
    Seen {
        item,
        log_length: (response.text.chars().count() as f64).ln_1p(),
        markdown: markdown_density(&response.text),
        generator: response.generator.clone(),
        rated: Rated::default(),
        told: verdicts.iter().map(told).collect(),
    }
}

/// Returns the marks of Markdown for each hundred words: headers, list items, table rows, fences and bold stretches.
fn markdown_density(text: &str) -> f64 {
    let words = text.split_whitespace().count();
    let lines = text.lines().filter(|line| is_marked(line.trim_start())).count();
    let bold = text.matches("**").count() / 2;
    100.0 * (lines + bold) as f64 / words.max(1) as f64
}

fn is_marked(line: &str) -> bool {
    let after_digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered =
        after_digits.len() < line.len() && (after_digits.starts_with(". ") || after_digits.starts_with(") "));
    let header = line.trim_start_matches('#');
    let is_header = header.len() < line.len() && header.starts_with(' ');
    is_numbered
        || is_header
        || ["- ", "* ", "+ ", "• ", "```", "| "].iter().any(|mark| line.starts_with(mark))
}

#[cfg(test)]
mod tests;
