//! Executor threads that share one queue of batches.

use super::limit::Watch;
use super::{Code, Execution, JobOrder, JobResult, run};
use crate::dispatch::LARGEST_WINDOW;
use crate::program::ImplementationId;
use crate::table::Table;
use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use log::error;
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What jobs refer to by number; where the code is missing, the reason why.
pub type CodeTable = Table<ImplementationId, Result<Code, String>>;

/// Jobs that one thread runs, and where the answers go.
pub struct Batch {
    /// The jobs, in the order in which they are run.
    pub orders: VecDeque<JobOrder>,
    /// The code they refer to.
    pub codes: Arc<CodeTable>,
    /// Takes the answers, some of them at a time, each job's exactly once.
    pub answer: Arc<dyn Fn(Vec<JobResult>) + Send + Sync>,
    /// Set when nobody wants the answers any more: jobs that have not begun are then left out.
    pub abandoned: Arc<AtomicBool>,
    /// How long each job may take; none is no limit.
    pub limit: Option<Duration>,
}

impl Batch {
    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed)
    }
}

/// A number of executor threads.
///
/// They take batches from one queue, so a long job delays nothing but what stands behind it in its own batch. Dropping
/// the pool lets the threads finish the batches that wait.
pub struct Pool {
    queue: Option<Sender<Batch>>,
    slots: usize,
    threads: Arc<Threads>,
}

impl Pool {
    /// Starts threads.
    ///
    /// # Errors
    ///
    /// Fails when the system does not allow so many.
    pub fn start(threads: usize) -> io::Result<Pool> {
        let (queue, batches) = unbounded();
        let started = Arc::new(Threads {
            batches,
            alive: Mutex::new(0),
            ended: Condvar::new(),
            watch: Watch::default(),
        });
        for _ in 0..threads {
            started.start(None)?;
        }
        Ok(Pool { queue: Some(queue), slots: threads, threads: started })
    }

    /// Hands a batch to whichever thread is free first.
    pub fn run(&self, batch: Batch) {
        if let Some(queue) = &self.queue {
            // The threads hold the other end for as long as the pool lives.
            queue.send(batch).ok();
        }
    }

    /// How many threads there are.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Lets the threads finish what they have, and waits for them.
    pub fn finish(mut self) {
        self.queue = None;
        self.threads.wait_for_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.threads.watch.close();
    }
}

/// The threads of a pool.
pub(super) struct Threads {
    batches: Receiver<Batch>,
    /// How many there are, not counting those that were given up and may never end.
    alive: Mutex<usize>,
    ended: Condvar,
    pub(super) watch: Watch,
}

impl Threads {
    /// Starts a thread, which runs that batch first.
    pub(super) fn start(self: &Arc<Threads>, first: Option<Batch>) -> io::Result<()> {
        let threads = Arc::clone(self);
        *self.alive() += 1;
        let run = move || {
            if threads.serve(first) {
                threads.one_less();
            }
        };
        match thread::Builder::new().name("executor".to_owned()).stack_size(STACK).spawn(run) {
            Ok(_) => Ok(()),
            Err(error) => {
                self.one_less();
                Err(error)
            }
        }
    }

    fn alive(&self) -> MutexGuard<'_, usize> {
        // A number cannot be left half changed.
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a thread that has ended or was given up.
    pub(super) fn one_less(&self) {
        *self.alive() -= 1;
        self.ended.notify_all();
    }

