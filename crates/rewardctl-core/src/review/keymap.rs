//! Which key does what: one map for the terminal, the page, the help overlay and the docs.
//!
//! A map is checked when it is made: every action has a key, no key has two meanings in one place, and a key is a
//! printable character or one of a few names, so that nothing else can hide in a file of keys.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::review::decision::SkipReason;
use crate::review::question::Kind;

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// At every question.
    Everywhere,
    /// At a question to rate.
    Rate,
    /// At a question to choose between two.
    Choose,
    /// At a question to rank.
    Rank,
    /// At a question to approve or reject.
    Approve,
    /// In the menu of reasons to skip.
    Skip,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Takes the last decision back and shows its question again.
    Undo,
    /// Opens the menu of reasons to skip.
    Skip,
    /// Writes a note that goes with the next decision.
    Note,
    /// Writes tags that go with the next decision.
    Tags,
    /// Opens the editor with the response.
    Correct,
    /// Shows two responses as one text with what differs, or side by side again.
    Diff,
    /// Shows what the critics said of the last decision.
    Reveal,
    /// Shows this map.
    Help,
    /// Scrolls down.
    Down,
    /// Scrolls up.
    Up,
    /// Goes to the start.
    Top,
    /// Goes to the end.
    Bottom,
    /// Ends the session.
    Quit,
    /// Gives the value at this place of the scale, from 0.
    Value(u8),
    /// The first is better.
    Left,
    /// The second is better.
    Right,
    /// The first is slightly better.
    SlightlyLeft,
    /// The second is slightly better.
    SlightlyRight,
    /// Both are as good.
    Tie,
    /// Neither will do.
    BothBad,
    /// The person cannot tell.
    CannotTell,
    /// Puts the response at this place, from 0, next in the ranking.
    Next(u8),
    /// The response may pass.
    Approve,
    /// It may not.
    Reject,
    /// Skips for this reason.
    Because(SkipReason),
}

impl Action {
    /// Tells whether it moves what is shown, and does nothing else.
    pub fn moves(self) -> bool {
        matches!(self, Self::Down | Self::Up | Self::Top | Self::Bottom)
    }
}

/// An action with its name and what it does.
struct Known {
    place: Place,
    action: Action,
    name: &'static str,
    help: &'static str,
}

const fn known(place: Place, action: Action, name: &'static str, help: &'static str) -> Known {
    Known { place, action, name, help }
}

