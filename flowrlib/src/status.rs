//! Asking how runs stand, without disturbing them.

use crate::terms::Report;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Asks the runs that were started with it how they stand when it is rung. They tell between two jobs; with none that
/// runs nobody answers.
#[derive(Clone, Default)]
pub struct StatusBell {
    tell: Option<Arc<Tell>>,
    watchers: Arc<Mutex<Watchers>>,
}

type Tell = dyn Fn(&Report) + Send + Sync;

/// Asks a run; says whether it is still there.
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

impl fmt::Debug for StatusBell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StatusBell")
    }
}

impl StatusBell {
    /// A bell; `tell` is told how each run stands, in that run's thread, which waits for it.
    pub fn new(tell: impl Fn(&Report) + Send + Sync + 'static) -> StatusBell {
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

    /// Tells how a run stands.
    pub(crate) fn tell(&self, report: &Report) {
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
