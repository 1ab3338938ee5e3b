//! A small world in which everything that can happen does: one runner, two workers, three jobs, and a network that
//! loses, doubles and reorders what they say.
//!
//! What decides is the real dispatch. Leases run out at any time, workers crash and join again, jobs are copied, asked
//! back and called off whenever that is possible at all. All states that can be reached are looked at, one after another:
//! in none of them is a job lost or released twice, and from each of them the end can be reached.

use crate::dispatch::{Attempt, Dispatch, ExecutorId, Step, TRIAL};
use crate::program::LaneId;
use crate::state::Ticket;
use crate::table::Id;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

/// The most jobs there are.
const JOBS: usize = 3;

/// A job may be lost with its executors so often.
const ATTEMPTS: u32 = 2;

/// What is under way between a runner and an executor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Message {
    Job(ExecutorId, Attempt),
    Recall(ExecutorId, Attempt),
    Cancel(ExecutorId, Attempt),
    Result(ExecutorId, Attempt),
    Returned(ExecutorId, Attempt),
}

impl Message {
    /// Whether it is one for the runner.
    fn is_answer(&self) -> bool {
        matches!(self, Message::Result(..) | Message::Returned(..))
    }

    fn attempt(self) -> Attempt {
        match self {
            Message::Job(_, attempt)
            | Message::Recall(_, attempt)
            | Message::Cancel(_, attempt)
            | Message::Result(_, attempt)
            | Message::Returned(_, attempt) => attempt,
        }
    }

    fn executor(self) -> ExecutorId {
        match self {
            Message::Job(id, _)
            | Message::Recall(id, _)
            | Message::Cancel(id, _)
            | Message::Result(id, _)
            | Message::Returned(id, _) => id,
        }
    }
}

/// A worker in the session that makes it an executor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Session {
    id: ExecutorId,
    /// What it has and did not answer.
    in_hand: BTreeSet<Attempt>,
    /// Whether a message to or from it was lost, which heartbeats bring to light.
    has_lost: bool,
}

#[derive(Clone)]
struct World {
    dispatch: Dispatch,
    /// None of a worker that is not there, or not joined.
    workers: [Option<Session>; 2],
    network: BTreeSet<Message>,
    jobs: usize,
    released: [u8; JOBS],
    given_up: [bool; JOBS],
    latest: usize,
    crashes_left: u8,
    expiries_left: u8,
    losses_left: u8,
    now: Instant,
}

/// All of a world that makes a difference.
type Shape = (Vec<u64>, [Option<Session>; 2], BTreeSet<Message>, [u8; JOBS], [bool; JOBS], usize, [u8; 3]);

fn long(_: Ticket) -> Option<u64> {
    Some(1_000_000_000)
}

/// Some moment, and one so much later that everything takes too long.
struct Times {
    now: Instant,
    later: Instant,
}

impl World {
    fn new(jobs: usize, times: &Times, faults: [u8; 3]) -> World {
        let mut dispatch = Dispatch::new(ATTEMPTS);
        for place in 0..jobs as u64 {
            dispatch.push(Ticket { lane: LaneId::from_index(0), place });
        }
        let [crashes_left, expiries_left, losses_left] = faults;
        let mut world = World {
            dispatch,
            workers: [None, None],
            network: BTreeSet::new(),
            jobs,
            released: [0; JOBS],
            given_up: [false; JOBS],
            latest: 0,
            crashes_left,
            expiries_left,
            losses_left,
            now: times.now,
        };
        world.join(0, times);
        world.join(1, times);
        world
    }

    fn shape(&self) -> Shape {
        let faults = [self.crashes_left, self.expiries_left, self.losses_left];
        let (workers, network) = (self.workers.clone(), self.network.clone());
        (self.dispatch.shape(self.now), workers, network, self.released, self.given_up, self.latest, faults)
    }

    fn is_over(&self) -> bool {
        (0..self.jobs).all(|job| self.released[job] > 0 || self.given_up[job])
    }

