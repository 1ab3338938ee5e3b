//! Asking how runs stand, without disturbing them.

use crate::terms::Report;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Asks the runs, or the worker, that were started with it how they stand when it is rung. Runs tell between two jobs;
/// where there is nobody, nobody answers.
pub struct StatusBell<R = Report> {
    tell: Option<Arc<Tell<R>>>,
    watchers: Arc<Mutex<Watchers>>,
}

type Tell<R> = dyn Fn(&R) + Send + Sync;

/// Asks somebody; says whether there is still anybody.
type Ask = dyn Fn() -> bool + Send;

#[derive(Default)]
struct Watchers {
    latest: u64,
    asked: Vec<(u64, Box<Ask>)>,
}

/// Hears the bell for as long as it lives.
pub(crate) struct Watched {
    watchers: Arc<Mutex<Watchers>>,
    number: u64,
}

impl<R> Clone for StatusBell<R> {
    fn clone(&self) -> StatusBell<R> {
        StatusBell { tell: self.tell.clone(), watchers: Arc::clone(&self.watchers) }
    }
}

impl<R> Default for StatusBell<R> {
    /// One that nobody listens to.
    fn default() -> StatusBell<R> {
        StatusBell { tell: None, watchers: Arc::default() }
    }
}

impl<R> fmt::Debug for StatusBell<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StatusBell")
    }
}

impl<R> StatusBell<R> {
    /// A bell; `tell` is told how each of them stands: by a run in the run's thread, which waits for it, by a worker in
    /// a thread that does nothing else.
    pub fn new(tell: impl Fn(&R) + Send + Sync + 'static) -> StatusBell<R> {
        StatusBell { tell: Some(Arc::new(tell)), watchers: Arc::default() }
    }

    /// Asks.
    pub fn ring(&self) {
        for (_, ask) in &lock(&self.watchers).asked {
            // A run that has just ended has its report.
            ask();
        }
    }

    /// Has `ask` be called for as long as the result lives.
    pub(crate) fn watch(&self, ask: impl Fn() -> bool + Send + 'static) -> Watched {
        let mut watchers = lock(&self.watchers);
        watchers.latest += 1;
        let number = watchers.latest;
        watchers.asked.push((number, Box::new(ask)));
        Watched { watchers: Arc::clone(&self.watchers), number }
    }

    /// Tells how it stands.
    pub(crate) fn tell(&self, report: &R) {
        if let Some(tell) = &self.tell {
            tell(report);
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        lock(&self.watchers).asked.retain(|(number, _)| *number != self.number);
    }
}

fn lock(watchers: &Mutex<Watchers>) -> MutexGuard<'_, Watchers> {
    // A list cannot be left half changed.
    watchers.lock().unwrap_or_else(PoisonError::into_inner)
}
