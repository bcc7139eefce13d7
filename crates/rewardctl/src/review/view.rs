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

/// Draws the session, and returns the most lines that can be scrolled.
pub fn draw(frame: &mut Frame<'_>, session: &Session, view: &View<'_>) -> u16 {
    let rows = [Constraint::Length(1), Constraint::Min(3), Constraint::Length(1), Constraint::Length(2)];
    let [top, middle, message, bottom] = Layout::vertical(rows).areas(frame.area());
    frame.render_widget(Paragraph::new(progress(session, view)).style(SOFT), top);
    let mut furthest = 0;
    match session.tasks.front() {
        Some(task) => furthest = draw_task(frame, middle, session, task),
        None if session.nothing => {
            let text = "Nothing waits for you.\n\nNew tasks show up here by themselves.";
            frame.render_widget(Paragraph::new(text), middle);
        }
        None => frame.render_widget(Paragraph::new("Looking for tasks…"), middle),
    }
    frame.render_widget(Paragraph::new(told(session)).style(BOLD), message);
    frame.render_widget(Paragraph::new(hints(session, view)).wrap(Wrap { trim: true }), bottom);
    draw_over(frame, session, view).unwrap_or(furthest)
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

/// Draws the task, and returns the most lines that can be scrolled.
fn draw_task(frame: &mut Frame<'_>, area: Rect, session: &Session, task: &Lease) -> u16 {
    let prompt = wrapped(prompt(task));
    let most = usize::from((area.height / PROMPT_SHARE).max(2));
    let height = (prompt.line_count(area.width) + 1).min(most) as u16;
    let fit = Fit::new(&prompt, session.scroll, (area.width, height));
    let rows = [Constraint::Length(1), Constraint::Length(height), Constraint::Min(3)];
    let [question, above, below] = Layout::vertical(rows).areas(area);
    let place = if fit.place.is_empty() { String::new() } else { format!(" · prompt {}", fit.place) };
    let asked = Line::from(vec![Span::styled(asks(task), BOLD), Span::styled(place, SOFT)]);
    frame.render_widget(asked, question);
    frame.render_widget(prompt.scroll((fit.scroll, 0)), above);
    let is_pair = task.responses.len() == 2;
    if is_pair && session.diff {
        let title = "differences: [-left-] {+right+}".into();
        return fit.furthest.max(draw_text(frame, below, (title, difference(task)), session.scroll));
    }
    let areas = if is_pair && area.width >= WIDE {
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).split(below)
    } else {
        let fills = vec![Constraint::Fill(1); task.responses.len()];
        Layout::vertical(fills).split(below)
    };
    let mut furthest = fit.furthest;
    for (at, (response, area)) in task.responses.iter().zip(areas.iter()).enumerate() {
        let rank = session.order.iter().position(|place| *place == at);
        let rank = rank.map_or(String::new(), |rank| format!(" · {}.", rank + 1));
        let titled = (format!("{}{rank}", name_of(at, task)), Text::from(visible(&response.text)));
        furthest = furthest.max(draw_text(frame, *area, titled, session.scroll));
    }
    furthest
}

/// Draws a text in a box whose title says which lines of it are seen, and returns the most lines that can be scrolled.
fn draw_text(frame: &mut Frame<'_>, area: Rect, (title, text): (String, Text<'_>), scroll: u16) -> u16 {
    let text = wrapped(text);
    let inner = Block::bordered().inner(area);
    let fit = Fit::new(&text, scroll, (inner.width, inner.height));
    let title = if fit.place.is_empty() { title } else { format!("{title} · {}", fit.place) };
    frame.render_widget(text.block(Block::bordered().title(title)).scroll((fit.scroll, 0)), area);
    fit.furthest
}

fn wrapped(text: Text<'_>) -> Paragraph<'_> {
    Paragraph::new(text).wrap(Wrap { trim: false })
}

/// Which lines of a text are seen: all texts scroll together, each to its end.
struct Fit {
    /// Lines to scroll.
    scroll: u16,
    /// The most of them.
    furthest: u16,
    /// Which lines of how many are seen; empty where all are.
    place: String,
}

impl Fit {
    fn new(text: &Paragraph<'_>, scroll: u16, (width, height): (u16, u16)) -> Self {
        let lines = text.line_count(width);
        let furthest = u16::try_from(lines.saturating_sub(usize::from(height))).unwrap_or(u16::MAX);
        let scroll = scroll.min(furthest);
        let last = lines.min(usize::from(scroll) + usize::from(height));
        let place = match furthest {
            0 => String::new(),
            _ => format!("{}–{last} of {lines}", scroll + 1),
        };
        Self { scroll, furthest, place }
    }
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
