//! What two models came to against each other, over all their comparisons.

/// Two models that were compared, the one with the lower number first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meeting {
    pub a: usize,
    pub b: usize,
}

/// The wins of all meetings.
#[derive(Debug, Clone)]
pub(crate) struct Tally<'a> {
    pub models: usize,
    meetings: &'a [Meeting],
    wins: Vec<(f64, f64)>,
}

/// What one meeting came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    pub a: usize,
    pub b: usize,
    /// The wins of a, with half the ties.
    pub a_won: f64,
    /// The wins of b, with half the ties.
    pub b_won: f64,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(models: usize, meetings: &'a [Meeting]) -> Self {
        Self { models, meetings, wins: vec![(0.0, 0.0); meetings.len()] }
    }

    pub(crate) fn add(&mut self, meeting: usize, a_won: f64, b_won: f64) {
        self.wins[meeting].0 += a_won;
        self.wins[meeting].1 += b_won;
    }

    /// Returns the meetings with any comparison.
    pub(crate) fn scores(&self) -> impl Iterator<Item = Score> {
        let scores = self.meetings.iter().zip(&self.wins);
        scores.filter(|(_, (a_won, b_won))| a_won + b_won > 0.0).map(|(meeting, (a_won, b_won))| Score {
            a: meeting.a,
            b: meeting.b,
            a_won: *a_won,
            b_won: *b_won,
        })
    }
}
