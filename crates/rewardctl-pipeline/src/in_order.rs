//! Chunks under way at once, and what comes of them in the order of the input.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::chunk::Chunk;
use crate::error::Error;

/// Chunks under way at once: calls take seconds, and the slowest of a chunk must not leave the others waiting.
const CHUNKS_IN_FLIGHT: usize = 16;

/// How often progress is told while calls are out.
const TICK: Duration = Duration::from_millis(250);

/// What happens while chunks are under way.
pub enum Event<T> {
    /// A chunk is done, and so are all before it.
    Done(T),
    /// Some time passed.
    Tick,
}

/// Starts the work on each chunk and tells `hear` what comes of it, in order.
///
/// At the first error, or when `stop` is set, no more work is started, but what is under way is waited for: its
/// calls are paid.
pub async fn in_order<W, T>(
    mut chunks: Receiver<Result<Chunk, Error>>,
    stop: &AtomicBool,
    mut start: impl FnMut(Chunk) -> Result<W, Error>,
    mut hear: impl FnMut(Event<T>) -> Result<(), Error>,
) -> Result<(), Error>
where
    W: Future<Output = Result<T, Error>> + Send + 'static,
    T: Send + 'static,
{
    let mut under_way: VecDeque<JoinHandle<Result<T, Error>>> = VecDeque::new();
    let mut stopped: Result<(), Error> = Ok(());
    let (mut at_end, mut tick) = (false, ticks());
    loop {
        while !at_end && stopped.is_ok() && under_way.len() < CHUNKS_IN_FLIGHT {
            let next = if stop.load(Ordering::Relaxed) { None } else { chunks.recv().await };
            match next.map(|chunk| chunk.and_then(&mut start)) {
                Some(Ok(work)) => under_way.push_back(tokio::spawn(work)),
                Some(Err(error)) => stopped = Err(error),
                None => at_end = true,
            }
        }
        let Some(first) = under_way.front_mut() else { return stopped };
        let done = tokio::select! {
            done = first => done.expect("asking does not panic, and nobody aborts it"),
            _ = tick.tick() => {
                hear(Event::Tick)?;
                continue;
            }
        };
        under_way.pop_front();
        stopped = stopped.and_then(|()| hear(Event::Done(done?)));
    }
}

fn ticks() -> Interval {
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}
