//! Work for executors that idle while others have too much of it.
//!
//! Only when the queue is empty, so that nothing else could be handed out, and then one of two things:
//!
//! * A job that waits behind others is **recalled**: its executor is asked to give it back if it has not begun, and
//!   when it has, the job is given to somebody else. It is never in two places for that.
//! * A job that takes much longer than expected, or whose executor is silent, is given to somebody else as well: a
//!   **copy**, at most one. Whoever answers first is heard, and the other is called off.
//!
//! Jobs of executors in this process are not copied: these share our fate, and have the only copy of their inputs.

use super::{Attempt, Dispatch, Executor, ExecutorId, Given, Repeated, Standing};
use crate::silence::Silence;
use crate::state::Ticket;
use std::time::{Duration, Instant};

/// How often it is worth looking for a [`Step`].
pub const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How long a job waits behind others before it is recalled, and how long an executor may have something to do and
/// not answer before it counts as stuck.
const WAITED: Duration = Duration::from_millis(10);

/// How long a recall may be under way before it is known that nothing will come of it.
const RECALL: Duration = Duration::from_millis(250);

/// A job that takes less is not worth a copy, whatever was expected.
const SHORT: Duration = Duration::from_millis(50);

/// How many times as long as expected a job takes before it is worth a copy.
const SURPRISE: u32 = 4;

/// How long a job takes before it is worth a copy where nothing was expected.
const UNKNOWN: Duration = Duration::from_secs(1);

/// What is to be done for an executor that idles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Give it a copy of a job.
    Copy {
        /// The executor.
        to: ExecutorId,
        /// Which attempt at the job it is.
        attempt: Attempt,
    },
    /// Ask jobs back.
    Recall {
        /// Whose they are.
        from: ExecutorId,
        /// The jobs.
        jobs: Vec<Attempt>,
    },
}

impl Executor {
    /// Whether it has something to do, and has not answered for a while.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        !self.given.is_empty() && self.progress.is_some_and(|progress| progress.lasts(now) > WAITED)
    }

    /// How many more jobs it could begin at once.
    fn idle(&self, now: Instant) -> usize {
        let slots = self.slots.min(self.window);
        if self.is_silent(now) { 0 } else { slots.saturating_sub(self.given.len()) }
    }
}

impl Dispatch {
    /// Whether there could be a [`Step`] to take later on, if nothing else happens: some executor idles while another
    /// has work, or has more work than it can have begun.
    pub fn may_rebalance(&self) -> bool {
        self.unfinished > 0
            && (self.executors.len() > 1 || self.executors.values().any(|one| one.given.len() > 1))
    }

    /// The next thing to do for executors that idle, if there is one. `nanos` tells what a job is expected to take, if
    /// that is known.
    pub fn rebalance(&mut self, now: Instant, mut nanos: impl FnMut(Ticket) -> Option<u64>) -> Option<Step> {
        if !self.queue.is_empty() || self.executors.len() < 2 {
            return None;
        }
        if self.executors.values().all(|executor| executor.idle(now) == 0) {
            return None;
        }
        self.recall(now).or_else(|| self.copy(now, &mut nanos))
    }

    /// Asks for as many jobs as others could begin at once, those that were given last.
    fn recall(&mut self, now: Instant) -> Option<Step> {
        let under_way = self.executors.values().flat_map(|executor| executor.given.values());
        let under_way = under_way.filter(|given| given.is_recalled(now)).count();
        let mut most = 0;
        let mut from = None;
        for (&id, executor) in &self.executors {
            let others = self.executors.iter().filter(|(other, _)| **other != id);
            let idle = others.fold(0_usize, |idle, (_, other)| idle.saturating_add(other.idle(now)));
            let behind = executor.given.len().saturating_sub(executor.slots);
            let wanted = behind.min(idle.saturating_sub(under_way));
            if wanted > most && !executor.is_silent(now) && !executor.may_recall(now).is_empty() {
                (most, from) = (wanted, Some(id));
            }
        }
        let from = from?;
        let executor = self.executors.get_mut(&from)?;
        let mut jobs = executor.may_recall(now);
        jobs.truncate(most);
        for Attempt { ticket, .. } in &jobs {
            if let Some(given) = executor.given.get_mut(ticket) {
                given.standing = Standing::Recalled(now);
            }
        }
        Some(Step::Recall { from, jobs })
    }

