//! Reads ahead: what comes next is made in a thread of its own while this one works on what came before.

use std::iter::from_fn;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread::spawn;

/// Items handed over at once: enough that waking a thread costs little beside them, few enough for memory.
const BATCH: usize = 16;
/// Batches that may wait.
const WAITING: usize = 2;

/// Returns the same items in the same order. A thread whose items nobody takes any more ends by itself.
pub(crate) fn ahead<T: Send + 'static>(
    mut items: impl Iterator<Item = T> + Send + 'static,
) -> impl Iterator<Item = T> {
    let (send, receive) = sync_channel(WAITING);
    let mut making = Some(spawn(move || {
        loop {
            let batch: Vec<T> = items.by_ref().take(BATCH).collect();
            if batch.is_empty() || send.send(batch).is_err() {
                return;
            }
        }
    }));
    let batches = from_fn(move || {
        let next = receive.recv().ok();
        // The end of a thread that panicked is not the end of its items.
        if next.is_none()
            && let Some(Err(panic)) = making.take().map(|making| making.join())
        {
            resume_unwind(panic);
        }
        next
    });
    batches.flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_their_order_and_may_be_left() {
        assert!(ahead(0..1000).eq(0..1000));
        assert_eq!(ahead(0..).take(100).last(), Some(99));
    }

    #[test]
    #[should_panic(expected = "the tenth")]
    fn a_panic_is_no_end() {
        ahead((0..100).inspect(|item| assert!(*item < 10, "the tenth"))).for_each(drop);
    }
}
