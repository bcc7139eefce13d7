//! A plan in the making: chunks go through the judges of this machine and through the tiers, as in a run.

use std::sync::Arc;

use rewardctl_core::verdict::Verdict;
use rewardctl_critic::llm::critic::Mode;
use rewardctl_critic::llm::prompt::instruction;
use rewardctl_model::aggregator::Aggregator;
use rewardctl_store::ledger::Purpose;
use rewardctl_store::open::Store;

use crate::answer::{part, uncertainties};
use crate::asker::{Asker, Said, Wanted};
use crate::chunk::{Chunk, Row};
use crate::critic::Critic;
use crate::error::Error;
use crate::in_force::load_aggregator;
use crate::judges::{Judged, Plan};
use crate::note::Noted;
use crate::plan::count::{Amount, Count, Terms};
use crate::plan::habit::{Habit, HabitReport, LOOKED_AT, REPLY_TOKENS, Whose};
use crate::plan::trade::Trades;
use crate::plan::{CallPlan, CriticPlan, TierPlan};
use crate::score::ScoreSettings;
use crate::workers::Workers;

/// A plan in the making.
pub struct Planning<'a> {
    settings: &'a ScoreSettings,
    asker: &'a Asker,
    store: &'a Store,
    judges: Arc<Plan>,
    workers: Workers,
    aggregator: Aggregator,
    // Per critic of the asker.
    terms: Vec<Terms>,
    counts: Vec<Count>,
    // Per tier.
    wanted: Vec<u64>,
    is_exact: Vec<bool>,
    trades: Trades,
}

/// The responses of a chunk on their way through the tiers.
struct Judging {
    verdicts: Vec<Vec<Verdict>>,
    uncertainties: Vec<Option<f64>>,
    // Whether a critic would have been asked, so that nobody knows what comes of it.
    open: Vec<bool>,
}

impl<'a> Planning<'a> {
    /// Loads the models and learns from the ledger.
    pub async fn begin(
        settings: &'a ScoreSettings,
        asker: &'a Asker,
        store: &'a Store,
    ) -> Result<Self, Error> {
        let judges = Arc::new(Plan::new(&settings.panel, &settings.rules, &settings.models)?);
        let mut terms = vec![];
        for critic in asker.critics() {
            terms.push(terms_of(asker, store, critic).await?);
        }
        let tiers = asker.tiers().len();
        Ok(Self {
            workers: Workers::start(&judges, settings.threads)?,
            aggregator: load_aggregator(&settings.panel, &settings.models)?,
            counts: vec![Count::default(); terms.len()],
            trades: Trades::new(settings.panel.asking.max_uncertainty, terms.len()),
            wanted: vec![0; tiers],
            is_exact: vec![true; tiers],
            settings,
            asker,
            store,
            judges,
            terms,
        })
    }

    /// Adds the responses of a chunk.
    pub async fn add(&mut self, chunk: &Arc<Chunk>) -> Result<(), Error> {
        let verdicts = self.judged(chunk).await?;
        let count = verdicts.len();
        let mut judging = Judging { verdicts, uncertainties: vec![None; count], open: vec![false; count] };
        for (number, tier) in self.asker.tiers().iter().enumerate() {
            let panel = &self.settings.panel.panel;
            judging.uncertainties = uncertainties(&mut self.aggregator, panel, chunk, &judging.verdicts)?;
            self.is_exact[number] &= !judging.open.contains(&true);
            let mut first = 0;
            for (at, row) in chunk.rows.iter().enumerate() {
                self.ask(number, *tier, (at, row, first), chunk, &mut judging).await?;
                first += row.responses.len();
            }
        }
        Ok(())
    }

