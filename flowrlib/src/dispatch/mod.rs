//! Who gets which job: one queue of ready jobs, from which executors are served within the credit they grant.
//!
//! Pure, like the run state: jobs, grants, losses and times go in, assignments come out.
//!
//! * An executor's **window** is how many unfinished jobs it wants to have. It is served while it has fewer.
//! * A job that was given to an executor is covered by the executor's **lease**, which every sign of life renews. When
//!   it runs out, or the executor says goodbye, its jobs go back to the head of the queue, oldest first.
//! * A job is **attempted** a limited number of times, since it may be what kills its executors.

use crate::state::Ticket;
use crate::table::ids;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

ids! {
    /// An executor that was or is attached to a run.
    ExecutorId;
}

/// How long an executor may be silent before its jobs are given to others.
pub const LEASE: Duration = Duration::from_secs(3);

/// How often a job may be given to an executor.
pub const MOST_ATTEMPTS: u32 = 3;

/// The most jobs that are sent together.
const LARGEST_BATCH: usize = 64;

/// What it takes to bring a job to another process and its result back. Work that is done sooner than that stays here.
const JOURNEY_NANOS: u64 = 200_000;

/// The most unfinished jobs for each slot that an executor can have, whatever it asks for.
pub const LARGEST_WINDOW: usize = 512;

/// How much work is sent together: enough that sending it costs little beside it.
const BATCH_NANOS: u64 = 50_000;

/// Ready jobs and the executors that want them.
#[derive(Debug, Default)]
pub struct Dispatch {
    queue: VecDeque<Ticket>,
    executors: BTreeMap<ExecutorId, Executor>,
    /// Jobs that were lost with their executor, and how often.
    lost: HashMap<Ticket, u32>,
    unfinished: usize,
}

#[derive(Debug)]
struct Executor {
    slots: usize,
    window: usize,
    unfinished: BTreeSet<Ticket>,
    /// When it was last heard of; none for executors that share our fate.
    heard: Option<Instant>,
}

impl Executor {
    /// Whether it is in this process.
    fn is_near(&self) -> bool {
        self.heard.is_none()
    }

    fn free(&self) -> usize {
        self.window.saturating_sub(self.unfinished.len())
    }

    /// How much there is to do for each slot, in thousandths, for comparing executors.
    fn load(&self) -> usize {
        self.unfinished.len() * 1000 / self.slots.max(1)
    }
}

impl Dispatch {
    /// Adds a job at the end of the queue.
    pub fn push(&mut self, job: Ticket) {
        self.queue.push_back(job);
    }

    /// Adds an executor. One in another process has a lease that begins now.
    pub fn join(&mut self, id: ExecutorId, slots: usize, window: usize, lease_from: Option<Instant>) {
        let executor = Executor { slots, window, unfinished: BTreeSet::new(), heard: lease_from };
        self.executors.insert(id, executor);
    }

    /// Takes note of how many unfinished jobs an executor wants.
    pub fn set_window(&mut self, id: ExecutorId, window: usize) {
        if let Some(executor) = self.executors.get_mut(&id) {
            executor.window = window.min(executor.slots.saturating_mul(LARGEST_WINDOW));
        }
    }

    /// Renews an executor's lease.
    pub fn heard(&mut self, id: ExecutorId, now: Instant) {
        if let Some(heard) = self.executors.get_mut(&id).and_then(|executor| executor.heard.as_mut()) {
            *heard = now;
        }
    }

    /// Whether that executor is attached.
    pub fn is_attached(&self, id: ExecutorId) -> bool {
        self.executors.contains_key(&id)
    }

    /// How many executors are attached.
    pub fn executors(&self) -> usize {
        self.executors.len()
    }

    /// How many jobs wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// How many jobs executors have and did not finish.
    pub fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// The next jobs to send, and to whom: the least loaded executor that has credit, and as many jobs as make a good
    /// batch. `nanos` tells what a job is expected to take, if that is known.
    pub fn assign(
        &mut self,
        mut nanos: impl FnMut(Ticket) -> Option<u64>,
    ) -> Option<(ExecutorId, Vec<Ticket>)> {
        if self.queue.is_empty() {
            return None;
        }
        let slots: usize =
            self.executors.values().fold(0, |slots, executor| slots.saturating_add(executor.slots));
        let near_only = self.is_done_sooner_than_sent(&mut nanos);
        let with_credit =
            self.executors.iter_mut().filter(|(_, one)| one.free() > 0 && (one.is_near() || !near_only));
        let (&id, executor) = with_credit.min_by_key(|(_, executor)| executor.load())?;
        // Everybody's share of a short queue, so that no executor idles while another has a batch.
        let share = self.queue.len().div_ceil(slots.max(1));
        let limit = LARGEST_BATCH.min(executor.free()).min(share);

        let mut batch = Vec::with_capacity(limit);
        let mut total = 0_u64;
        while batch.len() < limit && total < BATCH_NANOS {
            let Some(job) = self.queue.pop_front() else { break };
            // What has never run may take long: it travels alone.
            total = nanos(job).unwrap_or(BATCH_NANOS).saturating_add(total);
            executor.unfinished.insert(job);
            batch.push(job);
        }
        self.unfinished += batch.len();
        Some((id, batch))
    }

