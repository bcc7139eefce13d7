//! A plan in the making: chunks go through the judges of this machine and through the tiers, as in a run.

use std::sync::Arc;

use rewardctl_core::id::ResponseId;
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_critic::llm::critic::Mode;
use rewardctl_critic::llm::prompt::instruction;
use rewardctl_model::aggregator::Aggregator;
use rewardctl_store::ledger::Purpose;
use rewardctl_store::open::Store;

use crate::answer::{part, uncertainties};
use crate::asker::{Asker, SOURCE, Said, Wanted};
use crate::call::NOT_SENT;
use crate::chunk::{Chunk, Row};
use crate::critic::Critic;
use crate::error::Error;
use crate::in_force::load_aggregator;
use crate::judges::{Judged, Plan};
use crate::note::Noted;
use crate::plan::count::{Amount, Count, Terms};
use crate::plan::foreseen::{Foreseen, LOOKED_AT as VERDICTS_LOOKED_AT, VARIANCE, WORLDS, World};
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
    foreseen: Vec<Foreseen>,
    // The most; and the sum over all worlds.
    counts: Vec<Count>,
    likely: Vec<Count>,
    // Per tier, the same two.
    wanted: Vec<u64>,
    wanted_in_worlds: Vec<u64>,
    is_exact: Vec<bool>,
    trades: Trades,
}

/// The responses of a chunk on their way through the tiers.
struct Judging {
    verdicts: Vec<Vec<Verdict>>,
    uncertainties: Vec<Option<f64>>,
    // Whether a critic would have been asked, so that nobody knows what comes of it.
    open: Vec<bool>,
    // What may come of it.
    worlds: Vec<World>,
}

/// Responses that a question is about, each with how often it is asked.
struct Places(Vec<Place>);

/// A response that a question may be about.
struct Place {
    /// Its place among the chunk's.
    at: usize,
    response: ResponseId,
    /// Whether it may be asked about.
    is_wanted: bool,
    /// In which worlds it is.
    worlds: [bool; WORLDS],
}

