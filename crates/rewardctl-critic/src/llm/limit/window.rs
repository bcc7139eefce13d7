//! How many calls may be under way at once: one more after each round of successes, half as many after an overload.

use std::num::NonZeroU32;

pub(super) struct Window {
    most: u32,
    size: u32,
    /// Those that have a permit: to be sent, sent, or being settled.
    permits: u32,
    /// Those that are sent.
    under_way: u32,
    /// Since the size last changed.
    successes: u32,
    /// Grows with each cut: calls that started before it say nothing of the new size.
    epoch: u64,
}

impl Window {
    pub(super) fn new(most: NonZeroU32) -> Self {
        Self { most: most.get(), size: most.get(), permits: 0, under_way: 0, successes: 0, epoch: 0 }
    }

    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// Tells whether enough calls have a permit: half as many again as may be under way.
    pub(super) fn is_full(&self) -> bool {
        self.permits >= self.size + self.size / 2
    }

    /// Counts a permit, and returns the epoch in which it is given.
    pub(super) fn started(&mut self) -> u64 {
        self.permits += 1;
        self.epoch
    }

    pub(super) fn ended(&mut self) {
        self.permits = self.permits.saturating_sub(1);
    }

    /// Counts a call that leaves, unless there are enough under way.
    pub(super) fn leave(&mut self) -> bool {
        let may_leave = self.under_way < self.size;
        self.under_way += u32::from(may_leave);
        may_leave
    }

    pub(super) fn come_back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    pub(super) fn succeeded(&mut self) {
        self.successes += 1;
        if self.successes >= self.size {
            self.size = self.most.min(self.size + 1);
            self.successes = 0;
        }
    }

    /// Halves the size, once for all calls that were under way together; tells whether this was the first of them.
    pub(super) fn overloaded(&mut self, epoch: u64) -> bool {
        let is_first = epoch == self.epoch;
        if is_first {
            self.size = (self.size / 2).max(1);
            self.successes = 0;
            self.epoch += 1;
        }
        is_first
    }
}
