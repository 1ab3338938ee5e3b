//! Instances that a thread has used and keeps for its next job.
//!
//! They belong to their thread, so nobody waits for anybody. A thread keeps a few: the functions it runs again and again.

use super::compiled::Compiled;
use super::instance::{self, Instance};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How many instances a thread keeps.
const MOST: usize = 8;

/// How many instances there may be for one more to be kept: each has some gigabytes of the address space.
const MOST_INSTANCES: usize = 2048;

/// An instance that later jobs of its module may use as well.
pub(super) struct Warm {
    /// Which module that is. It is made once: threads that counted themselves for every job would wait for each other.
    of: Weak<()>,
    pub(super) instance: Instance,
}

impl Warm {
    pub(super) fn new(module: &Compiled, instance: Instance) -> Warm {
        Warm { of: Arc::downgrade(&module.identity), instance }
    }

    /// One that is for a single job.
    pub(super) fn once(instance: Instance) -> Warm {
        Warm { of: Weak::new(), instance }
    }
}

thread_local! {
    /// Those used last stand at the end.
    static WARM: RefCell<VecDeque<Warm>> = const { RefCell::new(VecDeque::new()) };

    /// What instances that may be kept have taken to start, since somebody asked.
    static STARTING: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Starts an instance that later jobs will find.
pub(super) fn start<E>(start: impl FnOnce() -> Result<Instance, E>) -> Result<Instance, E> {
    let begun = Instant::now();
    let instance = start();
    STARTING.set(STARTING.get() + begun.elapsed());
    instance
}

/// How much of the time of this thread's last job went into what later ones need not do again.
pub(crate) fn take_starting() -> Duration {
    STARTING.take()
}

/// An instance that this thread has kept of a module.
pub(super) fn take(module: &Compiled) -> Option<Warm> {
    WARM.with_borrow_mut(|warm| {
        let is_of_module = |kept: &Warm| Weak::as_ptr(&kept.of) == Arc::as_ptr(&module.identity);
        let place = warm.iter().rposition(is_of_module)?;
        warm.remove(place)
    })
}

/// Keeps an instance for the next job of this thread.
pub(super) fn keep(used: Warm) {
    if instance::count() > MOST_INSTANCES {
        return;
    }
    WARM.with_borrow_mut(|warm| {
        if warm.len() >= MOST {
            // A module whose run is over will not come again; else the one that was not used for longest goes.
            let place = warm.iter().position(|kept| kept.of.strong_count() == 0).unwrap_or(0);
            warm.remove(place);
        }
        warm.push_back(used);
    });
}
