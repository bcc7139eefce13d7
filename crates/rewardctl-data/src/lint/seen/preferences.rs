//! What the preferences of a dataset say of one another: D10, D11, D12.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::lint::check::dataset::{D10, D11, D12};
use crate::lint::finding::{Findings, Place};

/// Fewer repeated comparisons say nothing of the noise.
const MIN_COMPARISONS: u64 = 30;
/// More noise than this is worth a warning.
const MAX_NOISE: f64 = 0.10;

/// One answer was preferred to another.
#[derive(Debug, Clone)]
pub(crate) struct Preference {
    pub prompt: u64,
    pub won: u64,
    pub lost: u64,
    pub place: Place,
}

/// All preferences, and what they came to.
#[derive(Debug, Default)]
pub(crate) struct Preferences {
    all: Vec<Preference>,
    repeated: u64,
    opposite: u64,
}

/// What comparisons of the same two answers say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Repeated {
    /// Pairs of rows that compare the same two answers to a prompt.
    pub comparisons: u64,
    /// How many of them disagree.
    pub opposite: u64,
    /// The share of wrong labels that makes them disagree so often, in 0..=0.5: two labels that are each wrong with
    /// probability e, whatever the other is, disagree with probability 2e(1 − e). Copied rows count as agreement.
    pub noise: f64,
}

impl Preferences {
    /// Takes in a preference.
    pub(crate) fn add(&mut self, preference: Preference) {
        if preference.won != preference.lost {
            self.all.push(preference);
        }
    }

    /// Says what contradicts what.
    pub(crate) fn report(&mut self, files: &[String], findings: &mut Findings) {
        self.all.sort_by(|a, b| (a.prompt, &a.place).cmp(&(b.prompt, &b.place)));
        let all = std::mem::take(&mut self.all);
        for group in all.chunk_by(|a, b| a.prompt == b.prompt).filter(|group| group.len() > 1) {
            let kept = self.without_opposites(group, files, findings);
            if let Some(last) = circle(&kept) {
                stand(&last.place, files, findings);
                findings.add(&D10, None, "closes a circle of preferences");
            }
        }
        self.noise(findings);
    }

    /// Returns what repeated comparisons say; None where nothing was compared twice.
    pub(crate) fn repeated(&self) -> Option<Repeated> {
        let share = self.opposite as f64 / self.repeated as f64;
        let noise = (1.0 - (1.0 - 2.0 * share).max(0.0).sqrt()) / 2.0;
        (self.repeated > 0).then_some(Repeated { comparisons: self.repeated, opposite: self.opposite, noise })
    }

    /// Counts the repeated comparisons of a prompt, and returns the preferences that none contradicts.
    fn without_opposites<'a>(
        &mut self,
        group: &'a [Preference],
        files: &[String],
        findings: &mut Findings,
    ) -> Vec<&'a Preference> {
        let mut by_answers: BTreeMap<(u64, u64), [Vec<&Preference>; 2]> = BTreeMap::new();
        for preference in group {
            let (won, lost) = (preference.won, preference.lost);
            let sides = by_answers.entry((won.min(lost), won.max(lost))).or_default();
            sides[usize::from(won > lost)].push(preference);
        }
        let mut kept = vec![];
        for [low, high] in by_answers.into_values() {
            let (a, b) = (low.len() as u64, high.len() as u64);
            self.repeated += (a + b) * (a + b - 1) / 2;
            self.opposite += a * b;
            match (low.first(), high.first()) {
                (Some(low), Some(high)) => {
                    let (first, second) = if low.place < high.place { (low, high) } else { (high, low) };
                    stand(&second.place, files, findings);
                    let place = first.place.name(&second.place, files);
                    findings.add(&D11, None, format!("prefers what {place} rejects"));
                }
                (one, other) => kept.extend(one.or(other)),
            }
        }
        kept
    }

    fn noise(&self, findings: &mut Findings) {
        let Some(repeated) = self.repeated().filter(|repeated| repeated.comparisons >= MIN_COMPARISONS)
        else {
            return;
        };
        if repeated.noise > MAX_NOISE {
            findings.stand(None, None);
            let Repeated { comparisons, opposite, noise } = repeated;
            let message = format!(
                "{opposite} of {comparisons} repeated comparisons disagree: about {:.0} % of the labels are wrong",
                noise * 100.0
            );
            findings.add(&D12, None, message);
        }
    }
}

