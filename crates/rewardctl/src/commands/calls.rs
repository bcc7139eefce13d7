//! Gets everything ready that asks a model: endpoints with their keys, the ledger, caps, cassettes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::str::FromStr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rewardctl_critic::llm::cassette::{Player, Recorder};
use rewardctl_critic::llm::price::PriceTable;
use rewardctl_critic::llm::price::money::NanoDollars;
use rewardctl_pipeline::asker::Asker;
use rewardctl_pipeline::budget::{Budget, Caps};
use rewardctl_pipeline::call::{Caller, CallerParts};
use rewardctl_pipeline::endpoint::EndpointSettings;
use rewardctl_pipeline::error::Error as PipelineError;
use rewardctl_pipeline::line::Line;
use rewardctl_pipeline::panel::LoadedPanel;
use rewardctl_pipeline::tape::Tape;
use rewardctl_pipeline::unknown::OnUnknown;
use rewardctl_store::ledger::Ledger;
use rewardctl_store::open::Store;

use crate::cli::score::CallArgs;
use crate::commands::{now, open_store};
use crate::exit::Failure;
use crate::locate::{self, StorePlace};
use crate::settings::Settings;
use crate::settings::environment::{key, proxy};
use crate::show::say;
use crate::silence;

/// The endpoints that a run asks: no other one needs a key or a price.
#[derive(Debug, Default)]
pub struct Used {
    /// Those that the panel brings along.
    brought: BTreeMap<String, EndpointSettings>,
    /// The names of those that are asked; None is the only one that there is.
    named: BTreeSet<Option<String>>,
}

impl Used {
    /// Returns the endpoints of the panel's LLM critics.
    pub fn by_panel(panel: &LoadedPanel) -> Self {
        let named = panel.llm.iter().map(|slot| slot.endpoint.clone()).collect();
        Self { brought: panel.endpoints.clone(), named }
    }

    /// Adds one that is asked.
    pub fn and(mut self, named: Option<&str>) -> Self {
        self.named.insert(named.map(Into::into));
        self
    }

    /// Tells whether the endpoint `name` is asked, of so many that there are.
    fn has(&self, name: &str, count: usize) -> bool {
        let is_only_one = count == 1 && self.named.contains(&None);
        is_only_one || self.named.contains(&Some(name.to_owned()))
    }
}

/// Returns what makes the calls of a run. Nothing is sent yet.
pub async fn caller(
    args: &CallArgs,
    settings: &Settings,
    used: &Used,
    store: &Store,
    stop: Arc<AtomicBool>,
) -> Result<Arc<Caller>, Failure> {
    let tape = tape(args)?;
    let is_played = matches!(tape, Tape::Play(_));
    let keys = if is_played { Keys::NotNeeded } else { Keys::Needed };
    let lines = lines(settings, used, keys)?;
    let caps = caps(args)?;
    refuse_unknown_prices(&caps, used, &lines)?;
    let ledger = match is_played {
        true => None,
        false => Some(ledger(settings, store).await?),
    };
    let budget = Budget::new(caps);
    let deadline = args.max_minutes.map(|minutes| Duration::from_secs_f64(minutes.max(0.0) * 60.0));
    let unknown = on_unknown(settings)?;
    let parts =
        CallerParts { lines, store: store.clone(), ledger, tape, budget, deadline, unknown, now, stop };
    let caller = Arc::new(Caller::new(parts));
    tokio::spawn(silence::tell(Arc::downgrade(&caller)));
    Ok(caller)
}

/// Returns what notes down the calls that the panel's LLM critics would make; None if it has none. No key is read.
pub fn foreseer(
    settings: &Settings,
    panel: &LoadedPanel,
    store: &Store,
) -> Result<Option<Arc<Asker>>, Failure> {
    if panel.llm.is_empty() {
        return Ok(None);
    }
    let caller = noting(settings, &Used::by_panel(panel), store)?;
    // Nothing is sent, so nobody sees the fences: what they are keyed with changes neither keys nor lengths.
    let secret = [0; 32];
    Ok(Some(Arc::new(Asker::new(panel, caller, store.clone(), secret)?)))
}

/// Returns what only notes down the calls that would be made. No key is read.
pub fn noting(settings: &Settings, used: &Used, store: &Store) -> Result<Arc<Caller>, Failure> {
    let parts = CallerParts {
        lines: lines(settings, used, Keys::NotNeeded)?,
        store: store.clone(),
        ledger: None,
        tape: Tape::Note(Mutex::default()),
        budget: Budget::new(Caps::default()),
        deadline: None,
        unknown: on_unknown(settings)?,
        now,
        stop: Arc::default(),
    };
    Ok(Arc::new(Caller::new(parts)))
}

/// Returns what is done with calls of whose last attempt nobody saw the end.
fn on_unknown(settings: &Settings) -> Result<OnUnknown, Failure> {
    match settings.get("calls.unknown").0 {
        "retry" => Ok(OnUnknown::Retry),
        "hold" => Ok(OnUnknown::Hold),
        _ => Err(settings.wrong("calls.unknown", "`retry` or `hold`")),
    }
}

/// Whether the keys of endpoints are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Needed,
    NotNeeded,
}

