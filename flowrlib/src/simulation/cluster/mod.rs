//! A whole distribution under mishaps: one runner, any workers, a network between them, and a clock that jumps.
//!
//! The run state, dispatch and what binds them are the real ones, and so are the messages; workers, network and time
//! are simulated, and everything that happens follows from a seed. The network delays; it cuts connections and, in
//! harsher runs, loses, doubles and reorders single messages. Workers crash, stand still, come back and join late; the
//! runner stands still, too. When a time is over nothing happens any more but what has to, and then the run must come
//! to its end and have shown what the one-at-a-time run shows.

mod runner;
mod worker;

use super::flows::{has_last_jobs, random_flow, random_picture, with_constants, with_countdown};
use super::{Choices, FlowBuilder, Initialized, Shown, output, run, scalar, simulate};
use crate::context::Stream;
use crate::dispatch::{Dispatch, ExecutorId, LOOK_AGAIN};
use crate::distribution::{Balance, Distribution, Returned};
use crate::executor::{JobOrder, JobResult};
use crate::program::{ImplementationKind, Program};
use crate::state::{Outcome, RunState, Ticket};
use crate::table::Id;
use crate::transport::service::roster::{Change, Member, Roster, session_number};
use crate::transport::{service, session};
use crate::wire::{Arrival, FromWorker, Hello, PROTOCOL, Sequence, ToWorker};
use flowcore::Value;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::{Duration, Instant};

/// The run's number.
const RUN: u64 = 7;

/// The executor in the runner's process.
const NEAR: usize = 0;

/// How long mishaps go on, in milliseconds.
const MISHAPS: u64 = 20_000;

/// When a run that has not ended hangs, in milliseconds.
const HANGS: u64 = 600_000;

/// How often the runner looks at the clock if nothing else happens, in milliseconds.
const LOOK: u64 = millis(LOOK_AGAIN);

/// How often a worker says that it is alive while it has jobs.
const HEARTBEAT: u64 = millis(service::HEARTBEAT);

/// How often it does while it has none.
const IDLE_HEARTBEAT: u64 = millis(service::IDLE_HEARTBEAT);

/// How often the runner does.
const RUNNERS_HEARTBEAT: u64 = HEARTBEAT * service::TELL_WORKERS_EVERY as u64;

/// How long a worker waits to hear from its runner, and how long before it tries again.
const PATIENCE: u64 = millis(session::PATIENCE);

#[expect(clippy::cast_possible_truncation, reason = "it is some seconds")]
const fn millis(time: Duration) -> u64 {
    time.as_millis() as u64
}

/// The most that can happen in a run.
const MOST_STEPS: usize = 2_000_000;

/// What a network does to messages.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Network {
    /// What a connection brings comes whole and in order; connections may be cut.
    Connections,
    /// Single messages are lost, doubled and overtaken as well.
    Harsh,
}

#[derive(Debug)]
enum Event {
    ToRunner {
        from: u64,
        frame: Vec<u8>,
    },
    ToWorker {
        to: usize,
        identity: u64,
        frame: Vec<u8>,
    },
    /// A worker, or with none the runner's own threads, has done a job.
    Done {
        by: Option<usize>,
        life: u64,
        order: JobOrder,
        nanos: u64,
    },
    /// An effect on a stream has happened.
    Effect(Stream),
    RunnerLooks,
    WorkerLooks {
        worker: usize,
        life: u64,
    },
    Mishap,
}

struct At {
    time: u64,
    number: u64,
    event: Event,
}

impl PartialEq for At {
    fn eq(&self, other: &At) -> bool {
        self.number == other.number
    }
}

impl Eq for At {}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &At) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for At {
    fn cmp(&self, other: &At) -> std::cmp::Ordering {
        (self.time, self.number).cmp(&(other.time, other.number))
    }
}

/// Jobs and the threads that run them.
#[derive(Default)]
struct Bench {
    slots: usize,
    waiting: VecDeque<JobOrder>,
    running: Vec<JobOrder>,
}

impl Bench {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.running.is_empty()
    }

    /// Takes out what has not begun of these.
    fn recall(&mut self, jobs: &[crate::dispatch::Attempt]) -> Vec<JobOrder> {
        let waiting = std::mem::take(&mut self.waiting);
        let (taken, rest): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|order| jobs.contains(&order.attempt()));
        self.waiting = rest.into();
        taken
    }
}

