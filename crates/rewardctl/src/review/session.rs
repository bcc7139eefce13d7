//! What is on the screen, and what a key or an answer of the store changes. Pure: time comes with the event.

use std::collections::VecDeque;

use rewardctl_core::review::decision::{Answer, Choice, Decision};
use rewardctl_core::review::keymap::{Action, Keymap};
use rewardctl_core::review::question::Kind;
use rewardctl_core::score::Score;
use rewardctl_store::people::figures::QueueCounts;
use rewardctl_store::people::lease::Lease;

use crate::review::draft::Draft;
use crate::review::event::{Effect, Event};
use crate::review::mode::{Mode, Writing};
use crate::review::words::{beginning, said};

mod writing;

/// How much better "slightly" is, in 0..=1.
const SLIGHTLY: f64 = 0.5;

/// How long a key is not taken after a task went away by itself, in milliseconds: longer than it takes to press a key that
/// was meant for it, and than a key that is held down takes to come again.
const DEAF_MS: i64 = 700;

/// How long a task is there before it is answered, in milliseconds: nobody has seen it before.
const LOOK_MS: i64 = 200;

/// Tasks that are held: one is looked at, the others come next.
pub const AHEAD: usize = 3;

/// What is on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Tasks that are held; the first is looked at.
    pub tasks: VecDeque<Lease>,
    /// What has the keys.
    pub mode: Mode,
    /// What is typed on the first task and goes with its next decision.
    pub draft: Draft,
    /// Places of a ranking, best first.
    pub order: Vec<usize>,
    /// Whether two responses are shown as one text.
    pub diff: bool,
    /// Lines scrolled.
    pub scroll: u16,
    /// The most lines that can be scrolled, as it was drawn last.
    pub furthest: u16,
    /// What was said last to the person.
    pub message: String,
    /// Decisions of this session that stand.
    pub decided: usize,
    /// The counts of the queue.
    pub counts: QueueCounts,
    /// Whether the store has no task for this person.
    pub nothing: bool,
    /// When the session began, in milliseconds.
    pub began: i64,
    since: i64,
    /// Until when answers are not taken: they were meant for a task that is gone.
    deaf_until: i64,
    last: Option<i64>,
    /// The key that was pressed last, and when.
    pressed: (String, i64),
    /// Decisions that the store has not answered yet: their tasks with what was typed on them, and whether they end these.
    sent: VecDeque<(Lease, bool)>,
    /// The tasks of decisions that the store kept in this session, and whether these ended them.
    kept: Vec<(i64, bool)>,
}

impl Session {
    /// Begins.
    pub fn new(now: i64) -> Self {
        Self {
            tasks: VecDeque::new(),
            mode: Mode::Asking,
            draft: Draft::default(),
            order: vec![],
            diff: false,
            scroll: 0,
            furthest: u16::MAX,
            message: String::new(),
            decided: 0,
            counts: QueueCounts::default(),
            nothing: false,
            began: now,
            since: now,
            deaf_until: now,
            last: None,
            pressed: (String::new(), now),
            sent: VecDeque::new(),
            kept: vec![],
        }
    }