    /// Lets the judges of this machine judge a chunk, as far as the store does not know what they say.
    async fn judged(&mut self, chunk: &Arc<Chunk>) -> Result<Vec<Vec<Verdict>>, Error> {
        let responses = chunk.rows.iter().flat_map(|row| &row.responses);
        let keys: Vec<_> = responses.flat_map(|response| self.judges.keys(*response)).collect();
        self.workers.submit(0, chunk, self.store.verdicts(&keys).await?);
        let mut rows: Vec<Option<Vec<Judged>>> = chunk.rows.iter().map(|_| None).collect();
        let mut missing = rows.len();
        while missing > 0 {
            let done = self.workers.next().await;
            for (at, judged) in (done.first..).zip(done.judged) {
                let row = &chunk.rows[at];
                let crashed = || Error::CriticCrashed { file: row.file.clone(), line: row.line };
                rows[at] = Some(judged.ok_or_else(crashed)?);
                missing -= 1;
            }
        }
        Ok(part(rows.into_iter().flatten().flatten()).0)
    }

    /// Puts the questions of a tier about one row. In the first tier they are put about every response, so that it
    /// shows what other limits would cost.
    async fn ask(
        &mut self,
        number: usize,
        tier: u32,
        (at_row, row, first): (usize, &Row, usize),
        chunk: &Chunk,
        judging: &mut Judging,
    ) -> Result<(), Error> {
        let asking = self.settings.panel.asking;
        let is_wanted: Vec<bool> = (first..first + row.responses.len())
            .map(|place| judging.open[place] || asking.wants(judging.uncertainties[place]))
            .collect();
        self.wanted[number] += is_wanted.iter().filter(|wanted| **wanted).count() as u64;
        let asked: Vec<Wanted> = (0..row.responses.len())
            .filter(|at| number == 0 || is_wanted[*at])
            .map(|at| Wanted {
                place: first + at,
                row: at_row,
                at,
                before: judging.verdicts[first + at].clone(),
            })
            .collect();
        if number == 0 {
            self.trades.add_responses(&judging.uncertainties[first..first + row.responses.len()]);
        }
        let known = self.asker.known(chunk, tier, &[(at_row, asked.clone())].into()).await?;
        for one in &asked {
            let said = self.asker.judge(tier, row, one, &known).await?;
            self.note(number, &[(one.place, is_wanted[one.at])], said, judging);
        }
        for critic in self.asker.critics_of(tier, Mode::Pairwise) {
            if asked.is_empty() {
                break;
            }
            let said = self.asker.compare(&critic, row, &asked, &known).await?;
            let places: Vec<(usize, bool)> = asked.iter().map(|one| (one.place, is_wanted[one.at])).collect();
            self.note(number, &places, said, judging);
        }
        Ok(())
    }

    /// Counts what was noted of questions about the responses at `places`, and takes in what is known of those that
    /// are wanted.
    fn note(&mut self, number: usize, places: &[(usize, bool)], said: Vec<Said>, judging: &mut Judging) {
        let notes = self.asker.caller().noted();
        let greatest = greatest(places.iter().map(|(place, _)| judging.uncertainties[*place]));
        for (at, critic) in self.asker.critics().iter().enumerate() {
            let own = notes.iter().filter(|note| note.who == critic.name);
            let mut count = Count::of(own, &self.terms[at]);
            let stored = said.iter().filter(|said| said.slot == critic.slot && said.record.is_none());
            count.answered += stored.map(calls_behind).sum::<u64>();
            if places.iter().any(|(_, is_wanted)| *is_wanted) {
                self.counts[at].add(&count);
            }
            if number == 0 {
                self.trades.add_calls(greatest, at, &count);
            }
        }
        let is_open = notes.iter().any(|note| note.what != Noted::Answered);
        for (place, _) in places.iter().filter(|(_, is_wanted)| *is_wanted) {
            judging.open[*place] |= is_open;
        }
        let is_wanted = |said: &Said| places.contains(&(said.place, true));
        for said in said.into_iter().filter(is_wanted) {
            judging.verdicts[said.place][said.slot] = said.verdict;
        }
    }

