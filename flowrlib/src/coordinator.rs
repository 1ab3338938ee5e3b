//! The one loop that owns a run: it hands out ready jobs, takes what came of them, and ends when nothing is left.
//!
//! The rules are elsewhere, in the run state (what follows from a result) and in dispatch (who gets what). Here their
//! decisions are carried out. The coordinator never waits for anything but the next event.

use crate::context::Stream;
use crate::cost::{Costs, Size};
use crate::dispatch::{Dispatch, ExecutorId};
use crate::executor::{Code, CodeTable, Execution, JobOrder, JobResult, execute, execute_briefly, window};
use crate::program::{FunctionId, ImplementationId, ImplementationKind, Program};
use crate::state::{Notice, Outcome, RunState, Ticket};
use crate::stop::Stop;
use crate::streams::{Effect, Streams};
use crate::table::Table;
use crate::terms::{ExecutorReport, Report, RunConfig, RunError};
use crate::transport::service::{Service, ServiceConfig};
use crate::transport::{Event, ExecutorIds, Joined, Link, Place};
use crossbeam_channel::{Receiver, Sender, TryRecvError};
use flowcore::notice::{Notice as FunctionNotice, NoticeKind};
use log::{debug, error, info, warn};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Jobs that take no longer than this are run by the coordinator itself: handing them over costs as much.
const TINY_NANOS: u64 = 250;

/// Jobs that take no longer than this are run by the coordinator where few are ready: in a loop whose every job waits
/// for the one before, waking another thread would be most of the time.
const SMALL_NANOS: u64 = 5_000;

/// What it takes to wake another thread. While all that is ready could be done in that time, others are no help.
const WAKING_NANOS: u64 = 20_000;

/// How long the coordinator runs jobs itself before it looks at its events again. It goes by what jobs are expected to
/// take, since looking at the clock would take longer than most of them.
const STRETCH_NANOS: u64 = 64 * TINY_NANOS;

/// How long the coordinator stays awake when there is nothing to do but to wait for results. It yields meanwhile, so
/// that it takes no time from executors that have work.
const HOT: Duration = Duration::from_micros(20);

/// How much work the runner's own threads want to have at hand.
const LOCAL_AHEAD: Duration = Duration::from_micros(100);

/// How often leases are looked at.
const LEASE_CHECK: Duration = Duration::from_millis(250);

/// How long a run waits for its first worker before it says so louder.
const LONG_WAIT: Duration = Duration::from_secs(10);

/// When the job service is opened.
pub(crate) enum Opening {
    /// Not at all, or already done.
    Settled,
    /// At that time.
    At(Instant, Box<ServiceConfig>),
}

/// Everything a run consists of.
pub(crate) struct Coordinator<'run> {
    pub(crate) program: &'run Program,
    pub(crate) config: &'run RunConfig,
    pub(crate) codes: Arc<CodeTable>,
    pub(crate) state: RunState<'run>,
    pub(crate) dispatch: Dispatch,
    pub(crate) costs: Costs,
    pub(crate) streams: Streams,
    pub(crate) executors: BTreeMap<ExecutorId, Attached>,
    pub(crate) ids: Arc<ExecutorIds>,
    pub(crate) events: Receiver<Event>,
    pub(crate) sender: Sender<Event>,
    pub(crate) opening: Opening,
    pub(crate) service: Option<Service>,
    /// For functions that wait for input, what tells that the next job would not.
    pub(crate) at_hand: Table<ImplementationId, Option<Arc<AtomicBool>>>,
    /// Jobs that wait for input and are not started before everything else has been done.
    pub(crate) held: VecDeque<Ticket>,
    /// Jobs of context functions that were started.
    pub(crate) in_streams: usize,
    /// Jobs of context functions that were done.
    pub(crate) context_jobs: u64,
    pub(crate) most_parallel: usize,
    pub(crate) started: Instant,
    pub(crate) waiting_since: Option<Waiting>,
    /// Why the run is to end before its end.
    pub(crate) stopped: Option<Stop>,
    /// What functions have remarked, and how often.
    pub(crate) noted: BTreeMap<(FunctionId, NoticeKind), u64>,
}

/// An executor that is or was attached.
pub(crate) struct Attached {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) slots: usize,
    pub(crate) jobs: u64,
    /// None once it has left.
    pub(crate) link: Option<Box<dyn Link>>,
}