/// Every action, in the order of the help.
const KNOWN: &[Known] = &[
    known(Place::Choose, Action::Left, "left", "the left one is better"),
    known(Place::Choose, Action::Right, "right", "the right one is better"),
    known(Place::Choose, Action::SlightlyLeft, "slightly_left", "the left one is slightly better"),
    known(Place::Choose, Action::SlightlyRight, "slightly_right", "the right one is slightly better"),
    known(Place::Choose, Action::Tie, "tie", "both are as good"),
    known(Place::Choose, Action::BothBad, "both_bad", "neither will do"),
    known(Place::Choose, Action::CannotTell, "cannot_tell", "cannot tell"),
    known(Place::Rate, Action::Value(0), "value_1", "the lowest value"),
    known(Place::Rate, Action::Value(1), "value_2", "the second value from below"),
    known(Place::Rate, Action::Value(2), "value_3", "the third"),
    known(Place::Rate, Action::Value(3), "value_4", "the fourth"),
    known(Place::Rate, Action::Value(4), "value_5", "the fifth; the highest of five"),
    known(Place::Rate, Action::Value(5), "value_6", "the sixth, where the scale has it"),
    known(Place::Rate, Action::Value(6), "value_7", "the seventh"),
    known(Place::Rate, Action::Value(7), "value_8", "the eighth"),
    known(Place::Rate, Action::Value(8), "value_9", "the ninth"),
    known(Place::Rate, Action::Value(9), "value_10", "the tenth"),
    known(Place::Rank, Action::Next(0), "next_1", "response 1 is the best of those left"),
    known(Place::Rank, Action::Next(1), "next_2", "response 2 is"),
    known(Place::Rank, Action::Next(2), "next_3", "response 3 is"),
    known(Place::Rank, Action::Next(3), "next_4", "response 4 is"),
    known(Place::Rank, Action::Next(4), "next_5", "response 5 is"),
    known(Place::Rank, Action::Next(5), "next_6", "response 6 is"),
    known(Place::Rank, Action::Next(6), "next_7", "response 7 is"),
    known(Place::Rank, Action::Next(7), "next_8", "response 8 is"),
    known(Place::Rank, Action::Next(8), "next_9", "response 9 is"),
    known(Place::Approve, Action::Approve, "approve", "it may pass"),
    known(Place::Approve, Action::Reject, "reject", "it may not"),
    known(Place::Everywhere, Action::Undo, "undo", "take the last decision back"),
    known(Place::Everywhere, Action::Skip, "skip", "skip, and say why"),
    known(Place::Everywhere, Action::Correct, "correct", "write a better text"),
    known(Place::Everywhere, Action::Note, "note", "add a note to the next decision"),
    known(Place::Everywhere, Action::Tags, "tags", "add tags to the next decision"),
    known(Place::Everywhere, Action::Diff, "diff", "show what differs, or side by side"),
    known(Place::Everywhere, Action::Reveal, "reveal", "show what critics said of the last decision"),
    known(Place::Everywhere, Action::Down, "down", "scroll down"),
    known(Place::Everywhere, Action::Up, "up", "scroll up"),
    known(Place::Everywhere, Action::Top, "top", "go to the start"),
    known(Place::Everywhere, Action::Bottom, "bottom", "go to the end"),
    known(Place::Everywhere, Action::Help, "help", "show the keys"),
    known(Place::Everywhere, Action::Quit, "quit", "end the session"),
    known(
        Place::Skip,
        Action::Because(SkipReason::Ambiguous),
        "ambiguous",
        "it can be read in more than one way",
    ),
    known(Place::Skip, Action::Because(SkipReason::NeedsExpert), "needs_expert", "it takes an expert"),
    known(Place::Skip, Action::Because(SkipReason::Broken), "broken", "a text is cut, empty or garbled"),
    known(Place::Skip, Action::Because(SkipReason::Unsafe), "unsafe", "unsafe, or personal data"),
    known(Place::Skip, Action::Because(SkipReason::Duplicate), "duplicate", "it was seen before"),
    known(Place::Skip, Action::Because(SkipReason::Other), "other", "another reason"),
];

/// The names of keys that are no character.
const NAMED: [&str; 14] = [
    "Backspace",
    "Delete",
    "Enter",
    "Escape",
    "Space",
    "Tab",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "PageUp",
    "PageDown",
    "Home",
    "End",
];

/// The most keys of one action.
const MOST_KEYS: usize = 4;

/// A file of keys: places, their actions, and the keys of each.
pub type KeyFile = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Which key does what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    /// The keys of each of [`KNOWN`], in its order.
    keys: Vec<Vec<String>>,
}

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line<'a> {
    /// Where it works.
    pub place: Place,
    /// The name of the action.
    pub action: &'static str,
    /// Its keys, the first is the one to show.
    pub keys: &'a [String],
    /// What it does.
    pub help: &'static str,
}

/// What is wrong with a file of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// A name that is no action.
    #[error("`{place}.{action}` is no action of the key map")]
    Unknown {
        /// Where.
        place: String,
        /// What.
        action: String,
    },
    /// What is no key.
    #[error("`{key}` of `{action}` is no key: a printable character, or one of {}", NAMED.join(", "))]
    NoKey {
        /// The action.
        action: &'static str,
        /// What was given.
        key: String,
    },
    /// An action without a key, or with more than anybody remembers.
    #[error("`{action}` has {found} keys; one to {MOST_KEYS} are due")]
    Count {
        /// The action.
        action: &'static str,
        /// How many.
        found: usize,
    },
    /// One key for two actions.
    #[error("the key `{key}` stands for both `{one}` and `{other}`")]
    Collision {
        /// The key.
        key: String,
        /// An action.
        one: &'static str,
        /// Another that works in the same place.
        other: &'static str,
    },
}