    /// What must hold whatever happens.
    fn check(&self) {
        self.dispatch.assert_consistent();
        assert!(self.released.iter().all(|&times| times <= 1), "a job is released once");
        let wanted: BTreeSet<u64> = self.dispatch.wanted().map(|attempt| attempt.ticket.place).collect();
        for job in 0..self.jobs {
            let is_open = self.released[job] == 0 && !self.given_up[job];
            let waits = self.dispatch.waits_for(job as u64);
            assert_eq!(
                is_open,
                waits || wanted.contains(&(job as u64)),
                "a job is waited for until it is over"
            );
            assert!(!(self.given_up[job] && self.released[job] > 0), "what is given up comes to nothing");
        }
    }

    fn join(&mut self, worker: usize, times: &Times) {
        self.latest += 1;
        let id = ExecutorId::from_index(self.latest);
        self.dispatch.join(id, 1, 2, Some(times.now));
        self.workers[worker] = Some(Session { id, in_hand: BTreeSet::new(), has_lost: false });
    }

    fn leave(&mut self, id: ExecutorId) {
        self.dispatch.leave(id, self.now);
        // Time is no matter here: whatever may be given up is.
        for ticket in self.dispatch.verdicts(self.now + TRIAL) {
            self.given_up[ticket.place as usize] = true;
        }
    }

    /// What a message brings about where it arrives.
    fn deliver(&mut self, message: Message) {
        let id = message.executor();
        let session = self.workers.iter_mut().flatten().find(|session| session.id == id);
        match (message, session) {
            (Message::Job(_, attempt), Some(session)) => {
                session.in_hand.insert(attempt);
            }
            (Message::Recall(_, attempt) | Message::Cancel(_, attempt), Some(session)) => {
                if session.in_hand.remove(&attempt) {
                    self.network.insert(Message::Returned(id, attempt));
                }
            }
            (Message::Result(_, attempt), _) => {
                if let Some(others) = self.dispatch.finished(id, attempt, 1) {
                    self.released[attempt.ticket.place as usize] += 1;
                    self.network.extend(others.into_iter().map(|(other, one)| Message::Cancel(other, one)));
                }
            }
            (Message::Returned(_, attempt), _) => {
                self.dispatch.returned(id, vec![attempt]);
            }
            (_, None) => {}
        }
    }

    /// Forgets what can never make a difference any more, and looks that it would not: what belongs to an attempt that
    /// is over, for no other will have its number, and what is on its way to nobody.
    fn forget(&mut self) {
        let given = self.dispatch.given();
        let (kept, forgotten): (BTreeSet<Message>, BTreeSet<Message>) =
            self.network.iter().partition(|message| given.contains(&(message.executor(), message.attempt())));
        let here = |message: &Message| {
            let mut sessions = self.workers.iter().flatten();
            message.is_answer() || sessions.any(|session| session.id == message.executor())
        };
        self.network = kept.into_iter().filter(here).collect();
        for message in forgotten.into_iter().filter(|message| message.is_answer()) {
            let (before, released) = (self.dispatch.clone(), self.released);
            self.deliver(message);
            assert!(
                before.is_like(&self.dispatch) && released == self.released,
                "{message:?} changes nothing"
            );
        }
        for session in self.workers.iter_mut().flatten() {
            session.in_hand.retain(|attempt| given.contains(&(session.id, *attempt)));
        }
    }

