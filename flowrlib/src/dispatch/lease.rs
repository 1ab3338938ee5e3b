//! How long executors in other processes may be silent before they count as lost.
//!
//! One that has jobs says every second that it is alive, and one that has none every other second: of these there may be
//! thousands, and nobody waits for them. Whoever has missed three of these signs is lost.
//!
//! A worker that was given up and comes back was only slow, as behind a bad line. It gets more time from then on: to give
//! it up once more would have its jobs done twice again.
//!
//! Whoever looks at leases too late [forgives](crate::silence) some of the silence.

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
        let heard = self.heard?.lasts(now);
        Some(self.progress.map_or(heard, |progress| progress.lasts(now).min(heard)))
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
        self.forgive(now.saturating_duration_since(looked + LOOK), now);
        let expired =
            |executor: &Executor| executor.silence(now).is_some_and(|silence| silence > executor.lease());
        self.executors.iter().filter(|(_, executor)| expired(executor)).map(|(&id, _)| id).collect()
    }

    /// Gives everybody more time: we are so late.
    fn forgive(&mut self, late: Duration, now: Instant) {
        let executors = self.executors.values_mut();
        let silences = executors.flat_map(|executor| [&mut executor.heard, &mut executor.progress]).flatten();
        silences.chain(self.trials.values_mut()).for_each(|silence| silence.forgive(late, now));
    }
}