struct Worker {
    bench: Bench,
    is_alive: bool,
    /// A crash or a new session begins another life: what was begun in the one before comes to nothing.
    life: u64,
    /// What the runner knows its connection by.
    identity: u64,
    stopped_until: u64,
    is_welcome: bool,
    /// When it last said what stands for a heartbeat.
    spoke: u64,
    heard: u64,
    retry_at: u64,
    sequence: Sequence,
    /// When the last message on its way will be there, both ways.
    last_arrival: [u64; 2],
    /// A job takes this many times as long here.
    slowness: u64,
}

/// What else the runner knows of a worker.
struct Details {
    slots: usize,
    is_ready: bool,
}

/// How the runs of a seed differ from others.
#[derive(Debug)]
struct Plan {
    network: Network,
    near: usize,
    workers: usize,
    most_attempts: u32,
    /// One in so many chances for a mishap is taken.
    calm: usize,
}

struct Cluster<'program> {
    program: &'program Program,
    plan: Plan,
    choices: Choices,
    origin: Instant,
    time: u64,
    events: BinaryHeap<Reverse<At>>,
    number: u64,
    work: Distribution<'program>,
    near: Bench,
    streams: BTreeMap<Stream, VecDeque<Ticket>>,
    lines: VecDeque<&'static str>,
    shown: Shown,
    runner_stopped_until: u64,
    /// Workers by their connections.
    roster: Roster<u64, Details>,
    /// When the runner says next that it is alive.
    next_heartbeat: u64,
    latest_executor: usize,
    latest_identity: u64,
    workers: Vec<Worker>,
    /// Answers that have reached the runner.
    answers: u64,
    /// Jobs of which all attempts were lost.
    given_up: u64,
    trace: bool,
}

/// What a run of a seed has come to.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) copies: u64,
    pub(crate) recalled: u64,
    pub(crate) lost: u64,
    pub(crate) stale: u64,
    pub(crate) duplicate: u64,
    pub(crate) given_up: u64,
}

impl Summary {
    /// Both together.
    fn and(&self, other: &Summary) -> Summary {
        Summary {
            copies: self.copies + other.copies,
            recalled: self.recalled + other.recalled,
            lost: self.lost + other.lost,
            stale: self.stale + other.stale,
            duplicate: self.duplicate + other.duplicate,
            given_up: self.given_up + other.given_up,
        }
    }
}

