//! The page hides the characters that the terminal hides.

use std::ops::RangeInclusive;

use rewardctl_core::hidden::is_hidden;

/// Reads the ranges of a class of a regular expression: `\u{a}` and `\u{a}-\u{b}`.
fn ranges(class: &str) -> Vec<RangeInclusive<u32>> {
    let mut ranges: Vec<RangeInclusive<u32>> = vec![];
    for part in class.split("\\u{").skip(1) {
        let (digits, after) = part.split_once('}').unwrap();
        let code = u32::from_str_radix(digits, 16).unwrap();
        match ranges.last_mut() {
            // The end of a range is marked by an end before its start.
            Some(last) if *last.end() == 0 => *last = *last.start()..=code,
            _ => ranges.push(code..=code),
        }
        if after == "-" {
            let last = ranges.last_mut().unwrap();
            *last = code..=0;
        }
    }
    ranges
}

#[test]
fn the_page_hides_what_a_terminal_hides() {
    let script = include_str!("../../assets/draw.js");
    let class = script.split("const HIDDEN = /[").nth(1).unwrap().split("]/gu").next().unwrap();
    let ranges = ranges(class);
    for c in '\0'..=char::MAX {
        let is_hidden_here = ranges.iter().any(|range| range.contains(&u32::from(c)));
        // Lines are lines, and joiners belong to emoji and to the scripts of Persian and Indian languages.
        let due = is_hidden(c) && !matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}');
        assert_eq!(is_hidden_here, due, "{c:?}");
    }
}
