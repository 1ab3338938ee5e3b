//! The threads of a pool: how many there are, and who takes the place of one that is given up.
//!
//! Where the system has no thread to take a place, the place stays empty until it has one: that is tried again with
//! every batch that comes, and a thread that was given up and comes back takes an empty place itself. What a thread has
//! left goes to the others. As long as there is none at all, jobs have failed: nobody waits for a thread that may never
//! come.

use super::limit::Watch;
use super::pool::{Batch, serve};
use super::queue::{Queue, Source};
use super::{JobOrder, JobResult};
use crate::state::Outcome;
use log::{error, info};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How much stack a thread has that runs jobs: several times what a module may use of it.
pub(crate) const STACK: usize = 8 << 20;

/// Has something run in a thread of its own.
pub(super) type Starter = dyn Fn(Box<dyn FnOnce() + Send>) -> io::Result<()> + Send + Sync;

/// The threads of a pool, and what they have in common.
pub(super) struct Crew {
    pub(super) queue: Queue,
    pub(super) watch: Watch,
    starter: Box<Starter>,
    /// How many there are, not counting those that were given up and may never end.
    alive: Mutex<usize>,
    /// How many there should be more. Changes only while `alive` is locked, and can be looked at without that.
    missing: AtomicUsize,
    ended: Condvar,
}

/// Starts a thread of the system.
pub(super) fn start_thread(run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::Builder::new().name("executor".to_owned()).stack_size(STACK).spawn(run).map(drop)
}

impl Crew {
    /// Nobody yet.
    pub(super) fn new(queue: Queue, starter: Box<Starter>) -> Crew {
        Crew {
            queue,
            watch: Watch::default(),
            starter,
            alive: Mutex::new(0),
            missing: AtomicUsize::new(0),
            ended: Condvar::new(),
        }
    }

    /// Starts a thread.
    pub(super) fn start(self: &Arc<Crew>) -> io::Result<()> {
        let mut alive = self.alive();
        self.spawn(None)?;
        *alive += 1;
        Ok(())
    }

    /// Has a thread begin, which runs that batch first. Whoever calls this counts it.
    fn spawn(self: &Arc<Crew>, first: Option<Batch>) -> io::Result<()> {
        let crew = Arc::clone(self);
        (self.starter)(Box::new(move || {
            let mut first = first;
            // Who was given up and is back goes on if nobody could take the place.
            while !serve(&crew, first.take()) {
                if !crew.take_empty_place() {
                    return;
                }
            }
            crew.one_less();
        }))
    }

    fn alive(&self) -> MutexGuard<'_, usize> {
        // A number cannot be left half changed.
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn one_less(&self) {
        *self.alive() -= 1;
        self.ended.notify_all();
    }

    fn take_empty_place(&self) -> bool {
        let mut alive = self.alive();
        if self.missing.load(Ordering::Relaxed) == 0 {
            return false;
        }
        self.missing.fetch_sub(1, Ordering::Relaxed);
        *alive += 1;
        info!("a thread that was given up is back, and takes the place that was empty");
        true
    }

    /// Counts out the thread that has had a turn of that time. Another takes its place and goes on with its batch; if
    /// there is none to be had, the others do.
    pub(super) fn replace(self: &Arc<Crew>, rest: Batch, turn: Duration) {
        let mut alive = self.alive();
        let Err(error) = self.spawn(Some(rest.clone())) else { return };
        error!("no thread can take its place: {error}");
        self.missing.fetch_add(1, Ordering::Release);
        // What it was about to do is not running any more; what it had not answered yet is.
        let answers = rest.orders.pause(None);
        if !answers.is_empty() && !rest.is_abandoned() {
            (rest.answer)(answers);
        }
        self.queue.end_turn(Source::of(&rest), turn, Some(rest));
        *alive -= 1;
        self.fail_if_nobody_is_left(alive, &error);
    }

    /// Fills places that are empty, as far as that is possible by now. Comes after putting something into the queue.
    pub(super) fn fill_up(self: &Arc<Crew>) {
        // Whoever counts one that is missing looks into the queue after that, and we have put something there before
        // this: one of the two sees what the other has done.
        while self.missing.load(Ordering::Acquire) > 0 {
            let mut alive = self.alive();
            if self.missing.load(Ordering::Relaxed) == 0 {
                return;
            }
            if let Err(error) = self.spawn(None) {
                return self.fail_if_nobody_is_left(alive, &error);
            }
            self.missing.fetch_sub(1, Ordering::Relaxed);
            *alive += 1;
        }
    }

    /// Fails what waits if no thread is there.
    fn fail_if_nobody_is_left(&self, alive: MutexGuard<'_, usize>, error: &io::Error) {
        if *alive > 0 {
            return;
        }
        let batches = self.queue.take_all();
        drop(alive);
        let outcome = Outcome::Failed(format!("no thread is left to run it: {error}"));
        let failed = |order: JobOrder| JobResult {
            ticket: order.ticket,
            attempt: order.attempt,
            outcome: outcome.clone(),
            nanos: 0,
            notices: Vec::new(),
        };
        for batch in batches {
            let (orders, _) = batch.orders.take_rest();
            if !batch.is_abandoned() && !orders.is_empty() {
                (batch.answer)(orders.into_iter().map(failed).collect());
            }
        }
        self.ended.notify_all();
    }