    /// Every world that can be next.
    fn next(&self, times: &Times) -> Vec<World> {
        let mut worlds = Vec::new();
        let mut add = |change: &mut dyn FnMut(&mut World)| {
            let mut world = self.clone();
            change(&mut world);
            worlds.push(world);
        };
        // The runner hands out what waits, and looks whether somebody idles.
        add(&mut |world| {
            if let Some((id, attempts)) = world.dispatch.assign(times.now, long) {
                world.network.extend(attempts.into_iter().map(|attempt| Message::Job(id, attempt)));
            }
        });
        add(&mut |world| {
            for id in (1..=world.latest).map(ExecutorId::from_index) {
                world.dispatch.heard(id, times.later);
            }
            match world.dispatch.rebalance(times.later, long) {
                Some(Step::Copy { to, attempt }) => {
                    world.network.insert(Message::Job(to, attempt));
                }
                Some(Step::Recall { from, jobs }) => {
                    world.network.extend(jobs.into_iter().map(|attempt| Message::Recall(from, attempt)));
                }
                None => {}
            }
        });
        for &message in &self.network {
            // It arrives once, or again and again.
            add(&mut |world| {
                world.network.remove(&message);
                world.deliver(message);
            });
            add(&mut |world| world.deliver(message));
            if self.losses_left > 0 {
                add(&mut |world| {
                    world.network.remove(&message);
                    world.losses_left -= 1;
                    let id = message.executor();
                    if let Some(session) = world.workers.iter_mut().flatten().find(|session| session.id == id)
                    {
                        session.has_lost = true;
                    }
                });
            }
        }
        for (number, worker) in self.workers.iter().enumerate() {
            let Some(session) = worker else {
                add(&mut |world| world.join(number, times));
                continue;
            };
            let id = session.id;
            for &attempt in &session.in_hand {
                add(&mut |world| {
                    if let Some(session) = &mut world.workers[number] {
                        session.in_hand.remove(&attempt);
                    }
                    world.network.insert(Message::Result(id, attempt));
                });
            }
            if session.has_lost {
                // A heartbeat tells: the worker joins again.
                add(&mut |world| {
                    world.workers[number] = None;
                    world.leave(id);
                });
            }
            if self.crashes_left > 0 {
                add(&mut |world| {
                    world.crashes_left -= 1;
                    world.workers[number] = None;
                    world.leave(id);
                });
            }
            if self.expiries_left > 0 && self.dispatch.is_attached(id) {
                // The runner gives it up, and it does not know yet.
                add(&mut |world| {
                    world.expiries_left -= 1;
                    world.leave(id);
                });
            }
            if !self.dispatch.is_attached(id) {
                add(&mut |world| world.join(number, times));
            }
        }
        worlds.iter_mut().for_each(World::forget);
        worlds
    }
}

/// Looks at everything that can happen to so many jobs with so many crashes, leases that run out and lost messages;
/// tells how many states that are.
fn explore(jobs: usize, faults: [u8; 3]) -> usize {
    let now = Instant::now();
    let times = Times { now, later: now + Duration::from_secs(3600) };
    let mut numbers: HashMap<Shape, usize> = HashMap::new();
    let mut before: Vec<Vec<u32>> = Vec::new();
    let mut ends: Vec<usize> = Vec::new();
    let mut unseen: VecDeque<(usize, World)> = VecDeque::new();
    let first = World::new(jobs, &times, faults);
    numbers.insert(first.shape(), 0);
    before.push(vec![]);
    unseen.push_back((0, first));
    while let Some((number, world)) = unseen.pop_front() {
        if world.is_over() {
            // Nothing that comes later changes what was released: it was checked on the way.
            ends.push(number);
        }
        for next in world.next(&times) {
            let shape = next.shape();
            let known = numbers.get(&shape).copied();
            let place = known.unwrap_or_else(|| {
                next.check();
                numbers.insert(shape, before.len());
                before.push(vec![]);
                unseen.push_back((before.len() - 1, next));
                before.len() - 1
            });
            before[place].push(u32::try_from(number).unwrap());
        }
    }
    let mut can_end = vec![false; before.len()];
    while let Some(number) = ends.pop() {
        if !std::mem::replace(&mut can_end[number], true) {
            ends.extend(before[number].iter().map(|&one| one as usize));
        }
    }
    assert!(can_end.iter().all(|&can| can), "the end can be reached from everywhere");
    before.len()
}

#[test]
fn two_jobs_are_not_lost_or_released_twice_whatever_happens_once() {
    for faults in [[1, 0, 0], [0, 1, 0], [0, 0, 1]] {
        assert!(explore(2, faults) > 1_000, "there is something to look at");
    }
}

/// Takes minutes, so `cargo xtask simulate` asks for it.
#[test]
fn three_jobs_are_not_lost_or_released_twice_whatever_happens_once() {
    if std::env::var_os("FLOW_SEEDS").is_some() {
        for faults in [[1, 0, 0], [0, 1, 0], [0, 0, 1]] {
            println!(
                "{} states with {faults:?} crashes, leases that run out, and lost messages",
                explore(3, faults)
            );
        }
    }
}
