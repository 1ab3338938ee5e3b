//! Executor threads that share one queue of batches.

use super::crew::{Crew, Starter, start_thread};
use super::limit::Turn;
use super::orders::{Next, Orders, Runs};
use super::queue::{Queue, Source, TURN};
use super::{Code, Execution, JobResult, run};
use crate::dispatch::{Attempt, LARGEST_WINDOW};
use crate::program::ImplementationId;
use crate::table::Table;
use log::error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What jobs refer to by number; where the code is missing, the reason why.
pub type CodeTable = Table<ImplementationId, Result<Code, String>>;

/// Jobs that one thread runs, and where the answers go.
#[derive(Clone)]
pub struct Batch {
    /// The jobs, in the order in which they are run.
    pub orders: Arc<Orders>,
    /// The code they refer to.
    pub codes: Arc<CodeTable>,
    /// Takes the answers, some of them at a time, each job's at most once: not if it was taken back or called off.
    pub answer: Arc<dyn Fn(Vec<JobResult>) + Send + Sync>,
    /// Set when nobody wants the answers any more: jobs that have not begun are then left out, and a module that runs
    /// ends. Batches that have this in common belong to one run, and runs share the threads fairly.
    pub abandoned: Arc<AtomicBool>,
    /// How long each job may take; none is no limit.
    pub limit: Option<Duration>,
}

impl Batch {
    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed)
    }

    /// Calls jobs off; tells which of them will not be answered. Of those that run only modules can be ended.
    pub(super) fn cancel(&self, jobs: &[Attempt]) -> Vec<Attempt> {
        self.orders.cancel(jobs, |implementation| {
            let code = self.codes.find(implementation).and_then(|code| code.as_ref().ok());
            code.is_some_and(|code| code.module().is_some())
        })
    }
}

/// A number of executor threads.
///
/// They take batches from one [queue](super::queue), so a long job delays nothing but what stands behind it in its own
/// batch, and each run has its share of the time. Dropping the pool lets the threads finish the batches that wait.
pub struct Pool {
    slots: usize,
    crew: Arc<Crew>,
}

impl Pool {
    /// Starts threads.
    ///
    /// # Errors
    ///
    /// Fails when the system does not allow so many.
    pub fn start(threads: usize) -> io::Result<Pool> {
        Pool::start_with_turns(threads, TURN)
    }

    fn start_with_turns(threads: usize, turn: Duration) -> io::Result<Pool> {
        Pool::start_with(threads, turn, Box::new(start_thread))
    }

    pub(super) fn start_with(threads: usize, turn: Duration, starter: Box<Starter>) -> io::Result<Pool> {
        // Where not all can be started, those end that were.
        let pool = Pool { slots: threads, crew: Arc::new(Crew::new(Queue::new(turn), starter)) };
        for _ in 0..threads {
            pool.crew.start()?;
        }
        Ok(pool)
    }

    /// Hands a batch to whichever thread is free first.
    pub fn run(&self, batch: Batch) {
        self.crew.queue.put(batch);
        self.crew.fill_up();
    }

    /// Leaves one more processor to others, or one fewer: no more threads are at work than there are others. Whoever asks
    /// for one gives it back.
    pub(super) fn leave_room(&self, is_needed: bool) {
        self.crew.queue.leave_room(is_needed);
    }

    /// How many threads there are.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Lets the threads finish what they have, and waits for them.
    pub fn finish(self) {
        self.crew.queue.close();
        self.crew.wait_for_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.crew.queue.close();
        self.crew.watch.close();
    }
}

/// Runs batches until there will be no more. False if the thread was given up.
pub(super) fn serve(crew: &Arc<Crew>, first: Option<Batch>) -> bool {
    let mut next_batch = first.or_else(|| crew.queue.next());
    while let Some(batch) = next_batch {
        let (source, began) = (Source::of(&batch), Instant::now());
        let is_over = |now| crew.queue.is_over(source, began, now);
        let rest = match batch.limit {
            None => run_batch(batch, is_over),
            Some(limit) => {
                if let Err(error) = crew.watch.open(crew) {
                    error!("jobs run without their limit: {error}");
                }
                match crew.watch.run(batch, limit, is_over) {
                    Turn::Ended(rest) => rest,
                    // Whoever has taken its place goes on with its turn.
                    Turn::Taken => return false,
                }
            }
        };
        next_batch = crew.queue.next_turn(source, began.elapsed(), rest);
    }
    true
}

/// Answers are sent together, unless the first of them has waited this long.
const ANSWER_AFTER: Duration = Duration::from_micros(200);