    /// Whether there is so little to do that executors in this process would be done before others had it.
    fn is_done_sooner_than_sent(&self, mut nanos: impl FnMut(Ticket) -> Option<u64>) -> bool {
        let Some(next) = self.queue.front().and_then(|&job| nanos(job)) else { return false };
        let all = next.saturating_mul(self.queue.len() as u64);
        all <= JOURNEY_NANOS && self.executors.values().any(Executor::is_near)
    }

    /// Takes note that an executor has answered. False if it was not its job, or not any more.
    pub fn finished(&mut self, id: ExecutorId, job: Ticket) -> bool {
        let had = self.executors.get_mut(&id).is_some_and(|executor| executor.unfinished.remove(&job));
        if had {
            self.unfinished -= 1;
            if !self.lost.is_empty() {
                self.lost.remove(&job);
            }
        }
        had
    }

    /// Removes an executor that has left or was lost. Its jobs go back to the head of the queue, but for those that
    /// were attempted too often, which are returned.
    pub fn leave(&mut self, id: ExecutorId) -> Departure {
        let Some(executor) = self.executors.remove(&id) else { return Departure::default() };
        self.unfinished -= executor.unfinished.len();
        let mut departure = Departure::default();
        for job in executor.unfinished.into_iter().rev() {
            let attempts = self.lost.entry(job).or_insert(0);
            *attempts += 1;
            if *attempts >= MOST_ATTEMPTS {
                self.lost.remove(&job);
                departure.given_up.push(job);
            } else {
                self.queue.push_front(job);
                departure.requeued += 1;
            }
        }
        departure
    }

    /// The executors whose lease has run out.
    pub fn expired(&self, now: Instant) -> Vec<ExecutorId> {
        let expired =
            |executor: &Executor| executor.heard.is_some_and(|heard| now.duration_since(heard) > LEASE);
        self.executors.iter().filter(|(_, executor)| expired(executor)).map(|(&id, _)| id).collect()
    }
}

