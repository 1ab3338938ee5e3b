//! The jobs of a batch, shared by the thread that runs them and by those who may want them back.
//!
//! One lock is taken for each job, and nobody waits for it for longer than a few moves take.

use super::{JobOrder, JobResult};
use crate::dispatch::Attempt;
use crate::program::ImplementationId;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a thread still has to do, what it is doing, and what it has done and not answered.
#[derive(Default)]
pub struct Orders {
    work: Mutex<Work>,
    /// Whether the job that runs is not wanted any more.
    called_off: AtomicBool,
}

#[derive(Default)]
struct Work {
    waiting: VecDeque<JobOrder>,
    running: Option<(Attempt, ImplementationId)>,
    results: Vec<JobResult>,
    /// How many jobs were begun.
    begun: u64,
}

impl<Jobs: IntoIterator<Item = JobOrder>> From<Jobs> for Orders {
    fn from(jobs: Jobs) -> Orders {
        let work = Work { waiting: jobs.into_iter().collect(), ..Work::default() };
        Orders { work: Mutex::new(work), called_off: AtomicBool::new(false) }
    }
}

/// What a thread does next.
pub(super) struct Next {
    /// The next job; none when the batch is done.
    pub(super) order: Option<JobOrder>,
    /// Answers that are due.
    pub(super) answers: Vec<JobResult>,
}

/// What came to light when a batch was looked at.
pub(super) struct Look {
    /// How many jobs were begun, for comparing with the next look.
    pub(super) begun: u64,
    /// Whether nothing is left of it.
    pub(super) is_done: bool,
    /// Whether a job runs.
    pub(super) is_running: bool,
}

impl Orders {
    fn work(&self) -> MutexGuard<'_, Work> {
        // Whatever panicked, lists are never left half changed.
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a job and begins the next. The result is kept unless answers are due, or the job was called off.
    pub(super) fn next(&self, result: Option<JobResult>, answers_are_due: bool) -> Next {
        let mut work = self.work();
        let was_called_off = self.called_off.swap(false, Ordering::Relaxed);
        work.results.extend(result.filter(|_| !was_called_off));
        let order = work.waiting.pop_front();
        work.running = order.as_ref().map(|order| (order.attempt(), order.implementation));
        work.begun += u64::from(order.is_some());
        let answers =
            if answers_are_due || order.is_none() { std::mem::take(&mut work.results) } else { Vec::new() };
        Next { order, answers }
    }

    /// Ends a job, and begins no other for now; gives all answers.
    pub(super) fn pause(&self, result: Option<JobResult>) -> Vec<JobResult> {
        let mut work = self.work();
        let was_called_off = self.called_off.swap(false, Ordering::Relaxed);
        work.results.extend(result.filter(|_| !was_called_off));
        work.running = None;
        std::mem::take(&mut work.results)
    }

    /// Whether there are jobs that have not begun.
    pub(super) fn waits(&self) -> bool {
        !self.work().waiting.is_empty()
    }

    /// Looks how far it has come.
    pub(super) fn look(&self) -> Look {
        let work = self.work();
        let is_running = work.running.is_some();
        Look { begun: work.begun, is_done: !is_running && work.waiting.is_empty(), is_running }
    }

    /// Takes everything out but the job that runs.
    pub(super) fn take_rest(&self) -> (VecDeque<JobOrder>, Vec<JobResult>) {
        let mut work = self.work();
        (std::mem::take(&mut work.waiting), std::mem::take(&mut work.results))
    }

    /// Takes everything out; tells which jobs will not be answered, and gives the results of those that were done.
    pub(super) fn give_up(&self) -> (Vec<Attempt>, Vec<JobResult>) {
        let mut work = self.work();
        let mut left: Vec<Attempt> =
            std::mem::take(&mut work.waiting).iter().map(JobOrder::attempt).collect();
        if let Some((running, _)) = work.running
            && !self.called_off.swap(true, Ordering::Relaxed)
        {
            left.push(running);
        }
        (left, std::mem::take(&mut work.results))
    }

    /// Takes those jobs out that have not begun.
    pub(super) fn recall(&self, jobs: &[Attempt]) -> Vec<JobOrder> {
        let mut work = self.work();
        if work.waiting.iter().all(|order| !jobs.contains(&order.attempt())) {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut work.waiting);
        let (taken, rest) = waiting.into_iter().partition(|order| jobs.contains(&order.attempt()));
        work.waiting = rest;
        taken.into()
    }

    /// Takes those jobs out that have not begun, and has the one that runs end if it is among them and can be
    /// ended; tells which of them will not be answered.
    pub(super) fn cancel(
        &self,
        jobs: &[Attempt],
        can_be_ended: impl FnOnce(ImplementationId) -> bool,
    ) -> Vec<Attempt> {
        let mut cancelled: Vec<Attempt> = self.recall(jobs).iter().map(JobOrder::attempt).collect();
        let work = self.work();
        if let Some((running, implementation)) = work.running.filter(|(running, _)| jobs.contains(running))
            && can_be_ended(implementation)
            && !self.called_off.swap(true, Ordering::Relaxed)
        {
            cancelled.push(running);
        }
        cancelled
    }
}

thread_local! {
    /// What this thread runs, and whether anybody still wants that.
    static RUNNING: RefCell<Option<(Arc<Orders>, Arc<AtomicBool>)>> = const { RefCell::new(None) };
}

/// The batch that a thread runs, for as long as this lives.
pub(super) struct Runs(());

impl Runs {
    pub(super) fn begin(orders: &Arc<Orders>, abandoned: &Arc<AtomicBool>) -> Runs {
        RUNNING.set(Some((Arc::clone(orders), Arc::clone(abandoned))));
        Runs(())
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        RUNNING.set(None);
    }
}

/// Whether the job that this thread runs is not wanted any more.
pub(super) fn is_called_off() -> bool {
    RUNNING.with_borrow(|running| {
        running.as_ref().is_some_and(|(orders, abandoned)| {
            orders.called_off.load(Ordering::Relaxed) || abandoned.load(Ordering::Relaxed)
        })
    })
}