impl<'a> Planning<'a> {
    /// Loads the models and learns from the ledger.
    pub async fn begin(
        settings: &'a ScoreSettings,
        asker: &'a Asker,
        store: &'a Store,
    ) -> Result<Self, Error> {
        let judges = Arc::new(Plan::new(&settings.panel, &settings.rules, &settings.models)?);
        let verdicts = store.some_verdicts(SOURCE, VERDICTS_LOOKED_AT).await?;
        let (mut terms, mut foreseen) = (vec![], vec![]);
        for critic in asker.critics() {
            terms.push(terms_of(asker, store, critic).await?);
            // One reply tells nothing of how another would differ.
            let tells = asker.caller().dialect(&critic.endpoint).await?.logprobs || critic.samples > 1;
            let variance = tells.then_some(VARIANCE);
            foreseen.push(Foreseen::learn(&critic.name, &verdicts, variance));
        }
        let tiers = asker.tiers().len();
        Ok(Self {
            workers: Workers::start(&judges, settings.threads)?,
            aggregator: load_aggregator(&settings.panel, &settings.models)?,
            counts: vec![Count::default(); terms.len()],
            likely: vec![Count::default(); terms.len()],
            trades: Trades::new(settings.panel.asking.max_uncertainty, terms.len()),
            wanted: vec![0; tiers],
            wanted_in_worlds: vec![0; tiers],
            foreseen,
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
        let worlds = vec![verdicts.clone(); self.worlds()];
        let mut judging =
            Judging { verdicts, uncertainties: vec![None; count], open: vec![false; count], worlds };
        for (number, tier) in self.asker.tiers().iter().enumerate() {
            let panel = &self.settings.panel.panel;
            judging.uncertainties = uncertainties(&mut self.aggregator, panel, chunk, &judging.verdicts)?;
            self.is_exact[number] &= !judging.open.contains(&true);
            let wanted_in = self.wanted_in(chunk, &judging)?;
            let mut first = 0;
            for (at, row) in chunk.rows.iter().enumerate() {
                let each = row.responses.iter().zip(first..);
                let places = each.map(|(response, at)| self.place(*response, at, &judging, &wanted_in));
                let places = Places(places.collect());
                self.ask(number, *tier, (at, row), places, chunk, &mut judging).await?;
                first += row.responses.len();
            }
        }
        Ok(())
    }

    /// Returns how many worlds there are: what one tier says is of no matter if none follows.
    fn worlds(&self) -> usize {
        if self.asker.tiers().len() > 1 { WORLDS } else { 0 }
    }

    /// Returns for each world which responses are too uncertain in it.
    fn wanted_in(&mut self, chunk: &Chunk, judging: &Judging) -> Result<Vec<Vec<bool>>, Error> {
        let asking = self.settings.panel.asking;
        let mut wanted_in = vec![];
        for world in &judging.worlds {
            let panel = &self.settings.panel.panel;
            let uncertainties = uncertainties(&mut self.aggregator, panel, chunk, world)?;
            wanted_in.push(uncertainties.into_iter().map(|one| asking.wants(one)).collect());
        }
        Ok(wanted_in)
    }

    fn place(&self, response: ResponseId, at: usize, judging: &Judging, wanted_in: &[Vec<bool>]) -> Place {
        let is_sure = self.settings.panel.asking.wants(judging.uncertainties[at]);
        let is_open = judging.open[at];
        let in_world = |number: usize| wanted_in.get(number).map_or(is_sure, |world| world[at]);
        let worlds = std::array::from_fn(|number| if is_open { in_world(number) } else { is_sure });
        Place { at, response, is_wanted: is_open || is_sure, worlds }
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
        (at_row, row): (usize, &Row),
        Places(places): Places,
        chunk: &Chunk,
        judging: &mut Judging,
    ) -> Result<(), Error> {
        self.wanted[number] += places.iter().filter(|place| place.is_wanted).count() as u64;
        let in_worlds = places.iter().flat_map(|place| place.worlds).filter(|is_wanted| *is_wanted);
        self.wanted_in_worlds[number] += in_worlds.count() as u64;
        let asked: Vec<(Wanted, &Place)> = places
            .iter()
            .enumerate()
            .filter(|(_, place)| number == 0 || place.is_wanted)
            .map(|(at, place)| {
                let before = judging.verdicts[place.at].clone();
                (Wanted { place: place.at, row: at_row, at, before }, place)
            })
            .collect();
        if number == 0 {
            let each = places.iter().map(|place| judging.uncertainties[place.at]);
            self.trades.add_responses(&each.collect::<Vec<_>>());
        }
        let (wanted, places): (Vec<Wanted>, Vec<&Place>) = asked.into_iter().unzip();
        let known = self.asker.known(chunk, tier, &[(at_row, wanted.clone())].into()).await?;
        for (one, place) in wanted.iter().zip(&places) {
            let said = self.asker.judge(tier, row, one, &known).await?;
            self.note(number, &[*place], said, judging);
        }
        for critic in self.asker.critics_of(tier, Mode::Pairwise) {
            if wanted.is_empty() {
                break;
            }
            let said = self.asker.compare(&critic, row, &wanted, &known).await?;
            self.note(number, &places, said, judging);
        }
        Ok(())
    }

    /// Counts what was noted of questions about the responses at `places`, and takes in what is known of those that
    /// are wanted.
    fn note(&mut self, number: usize, places: &[&Place], said: Vec<Said>, judging: &mut Judging) {
        let notes = self.asker.caller().noted();
        let greatest = greatest(places.iter().map(|place| judging.uncertainties[place.at]));
        for (at, critic) in self.asker.critics().iter().enumerate() {
            let own = notes.iter().filter(|note| note.who == critic.name);
            let mut count = Count::of(own, &self.terms[at]);
            let stored = said.iter().filter(|said| said.slot == critic.slot && said.record.is_none());
            count.answered += stored.map(calls_behind).sum::<u64>();
            if places.iter().any(|place| place.is_wanted) {
                self.counts[at].add(&count);
            }
            for _ in (0..WORLDS).filter(|world| places.iter().any(|place| place.worlds[*world])) {
                self.likely[at].add(&count);
            }
            if number == 0 {
                self.trades.add_calls(greatest, at, &count);
            }
        }
        let is_open = notes.iter().any(|note| note.what != Noted::Answered);
        for place in places.iter().filter(|place| place.is_wanted) {
            judging.open[place.at] |= is_open;
        }
        for said in said {
            if let Some(place) = places.iter().find(|place| place.at == said.place && place.is_wanted) {
                self.take_in(place, said, judging);
            }
        }
    }

    /// Takes in what is said of a response, and in each world in which it is asked about what may be said.
    fn take_in(&self, place: &Place, said: Said, judging: &mut Judging) {
        let critics = self.asker.critics().iter().zip(&self.foreseen);
        let Some((critic, foreseen)) = critics.into_iter().find(|(critic, _)| critic.slot == said.slot)
        else {
            return;
        };
        for (number, world) in judging.worlds.iter_mut().enumerate().filter(|(n, _)| place.worlds[*n]) {
            let verdict = &mut world[place.at][said.slot];
            *verdict = said.verdict.clone();
            if is_not_sent(&said.verdict) {
                foreseen.fill(critic, place.response, number, verdict);
            }
        }
        judging.verdicts[place.at][said.slot] = said.verdict;
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
                likely: self.likely[at].shared(WORLDS as u64).likely(terms),
                most: (0..rounds).map(|_| count.most(terms)).fold(Amount::NONE, Amount::plus),
            }
        };
        TierPlan {
            tier,
            responses: self.wanted[number],
            likely_responses: self.wanted_in_worlds[number].div_ceil(WORLDS as u64),
            is_exact: self.is_exact[number],
            critics: critics.map(line).collect(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let asking = self.settings.panel.asking;
        let mut notes = vec![
            "repairs of replies without a verdict are counted as often as finished calls had them; retries of failed calls come on top",
        ];
        if asking.second_round.is_some() {
            notes.push("a second round where critics disagree is part of the most only");
        }
        if asking.sees_findings() {
            notes.push("what critics find and show each other is not counted in the tokens");
        }
        notes.into_iter().map(Into::into).chain(self.foreseen_note()).collect()
    }

    /// Says what a later tier's share rests on.
    fn foreseen_note(&self) -> Option<String> {
        let is_open = self.is_exact.contains(&false) && self.settings.panel.asking.max_uncertainty.is_some();
        let learnt = self.foreseen.iter().map(|foreseen| foreseen.learnt_from).min().unwrap_or(0);
        let ground = match learnt {
            0 => {
                "judge is not known yet, so their scores are taken to be spread evenly over the scale".into()
            }
            _ => format!("judge is taken from at least {learnt} of their verdicts each"),
        };
        is_open.then(|| format!("what is left for later tiers is foreseen: how earlier critics {ground}"))
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

/// Tells whether there is no verdict only because nothing is sent.
fn is_not_sent(verdict: &Verdict) -> bool {
    matches!(&verdict.outcome, Outcome::Failed { reason, .. } if reason == NOT_SENT)
}

/// Returns the greatest of some uncertainties; None, which stands for no reward so far, is greater than any.
fn greatest(uncertainties: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    uncertainties.reduce(|a, b| Some(a?.max(b?))).flatten()
}

fn calls_behind(said: &Said) -> u64 {
    said.verdict.evidence.as_ref().map_or(0, |evidence| evidence.calls.len() as u64)
}