    /// Sums up into the plan of a run that asks nobody.
    pub async fn finish(self, free: CallPlan) -> Result<CallPlan, Error> {
        let each = || self.asker.critics().iter().zip(&self.terms);
        let habits: Vec<HabitReport> =
            each().map(|(critic, terms)| terms.habit.report(&critic.name)).collect();
        let mut not_probed: Vec<String> =
            each().filter(|(_, terms)| !terms.is_known).map(|(critic, _)| critic.endpoint.clone()).collect();
        not_probed.sort();
        not_probed.dedup();
        let tiers: Vec<TierPlan> = (0..self.wanted.len()).map(|number| self.tier(number)).collect();
        let (notes, trade) = (self.notes(), self.trades.finish(&self.terms));
        let critics = || tiers.iter().flat_map(|tier| &tier.critics);
        Ok(CallPlan {
            likely: critics().map(|critic| critic.likely).fold(Amount::NONE, Amount::plus),
            most: critics().map(|critic| critic.most).fold(Amount::NONE, Amount::plus),
            trade,
            notes,
            tiers,
            habits,
            not_probed,
            ..free
        })
    }

    fn tier(&self, number: usize) -> TierPlan {
        let tier = self.asker.tiers()[number];
        let critics = self.asker.critics().iter().enumerate().filter(|(_, critic)| critic.tier == tier);
        // Shown what the others found, a critic may be asked a second time.
        let rounds = if self.settings.panel.asking.second_round.is_some() { 2 } else { 1 };
        let line = |(at, critic): (usize, &Arc<Critic>)| {
            let (count, terms) = (&self.counts[at], &self.terms[at]);
            CriticPlan {
                critic: critic.name.clone(),
                endpoint: critic.endpoint.clone(),
                model: self.asker.caller().line(&critic.endpoint).model.clone(),
                answered: count.answered,
                likely: count.likely(terms),
                most: (0..rounds).map(|_| count.most(terms)).fold(Amount::NONE, Amount::plus),
            }
        };
        TierPlan {
            tier,
            responses: self.wanted[number],
            is_exact: self.is_exact[number],
            critics: critics.map(line).collect(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let asking = self.settings.panel.asking;
        let mut notes = vec!["repairs of replies without a verdict and retries of failed calls come on top"];
        if asking.second_round.is_some() {
            notes.push("a second round where critics disagree is part of the most only");
        }
        if asking.sees_findings() {
            notes.push("what critics find and show each other is not counted in the tokens");
        }
        notes.into_iter().map(Into::into).collect()
    }
}

/// Finds out how a critic's endpoint is asked and billed.
async fn terms_of(asker: &Asker, store: &Store, critic: &Critic) -> Result<Terms, Error> {
    let caller = asker.caller();
    let line = caller.line(&critic.endpoint);
    let dialect = caller.dialect(&critic.endpoint).await?;
    let calls = store.finished_calls(Purpose::Critic, &line.identity, &line.model, LOOKED_AT).await?;
    let whose = Whose {
        instruction: &instruction(&critic.llm),
        mode: critic.llm.mode,
        samples: critic.samples,
        reasons: dialect.thinking_tokens > 0,
        reply_tokens: REPLY_TOKENS,
    };
    Ok(Terms {
        habit: Habit::learn(&calls, &whose),
        price: line.price,
        samples: u64::from(critic.samples),
        several: dialect.n,
        is_known: caller.known_dialect(&critic.endpoint).await?.is_some(),
    })
}

/// Returns the greatest of some uncertainties; None, which stands for no reward so far, is greater than any.
fn greatest(uncertainties: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    uncertainties.reduce(|a, b| Some(a?.max(b?))).flatten()
}

fn calls_behind(said: &Said) -> u64 {
    said.verdict.evidence.as_ref().map_or(0, |evidence| evidence.calls.len() as u64)
}
