//! Draws a session: a line of progress, the question, the texts, and what can be pressed.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Paragraph, Wrap};
use rewardctl_core::review::diff::{Side, words};
use rewardctl_core::review::keymap::{Action, Keymap};
use rewardctl_core::review::question::Kind;
use rewardctl_store::people::lease::Lease;

use crate::review::mode::{Mode, Writing};
use crate::review::session::Session;
use crate::review::view::over::draw_over;
use crate::review::words::opinion_of;
use crate::show::{printable, visible};

mod over;

/// What a session is drawn with.
#[derive(Debug)]
pub struct View<'a> {
    /// The keys.
    pub keymap: &'a Keymap,
    /// Whose session it is.
    pub name: &'a str,
    /// Milliseconds since the session began.
    pub elapsed_ms: i64,
}

/// Below this width two texts stand one below the other.
const WIDE: u16 = 100;

/// A prompt takes at most this part of the height, as a divisor.
const PROMPT_SHARE: u16 = 3;

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const SOFT: Style = Style::new().add_modifier(Modifier::DIM);

/// Draws the session.
pub fn draw(frame: &mut Frame<'_>, session: &Session, view: &View<'_>) {
    let rows = [Constraint::Length(1), Constraint::Min(3), Constraint::Length(1), Constraint::Length(2)];
    let [top, middle, message, bottom] = Layout::vertical(rows).areas(frame.area());
    frame.render_widget(Paragraph::new(progress(session, view)).style(SOFT), top);
    match session.tasks.front() {
        Some(task) => draw_task(frame, middle, session, task),
        None if session.nothing => {
            let text = "Nothing waits for you.\n\nNew tasks show up here by themselves.";
            frame.render_widget(Paragraph::new(text), middle);
        }
        None => frame.render_widget(Paragraph::new("Looking for tasks…"), middle),
    }
    frame.render_widget(Paragraph::new(told(session)).style(BOLD), message);
    frame.render_widget(Paragraph::new(hints(session, view)).wrap(Wrap { trim: true }), bottom);
    draw_over(frame, session, view);
}

fn progress(session: &Session, view: &View<'_>) -> String {
    let hours = view.elapsed_ms as f64 / 3_600_000.0;
    let speed = match session.decided {
        5.. => format!(" · {:.0} an hour", session.decided as f64 / hours.max(1e-9)),
        _ => String::new(),
    };
    let name = printable(view.name, 30);
    format!("{name}: {} decided{speed} · {} open", session.decided, session.counts.open)
}

fn told(session: &Session) -> String {
    let mut parts = vec![];
    parts.extend((!session.message.is_empty()).then(|| printable(&session.message, 120)));
    parts.extend(
        (!session.draft.note.is_empty()).then(|| format!("note: {}", printable(&session.draft.note, 40))),
    );
    parts.extend(
        (!session.draft.tags.is_empty())
            .then(|| format!("tags: {}", printable(&session.draft.tags.join(", "), 40))),
    );
    parts.join(" · ")
}

fn draw_task(frame: &mut Frame<'_>, area: Rect, session: &Session, task: &Lease) {
    let prompt = prompt(task);
    let most = area.height / PROMPT_SHARE;
    let height = (lines_of(&prompt, area.width) + 1).min(most.max(2));
    let scroll = within(session.scroll, &prompt, (area.width, height));
    let paragraph = Paragraph::new(prompt).wrap(Wrap { trim: false }).scroll((scroll, 0));
    let rows = [Constraint::Length(1), Constraint::Length(height), Constraint::Min(3)];
    let [question, above, below] = Layout::vertical(rows).areas(area);
    frame.render_widget(Paragraph::new(asks(task)).style(BOLD), question);
    frame.render_widget(paragraph, above);
    let is_pair = task.responses.len() == 2;
    if is_pair && session.diff {
        let block = Block::bordered().title("differences: [-left-] {+right+}");
        let text = Paragraph::new(difference(task)).block(block).wrap(Wrap { trim: false });
        frame.render_widget(text.scroll((session.scroll, 0)), below);
        return;
    }
    let areas = if is_pair && area.width >= WIDE {
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).split(below)
    } else {
        let fills = vec![Constraint::Fill(1); task.responses.len()];
        Layout::vertical(fills).split(below)
    };
    for (at, (response, area)) in task.responses.iter().zip(areas.iter()).enumerate() {
        let rank = session.order.iter().position(|place| *place == at);
        let rank = rank.map_or(String::new(), |rank| format!(" · {}.", rank + 1));
        let block = Block::bordered().title(format!("{}{rank}", name_of(at, task)));
        let text = Text::from(visible(&response.text));
        let inner = block.inner(*area);
        let scroll = within(session.scroll, &text, (inner.width, inner.height));
        let text = Paragraph::new(text).block(block).wrap(Wrap { trim: false });
        frame.render_widget(text.scroll((scroll, 0)), *area);
    }
}

/// Returns the lines that a text takes at this width, wrapped at words.
fn lines_of(text: &Text<'_>, width: u16) -> u16 {
    let width = usize::from(width.max(1));
    let lines: usize = text.lines.iter().map(|line| wrapped(&line.to_string(), width)).sum();
    u16::try_from(lines).unwrap_or(u16::MAX - 1)
}

fn wrapped(line: &str, width: usize) -> usize {
    let (mut lines, mut used) = (1, 0);
    for word in line.split_inclusive(' ') {
        let (bare, all) = (Span::raw(word.trim_end()).width(), Span::raw(word).width());
        if used > 0 && used + bare > width {
            (lines, used) = (lines + 1, 0);
        }
        used += all;
        if used > width {
            (lines, used) = (lines + (used - 1) / width, (used - 1) % width + 1);
        }
    }
    lines
}

