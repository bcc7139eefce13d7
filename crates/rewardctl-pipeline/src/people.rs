//! How far people agree, with each other, with known answers and with themselves, and how fast they are.

use std::collections::{BTreeMap, BTreeSet};

use rewardctl_core::agreement::krippendorff::{Krippendorff, Level};
use rewardctl_core::agreement::observed::observed;
use rewardctl_core::id::ContentId;
use rewardctl_core::label::{Judgement, Label, Winner, last_words};
use rewardctl_core::proportion::Proportion;
use rewardctl_core::review::decision::Answer;
use rewardctl_core::votes::{Extent, Vote, Votes};
use rewardctl_store::open::Store;
use rewardctl_store::people::figures::DecisionRow;
use serde::Serialize;

use crate::error::Error;

/// What people's work came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeopleReport {
    /// Agreement, by kind and dimension of the labels in force, imported ones among them.
    pub agreement: Vec<AgreementRow>,
    /// Everybody who gave a label or decided a task, by name.
    pub reviewers: Vec<ReviewerRow>,
}

/// How far people agree on one kind of label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgreementRow {
    /// `rate` or `compare`.
    pub kind: &'static str,
    /// The dimension; None for the response as a whole.
    pub dimension: Option<String>,
    /// Labels.
    pub labels: usize,
    /// What two or more people labelled.
    pub shared: usize,
    /// The share of equal labels; None where nobody labelled the same.
    pub observed: Option<f64>,
    /// Krippendorff's alpha: interval for ratings, nominal for comparisons.
    pub alpha: Option<f64>,
    /// Its 95 % interval, by a bootstrap over what is shared.
    pub alpha_interval: Option<(f64, f64)>,
    /// Why there is no alpha.
    pub undefined: Option<String>,
}

/// One person's work.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ReviewerRow {
    /// The name.
    pub name: String,
    /// Labels in force.
    pub labels: usize,
    /// Decisions that stand, skips among them.
    pub decided: usize,
    /// Skips.
    pub skipped: usize,
    /// Decisions an hour, of the time at work: pauses of five minutes and more do not count.
    pub per_hour: Option<f64>,
    /// The median time of a decision, in milliseconds.
    pub median_ms: Option<u32>,
    /// Decisions that took less than two seconds.
    pub hasty: Share,
    /// Labels equal to what most others said of the same.
    pub with_others: Share,
    /// Gold tasks answered as known.
    pub gold: Share,
    /// Comparisons answered alike when asked again the other way round.
    pub with_self: Share,
    /// The left of two preferred, where one was; beyond chance either way it is a habit.
    pub left: Share,
}

/// A proportion with its 95 % interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Share {
    /// How many have it.
    pub hits: u64,
    /// Of how many.
    pub count: u64,
    /// The share; None of nothing.
    pub share: Option<f64>,
    /// Its interval (Wilson).
    pub interval: Option<(f64, f64)>,
}

/// Decisions faster than this are counted as hasty.
const HASTY_MS: u32 = 2000;

/// A longer pause is no time at work.
const PAUSE_MS: i64 = 300_000;

