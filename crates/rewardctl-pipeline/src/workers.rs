//! Threads that judge. A row is judged whole by one thread, and no thread shares a model with another, so that
//! results do not depend on how many there are.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc as blocking};
use std::thread;

use tokio::sync::mpsc;

use crate::chunk::Chunk;
use crate::error::Error;
use crate::judges::{Judged, Judges, Known, Plan};

/// One row to judge.
struct Job {
    chunk: Arc<Chunk>,
    known: Arc<Known>,
    number: u64,
    row: usize,
}

/// One row judged.
pub struct Done {
    /// The chunk's number.
    pub number: u64,
    /// The row's place in it.
    pub row: usize,
    /// What the critics say; None if one of them crashed.
    pub judged: Option<Vec<Judged>>,
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
        for row in 0..chunk.rows.len() {
            let job = Job { chunk: Arc::clone(chunk), known: Arc::clone(&known), number, row };
            self.jobs
                .send(job)
                .expect("the threads live as long as the queue: a crash of a critic is caught");
        }
    }

    /// Waits for the next row that is judged.
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
        let Ok(Job { chunk, known, number, row }) = job else { return };
        // A crash is reported with its row instead of leaving the others waiting for it.
        let judged = catch_unwind(AssertUnwindSafe(|| judges.judge(&chunk.rows[row], &known))).ok();
        drop((chunk, known));
        if finished.send(Done { number, row, judged }).is_err() {
            return;
        }
    }
}
