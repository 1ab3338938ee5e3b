//! The workers of a run: who is here, who was here before, and who of them are one and the same.
//!
//! Plain values, so that the simulation of a distribution has the very same. A peer is whatever messages come from: each
//! connection of a worker is another one.

use crate::dispatch::ExecutorId;
use crate::table::Id;
use crate::wire::{Arrival, FromWorker, Sequence};
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

/// The workers of a run by their peers, with something of whoever keeps the roster.
pub(crate) struct Roster<P, T> {
    here: BTreeMap<P, Member<T>>,
    gone: BTreeMap<P, Gone>,
    /// The numbers of the workers that were given up because they were silent.
    silent: BTreeSet<u64>,
}

/// A worker that was taken on.
pub(crate) struct Member<T> {
    pub(crate) executor: ExecutorId,
    /// The number by which it is known again when it comes by another connection.
    pub(crate) worker: u64,
    /// Counts messages since its welcome.
    pub(crate) sequence: Sequence,
    pub(crate) rest: T,
}

/// An executor that is gone, and whose it was.
struct Gone {
    executor: ExecutorId,
    worker: u64,
}

/// What the coordinator has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// An executor is gone, and its jobs can be given to others.
    Left(ExecutorId),
    /// The worker of an executor that is gone lives.
    IsBack(ExecutorId),
}

impl<T> Member<T> {
    pub(crate) fn new(executor: ExecutorId, worker: u64, rest: T) -> Member<T> {
        let sequence = Sequence::of_session(session_number(executor));
        Member { executor, worker, sequence, rest }
    }

    /// Takes note of a message, and says whether it and all before it have come.
    pub(crate) fn take(&mut self, message: &FromWorker) -> Arrival {
        match message {
            FromWorker::Heartbeat { sent, .. } if self.sequence.is_missing(*sent) => Arrival::Gap,
            _ => message.number().map_or(Arrival::Next, |number| self.sequence.take(number)),
        }
    }
}

/// No two executors of a run have the same, so a worker that joins again begins another session.
pub(crate) fn session_number(executor: ExecutorId) -> u32 {
    u32::try_from(executor.index()).unwrap_or(u32::MAX)
}

impl<P: Ord + Clone, T> Roster<P, T> {
    /// Nobody.
    pub(crate) fn new() -> Roster<P, T> {
        Roster { here: BTreeMap::new(), gone: BTreeMap::new(), silent: BTreeSet::new() }
    }

    pub(crate) fn count(&self) -> usize {
        self.here.len()
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, peer: &Q) -> Option<&Member<T>>
    where
        P: Borrow<Q>,
    {
        self.here.get(peer)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, peer: &Q) -> Option<&mut Member<T>>
    where
        P: Borrow<Q>,
    {
        self.here.get_mut(peer)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&P, &Member<T>)> {
        self.here.iter()
    }

    pub(crate) fn members_mut(&mut self) -> impl Iterator<Item = &mut Member<T>> {
        self.here.values_mut()
    }

    /// Forgets those that are not to be kept, as if they had never come.
    pub(crate) fn retain(&mut self, mut is_kept: impl FnMut(&Member<T>) -> bool) {
        self.here.retain(|_, member| is_kept(member));
    }

    /// Takes on a worker that has introduced itself. If it did so before, by this connection or another, it has come back.
    pub(crate) fn admit(&mut self, peer: P, member: Member<T>) -> Vec<Change> {
        let is_same = |_: &P, gone: &mut Gone| gone.worker == member.worker;
        let back = self.gone.extract_if(.., is_same).map(|(_, gone)| Change::IsBack(gone.executor));
        let mut changes: Vec<Change> = back.collect();
        if let Some(former) = self.here.insert(peer, member) {
            changes.extend([Change::Left(former.executor), Change::IsBack(former.executor)]);
        }
        changes
    }

    /// A worker works by this connection: whatever it was before is gone, and nobody has to wait for it.
    pub(crate) fn supersede<Q: Ord + ?Sized>(&mut self, peer: &Q) -> Vec<Change>
    where
        P: Borrow<Q>,
    {
        let Some(&Member { executor, worker, .. }) = self.here.get(peer) else { return Vec::new() };
        let is_former = |other: &Member<T>| other.worker == worker && other.executor != executor;
        let former: Vec<P> =
            self.iter().filter(|(_, other)| is_former(other)).map(|(peer, _)| peer.clone()).collect();
        former.iter().flat_map(|peer| self.leave::<P>(peer)).collect()
    }

    /// A worker is gone.
    pub(crate) fn leave<Q: Ord + ?Sized>(&mut self, peer: &Q) -> Vec<Change>
    where
        P: Borrow<Q>,
    {
        let Some((peer, member)) = self.here.remove_entry(peer) else { return Vec::new() };
        let left = Change::Left(member.executor);
        [left].into_iter().chain(self.miss(peer, &member)).collect()
    }

