//! Who gets which job: one queue of ready jobs, from which executors are served within the credit they grant.
//!
//! Pure, like the run state: jobs, grants, losses and times go in, assignments come out.
//!
//! * An executor's **window** is how many unfinished jobs it wants to have. It is served while it has fewer.
//! * A job that was given to an executor is covered by the executor's **lease**, which every sign of life renews. When
//!   it runs out, or the executor says goodbye, its jobs go back to the head of the queue, oldest first: [`lease`].
//! * Each time that a job is given away is an **attempt**, with a number of its own: an answer counts if it is that of
//!   an attempt that is under way, and then it is the only one that does. A job may be lost with its executors a
//!   limited number of times, since it may be what kills them; those that come back later do not count.
//! * When nothing is left to hand out, executors that idle get what others hold: [`rebalance`].

mod lease;
mod rebalance;
#[cfg(test)]
mod tests;

use crate::program::LaneId;
use crate::silence::Silence;
use crate::state::Ticket;
use crate::table::ids;
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

pub use lease::{IDLE_LEASE, LEASE, LOOK};
pub use rebalance::{LOOK_AGAIN, Step};

ids! {
    /// An executor that was or is attached to a run.
    ExecutorId;
}

/// How often a job may be given to an executor, if nobody says otherwise.
pub const MOST_ATTEMPTS: u32 = 3;

/// How many times as often a job may be lost with executors that come back.
const ABSOLUTIONS: u32 = 3;

/// How long it takes for a job that was lost too often to be given up: by then all executors are back that were only
/// silent, even one that has itself given up its runner meanwhile, which takes it eight seconds, and some more until it
/// has joined again where there is far too much to do.
pub const TRIAL: Duration = Duration::from_secs(20);

/// The most jobs that are sent together to another process.
const LARGEST_BATCH: usize = 256;

/// The most that stay together in this one, where nothing has to be woken for each batch, and results are worth more the
/// sooner they come.
const LARGEST_NEAR_BATCH: usize = 64;

/// What it takes to bring a job to another process and its result back. Work that is done sooner than that stays here.
const JOURNEY_NANOS: u64 = 200_000;

/// The most unfinished jobs for each slot that an executor can have, whatever it asks for.
pub const LARGEST_WINDOW: usize = 512;

/// How much work is sent together: enough that sending it costs little beside it.
const BATCH_NANOS: u64 = 100_000;

/// One time that a job was given to an executor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt {
    /// The job.
    pub ticket: Ticket,
    /// 1 for the first time; no two times have the same.
    pub number: u32,
}

/// Ready jobs and the executors that want them.
#[derive(Clone, Debug)]
pub struct Dispatch {
    queue: VecDeque<Ticket>,
    executors: BTreeMap<ExecutorId, Executor>,
    /// Those that are gone.
    departed: BTreeMap<ExecutorId, Departed>,
    /// The jobs that were lost too often, and how long none of those executors has come back.
    trials: BTreeMap<Ticket, Silence>,
    /// What is to be known of jobs that were given away more than once, or will be.
    repeated: BTreeMap<Ticket, Repeated>,
    /// How many jobs are with executors.
    unfinished: usize,
    most_attempts: u32,
    /// When leases were last looked at.
    looked: Option<Instant>,
}

impl Default for Dispatch {
    fn default() -> Dispatch {
        Dispatch::new(MOST_ATTEMPTS)
    }
}

/// A job of which there is more to know than that somebody has it, and for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Repeated {
    /// The number of the latest attempt.
    latest: u32,
    /// How often it was lost, those times aside of which it is known that it was not the reason.
    lost: u32,
    /// How often it was lost with an executor that was there again later.
    absolved: u32,
    /// How many executors have it.
    holders: u32,
}

impl Repeated {
    /// What is known of any other job that an executor has.
    const FIRST: Repeated = Repeated { latest: 1, lost: 0, absolved: 0, holders: 1 };
}