    /// Changes what is on the screen, and returns what is to be done.
    pub fn update(&mut self, event: Event, keymap: &Keymap, now: i64) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.press(&key, keymap, now),
            Event::Paste(text) => {
                if let Mode::Writing(_, editor) = &mut self.mode {
                    editor.insert(&text.replace("\r\n", "\n").replace('\r', "\n"));
                }
                vec![]
            }
            Event::Save => self.save(now),
            Event::Interrupt => self.quit(),
            Event::Leases(leases) => self.take(leases, now),
            Event::Kept => {
                let Some((task, ends)) = self.sent.pop_front() else { return vec![] };
                self.kept.push((task.task, ends));
                self.decided += usize::from(ends);
                vec![]
            }
            Event::Unkept { lost, message } => self.unkept(lost, &message, now),
            Event::Undone(lease) => self.undone(*lease, now),
            Event::Revealed(revealed) => {
                self.mode = Mode::Revealing(revealed);
                self.scroll = 0;
                vec![]
            }
            Event::Refused { lost, message } => self.refused(lost, message, now),
            Event::Counts(counts) => {
                self.counts = counts;
                let waits = self.nothing && self.counts.open > 0;
                if waits { vec![Effect::Claim(AHEAD)] } else { vec![] }
            }
        }
    }

    fn take(&mut self, leases: Vec<Lease>, now: i64) -> Vec<Effect> {
        let was_empty = self.tasks.is_empty();
        for lease in leases {
            if self.tasks.iter().all(|task| task.task != lease.task) {
                self.tasks.push_back(lease);
            }
        }
        self.nothing = self.tasks.is_empty();
        if was_empty && !self.nothing {
            let message = std::mem::take(&mut self.message);
            self.open(message, now);
        }
        vec![]
    }

    fn refused(&mut self, lost: Option<i64>, message: String, now: i64) -> Vec<Effect> {
        self.message = message;
        let Some(lost) = lost else { return vec![] };
        let is_seen = self.tasks.front().is_some_and(|task| task.task == lost);
        let mut effects = if is_seen { self.put_down() } else { vec![] };
        self.tasks.retain(|task| task.task != lost);
        if is_seen {
            let message = std::mem::take(&mut self.message);
            self.open(message, now);
            self.deaf_until = now + DEAF_MS;
        }
        effects.push(Effect::Claim(AHEAD.saturating_sub(self.tasks.len())));
        effects
    }

    /// Asks again what was taken back; what was decided before this session is named.
    fn undone(&mut self, lease: Lease, now: i64) -> Vec<Effect> {
        let own = self.kept.pop_if(|(task, _)| *task == lease.task);
        self.decided -= usize::from(own.is_some_and(|(_, ends)| ends));
        let message = match own {
            Some(_) => "taken back".into(),
            None => format!("taken back from before: task {}, “{}”", lease.task, beginning(&lease)),
        };
        self.tasks.retain(|task| task.task != lease.task);
        self.tasks.push_front(lease);
        self.open(message, now);
        vec![]
    }

    /// Keeps what was typed on a decision that the store refused; a task that is still held is asked again.
    fn unkept(&mut self, lost: Option<i64>, message: &str, now: i64) -> Vec<Effect> {
        let Some((task, _)) = self.sent.pop_front() else { return vec![] };
        let draft = Effect::Draft { task: task.task, body: task.draft.clone().unwrap_or_default() };
        let message = format!("not counted, but kept as a draft: {message}");
        let mut effects = vec![];
        if lost.is_some() {
            effects = self.refused(lost, message, now);
        } else {
            self.tasks.retain(|other| other.task != task.task);
            self.tasks.push_front(task);
            self.open(message, now);
        }
        effects.push(draft);
        effects
    }

    /// Shows the first task as if for the first time.
    fn open(&mut self, message: String, now: i64) {
        (self.mode, self.scroll, self.message, self.since) = (Mode::Asking, 0, message, now);
        (self.order, self.deaf_until) = (vec![], now + LOOK_MS);
        self.draft = Draft::read(self.tasks.front().and_then(|task| task.draft.as_deref()));
    }

    fn press(&mut self, key: &str, keymap: &Keymap, now: i64) -> Vec<Effect> {
        // A key that is held down would decide tasks that nobody has seen.
        let is_held = self.pressed.0 == key && (0..DEAF_MS).contains(&(now - self.pressed.1));
        self.pressed = (key.into(), now);
        match &mut self.mode {
            Mode::Writing(Writing::Correction(_), _) if key == "Escape" => self.put_down(),
            Mode::Writing(..) if key == "Escape" => self.back(),
            Mode::Writing(Writing::Note | Writing::Tags, _) if key == "Enter" => self.save(now),
            Mode::Writing(_, editor) => {
                editor.press(key);
                vec![]
            }
            Mode::Skipping => match keymap.reason(key) {
                Some(reason) => self.decide(Answer::Skip { reason }, now),
                None => self.back(),
            },
            Mode::Pointing => self.point(key),
            Mode::Helping | Mode::Revealing(_) => match keymap.action(Kind::Tag, key) {
                Some(action) if action.moves() => self.act(action, now),
                _ => self.back(),
            },
            Mode::Asking => {
                let kind = self.tasks.front().map_or(Kind::Tag, |task| task.kind);
                match keymap.action(kind, key) {
                    Some(action) if action.moves() => self.act(action, now),
                    Some(_) if is_held => {
                        self.too_soon("the same key too soon: press it again in a moment", now)
                    }
                    Some(_) if now < self.deaf_until => {
                        self.too_soon("too soon: nobody has read this yet", now)
                    }
                    Some(action) => self.act(action, now),
                    None => vec![],
                }
            }
        }
    }

    /// Says why a key is not taken, unless the person is told that their task went away.
    fn too_soon(&mut self, why: &str, now: i64) -> Vec<Effect> {
        let is_told = now < self.deaf_until && self.deaf_until - self.since == DEAF_MS;
        if !is_told {
            self.message = why.into();
        }
        vec![]
    }

    fn back(&mut self) -> Vec<Effect> {
        (self.mode, self.scroll) = (Mode::Asking, 0);
        vec![]
    }

    fn scrolled(&mut self, lines: i16) -> Vec<Effect> {
        self.scroll = self.scroll.min(self.furthest).saturating_add_signed(lines).min(self.furthest);
        vec![]
    }

    fn act(&mut self, action: Action, now: i64) -> Vec<Effect> {
        match action {
            Action::Undo => return vec![Effect::Undo],
            Action::Help => (self.mode, self.scroll) = (Mode::Helping, 0),
            Action::Quit => return self.quit(),
            Action::Down => return self.scrolled(4),
            Action::Up => return self.scrolled(-4),
            Action::Top => self.scroll = 0,
            Action::Bottom => self.scroll = self.furthest,
            Action::Reveal => match self.last {
                Some(task) => return vec![Effect::Reveal(task)],
                None => self.message = "what critics said is shown when you have decided a task".into(),
            },
            action => return self.answer(action, now),
        }
        vec![]
    }

    /// Does what needs a task.
    fn answer(&mut self, action: Action, now: i64) -> Vec<Effect> {
        let Some(task) = self.tasks.front() else { return vec![] };
        let slightly = Score::new(SLIGHTLY).ok();
        let choose = |choice, strength| Answer::Choose { choice, strength };
        let answer = match action {
            Action::Skip => {
                self.mode = Mode::Skipping;
                return vec![];
            }
            Action::Note => return self.write(Writing::Note),
            Action::Tags => return self.write(Writing::Tags),
            Action::Correct if task.responses.len() > 1 => {
                self.mode = Mode::Pointing;
                return vec![];
            }
            Action::Correct => return self.write(Writing::Correction(0)),
            Action::Diff => {
                (self.diff, self.scroll) = (!self.diff, 0);
                return vec![];
            }
            Action::Next(place) => return self.rank(usize::from(place), now),
            Action::Value(place) => match task.values.get(usize::from(place)) {
                Some(value) => Answer::Rate { value: *value },
                None => return vec![],
            },
            Action::Left => choose(Choice::Left, None),
            Action::Right => choose(Choice::Right, None),
            Action::SlightlyLeft => choose(Choice::Left, slightly),
            Action::SlightlyRight => choose(Choice::Right, slightly),
            Action::Tie => choose(Choice::Tie, None),
            Action::BothBad => choose(Choice::BothBad, None),
            Action::CannotTell => choose(Choice::CannotTell, None),
            Action::Approve => Answer::Approve {},
            Action::Reject => Answer::Reject {},
            Action::Because(_)
            | Action::Undo
            | Action::Help
            | Action::Quit
            | Action::Down
            | Action::Up
            | Action::Top
            | Action::Bottom
            | Action::Reveal => return vec![],
        };
        self.decide(answer, now)
    }

    fn rank(&mut self, place: usize, now: i64) -> Vec<Effect> {
        let count = self.tasks.front().map_or(0, |task| task.responses.len());
        if place >= count || self.order.contains(&place) {
            return vec![];
        }
        self.order.push(place);
        // The last place takes its key, too: whoever names all would answer the next task with it.
        if self.order.len() < count {
            return vec![];
        }
        let order = self.order.clone();
        self.decide(Answer::Rank { order }, now)
    }

    fn decide(&mut self, answer: Answer, now: i64) -> Vec<Effect> {
        let Some(task) = self.tasks.front() else { return vec![] };
        let (id, token, ends) = (task.task, task.token, answer.ends(task.kind));
        let elapsed_ms = u32::try_from((now - self.since).max(0)).ok();
        let message = match ends {
            true => said(&answer),
            false => "the correction is kept; the question is still open".into(),
        };
        let mut typed = self.draft.clone();
        if let Answer::Correct { place, text } = &answer {
            typed.begun = Some((*place, text.clone()));
        }
        self.sent.push_back((Lease { draft: Some(typed.body()), ..task.clone() }, ends));
        let decision =
            Decision { answer, note: self.draft.note.clone(), tags: self.draft.tags.clone(), elapsed_ms };
        let mut effects = vec![Effect::Decide { task: id, token, decision }];
        if !ends {
            (self.message, self.draft.begun) = (message, None);
            effects.extend(self.keep_draft());
            return effects;
        }
        self.tasks.pop_front();
        self.last = Some(id);
        self.open(message, now);
        effects.push(Effect::Claim(AHEAD.saturating_sub(self.tasks.len())));
        effects
    }

    fn quit(&mut self) -> Vec<Effect> {
        let mut effects = self.put_down();
        effects.push(Effect::Quit(self.tasks.iter().map(|task| (task.task, task.token)).collect()));
        effects
    }
}