    /// Gives the oldest job that is worth it to somebody else as well.
    fn copy(&mut self, now: Instant, nanos: &mut impl FnMut(Ticket) -> Option<u64>) -> Option<Step> {
        let mut oldest: Option<(Instant, Ticket, ExecutorId)> = None;
        for (&id, executor) in self.executors.iter().filter(|(_, executor)| !executor.is_near()) {
            if !self.executors.iter().any(|(&other, one)| other != id && one.idle(now) > 0) {
                continue;
            }
            let is_silent = executor.is_silent(now);
            for (&ticket, given) in &executor.given {
                let repeated = self.repeated.get(&ticket).copied().unwrap_or(Repeated::FIRST);
                let may = given.standing != Standing::Cancelled
                    && repeated.holders == 1
                    && repeated.lost.saturating_add(2) <= self.most_attempts;
                let is_first = oldest.is_none_or(|(since, other, _)| (given.since, ticket) < (since, other));
                let elapsed = now.saturating_duration_since(given.since);
                if may
                    && is_first
                    && (is_silent || (elapsed > SHORT && elapsed > worth_a_copy(nanos(ticket))))
                {
                    oldest = Some((given.since, ticket, id));
                }
            }
        }
        let (_, ticket, holder) = oldest?;
        let idle =
            self.executors.iter_mut().filter(|(id, executor)| **id != holder && executor.idle(now) > 0);
        let (&to, executor) = idle.min_by_key(|(_, executor)| (executor.load(), !executor.is_near()))?;
        let repeated = self.repeated.entry(ticket).or_insert(Repeated::FIRST);
        repeated.latest += 1;
        repeated.holders += 1;
        let number = repeated.latest;
        if executor.given.is_empty() {
            executor.progress = Some(Silence::since(now));
        }
        // What takes too long elsewhere is not tiny.
        executor.is_light = false;
        executor.given.insert(ticket, Given { attempt: number, since: now, standing: Standing::Wanted });
        Some(Step::Copy { to, attempt: Attempt { ticket, number } })
    }
}

/// How long a job must have been away before it is worth a copy.
fn worth_a_copy(nanos: Option<u64>) -> Duration {
    nanos.map_or(UNKNOWN, |nanos| Duration::from_nanos(nanos.saturating_mul(SURPRISE.into())))
}

impl Given {
    fn is_recalled(&self, now: Instant) -> bool {
        matches!(self.standing, Standing::Recalled(at) if now.saturating_duration_since(at) < RECALL)
    }
}

impl Executor {
    /// The jobs that it can hardly have begun and was not asked for, those first that were given last.
    fn may_recall(&self, now: Instant) -> Vec<Attempt> {
        let behind = self.given.len().saturating_sub(self.slots);
        if behind == 0 {
            return Vec::new();
        }
        let mut given: Vec<(Instant, Attempt, Standing)> = self
            .given
            .iter()
            .map(|(&ticket, one)| (one.since, Attempt { ticket, number: one.attempt }, one.standing))
            .collect();
        given.sort_unstable_by_key(|&(since, attempt, _)| std::cmp::Reverse((since, attempt)));
        given.truncate(behind);
        let waits = |(since, _, standing): &(Instant, Attempt, Standing)| {
            *standing == Standing::Wanted && now.saturating_duration_since(*since) > WAITED
        };
        given.iter().filter(|one| waits(one)).map(|&(_, attempt, _)| attempt).collect()
    }
}
