//! Groups of texts with equal content. What follows works on one text of each group, in the order of the contents, so
//! that neither copies nor the order of the texts can change what is found.

use rewardctl_core::disjoint_sets::DisjointSets;

use crate::near::Pair;

/// Groups, numbered in the order of their contents.
#[derive(Debug)]
pub(crate) struct Groups {
    /// The group of each text.
    of: Vec<u32>,
    /// The first text of each group.
    firsts: Vec<u32>,
}

impl Groups {
    /// Groups texts by the hashes of their contents.
    pub(crate) fn of(contents: &[[u64; 2]]) -> Self {
        let mut order: Vec<([u64; 2], u32)> =
            contents.iter().zip(0u32..).map(|(content, text)| (*content, text)).collect();
        order.sort_unstable();
        let (mut of, mut firsts) = (vec![0; contents.len()], vec![]);
        for same in order.chunk_by(|(one, _), (other, _)| one == other) {
            same.iter().for_each(|(_, text)| of[*text as usize] = firsts.len() as u32);
            firsts.push(same[0].1);
        }
        Self { of, firsts }
    }

    pub(crate) fn count(&self) -> u32 {
        self.firsts.len() as u32
    }

    /// Returns the first text of a group.
    pub(crate) fn first(&self, group: u32) -> usize {
        self.firsts[group as usize] as usize
    }

    /// Returns the group of a text if the text is its first.
    pub(crate) fn led_by(&self, text: u32) -> Option<u32> {
        let group = self.of[text as usize];
        (self.firsts[group as usize] == text).then_some(group)
    }

    /// Returns the component of each text, named after its first text, from sets of groups.
    pub(crate) fn names(&self, sets: &mut DisjointSets) -> Vec<u32> {
        let mut first_of_set = vec![u32::MAX; self.firsts.len()];
        let name = |(group, text): (&u32, u32)| {
            let first = &mut first_of_set[sets.find(*group) as usize];
            *first = (*first).min(text);
            *first
        };
        self.of.iter().zip(0u32..).map(name).collect()
    }

    /// Returns the pairs of each text that is not the first of its group with the one that is.
    pub(crate) fn copies(&self) -> Vec<Pair> {
        let pair = |(group, second): (&u32, usize)| {
            let first = self.first(*group);
            (first != second).then_some(Pair { first, second, jaccard: 1.0 })
        };
        self.of.iter().zip(0..).filter_map(pair).collect()
    }
}
