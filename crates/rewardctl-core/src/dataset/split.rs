//! Which part of a dataset a row belongs to, so that no two rows that are alike lie in different parts.
//!
//! A component (rows of near-duplicate prompts) goes to one part as a whole. The part hashes the component's smallest
//! content id, so that rows that are added later leave the others where they are, unless they join two components.

use std::collections::BTreeMap;

use crate::dataset::Split;
use crate::id::ContentId;
use crate::random::unit;

/// The shares of rows that are kept for validation and for testing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    validation: f64,
    test: f64,
}

/// Shares that leave nothing to train on, or are no shares.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "shares of {validation} for validation and {test} for testing leave nothing to train on, or are no shares"
)]
pub struct SharesError {
    validation: f64,
    test: f64,
}

impl Shares {
    /// Checks that both lie in 0..1 and that they leave rows to train on.
    pub fn new(validation: f64, test: f64) -> Result<Self, SharesError> {
        let is_share = |share: f64| (0.0..1.0).contains(&share);
        if is_share(validation) && is_share(test) && validation + test < 1.0 {
            Ok(Self { validation, test })
        } else {
            Err(SharesError { validation, test })
        }
    }

    /// Returns the share of rows that goes to `split`, in 0..=1.
    pub fn of(self, split: Split) -> f64 {
        match split {
            Split::Train => 1.0 - self.validation - self.test,
            Split::Validation => self.validation,
            Split::Test => self.test,
        }
    }
}

/// The most of a part kept for measuring that one component may fill: a larger one would decide the figures alone.
const MAX_FILL: f64 = 0.5;

/// Returns the part of each row. Row `i` is of the component `components[i]`, its content is `ids[i]`; both are as long.
///
/// Shares are met on average over components; a component larger than half of a part is trained on instead.
pub fn assign(components: &[usize], ids: &[ContentId], shares: Shares, seed: u64) -> Vec<Split> {
    let mut known: BTreeMap<usize, (ContentId, usize)> = BTreeMap::new();
    for (component, id) in components.iter().zip(ids) {
        let (smallest, rows) = known.entry(*component).or_insert((*id, 0));
        *smallest = (*smallest).min(*id);
        *rows += 1;
    }
    let total = components.len() as f64;
    let part = |(smallest, rows): (ContentId, usize)| {
        let split = draw(smallest, shares, seed);
        let room = (MAX_FILL * shares.of(split) * total).max(1.0);
        if rows as f64 <= room { split } else { Split::Train }
    };
    let parts: BTreeMap<usize, Split> = known.into_iter().map(|(name, found)| (name, part(found))).collect();
    components.iter().map(|component| parts[component]).collect()
}

/// Draws the part: testing from below, validation from above, so that changing one share moves no row of the other.
fn draw(id: ContentId, shares: Shares, seed: u64) -> Split {
    let drawn = unit(seed, "split", id);
    if drawn < shares.test {
        Split::Test
    } else if drawn >= 1.0 - shares.validation {
        Split::Validation
    } else {
        Split::Train
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: usize) -> ContentId {
        ContentId::of("t", [n.to_le_bytes().as_slice()])
    }

    fn count(splits: &[Split], split: Split) -> f64 {
        splits.iter().filter(|s| **s == split).count() as f64
    }

    #[test]
    fn shares_are_nearly_met() {
        let components: Vec<usize> = (0..20_000).map(|n| n / 2).collect();
        let ids: Vec<ContentId> = (0..20_000).map(id).collect();
        let splits = assign(&components, &ids, Shares::new(0.05, 0.1).unwrap(), 3);
        // Half as many draws as rows: a standard error of 0.3 % of the rows for a share of 10 %.
        assert!((count(&splits, Split::Test) / 2e4 - 0.1).abs() < 0.012);
        assert!((count(&splits, Split::Validation) / 2e4 - 0.05).abs() < 0.01);
    }

    proptest! {
        #[test]
        fn no_component_is_cut(components in prop::collection::vec(0..20usize, 1..200), seed: u64) {
            let ids: Vec<ContentId> = (0..components.len()).map(id).collect();
            let splits = assign(&components, &ids, Shares::new(0.2, 0.3).unwrap(), seed);
            for (one, split) in components.iter().zip(&splits) {
                for (other, other_split) in components.iter().zip(&splits) {
                    prop_assert!(one != other || split == other_split);
                }
            }
        }

        #[test]
        fn order_names_and_new_rows_change_nothing(seed: u64, more in 1..100usize) {
            let shares = Shares::new(0.1, 0.2).unwrap();
            let ids: Vec<ContentId> = (0..300 + more).map(id).collect();
            let alone: Vec<usize> = (0..300 + more).collect();
            let before = assign(&alone[..300], &ids[..300], shares, seed);
            prop_assert_eq!(&assign(&alone, &ids, shares, seed)[..300], &before[..]);
            let renamed: Vec<usize> = alone[..300].iter().map(|name| 1000 - name).collect();
            prop_assert_eq!(assign(&renamed, &ids[..300], shares, seed), before);
        }
    }

    #[test]
    fn a_component_that_would_fill_a_part_is_trained_on() {
        let ids: Vec<ContentId> = (0..100).map(id).collect();
        let shares = Shares::new(0.3, 0.3).unwrap();
        for seed in 0..20 {
            let splits = assign(&[7; 100], &ids, shares, seed);
            assert_eq!(count(&splits, Split::Train), 100.0);
        }
    }

    #[test]
    fn shares_must_leave_something() {
        assert!(Shares::new(0.5, 0.5).is_err() && Shares::new(-0.1, 0.1).is_err());
        assert!(Shares::new(f64::NAN, 0.1).is_err());
        assert_eq!(Shares::new(0.0, 0.0).unwrap().of(Split::Train), 1.0);
    }
}
