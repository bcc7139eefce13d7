//! A run: groups of digits with one separator between each two.

/// The most groups that any shape needs, with one to spare.
const MOST_GROUPS: usize = 8;
/// Longer groups fit no shape.
const LONGEST_GROUP: usize = 20;

/// The groups that begin at one place of the text.
#[derive(Debug)]
pub(super) struct Run<'a> {
    text: &'a str,
    groups: [(usize, usize); MOST_GROUPS],
    /// `separators[i]` stands between the groups `i` and `i + 1`; `)` also where a space or dash follows it.
    separators: [u8; MOST_GROUPS],
    count: usize,
}

impl<'a> Run<'a> {
    /// Reads the run whose first digit is at `start`.
    pub fn read(text: &'a str, start: usize) -> Self {
        let bytes = text.as_bytes();
        let mut run = Run { text, groups: [(0, 0); MOST_GROUPS], separators: [0; MOST_GROUPS], count: 0 };
        let mut at = start;
        while run.count < MOST_GROUPS {
            let digits =
                bytes[at..].iter().take(LONGEST_GROUP + 1).take_while(|b| b.is_ascii_digit()).count();
            run.groups[run.count] = (at, at + digits);
            run.count += 1;
            let Some((separator, width)) = separator(&bytes[at + digits..]) else { break };
            run.separators[run.count - 1] = separator;
            at += digits + width;
        }
        run
    }

    /// Returns the bytes of the whole text.
    pub fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Returns where the run begins.
    pub fn start(&self) -> usize {
        self.groups[0].0
    }

    /// Returns how many groups there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns where the first `groups` groups end.
    pub fn end_of(&self, groups: usize) -> Option<usize> {
        (groups <= self.count).then(|| self.groups[groups - 1].1)
    }

    /// Returns how many digits the group `index` has.
    pub fn length(&self, index: usize) -> usize {
        let (start, end) = self.groups[index];
        end - start
    }

    /// Returns the digits of the first `groups` groups; there are as many.
    pub fn digits(&self, groups: usize) -> String {
        self.groups[..groups.min(self.count)].iter().map(|(start, end)| &self.text[*start..*end]).collect()
    }

    /// Tells whether the first groups have these lengths.
    pub fn has_groups(&self, lengths: &[usize]) -> bool {
        lengths.len() <= self.count && lengths.iter().enumerate().all(|(i, length)| self.length(i) == *length)
    }

    /// Returns the separator after the group `index`, if another group follows.
    pub fn separator(&self, index: usize) -> Option<u8> {
        (index + 1 < self.count).then(|| self.separators[index])
    }

    /// Tells whether the first separators are these.
    pub fn begins_with_separators(&self, separators: &str) -> bool {
        separators.len() < self.count && self.separators.starts_with(separators.as_bytes())
    }

    /// Tells whether the first `groups` groups are parted by the same separator, one of `allowed`.
    pub fn has_one_separator(&self, groups: usize, allowed: &[u8]) -> bool {
        let between = &self.separators[..groups - 1];
        let is_one = |first: &u8| allowed.contains(first) && between.iter().all(|byte| byte == first);
        groups <= self.count && between.first().is_some_and(is_one)
    }
}

/// Returns the separator that `bytes` begins with and its width, if a digit follows it.
fn separator(bytes: &[u8]) -> Option<(u8, usize)> {
    let (separator, width) = match bytes {
        [b')', b' ' | b'-', ..] => (b')', 2),
        [b' ', b'(', ..] => (b'(', 2),
        [b' ' | b'-' | b'.' | b'/' | b')', ..] => (bytes[0], 1),
        _ => return None,
    };
    bytes.get(width).is_some_and(u8::is_ascii_digit).then_some((separator, width))
}
