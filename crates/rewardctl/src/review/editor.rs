//! A field to write in: characters, a place among them, and what keys do.

/// What is written, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Editor {
    characters: Vec<char>,
    at: usize,
}

impl Editor {
    /// Starts with a text, behind its end.
    pub fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        Self { at: characters.len(), characters }
    }

    /// Returns what is written.
    pub fn text(&self) -> String {
        self.characters.iter().collect()
    }

    /// Returns the text before the place, and from there on.
    pub fn parts(&self) -> (String, String) {
        let (before, after) = self.characters.split_at(self.at);
        (before.iter().collect(), after.iter().collect())
    }

    /// Does what a key does here; what is no key of an editor changes nothing.
    pub fn press(&mut self, key: &str) {
        let end = self.characters.len();
        match key {
            "Backspace" if self.at > 0 => {
                self.at -= 1;
                self.characters.remove(self.at);
            }
            "Delete" if self.at < end => drop(self.characters.remove(self.at)),
            "ArrowLeft" => self.at = self.at.saturating_sub(1),
            "ArrowRight" => self.at = (self.at + 1).min(end),
            "ArrowUp" => self.at = self.line_above(),
            "ArrowDown" => self.at = self.line_below(),
            "Home" => self.at = self.line_start(self.at),
            "End" => self.at = self.line_end(self.at),
            "Enter" => self.insert("\n"),
            "Space" => self.insert(" "),
            "Tab" => self.insert("\t"),
            key if key.chars().count() == 1 => self.insert(key),
            _ => {}
        }
    }

    /// Puts a text in at the place.
    pub fn insert(&mut self, text: &str) {
        let new: Vec<char> = text.chars().collect();
        let count = new.len();
        self.characters.splice(self.at..self.at, new);
        self.at += count;
    }

    fn line_start(&self, at: usize) -> usize {
        self.characters[..at].iter().rposition(|c| *c == '\n').map_or(0, |newline| newline + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = self.characters[at..].iter().position(|c| *c == '\n');
        rest.map_or(self.characters.len(), |newline| at + newline)
    }

    fn line_above(&self) -> usize {
        let start = self.line_start(self.at);
        if start == 0 {
            return 0;
        }
        let above = self.line_start(start - 1);
        (above + self.at - start).min(start - 1)
    }

    fn line_below(&self) -> usize {
        let end = self.line_end(self.at);
        if end == self.characters.len() {
            return end;
        }
        (end + 1 + self.at - self.line_start(self.at)).min(self.line_end(end + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(start: &str, keys: &[&str], end: (&str, &str)) {
        let mut editor = Editor::new(start);
        keys.iter().for_each(|key| editor.press(key));
        let (before, after) = editor.parts();
        assert_eq!((before.as_str(), after.as_str()), end);
    }

    #[test]
    fn keys_write_and_move() {
        check("ab", &["Backspace", "c", "Space", "é"], ("ac é", ""));
        check("ab", &["ArrowLeft", "x", "Delete", "Delete"], ("ax", ""));
        check("one\ntwo", &["ArrowUp"], ("one", "\ntwo"));
        check("one\nlonger", &["ArrowUp", "Home", "ArrowDown", "End", "!"], ("one\nlonger!", ""));
        check("", &["Backspace", "Delete", "ArrowUp", "ArrowDown", "F5"], ("", ""));
    }
}