#[derive(Clone, Debug)]
struct Executor {
    slots: usize,
    window: usize,
    given: BTreeMap<Ticket, Given>,
    /// When it was last heard of; none for executors that share our fate.
    heard: Option<Silence>,
    /// Whether its worker was given up before, and was only slow.
    is_slow: bool,
    /// Whether all that it was given since it had nothing is tiny.
    is_light: bool,
    /// When it last answered, or was last given something when it had nothing.
    progress: Option<Silence>,
    tally: Tally,
}

/// An executor that is gone.
#[derive(Clone, Debug, Default)]
struct Departed {
    tally: Tally,
    /// The jobs that it had when it was lost, which may be what has killed it.
    suspects: Vec<Ticket>,
}

/// A job that an executor has.
#[derive(Clone, Copy, Debug)]
struct Given {
    attempt: u32,
    since: Instant,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Its answer is waited for.
    Wanted,
    /// The same, but it was asked back at that time, for the case that it has not begun.
    Recalled(Instant),
    /// Nobody wants its answer any more. It keeps its place there until the executor says that it is free.
    Cancelled,
}

/// What an executor did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Jobs whose answers counted.
    pub done: u64,
    /// Those among them that others had been given before.
    pub rerun: u64,
    /// Jobs that it had when it was lost.
    pub lost: u64,
    /// Jobs that somebody else was faster with, or that proved not to exist.
    pub cancelled: u64,
    /// Jobs that it gave back because others had nothing to do.
    pub returned: u64,
    /// What the jobs took that it did, in nanoseconds.
    pub nanos: u64,
}

/// Whether jobs that are expected to take so long are tiny: the largest batch of them takes no longer than any.
fn is_tiny(expected: Option<u64>) -> bool {
    expected.is_some_and(|each| each.saturating_mul(LARGEST_BATCH as u64) <= BATCH_NANOS)
}

/// What becomes of a job when an executor has answered it: these others are to be told that it is done.
pub type Others = SmallVec<[(ExecutorId, Attempt); 1]>;

impl Executor {
    /// Whether it is in this process.
    fn is_near(&self) -> bool {
        self.heard.is_none()
    }

    /// The most jobs that are sent there together.
    fn largest_batch(&self) -> usize {
        if self.is_near() { LARGEST_NEAR_BATCH } else { LARGEST_BATCH }
    }

    fn free(&self) -> usize {
        self.window.saturating_sub(self.given.len())
    }

    /// How much there is to do for each slot, in thousandths, for comparing executors.
    fn load(&self) -> usize {
        self.given.len() * 1000 / self.slots.max(1)
    }
}

impl Dispatch {
    /// No jobs and no executors. A job that was lost with its executor so many times is given up.
    pub fn new(most_attempts: u32) -> Dispatch {
        Dispatch {
            queue: VecDeque::new(),
            executors: BTreeMap::new(),
            departed: BTreeMap::new(),
            trials: BTreeMap::new(),
            repeated: BTreeMap::new(),
            unfinished: 0,
            most_attempts: most_attempts.max(1),
            looked: None,
        }
    }

    /// Adds a job at the end of the queue.
    pub fn push(&mut self, job: Ticket) {
        self.queue.push_back(job);
    }

    /// Adds an executor. One in another process has a lease that begins now.
    pub fn join(&mut self, id: ExecutorId, slots: usize, window: usize, lease_from: Option<Instant>) {
        let executor = Executor {
            slots,
            window,
            given: BTreeMap::new(),
            heard: lease_from.map(Silence::since),
            is_slow: false,
            is_light: false,
            progress: None,
            tally: Tally::default(),
        };
        self.executors.insert(id, executor);
    }

    /// Takes note of how many unfinished jobs an executor wants. One that is about to leave wants none.
    pub fn set_window(&mut self, id: ExecutorId, window: usize) {
        if let Some(executor) = self.executors.get_mut(&id) {
            executor.window = window.min(executor.slots.saturating_mul(LARGEST_WINDOW).max(1));
        }
    }

    /// Renews an executor's lease.
    pub fn heard(&mut self, id: ExecutorId, now: Instant) {
        if let Some(heard) = self.executors.get_mut(&id).and_then(|executor| executor.heard.as_mut()) {
            *heard = Silence::since(now);
        }
    }

