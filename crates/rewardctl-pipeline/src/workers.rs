//! Threads that judge. A row is judged whole by one thread, and no thread shares a model with another, so that
//! results do not depend on how many there are.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc as blocking};
use std::thread;

use tokio::sync::mpsc;

use crate::chunk::Chunk;
use crate::error::Error;
use crate::judges::{Judged, Judges, Known, Plan};

/// Jobs that a chunk is cut into, at most: enough that threads end together, few enough that handing over is cheap.
const JOBS_A_CHUNK: usize = 16;

/// A few rows to judge.
struct Job {
    chunk: Arc<Chunk>,
    known: Arc<Known>,
    number: u64,
    rows: Range<usize>,
}

/// A few rows judged.
pub struct Done {
    /// The chunk's number.
    pub number: u64,
    /// The place of the first row in it.
    pub first: usize,
    /// For each row what the critics say; None if one of them crashed.
    pub judged: Vec<Option<Vec<Judged>>>,
}

/// The threads. They end when this is dropped.
pub struct Workers {
    jobs: blocking::Sender<Job>,
    done: mpsc::UnboundedReceiver<Done>,
}

impl Workers {
    /// Loads the models once for each thread, then starts the threads.
    pub fn start(plan: &Arc<Plan>, threads: usize) -> Result<Self, Error> {
        let judges = load(plan, threads);
        let (jobs, queue) = blocking::channel();
        let (finished, done) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(queue));
        for judges in judges? {
            let (queue, finished) = (Arc::clone(&queue), finished.clone());
            thread::spawn(move || work(judges, &queue, &finished));
        }
        Ok(Self { jobs, done })
    }

    /// Hands out the rows of a chunk.
    pub fn submit(&self, number: u64, chunk: &Arc<Chunk>, known: Known) {
        let known = Arc::new(known);
        let count = chunk.rows.len();
        for first in (0..count).step_by(count.div_ceil(JOBS_A_CHUNK).max(1)) {
            let rows = first..count.min(first + count.div_ceil(JOBS_A_CHUNK));
            let job = Job { chunk: Arc::clone(chunk), known: Arc::clone(&known), number, rows };
            self.jobs
                .send(job)
                .expect("the threads live as long as the queue: a crash of a critic is caught");
        }
    }

    /// Waits for the next rows that are judged.
    pub async fn next(&mut self) -> Done {
        self.done.recv().await.expect("the threads live as long as the queue: a crash of a critic is caught")
    }
}

/// Loads the models of all threads side by side: it is most of the time that a short run takes.
fn load(plan: &Arc<Plan>, threads: usize) -> Result<Vec<Judges>, Error> {
    thread::scope(|scope| {
        let loading: Vec<_> = (0..threads).map(|_| scope.spawn(|| Judges::new(Arc::clone(plan)))).collect();
        loading.into_iter().map(|one| one.join().expect("loading a model does not panic")).collect()
    })
}

fn work(mut judges: Judges, queue: &Mutex<blocking::Receiver<Job>>, finished: &mpsc::UnboundedSender<Done>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { chunk, known, number, rows }) = job else { return };
        let first = rows.start;
        // A crash is reported with its row instead of leaving the others waiting for it.
        let judge =
            |row: usize| catch_unwind(AssertUnwindSafe(|| judges.judge(&chunk.rows[row], &known))).ok();
        let judged = rows.map(judge).collect();
        drop((chunk, known));
        if finished.send(Done { number, first, judged }).is_err() {
            return;
        }
    }
}
