//! Notes, tags and corrections: what is typed on a task, and what becomes of it.

use rewardctl_core::review::decision::Answer;
use rewardctl_core::review::question::Kind;
use rewardctl_store::people::lease::Lease;

use crate::review::draft::Draft;
use crate::review::editor::Editor;
use crate::review::event::Effect;
use crate::review::mode::{Mode, Writing};
use crate::review::session::Session;

impl Session {
    pub(super) fn point(&mut self, key: &str) -> Vec<Effect> {
        let count = self.tasks.front().map_or(0, |task| task.responses.len());
        let place = key.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match place.filter(|place| *place < count) {
            Some(place) => self.write(Writing::Correction(place)),
            None => self.back(),
        }
    }

    pub(super) fn write(&mut self, what: Writing) -> Vec<Effect> {
        let Some(task) = self.tasks.front() else { return vec![] };
        let text = match what {
            Writing::Note => self.draft.note.clone(),
            Writing::Tags => self.draft.tags.join(", "),
            Writing::Correction(place) => match &self.draft.begun {
                Some((begun, text)) if *begun == place => text.clone(),
                _ => task.responses[place].text.clone(),
            },
        };
        self.mode = Mode::Writing(what, Editor::new(&text));
        vec![]
    }

    pub(super) fn save(&mut self, now: i64) -> Vec<Effect> {
        let Mode::Writing(what, editor) = &self.mode else { return vec![] };
        let (what, text) = (*what, editor.text());
        self.mode = Mode::Asking;
        match what {
            Writing::Note => self.draft.note = text.trim().into(),
            Writing::Tags => {
                let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
                self.draft.tags = tags.map(String::from).collect();
                let asks_for_tags = self.tasks.front().is_some_and(|task| task.kind == Kind::Tag);
                if asks_for_tags && !self.draft.tags.is_empty() {
                    return self.decide(Answer::Tag {}, now);
                }
            }
            Writing::Correction(_) if text.trim().is_empty() => {
                self.message = "a correction needs a text".into();
                return vec![];
            }
            Writing::Correction(place) if self.is_unchanged(place, &text) => {
                self.message = "the text is as it was: nothing is corrected".into();
                return vec![];
            }
            Writing::Correction(place) => return self.decide(Answer::Correct { place, text }, now),
        }
        self.keep_draft()
    }

    fn is_unchanged(&self, place: usize, text: &str) -> bool {
        self.tasks.front().is_some_and(|task| task.responses[place].text.trim() == text.trim())
    }

    /// Returns what is being written of the task at hand, as it would be kept; None while nothing is.
    pub fn typed(&self) -> Option<(i64, String)> {
        Some((self.tasks.front()?.task, self.written()?.body()))
    }

    /// The draft with what is in the field; tags that were begun are nothing yet.
    fn written(&self) -> Option<Draft> {
        let Mode::Writing(what, editor) = &self.mode else { return None };
        let draft = self.draft.clone();
        match what {
            Writing::Note => Some(Draft { note: editor.text(), ..draft }),
            Writing::Tags => None,
            Writing::Correction(place) => Some(Draft { begun: Some((*place, editor.text())), ..draft }),
        }
    }

    /// Keeps what is being written, and leaves the field.
    pub(super) fn put_down(&mut self) -> Vec<Effect> {
        let written = self.written();
        if let Mode::Writing(..) = self.mode {
            self.mode = Mode::Asking;
        }
        let Some(draft) = written else { return vec![] };
        self.draft = draft;
        self.keep_draft()
    }

    pub(super) fn keep_draft(&self) -> Vec<Effect> {
        let draft = |task: &Lease| Effect::Draft { task: task.task, body: self.draft.body() };
        self.tasks.front().map(draft).into_iter().collect()
    }
}
