//! Who gave which item which label, as numbers: what agreement and consensus are computed from.
//!
//! Items, annotators and labels are counted from 0 by the caller, who keeps their names. A label as a number is a
//! *class*; where labels have an order, classes are numbered in it. Votes lie sorted by item, then by annotator, in one
//! run of memory, so that sums over them are fast and do not depend on the order of the input.

use std::ops::Range;

/// One label: an annotator's class of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// The item.
    pub item: u32,
    /// Who labelled it.
    pub annotator: u32,
    /// The label.
    pub class: u32,
}

/// How many items, annotators and classes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Items, numbered from 0.
    pub items: usize,
    /// Annotators, numbered from 0.
    pub annotators: usize,
    /// Classes, numbered from 0.
    pub classes: usize,
}

/// Votes, of which every item and every annotator has at least one.
#[derive(Debug, Clone)]
pub struct Votes {
    extent: Extent,
    votes: Vec<Vote>,
    /// Where the votes of each item start, and the end of the last.
    starts: Vec<usize>,
}

/// Why votes cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VotesError {
    /// Nothing to compute from.
    #[error("there is no label")]
    Empty,
    /// A number that the extent does not have.
    #[error("vote {at} names an item, annotator or class beyond the {extent:?}")]
    Beyond {
        /// The place of the vote, from 0.
        at: usize,
        /// What there is.
        extent: Extent,
    },
    /// The same annotator twice on one item: the caller decides which word counts.
    #[error("annotator {annotator} labels item {item} twice")]
    Twice {
        /// The item.
        item: u32,
        /// The annotator.
        annotator: u32,
    },
    /// An item that nobody labelled.
    #[error("item {item} has no label")]
    Unlabelled {
        /// The item.
        item: usize,
    },
    /// An annotator who labelled nothing.
    #[error("annotator {annotator} labels nothing")]
    Idle {
        /// The annotator.
        annotator: usize,
    },
}

impl Votes {
    /// Sorts the votes; an error unless each is within `extent`, every item and every annotator has one, and nobody
    /// labels an item twice.
    pub fn new(extent: Extent, mut votes: Vec<Vote>) -> Result<Self, VotesError> {
        let beyond = |vote: &Vote| {
            vote.item as usize >= extent.items
                || vote.annotator as usize >= extent.annotators
                || vote.class as usize >= extent.classes
        };
        if let Some(at) = votes.iter().position(beyond) {
            return Err(VotesError::Beyond { at, extent });
        }
        if votes.is_empty() {
            return Err(VotesError::Empty);
        }
        votes.sort_unstable_by_key(|vote| (vote.item, vote.annotator));
        if let Some(two) = votes.windows(2).find(|two| is_same_place(two[0], two[1])) {
            return Err(VotesError::Twice { item: two[0].item, annotator: two[0].annotator });
        }
        let starts = starts(extent.items, &votes);
        if let Some(item) = (0..extent.items).find(|item| starts[*item] == starts[item + 1]) {
            return Err(VotesError::Unlabelled { item });
        }
        let new = Self { extent, votes, starts };
        match new.counts().iter().position(|count| *count == 0) {
            Some(annotator) => Err(VotesError::Idle { annotator }),
            None => Ok(new),
        }
    }

    /// Returns how many items, annotators and classes there are.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Returns all votes, sorted by item and annotator.
    pub fn all(&self) -> &[Vote] {
        &self.votes
    }

    /// Returns the votes on `item`, sorted by annotator.
    pub fn of(&self, item: usize) -> &[Vote] {
        &self.votes[self.span(item)]
    }

    /// Returns the places of the votes on `item` among all votes.
    pub fn span(&self, item: usize) -> Range<usize> {
        self.starts[item]..self.starts[item + 1]
    }

    /// Returns how many votes each annotator has.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.extent.annotators];
        for vote in &self.votes {
            counts[vote.annotator as usize] += 1;
        }
        counts
    }

    /// Returns the votes of each annotator, sorted by item.
    pub fn by_annotator(&self) -> Vec<Vec<Vote>> {
        let mut votes: Vec<Vec<Vote>> = self.counts().into_iter().map(Vec::with_capacity).collect();
        for vote in &self.votes {
            votes[vote.annotator as usize].push(*vote);
        }
        votes
    }
}

/// Returns the classes that two annotators gave to the items that both labelled; both lists are sorted by item.
pub fn common(one: &[Vote], other: &[Vote]) -> Vec<(u32, u32)> {
    let (mut pairs, mut at) = (vec![], 0);
    for vote in one {
        while other.get(at).is_some_and(|other| other.item < vote.item) {
            at += 1;
        }
        if let Some(other) = other.get(at).filter(|other| other.item == vote.item) {
            pairs.push((vote.class, other.class));
        }
    }
    pairs
}

fn is_same_place(one: Vote, other: Vote) -> bool {
    (one.item, one.annotator) == (other.item, other.annotator)
}

fn starts(items: usize, votes: &[Vote]) -> Vec<usize> {
    let mut starts = vec![0; items + 1];
    for vote in votes {
        starts[vote.item as usize + 1] += 1;
    }
    for item in 0..items {
        starts[item + 1] += starts[item];
    }
    starts
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns votes from rows of items with one class for each annotator, None where there is no label.
    pub(crate) fn table(classes: usize, rows: &[Vec<Option<u32>>]) -> Votes {
        let annotators = rows.first().map_or(0, Vec::len);
        let votes = rows.iter().enumerate().flat_map(|(item, row)| {
            let given = row.iter().enumerate().filter_map(|(annotator, class)| Some((annotator, (*class)?)));
            given.map(move |(annotator, class)| Vote {
                item: item as u32,
                annotator: annotator as u32,
                class,
            })
        });
        Votes::new(Extent { items: rows.len(), annotators, classes }, votes.collect()).unwrap()
    }

    fn check(votes: &[(u32, u32, u32)]) -> Result<Votes, VotesError> {
        let vote = |(item, annotator, class): &(u32, u32, u32)| Vote {
            item: *item,
            annotator: *annotator,
            class: *class,
        };
        Votes::new(Extent { items: 2, annotators: 2, classes: 2 }, votes.iter().map(vote).collect())
    }

    #[test]
    fn what_would_count_nothing_or_twice_is_refused() {
        assert_eq!(check(&[]).unwrap_err(), VotesError::Empty);
        let beyond = check(&[(0, 0, 0), (1, 1, 2)]).unwrap_err();
        assert!(matches!(beyond, VotesError::Beyond { at: 1, .. }), "{beyond}");
        let twice = check(&[(0, 0, 0), (1, 1, 0), (0, 0, 1)]).unwrap_err();
        assert_eq!(twice, VotesError::Twice { item: 0, annotator: 0 });
        assert_eq!(check(&[(1, 0, 0), (1, 1, 0)]).unwrap_err(), VotesError::Unlabelled { item: 0 });
        assert_eq!(check(&[(0, 0, 0), (1, 0, 0)]).unwrap_err(), VotesError::Idle { annotator: 1 });
    }

    #[test]
    fn the_order_of_the_input_is_forgotten() {
        let votes = check(&[(1, 1, 1), (0, 1, 0), (1, 0, 1)]).unwrap();
        assert_eq!((votes.of(0).len(), votes.span(1)), (1, 1..3));
        assert_eq!(votes.counts(), [1, 2]);
        let by_annotator = votes.by_annotator();
        assert_eq!(common(&by_annotator[0], &by_annotator[1]), [(1, 1)]);
        assert_eq!(common(&by_annotator[0], &[]), []);
    }
}