    /// Takes note that an executor gets on with what it has.
    pub fn progressed(&mut self, id: ExecutorId, now: Instant) {
        if let Some(executor) = self.executors.get_mut(&id) {
            executor.progress = Some(Silence::since(now));
        }
    }

    /// Whether that executor is attached.
    pub fn is_attached(&self, id: ExecutorId) -> bool {
        self.executors.contains_key(&id)
    }

    /// Whether that executor is in this process, and so shares our fate.
    pub fn is_near(&self, id: ExecutorId) -> bool {
        self.executors.get(&id).is_some_and(Executor::is_near)
    }

    /// How many executors are attached.
    pub fn executors(&self) -> usize {
        self.executors.len()
    }

    /// How many jobs wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// The job that is to be given away next, unless it was given away before: somebody may be doing it still.
    pub fn first_waiting(&self) -> Option<Ticket> {
        self.queue.front().copied().filter(|job| !self.repeated.contains_key(job))
    }

    /// Takes the first job that waits, for somebody who is no executor.
    pub fn take_first(&mut self) -> Option<Ticket> {
        self.queue.pop_front()
    }

    /// Puts that job back, since it was not done.
    pub fn put_back_first(&mut self, job: Ticket) {
        self.queue.push_front(job);
    }

    /// How many jobs executors have and did not finish.
    pub fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// How often a job may be lost before it is given up.
    pub fn most_attempts(&self) -> u32 {
        self.most_attempts
    }

    /// How many jobs that executor has.
    pub fn held_by(&self, id: ExecutorId) -> usize {
        self.executors.get(&id).map_or(0, |executor| executor.given.len())
    }

    /// What that executor did, also if it is gone.
    pub fn tally(&self, id: ExecutorId) -> Tally {
        let present = self.executors.get(&id).map(|executor| executor.tally);
        present.or_else(|| self.departed.get(&id).map(|departed| departed.tally)).unwrap_or_default()
    }

    /// The number of the latest attempt of a job that has no answer yet and is waiting here or with an executor.
    pub fn latest_attempt(&self, job: Ticket) -> u32 {
        let repeated = self.repeated.get(&job).map(|repeated| repeated.latest);
        let is_given = || self.executors.values().any(|executor| executor.given.contains_key(&job));
        repeated.unwrap_or_else(|| u32::from(is_given()))
    }

    /// The next jobs to send, and to whom: the least loaded executor that has credit, those aside that may be lost, and
    /// as many jobs as make a good batch; of tiny jobs the most loaded one that is on with others and has credit for a batch.
    /// `nanos` tells what a job is expected to take, if that is known.
    pub fn assign(
        &mut self,
        now: Instant,
        mut nanos: impl FnMut(Ticket) -> Option<u64>,
    ) -> Option<(ExecutorId, Vec<Attempt>)> {
        if self.queue.is_empty() {
            return None;
        }
        let slots: usize =
            self.executors.values().fold(0, |slots, executor| slots.saturating_add(executor.slots));
        let near_only = self.is_done_sooner_than_sent(now, &mut nanos);
        // Everybody's share of a short queue, so that no executor idles while another has a batch.
        let share = self.queue.len().div_ceil(slots.max(1));
        let largest = |executor: &Executor| executor.largest_batch().min(share);
        // Those that are on with tiny jobs do more of them as fast as these can be handed out: waking others would cost
        // more. Behind anything else a tiny job would wait.
        let are_tiny = is_tiny(self.queue.front().and_then(|&job| nanos(job)));
        let preference = |executor: &Executor| {
            let has_room = executor.free() >= largest(executor) && !executor.is_stuck(now);
            let is_better = are_tiny && executor.is_light && !executor.given.is_empty() && has_room;
            (!is_better, if is_better { usize::MAX - executor.load() } else { executor.load() })
        };
        let with_credit =
            self.executors.iter_mut().filter(|(_, one)| one.free() > 0 && (one.is_near() || !near_only));
        let (&id, executor) =
            with_credit.min_by_key(|(_, executor)| (executor.is_silent(now), preference(executor)))?;
        let limit = largest(executor).min(executor.free());

        let mut batch = Vec::with_capacity(limit);
        let mut total = 0_u64;
        if executor.given.is_empty() {
            executor.progress = Some(Silence::since(now));
            executor.is_light = true;
        }
        while batch.len() < limit && total < BATCH_NANOS {
            let Some(ticket) = self.queue.pop_front() else { break };
            // What has never run may take long: it travels alone.
            let expected = nanos(ticket);
            total = expected.unwrap_or(BATCH_NANOS).saturating_add(total);
            executor.is_light &= is_tiny(expected);
            let mut number = 1;
            if !self.repeated.is_empty()
                && let Some(repeated) = self.repeated.get_mut(&ticket)
            {
                repeated.latest += 1;
                repeated.holders += 1;
                number = repeated.latest;
            }
            executor.given.insert(ticket, Given { attempt: number, since: now, standing: Standing::Wanted });
            batch.push(Attempt { ticket, number });
        }
        self.unfinished += batch.len();
        Some((id, batch))
    }