/// A wait for workers while jobs are ready.
pub(crate) struct Waiting {
    since: Instant,
    warned: bool,
}

impl<'run> Coordinator<'run> {
    /// Runs the flow to its end.
    pub(crate) fn run(mut self) -> Result<Report, RunError> {
        self.state.start();
        let ended = self.work();
        self.finish(ended)
    }

    /// Works until there is nothing left to do, or a reason to stop before.
    fn work(&mut self) -> Result<(), RunError> {
        loop {
            // What the clock brings, such as the jobs of a lost worker, is handed out before anything is waited for.
            self.attend_to_time()?;
            self.hand_out()?;
            self.tell();
            let has_failed = self.config.fail_fast && self.state.counts().jobs_failed > 0;
            if self.state.has_ended() || has_failed || self.stopped.is_some() {
                return Ok(());
            }
            self.take_events()?;
        }
    }

    /// Hands out ready jobs as far as limits and credit allow.
    fn hand_out(&mut self) -> Result<(), RunError> {
        let mut stretch = STRETCH_NANOS;
        while self.running() < self.config.limit() && stretch > 0 {
            let Some(ticket) = self.state.next_ready() else { break };
            if let Some(nanos) = self.route(ticket)? {
                stretch = stretch.saturating_sub(nanos.max(TINY_NANOS));
            }
        }
        self.assign();
        self.release_held()?;
        self.most_parallel = self.most_parallel.max(self.running());
        Ok(())
    }

    /// How many jobs were handed out and are not finished.
    fn running(&self) -> usize {
        self.dispatch.waiting() + self.dispatch.unfinished() + self.in_streams
    }

    /// Sends one job the way it has to go; if it was done at once, says in how many nanoseconds about.
    fn route(&mut self, ticket: Ticket) -> Result<Option<u64>, RunError> {
        let Some(job) = self.state.job(ticket) else { return Ok(None) };
        let (function, size) = (job.function, job.size);
        let implementation = self.program.functions[function].implementation;
        let code = match self.codes.find(implementation) {
            Some(Ok(code)) => code.clone(),
            Some(Err(reason)) => {
                let outcome = Outcome::Failed(reason.clone());
                self.state.finish(ticket, outcome);
                return Ok(Some(0));
            }
            None => return Ok(None),
        };
        match self.program.implementations[implementation].kind {
            ImplementationKind::Context { stream: Some(stream), waits_for_input, in_memory, .. } => {
                if waits_for_input && self.config.holds_input() {
                    self.held.push_back(ticket);
                } else if waits_for_input && self.finds_input(implementation)
                    || in_memory && self.streams.is_idle(stream) && !self.streams.are_far()
                {
                    self.run_effect(ticket, function, &code);
                    return Ok(Some(0));
                } else {
                    self.perform(Some(stream), ticket)?;
                }
                Ok(None)
            }
            ImplementationKind::Context { stream: None, .. } if self.streams.are_far() => {
                self.perform(None, ticket)?;
                Ok(None)
            }
            ImplementationKind::Context { stream: None, .. } => {
                self.run_effect(ticket, function, &code);
                Ok(Some(0))
            }
            ImplementationKind::Library | ImplementationKind::Provided => {
                if let Some(expected) = self.is_better_done_here(function, size)
                    && self.run_here(ticket, function, size, &code)
                {
                    return Ok(Some(expected));
                }
                self.dispatch.push(ticket);
                Ok(None)
            }
        }
    }

    /// Runs a tiny job; says whether it was done. What is not done soon, or may not end, is for others.
    fn run_here(&mut self, ticket: Ticket, function: FunctionId, size: Size, code: &Code) -> bool {
        let begun = Instant::now();
        let execution = match code {
            Code::Native(code) => {
                let mut inputs = self.state.surrender_inputs(ticket).unwrap_or_default();
                execute(*code, &mut inputs)
            }
            Code::Module(module) => {
                let Some(job) = self.state.job(ticket) else { return false };
                let Some(execution) = execute_briefly(module, job.inputs) else {
                    self.costs.learn(function, size, nanos(begun.elapsed()));
                    return false;
                };
                execution
            }
            Code::Loaded(_) => return false,
        };
        self.costs.learn(function, size, execution.nanos(begun.elapsed()));
        self.most_parallel = self.most_parallel.max(self.running() + 1);
        if let Some(own) = self.executors.values_mut().find(|one| one.place == Place::Runner) {
            own.jobs += 1;
        }
        self.note(function, execution.notices);
        self.state.finish(ticket, execution.outcome);
        true
    }

