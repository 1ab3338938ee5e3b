//! How long executors in other processes may be silent before they count as lost.
//!
//! One that has jobs says every second that it is alive, and one that has none every other second: of these there may be
//! thousands, and nobody waits for them. Whoever has missed three of these signs is lost.
//!
//! A worker that was given up and comes back was only slow, as behind a bad line. It gets more time from then on: to give
//! it up once more would have its jobs done twice again.
//!
//! Whoever looks at leases too late has a machine that has far too much to do, and so may others have: they get a
//! multiple of that time. If nobody did that, all would be given up by each other, and do everything anew, which makes
//! what is slow even slower.

use super::{Dispatch, Executor, ExecutorId};
use std::time::{Duration, Instant};

/// How long an executor may be silent before its jobs are given to others.
pub const LEASE: Duration = Duration::from_secs(3);

/// How long it may be silent while it has none.
pub const IDLE_LEASE: Duration = Duration::from_secs(6);

/// How many times as long one may be silent that was given up before and was only slow.
pub const SLOW: u32 = 4;

/// How often leases are to be looked at, at least.
pub const LOOK: Duration = Duration::from_millis(250);

/// Less than this is not late.
const PUNCTUAL: Duration = Duration::from_millis(50);

/// How many times as much time others get as somebody was late: whatever they say takes several threads to come here.
pub const LATE: u32 = 8;

/// Who looks at leases and has not done so for this long has stood still, as in a machine that sleeps: the silence of
/// others then says nothing.
const STOOD_STILL: Duration = Duration::from_secs(1);

impl Executor {
    fn lease(&self) -> Duration {
        let lease = if self.given.is_empty() { IDLE_LEASE } else { LEASE };
        if self.is_slow { lease * SLOW } else { lease }
    }

    /// How long it has owed us a sign of life. One that gets jobs after a pause owes it from then on.
    fn silence(&self, now: Instant) -> Option<Duration> {
        let heard = self.heard?;
        Some(now.saturating_duration_since(self.progress.map_or(heard, |progress| progress.max(heard))))
    }

    /// Whether it has missed a sign of life, and may be lost.
    pub(super) fn is_silent(&self, now: Instant) -> bool {
        let usual = if self.given.is_empty() { IDLE_LEASE } else { LEASE };
        self.silence(now).is_some_and(|silence| silence > usual / 2)
    }
}

impl Dispatch {
    /// Gives more time to an executor whose worker was given up before, and was only slow.
    pub fn is_slow(&mut self, id: ExecutorId) {
        if let Some(executor) = self.executors.get_mut(&id) {
            executor.is_slow = true;
        }
    }

    /// The executors whose lease has run out.
    ///
    /// If we have stood still ourselves, all leases begin anew: what others said meanwhile is still to be read.
    pub fn expired(&mut self, now: Instant) -> Vec<ExecutorId> {
        let looked = self.looked.replace(now).unwrap_or(now);
        let late = now.saturating_duration_since(looked + LOOK);
        if late > PUNCTUAL {
            let has_slept = looked + STOOD_STILL < now;
            self.give_time(if has_slept { now.saturating_duration_since(looked) } else { late * LATE }, now);
            if has_slept {
                self.executors.values_mut().for_each(|executor| executor.heard = executor.heard.map(|_| now));
                return Vec::new();
            }
        }
        let expired =
            |executor: &Executor| executor.silence(now).is_some_and(|silence| silence > executor.lease());
        self.executors.iter().filter(|(_, executor)| expired(executor)).map(|(&id, _)| id).collect()
    }

    /// Gives everybody so much more time.
    fn give_time(&mut self, more: Duration, now: Instant) {
        for executor in self.executors.values_mut() {
            for time in [&mut executor.heard, &mut executor.progress] {
                *time = time.map(|time| (time + more).min(now));
            }
        }
        self.trials.values_mut().for_each(|at| *at += more);
    }
}
