//! Asks the LLM critics of a panel about the responses of a chunk.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rewardctl_core::id::{ContentId, ResponseId, VerdictKey};
use rewardctl_core::verdict::Verdict;
use rewardctl_critic::llm::critic::Mode;
use rewardctl_critic::llm::family::family;
use rewardctl_critic::llm::prompt::Finding;
use rewardctl_critic::llm::suspicion::Suspicions;
use rewardctl_store::open::Store;
use rewardctl_store::save::VerdictRecord;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::budget::Spend;
use crate::call::Caller;
use crate::chunk::{Chunk, Row};
use crate::critic::Critic;
use crate::error::{Error, all_or_gravest};
use crate::kin::Relative;
use crate::panel::{Asking, LoadedPanel};

/// Under which the store keeps verdicts of LLM critics.
pub(crate) const SOURCE: &str = "llm";

/// The LLM critics of a panel, ready to be asked.
pub struct Asker {
    caller: Arc<Caller>,
    store: Store,
    critics: Vec<Arc<Critic>>,
    asking: Asking,
    tiers: Vec<u32>,
    // Chunks start their questions one after the other, so that the first is done first.
    turn: Mutex<()>,
    // One for each response that is asked about: a run of any size takes the same memory.
    places: Arc<Semaphore>,
}

/// A response that LLM critics should judge.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its place among the chunk's responses.
    pub place: usize,
    /// Its row in the chunk.
    pub row: usize,
    /// Its place in the row.
    pub at: usize,
    /// What the panel says so far, in its order of slots; empty unless critics see what others found.
    pub before: Vec<Verdict>,
}

/// What one LLM critic says of one response.
#[derive(Debug)]
pub struct Said {
    /// The response's place among the chunk's.
    pub place: usize,
    /// The critic's place in the panel.
    pub slot: usize,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict for the store; None if it came from there.
    pub record: Option<VerdictRecord>,
}

impl Asker {
    /// Makes the critics of `panel` ready; `secret` keys the fences around judged text.
    pub fn new(
        panel: &LoadedPanel,
        caller: Arc<Caller>,
        store: Store,
        secret: [u8; 32],
    ) -> Result<Self, Error> {
        let suspicions = Arc::new(Suspicions::new());
        let critic = |slot| Critic::new(&panel.panel, slot, &caller, secret, Arc::clone(&suspicions));
        let critics: Vec<Arc<Critic>> =
            panel.llm.iter().map(|slot| critic(slot).map(Arc::new)).collect::<Result<_, _>>()?;
        let tiers: BTreeSet<u32> = critics.iter().map(|critic| critic.tier).collect();
        let endpoints: BTreeSet<&str> = critics.iter().map(|critic| critic.endpoint.as_str()).collect();
        let places = endpoints.into_iter().map(|endpoint| caller.line(endpoint).verdicts_under_way()).sum();
        Ok(Self {
            caller,
            store,
            critics,
            asking: panel.asking,
            tiers: tiers.into_iter().collect(),
            turn: Mutex::default(),
            places: Arc::new(Semaphore::new(places)),
        })
    }

    /// Returns what changes whenever the critics' verdicts may, one text for each critic and one for how they are
    /// asked.
    pub fn fingerprints(&self) -> Vec<String> {
        let asking = format!("{:?}", self.asking);
        self.critics.iter().map(|critic| critic.fingerprint.clone()).chain([asking]).collect()
    }

    /// Returns the tiers, the first to be asked first.
    pub fn tiers(&self) -> &[u32] {
        &self.tiers
    }

    /// Returns the critics, in the panel's order.
    pub fn critics(&self) -> &[Arc<Critic>] {
        &self.critics
    }

    /// Returns the critics with the families of their models.
    pub fn relatives(&self) -> Vec<Relative> {
        let relative = |critic: &Arc<Critic>| {
            let model = self.caller.line(&critic.endpoint).model.clone();
            Relative { critic: critic.name.clone(), slot: critic.slot, family: family(&model), model }
        };
        self.critics.iter().map(relative).collect()
    }

    /// Returns what makes the calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Returns what was spent in this run.
    pub fn spent(&self) -> Spend {
        self.caller.spent()
    }

    /// Stops asking: no further call leaves.
    pub fn halt(&self) {
        self.caller.halt();
    }

    /// Ends recording, and lets another run have the ledger.
    pub async fn finish(&self) -> Result<(), Error> {
        self.caller.finish().await
    }