impl Keymap {
    /// Makes a map of the shipped keys and those that replace some of them.
    pub fn new(shipped: &KeyFile, changed: &KeyFile) -> Result<Self, KeymapError> {
        let mut keys = vec![vec![]; KNOWN.len()];
        for (place, actions) in shipped.iter().chain(changed) {
            for (action, given) in actions {
                let at = KNOWN.iter().position(|known| known.name == action && known.place.name() == place);
                let unknown = || KeymapError::Unknown { place: place.clone(), action: action.clone() };
                keys[at.ok_or_else(unknown)?].clone_from(given);
            }
        }
        let map = Self { keys };
        map.check()?;
        Ok(map)
    }

    /// Returns what `key` does at a question of this kind; None if nothing.
    pub fn action(&self, kind: Kind, key: &str) -> Option<Action> {
        let here = Place::of(kind);
        self.find(key, |place| place == Place::Everywhere || Some(place) == here)
    }

    /// Returns the reason that `key` stands for in the menu of reasons to skip.
    pub fn reason(&self, key: &str) -> Option<SkipReason> {
        match self.find(key, |place| place == Place::Skip)? {
            Action::Because(reason) => Some(reason),
            _ => None,
        }
    }

    /// Returns every action with its keys, in the order of the help.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        KNOWN.iter().zip(&self.keys).map(|(known, keys)| Line {
            place: known.place,
            action: known.name,
            keys,
            help: known.help,
        })
    }

    /// Returns the first key of an action.
    pub fn key(&self, action: Action) -> &str {
        let at = KNOWN.iter().position(|known| known.action == action);
        at.and_then(|at| self.keys[at].first()).map_or("", String::as_str)
    }

    fn find(&self, key: &str, here: impl Fn(Place) -> bool) -> Option<Action> {
        let mut of_here = KNOWN.iter().zip(&self.keys).filter(|(known, _)| here(known.place));
        of_here.find(|(_, keys)| keys.iter().any(|own| own == key)).map(|(known, _)| known.action)
    }

    fn check(&self) -> Result<(), KeymapError> {
        for (known, keys) in KNOWN.iter().zip(&self.keys) {
            if !(1..=MOST_KEYS).contains(&keys.len()) {
                return Err(KeymapError::Count { action: known.name, found: keys.len() });
            }
            if let Some(key) = keys.iter().find(|key| !is_key(key)) {
                return Err(KeymapError::NoKey { action: known.name, key: key.clone() });
            }
        }
        for (at, (known, keys)) in KNOWN.iter().zip(&self.keys).enumerate() {
            for (other, others) in KNOWN.iter().zip(&self.keys).skip(at + 1) {
                let shared = keys.iter().find(|key| others.contains(key));
                if let Some(key) = shared.filter(|_| known.place.meets(other.place)) {
                    return Err(KeymapError::Collision {
                        key: key.clone(),
                        one: known.name,
                        other: other.name,
                    });
                }
            }
        }
        Ok(())
    }
}

impl Place {
    /// Returns the name under which it stands in a file of keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Rate => "rate",
            Self::Choose => "choose",
            Self::Rank => "rank",
            Self::Approve => "approve",
            Self::Skip => "skip",
        }
    }

    /// Returns the place of a kind of question, beside those that work everywhere.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Rate => Some(Self::Rate),
            Kind::Choose => Some(Self::Choose),
            Kind::Rank => Some(Self::Rank),
            Kind::Approve => Some(Self::Approve),
            Kind::Correct | Kind::Tag => None,
        }
    }

    /// Tells whether keys of both can be pressed at the same moment; the menu of reasons takes all keys for itself.
    fn meets(self, other: Self) -> bool {
        self == other
            || (self == Self::Everywhere && other != Self::Skip)
            || (other == Self::Everywhere && self != Self::Skip)
    }
}

fn is_key(key: &str) -> bool {
    let one = key.len() == 1 && key.bytes().all(|byte| byte.is_ascii_graphic());
    one || NAMED.contains(&key)
}

#[cfg(test)]
mod tests;