/// What was judged: kind, dimension, and the responses.
type Unit = (&'static str, Option<String>, Vec<ContentId>);

/// A label as a number.
struct Word {
    unit: Unit,
    annotator: String,
    value: f64,
}

/// Measures the work of people on this store; `seed` is that of the bootstrap.
pub async fn people(store: &Store, seed: u64) -> Result<PeopleReport, Error> {
    let labels = store.labels().await?;
    let words: Vec<Word> = last_words(&labels).into_iter().filter_map(word).collect();
    let decisions = store.decisions().await?;
    Ok(PeopleReport { agreement: agreement(&words, seed), reviewers: reviewers(&labels, &words, &decisions) })
}

impl From<Proportion> for Share {
    fn from(of: Proportion) -> Self {
        Self { hits: of.hits, count: of.count, share: of.share(), interval: of.interval() }
    }
}

fn word(label: &Label) -> Option<Word> {
    let (unit, value) = match &label.judgement {
        Judgement::Rate { response, value, scale, dimension } => {
            (("rate", dimension.clone(), vec![*response]), scale.normalise(*value).ok()?.get())
        }
        Judgement::Compare { a, b, winner, .. } => {
            let value = match winner {
                Winner::Tie => 0.5,
                Winner::A => f64::from(u8::from(a < b)),
                Winner::B => f64::from(u8::from(b < a)),
            };
            (("compare", None, vec![*a.min(b), *a.max(b)]), value)
        }
        Judgement::Correct { .. } => return None,
    };
    Some(Word { unit, annotator: label.annotator.clone(), value })
}

fn agreement(words: &[Word], seed: u64) -> Vec<AgreementRow> {
    let mut groups: BTreeMap<(&'static str, &Option<String>), Vec<&Word>> = BTreeMap::new();
    for word in words {
        groups.entry((word.unit.0, &word.unit.1)).or_default().push(word);
    }
    groups.into_iter().map(|((kind, dimension), words)| row(kind, dimension, &words, seed)).collect()
}

fn row(kind: &'static str, dimension: &Option<String>, words: &[&Word], seed: u64) -> AgreementRow {
    let mut values: Vec<f64> = words.iter().map(|word| word.value).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let votes = votes(words, &values);
    let shared = (0..votes.extent().items).filter(|item| votes.of(*item).len() > 1).count();
    let level = if kind == "rate" { Level::Interval(&values) } else { Level::Nominal };
    let found = Krippendorff::new(&votes, level).and_then(|k| Ok((k.alpha()?, k.interval(seed))));
    AgreementRow {
        kind,
        dimension: dimension.clone(),
        labels: words.len(),
        shared,
        observed: observed(&votes).ok(),
        alpha: found.as_ref().ok().map(|(alpha, _)| *alpha),
        alpha_interval: found.as_ref().ok().and_then(|(_, interval)| *interval),
        undefined: found.err().map(|why| why.to_string()),
    }
}

fn votes(words: &[&Word], values: &[f64]) -> Votes {
    let units: BTreeSet<&Unit> = words.iter().map(|word| &word.unit).collect();
    let names: BTreeSet<&str> = words.iter().map(|word| word.annotator.as_str()).collect();
    let places: BTreeMap<&Unit, u32> =
        units.iter().enumerate().map(|(at, unit)| (*unit, at as u32)).collect();
    let people: BTreeMap<&str, u32> = names.iter().enumerate().map(|(at, name)| (*name, at as u32)).collect();
    let class = |value: f64| values.iter().position(|known| *known == value).unwrap_or(0) as u32;
    let vote = |word: &&Word| Vote {
        item: places[&word.unit],
        annotator: people[word.annotator.as_str()],
        class: class(word.value),
    };
    let extent = Extent { items: units.len(), annotators: names.len(), classes: values.len() };
    Votes::new(extent, words.iter().map(vote).collect())
        .expect("last words are one for each person and target, and each stands in its extent")
}

fn reviewers(labels: &[Label], words: &[Word], decisions: &[DecisionRow]) -> Vec<ReviewerRow> {
    let names: BTreeSet<&str> = labels
        .iter()
        .map(|label| label.annotator.as_str())
        .chain(decisions.iter().map(|decision| decision.reviewer.as_str()))
        .collect();
    let mut said: BTreeMap<&Unit, Vec<&Word>> = BTreeMap::new();
    words.iter().for_each(|word| said.entry(&word.unit).or_default().push(word));
    let known: BTreeMap<i64, &DecisionRow> = decisions.iter().map(|row| (row.seq, row)).collect();
    names.into_iter().map(|name| reviewer(name, labels, (words, &said), (decisions, &known))).collect()
}

fn reviewer(
    name: &str,
    labels: &[Label],
    (words, said): (&[Word], &BTreeMap<&Unit, Vec<&Word>>),
    (decisions, known): (&[DecisionRow], &BTreeMap<i64, &DecisionRow>),
) -> ReviewerRow {
    let own: Vec<&DecisionRow> = decisions.iter().filter(|row| row.reviewer == name).collect();
    let is_skip = |row: &&&DecisionRow| matches!(row.answer, Answer::Skip { .. });
    let mut times: Vec<u32> = own.iter().filter_map(|row| row.elapsed).collect();
    times.sort_unstable();
    let [mut hasty, mut gold, mut with_self, mut left, mut with_others] = [Proportion::default(); 5];
    let add = |to: &mut Proportion, hit: bool| to.add(hit);
    for row in &own {
        row.elapsed.into_iter().for_each(|elapsed| add(&mut hasty, elapsed < HASTY_MS));
        row.left.into_iter().for_each(|is_left| add(&mut left, is_left));
        row.word.zip(row.expected).into_iter().for_each(|(word, due)| add(&mut gold, word == due));
        let first = row.repeats.and_then(|first| known.get(&first)).and_then(|first| first.word);
        row.word.zip(first).into_iter().for_each(|(word, first)| add(&mut with_self, word == first));
    }
    for word in words.iter().filter(|word| word.annotator == name) {
        let others = said[&word.unit].iter().filter(|other| other.annotator != name);
        most_said(others.map(|other| other.value))
            .into_iter()
            .for_each(|most| add(&mut with_others, most == word.value));
    }
    ReviewerRow {
        name: name.into(),
        labels: labels.iter().filter(|label| label.annotator == name).count(),
        decided: own.len(),
        skipped: own.iter().filter(is_skip).count(),
        per_hour: per_hour(&own),
        median_ms: times.get(times.len() / 2).copied(),
        hasty: hasty.into(),
        with_others: with_others.into(),
        gold: gold.into(),
        with_self: with_self.into(),
        left: left.into(),
    }
}

/// Returns the value that more said than any other; None where two are said as often.
fn most_said(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut counts: Vec<(f64, usize)> = vec![];
    for value in values {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    let mut leading = counts.into_iter().filter(|(_, count)| *count == most);
    leading.next().filter(|_| leading.next().is_none()).map(|(value, _)| value)
}

fn per_hour(own: &[&DecisionRow]) -> Option<f64> {
    let gaps = own.windows(2).map(|two| two[1].at - two[0].at).filter(|gap| *gap < PAUSE_MS);
    let (count, ms) = gaps.fold((0u32, 0i64), |(count, ms), gap| (count + 1, ms + gap));
    (ms > 0).then(|| f64::from(count) * 3_600_000.0 / ms as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(annotator: &str, n: u8, value: f64) -> Word {
        let unit = ("rate", None, vec![ContentId::of("t", [[n].as_slice()])]);
        Word { unit, annotator: annotator.into(), value }
    }

    #[test]
    fn agreement_has_a_reason_where_it_has_no_value() {
        let alone = agreement(&[word("ana", 1, 0.5)], 0);
        assert_eq!((alone[0].alpha, alone[0].shared), (None, 0));
        assert_eq!(alone[0].undefined.as_deref(), Some("no item has labels of two annotators"));
        let same = agreement(&[word("ana", 1, 0.5), word("ben", 1, 0.5)], 0);
        assert_eq!(same[0].undefined.as_deref(), Some("all labels are the same"));
        let words = [word("ana", 1, 0.0), word("ben", 1, 0.0), word("ana", 2, 1.0), word("ben", 2, 1.0)];
        assert_eq!(agreement(&words, 0)[0].alpha, Some(1.0));
    }

    #[test]
    fn the_majority_is_of_the_others() {
        assert_eq!(most_said([1.0, 1.0, 0.0].into_iter()), Some(1.0));
        assert_eq!(most_said([1.0, 0.0].into_iter()), None);
        assert_eq!(most_said([].into_iter()), None);
    }
}
