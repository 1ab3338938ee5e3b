//! A whole distribution under mishaps: one runner, any workers, a network between them, and a clock that jumps.
//!
//! The run state, dispatch and what binds them are the real ones, and so are the messages; workers, network and time
//! are simulated, and everything that happens follows from a seed. The network delays; it cuts connections and, in
//! harsher runs, loses, doubles and reorders single messages. Workers crash, stand still, come back and join late; the
//! runner stands still, too. When a time is over nothing happens any more but what has to, and then the run must come
//! to its end and have shown what the one-at-a-time run shows.

use super::flows::{random_flow, with_countdown};
use super::{Choices, FlowBuilder, Initialized, Shown, output, run, scalar, simulate};
use crate::context::Stream;
use crate::dispatch::{Dispatch, ExecutorId};
use crate::distribution::{Balance, Distribution, Returned};
use crate::executor::{JobOrder, JobResult};
use crate::program::{ImplementationKind, Program};
use crate::state::{Outcome, RunState, Ticket};
use crate::table::Id;
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
const LOOK: u64 = 20;

const HEARTBEAT: u64 = 1_000;

/// How long a worker waits to hear from its runner, and how long before it tries again.
const PATIENCE: u64 = 5_000;

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
    heard: u64,
    retry_at: u64,
    sequence: Sequence,
    /// When the last message on its way will be there, both ways.
    last_arrival: [u64; 2],
    /// A job takes this many times as long here.
    slowness: u64,
}