    /// The coordinator has given up an executor that was silent.
    pub(crate) fn give_up(&mut self, executor: ExecutorId) -> Option<Change> {
        let peer = self.iter().find(|(_, member)| member.executor == executor)?.0.clone();
        let member = self.here.remove(&peer)?;
        self.silent.insert(member.worker);
        self.miss(peer, &member)
    }

    /// Keeps in mind who is gone; it is back if it has come by another connection.
    fn miss(&mut self, peer: P, member: &Member<T>) -> Option<Change> {
        let &Member { executor, worker, .. } = member;
        let is_back = self.here.values().any(|other| other.worker == worker);
        self.gone.insert(peer, Gone { executor, worker });
        is_back.then_some(Change::IsBack(executor))
    }

    /// The executor that somebody was who is gone, and speaks.
    pub(crate) fn gone<Q: Ord + ?Sized>(&self, peer: &Q) -> Option<ExecutorId>
    where
        P: Borrow<Q>,
    {
        self.gone.get(peer).map(|gone| gone.executor)
    }

    /// Whether the worker with that number was given up before, and was only silent.
    pub(crate) fn is_slow(&self, worker: u64) -> bool {
        self.silent.contains(&worker)
    }
}

#[cfg(test)]
mod tests {
    use super::Change::{IsBack, Left};
    use super::*;

    fn executor(index: usize) -> ExecutorId {
        ExecutorId::from_index(index)
    }

    /// A roster with these: a peer, an executor, and the number of a worker.
    fn roster<const N: usize>(members: [(u64, usize, u64); N]) -> Roster<u64, ()> {
        let mut roster = Roster::new();
        for (peer, number, worker) in members {
            roster.admit(peer, Member::new(executor(number), worker, ()));
        }
        roster
    }

    #[test]
    fn who_comes_by_another_connection_is_known_by_its_number_and_leaves_the_one_before() {
        let mut roster = roster([(1, 1, 77), (2, 2, 88)]);
        assert_eq!(roster.admit(3, Member::new(executor(3), 77, ())), []);
        assert_eq!(roster.supersede(&3), [Left(executor(1)), IsBack(executor(1))]);
        assert_eq!(roster.supersede(&3), []);
        assert_eq!(roster.count(), 2);
    }

    #[test]
    fn who_introduces_itself_again_by_the_same_connection_is_another_executor() {
        let mut roster = roster([(1, 1, 77)]);
        let again = Member::new(executor(2), 77, ());
        assert_eq!(roster.admit(1, again), [Left(executor(1)), IsBack(executor(1))]);
        assert_eq!(roster.get(&1).map(|member| member.executor), Some(executor(2)));
    }

    #[test]
    fn who_was_given_up_is_slow_and_back_when_it_introduces_itself_or_has_done_so_already() {
        let mut roster = roster([(1, 1, 77), (2, 2, 77), (3, 3, 88)]);
        assert_eq!(roster.give_up(executor(1)), Some(IsBack(executor(1))));
        assert_eq!(roster.give_up(executor(1)), None, "it is gone already");
        assert_eq!(roster.give_up(executor(3)), None);
        assert!(roster.is_slow(77) && roster.is_slow(88));
        assert_eq!(roster.gone(&3), Some(executor(3)));
        assert_eq!(roster.admit(4, Member::new(executor(4), 88, ())), [IsBack(executor(3))]);
        assert_eq!(roster.gone(&3), None, "that is told once");
    }

    #[test]
    fn who_says_goodbye_is_gone_and_not_slow() {
        let mut roster = roster([(1, 1, 77)]);
        assert_eq!(roster.leave(&1), [Left(executor(1))]);
        assert_eq!(roster.leave(&1), []);
        assert_eq!((roster.gone(&1), roster.count()), (Some(executor(1)), 0));
        assert!(!roster.is_slow(77));
    }

    #[test]
    fn a_message_that_is_missing_is_noticed_by_the_next_one_and_by_heartbeats() {
        let mut member = Member::new(executor(0), 77, ());
        let heartbeat = |sent| FromWorker::Heartbeat { run: 7, sent };
        let ready = |number| FromWorker::Ready { run: 7, number };
        assert_eq!(member.take(&heartbeat(0)), Arrival::Next);
        assert_eq!(member.take(&heartbeat(1)), Arrival::Gap);
        assert_eq!(member.take(&ready(2)), Arrival::Gap);
        assert_eq!(member.take(&ready(1)), Arrival::Next);
        assert_eq!(member.take(&ready(1)), Arrival::Again);
        assert_eq!(member.take(&heartbeat(1)), Arrival::Next);
    }
}