/// Jobs enough that mishaps meet some: a hundred numbers through three functions.
fn wide() -> FlowBuilder {
    let mut flow = FlowBuilder::new();
    let range = flow.function(0, "range", [scalar().once(100)]);
    let one = flow.function(0, "double", [scalar()]);
    let two = flow.function(0, "add", [scalar(), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [super::generic()]);
    flow.internal(range, "", (one, 0));
    flow.internal(range, "", (two, 0));
    flow.internal(one, "", (two, 1));
    flow.internal(two, "", (print, 0));
    flow
}

/// Runs what a seed stands for; panics if something is not as it must be.
pub(crate) fn simulate_cluster(seed: u64, trace: bool) -> Summary {
    let mut choices = Choices::seeded(seed);
    choices.below(2);
    let flow = match choices.below(6) {
        0 => random_flow(seed),
        1 => with_countdown(random_flow(seed), seed),
        2 => random_picture(seed),
        3 => with_constants(random_picture(seed), seed),
        _ => wide(),
    };
    let program = flow.load();
    let lines = ["1", "2", "3", "4"];
    let right = simulate(&program, &lines, Choices::FIRST);
    let near = [0, 0, 1, 2][choices.below(4)];
    let plan = Plan {
        network: if choices.below(2) == 0 { Network::Connections } else { Network::Harsh },
        near,
        workers: choices.below(5) + usize::from(near == 0),
        // Mostly no job is given up, so that results can be compared.
        most_attempts: [1_000_000, 1_000_000, 1_000_000, 3, 1][choices.below(5)],
        calm: [1, 2, 5, 50][choices.below(4)],
    };
    if trace {
        println!("{plan:?}, {} functions", program.functions.len());
    }
    let mut cluster = Cluster::new(&program, plan, choices, &lines, trace);
    cluster.run();
    cluster.check(&right, !has_last_jobs(&flow))
}

impl<'program> Cluster<'program> {
    fn new(
        program: &'program Program,
        plan: Plan,
        mut choices: Choices,
        lines: &[&'static str],
        trace: bool,
    ) -> Cluster<'program> {
        let bound = [usize::MAX, 1, 5][choices.below(3)];
        let dispatch = Dispatch::new(plan.most_attempts);
        Cluster {
            program,
            near: Bench { slots: plan.near, ..Bench::default() },
            plan,
            choices,
            origin: Instant::now(),
            time: 0,
            events: BinaryHeap::new(),
            number: 0,
            work: Distribution::new(program, RunState::new(program).with_bound(bound), dispatch),
            streams: BTreeMap::new(),
            lines: lines.iter().copied().collect(),
            shown: Shown::default(),
            runner_stopped_until: 0,
            roster: Roster::new(),
            next_heartbeat: RUNNERS_HEARTBEAT,
            latest_executor: NEAR,
            latest_identity: 0,
            workers: Vec::new(),
            answers: 0,
            given_up: 0,
            trace,
        }
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.trace {
            println!("{:>8} {}", self.time, what());
        }
    }

    fn now(&self) -> Instant {
        self.origin + Duration::from_millis(self.time)
    }

    fn schedule(&mut self, time: u64, event: Event) {
        self.number += 1;
        self.events.push(Reverse(At { time: time.max(self.time), number: self.number, event }));
    }

    fn run(&mut self) {
        self.work.state.start();
        if self.plan.near > 0 {
            self.work.dispatch.join(ExecutorId::from_index(NEAR), self.plan.near, self.plan.near * 3, None);
        }
        for _ in 0..self.plan.workers {
            self.start_worker();
        }
        self.schedule(LOOK, Event::RunnerLooks);
        self.schedule(1, Event::Mishap);
        self.hand_out();
        for _ in 0..MOST_STEPS {
            if self.work.state.has_ended() {
                return;
            }
            let Some(Reverse(At { time, event, .. })) = self.events.pop() else { break };
            self.time = time;
            assert!(time < HANGS, "the run hangs: {}", self.describe());
            self.happen(event);
        }
        panic!("the run does not end: {}", self.describe());
    }

    fn describe(&self) -> String {
        format!(
            "{} jobs wait, {} are away, workers alive {:?}, attempts {:?}",
            self.work.dispatch.waiting(),
            self.work.dispatch.unfinished(),
            self.workers.iter().map(|worker| worker.is_alive && worker.is_welcome).collect::<Vec<_>>(),
            self.work.dispatch.wanted().collect::<Vec<_>>()
        )
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::ToRunner { .. } | Event::RunnerLooks | Event::Effect(_) | Event::Done { by: None, .. }
                if self.time < self.runner_stopped_until =>
            {
                self.schedule(self.runner_stopped_until, event);
            }
            Event::ToRunner { from, frame } => {
                if let Ok(message) = FromWorker::decode(&frame) {
                    self.receive(from, message);
                }
                self.hand_out();
            }
            Event::RunnerLooks => {
                self.schedule(self.time + LOOK, Event::RunnerLooks);
                self.look();
                self.hand_out();
            }
            Event::Effect(stream) => {
                self.perform(stream);
                self.hand_out();
            }
            Event::Done { by: None, order, nanos, .. } => {
                self.near.running.retain(|running| *running != order);
                self.begin_near();
                let result = self.result(order, nanos);
                self.finish(ExecutorId::from_index(NEAR), vec![result]);
                self.hand_out();
            }
            Event::Done { by: Some(worker), life, order, nanos } => {
                self.worker_done(worker, life, order, nanos)
            }
            Event::ToWorker { to, identity, frame } => {
                let worker = &self.workers[to];
                if self.time < worker.stopped_until {
                    let until = worker.stopped_until;
                    self.schedule(until, Event::ToWorker { to, identity, frame });
                } else if worker.is_alive
                    && worker.identity == identity
                    && let Ok(message) = ToWorker::decode(&frame)
                {
                    self.worker_receives(to, message);
                }
            }
            Event::WorkerLooks { worker, life } => self.worker_looks(worker, life),
            Event::Mishap => self.mishap(),
        }
    }

    // What the runner does, as the coordinator and the job service do it.

    fn mishap(&mut self) {
        if self.time >= MISHAPS {
            // Somebody must be there to do what is left.
            if self.plan.near == 0 && !self.workers.iter().any(|worker| worker.is_alive) {
                self.start_worker();
            }
            return;
        }
        let next = self.time + 1 + self.choices.below(400) as u64;
        self.schedule(next.min(MISHAPS), Event::Mishap);
        if self.choices.below(self.plan.calm) > 0 {
            return;
        }
        let length = [5, 100, 1_200, 2_900, 3_500, 9_000][self.choices.below(6)];
        let number = self.choices.below(self.workers.len().max(1));
        match self.choices.below(9) {
            0 => {
                self.tell(|| format!("the runner stands still for {length} ms"));
                self.runner_stopped_until = self.time + length;
            }
            1 | 2 if self.workers.len() < 12 => self.start_worker(),
            kind => {
                let Some(worker) = self.workers.get_mut(number).filter(|worker| worker.is_alive) else {
                    return;
                };
                match kind {
                    3 | 4 => {
                        worker.stopped_until = self.time + length;
                        self.tell(|| format!("worker {number} stands still for {length} ms"));
                    }
                    5 | 6 => {
                        self.connect_anew(number);
                        self.tell(|| format!("the connection of worker {number} is cut and made again"));
                    }
                    7 if worker.is_welcome && worker.stopped_until <= self.time => self.take_leave(number),
                    _ => {
                        worker.is_alive = false;
                        self.tell(|| format!("worker {number} crashes"));
                    }
                }
            }
        }
    }

    /// Checks what is shown and counted at the end.
    fn check(mut self, right: &Shown, counts_are_certain: bool) -> Summary {
        self.shown.counts = self.work.state.counts();
        let tallies =
            (NEAR..=self.latest_executor).map(|id| self.work.dispatch.tally(ExecutorId::from_index(id)));
        let tallies: Vec<_> = tallies.collect();
        let sum = |count: fn(&crate::dispatch::Tally) -> u64| tallies.iter().map(count).sum::<u64>();
        let dropped = self.work.dropped;
        let done = sum(|tally| tally.done);
        assert_eq!(
            self.answers,
            done + dropped.stale + dropped.duplicate + dropped.foreign,
            "each answer counts or is dropped"
        );
        assert_eq!((self.work.dispatch.waiting(), self.work.dispatch.unfinished()), (0, 0), "no job is left");
        if self.given_up == 0 {
            assert_eq!(self.shown.streams, right.streams, "it shows what the one-at-a-time run shows");
            if counts_are_certain {
                assert_eq!(self.shown.counts, right.counts, "each job is released once");
            }
        }
        assert!(self.plan.most_attempts < 1_000 || self.given_up == 0);
        Summary {
            copies: sum(|tally| tally.cancelled),
            recalled: sum(|tally| tally.returned),
            lost: sum(|tally| tally.lost),
            stale: dropped.stale,
            duplicate: dropped.duplicate,
            given_up: self.given_up,
        }
    }
}

