//! Numbers for clusters: rows of one group share one, rows without a group have their own.

use std::collections::BTreeMap;

/// Returns the number of each row's cluster, from 0; groups are numbered in the order of their names, so that the order
/// of the rows leaves no trace.
pub(crate) fn numbered<'a>(groups: impl Iterator<Item = Option<&'a str>> + Clone) -> Vec<usize> {
    let mut numbers: BTreeMap<&str, usize> = groups.clone().flatten().map(|group| (group, 0)).collect();
    for (number, group) in numbers.values_mut().enumerate() {
        *group = number;
    }
    let mut next = numbers.len();
    let mut own = || {
        next += 1;
        next - 1
    };
    groups.map(|group| group.map_or_else(&mut own, |group| numbers[group])).collect()
}

/// Returns how many clusters there are.
pub(crate) fn count(clusters: &[usize]) -> usize {
    clusters.iter().max().map_or(0, |last| last + 1)
}
