//! What lies over a task: help, menus, fields, and what critics said.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Clear;
use rewardctl_core::review::keymap::{Keymap, Line as KeyLine, Place};
use rewardctl_core::verdict::{Outcome, Verdict};
use rewardctl_store::people::reveal::Revealed;

use crate::review::editor::Editor;
use crate::review::mode::{Mode, Writing};
use crate::review::session::Session;
use crate::review::view::{View, draw_text};
use crate::review::words::opinion_of;
use crate::show::{printable, visible};

/// Draws what lies over the task: help, menus, fields. Returns the most lines that can be scrolled; None where nothing
/// does.
pub(super) fn draw_over(frame: &mut Frame<'_>, session: &Session, view: &View<'_>) -> Option<u16> {
    let (title, text): (String, Text<'_>) = match &session.mode {
        Mode::Asking => return None,
        Mode::Helping => ("keys".into(), Text::from(help(session, view.keymap))),
        Mode::Skipping => ("skip because".into(), Text::from(reasons(view.keymap))),
        Mode::Pointing => ("correct which response?".into(), Text::from("press its number, from 1")),
        Mode::Revealing(revealed) => ("the last decision".into(), Text::from(said(revealed))),
        Mode::Writing(what, editor) => (title_of(*what), written(editor)),
    };
    let [inner, _] = Layout::vertical([Constraint::Min(1), Constraint::Length(2)]).areas(frame.area());
    frame.render_widget(Clear, inner);
    let scroll = match &session.mode {
        Mode::Helping | Mode::Revealing(_) => session.scroll,
        Mode::Writing(_, editor) => below_the_fold(editor, inner),
        _ => 0,
    };
    Some(draw_text(frame, inner, (title, text), scroll))
}

fn title_of(what: Writing) -> String {
    match what {
        Writing::Note => "note: goes with your next decision on this task".into(),
        Writing::Tags => "tags, separated by commas: go with your next decision on this task".into(),
        Writing::Correction(_) => "correct: what the response should have been".into(),
    }
}

fn written(editor: &Editor) -> Text<'static> {
    let (before, after) = editor.parts();
    let (before, after) = (visible(&before), visible(&after));
    let mut lines: Vec<Line<'static>> = before.split('\n').map(|line| Line::raw(line.to_owned())).collect();
    let cursor = Style::new().add_modifier(Modifier::REVERSED);
    let (first, rest) =
        after.split_once('\n').map_or((after.as_str(), None), |(first, rest)| (first, Some(rest)));
    let under: String = first.chars().take(1).collect();
    let behind: String = first.chars().skip(1).collect();
    if let Some(line) = lines.last_mut() {
        line.push_span(Span::styled(if under.is_empty() { " ".into() } else { under }, cursor));
        line.push_span(Span::raw(behind));
    }
    lines.extend(rest.into_iter().flat_map(|rest| rest.split('\n')).map(|line| Line::raw(line.to_owned())));
    Text::from(lines)
}

/// Returns the lines to scroll so that the place of writing is seen, by the characters before it.
fn below_the_fold(editor: &Editor, area: Rect) -> u16 {
    let (before, _) = editor.parts();
    let width = usize::from(area.width.saturating_sub(2)).max(1);
    let lines: usize = before.split('\n').map(|line| line.chars().count() / width + 1).sum();
    let height = usize::from(area.height.saturating_sub(2));
    u16::try_from(lines.saturating_sub(height)).unwrap_or(u16::MAX)
}

/// Returns the keys that work here, those of this question first.
fn help(session: &Session, keymap: &Keymap) -> String {
    let here = session.tasks.front().and_then(|task| Place::of(task.kind));
    let at = |place: Place| keymap.lines().filter(move |line| line.place == place);
    let lines = here.into_iter().chain([Place::Everywhere, Place::Skip]).flat_map(at);
    let line = |line: KeyLine<'_>| {
        let before = if line.place == Place::Skip { "skip: " } else { "" };
        format!("{:<26}{before}{}\n", line.keys.join("  "), line.help)
    };
    lines.map(line).collect()
}

fn reasons(keymap: &Keymap) -> String {
    let lines = keymap.lines().filter(|line| line.place.name() == "skip");
    lines.map(|line| format!("{}  {}\n", line.keys.join(" "), line.help)).collect()
}

fn said(revealed: &Revealed) -> String {
    let number = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.2}"));
    let mut text = format!("asked because: {}\n", printable(&revealed.reason, 200));
    for (at, judged) in revealed.responses.iter().enumerate() {
        let by =
            judged.generator.as_deref().map_or(String::new(), |name| format!(", by {}", printable(name, 40)));
        text.push_str(&format!(
            "\nresponse {}{by}: reward {} ± {}\n",
            at + 1,
            number(judged.reward),
            number(judged.uncertainty)
        ));
        text.push_str(&verdicts(&judged.verdicts));
    }
    for (at, opinion) in revealed.opinions.iter().enumerate() {
        text.push_str(&format!("\nperson {} said: {}", at + 1, opinion_of(&opinion.answer)));
    }
    if let Some(expected) = &revealed.expected {
        text.push_str(&format!("\nthe known answer: {}", opinion_of(expected)));
    }
    text
}

/// Returns what found fault first; who had nothing to judge is only counted.
fn verdicts(verdicts: &[Verdict]) -> String {
    let is_silent = |verdict: &&Verdict| matches!(verdict.outcome, Outcome::Abstained { .. });
    let silent = verdicts.iter().filter(is_silent).count();
    let mut spoke: Vec<&Verdict> = verdicts.iter().filter(|verdict| !is_silent(verdict)).collect();
    let score = |verdict: &Verdict| verdict.score().map_or(-1.0, |score| score.get());
    spoke.sort_by(|one, other| score(one).total_cmp(&score(other)));
    let mut text = String::new();
    for verdict in spoke {
        let (score, why) = match &verdict.outcome {
            Outcome::Failed { reason, .. } | Outcome::Abstained { reason } => ("failed".into(), reason),
            Outcome::Scored { score, .. } => (format!("{:.2}", score.get()), &verdict.rationale),
        };
        text.push_str(&format!("  {score:<7} {}: {}\n", printable(&verdict.critic, 40), printable(why, 120)));
    }
    if silent > 0 {
        text.push_str(&format!("  –       {silent} more had nothing to judge\n"));
    }
    text
}
