//! Questions from stored verdicts and what people said of the responses.

use std::collections::BTreeMap;

use rewardctl_core::id::ContentId;
use rewardctl_core::panel::Panel;
use rewardctl_core::replay::Question;
use rewardctl_model::learn::cross::{pairing, preferences};
use rewardctl_model::learn::fit::Pool;
use rewardctl_model::learn::labels::Observed;
use rewardctl_model::learn::rows::Rows;
use rewardctl_model::learn::space::Signs;

use crate::error::Error;
use crate::learn::gather::Gathered;
use crate::learn::said::labels;
use crate::simulate::simulated::deviation;

/// Pairs of responses with stored verdicts and labels, as the aggregator sees them.
#[derive(Debug)]
pub struct Stored {
    /// What people call them.
    pub name: String,
    /// The pairs.
    pub questions: Vec<Question>,
    panel: Panel,
    observed: Vec<Observed>,
    /// Per question, the places of both responses.
    pairs: Vec<(usize, usize)>,
}

impl Stored {
    /// Takes the pairs that people compared, or rated differently; an error where there are none.
    pub fn new(name: String, gathered: Gathered) -> Result<Self, Error> {
        let labels = labels(&gathered, None)?.judged(&gathered.observed);
        // Per pair, the smaller place first: whether that one is better, in the order in which people said so.
        let mut said: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
        let pairing = pairing(&gathered.observed, &labels);
        for preference in preferences(&gathered.observed, &labels, pairing) {
            let (a, b, target) = (preference.a, preference.b, preference.target);
            let (pair, target) = if a < b { ((a, b), target) } else { ((b, a), 1.0 - target) };
            said.entry(pair).or_default().push(target);
        }
        if said.is_empty() {
            return Err(Error::NothingCompared { name });
        }
        let pairs: Vec<(usize, usize)> = said.keys().copied().collect();
        let Gathered { panel, observed, .. } = gathered;
        let mut stored = Self { name, questions: vec![], panel, observed, pairs };
        let differences = stored.rows(&stored.pool()).differences();
        let questions = said.into_iter().zip(differences);
        stored.questions =
            questions.map(|((pair, answers), row)| stored.question(pair, answers, row)).collect();
        Ok(stored)
    }

    /// Returns how many critics judged.
    pub fn critics(&self) -> usize {
        self.panel.slots.len()
    }

    pub(crate) fn pool(&self) -> Pool<'_> {
        Pool::new(&self.panel, Signs::NonNegative, &self.observed)
    }

    pub(crate) fn rows<'a>(&self, pool: &'a Pool<'a>) -> Rows<'a> {
        Rows::of_pool(pool, self.pairs.clone())
    }

    fn question(&self, (a, b): (usize, usize), answers: Vec<f64>, difference: Vec<f64>) -> Question {
        let both = self.observed[a].scores.iter().zip(&self.observed[b].scores);
        let gaps: Vec<f64> = both.filter_map(|(a, b)| Some((*a)? - (*b)?)).collect();
        let name = [a, b].map(|place| (place as u64).to_le_bytes());
        Question {
            id: ContentId::of("stored pair", name.iter().map(|bytes| bytes.as_slice())),
            prompt: self.observed[a].group,
            difference,
            cluster: None,
            embedding: None,
            disagreement: deviation(&gaps),
            truth: answers.iter().sum::<f64>() / answers.len() as f64,
            answers,
        }
    }
}