/// What the runner knows of a worker.
struct Peer {
    executor: ExecutorId,
    slots: usize,
    is_ready: bool,
    sequence: Sequence,
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
    peers: BTreeMap<u64, Peer>,
    executors: BTreeMap<ExecutorId, u64>,
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
    let flow = match choices.below(4) {
        0 => random_flow(seed),
        1 => with_countdown(random_flow(seed), seed),
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
    cluster.check(
        &right,
        !flow.manifest.functions.values().any(|one| one.implementation_location.ends_with("readline")),
    )
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
            peers: BTreeMap::new(),
            executors: BTreeMap::new(),
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

    fn hand_out(&mut self) {
        while let Some(ticket) = self.work.state.next_ready() {
            let function = &self.program.functions[self.work.state.job(ticket).unwrap().function];
            match self.program.implementations[function.implementation].kind {
                ImplementationKind::Context { stream: Some(stream), .. } => {
                    let queue = self.streams.entry(stream).or_default();
                    queue.push_back(ticket);
                    if queue.len() == 1 {
                        let delay = self.choices.below(3) as u64;
                        self.schedule(self.time + delay, Event::Effect(stream));
                    }
                }
                _ => self.work.dispatch.push(ticket),
            }
        }
        while let Some((id, orders)) = self.work.assign(self.now()) {
            self.send_orders(id, orders);
        }
        self.work.dispatch.assert_consistent();
        self.work.state.assert_consistent();
    }

    fn send_orders(&mut self, id: ExecutorId, orders: Vec<JobOrder>) {
        if id.index() == NEAR {
            self.near.waiting.extend(orders);
            self.begin_near();
        } else {
            self.send(id, ToWorker::Jobs { run: RUN, number: 0, orders });
        }
    }

    fn begin_near(&mut self) {
        while self.near.running.len() < self.near.slots
            && let Some(order) = self.near.waiting.pop_front()
        {
            self.near.running.push(order.clone());
            let time = self.duration(1);
            self.schedule(
                self.time + time,
                Event::Done { by: None, life: 0, order, nanos: time * 1_000_000 },
            );
        }
    }

    fn look(&mut self) {
        let now = self.now();
        while let Some(balance) = self.work.balance(now) {
            self.tell(|| format!("balance {balance:?}"));
            match balance {
                Balance::Copy(to, order) => self.send_orders(to, vec![order]),
                Balance::Recall(from, jobs) if from.index() == NEAR => {
                    let orders = self.near.recall(&jobs).into_iter();
                    let returned =
                        orders.map(|one| Returned { attempt: one.attempt(), inputs: Some(one.inputs) });
                    self.work.take_back(from, returned.collect());
                }
                Balance::Recall(from, jobs) => {
                    self.send(from, ToWorker::Recall { run: RUN, number: 0, jobs })
                }
            }
        }
        for id in self.work.dispatch.expired(now) {
            self.tell(|| format!("{id:?} is lost"));
            if let Some(identity) = self.executors.remove(&id) {
                self.peers.remove(&identity);
            }
            self.leave(id);
        }
        if self.time.is_multiple_of(HEARTBEAT) {
            let peers: Vec<(u64, u64)> =
                self.peers.iter().map(|(&peer, known)| (peer, known.sequence.sent())).collect();
            for (peer, sent) in peers {
                self.send_frame(peer, &ToWorker::Heartbeat { run: RUN, sent });
            }
        }
    }

    fn leave(&mut self, id: ExecutorId) {
        self.given_up += self.work.lose(id).given_up.len() as u64;
    }

    fn send(&mut self, id: ExecutorId, mut message: ToWorker) {
        let Some(&identity) = self.executors.get(&id) else { return };
        if let Some(peer) = self.peers.get_mut(&identity).filter(|peer| peer.executor == id) {
            *message.number_mut().unwrap() = peer.sequence.advance();
            self.send_frame(identity, &message);
        }
    }

    fn send_frame(&mut self, identity: u64, message: &ToWorker) {
        let Some(to) = self.workers.iter().position(|worker| worker.identity == identity) else { return };
        let frame = message.encode();
        for time in self.arrivals(to, 0) {
            self.schedule(time, Event::ToWorker { to, identity, frame: frame.clone() });
        }
    }

    fn receive(&mut self, from: u64, message: FromWorker) {
        self.tell(|| format!("from {from}: {message:?}"));
        if let Some(peer) = self.peers.get_mut(&from) {
            let arrival = message.number().map(|number| peer.sequence.take(number));
            let is_missing = match &message {
                FromWorker::Heartbeat { sent, .. } => peer.sequence.is_missing(*sent),
                _ => arrival == Some(Arrival::Gap),
            };
            if is_missing {
                let executor = peer.executor;
                self.tell(|| "a message before this one is missing".to_owned());
                self.peers.remove(&from);
                self.executors.remove(&executor);
                self.send_frame(from, &ToWorker::Stranger { run: RUN });
                self.leave(executor);
                return;
            }
            if arrival == Some(Arrival::Again) {
                return;
            }
        }
        let known = self.peers.get(&from).map(|peer| (peer.executor, peer.is_ready));
        match (message, known) {
            (FromWorker::Hello(hello), _) => {
                self.latest_executor += 1;
                let executor = ExecutorId::from_index(self.latest_executor);
                let session = u32::try_from(self.latest_executor).unwrap();
                let sequence = Sequence::of_session(session);
                let newcomer = Peer { executor, slots: hello.slots, is_ready: false, sequence };
                if let Some(former) = self.peers.insert(from, newcomer) {
                    self.executors.remove(&former.executor);
                    self.leave(former.executor);
                }
                let welcome = ToWorker::Welcome {
                    run: RUN,
                    session,
                    runner: String::new(),
                    implementations: vec![],
                    limit: None,
                    module_limits: Default::default(),
                };
                self.send_frame(from, &welcome);
            }
            (FromWorker::Ready { .. }, Some((executor, false))) => {
                if let Some(peer) = self.peers.get_mut(&from) {
                    peer.is_ready = true;
                    let slots = peer.slots;
                    self.executors.insert(executor, from);
                    self.work.dispatch.join(executor, slots, slots * 2, Some(self.now()));
                }
            }
            (FromWorker::Results { window, results, .. }, Some((executor, _))) => {
                self.finish(executor, results);
                self.work.dispatch.set_window(executor, window);
            }
            (FromWorker::Returned { jobs, .. }, Some((executor, _))) => {
                self.work.dispatch.heard(executor, self.now());
                let jobs = jobs.into_iter().map(|attempt| Returned { attempt, inputs: None });
                self.work.take_back(executor, jobs.collect());
            }
            (FromWorker::Heartbeat { .. }, Some((executor, _))) => {
                self.work.dispatch.heard(executor, self.now());
            }
            (FromWorker::Goodbye { .. }, Some((executor, _))) => {
                self.peers.remove(&from);
                self.executors.remove(&executor);
                self.leave(executor);
            }
            (FromWorker::Results { results, .. }, None) => {
                self.answers += results.len() as u64;
                self.work.dropped.foreign += results.len() as u64;
                self.send_frame(from, &ToWorker::Stranger { run: RUN });
            }
            (_, None) => self.send_frame(from, &ToWorker::Stranger { run: RUN }),
            (FromWorker::Ready { .. } | FromWorker::Fetch { .. }, Some((executor, _))) => {
                self.tell(|| format!("{executor:?} said that before"));
            }
        }
    }

    fn finish(&mut self, id: ExecutorId, results: Vec<JobResult>) {
        let now = self.now();
        self.work.dispatch.heard(id, now);
        self.work.dispatch.progressed(id, now);
        self.answers += results.len() as u64;
        for result in results {
            let others = self.work.finish(id, result, |_, _| ());
            for (other, attempt) in others {
                self.tell(|| format!("{attempt:?} is called off"));
                if other.index() == NEAR {
                    let cancelled = self.near.recall(&[attempt]).into_iter();
                    let cancelled = cancelled.map(|one| Returned { attempt: one.attempt(), inputs: None });
                    self.work.take_back(other, cancelled.collect());
                } else {
                    self.send(other, ToWorker::Cancel { run: RUN, number: 0, jobs: vec![attempt] });
                }
            }
        }
    }

    fn perform(&mut self, stream: Stream) {
        let Some(ticket) = self.streams.get_mut(&stream).and_then(VecDeque::pop_front) else { return };
        if self.streams.get(&stream).is_some_and(|queue| !queue.is_empty()) {
            let delay = self.choices.below(3) as u64;
            self.schedule(self.time + delay, Event::Effect(stream));
        }
        let inputs = self.work.state.job(ticket).unwrap().inputs.clone();
        let outcome = if stream == Stream::Input {
            match self.lines.pop_front() {
                Some(line) => output(line.parse::<Value>().unwrap_or_else(|_| Value::from(line))),
                None => Outcome::Done { output: None, run_again: false },
            }
        } else {
            let text = inputs[0].as_str().map_or_else(|| inputs[0].to_string(), str::to_owned);
            self.shown.streams.entry(stream).or_default().push(text);
            Outcome::Done { output: None, run_again: true }
        };
        assert!(self.work.state.finish(ticket, outcome), "an effect happens once");
    }

    fn result(&self, order: JobOrder, nanos: u64) -> JobResult {
        let url = &self.program.implementations[order.implementation].url;
        let outcome = run(url.strip_prefix("lib://test/").unwrap(), &order.inputs);
        JobResult { ticket: order.ticket, attempt: order.attempt, outcome, nanos, notices: vec![] }
    }

    // What workers do, as their sessions do it.

    fn start_worker(&mut self) {
        self.latest_identity += 1;
        let slots = 1 + self.choices.below(3);
        let slowness = [1, 1, 1, 5, 40][self.choices.below(5)];
        self.workers.push(Worker {
            bench: Bench { slots, ..Bench::default() },
            is_alive: true,
            life: 0,
            identity: self.latest_identity,
            stopped_until: 0,
            is_welcome: false,
            heard: self.time,
            retry_at: u64::MAX,
            sequence: Sequence::default(),
            last_arrival: [0; 2],
            slowness,
        });
        let worker = self.workers.len() - 1;
        self.tell(|| format!("worker {worker} joins with {slots} threads"));
        self.introduce(worker);
        self.schedule(self.time + HEARTBEAT, Event::WorkerLooks { worker, life: 0 });
    }

    fn introduce(&mut self, number: usize) {
        let worker = &mut self.workers[number];
        worker.is_welcome = false;
        worker.life += 1;
        worker.bench.waiting.clear();
        worker.bench.running.clear();
        let hello = Hello { protocol: PROTOCOL, slots: worker.bench.slots, ..Hello::default() };
        self.worker_sends(number, FromWorker::Hello(hello));
    }

    /// Begins with another connection, which the runner does not know.
    fn connect_anew(&mut self, number: usize) {
        self.latest_identity += 1;
        self.workers[number].identity = self.latest_identity;
        self.workers[number].last_arrival = [self.time; 2];
    }

    fn worker_sends(&mut self, number: usize, mut message: FromWorker) {
        let worker = &mut self.workers[number];
        if let Some(number) = message.number_mut() {
            *number = worker.sequence.advance();
        }
        let (from, frame) = (worker.identity, message.encode());
        for time in self.arrivals(number, 1) {
            self.schedule(time, Event::ToRunner { from, frame: frame.clone() });
        }
    }

    /// When a message arrives, if it does, and how often.
    fn arrivals(&mut self, worker: usize, direction: usize) -> Vec<u64> {
        let delay = [0, 1, 1, 3, 20, 200][self.choices.below(6)];
        let is_harsh = self.plan.network == Network::Harsh && self.time < MISHAPS;
        if is_harsh {
            match self.choices.below(12) {
                0 => return vec![],
                1 => {
                    let again = self.choices.below(3_000) as u64;
                    return vec![self.time + delay, self.time + delay + again];
                }
                2 => return vec![self.time + delay + self.choices.below(2_000) as u64],
                _ => {}
            }
        }
        let last = &mut self.workers[worker].last_arrival[direction];
        *last = (*last).max(self.time + delay);
        vec![*last]
    }

    fn worker_receives(&mut self, number: usize, message: ToWorker) {
        self.tell(|| format!("to worker {number}: {message:?}"));
        let time = self.time;
        let worker = &mut self.workers[number];
        if worker.is_welcome || matches!(message, ToWorker::Welcome { .. }) {
            worker.heard = time;
        }
        let arrival = message.number().map(|number| worker.sequence.take(number));
        let is_missing = match &message {
            ToWorker::Heartbeat { sent, .. } => worker.sequence.is_missing(*sent),
            _ => arrival == Some(Arrival::Gap),
        };
        if arrival == Some(Arrival::Again) {
            return;
        }
        if is_missing && worker.is_welcome {
            self.worker_sends(number, FromWorker::Goodbye { run: RUN });
            self.introduce(number);
            return;
        }
        match message {
            ToWorker::Welcome { session, .. } => {
                (worker.sequence, worker.is_welcome) = (Sequence::of_session(session), true);
                worker.retry_at = u64::MAX;
                self.worker_sends(number, FromWorker::Ready { run: RUN, number: 0 });
            }
            ToWorker::Jobs { orders, .. } if worker.is_welcome => {
                worker.bench.waiting.extend(orders);
                self.begin(number);
            }
            ToWorker::Recall { jobs, .. } => {
                let returned = worker.bench.recall(&jobs).iter().map(JobOrder::attempt).collect();
                self.give_back(number, returned);
            }
            ToWorker::Cancel { jobs, .. } => {
                let mut returned: Vec<_> = worker.bench.recall(&jobs).iter().map(JobOrder::attempt).collect();
                // A module ends, native code does not.
                if self.choices.below(2) == 0 {
                    let worker = &mut self.workers[number];
                    let is_module = |order: &JobOrder| jobs.contains(&order.attempt());
                    returned.extend(
                        worker.bench.running.iter().filter(|one| is_module(one)).map(JobOrder::attempt),
                    );
                    worker.bench.running.retain(|order| !is_module(order));
                    self.begin(number);
                }
                self.give_back(number, returned);
            }
            ToWorker::Stranger { .. } if worker.is_welcome => self.introduce(number),
            _ => {}
        }
    }

    fn give_back(&mut self, number: usize, jobs: Vec<crate::dispatch::Attempt>) {
        if !jobs.is_empty() {
            self.worker_sends(number, FromWorker::Returned { run: RUN, number: 0, jobs });
        }
    }

    fn begin(&mut self, number: usize) {
        loop {
            let worker = &mut self.workers[number];
            if worker.bench.running.len() >= worker.bench.slots {
                return;
            }
            let Some(order) = worker.bench.waiting.pop_front() else { return };
            worker.bench.running.push(order.clone());
            let (life, slowness) = (worker.life, worker.slowness);
            let time = self.duration(slowness);
            let done = Event::Done { by: Some(number), life, order, nanos: time * 1_000_000 };
            self.schedule(self.time + time, done);
        }
    }

    /// What a job takes: mostly little, at times much more than any like it.
    fn duration(&mut self, slowness: u64) -> u64 {
        let time = [0, 1, 2, 5, 30, 700][self.choices.below(6)];
        let long = if self.choices.below(60) == 0 { 3_000 } else { 0 };
        // A long end shows nothing that a long middle does not.
        if self.time < MISHAPS { (time + long) * slowness } else { time.min(30) }
    }

    fn worker_done(&mut self, number: usize, life: u64, order: JobOrder, nanos: u64) {
        let worker = &mut self.workers[number];
        if !worker.is_alive || worker.life != life {
            return;
        }
        if self.time < worker.stopped_until {
            let until = worker.stopped_until;
            self.schedule(until, Event::Done { by: Some(number), life, order, nanos });
            return;
        }
        let Some(place) = worker.bench.running.iter().position(|running| *running == order) else { return };
        worker.bench.running.remove(place);
        let window = worker.bench.slots * [1, 2, 2, 8][self.choices.below(4)];
        self.begin(number);
        let results = vec![self.result(order, nanos)];
        self.worker_sends(number, FromWorker::Results { run: RUN, number: 0, window, results });
    }

    fn worker_looks(&mut self, number: usize, life: u64) {
        let time = self.time;
        let worker = &mut self.workers[number];
        if !worker.is_alive {
            return;
        }
        self.schedule(time + HEARTBEAT, Event::WorkerLooks { worker: number, life });
        let worker = &mut self.workers[number];
        if time < worker.stopped_until {
            return;
        }
        if time >= worker.retry_at {
            worker.retry_at = u64::MAX;
            worker.heard = time;
            self.connect_anew(number);
            self.introduce(number);
        } else if worker.retry_at == u64::MAX && time - worker.heard > PATIENCE {
            // The session is over; the worker tries again later.
            worker.is_welcome = false;
            worker.life += 1;
            worker.bench.waiting.clear();
            worker.bench.running.clear();
            worker.retry_at = time + PATIENCE;
        } else if worker.is_welcome {
            let sent = worker.sequence.sent();
            self.worker_sends(number, FromWorker::Heartbeat { run: RUN, sent });
        }
    }

    // What goes wrong.

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

/// Some hundreds of seeds, or as many as `FLOW_SEEDS` says, shared by all processors; with `FLOW_SEED` that one, and
/// all that happens.
#[test]
fn any_mishaps_show_what_the_one_at_a_time_run_shows() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    if let Some(seed) = number("FLOW_SEED") {
        println!("{:?}", simulate_cluster(seed, true));
        return;
    }
    let seeds = number("FLOW_SEEDS").unwrap_or(400);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let run = |first: u64| {
        let mut sum = Summary::default();
        for seed in (first..seeds).step_by(threads as usize) {
            let outcome = std::panic::catch_unwind(|| simulate_cluster(seed, false));
            let Ok(one) = outcome else { return Err(seed) };
            sum.copies += one.copies;
            sum.recalled += one.recalled;
            sum.lost += one.lost;
            sum.stale += one.stale;
            sum.duplicate += one.duplicate;
            sum.given_up += one.given_up;
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
    for sum in outcomes.iter().flatten() {
        println!("{sum:?}");
        // A simulation in which nothing goes wrong would show nothing.
        assert!(
            seeds < 400
                || [sum.copies, sum.recalled, sum.lost, sum.stale, sum.duplicate, sum.given_up]
                    .iter()
                    .all(|&count| count > 0)
        );
    }
}