    /// Tells what a function wants a person to know: the first time of each kind aloud, then it only counts.
    fn note(&mut self, function: FunctionId, notices: Vec<FunctionNotice>) {
        for notice in notices {
            let count = self.noted.entry((function, notice.kind)).or_insert(0);
            *count += 1;
            if *count == 1 {
                let name = self.program.functions[function].display_name(self.program);
                warn!("{name}: {}", notice.text);
            }
        }
    }

    /// What a job is expected to take, if handing it over would cost more than running it.
    fn is_better_done_here(&self, function: FunctionId, size: Size) -> Option<u64> {
        // A job under a limit may have to be given up, and this thread cannot be.
        if self.config.threads == 0 || self.config.job_limit.is_some() {
            return None;
        }
        let expected = self.costs.expected(function, size)?;
        // With more waiting than others want, they would not have it before us.
        let has_time = || {
            let ready = (self.state.ready_jobs() + self.dispatch.waiting() + 1) as u64;
            expected.saturating_mul(ready) <= WAKING_NANOS || self.dispatch.waiting() > 0
        };
        let is_better = expected <= TINY_NANOS || (expected <= SMALL_NANOS && has_time());
        is_better.then_some(expected)
    }

    /// Whether a job that waits for input, and was handed out, would find what it takes, and no other is before it.
    fn finds_input(&self, implementation: ImplementationId) -> bool {
        self.state.waiting_for_input() == 1
            && self.at_hand[implementation].as_ref().is_some_and(|at_hand| at_hand.load(Ordering::Acquire))
    }

    /// Runs a job of a context function here and now.
    fn run_effect(&mut self, ticket: Ticket, function: FunctionId, code: &Code) {
        let mut inputs = self.state.surrender_inputs(ticket).unwrap_or_default();
        let Execution { outcome, notices, .. } = execute(&**code, &mut inputs);
        self.context_jobs += 1;
        self.note(function, notices);
        self.state.finish(ticket, outcome);
    }

    fn perform(&mut self, stream: Option<Stream>, ticket: Ticket) -> Result<(), RunError> {
        let Some(job) = self.state.job(ticket) else { return Ok(()) };
        let implementation = self.program.functions[job.function].implementation;
        if let Some(Ok(code)) = self.codes.find(implementation) {
            let effect = Effect { ticket, implementation, code: code.clone(), inputs: job.inputs.clone() };
            self.streams.perform(stream, effect).map_err(RunError::Thread)?;
            self.in_streams += 1;
        }
        Ok(())
    }

    /// Starts a job that waits for input, once nothing else is left to do.
    fn release_held(&mut self) -> Result<(), RunError> {
        if self.running() == 0
            && self.state.ready_jobs() == 0
            && let Some(ticket) = self.held.pop_front()
        {
            self.perform(Some(Stream::Input), ticket)?;
        }
        Ok(())
    }

    /// Gives jobs to executors that want them.
    fn assign(&mut self) {
        let Coordinator { dispatch, state, costs, executors, program, .. } = self;
        while let Some((id, tickets)) =
            dispatch.assign(|ticket| state.job(ticket).and_then(|job| costs.expected(job.function, job.size)))
        {
            let Some(Attached { place, link: Some(link), .. }) = executors.get(&id) else { continue };
            let orders = tickets.into_iter().filter_map(|ticket| {
                let job = state.job(ticket)?;
                let implementation = program.functions[job.function].implementation;
                let inputs = match place {
                    Place::Runner => state.surrender_inputs(ticket)?,
                    // A worker may be lost, and its jobs are then run again.
                    Place::Worker => job.inputs.clone(),
                };
                Some(JobOrder { ticket, implementation, inputs })
            });
            link.send(orders.collect());
        }
    }

    /// Waits for the next event and takes all that have come.
    fn take_events(&mut self) -> Result<(), RunError> {
        // With jobs left to hand out there is no time to wait.
        let can_go_on = self.state.ready_jobs() > 0 && self.running() < self.config.limit();
        if !can_go_on && let Some(event) = self.wait() {
            self.take(event)?;
        }
        while let Ok(event) = self.events.try_recv() {
            self.take(event)?;
        }
        Ok(())
    }