/// A thousand seeds, or as many as `FLOW_SEEDS` says, shared by all processors; with `FLOW_SEED` that one, and
/// all that happens.
#[test]
fn any_mishaps_show_what_the_one_at_a_time_run_shows() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    if let Some(seed) = number("FLOW_SEED") {
        println!("{:?}", simulate_cluster(seed, true));
        return;
    }
    let seeds = number("FLOW_SEEDS").unwrap_or(1_000);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let run = |first: u64| {
        let mut sum = Summary::default();
        for seed in (first..seeds).step_by(threads as usize) {
            let outcome = std::panic::catch_unwind(|| simulate_cluster(seed, false));
            let Ok(one) = outcome else { return Err(seed) };
            sum = sum.and(&one);
        }
        Ok(sum)
    };
    let outcomes: Vec<Result<Summary, u64>> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|first| scope.spawn(move || run(first))).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    if let Some(seed) = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).min() {
        panic!("seed {seed} fails; `cargo xtask simulate --seed {seed}` shows what happens");
    }
    let all = outcomes.iter().flatten().fold(Summary::default(), |all, one| all.and(one));
    println!("{all:?}");
    // A simulation in which nothing goes wrong would show nothing.
    let Summary { copies, recalled, lost, stale, duplicate, given_up } = all;
    let happened = [copies, recalled, lost, stale, duplicate, given_up];
    assert!(seeds < 1_000 || happened.iter().all(|&count| count > 0));
}
