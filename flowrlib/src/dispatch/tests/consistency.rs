//! What must hold at any time, for tests that put dispatch through anything.

use super::super::{Attempt, Dispatch, Executor, ExecutorId, Repeated, Standing, Ticket};
use crate::table::Id;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

impl Dispatch {
    /// Panics if something is not as it must be.
    pub(crate) fn assert_consistent(&self) {
        let mut holders: BTreeMap<Ticket, Vec<u32>> = BTreeMap::new();
        for executor in self.executors.values() {
            for (&ticket, given) in
                executor.given.iter().filter(|(_, one)| one.standing != Standing::Cancelled)
            {
                holders.entry(ticket).or_default().push(given.attempt);
            }
        }
        assert_eq!(self.unfinished, holders.len(), "each job that somebody has counts once");
        for ticket in &self.queue {
            assert!(!holders.contains_key(ticket), "what waits is with nobody");
            let waiting = self.queue.iter().filter(|other| *other == ticket).count();
            assert_eq!(waiting, 1, "what waits does so once");
            assert!(self.repeated.get(ticket).is_none_or(|repeated| repeated.holders == 0));
        }
        for ticket in self.trials.keys() {
            assert!(
                !holders.contains_key(ticket) && !self.queue.contains(ticket),
                "nobody tries it meanwhile"
            );
            assert!(self.repeated.get(ticket).is_some_and(|repeated| repeated.holders == 0));
        }
        for (ticket, attempts) in &holders {
            let repeated = self.repeated.get(ticket).copied().unwrap_or(Repeated::FIRST);
            assert_eq!(repeated.holders as usize, attempts.len());
            assert!(attempts.len() <= 2, "there is at most one copy");
            assert!(attempts.iter().all(|attempt| (1..=repeated.latest).contains(attempt)));
            assert!(
                attempts.len() < 2 || attempts.first() != attempts.last(),
                "no two attempts have one number"
            );
        }
        for (ticket, repeated) in &self.repeated {
            let is_on_trial = self.trials.contains_key(ticket);
            let is_known = holders.contains_key(ticket) || self.queue.contains(ticket) || is_on_trial;
            assert!(is_known, "what is over is forgotten");
            assert_eq!(repeated.lost >= self.most_attempts, is_on_trial);
        }
    }

    /// The attempts whose answers are waited for.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = Attempt> {
        let given = self.executors.values().flat_map(|executor| executor.given.iter());
        let wanted = given.filter(|(_, one)| one.standing != Standing::Cancelled);
        wanted.map(|(&ticket, one)| Attempt { ticket, number: one.attempt })
    }

    /// Who has what, wanted or not.
    pub(crate) fn given(&self) -> BTreeSet<(ExecutorId, Attempt)> {
        let of = |(&id, executor): (&ExecutorId, &Executor)| {
            let attempts = executor.given.iter();
            attempts
                .map(move |(&ticket, one)| (id, Attempt { ticket, number: one.attempt }))
                .collect::<Vec<_>>()
        };
        self.executors.iter().flat_map(of).collect()
    }

    /// Whether the other is the same in all that decides.
    pub(crate) fn is_like(&self, other: &Dispatch) -> bool {
        let shape = |one: &Dispatch| {
            (one.queue.clone(), one.given(), one.repeated.clone(), one.unfinished, one.trials.clone())
        };
        shape(self) == shape(other)
    }

    /// Whether a job waits in the queue.
    pub(crate) fn waits_for(&self, place: u64) -> bool {
        self.queue.iter().any(|ticket| ticket.place == place)
    }

    /// All that makes a difference where there are only two moments, and the tickets have one lane.
    pub(crate) fn shape(&self, now: Instant) -> Vec<u64> {
        let mut shape: Vec<u64> = self.queue.iter().map(|ticket| ticket.place).collect();
        for (id, executor) in &self.executors {
            shape.extend([u64::MAX, id.index() as u64]);
            for (ticket, given) in &executor.given {
                let standing = match given.standing {
                    Standing::Wanted => 0,
                    Standing::Recalled(_) => 1,
                    Standing::Cancelled => 2,
                };
                let is_late = u64::from(given.since > now);
                shape.extend([ticket.place, given.attempt.into(), standing, is_late]);
            }
        }
        for (ticket, repeated) in &self.repeated {
            let Repeated { latest, lost, absolved, holders } = *repeated;
            shape.extend([
                u64::MAX,
                ticket.place,
                latest.into(),
                lost.into(),
                absolved.into(),
                holders.into(),
            ]);
        }
        shape
    }
}