/// Returns what asks the panel's LLM critics; None if it has none.
pub async fn asker(
    args: &CallArgs,
    settings: &Settings,
    panel: &LoadedPanel,
    store: &Store,
    stop: Arc<AtomicBool>,
) -> Result<Option<Arc<Asker>>, Failure> {
    if panel.llm.is_empty() {
        return Ok(None);
    }
    let caller = caller(args, settings, &Used::by_panel(panel), store, stop).await?;
    let secret = fence_secret(store).await?;
    Ok(Some(Arc::new(Asker::new(panel, caller, store.clone(), secret)?)))
}

/// Finds out what the endpoints of the panel's LLM critics can do, as a run does first.
pub async fn probe(settings: &Settings, panel: &LoadedPanel) -> Result<(), Failure> {
    let (store, _temporary) = open_store(settings).await?;
    let used = Used::by_panel(panel);
    let caller = caller(&CallArgs::default(), settings, &used, &store, Arc::default()).await?;
    for slot in &panel.llm {
        let critic = &panel.panel.slots[slot.slot].critic;
        let endpoint = caller.endpoint_of(critic, slot.endpoint.as_deref())?;
        caller.dialect(&endpoint).await?;
    }
    caller.finish().await?;
    store.close().await;
    Ok(())
}

/// Returns the project's secret that keys the fences around judged text.
pub async fn fence_secret(store: &Store) -> Result<[u8; 32], Failure> {
    let mut fresh = [0; 32];
    getrandom::fill(&mut fresh).map_err(|error| Failure::machine(anyhow::Error::msg(error.to_string())))?;
    Ok(store.fence_secret(fresh).await?)
}

fn tape(args: &CallArgs) -> Result<Tape, Failure> {
    let refused = |error| Failure::from(PipelineError::Llm(error));
    Ok(match (&args.record, &args.replay) {
        (Some(path), _) => Tape::Record(Mutex::new(Some(Recorder::open(path).map_err(refused)?))),
        (None, Some(path)) => Tape::Play(Player::open(path).map_err(refused)?),
        (None, None) => Tape::Off,
    })
}

fn lines(settings: &Settings, used: &Used, keys: Keys) -> Result<BTreeMap<String, Line>, Failure> {
    let prices = prices(settings)?;
    let mut known = settings.endpoints.clone();
    known.extend(used.brought.clone());
    let count = known.len();
    let mut lines = BTreeMap::new();
    for (name, endpoint) in known {
        let is_needed = keys == Keys::Needed && used.has(&name, count);
        let key = match endpoint.api_key_env.as_deref().filter(|_| is_needed) {
            Some(variable) => Some(key(variable).ok_or_else(|| no_key(&name, variable))?),
            None => None,
        };
        let line = Line::new(&name, &endpoint, key, proxy(&endpoint.base_url), &prices)?;
        lines.insert(name, line);
    }
    Ok(lines)
}

fn no_key(endpoint: &str, variable: &str) -> Failure {
    Failure::refused(
        format!("endpoint `{endpoint}` needs a key, and the environment variable `{variable}` is not set"),
        format!("`export {variable}=...`, or leave `api-key-env` out for a server that needs none"),
    )
}

/// Returns the user's price table, or the shipped one.
pub fn prices(settings: &Settings) -> Result<PriceTable, Failure> {
    let Some(path) = locate::prices(settings) else { return Ok(PriceTable::shipped()) };
    let shown = path.display();
    let refuse = |what: String| Failure::refused(what, "`rewardctl init` writes a copy of the shipped table");
    let text = fs::read_to_string(&path)
        .map_err(|error| refuse(format!("failed to read the price table `{shown}`: {error}")))?;
    PriceTable::parse(&text).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        refuse(format!("`{shown}`: {error}\n{}", cause.trim_end()))
    })
}

fn caps(args: &CallArgs) -> Result<Caps, Failure> {
    let cost = args.max_cost.as_deref().map(|text| {
        let text = text.trim_start_matches('$');
        NanoDollars::from_str(text).map(|money| money.0).map_err(|error| {
            Failure::refused(format!("`--max-cost {text}`: {error}"), "an amount in US dollars, such as 2.50")
        })
    });
    Ok(Caps { cost: cost.transpose()?, calls: args.max_calls, tokens: args.max_tokens })
}

/// A cap on money means nothing for a model of which nobody knows the price.
fn refuse_unknown_prices(caps: &Caps, used: &Used, lines: &BTreeMap<String, Line>) -> Result<(), Failure> {
    let mut asked = lines.iter().filter(|(name, _)| used.has(name, lines.len()));
    let unknown = asked.find(|(_, line)| line.price.is_none());
    match (caps.cost, unknown) {
        (Some(_), Some((name, line))) => Err(Failure::refused(
            format!(
                "`--max-cost` cannot hold: nobody says what model `{}` of endpoint `{name}` costs",
                line.model
            ),
            "give it a `price` in its settings, { input = \"0\", output = \"0\" } for a server of your own",
        )),
        _ => Ok(()),
    }
}

async fn ledger(settings: &Settings, store: &Store) -> Result<Ledger, Failure> {
    if locate::store(settings)? == StorePlace::None {
        return Err(Failure::refused(
            "`--store none` keeps no ledger, and calls that nobody books may be paid twice",
            "leave it out, or play recorded exchanges with `--replay FILE`",
        ));
    }
    let ledger = Ledger::open(store, &now()).await?;
    if ledger.interrupted() > 0 {
        say(format!(
            "an earlier run died with {} calls in flight: they may have been paid for, count as spent, and are made again",
            ledger.interrupted()
        ));
    }
    Ok(ledger)
}
