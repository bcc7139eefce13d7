//! `rewardctl review`.

use std::collections::VecDeque;
use std::io::{IsTerminal, stdin, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rewardctl_core::review::keymap::Keymap;
use rewardctl_core::review::role::Role;
use rewardctl_store::error::Error as StoreError;
use rewardctl_store::open::Store;
use rewardctl_store::people::decide::Deciding;
use rewardctl_store::people::lease::Ask;
use rewardctl_store::people::refusal::Refusal;
use rewardctl_store::people::work::TaskFilter;
use rewardctl_store::people::{Person, WorkSettings};

use crate::cli::people::ReviewArgs;
use crate::commands::people::{clock, keymap, own_name, work_settings};
use crate::commands::serve::stop;
use crate::commands::{block_on, open_known_store, print_line};
use crate::exit::{Exit, Failure};
use crate::report::{self, counted};
use crate::review::event::{Effect, Event};
use crate::review::screen::{Screen, give_back};
use crate::review::session::{AHEAD, Session};
use crate::review::view::View;
use crate::review::words::outside;
use crate::settings::Settings;
use crate::show::say;

/// How long a look at the keyboard lasts.
const LOOK: Duration = Duration::from_millis(200);

/// How often the counts are taken, in milliseconds.
const COUNT_MS: i64 = 3000;

/// How often what is being typed is kept, in milliseconds: no more of it is lost, whatever ends the program.
const TYPED_MS: i64 = 2000;

/// How long a session has to end when it is told to.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Shows tasks and takes decisions until the person is done.
pub fn run(args: &ReviewArgs, settings: &Settings) -> Result<Exit, Failure> {
    let keymap = keymap(settings)?;
    if args.keys {
        print_line(&report::people::keys(&keymap))?;
        return Ok(Exit::Done);
    }
    if !stdin().is_terminal() || !stdout().is_terminal() {
        let hint = "`rewardctl serve` has the page, `rewardctl queue export` writes files for other tools";
        return Err(Failure::refused("reviewing needs a terminal", hint));
    }
    let role = if args.curate { Role::Curator } else { Role::Reviewer };
    let person = Person { name: own_name(args.name.as_deref(), settings), role };
    let work = work_settings(settings)?;
    let decided = block_on(async {
        let store = open_known_store(settings).await?;
        store.index_for_review().await?;
        let desk = Desk { store, person, ask: ask(args), work };
        let decided = desk.sit(&keymap).await;
        desk.store.close().await;
        decided
    })?;
    say(format!("{} kept", counted(decided, "decision")));
    Ok(Exit::Done)
}

fn ask(args: &ReviewArgs) -> Ask {
    Ask { filter: args.filter.filter(), ..Ask::default() }
}

/// Where one person works.
struct Desk {
    store: Store,
    person: Person,
    ask: Ask,
    work: WorkSettings,
}

impl Desk {
    /// Runs the session; returns how many decisions of it stand.
    async fn sit(&self, keymap: &Keymap) -> Result<usize, Failure> {
        let told = Arc::new(AtomicBool::new(false));
        let tell = Arc::clone(&told);
        tokio::spawn(async move {
            stop().await;
            tell.store(true, Ordering::Relaxed);
            // Who reads from a terminal that is gone never comes back: leases end by themselves, drafts are kept.
            tokio::time::sleep(LAST_WORDS).await;
            give_back();
            std::process::exit(Exit::Interrupted as i32);
        });
        let began = clock().ms;
        let mut session = Session::new(began);
        let mut screen = Screen::take().map_err(Failure::machine)?;
        let mut effects = VecDeque::from(self.begin(&mut session, keymap).await?);
        let (mut counted_at, mut held_at, mut typed_at) = (0, began, began);
        let mut typed = None;
        loop {
            while let Some(effect) = effects.pop_front() {
                if let Effect::Quit(held) = effect {
                    self.give_back(held).await;
                    return Ok(session.decided);
                }
                let event = self.carry_out(effect).await?;
                effects.extend(event.map_or(vec![], |event| session.update(event, keymap, clock().ms)));
            }
            let now = clock().ms;
            if now - counted_at > COUNT_MS {
                counted_at = now;
                let counts = self.store.queue_counts(&clock()).await?;
                effects.extend(session.update(Event::Counts(counts), keymap, now));
            }
            if now - held_at > self.work.lease_ms / 3 {
                held_at = now;
                effects.extend(self.hold(&mut session, keymap).await?);
            }
            if now - typed_at > TYPED_MS && session.typed() != typed {
                (typed, typed_at) = (session.typed(), now);
                effects.extend(typed.clone().map(|(task, body)| Effect::Draft { task, body }));
            }
            let view = View { keymap, name: &self.person.name, elapsed_ms: now - began };
            session.furthest = screen.draw(&session, &view).map_err(Failure::machine)?;
            let event = match told.load(Ordering::Relaxed) {
                true => Some(Event::Interrupt),
                false => screen.next(LOOK).map_err(Failure::machine)?,
            };
            effects.extend(event.map_or(vec![], |event| session.update(event, keymap, clock().ms)));
        }
    }

    /// Takes the first tasks. What this person still holds, as after a crash, comes first, if it is of the filter or
    /// something was typed on it.
    async fn begin(&self, session: &mut Session, keymap: &Keymap) -> Result<Vec<Effect>, Failure> {
        if self.ask.filter != TaskFilter::default() {
            let left_out = self.store.give_back_others(&self.person, &self.ask.filter).await?;
            session.message = outside(&left_out);
        }
        let begin = Ask { count: AHEAD, resume: true, ..self.ask.clone() };
        let leases = self.store.claim(&self.person, &begin, &self.work, &clock()).await?;
        Ok(session.update(Event::Leases(leases), keymap, session.began))
    }

    /// Does what a session asks for; what the store refuses is an answer, what it fails at ends the session.
    async fn carry_out(&self, effect: Effect) -> Result<Option<Event>, Failure> {
        let outcome = match effect {
            Effect::Claim(0) | Effect::Quit(_) => return Ok(None),
            Effect::Claim(count) => {
                let ask = Ask { count, ..self.ask.clone() };
                self.store.claim(&self.person, &ask, &self.work, &clock()).await.map(Event::Leases)
            }
            Effect::Decide { task, token, decision } => {
                let deciding = Deciding { task, token, decision, request: None };
                match self.store.decide(&self.person, &deciding, &self.work, &clock()).await {
                    Err(StoreError::Refused(refusal)) => {
                        return Ok(Some(Event::Unkept {
                            lost: lost(&refusal),
                            message: refusal.to_string(),
                        }));
                    }
                    outcome => outcome.map(|_| Event::Kept),
                }
            }
            Effect::Undo => {
                let undone = self.store.undo(&self.person, None, &self.work, &clock()).await;
                undone.map(|undone| Event::Undone(Box::new(undone.lease)))
            }
            Effect::Reveal(task) => {
                let revealed = self.store.reveal(&self.person, task, &clock()).await;
                revealed.map(|revealed| Event::Revealed(Box::new(revealed)))
            }
            Effect::Draft { task, body } => {
                return Ok(self
                    .store
                    .save_draft(&self.person, task, &body, &clock())
                    .await
                    .map(|()| None)?);
            }
        };
        match outcome {
            Ok(event) => Ok(Some(event)),
            Err(StoreError::Refused(refusal)) => Ok(Some(refused(&refusal))),
            Err(error) => Err(error.into()),
        }
    }

    /// Holds what is on the desk longer.
    async fn hold(&self, session: &mut Session, keymap: &Keymap) -> Result<Vec<Effect>, Failure> {
        let held: Vec<(i64, i64)> = session.tasks.iter().map(|task| (task.task, task.token)).collect();
        let mut effects = vec![];
        for (task, token) in held {
            match self.store.heartbeat(&self.person, task, token, (&self.work, &clock())).await {
                Ok(_) => {}
                Err(StoreError::Refused(refusal)) => {
                    effects.extend(session.update(refused(&refusal), keymap, clock().ms));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(effects)
    }

    /// What is not given back is free when its lease is over.
    async fn give_back(&self, held: Vec<(i64, i64)>) {
        for (task, token) in held {
            drop(self.store.give_back(&self.person, task, token).await);
        }
    }
}

/// Returns the task that a refusal takes out of this person's hands.
fn lost(refusal: &Refusal) -> Option<i64> {
    match refusal {
        Refusal::LeaseLost { task }
        | Refusal::Closed { task }
        | Refusal::NoLease { task }
        | Refusal::NoTask { task }
        | Refusal::Decided { task } => Some(*task),
        _ => None,
    }
}

fn refused(refusal: &Refusal) -> Event {
    Event::Refused { lost: lost(refusal), message: refusal.to_string() }
}