    /// Whether there is so little to do that executors in this process would be done before others had it.
    fn is_done_sooner_than_sent(&self, now: Instant, mut nanos: impl FnMut(Ticket) -> Option<u64>) -> bool {
        let Some(next) = self.queue.front().and_then(|&job| nanos(job)) else { return false };
        let all = next.saturating_mul(self.queue.len() as u64);
        all <= JOURNEY_NANOS && self.executors.values().any(|one| one.is_near() && !one.is_stuck(now))
    }

    /// Takes note that an executor has answered. None if it was not its job, or not any more: the answer is dropped.
    /// Else the answer counts, and no other answer to the job will.
    pub fn finished(&mut self, id: ExecutorId, answered: Attempt, nanos: u64) -> Option<Others> {
        let Attempt { ticket, number } = answered;
        let executor = self.executors.get_mut(&id)?;
        let given = executor.given.remove(&ticket)?;
        if given.attempt != number {
            executor.given.insert(ticket, given);
            return None;
        }
        if given.standing == Standing::Cancelled {
            return None;
        }
        executor.tally.done += 1;
        executor.tally.nanos = executor.tally.nanos.saturating_add(nanos);
        self.unfinished -= 1;
        let mut others = Others::new();
        if !self.repeated.is_empty()
            && let Some(repeated) = self.repeated.remove(&ticket)
        {
            executor.tally.rerun += u64::from(number > 1);
            if repeated.holders > 1 {
                others.extend(self.cancel(ticket));
            }
        }
        Some(others)
    }

    /// Removes the jobs of a lane, which do not exist any more. Says who is to be told that they are called off.
    pub fn withdraw(&mut self, lane: LaneId) -> Vec<(ExecutorId, Attempt)> {
        self.queue.retain(|ticket| ticket.lane != lane);
        self.trials.retain(|ticket, _| ticket.lane != lane);
        self.repeated.retain(|ticket, _| ticket.lane != lane);
        let of_lane = Ticket { lane, place: 0 }..=Ticket { lane, place: u64::MAX };
        let given = self.executors.values().flat_map(|executor| executor.given.range(of_lane.clone()));
        let wanted = given.filter(|(_, given)| given.standing != Standing::Cancelled);
        let wanted: BTreeSet<Ticket> = wanted.map(|(&ticket, _)| ticket).collect();
        self.unfinished -= wanted.len();
        wanted.into_iter().flat_map(|ticket| self.cancel(ticket).collect::<Vec<_>>()).collect()
    }

    /// Calls a job off wherever it is.
    fn cancel(&mut self, ticket: Ticket) -> impl Iterator<Item = (ExecutorId, Attempt)> {
        self.executors.iter_mut().filter_map(move |(&id, executor)| {
            let given = executor.given.get_mut(&ticket)?;
            if given.standing == Standing::Cancelled {
                return None;
            }
            given.standing = Standing::Cancelled;
            executor.tally.cancelled += 1;
            Some((id, Attempt { ticket, number: given.attempt }))
        })
    }