/// Runs a batch for as long as its turn is not over; gives what is left of it.
fn run_batch(batch: Batch, is_over: impl Fn(Instant) -> bool) -> Option<Batch> {
    let _runs = Runs::begin(&batch.orders, &batch.abandoned);
    let mut begun = Instant::now();
    let mut answered = begun;
    let Next { mut order, .. } = batch.orders.next(None, false);
    while let Some(mut current) = order {
        if batch.is_abandoned() {
            return None;
        }
        let execution = run(&mut current, &batch.codes);
        let ended = Instant::now();
        let nanos = execution.nanos(ended - begun);
        begun = ended;
        let Execution { outcome, notices, .. } = execution;
        let result = JobResult { ticket: current.ticket, attempt: current.attempt, outcome, nanos, notices };
        if is_over(ended) && batch.orders.waits() {
            let answers = batch.orders.pause(Some(result));
            if !answers.is_empty() && !batch.is_abandoned() {
                (batch.answer)(answers);
            }
            return Some(batch);
        }
        let is_due = ended - answered > ANSWER_AFTER;
        let next = batch.orders.next(Some(result), is_due);
        order = next.order;
        if is_due {
            answered = ended;
        }
        if !next.answers.is_empty() && !batch.is_abandoned() {
            (batch.answer)(next.answers);
            // To wake whoever waits for them may take longer than a job, and is not the next one's fault.
            begun = Instant::now();
        }
    }
    None
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
    use super::super::by_hand::{StuckCode, order, stuck};
    use super::*;
    use crate::state::Outcome;
    use crossbeam_channel::{Receiver, unbounded};
    use flowcore::{Implementation, RunAgain, Value};
    use std::sync::{Barrier, Mutex};

    /// Longer than anything takes.
    const PATIENCE: Duration = Duration::from_secs(60);

    struct Meet(Barrier);

    impl Implementation for Meet {
        fn run(&self, _: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            self.0.wait();
            Ok((None, true))
        }
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
                orders: Arc::new([order(place)].into()),
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
            orders: Arc::new([order(0), order(1)].into()),
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
        pool.run(Batch { orders: Arc::new([order(0)].into()), codes, answer, abandoned, limit: None });
        pool.finish();
        assert_eq!(answers.iter().count(), 0);
    }

    #[test]
    fn while_room_is_left_for_somebody_else_one_thread_fewer_is_at_work() {
        let StuckCode { codes, begun, let_go } = stuck();
        let (sender, answers) = unbounded();
        let answer = Arc::new(move |results: Vec<JobResult>| sender.send(results.len()).unwrap());
        let pool = Pool::start(2).unwrap();
        pool.crew.queue.set_processors(2);
        let run = |places: &[u64]| {
            pool.run(Batch {
                orders: Arc::new(places.iter().copied().map(order).into()),
                codes: Arc::clone(&codes),
                answer: Arc::clone(&answer) as Arc<dyn Fn(Vec<JobResult>) + Send + Sync>,
                abandoned: Arc::default(),
                limit: None,
            });
        };
        pool.leave_room(true);
        run(&[0]);
        begun.recv().unwrap();
        run(&[0]);
        run(&[1, 2]);
        assert!(begun.recv_timeout(Duration::from_millis(50)).is_err(), "there is no room");
        pool.leave_room(false);
        begun.recv_timeout(PATIENCE).unwrap();
        // Whoever ends a turn goes on, also where there is room for no other.
        pool.leave_room(true);
        let_go.send(()).unwrap();
        let_go.send(()).unwrap();
        run(&[3]);
        let mut left = 5;
        while left > 0 {
            left -= answers.recv_timeout(PATIENCE).unwrap();
        }
        pool.finish();
    }

    /// Waits until it is let go, or for nothing where nobody says how long.
    struct Wait(Mutex<Receiver<()>>);

    impl Implementation for Wait {
        fn run(&self, _: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
            self.0.lock().unwrap().recv().ok();
            Ok((None, true))
        }
    }

    #[test]
    fn a_run_with_a_long_batch_does_not_hold_up_another() {
        for limit in [None, Some(Duration::from_secs(1000))] {
            let (let_go, waiting) = unbounded();
            let codes: Arc<CodeTable> =
                Arc::new([Ok(Code::Loaded(Arc::new(Wait(Mutex::new(waiting)))))].into_iter().collect());
            // Every job is longer than a turn.
            let pool = Pool::start_with_turns(1, Duration::ZERO).unwrap();
            let (sender, answers) = unbounded();
            let run = |name: char, jobs: u64| {
                let sender = sender.clone();
                let answer = move |results: Vec<JobResult>| {
                    results.iter().for_each(|result| sender.send((name, result.ticket.place)).unwrap());
                };
                pool.run(Batch {
                    orders: Arc::new((0..jobs).map(order).into()),
                    codes: Arc::clone(&codes),
                    answer: Arc::new(answer),
                    abandoned: Arc::default(),
                    limit,
                });
            };
            // The only thread is at work for the first run, or about to be, when the second one comes.
            run('a', 5);
            run('b', 2);
            let_go.send(()).unwrap();
            drop(let_go);
            pool.finish();
            drop(sender);
            let mut order: Vec<(char, u64)> = answers.iter().collect();
            assert!(order.iter().position(|job| *job == ('b', 0)) <= Some(1), "{limit:?}: {order:?}");
            order.sort_unstable();
            let each_once = [('a', 0), ('a', 1), ('a', 2), ('a', 3), ('a', 4), ('b', 0), ('b', 1)];
            assert_eq!(order, each_once);
        }
    }

    #[test]
    fn slow_jobs_are_not_piled_up() {
        let ahead = Duration::from_micros(200);
        assert_eq!(window(2, 1_000_000_000, ahead), 4);
        assert_eq!(window(2, 20_000, ahead), 20);
        assert_eq!(window(2, 0, ahead), 1024);
    }
}
