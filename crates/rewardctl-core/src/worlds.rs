//! Simulated pairs with known truth, on which rules of asking are compared: six critics that err together, text features
//! that come in clusters of prompts, and people who are not always right.

use crate::stream::Stream;

/// How people label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct World {
    /// What people call it.
    pub name: &'static str,
    /// The standard deviation of true margins, in logits: the lower, the more labels are a matter of chance.
    pub scale: f64,
    /// The share of labels that are turned round, whatever the margin.
    pub flips: f64,
}

/// People who often disagree.
pub const NOISY: World = World { name: "noisy", scale: 1.0, flips: 0.0 };
/// People who agree on what is clear.
pub const MEDIUM: World = World { name: "medium", scale: 2.0, flips: 0.0 };
/// Clear cases, and one label in ten given by mistake.
pub const SHARP: World = World { name: "sharp, 10 % flips", scale: 4.0, flips: 0.1 };

/// All of them.
pub const WORLDS: [World; 3] = [NOISY, MEDIUM, SHARP];

/// How many critics there are; they come first among the features.
pub const CRITICS: usize = 6;
/// How many text features follow.
pub const TEXT: usize = 24;

/// Clusters of prompts, the first the largest: what is rare is rare in a random sample too.
const CLUSTERS: usize = 8;
/// The part of all critics' scores that is common to them.
const COMMON: f64 = 0.5;
/// The share of the margin's variance that only the text features explain.
const OF_TEXT: f64 = 0.3;

/// One pair of responses.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The difference of the features, critics first; all of about unit variance.
    pub difference: Vec<f64>,
    /// The cluster of the prompt.
    pub cluster: usize,
    /// The chance that a person prefers the first response, flips included.
    pub chance: f64,
}

impl Pair {
    /// Draws what one person says: whether the first response is better.
    pub fn label(&self, stream: &mut Stream) -> bool {
        stream.unit() < self.chance
    }
}

/// Draws `count` pairs of a world of its own: another seed has other critics and other clusters.
pub fn draw(world: World, count: usize, seed: u64) -> Vec<Pair> {
    let mut stream = Stream::of(seed, world.name, 0);
    // Critics are of unequal worth; the best ones carry the panel.
    let critics: Vec<f64> = (0..CRITICS).map(|_| (0.8 * stream.normal()).exp()).collect();
    let text: Vec<f64> = (0..TEXT).map(|_| stream.normal()).collect();
    let centres: Vec<Vec<f64>> =
        (0..CLUSTERS).map(|_| (0..TEXT).map(|_| stream.normal()).collect()).collect();
    let rows: Vec<(usize, Vec<f64>)> = (0..count).map(|_| row(&centres, &mut stream)).collect();
    let part = |weights: &[f64], start: usize| -> Vec<f64> {
        let sums = rows.iter().map(|(_, row)| row[start..].iter().zip(weights).map(|(x, w)| x * w).sum());
        unit_deviation(sums.collect())
    };
    let (from_critics, from_text) = (part(&critics, 0), part(&text, CRITICS));
    let margins = from_critics.iter().zip(&from_text);
    let margins = margins.map(|(c, t)| world.scale * ((1.0 - OF_TEXT).sqrt() * c + OF_TEXT.sqrt() * t));
    let chance = |margin: f64| world.flips + (1.0 - 2.0 * world.flips) / (1.0 + (-margin).exp());
    let pairs = rows.iter().zip(margins);
    pairs
        .map(|((cluster, row), margin)| Pair {
            difference: row.clone(),
            cluster: *cluster,
            chance: chance(margin),
        })
        .collect()
}

fn row(centres: &[Vec<f64>], stream: &mut Stream) -> (usize, Vec<f64>) {
    let cluster = cluster(stream);
    let common = stream.normal();
    let mut row: Vec<f64> =
        (0..CRITICS).map(|_| COMMON.sqrt() * common + (1.0 - COMMON).sqrt() * stream.normal()).collect();
    // Within a cluster, responses differ mostly along the cluster's own direction.
    let along = stream.normal();
    row.extend(centres[cluster].iter().map(|centre| 0.8 * along * centre + 0.6 * stream.normal()));
    (cluster, row)
}

/// Draws a cluster: the k-th has a share in proportion to 1/k.
fn cluster(stream: &mut Stream) -> usize {
    let share = |at: usize| 1.0 / (at as f64 + 1.0);
    let total: f64 = (0..CLUSTERS).map(share).sum();
    let mut left = stream.unit() * total;
    for at in 0..CLUSTERS {
        left -= share(at);
        if left < 0.0 {
            return at;
        }
    }
    CLUSTERS - 1
}

fn unit_deviation(values: Vec<f64>) -> Vec<f64> {
    let squares: f64 = values.iter().map(|value| value * value).sum();
    let deviation = (squares / values.len().max(1) as f64).sqrt();
    let scale = if deviation > 0.0 { 1.0 / deviation } else { 0.0 };
    values.into_iter().map(|value| value * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds_are_as_described() {
        for world in WORLDS {
            let pairs = draw(world, 4000, 7);
            assert_eq!(pairs, draw(world, 4000, 7));
            let mean = |value: &dyn Fn(&Pair) -> f64| pairs.iter().map(value).sum::<f64>() / 4000.0;
            let correlation = mean(&|pair| pair.difference[0] * pair.difference[1]);
            assert!((correlation - COMMON).abs() < 0.08, "{correlation}");
            let margin = |pair: &Pair| {
                let p = (pair.chance - world.flips) / (1.0 - 2.0 * world.flips);
                (p / (1.0 - p)).ln()
            };
            let deviation = mean(&|pair| margin(pair).powi(2)).sqrt();
            assert!((deviation / world.scale - 1.0).abs() < 0.1, "{}: {deviation}", world.name);
            let (lowest, highest) = (world.flips, 1.0 - world.flips);
            assert!(pairs.iter().all(|pair| (lowest..=highest).contains(&pair.chance)));
            let first = mean(&|pair| f64::from(u8::from(pair.cluster == 0)));
            assert!((first - 0.368).abs() < 0.03, "{first}");
        }
        assert_eq!(draw(NOISY, 0, 7), []);
    }

    #[test]
    fn people_say_what_is_likely() {
        let pairs = draw(MEDIUM, 2000, 7);
        let mut stream = Stream::of(7, "labels", 0);
        let agree = pairs.iter().filter(|pair| pair.label(&mut stream) == (pair.chance > 0.5)).count() as f64;
        let expected: f64 = pairs.iter().map(|pair| pair.chance.max(1.0 - pair.chance)).sum();
        assert!((agree - expected).abs() < 60.0, "{agree} {expected}");
    }
}
