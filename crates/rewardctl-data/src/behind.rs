//! Writes behind: what is costly to pack is packed in a thread of its own while this one makes what comes next.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{JoinHandle, spawn};

/// Items that may wait: one while another is worked on.
const WAITING: usize = 1;

/// A thread that works on items one after the other; dropped before it is finished, its work is undone as `W` is dropped.
pub(crate) struct Behind<T, W> {
    items: Option<SyncSender<T>>,
    working: Option<JoinHandle<io::Result<W>>>,
}

impl<T: Send + 'static, W: Send + 'static> Behind<T, W> {
    pub(crate) fn start(
        mut with: W,
        mut work: impl FnMut(&mut W, T) -> io::Result<()> + Send + 'static,
    ) -> Self {
        let (items, come) = sync_channel(WAITING);
        let working = spawn(move || {
            for item in come {
                work(&mut with, item)?;
            }
            Ok(with)
        });
        Self { items: Some(items), working: Some(working) }
    }

    /// Hands over the next item; an error of an earlier one comes back.
    pub(crate) fn send(&mut self, item: T) -> io::Result<()> {
        let sent = self.items.as_ref().is_some_and(|items| items.send(item).is_ok());
        if sent { Ok(()) } else { self.end().map(drop) }
    }

    /// Waits for the last item.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.end()
    }
}

impl<T, W> Behind<T, W> {
    fn end(&mut self) -> io::Result<W> {
        self.items = None;
        let Some(working) = self.working.take() else { return Err(io::Error::other("it failed before")) };
        working.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<T, W> Drop for Behind<T, W> {
    fn drop(&mut self) {
        self.items = None;
        // Whoever drops it has an error of its own to tell.
        let _ = self.working.take().map(JoinHandle::join);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adding(limit: u32) -> Behind<u32, Vec<u32>> {
        Behind::start(vec![], move |all: &mut Vec<u32>, item| {
            all.push(item);
            if item < limit { Ok(()) } else { Err(io::Error::other("too much")) }
        })
    }

    #[test]
    fn items_are_worked_on_in_order() {
        let mut behind = adding(u32::MAX);
        (0..100).for_each(|item| behind.send(item).unwrap());
        assert!(behind.finish().unwrap().into_iter().eq(0..100));
    }

    #[test]
    fn an_error_comes_back() {
        let mut behind = adding(3);
        let failed = (0..100).find_map(|item| behind.send(item).err()).unwrap();
        assert_eq!(failed.to_string(), "too much");
        assert!(behind.finish().is_err());
        let mut late = adding(0);
        late.send(0).unwrap();
        assert_eq!(late.finish().unwrap_err().to_string(), "too much");
    }
}