    /// Asks the critics of `tier` about the responses `wanted`.
    ///
    /// An error means that the run stops: a cap, an interrupt, a broken store. Calls that are out are waited for
    /// first. What goes wrong with one call is a verdict that failed.
    pub async fn ask(
        self: &Arc<Self>,
        chunk: &Arc<Chunk>,
        tier: u32,
        wanted: Vec<Wanted>,
    ) -> Result<Vec<Said>, Error> {
        let mut rows: BTreeMap<usize, Vec<Wanted>> = BTreeMap::new();
        for wanted in wanted {
            rows.entry(wanted.row).or_default().push(wanted);
        }
        let known = Arc::new(self.known(chunk, tier, &rows).await?);
        let mut asked: JoinSet<Result<Vec<Said>, Error>> = JoinSet::new();
        let turn = self.turn.lock().await;
        for (row, wanted) in rows {
            for critic in self.critics_of(tier, Mode::Pairwise) {
                let (asker, chunk, wanted, known) =
                    (Arc::clone(self), Arc::clone(chunk), wanted.clone(), Arc::clone(&known));
                let place = self.place().await;
                asked.spawn(Box::pin(async move {
                    let _place = place;
                    asker.compare(&critic, &chunk.rows[row], &wanted, &known).await
                }));
            }
            for wanted in wanted {
                let (asker, chunk, known) = (Arc::clone(self), Arc::clone(chunk), Arc::clone(&known));
                let place = self.place().await;
                // In a box of its own: a task is moved, and this is some kilobytes.
                asked.spawn(Box::pin(async move {
                    let _place = place;
                    asker.judge(tier, &chunk.rows[row], &wanted, &known).await
                }));
            }
        }
        drop(turn);
        let (mut said, mut stopped) = (vec![], None);
        while let Some(one) = asked.join_next().await {
            match one.expect("asking does not panic, and nobody aborts it") {
                Ok(some) => said.extend(some),
                Err(error) => stopped = Some(Error::gravest(stopped, error)),
            }
        }
        stopped.map_or(Ok(said), Err)
    }

    async fn place(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.places).acquire_owned().await.expect("nobody closes the places")
    }

    pub(crate) fn critics_of(&self, tier: u32, mode: Mode) -> Vec<Arc<Critic>> {
        let of = |critic: &&Arc<Critic>| critic.tier == tier && critic.llm.mode == mode;
        self.critics.iter().filter(of).cloned().collect()
    }

    /// Returns the verdicts that the store has. What depends on other critics' findings is asked again: the ledger
    /// has the answers.
    pub(crate) async fn known(
        &self,
        chunk: &Chunk,
        tier: u32,
        rows: &BTreeMap<usize, Vec<Wanted>>,
    ) -> Result<HashMap<VerdictKey, Vec<Verdict>>, Error> {
        if self.asking.sees_findings() || self.caller.records() {
            return Ok(HashMap::new());
        }
        let mut keys = vec![];
        for wanted in rows.values().flatten() {
            let row = &chunk.rows[wanted.row];
            let critics = self.critics.iter().filter(|critic| critic.tier == tier);
            keys.extend(critics.map(|critic| key(critic, row, wanted.at, &[])));
        }
        Ok(self.store.verdicts(&keys).await?)
    }

    /// Asks the pointwise critics of a tier about one response.
    pub(crate) async fn judge(
        &self,
        tier: u32,
        row: &Row,
        wanted: &Wanted,
        known: &HashMap<VerdictKey, Vec<Verdict>>,
    ) -> Result<Vec<Said>, Error> {
        let critics = self.critics_of(tier, Mode::Pointwise);
        let mut findings: Vec<Finding> = vec![];
        if self.asking.sequential {
            findings
                .extend(self.critics.iter().filter_map(|critic| Finding::of(&wanted.before[critic.slot])));
        }
        let mut said = match self.asking.sequential {
            true => self.one_by_one(&critics, row, wanted, findings).await?,
            false => self.all_at_once(&critics, row, wanted, &findings, known).await?,
        };
        if self.asking.second_round.is_some_and(|apart| are_apart(&said, apart)) {
            let findings: Vec<Vec<Finding>> = (0..said.len()).map(|n| findings_of_others(&said, n)).collect();
            for ((critic, said), findings) in critics.iter().zip(&mut said).zip(findings) {
                let second = self.ask_one(critic, row, wanted, &findings).await?;
                // A critic that says nothing the second time stands by what it said.
                if second.verdict.score().is_some() {
                    *said = second;
                }
            }
        }
        Ok(said)
    }

    async fn one_by_one(
        &self,
        critics: &[Arc<Critic>],
        row: &Row,
        wanted: &Wanted,
        mut findings: Vec<Finding>,
    ) -> Result<Vec<Said>, Error> {
        let mut all = vec![];
        for critic in critics {
            let said = self.ask_one(critic, row, wanted, &findings).await?;
            findings.extend(Finding::of(&said.verdict));
            all.push(said);
        }
        Ok(all)
    }

    async fn all_at_once(
        &self,
        critics: &[Arc<Critic>],
        row: &Row,
        wanted: &Wanted,
        findings: &[Finding],
        known: &HashMap<VerdictKey, Vec<Verdict>>,
    ) -> Result<Vec<Said>, Error> {
        let each = critics.iter().map(|critic| async move {
            match known.get(&key(critic, row, wanted.at, findings)).and_then(|verdicts| verdicts.first()) {
                Some(verdict) => Ok(Said {
                    place: wanted.place,
                    slot: critic.slot,
                    verdict: verdict.clone(),
                    record: None,
                }),
                None => self.ask_one(critic, row, wanted, findings).await,
            }
        });
        // All are waited for, also when one of them stops the run: their calls are paid.
        all_or_gravest(futures_util::future::join_all(each).await)
    }

    async fn ask_one(
        &self,
        critic: &Arc<Critic>,
        row: &Row,
        wanted: &Wanted,
        findings: &[Finding],
    ) -> Result<Said, Error> {
        let response = &row.item.responses[wanted.at].text;
        let key = key(critic, row, wanted.at, findings);
        let question = named(&critic.question, critic, row, wanted.at, findings);
        let verdict = critic.judge(&self.caller, &row.item.context, response, findings, question).await?;
        Ok(said(critic, row, wanted, key, verdict))
    }

    /// Lets a pairwise critic compare the responses of a row.
    pub(crate) async fn compare(
        &self,
        critic: &Arc<Critic>,
        row: &Row,
        wanted: &[Wanted],
        known: &HashMap<VerdictKey, Vec<Verdict>>,
    ) -> Result<Vec<Said>, Error> {
        let keys: Vec<VerdictKey> = wanted.iter().map(|wanted| key(critic, row, wanted.at, &[])).collect();
        let stored: Option<Vec<&Verdict>> = keys.iter().map(|key| known.get(key)?.first()).collect();
        if let Some(stored) = stored {
            let each = wanted.iter().zip(stored);
            return Ok(each
                .map(|(wanted, verdict)| Said {
                    place: wanted.place,
                    slot: critic.slot,
                    verdict: verdict.clone(),
                    record: None,
                })
                .collect());
        }
        let verdicts = critic.compare(&self.caller, row).await?;
        let each = wanted.iter().zip(keys);
        Ok(each.map(|(wanted, key)| said(critic, row, wanted, key, verdicts[wanted.at].clone())).collect())
    }
}

