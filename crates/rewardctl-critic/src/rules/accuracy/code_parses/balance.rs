//! Balance of brackets and quotes in source code, read character by character.

/// The families of languages whose comments and quotes are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// `#` comments; single, double and tripled quotes.
    Python,
    /// Lifetimes and raw strings.
    Rust,
    /// JavaScript and TypeScript: template strings, regular expressions.
    Script,
    /// C and its family: `'x'` is a character.
    C,
    /// As C, with raw strings in backticks.
    Go,
}

/// Returns what is out of balance first, with its line; None if nothing is.
pub(crate) fn find_imbalance(code: &str, syntax: Syntax) -> Option<String> {
    let mut reader = Reader { code, at: 0, syntax };
    let mut open: Vec<(char, usize)> = Vec::new();
    loop {
        let at = reader.at;
        let letter = match reader.next() {
            Token::Bracket(letter) => letter,
            Token::OpenQuote => {
                return Some(format!("a quote opened in line {} is not closed", line(code, at)));
            }
            Token::Other => continue,
            Token::End => break,
        };
        match (letter, open.last()) {
            ('(' | '[' | '{', _) => open.push((letter, at)),
            (')', Some(('(', _))) | (']', Some(('[', _))) | ('}', Some(('{', _))) => {
                open.pop();
            }
            _ => return Some(format!("the bracket `{letter}` in line {} closes nothing", line(code, at))),
        }
    }
    open.pop().map(|(letter, at)| format!("the bracket `{letter}` of line {} is not closed", line(code, at)))
}

fn line(code: &str, at: usize) -> usize {
    1 + code[..at].matches('\n').count()
}

enum Token {
    Bracket(char),
    OpenQuote,
    Other,
    End,
}

struct Reader<'a> {
    code: &'a str,
    at: usize,
    syntax: Syntax,
}

impl Reader<'_> {
    fn next(&mut self) -> Token {
        let rest = &self.code[self.at..];
        let Some(letter) = rest.chars().next() else { return Token::End };
        if self.begins_comment(rest) {
            return self.skip(comment_length(rest, self.syntax));
        }
        match letter {
            '"' | '\'' | '`' => self.quote(rest, letter),
            'r' if self.syntax == Syntax::Rust => self.raw_string(rest),
            '/' if self.syntax == Syntax::Script && self.expects_value() => {
                let length = closing(&rest[1..], "/", Lines::One).map_or(1, |length| length + 1);
                self.skip(length)
            }
            '(' | ')' | '[' | ']' | '{' | '}' => {
                self.at += 1;
                Token::Bracket(letter)
            }
            _ => self.skip(letter.len_utf8()),
        }
    }

    fn skip(&mut self, length: usize) -> Token {
        self.at += length;
        Token::Other
    }

    fn begins_comment(&self, rest: &str) -> bool {
        match self.syntax {
            Syntax::Python => rest.starts_with('#'),
            _ => rest.starts_with("//") || rest.starts_with("/*"),
        }
    }

    fn quote(&mut self, rest: &str, quote: char) -> Token {
        let tripled: String = std::iter::repeat_n(quote, 3).collect();
        let is_tripled = matches!(self.syntax, Syntax::Python | Syntax::C) && rest.starts_with(&tripled);
        let (delimiter, lines) = match (self.syntax, quote) {
            _ if is_tripled && quote != '`' => (tripled.as_str(), Lines::Many),
            (Syntax::Script | Syntax::Go, '`') => ("`", Lines::Many),
            (_, '`') => return self.skip(1),
            (Syntax::Rust, '\'') if !is_rust_character(rest) => return self.skip(1),
            (Syntax::Rust, '"') => ("\"", Lines::Many),
            (_, '"') => ("\"", Lines::One),
            _ => ("'", Lines::One),
        };
        match closing(&rest[delimiter.len()..], delimiter, lines) {
            Some(length) => self.skip(delimiter.len() + length),
            None => Token::OpenQuote,
        }
    }

    /// Skips `r"…"` and `r#"…"#`; any other `r` is a letter.
    fn raw_string(&mut self, rest: &str) -> Token {
        let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
        let Some(body) = rest[1 + hashes..].strip_prefix('"') else { return self.skip(1) };
        let end = format!("\"{}", "#".repeat(hashes));
        match body.find(&end) {
            Some(length) => self.skip(1 + hashes + 1 + length + end.len()),
            None => Token::OpenQuote,
        }
    }

    /// Tells whether a slash begins a regular expression here: after an operator, not after an operand.
    fn expects_value(&self) -> bool {
        let before = self.code[..self.at].trim_end_matches([' ', '\t']);
        before.is_empty()
            || before.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', ';', '\n', '>'])
    }
}

fn comment_length(rest: &str, syntax: Syntax) -> usize {
    if syntax != Syntax::Python && rest.starts_with("/*") {
        return rest[2..].find("*/").map_or(rest.len(), |length| length + 4);
    }
    rest.find('\n').unwrap_or(rest.len())
}

/// Tells `'x'` and `'\n'` from the lifetime `'a`.
fn is_rust_character(rest: &str) -> bool {
    let mut letters = rest.chars().skip(1);
    match letters.next() {
        Some('\\') => true,
        Some(_) => letters.next() == Some('\''),
        None => false,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

/// Returns where the text after the next unescaped `delimiter` begins.
fn closing(text: &str, delimiter: &str, lines: Lines) -> Option<usize> {
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' if lines == Lines::One => return None,
            _ if bytes[at..].starts_with(delimiter.as_bytes()) => return Some(at + delimiter.len()),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(syntax: Syntax, code: &str, expected: Option<&str>) {
        assert_eq!(find_imbalance(code, syntax).as_deref(), expected, "in {code:?}");
    }

    #[test]
    fn balanced_code_passes() {
        check(Syntax::Python, "def f(x):\n    # it's (\n    return {'a': \"(\", '''\n]''': [1]}\n", None);
        check(Syntax::Rust, "fn f<'a>(x: &'a str) -> char { '(' } // )\nlet r = r#\"}\"\"#;", None);
        check(Syntax::Script, "const r = x.replace(/[({]/g, `${a}(`); /* ' */ a / b;", None);
        check(Syntax::C, "char c = '\\''; printf(\"%d (\\n\", a[0]);", None);
        check(Syntax::Go, "s := `a\n\"(`\n", None);
    }

    #[test]
    fn what_is_cut_off_does_not() {
        check(Syntax::Python, "print((1, 2)\n", Some("the bracket `(` of line 1 is not closed"));
        check(Syntax::Script, "let a = 1;\n}", Some("the bracket `}` in line 2 closes nothing"));
        check(Syntax::C, "puts(\"hello);", Some("a quote opened in line 1 is not closed"));
        check(Syntax::Rust, "(]", Some("the bracket `]` in line 1 closes nothing"));
    }
}
