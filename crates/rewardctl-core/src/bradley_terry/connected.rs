//! Whether there is an estimate at all: only where every model has won, in some chain of wins, against every other
//! (L. R. Ford, *Solution of a ranking problem from binary comparisons*, American Mathematical Monthly 64, 1957).

use crate::bradley_terry::tally::{Score, Tally};

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
    let beaten = reached(tally, |score| (score.a_won > 0.0, score.b_won > 0.0));
    let beating = reached(tally, |score| (score.b_won > 0.0, score.a_won > 0.0));
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

/// Tells which models can be reached from the first, by meetings that lead from a to b, from b to a, or both ways.
///
/// Goes over all meetings until nothing changes: twice or three times for all but long chains.
fn reached(tally: &Tally<'_>, leads: impl Fn(&Score) -> (bool, bool)) -> Vec<bool> {
    let mut reached = vec![false; tally.models];
    reached[0] = true;
    let mut is_changing = true;
    while is_changing {
        is_changing = false;
        for score in tally.scores() {
            let (a_to_b, b_to_a) = leads(&score);
            let (a, b) = (reached[score.a], reached[score.b]);
            if a != b && ((a && a_to_b) || (b && b_to_a)) {
                (reached[score.a], reached[score.b]) = (true, true);
                is_changing = true;
            }
        }
    }
    reached
}