impl Asking {
    /// Tells whether LLM critics are asked where the reward so far is so uncertain; None where there is no reward.
    pub fn wants(&self, uncertainty: Option<f64>) -> bool {
        match (uncertainty, self.max_uncertainty) {
            (Some(uncertainty), Some(limit)) => uncertainty > limit,
            _ => true,
        }
    }

    /// Tells whether a critic may be shown what others found.
    pub fn sees_findings(&self) -> bool {
        self.sequential || self.second_round.is_some()
    }
}

fn said(critic: &Critic, row: &Row, wanted: &Wanted, key: VerdictKey, verdict: Verdict) -> Said {
    let response: ResponseId = row.responses[wanted.at];
    let record = VerdictRecord::new(key, response, SOURCE, std::slice::from_ref(&verdict));
    Said { place: wanted.place, slot: critic.slot, verdict, record: Some(record) }
}

/// Names everything that the verdict of `critic` on a response depends on. A comparison depends on all responses.
fn key(critic: &Critic, row: &Row, at: usize, findings: &[Finding]) -> VerdictKey {
    named(&critic.fingerprint, critic, row, at, findings)
}

fn named(fingerprint: &str, critic: &Critic, row: &Row, at: usize, findings: &[Finding]) -> ContentId {
    let mut parts: Vec<&[u8]> =
        vec![row.responses[at].as_bytes(), critic.name.as_bytes(), fingerprint.as_bytes()];
    if critic.llm.mode == Mode::Pairwise {
        parts.extend(row.responses.iter().map(|response| response.as_bytes().as_slice()));
    }
    for finding in findings {
        parts.extend([finding.critic.as_bytes(), finding.rationale.as_bytes()]);
    }
    ContentId::of("llm verdict", parts)
}

/// Tells whether two of the scores differ by at least `apart`.
fn are_apart(said: &[Said], apart: f64) -> bool {
    let scores: Vec<f64> = said.iter().filter_map(|said| Some(said.verdict.score()?.get())).collect();
    let (least, most) =
        scores.iter().fold((1.0f64, 0.0f64), |(least, most), s| (least.min(*s), most.max(*s)));
    scores.len() > 1 && most - least >= apart
}

fn findings_of_others(said: &[Said], own: usize) -> Vec<Finding> {
    let others = said.iter().enumerate().filter(|(n, _)| *n != own);
    others.filter_map(|(_, said)| Finding::of(&said.verdict)).collect()
}
