//! Code fences: three or more backticks or tildes at the start of a line, as in CommonMark.

use std::ops::Range;

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fence {
    /// The first byte of the opening line.
    pub start: usize,
    /// One past the closing line, or the end of the text.
    pub end: usize,
    /// What stands between the two lines.
    pub body: Range<usize>,
    /// The first word of the opening line's info, in lower case; empty if there is none.
    pub language: String,
    /// Whether there is a closing line.
    pub closed: bool,
}

/// Returns the fenced blocks of `text`, in order. Any indentation is legal, since lists indent their blocks.
pub(crate) fn find_fences(text: &str) -> Vec<Fence> {
    let mut fences: Vec<Fence> = Vec::new();
    if !text.contains("```") && !text.contains("~~~") {
        return fences;
    }
    let mut open: Option<Marker> = None;
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let line_end = line_start + line.len();
        match (&open, marker(line)) {
            (None, Some(found)) if !found.info.contains('`') => {
                let language = found.info.split([' ', '{', ',']).next().unwrap_or("").to_lowercase();
                let body = line_end..text.len();
                fences.push(Fence { start: line_start, end: text.len(), body, language, closed: false });
                open = Some(found);
            }
            (Some(opening), Some(found)) if found.closes(opening) => {
                if let Some(fence) = fences.last_mut() {
                    (fence.end, fence.body.end, fence.closed) = (line_end, line_start, true);
                }
                open = None;
            }
            _ => {}
        }
        line_start = line_end;
    }
    fences
}

struct Marker {
    symbol: char,
    length: usize,
    info: String,
}

impl Marker {
    fn closes(&self, opening: &Self) -> bool {
        self.symbol == opening.symbol && self.length >= opening.length && self.info.is_empty()
    }
}

fn marker(line: &str) -> Option<Marker> {
    let line = line.trim();
    let symbol = line.chars().next().filter(|symbol| matches!(symbol, '`' | '~'))?;
    let length = line.chars().take_while(|letter| *letter == symbol).count();
    (length >= 3).then(|| Marker { symbol, length, info: line[length..].trim().into() })
}