/// Returns the last preference that is part of a circle, if there is one.
fn circle<'a>(preferences: &[&'a Preference]) -> Option<&'a Preference> {
    let forward: Vec<(u64, u64)> = preferences.iter().map(|p| (p.won, p.lost)).collect();
    let after = unordered(&forward);
    let backward: Vec<(u64, u64)> = forward
        .iter()
        .filter(|(won, lost)| after.contains(won) && after.contains(lost))
        .map(|(w, l)| (*l, *w))
        .collect();
    let within = unordered(&backward);
    let last = preferences.iter().filter(|p| within.contains(&p.won) && within.contains(&p.lost));
    last.max_by_key(|p| &p.place).copied()
}

/// Returns the answers that no order of the edges gets to: those in circles, and those after them.
///
/// A. B. Kahn, *Topological sorting of large networks*, Communications of the ACM 5 (1962).
fn unordered(edges: &[(u64, u64)]) -> BTreeSet<u64> {
    let mut before: BTreeMap<u64, usize> = BTreeMap::new();
    let mut next: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (from, to) in edges {
        before.entry(*from).or_default();
        *before.entry(*to).or_default() += 1;
        next.entry(*from).or_default().push(*to);
    }
    let mut free: Vec<u64> =
        before.iter().filter(|(_, count)| **count == 0).map(|(answer, _)| *answer).collect();
    while let Some(answer) = free.pop() {
        before.remove(&answer);
        for to in next.get(&answer).into_iter().flatten() {
            if let Some(count) = before.get_mut(to) {
                *count -= 1;
                if *count == 0 {
                    free.push(*to);
                }
            }
        }
    }
    before.into_keys().collect()
}

fn stand(place: &Place, files: &[String], findings: &mut Findings) {
    findings.stand(files.get(place.file as usize).map(String::as_str), Some(place.line));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferences(edges: &[(u64, u64)]) -> (Vec<(&'static str, u64)>, Option<Repeated>) {
        let mut all = Preferences::default();
        for (line, (won, lost)) in (1..).zip(edges) {
            all.add(Preference { prompt: 7, won: *won, lost: *lost, place: Place { file: 0, line } });
        }
        let mut findings = Findings::new(Default::default(), 10);
        all.report(&["f".into()], &mut findings);
        let (groups, _) = findings.finish(&["f".into()]);
        let places = groups.iter().flat_map(|group| &group.places);
        (places.map(|place| (place.code, place.line.unwrap_or(0))).collect(), all.repeated())
    }

    #[test]
    fn circles_are_found_and_what_hangs_on_them_is_not_blamed() {
        assert_eq!(preferences(&[(1, 2), (2, 3), (1, 3)]).0, []);
        assert_eq!(preferences(&[(1, 2), (2, 3), (3, 1)]).0, [("D10", 3)]);
        assert_eq!(preferences(&[(9, 1), (1, 2), (2, 3), (3, 1), (3, 4)]).0, [("D10", 4)]);
    }

    #[test]
    fn opposites_are_no_circle() {
        let (found, repeated) = preferences(&[(1, 2), (2, 1), (1, 2)]);
        assert_eq!(found, [("D11", 2)]);
        let repeated = repeated.unwrap();
        assert_eq!((repeated.comparisons, repeated.opposite), (3, 2));
    }

    #[test]
    fn the_noise_is_what_makes_two_labels_disagree_so_often() {
        let edges: Vec<(u64, u64)> = (0..100)
            .flat_map(|n| {
                let (a, b) = (1000 + 2 * n, 1001 + 2 * n);
                [(a, b), if n < 18 { (b, a) } else { (a, b) }]
            })
            .collect();
        let (found, repeated) = preferences(&edges);
        // 2 · 0.1 · 0.9 = 0.18, which is not above the limit.
        assert!((repeated.unwrap().noise - 0.1).abs() < 1e-9);
        assert!(found.iter().all(|(code, _)| *code == "D11"));
    }
}
