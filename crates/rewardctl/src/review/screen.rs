//! The terminal: taken for the session, and given back however the session ends.

use std::io::{self, Stdout, stdout};
use std::panic;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event as TerminalEvent, KeyCode, KeyEvent,
    KeyEventKind, KeyModifiers,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use crate::review::event::Event;
use crate::review::session::Session;
use crate::review::view::{View, draw};

/// The terminal, while it is ours.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal; a panic gives it back before it speaks.
    pub fn take() -> io::Result<Self> {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        enable_raw_mode()?;
        let taken = execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
            .and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        taken.map(|terminal| Self { terminal }).inspect_err(|_| give_back())
    }

    /// Draws, and returns the most lines that can be scrolled.
    pub fn draw(&mut self, session: &Session, view: &View<'_>) -> io::Result<u16> {
        let mut furthest = 0;
        self.terminal.draw(|frame| furthest = draw(frame, session, view))?;
        Ok(furthest)
    }

    /// Waits for what the person does, for so long at most; None if nothing that counts.
    pub fn next(&mut self, at_most: Duration) -> io::Result<Option<Event>> {
        if !event::poll(at_most)? {
            return Ok(None);
        }
        Ok(match event::read()? {
            TerminalEvent::Key(key) => pressed(key),
            TerminalEvent::Paste(text) => Some(Event::Paste(text)),
            _ => None,
        })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back. Nobody can be told when that fails.
pub fn give_back() {
    let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}

/// Returns what a key means, by its name in the key map.
fn pressed(key: KeyEvent) -> Option<Event> {
    // Some terminals tell that a key is held down; the session looks at those that do not.
    if key.kind != KeyEventKind::Press {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => Some(Event::Interrupt),
            KeyCode::Char('s') => Some(Event::Save),
            _ => None,
        };
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    let name = match key.code {
        KeyCode::Char(' ') => "Space".into(),
        KeyCode::Char(character) => character.to_string(),
        KeyCode::Backspace => "Backspace".into(),
        KeyCode::Delete => "Delete".into(),
        KeyCode::Enter => "Enter".into(),
        KeyCode::Esc => "Escape".into(),
        KeyCode::Tab => "Tab".into(),
        KeyCode::Up => "ArrowUp".into(),
        KeyCode::Down => "ArrowDown".into(),
        KeyCode::Left => "ArrowLeft".into(),
        KeyCode::Right => "ArrowRight".into(),
        KeyCode::PageUp => "PageUp".into(),
        KeyCode::PageDown => "PageDown".into(),
        KeyCode::Home => "Home".into(),
        KeyCode::End => "End".into(),
        _ => return None,
    };
    Some(Event::Key(name))
}