    /// Takes note that an executor does not do jobs that were asked back or called off, and has room again. Says which
    /// of them were its to give back; those that nobody else has are next in their old order.
    pub fn returned(&mut self, id: ExecutorId, mut jobs: Vec<Attempt>) -> Vec<Ticket> {
        jobs.sort_unstable();
        let mut taken = Vec::new();
        for Attempt { ticket, number } in jobs.into_iter().rev() {
            let Some(executor) = self.executors.get_mut(&id) else { break };
            if executor.given.get(&ticket).is_none_or(|given| given.attempt != number) {
                continue;
            }
            let given = executor.given.remove(&ticket);
            if given.is_none_or(|given| given.standing == Standing::Cancelled) {
                continue;
            }
            executor.tally.returned += 1;
            let repeated = self.repeated.entry(ticket).or_insert(Repeated::FIRST);
            repeated.holders -= 1;
            if repeated.holders == 0 {
                self.unfinished -= 1;
                self.queue.push_front(ticket);
            }
            taken.push(ticket);
        }
        taken
    }

    /// Removes an executor that has left or was lost. What nobody else has of its jobs goes back to the head of the
    /// queue, but for those that were lost too often: they are given up, at once if they had one attempt, else after a
    /// [while](TRIAL).
    pub fn leave(&mut self, id: ExecutorId, now: Instant) -> Departure {
        let Some(Executor { window, given, mut tally, .. }) = self.executors.remove(&id) else {
            return Departure::default();
        };
        let mut departure = Departure::default();
        let mut suspects = Vec::new();
        for (ticket, given) in given.into_iter().rev() {
            if given.standing == Standing::Cancelled {
                continue;
            }
            let repeated = self.repeated.entry(ticket).or_insert(Repeated::FIRST);
            repeated.holders -= 1;
            if window > 0 {
                tally.lost += 1;
                repeated.lost += 1;
                suspects.push(ticket);
            } else {
                // It was about to leave, and did not begin what was still on the way.
                tally.returned += 1;
            }
            if repeated.holders > 0 {
                continue;
            }
            self.unfinished -= 1;
            if repeated.lost < self.most_attempts {
                self.queue.push_front(ticket);
                departure.requeued += 1;
            } else if self.most_attempts > 1 {
                self.trials.insert(ticket, Silence::since(now));
                departure.on_trial += 1;
            } else {
                self.repeated.remove(&ticket);
                departure.given_up.push(ticket);
            }
        }
        self.departed.insert(id, Departed { tally, suspects });
        departure
    }

    /// Takes note that an executor that was lost is there again, so no job of it has killed it: that it was lost does
    /// not use up their attempts. A job that makes everybody fall silent is given up all the same, only later.
    pub fn is_back(&mut self, id: ExecutorId) {
        let suspects = self.departed.get_mut(&id).map(|departed| std::mem::take(&mut departed.suspects));
        for ticket in suspects.unwrap_or_default() {
            if let Some(repeated) = self.repeated.get_mut(&ticket)
                && repeated.absolved < self.most_attempts.saturating_mul(ABSOLUTIONS)
            {
                repeated.absolved += 1;
                repeated.lost = repeated.lost.saturating_sub(1);
                if repeated.lost < self.most_attempts && self.trials.remove(&ticket).is_some() {
                    self.queue.push_front(ticket);
                }
            }
        }
    }

    /// The jobs that are given up by now, since none of the executors has come back that they were lost with.
    pub fn verdicts(&mut self, now: Instant) -> Vec<Ticket> {
        let given_up: Vec<Ticket> = self
            .trials
            .extract_if(.., |_, silence| silence.lasts(now) >= TRIAL)
            .map(|(job, _)| job)
            .collect();
        for job in &given_up {
            self.repeated.remove(job);
        }
        given_up
    }

    /// How many jobs may be given up soon, and are neither waiting nor with executors.
    pub fn on_trial(&self) -> usize {
        self.trials.len()
    }
}

/// What became of the jobs of an executor that is gone.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Departure {
    /// How many wait to be run again.
    pub requeued: usize,
    /// How many were lost too often, and are given up unless their executors come back.
    pub on_trial: usize,
    /// Those that were lost, and must not be tried again.
    pub given_up: Vec<Ticket>,
}
