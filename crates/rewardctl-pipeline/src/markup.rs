//! Untrusted text in pages and in Markdown.

use rewardctl_core::hidden::is_hidden;

/// Returns untrusted text as text of a page: markup is escaped, and what hides or turns text shows as `·`.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match shown(letter) {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            harmless => safe.push(harmless),
        }
    }
    safe
}

/// Returns a sentence as text of a page, with what stands in backticks as code.
pub fn prose(text: &str) -> String {
    let text = escaped(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text;
    }
    let part = |(at, part): (usize, &&str)| {
        if at % 2 == 1 { format!("<code>{part}</code>") } else { (*part).into() }
    };
    parts.iter().enumerate().map(part).collect()
}

/// Returns untrusted text as text of Markdown on one line: nothing in it is markup, a link or a mention, and what hides or
/// turns text shows as `·`.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match shown(letter) {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => safe.extend(['\\', letter]),
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '&' => safe += "&amp;",
            // A mention calls people, a number sign names an issue: a comment behind it breaks both, an entity does not.
            mark @ ('@' | '#') => {
                safe.push(mark);
                safe += BREAK;
            }
            // Colons around a word are a picture, and one before slashes makes a link.
            ':' if letters.peek().is_some_and(|next| !next.is_whitespace()) => {
                safe.push(':');
                safe += BREAK;
            }
            // Between two of these GitHub sets a formula.
            '$' => safe += "&#36;",
            harmless => safe.push(harmless),
        }
    }
    // Nor links that are made of a bare address, or of an issue's short name.
    safe.replace("www.", &format!("www{BREAK}.")).replace("GH-", &format!("GH{BREAK}-"))
}

/// Returns a sentence as text of Markdown, with what stands in backticks as code.
pub fn markdown_prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return markdown(text);
    }
    let code = |part: &str| format!("`{}`", part.chars().map(shown).collect::<String>().replace('|', "\\|"));
    let around = |part: &str| {
        let space = |is: bool| if is { " " } else { "" };
        let (before, after) = (space(part.starts_with(' ')), space(part.len() > 1 && part.ends_with(' ')));
        format!("{before}{}{after}", markdown(part))
    };
    let part = |(at, part): (usize, &&str)| if at % 2 == 1 { code(part) } else { around(part) };
    parts.iter().enumerate().map(part).collect()
}

/// A comment of HTML: nobody sees it, and what it parts is no link and no mention.
const BREAK: &str = "<!-- -->";

/// Returns a letter as people may be shown it: what hides or turns text, or is no letter, is `·`.
pub fn shown(letter: char) -> char {
    if is_hidden(letter) { '·' } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_markup() {
        assert_eq!(escaped("<b a=\"1\">&'\u{202e}\n"), "&lt;b a=&quot;1&quot;&gt;&amp;&#39;··");
    }

    #[test]
    fn nothing_in_markdown_is_markup_a_link_or_a_mention() {
        assert_eq!(markdown("a|b\n<img> *x* [y](z)!"), "a\\|b &lt;img&gt; \\*x\\* \\[y\\](z)\\!");
        assert_eq!(markdown("@me #1"), "@<!-- -->me #<!-- -->1");
        assert_eq!(markdown("http://a www.b"), "http:<!-- -->//a www<!-- -->.b");
        assert_eq!(markdown("$x$ :tada: GH-1"), "&#36;x&#36; :<!-- -->tada: GH<!-- -->-1");
        assert_eq!(markdown("a\u{202e}b\u{ad}"), "a·b·");
        assert_eq!(markdown_prose("run `a *b*` now @me"), "run `a *b*` now @<!-- -->me");
        assert_eq!(markdown_prose("a ` *b*"), "a \\` \\*b\\*");
    }

    #[test]
    fn backticks_make_code_and_nothing_else() {
        assert_eq!(prose("run `a <b>` now"), "run <code>a &lt;b&gt;</code> now");
        assert_eq!(prose("a ` b"), "a ` b");
    }
}
