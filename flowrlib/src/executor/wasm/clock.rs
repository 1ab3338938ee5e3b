//! Ends jobs that take too long.
//!
//! Code looks at the engine's epoch now and then, and when that has moved on it asks whether it may go on: for so many
//! ticks as its limit has, and for as long as somebody wants what comes of it. One thread moves the epoch on while jobs
//! run, a tick at a time; with nothing to look after it sleeps. A job only says that it runs, where its thread alone
//! writes: threads that counted in one place would wait for each other.

use super::engine::increment_epochs;
use crossbeam_utils::CachePadded;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

/// How long a tick is: a job may overrun its limit by so much.
const TICK: Duration = Duration::from_millis(10);

const TICKS_A_SECOND: u64 = 100;

/// After how many ticks without a job the thread goes to sleep. Waking it takes longer than a small job.
const PATIENCE: u32 = 100;

/// Whether a thread runs a job under a limit.
type Flag = CachePadded<AtomicBool>;

/// The flags of all threads that ever ran one and have not ended.
static FLAGS: Mutex<Vec<Weak<Flag>>> = Mutex::new(Vec::new());

thread_local! {
    static FLAG: Arc<Flag> = {
        let flag = Arc::new(Flag::default());
        flags().push(Arc::downgrade(&flag));
        flag
    };
}

fn flags() -> MutexGuard<'static, Vec<Weak<Flag>>> {
    // No panic can leave the list half changed.
    FLAGS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether any thread runs a job.
fn any_runs() -> bool {
    let mut any = false;
    flags().retain(|flag| {
        let flag = flag.upgrade();
        any |= flag.as_ref().is_some_and(|flag| flag.load(Ordering::SeqCst));
        flag.is_some()
    });
    any
}

/// Whether the thread sleeps until it is woken.
static ASLEEP: AtomicBool = AtomicBool::new(false);

static CLOCK: OnceLock<Option<Thread>> = OnceLock::new();

/// A job that is running under a limit, for as long as this lives: one at a time in a thread, and always in the same.
pub(super) struct Running(PhantomData<*const ()>);

impl Running {
    pub(super) fn begin() -> Running {
        let clock = CLOCK.get_or_init(start);
        let was_running = FLAG.with(|flag| flag.swap(true, Ordering::SeqCst));
        debug_assert!(!was_running, "a thread runs one job at a time");
        // The clock says that it sleeps and then looks for jobs; a job says that it runs and then looks whether it sleeps.
        if ASLEEP.load(Ordering::SeqCst)
            && let Some(clock) = clock
        {
            clock.unpark();
        }
        Running(PhantomData)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        FLAG.with(|flag| flag.store(false, Ordering::Release));
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
        idle_ticks = if any_runs() { 0 } else { idle_ticks + 1 };
        if idle_ticks >= PATIENCE {
            ASLEEP.store(true, Ordering::SeqCst);
            while !any_runs() {
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