    fn wait_for_all(&self) {
        let mut alive = self.alive();
        while *alive > 0 {
            alive = self.ended.wait(alive).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Runs batches until there will be no more. False if the thread was given up.
    fn serve(self: &Arc<Threads>, first: Option<Batch>) -> bool {
        let mut next_batch = first.or_else(|| next(&self.batches));
        while let Some(batch) = next_batch {
            match batch.limit {
                None => run_batch(batch),
                Some(limit) => {
                    if let Err(error) = self.watch.open(self) {
                        error!("jobs run without their limit: {error}");
                    }
                    if !self.watch.run(batch, limit) {
                        return false;
                    }
                }
            }
            next_batch = next(&self.batches);
        }
        true
    }
}

/// How much stack a thread has that runs jobs: several times what a module may use of it.
pub(crate) const STACK: usize = 8 << 20;

/// How long a thread that has nothing to do stays awake, yielding to whoever has something. Waking it again costs more
/// than this.
const HOT: Duration = Duration::from_micros(20);

/// The next batch; none when there will be no more.
fn next(batches: &Receiver<Batch>) -> Option<Batch> {
    let idle_since = Instant::now();
    loop {
        match batches.try_recv() {
            Ok(batch) => return Some(batch),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) if idle_since.elapsed() < HOT => std::thread::yield_now(),
            Err(TryRecvError::Empty) => return batches.recv().ok(),
        }
    }
}

/// Answers are sent together, unless the first of them has waited this long.
const ANSWER_AFTER: Duration = Duration::from_micros(200);

fn run_batch(batch: Batch) {
    let count = batch.orders.len();
    let mut results = Vec::with_capacity(count);
    let mut begun = Instant::now();
    let mut answered = begun;
    for mut order in batch.orders {
        if batch.abandoned.load(Ordering::Relaxed) {
            return;
        }
        let execution = run(&mut order, &batch.codes);
        let ended = Instant::now();
        let nanos = execution.nanos(ended - begun);
        begun = ended;
        let Execution { outcome, notices, .. } = execution;
        results.push(JobResult { ticket: order.ticket, outcome, nanos, notices });
        if ended - answered > ANSWER_AFTER {
            (batch.answer)(std::mem::take(&mut results));
            answered = ended;
        }
    }
    if !results.is_empty() {
        (batch.answer)(results);
    }
}

/// How many unfinished jobs an executor of so many slots wants to have, given what a job takes on average.
///
/// Enough to be busy for `ahead` while answers travel and further jobs come; not fewer than two for each slot, lest a
/// thread wait for its next job; and not more than a slot could do in that time, lest jobs wait here that others could
/// do at once.
pub fn window(slots: usize, mean_nanos: u64, ahead: Duration) -> usize {
    const MOST: u64 = LARGEST_WINDOW as u64;
    let ahead = u64::try_from(ahead.as_nanos()).unwrap_or(u64::MAX);
    let per_slot = (ahead / mean_nanos.max(1)).clamp(2, MOST);
    slots.saturating_mul(usize::try_from(per_slot).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::LaneId;
    use crate::state::{Outcome, Ticket};
    use crate::table::Id;
    use flowcore::{Implementation, RunAgain, Value};
    use std::sync::Barrier;

    struct Meet(Barrier);

    impl Implementation for Meet {
        fn run(&self, _: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            self.0.wait();
            Ok((None, true))
        }
    }

    fn order(place: u64) -> JobOrder {
        let ticket = Ticket { lane: LaneId::from_index(0), place };
        JobOrder { ticket, implementation: ImplementationId::from_index(0), inputs: Default::default() }
    }

    #[test]
    fn one_function_runs_in_all_threads_at_once() {
        // Three jobs that wait for each other end only if three threads run them together.
        let codes: Arc<CodeTable> =
            Arc::new([Ok(Code::Loaded(Arc::new(Meet(Barrier::new(3)))))].into_iter().collect());
        let pool = Pool::start(3).unwrap();
        let (sender, answers) = unbounded();
        let answer: Arc<dyn Fn(Vec<JobResult>) + Send + Sync> =
            Arc::new(move |results| sender.send(results).unwrap());
        for place in 0..3 {
            pool.run(Batch {
                orders: [order(place)].into(),
                codes: Arc::clone(&codes),
                answer: Arc::clone(&answer),
                abandoned: Arc::default(),
                limit: None,
            });
        }
        pool.finish();
        drop(answer);
        let mut places: Vec<u64> = answers.iter().flatten().map(|result| result.ticket.place).collect();
        places.sort_unstable();
        assert_eq!(places, [0, 1, 2]);
    }

    #[test]
    fn every_job_is_answered_also_without_code() {
        let codes: Arc<CodeTable> = Arc::new([Err("lost".to_owned())].into_iter().collect());
        let pool = Pool::start(1).unwrap();
        let (sender, answers) = unbounded();
        let answer = Arc::new(move |results| sender.send(results).unwrap());
        pool.run(Batch {
            orders: [order(0), order(1)].into(),
            codes,
            answer,
            abandoned: Arc::default(),
            limit: None,
        });
        pool.finish();
        let outcomes: Vec<Outcome> =
            answers.iter().flatten().map(|result: JobResult| result.outcome).collect();
        assert_eq!(outcomes, [Outcome::Failed("lost".into()), Outcome::Failed("lost".into())]);
    }

    #[test]
    fn a_batch_that_nobody_wants_any_more_is_left_alone() {
        let codes: Arc<CodeTable> = Arc::new([Err("lost".to_owned())].into_iter().collect());
        let abandoned: Arc<AtomicBool> = Arc::default();
        let pool = Pool::start(1).unwrap();
        let (sender, answers) = unbounded();
        let answer = Arc::new(move |results: Vec<JobResult>| sender.send(results).unwrap());
        abandoned.store(true, Ordering::Relaxed);
        pool.run(Batch { orders: [order(0)].into(), codes, answer, abandoned, limit: None });
        pool.finish();
        assert_eq!(answers.iter().count(), 0);
    }

    #[test]
    fn slow_jobs_are_not_piled_up() {
        let ahead = Duration::from_micros(200);
        assert_eq!(window(2, 1_000_000_000, ahead), 4);
        assert_eq!(window(2, 20_000, ahead), 20);
        assert_eq!(window(2, 0, ahead), 1024);
    }
}