/// What became of the jobs of an executor that is gone.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Departure {
    /// How many wait to be run again.
    pub requeued: usize,
    /// Those that were attempted too often.
    pub given_up: Vec<Ticket>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::LaneId;
    use crate::table::Id;

    fn job(place: u64) -> Ticket {
        Ticket { lane: LaneId::from_index(0), place }
    }

    fn executor(number: usize) -> ExecutorId {
        ExecutorId::from_index(number)
    }

    fn with_jobs(count: u64) -> Dispatch {
        let mut dispatch = Dispatch::default();
        (0..count).for_each(|place| dispatch.push(job(place)));
        dispatch
    }

    fn places(batch: &[Ticket]) -> Vec<u64> {
        batch.iter().map(|job| job.place).collect()
    }

    const TINY: fn(Ticket) -> Option<u64> = |_| Some(100);
    const LONG: fn(Ticket) -> Option<u64> = |_| Some(1_000_000_000);

    #[test]
    fn nothing_is_sent_without_credit() {
        let mut dispatch = with_jobs(3);
        assert_eq!(dispatch.assign(TINY), None, "nobody is there");
        dispatch.join(executor(0), 1, 2, None);
        assert_eq!(places(&dispatch.assign(TINY).unwrap().1), [0, 1]);
        assert_eq!(dispatch.assign(TINY), None, "the window is full");
        assert!(dispatch.finished(executor(0), job(1)));
        assert_eq!(places(&dispatch.assign(TINY).unwrap().1), [2]);
    }

    #[test]
    fn long_jobs_travel_alone_and_go_to_whoever_has_least_to_do() {
        let mut dispatch = with_jobs(4);
        dispatch.join(executor(0), 1, 2, None);
        dispatch.join(executor(1), 1, 2, None);
        let turns: Vec<(ExecutorId, Vec<u64>)> =
            std::iter::from_fn(|| dispatch.assign(LONG).map(|(id, batch)| (id, places(&batch)))).collect();
        let (a, b) = (executor(0), executor(1));
        assert_eq!(turns, [(a, vec![0]), (b, vec![1]), (a, vec![2]), (b, vec![3])]);
    }

    #[test]
    fn jobs_of_unknown_cost_travel_alone() {
        let mut dispatch = with_jobs(9);
        dispatch.join(executor(0), 1, 9, None);
        assert_eq!(dispatch.assign(|_| None).unwrap().1.len(), 1);
        assert_eq!(dispatch.assign(TINY).unwrap().1.len(), 8);
    }

    #[test]
    fn work_that_is_done_sooner_than_sent_stays_here() {
        let near_and_far = |count| {
            let mut dispatch = with_jobs(count);
            dispatch.join(executor(0), 1, 2, None);
            dispatch.join(executor(1), 1, 2, Some(Instant::now()));
            dispatch
        };
        let mut dispatch = near_and_far(4);
        assert_eq!(dispatch.assign(TINY).unwrap().0, executor(0));
        assert_eq!(dispatch.assign(TINY), None, "what is left waits for a moment");
        let mut dispatch = near_and_far(4);
        let turns: Vec<ExecutorId> = std::iter::from_fn(|| dispatch.assign(LONG)).map(|(id, _)| id).collect();
        assert_eq!(turns, [0, 1, 0, 1].map(executor));
    }

    #[test]
    fn a_short_queue_is_shared_out() {
        let mut dispatch = with_jobs(8);
        dispatch.join(executor(0), 2, 100, None);
        dispatch.join(executor(1), 2, 100, None);
        assert_eq!(dispatch.assign(TINY).unwrap().1.len(), 2);
    }

    #[test]
    fn executors_may_boast() {
        let mut dispatch = with_jobs(2000);
        dispatch.join(executor(0), usize::MAX, 1, None);
        dispatch.join(executor(1), usize::MAX, 1, None);
        assert_eq!(dispatch.assign(TINY).unwrap().1.len(), 1, "slots add up to no more than there can be");
        let alternately = |job: Ticket| Some(if job.place.is_multiple_of(2) { 100 } else { u64::MAX });
        dispatch.join(executor(2), 1, 2, None);
        dispatch.leave(executor(0));
        dispatch.leave(executor(1));
        assert_eq!(dispatch.assign(alternately).unwrap().1.len(), 2, "and so do costs");
        dispatch.set_window(executor(2), usize::MAX);
        while dispatch.assign(TINY).is_some() {}
        assert_eq!(dispatch.unfinished(), LARGEST_WINDOW);
    }

    #[test]
    fn jobs_of_a_lost_executor_are_next_in_their_old_order() {
        let mut dispatch = with_jobs(5);
        dispatch.join(executor(0), 1, 3, Some(Instant::now()));
        dispatch.assign(TINY).unwrap();
        dispatch.finished(executor(0), job(1));
        assert_eq!(dispatch.leave(executor(0)), Departure { requeued: 2, given_up: vec![] });
        assert!(!dispatch.finished(executor(0), job(0)), "its answers do not count any more");
        dispatch.join(executor(1), 1, 9, None);
        assert_eq!(places(&dispatch.assign(TINY).unwrap().1), [0, 2, 3, 4]);
        assert_eq!(dispatch.unfinished(), 4);
    }

    #[test]
    fn a_job_that_kills_its_executors_is_given_up() {
        let mut dispatch = with_jobs(1);
        for attempt in 1..=MOST_ATTEMPTS {
            let id = executor(attempt as usize);
            dispatch.join(id, 1, 1, None);
            assert_eq!(places(&dispatch.assign(TINY).unwrap().1), [0]);
            let given_up = if attempt == MOST_ATTEMPTS { vec![job(0)] } else { vec![] };
            assert_eq!(dispatch.leave(id).given_up, given_up);
        }
        assert_eq!((dispatch.waiting(), dispatch.unfinished()), (0, 0));
    }

    #[test]
    fn a_lease_ends_unless_it_is_renewed() {
        let start = Instant::now();
        let mut dispatch = Dispatch::default();
        dispatch.join(executor(0), 1, 1, None);
        dispatch.join(executor(1), 1, 1, Some(start));
        dispatch.join(executor(2), 1, 1, Some(start));
        let late = start + LEASE + Duration::from_millis(1);
        dispatch.heard(executor(2), late);
        assert_eq!(dispatch.expired(start + LEASE), []);
        assert_eq!(dispatch.expired(late), [executor(1)]);
    }
}
