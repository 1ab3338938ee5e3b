//! How long executors in other processes may be silent before they count as lost.
//!
//! One that has jobs says every second that it is alive, and one that has none every other second: of these there may be
//! thousands, and nobody waits for them. Whoever has missed three of these signs is lost.
//!
//! A worker that was given up and comes back was only slow, as behind a bad line. It gets more time from then on: to give
//! it up once more would have its jobs done twice again.
//!
//! Whoever looks at the clock too late has stood still, as in a machine that sleeps, and what others said meanwhile is
//! still to be read; or there is far too much to do, and so there may be for others. They get that time, and a multiple of
//! it. Otherwise all would be given up by each other, and do everything anew, which makes what is slow even slower.

use super::{Dispatch, Executor, ExecutorId};
use std::time::{Duration, Instant};

/// How long an executor may be silent before its jobs are given to others.
pub const LEASE: Duration = Duration::from_secs(3);

/// How long it may be silent while it has none.
pub const IDLE_LEASE: Duration = Duration::from_secs(6);

/// How many times as long one may be silent that was given up before and was only slow.
pub(super) const SLOW: u32 = 4;

/// How often leases are to be looked at, at least.
pub const LOOK: Duration = Duration::from_millis(250);

/// Less than this is not late.
const PUNCTUAL: Duration = Duration::from_millis(50);

/// How many times as much time others get as somebody was late: whatever they say takes several threads to come here.
const LATE: u32 = 8;

/// The most that it becomes: the longest that anybody may be silent.
const MOST_GRACE: Duration = IDLE_LEASE.saturating_mul(SLOW);

/// How much more time others get from somebody who was so late.
pub fn grace(late: Duration) -> Duration {
    if late > PUNCTUAL { late + (late * LATE).min(MOST_GRACE) } else { Duration::ZERO }
}

impl Executor {
    /// How long it may be silent, if it was never found to be slow.
    fn usual_lease(&self) -> Duration {
        if self.given.is_empty() { IDLE_LEASE } else { LEASE }
    }

    fn lease(&self) -> Duration {
        self.usual_lease() * if self.is_slow { SLOW } else { 1 }
    }

    /// How long it has owed us a sign of life. One that gets jobs after a pause owes it from then on.
    fn silence(&self, now: Instant) -> Option<Duration> {
        let heard = self.heard?;
        Some(now.saturating_duration_since(self.progress.map_or(heard, |progress| progress.max(heard))))
    }

    /// Whether it has missed a sign of life, and may be lost.
    pub(super) fn is_silent(&self, now: Instant) -> bool {
        self.silence(now).is_some_and(|silence| silence > self.usual_lease() / 2)
    }
}

impl Dispatch {
    /// Gives more time to an executor whose worker was given up before, and was only slow.
    pub fn mark_slow(&mut self, id: ExecutorId) {
        if let Some(executor) = self.executors.get_mut(&id) {
            executor.is_slow = true;
        }
    }

    /// The executors whose lease has run out. If we look too late, everybody has more time first.
    pub fn expired(&mut self, now: Instant) -> Vec<ExecutorId> {
        let looked = self.looked.replace(now).unwrap_or(now);
        let grace = grace(now.saturating_duration_since(looked + LOOK));
        if !grace.is_zero() {
            self.give_time(grace, now);
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
