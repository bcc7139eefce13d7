//! The pairs of annotator and class that occur, numbered: what a method knows of them lies in one run of memory.

use crate::votes::Votes;

/// Stands for a class that an annotator did not use yet.
const NONE: u32 = u32::MAX;

/// The rows of confusion matrices that votes need; what an annotator never says has none.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    /// The row of each vote.
    pub of_vote: Vec<u32>,
    /// The class that each row is about, annotator after annotator.
    pub class: Vec<u32>,
    /// Where the rows of each annotator start, and the end of the last.
    pub starts: Vec<usize>,
}

impl Rows {
    pub(crate) fn new(votes: &Votes) -> Self {
        let extent = votes.extent();
        let mut new = Self { of_vote: vec![0; votes.all().len()], class: vec![], starts: vec![0] };
        let mut row_of_class = vec![NONE; extent.classes];
        let order = by_annotator(votes);
        for places in order.chunk_by(|a, b| annotator(votes, *a) == annotator(votes, *b)) {
            let from = new.class.len();
            for place in places {
                let class = votes.all()[*place as usize].class;
                let row = &mut row_of_class[class as usize];
                if *row == NONE {
                    *row = new.class.len() as u32;
                    new.class.push(class);
                }
                new.of_vote[*place as usize] = *row;
            }
            new.class[from..].iter().for_each(|class| row_of_class[*class as usize] = NONE);
            new.starts.push(new.class.len());
        }
        new
    }

    /// Returns how many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.class.len()
    }
}

fn annotator(votes: &Votes, place: u32) -> u32 {
    votes.all()[place as usize].annotator
}

/// Returns the places of the votes, those of one annotator together.
fn by_annotator(votes: &Votes) -> Vec<u32> {
    let mut next: Vec<usize> = Vec::with_capacity(votes.extent().annotators);
    let mut before = 0;
    for count in votes.counts() {
        next.push(before);
        before += count;
    }
    let mut order = vec![0; votes.all().len()];
    for (place, vote) in votes.all().iter().enumerate() {
        let slot = &mut next[vote.annotator as usize];
        order[*slot] = place as u32;
        *slot += 1;
    }
    order
}
