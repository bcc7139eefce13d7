//! Disjoint sets over `0..n`, joined pair by pair: the connected components of a graph whose edges come one by one.
//!
//! Union to the smaller member with path halving (Tarjan and van Leeuwen 1984), so that the name of a set, its smallest
//! member, does not depend on the order of the edges. Links are to the smaller index, not by rank: O(log n) a step.

/// Sets that only grow together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisjointSets {
    parent: Vec<u32>,
}

impl DisjointSets {
    /// Puts each of `0..count` into a set of its own.
    pub fn new(count: u32) -> Self {
        Self { parent: (0..count).collect() }
    }

    /// Returns the smallest member of the set of `member`.
    ///
    /// # Panics
    /// If `member` is not below the count.
    pub fn find(&mut self, member: u32) -> u32 {
        let mut at = member;
        while self.parent[at as usize] != at {
            let above = self.parent[at as usize];
            self.parent[at as usize] = self.parent[above as usize];
            at = self.parent[at as usize];
        }
        at
    }

    /// Returns the same as [`DisjointSets::find`] and shortens no path: for several threads at once.
    ///
    /// # Panics
    /// If `member` is not below the count.
    pub fn name(&self, member: u32) -> u32 {
        let mut at = member;
        while self.parent[at as usize] != at {
            at = self.parent[at as usize];
        }
        at
    }

    /// Joins the sets of two members; tells whether they were apart.
    ///
    /// # Panics
    /// If one is not below the count.
    pub fn join(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.find(one), self.find(other));
        self.parent[one.max(other) as usize] = one.min(other);
        one != other
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_of_edges_does_not_matter(edges in prop::collection::vec((0..30u32, 0..30u32), 0..40)) {
            let names = |edges: &mut dyn Iterator<Item = &(u32, u32)>| {
                let mut sets = DisjointSets::new(30);
                edges.for_each(|(one, other)| { sets.join(*one, *other); });
                (0..30).map(|member| sets.find(member)).collect::<Vec<_>>()
            };
            let names_of = names(&mut edges.iter());
            prop_assert_eq!(&names_of, &names(&mut edges.iter().rev()));
            for (one, other) in &edges {
                prop_assert_eq!(names_of[*one as usize], names_of[*other as usize]);
            }
            // As many sets as a search that colours neighbours finds.
            let mut colour: Vec<usize> = (0..30).collect();
            for (one, other) in &edges {
                let (from, to) = (colour[*one as usize], colour[*other as usize]);
                colour.iter_mut().filter(|c| **c == from).for_each(|c| *c = to);
            }
            for one in 0..30 {
                for other in 0..30 {
                    prop_assert_eq!(names_of[one] == names_of[other], colour[one] == colour[other]);
                }
            }
        }
    }

    #[test]
    fn a_set_is_named_after_its_smallest_member() {
        let mut sets = DisjointSets::new(5);
        assert!(sets.join(4, 3) && sets.join(3, 1) && !sets.join(1, 4));
        assert_eq!((0..5).map(|member| sets.find(member)).collect::<Vec<_>>(), [0, 1, 2, 1, 1]);
    }
}
