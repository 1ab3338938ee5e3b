//! Jobs that take longer than they may.
//!
//! A module ends by itself when it overruns its limit. Native code cannot be stopped. So a job that overruns its limit is
//! answered as failed, its thread is given up, and another thread takes its place and goes on with what stood behind the
//! job, if there is one to be had (`crew.rs`).

use super::crew::Crew;
use super::orders::{Next, Runs};
use super::pool::Batch;
use super::{CodeTable, Execution, JobOrder, JobResult, run};
use crate::dispatch::Attempt;
use crate::state::Outcome;
use log::warn;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// The jobs that are running under a limit, and the thread that looks after them.
#[derive(Default)]
pub(super) struct Watch {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Default)]
struct Jobs {
    running: HashMap<ThreadId, Running>,
    is_watched: bool,
    is_over: bool,
}

/// How a turn has come to its end.
pub(super) enum Turn {
    /// It has ended, and that is left of the batch.
    Ended(Option<Batch>),
    /// The thread was given up meanwhile, and another has taken its place.
    Taken,
}

/// A job, and the rest of the batch it is in.
struct Running {
    attempt: Attempt,
    began: Instant,
    until: Instant,
    rest: Batch,
}

impl Watch {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        // No panic can leave the table half changed.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the thread that looks after running jobs, unless it is there.
    pub(super) fn open(&self, crew: &Arc<Crew>) -> io::Result<()> {
        let mut jobs = self.jobs();
        if !jobs.is_watched {
            let crew = Arc::clone(crew);
            thread::Builder::new().name("job limits".into()).spawn(move || crew.watch.look_after(&crew))?;
            jobs.is_watched = true;
        }
        Ok(())
    }

    /// Ends that thread.
    pub(super) fn close(&self) {
        self.jobs().is_over = true;
        self.changed.notify_all();
    }

    /// Runs the jobs of a batch, each under the limit, for as long as its turn is not over.
    pub(super) fn run(&self, mut batch: Batch, limit: Duration, is_over: impl Fn(Instant) -> bool) -> Turn {
        let thread = thread::current().id();
        let _runs = Runs::begin(&batch.orders, &batch.abandoned);
        let mut result = None;
        let mut has_begun = false;
        loop {
            if has_begun && is_over(Instant::now()) && batch.orders.waits() {
                // Every answer is due: the next job may be one whose thread is given up.
                let answers = batch.orders.pause(result.take());
                if !answers.is_empty() && !batch.is_abandoned() {
                    (batch.answer)(answers);
                }
                return Turn::Ended(Some(batch));
            }
            has_begun = true;
            let Next { order, answers } = batch.orders.next(result.take(), true);
            if batch.is_abandoned() {
                return Turn::Ended(None);
            }
            if !answers.is_empty() {
                (batch.answer)(answers);
            }
            let Some(mut order) = order else { return Turn::Ended(None) };
            let (codes, began) = (Arc::clone(&batch.codes), Instant::now());
            let code = codes.find(order.implementation);
            if code.is_some_and(|code| code.as_ref().is_ok_and(|code| code.module().is_some())) {
                // It ends by itself, so the thread need not be given up.
                result = Some(answer(&mut order, &codes, began));
                continue;
            }
            // A limit beyond all time is none that could be overrun.
            let until = began.checked_add(limit).unwrap_or(began + FOREVER);
            self.begin(thread, Running { attempt: order.attempt(), began, until, rest: batch });
            let answered = answer(&mut order, &codes, began);
            let Some(running) = self.jobs().running.remove(&thread) else { return Turn::Taken };
            batch = running.rest;
            result = Some(answered);
        }
    }

    fn begin(&self, thread: ThreadId, running: Running) {
        let mut jobs = self.jobs();
        let is_first = jobs.running.values().all(|other| other.until > running.until);
        jobs.running.insert(thread, running);
        drop(jobs);
        if is_first {
            self.changed.notify_all();
        }
    }

    fn look_after(&self, crew: &Arc<Crew>) {
        let mut jobs = self.jobs();
        while !jobs.is_over {
            let now = Instant::now();
            let next = jobs.running.iter().min_by_key(|(_, running)| running.until);
            let Some((&thread, until)) = next.map(|(thread, running)| (thread, running.until)) else {
                jobs = self.changed.wait(jobs).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if until > now {
                let waited = self.changed.wait_timeout(jobs, until - now);
                jobs = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            if let Some(running) = jobs.running.remove(&thread) {
                drop(jobs);
                give_up(crew, running);
                jobs = self.jobs();
            }
        }
    }
}

/// Runs a job that began then.
fn answer(order: &mut JobOrder, codes: &CodeTable, began: Instant) -> JobResult {
    let execution = run(order, codes);
    let nanos = execution.nanos(began.elapsed());
    let Execution { outcome, notices, .. } = execution;
    JobResult { ticket: order.ticket, attempt: order.attempt, outcome, nanos, notices }
}

/// Longer than any run.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

fn give_up(crew: &Arc<Crew>, running: Running) {
    let Running { attempt: Attempt { ticket, number: attempt }, began, until, rest } = running;
    let limit = until - began;
    warn!("a job overran its limit of {limit:?}; its thread is given up");
    let outcome = Outcome::Failed(format!("took longer than {limit:?}"));
    let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
    (rest.answer)(vec![JobResult { ticket, attempt, outcome, nanos, notices: Vec::new() }]);
    crew.replace(rest, limit);
}

#[cfg(test)]
mod tests {
    use super::super::Pool;
    use super::super::by_hand::{StuckCode, order, stuck};
    use super::*;
    use crossbeam_channel::unbounded;

    #[test]
    fn a_job_that_overruns_has_failed_and_what_stands_behind_it_is_done() {
        let StuckCode { codes, let_go, .. } = stuck();
        let (sender, answers) = unbounded();
        let pool = Pool::start(1).unwrap();
        pool.run(Batch {
            orders: Arc::new((0..3).map(order).into()),
            codes,
            answer: Arc::new(move |results: Vec<JobResult>| sender.send(results).unwrap()),
            abandoned: Arc::default(),
            limit: Some(Duration::from_millis(500)),
        });
        // Waits for the replacement only: the thread that was given up is stuck until the end of the test.
        pool.finish();
        let mut results: Vec<(u64, Outcome)> =
            answers.try_iter().flatten().map(|result| (result.ticket.place, result.outcome)).collect();
        results.sort_by_key(|(place, _)| *place);
        let done = Outcome::Done { output: None, run_again: true };
        assert_eq!(
            results,
            [(0, Outcome::Failed("took longer than 500ms".into())), (1, done.clone()), (2, done)]
        );
        drop(let_go);
    }
}
