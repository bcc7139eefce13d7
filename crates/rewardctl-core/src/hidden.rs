//! Characters that people do not see, or that turn what they see: model output may hold any of them.

/// Tells whether a character drives a terminal, hides, or turns the direction of text: controls, soft hyphens, zero
/// widths, marks and overrides of direction (Unicode TR 9), separators of lines, and tags.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_all_scripts_are_seen() {
        assert!("aÄ字ש 👍\u{301}-–…".chars().all(|c| !is_hidden(c)));
        for c in
            ['\u{1b}', '\n', '\u{ad}', '\u{61c}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{e0041}']
        {
            assert!(is_hidden(c), "{c:?}");
        }
    }
}