    /// Waits until all have ended.
    pub(super) fn wait_for_all(&self) {
        let mut alive = self.alive();
        while *alive > 0 {
            alive = self.ended.wait(alive).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pool;
    use super::super::by_hand::{StuckCode, order, stuck};
    use super::*;
    use crossbeam_channel::{Receiver, Sender, unbounded};
    use std::time::Instant;

    /// Longer than anything takes.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// A pool that gets threads only as long as there are permits.
    struct Bench {
        pool: Pool,
        permits: Arc<AtomicUsize>,
        code: StuckCode,
        answered: (Sender<JobResult>, Receiver<JobResult>),
    }

    impl Bench {
        fn with_threads(threads: usize) -> Bench {
            let permits = Arc::new(AtomicUsize::new(threads));
            let starter = {
                let permits = Arc::clone(&permits);
                let one_less = |permits: usize| permits.checked_sub(1);
                move |run| match permits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
                    Ok(_) => start_thread(run),
                    Err(_) => Err(io::Error::other("none to be had")),
                }
            };
            Bench {
                pool: Pool::start_with(threads, Duration::from_millis(10), Box::new(starter)).unwrap(),
                permits,
                code: stuck(),
                answered: unbounded(),
            }
        }

        fn run(&self, places: impl IntoIterator<Item = u64>) {
            let sender = self.answered.0.clone();
            self.pool.run(Batch {
                orders: Arc::new(places.into_iter().map(order).into()),
                codes: Arc::clone(&self.code.codes),
                answer: Arc::new(move |results| {
                    results.into_iter().for_each(|result| sender.send(result).unwrap())
                }),
                abandoned: Arc::default(),
                limit: Some(Duration::from_millis(300)),
            });
        }

        /// The next answers, by job.
        fn answers(&self, count: usize) -> Vec<(u64, Outcome)> {
            let next = || self.answered.1.recv_timeout(PATIENCE).expect("every job is answered");
            let mut answers: Vec<(u64, Outcome)> =
                (0..count).map(|_| next()).map(|result| (result.ticket.place, result.outcome)).collect();
            answers.sort_by_key(|(place, _)| *place);
            answers
        }
    }

    fn done() -> Outcome {
        Outcome::Done { output: None, run_again: true }
    }

    fn failed(reason: &str) -> Outcome {
        Outcome::Failed(reason.to_owned())
    }

    const OVERRUN: &str = "took longer than 300ms";
    const NOBODY: &str = "no thread is left to run it: none to be had";

    #[test]
    fn without_any_thread_jobs_fail_until_there_is_one_again() {
        let bench = Bench::with_threads(1);
        bench.run([0, 1, 2]);
        assert_eq!(bench.answers(3), [(0, failed(OVERRUN)), (1, failed(NOBODY)), (2, failed(NOBODY))]);
        bench.run([3, 4]);
        assert_eq!(bench.answers(2), [(3, failed(NOBODY)), (4, failed(NOBODY))]);
        bench.permits.store(1, Ordering::Relaxed);
        bench.run([5]);
        bench.run([6]);
        assert_eq!(bench.answers(2), [(5, done()), (6, done())]);
        assert_eq!(bench.permits.load(Ordering::Relaxed), 0, "one place is filled with one thread");
        bench.pool.finish();
    }

    #[test]
    fn what_a_lost_thread_leaves_is_done_by_the_others() {
        let bench = Bench::with_threads(2);
        bench.run([0, 1, 2]);
        assert_eq!(bench.answers(3), [(0, failed(OVERRUN)), (1, done()), (2, done())]);
        bench.run([3]);
        assert_eq!(bench.answers(1), [(3, done())]);
        bench.pool.finish();
    }

    #[test]
    fn a_thread_that_comes_back_takes_the_place_that_is_empty() {
        let bench = Bench::with_threads(1);
        bench.run([0]);
        assert_eq!(bench.answers(1), [(0, failed(OVERRUN))]);
        bench.code.let_go.send(()).unwrap();
        let begun = Instant::now();
        let mut place = 1;
        loop {
            bench.run([place]);
            match &bench.answers(1)[..] {
                [(_, Outcome::Failed(reason))] => assert_eq!(reason, NOBODY),
                answers => break assert_eq!(answers, [(place, done())]),
            }
            assert!(begun.elapsed() < PATIENCE, "it does not come back");
            place += 1;
        }
        bench.pool.finish();
    }

    #[test]
    fn a_pool_that_cannot_have_all_its_threads_has_none() {
        let (started, ends) = unbounded::<()>();
        let left = AtomicUsize::new(1);
        let starter = move |run: Box<dyn FnOnce() + Send>| {
            if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err() {
                return Err(io::Error::other("none to be had"));
            }
            let started = started.clone();
            start_thread(Box::new(move || {
                run();
                drop(started);
            }))
        };
        assert!(Pool::start_with(2, Duration::from_millis(10), Box::new(starter)).is_err());
        // The first one ends, and lets go of what it has.
        assert!(ends.recv_timeout(PATIENCE).unwrap_err().is_disconnected());
    }
}
