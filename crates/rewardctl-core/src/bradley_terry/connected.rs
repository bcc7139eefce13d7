//! Whether there is an estimate at all: only where every model has won, in some chain of wins, against every other
//! (L. R. Ford, *Solution of a ranking problem from binary comparisons*, American Mathematical Monthly 64, 1957).

use crate::bradley_terry::tally::Tally;

/// Models that never won against any of the others, not even a tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// Their numbers, in order.
    pub losers: Vec<usize>,
    /// The others, in order.
    pub others: Vec<usize>,
    /// Whether any of them was compared with one of the others: it lost every time. If not, nothing is known of the
    /// two groups against each other.
    pub met: bool,
}

/// Returns models that are set apart from the others by their wins; None if there are none.
pub(crate) fn apart(tally: &Tally<'_>) -> Option<Apart> {
    let (mut beats, mut loses_to) = (vec![vec![]; tally.models], vec![vec![]; tally.models]);
    for score in tally.scores() {
        for (one, other, won) in [(score.a, score.b, score.a_won), (score.b, score.a, score.b_won)] {
            if won > 0.0 {
                beats[one].push(other);
                loses_to[other].push(one);
            }
        }
    }
    let beaten = reached(&beats);
    let beating = reached(&loses_to);
    // Whom the first model reaches by wins never won against the rest; whom it does not reach by losses neither.
    let is_loser: Vec<bool> = match (beaten.contains(&false), beating.contains(&false)) {
        (true, _) => beaten,
        (false, true) => beating.into_iter().map(|reached| !reached).collect(),
        (false, false) => return None,
    };
    let (losers, others) = (0..tally.models).partition(|model| is_loser[*model]);
    let met = tally.scores().any(|score| is_loser[score.a] != is_loser[score.b]);
    Some(Apart { losers, others, met })
}

/// Tells which models can be reached from the first.
fn reached(edges: &[Vec<usize>]) -> Vec<bool> {
    let mut reached = vec![false; edges.len()];
    reached[0] = true;
    let mut left = vec![0];
    while let Some(at) = left.pop() {
        for next in &edges[at] {
            if !reached[*next] {
                reached[*next] = true;
                left.push(*next);
            }
        }
    }
    reached
}
