//! How many calls may be under way at once: one more after each round of successes, half as many after an overload.

use std::num::NonZeroU32;

pub(super) struct Window {
    most: u32,
    size: u32,
    under_way: u32,
    /// Since the size last changed.
    successes: u32,
    /// Grows with each cut: calls that started before it say nothing of the new size.
    epoch: u64,
}

impl Window {
    pub(super) fn new(most: NonZeroU32) -> Self {
        Self { most: most.get(), size: most.get(), under_way: 0, successes: 0, epoch: 0 }
    }

    pub(super) fn size(&self) -> u32 {
        self.size
    }

    pub(super) fn is_full(&self) -> bool {
        self.under_way >= self.size
    }

    /// Counts a call that starts, and returns the epoch in which it does.
    pub(super) fn started(&mut self) -> u64 {
        self.under_way += 1;
        self.epoch
    }

    pub(super) fn ended(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    pub(super) fn succeeded(&mut self) {
        self.successes += 1;
        if self.successes >= self.size {
            self.size = self.most.min(self.size + 1);
            self.successes = 0;
        }
    }

    /// Halves the size, once for all calls that were under way together.
    pub(super) fn overloaded(&mut self, epoch: u64) {
        if epoch == self.epoch {
            self.size = (self.size / 2).max(1);
            self.successes = 0;
            self.epoch += 1;
        }
    }
}
