//! Untrusted text in pages.

/// Returns untrusted text as text of a page: markup is escaped, and what hides or turns text shows as `·`.
pub(crate) fn escaped(text: &str) -> String {
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
pub(crate) fn prose(text: &str) -> String {
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

/// Returns a letter as people may be shown it: what hides or turns text, or is no letter, is `·`.
pub(crate) fn shown(letter: char) -> char {
    match letter {
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '·',
        control if control.is_control() => '·',
        harmless => harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_markup() {
        assert_eq!(escaped("<b a=\"1\">&'\u{202e}\n"), "&lt;b a=&quot;1&quot;&gt;&amp;&#39;··");
    }

    #[test]
    fn backticks_make_code_and_nothing_else() {
        assert_eq!(prose("run `a <b>` now"), "run <code>a &lt;b&gt;</code> now");
        assert_eq!(prose("a ` b"), "a ` b");
    }
}
