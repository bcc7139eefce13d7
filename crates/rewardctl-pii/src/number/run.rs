//! A run: groups of digits with one separator between each two.

/// The most groups that any shape needs: a number may be written digit by digit.
const MOST_GROUPS: usize = 20;
/// Longer groups fit no shape.
const LONGEST_GROUP: usize = 20;
/// The most digits that are looked at.
const MOST_DIGITS: usize = 48;

/// The groups that begin at one place of the text.
#[derive(Debug)]
pub(super) struct Run<'a> {
    bytes: &'a [u8],
    groups: [(usize, usize); MOST_GROUPS],
    /// `separators[i]` stands between the groups `i` and `i + 1`; `)` also where a space or dash follows it.
    separators: [u8; MOST_GROUPS],
    digits: [u8; MOST_DIGITS],
    /// How many digits the groups up to each have together.
    totals: [usize; MOST_GROUPS],
    count: usize,
    is_cut: bool,
}

impl<'a> Run<'a> {
    /// Makes a run of no groups.
    pub fn new(bytes: &'a [u8]) -> Self {
        Run {
            bytes,
            groups: [(0, 0); MOST_GROUPS],
            separators: [0; MOST_GROUPS],
            digits: [0; MOST_DIGITS],
            totals: [0; MOST_GROUPS],
            count: 0,
            is_cut: false,
        }
    }

    /// Reads the run whose first digit is at `start`, in the place of what was read before.
    pub fn read(&mut self, start: usize) {
        let (mut at, mut total) = (start, 0);
        (self.count, self.is_cut) = (0, true);
        while self.count < MOST_GROUPS {
            let digits = self.bytes[at..].iter().take(LONGEST_GROUP + 1);
            let length = digits.take_while(|byte| byte.is_ascii_digit()).count();
            if length > LONGEST_GROUP || total + length > MOST_DIGITS {
                return;
            }
            self.digits[total..total + length].copy_from_slice(&self.bytes[at..at + length]);
            total += length;
            self.groups[self.count] = (at, at + length);
            self.totals[self.count] = total;
            self.count += 1;
            let Some((separator, width)) = separator(&self.bytes[at + length..]) else {
                self.is_cut = false;
                return;
            };
            self.separators[self.count - 1] = separator;
            at += length + width;
        }
    }

    /// Tells whether more groups follow than are read: a table, of which no word nearby tells what it is.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Returns the bytes of the whole text.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
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
        (1..=self.count).contains(&groups).then(|| self.groups[groups - 1].1)
    }

    /// Returns how many digits the group `index` has.
    pub fn length(&self, index: usize) -> usize {
        let (start, end) = self.groups[index];
        end - start
    }

    /// Returns how many digits the run has.
    pub fn total(&self) -> usize {
        self.count.checked_sub(1).map_or(0, |last| self.totals[last])
    }

    /// Returns the digits of the first `groups` groups, or of all.
    pub fn digits(&self, groups: usize) -> &[u8] {
        let groups = groups.min(self.count);
        &self.digits[..groups.checked_sub(1).map_or(0, |last| self.totals[last])]
    }

    /// Returns how many groups have `total` digits together, if that is so for any number of them, and no bracket
    /// stands between.
    pub fn groups_with(&self, total: usize) -> Option<usize> {
        let groups = self.totals[..self.count].iter().position(|sum| *sum == total)? + 1;
        let plain = |separator: &u8| !matches!(separator, b'(' | b')');
        self.separators[..groups - 1].iter().all(plain).then_some(groups)
    }

    /// Tells whether the first groups have these lengths.
    pub fn has_groups(&self, lengths: &[usize]) -> bool {
        lengths.len() <= self.count && lengths.iter().enumerate().all(|(i, length)| self.length(i) == *length)
    }

    /// Tells whether the first groups have these lengths and are parted by just these separators.
    pub fn has_form(&self, lengths: &[usize], separators: &str) -> bool {
        self.has_groups(lengths) && (separators.is_empty() || self.begins_with_separators(separators))
    }

    /// Tells whether these separators stand between the first groups.
    pub fn begins_with_separators(&self, separators: &str) -> bool {
        separators.len() < self.count && self.separators.starts_with(separators.as_bytes())
    }

    /// Returns the separator after the group `index`, if another group follows.
    pub fn separator(&self, index: usize) -> Option<u8> {
        (index + 1 < self.count).then(|| self.separators[index])
    }

    /// Tells whether the run goes on after `groups` groups as it went before.
    pub fn goes_on(&self, groups: usize) -> bool {
        groups > 1 && self.separator(groups - 1).is_some_and(|next| next == self.separators[groups - 2])
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