    /// The next event; none if something else is due first.
    fn wait(&mut self) -> Option<Event> {
        let idle_since = Instant::now();
        loop {
            match self.events.try_recv() {
                Ok(event) => return Some(event),
                Err(TryRecvError::Empty) if idle_since.elapsed() < HOT => std::thread::yield_now(),
                Err(_) => break,
            }
        }
        match self.next_deadline() {
            None => self.events.recv().ok(),
            Some(deadline) => self.events.recv_deadline(deadline).ok(),
        }
    }

    /// When something is due even if nothing happens.
    fn next_deadline(&self) -> Option<Instant> {
        let opening = match &self.opening {
            Opening::At(time, _) => Some(*time),
            Opening::Settled => None,
        };
        let workers = self.executors.values().any(|one| one.place == Place::Worker && one.link.is_some());
        let lease_check = workers.then(|| Instant::now() + LEASE_CHECK);
        let warning =
            self.waiting_since.as_ref().filter(|waiting| !waiting.warned).map(|one| one.since + LONG_WAIT);
        [opening, lease_check, warning].into_iter().flatten().min()
    }

    /// Does what the clock says.
    fn attend_to_time(&mut self) -> Result<(), RunError> {
        let now = Instant::now();
        if let Opening::At(time, _) = &self.opening
            && *time <= now
            && let Opening::At(_, config) = std::mem::replace(&mut self.opening, Opening::Settled)
        {
            let service = Service::open(*config, Arc::clone(&self.ids), self.sender.clone());
            match service {
                Ok(service) => self.service = Some(service),
                Err(error) if self.config.threads == 0 => return Err(RunError::Thread(error)),
                Err(error) => warn!("workers cannot join: the job service cannot be started: {error}"),
            }
        }
        for id in self.dispatch.expired(now) {
            warn!(
                "lost worker '{}': not heard of for too long",
                self.executors.get(&id).map_or("", |one| &one.name)
            );
            if let Some(service) = &self.service {
                service.forget(id);
            }
            self.detach(id);
        }
        self.watch_for_workers(now);
        Ok(())
    }

    /// Says that the run waits for a worker, if it does.
    fn watch_for_workers(&mut self, now: Instant) {
        if self.dispatch.waiting() == 0 || self.dispatch.executors() > 0 {
            self.waiting_since = None;
            return;
        }
        let waiting = self.waiting_since.get_or_insert_with(|| {
            info!("Waiting for a worker: jobs are ready and there is no executor");
            Waiting { since: now, warned: false }
        });
        if !waiting.warned && now >= waiting.since + LONG_WAIT {
            warn!("still waiting for a worker; start 'flowrex', or run with '-t 1' or more");
            waiting.warned = true;
        }
    }

    fn take(&mut self, event: Event) -> Result<(), RunError> {
        match event {
            Event::Results { executor, window, results } => self.take_results(executor, window, results),
            Event::ContextResults(results) => {
                self.context_jobs += results.len() as u64;
                for result in results {
                    self.in_streams -= 1;
                    if let Some(job) = self.state.job(result.ticket) {
                        self.note(job.function, result.notices);
                    }
                    self.state.finish(result.ticket, result.outcome);
                }
            }
            Event::Stop(stop) => self.stopped = self.stopped.or(Some(stop)),
            Event::Joined(joined) => self.attach(joined),
            Event::Heard(executor) => self.dispatch.heard(executor, Instant::now()),
            Event::Left(executor) => self.detach(executor),
            Event::ServiceOpened(address) => debug!("workers can join at {address}"),
            Event::ServiceFailed(reason) if self.config.threads == 0 => {
                return Err(RunError::Service(reason));
            }
            Event::ServiceFailed(reason) => warn!("workers cannot join: the job service {reason}"),
        }
        Ok(())
    }

    fn take_results(&mut self, executor: ExecutorId, wanted: Option<usize>, results: Vec<JobResult>) {
        self.dispatch.heard(executor, Instant::now());
        let mut own_slots = None;
        if let Some(attached) = self.executors.get(&executor) {
            own_slots = (attached.place == Place::Runner).then_some(attached.slots);
        }
        let mut done = 0;
        for JobResult { ticket, outcome, nanos, notices } in results {
            if !self.dispatch.finished(executor, ticket) {
                debug!("dropped an answer that nobody waits for");
                continue;
            }
            done += 1;
            if let Some(job) = self.state.job(ticket) {
                self.costs.learn(job.function, job.size, nanos);
                self.note(job.function, notices);
            }
            self.state.finish(ticket, outcome);
        }
        if let Some(attached) = self.executors.get_mut(&executor) {
            attached.jobs += done;
        }
        let own = own_slots.map(|slots| window(slots, self.costs.mean(), LOCAL_AHEAD));
        if let Some(window) = wanted.or(own) {
            self.dispatch.set_window(executor, window);
        }
    }

