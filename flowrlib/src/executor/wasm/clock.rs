//! Ends jobs that take too long.
//!
//! Code looks at the engine's epoch now and then, and when that has moved on it asks whether it may go on: for so many
//! ticks as its limit has, and for as long as somebody wants what comes of it. One thread moves the epoch on while jobs
//! run, a tick at a time; with nothing to look after it sleeps. A job only counts itself in and out.

use super::engine::increment_epochs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

/// How long a tick is: a job may overrun its limit by so much.
const TICK: Duration = Duration::from_millis(10);

const TICKS_A_SECOND: u64 = 100;

/// After how many ticks without a job the thread goes to sleep. Waking it takes longer than a small job.
const PATIENCE: u32 = 100;

/// How many jobs are running under a limit.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Whether the thread sleeps until it is woken.
static ASLEEP: AtomicBool = AtomicBool::new(false);

static CLOCK: OnceLock<Option<Thread>> = OnceLock::new();

/// A job that is running under a limit, for as long as this lives.
pub(super) struct Running(());

impl Running {
    pub(super) fn begin() -> Running {
        let clock = CLOCK.get_or_init(start);
        RUNNING.fetch_add(1, Ordering::SeqCst);
        // The clock says that it sleeps and then looks for jobs; a job counts and then looks whether it sleeps.
        if ASLEEP.load(Ordering::SeqCst)
            && let Some(clock) = clock
        {
            clock.unpark();
        }
        Running(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// In how many ticks a limit is over, counted from any moment.
pub(super) fn ticks(limit: Option<Duration>) -> u64 {
    const FOREVER: u64 = u64::MAX / 2;
    // Seconds and the rest apart: this is done for every job, and wide divisions take long.
    let ticks = |limit: Duration| {
        let rest = limit.subsec_nanos().div_ceil(TICK.subsec_nanos());
        limit.as_secs().saturating_mul(TICKS_A_SECOND).saturating_add(u64::from(rest) + 1).min(FOREVER)
    };
    limit.map_or(FOREVER, ticks)
}

fn start() -> Option<Thread> {
    // Without a clock limits do not hold, but everything else does.
    let clock = thread::Builder::new().name("module clock".into()).spawn(tick);
    clock
        .map_err(|error| log::error!("modules run without a limit of time: {error}"))
        .ok()
        .map(|clock| clock.thread().clone())
}

fn tick() {
    let mut idle_ticks = 0;
    loop {
        thread::park_timeout(TICK);
        increment_epochs();
        idle_ticks = if RUNNING.load(Ordering::SeqCst) == 0 { idle_ticks + 1 } else { 0 };
        if idle_ticks >= PATIENCE {
            ASLEEP.store(true, Ordering::SeqCst);
            while RUNNING.load(Ordering::SeqCst) == 0 {
                thread::park();
            }
            ASLEEP.store(false, Ordering::SeqCst);
            idle_ticks = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_never_cut_short() {
        assert_eq!(ticks(Some(Duration::ZERO)), 1);
        assert_eq!(ticks(Some(Duration::from_millis(1))), 2);
        assert_eq!(ticks(Some(Duration::from_secs(1))), 101);
        assert!(ticks(None).checked_add(ticks(Some(Duration::MAX))).is_some());
    }
}