/// Returns the lines to scroll of a text in an area of this width and height: all texts scroll together, each to its end.
/// Counts of lines may be a few too low, so that some more are allowed.
fn within(scroll: u16, text: &Text<'_>, (width, height): (u16, u16)) -> u16 {
    if scroll == 0 {
        return 0;
    }
    let lines = lines_of(text, width);
    let beyond = lines.saturating_sub(height);
    if beyond == 0 { 0 } else { scroll.min(beyond.saturating_add(1 + lines / 16)) }
}

fn prompt(task: &Lease) -> Text<'static> {
    let mut lines: Vec<Line<'static>> = vec![];
    for turn in &task.prompt {
        if task.prompt.len() > 1 {
            lines.push(Line::styled(format!("{}:", printable(&turn.role, 20)), SOFT));
        }
        lines.extend(visible(&turn.content).lines().map(|line| Line::raw(line.to_owned())));
    }
    let reference = task.reference.iter().map(|text| ("reference".to_owned(), text));
    let documents = task.documents.iter().zip(1..).map(|(text, at)| (format!("document {at}"), text));
    for (name, text) in reference.chain(documents) {
        let text = format!("{name}: {}", visible(text));
        lines.extend(text.lines().map(|line| Line::styled(line.to_owned(), SOFT)));
    }
    for (at, opinion) in task.opinions.iter().enumerate() {
        let note = if opinion.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", printable(&opinion.note, 80))
        };
        lines.push(Line::styled(
            format!("person {} said: {}{note}", at + 1, opinion_of(&opinion.answer)),
            SOFT,
        ));
    }
    Text::from(lines)
}

fn difference(task: &Lease) -> Text<'static> {
    let mut lines = vec![Line::default()];
    for piece in words(&task.responses[0].text, &task.responses[1].text) {
        let (style, open, close) = match piece.side {
            Side::Both => (Style::new(), "", ""),
            Side::Left => (Style::new().add_modifier(Modifier::REVERSED), "[-", "-]"),
            Side::Right => (BOLD.add_modifier(Modifier::UNDERLINED), "{+", "+}"),
        };
        let text = format!("{open}{}{close}", visible(&piece.text));
        for (at, part) in text.split('\n').enumerate() {
            if at > 0 {
                lines.push(Line::default());
            }
            if let Some(line) = lines.last_mut() {
                line.push_span(Span::styled(part.to_owned(), style));
            }
        }
    }
    Text::from(lines)
}

fn name_of(at: usize, task: &Lease) -> String {
    match (task.responses.len(), at) {
        (1, _) => "response".into(),
        (2, 0) => "left".into(),
        (2, _) => "right".into(),
        _ => format!("response {}", at + 1),
    }
}

fn asks(task: &Lease) -> String {
    let of = task.dimension.as_deref().map_or(String::new(), |name| format!(" on {}", printable(name, 40)));
    match task.kind {
        Kind::Rate => {
            let good = if task.scale.low_is_good { "low" } else { "high" };
            format!("How good is the response{of}? {} to {}, {good} is good", task.scale.min, task.scale.max)
        }
        Kind::Choose => format!("Which response is better{of}?"),
        Kind::Rank => format!("Rank the responses{of}, the best first"),
        Kind::Correct => "Write what the response should have been".into(),
        Kind::Approve => format!("May the response pass{of}?"),
        Kind::Tag => "Which tags does the response deserve?".into(),
    }
}

fn hints(session: &Session, view: &View<'_>) -> Line<'static> {
    let key = |action| view.keymap.key(action).to_owned();
    let kind = session.tasks.front().map(|task| task.kind);
    let mut hints: Vec<(String, &str)> = match (&session.mode, kind) {
        (Mode::Writing(Writing::Correction(_), _), _) => {
            vec![("Ctrl-S".into(), "save"), ("Esc".into(), "back")]
        }
        (Mode::Writing(..), _) => vec![("Enter".into(), "save"), ("Esc".into(), "back")],
        (Mode::Asking, Some(Kind::Choose)) => vec![
            (key(Action::Left), "left"),
            (key(Action::Right), "right"),
            (key(Action::Tie), "as good"),
            (key(Action::BothBad), "neither"),
            (key(Action::CannotTell), "cannot tell"),
        ],
        (Mode::Asking, Some(Kind::Rate)) => {
            let count = session.tasks.front().map_or(1, |task| task.values.len().max(1));
            let last = Action::Value(u8::try_from(count - 1).unwrap_or(9));
            vec![(format!("{}–{}", key(Action::Value(0)), key(last)), "rate")]
        }
        (Mode::Asking, Some(Kind::Approve)) => {
            vec![(key(Action::Approve), "may pass"), (key(Action::Reject), "may not")]
        }
        (Mode::Asking, Some(Kind::Rank)) => {
            vec![(format!("{}…", key(Action::Next(0))), "the best of those left")]
        }
        (Mode::Asking, Some(Kind::Correct)) => vec![(key(Action::Correct), "write")],
        (Mode::Asking, Some(Kind::Tag)) => vec![(key(Action::Tags), "tag")],
        (Mode::Asking, None) => vec![],
        _ => vec![("any key".into(), "back")],
    };
    if session.mode == Mode::Asking {
        hints.extend([
            (key(Action::Skip), "skip"),
            (key(Action::Undo), "undo"),
            (key(Action::Help), "all keys"),
            (key(Action::Quit), "quit"),
        ]);
    }
    let spans =
        hints.into_iter().flat_map(|(key, what)| [Span::styled(key, BOLD), Span::raw(format!(" {what}   "))]);
    Line::from(spans.collect::<Vec<_>>())
}