    pub(crate) fn attach(&mut self, joined: Joined) {
        let Joined { executor, name, place, slots, window, link } = joined;
        let lease_from = match place {
            Place::Runner => None,
            Place::Worker => {
                info!("worker '{name}' joined with {slots} threads");
                Some(Instant::now())
            }
        };
        self.dispatch.join(executor, slots, window, lease_from);
        self.executors.insert(executor, Attached { name, place, slots, jobs: 0, link: Some(link) });
    }

    fn detach(&mut self, id: ExecutorId) {
        if !self.dispatch.is_attached(id) {
            return;
        }
        let departure = self.dispatch.leave(id);
        if let Some(executor) = self.executors.get_mut(&id) {
            executor.link = None;
            info!("worker '{}' left; {} jobs are run again", executor.name, departure.requeued);
        }
        for ticket in departure.given_up {
            let attempts = crate::dispatch::MOST_ATTEMPTS;
            self.state.finish(
                ticket,
                Outcome::Failed(format!("lost with its executor in all of {attempts} attempts")),
            );
        }
    }

    /// Tells the log what has come up.
    fn tell(&mut self) {
        for notice in self.state.take_notices() {
            let name = |id: FunctionId| self.program.functions[id].display_name(self.program);
            match notice {
                Notice::JobFailed { job, function, reason } => {
                    error!("{}: job {} failed: {reason}", name(function), job.0);
                }
                Notice::ValueLost { source, destination, input } => warn!(
                    "{} sends a value to input {input} of {} that nests too deeply, or not deeply enough, to be taken",
                    name(source),
                    name(destination)
                ),
                Notice::InitialLost { function, input } => warn!(
                    "input {input} of {} has an initial value that nests too deeply, or not deeply enough, to be taken",
                    name(function)
                ),
            }
        }
    }

    /// Ends everything in good order, and tells how it went.
    fn finish(mut self, ended: Result<(), RunError>) -> Result<Report, RunError> {
        let elapsed = self.started.elapsed();
        // Workers learn that the run is over before threads are waited for.
        self.service = None;
        let end = self.streams.finish(self.stopped.is_some());
        end.failures.iter().for_each(|failure| error!("{failure}"));
        ended?;
        // A run that was cut short leaves everything unfinished.
        let unfinished = if self.state.has_ended() { self.state.unfinished() } else { Vec::new() };
        for one in &unfinished {
            let function = &self.program.functions[one.function];
            let names = one
                .lacking
                .iter()
                .filter_map(|&number| function.inputs.get(number).map(|input| (number, input)));
            let names: Vec<String> = names
                .map(
                    |(number, input)| {
                        if input.name.is_empty() { number.to_string() } else { input.name.clone() }
                    },
                )
                .collect();
            info!(
                "{} was left with values and nothing on input {}",
                function.display_name(self.program),
                names.join(", ")
            );
        }
        for ((function, kind), count) in self.noted.iter().filter(|(_, count)| **count > 1) {
            let name = self.program.functions[*function].display_name(self.program);
            info!(
                "{name} {} {count} times",
                match kind {
                    NoticeKind::LostValue => "had no value to send",
                    NoticeKind::Remark => "had something to remark",
                }
            );
        }
        let unsent = self.noted.iter().filter(|((_, kind), _)| *kind == NoticeKind::LostValue);
        let values_unsent = unsent.map(|(_, count)| count).sum();
        let executors = self.executors.into_values().filter(|one| one.jobs > 0);
        Ok(Report {
            functions: self.program.functions.len(),
            counts: self.state.counts(),
            most_parallel: self.most_parallel,
            elapsed,
            executors: executors
                .map(|one| ExecutorReport { name: one.name, place: one.place, jobs: one.jobs })
                .collect(),
            context_jobs: self.context_jobs,
            unfinished: unfinished.len(),
            failures_at_end: end.failures.len(),
            left_behind: end.left_behind,
            stopped: self.stopped,
            values_unsent,
        })
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
