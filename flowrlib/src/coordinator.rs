//! The one loop that owns a run: it hands out ready jobs, takes what came of them, and ends when nothing is left.
//!
//! The rules are elsewhere, in the run state (what follows from a result) and in dispatch (who gets what). Here their
//! decisions are carried out. The coordinator never waits for anything but the next event.

use crate::awake::stay_awake;
use crate::context::Stream;
use crate::cost::Size;
use crate::dispatch::{ExecutorId, LOOK, LOOK_AGAIN, TRIAL, Tally};
use crate::distribution::{Balance, Distribution};
use crate::executor::{
    Code, CodeTable, Execution, JobResult, execute, execute_borrowed, execute_briefly, window,
};
use crate::occupation::{Occupation, PAUSE};
use crate::program::{FunctionId, ImplementationId, ImplementationKind};
use crate::state::{Notice, Outcome, Ticket};
use crate::stop::Stop;
use crate::streams::{Effect, Streams};
use crate::table::Table;
use crate::terms::{ExecutorReport, Report, RunConfig, RunError};
use crate::transport::events::{EventSender, Events};
use crate::transport::service::{Service, ServiceConfig};
use crate::transport::{Event, ExecutorIds, Joined, Link, Place, Traffic};
use flowcore::notice::NoticeKind;
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

/// Jobs that take no longer than this are run by the coordinator where executors have all that they want, while there is
/// nothing else to do.
const SHORT_NANOS: u64 = 10_000;

/// What it takes to wake another thread. While all that is ready could be done in that time, others are no help.
const WAKING_NANOS: u64 = 20_000;

/// How long the coordinator runs jobs itself before it looks at its events again. It goes by what jobs are expected to
/// take, since looking at the clock would take longer than most of them.
const STRETCH_NANOS: u64 = 64 * TINY_NANOS;

/// So many jobs are given to executors before the next result is looked at, or the next ready job: what else is to do may
/// take longer than what executors have at hand lasts.
const MANY_READY: usize = 128;

/// How long the coordinator stays awake when there is nothing to do but to wait for results. It yields meanwhile, so
/// that it takes no time from executors that have work.
const HOT: Duration = Duration::from_micros(20);

/// How much work the runner's own threads want to have at hand: some times what it takes to wake the coordinator. What
/// waits there for one thread waits for all of them, and can be had back for workers.
const LOCAL_AHEAD: Duration = Duration::from_millis(1);

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
    pub(crate) work: Distribution<'run>,
    pub(crate) config: &'run RunConfig,
    pub(crate) codes: Arc<CodeTable>,
    pub(crate) streams: Streams,
    pub(crate) executors: BTreeMap<ExecutorId, Attached>,
    pub(crate) ids: Arc<ExecutorIds>,
    pub(crate) events: Events,
    pub(crate) sender: EventSender,
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
    /// When to look next for executors that idle while others have too much to do.
    pub(crate) next_look: Instant,
    /// Whether executors leave a processor to this thread.
    pub(crate) occupation: Occupation,
}

/// An executor that is or was attached.
pub(crate) struct Attached {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) slots: usize,
    /// Jobs that were done in its place where handing them over would have cost more.
    pub(crate) done_here: u64,
    /// What went there and came back, once it has left.
    pub(crate) traffic: Traffic,
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
        self.occupation = Occupation::new(Instant::now());
        self.work.state.start();
        let ended = self.work();
        self.finish(ended)
    }

    /// Works until there is nothing left to do, or a reason to stop before.
    fn work(&mut self) -> Result<(), RunError> {
        loop {
            // What the clock brings, such as the jobs of a lost worker, is handed out before anything is waited for.
            self.attend_to_time()?;
            let can_go_on = self.hand_out()?;
            self.tell();
            let has_failed = self.config.fail_fast && self.work.state.counts().jobs_failed > 0;
            if self.work.state.has_ended() || has_failed || self.stopped.is_some() {
                return Ok(());
            }
            self.take_events(can_go_on)?;
        }
    }

    /// Hands out ready jobs as far as limits and credit allow, and runs small ones; says whether there is more to do.
    fn hand_out(&mut self) -> Result<bool, RunError> {
        let mut stretch = STRETCH_NANOS;
        let mut handed_on = 0;
        // Counted once: executors read a code where it is counted, and would wait for whoever counts it for each job.
        let codes = Arc::clone(&self.codes);
        while self.running() < self.config.limit() && stretch > 0 {
            let Some(ticket) = self.work.state.next_ready() else { break };
            if let Some(nanos) = self.route(ticket, &codes)? {
                stretch = stretch.saturating_sub(nanos.max(TINY_NANOS));
                continue;
            }
            handed_on += 1;
            if handed_on % MANY_READY == 0 {
                self.assign();
            }
        }
        self.assign();
        let lends_a_hand = self.lend_a_hand(stretch, &codes);
        self.release_held()?;
        self.most_parallel = self.most_parallel.max(self.running());
        let is_ready = self.work.state.ready_jobs() > 0 && self.running() < self.config.limit();
        Ok(lends_a_hand || is_ready)
    }

    /// Runs short jobs that wait because executors have all that they want, until something has happened or it has taken
    /// so long; says whether it could go on.
    fn lend_a_hand(&mut self, mut stretch: u64, codes: &CodeTable) -> bool {
        while let Some(ticket) = self.work.dispatch.first_waiting() {
            let Some(job) = self.work.state.job(ticket) else { return false };
            let (function, size) = (job.function, job.size);
            let implementation = self.work.program.functions[function].implementation;
            let expected = self.expected_here(function, size).filter(|&nanos| nanos <= SHORT_NANOS);
            let (Some(expected), Some(Ok(code))) = (expected, codes.find(implementation)) else {
                return false;
            };
            if stretch == 0 || !self.events.is_empty() {
                return true;
            }
            self.work.dispatch.take_first();
            if !self.run_here(ticket, function, size, code) {
                self.work.dispatch.put_back_first(ticket);
                return false;
            }
            self.call_off_squashed();
            stretch = stretch.saturating_sub(expected.max(TINY_NANOS));
        }
        false
    }

    /// How many jobs were handed out and are not finished.
    fn running(&self) -> usize {
        let dispatch = &self.work.dispatch;
        dispatch.waiting() + dispatch.unfinished() + dispatch.on_trial() + self.in_streams
    }

    /// Sends one job the way it has to go; if it was done at once, says in how many nanoseconds about.
    fn route(&mut self, ticket: Ticket, codes: &CodeTable) -> Result<Option<u64>, RunError> {
        let Some(job) = self.work.state.job(ticket) else { return Ok(None) };
        let (function, size) = (job.function, job.size);
        let implementation = self.work.program.functions[function].implementation;
        let code = match codes.find(implementation) {
            Some(Ok(code)) => code,
            Some(Err(reason)) => {
                let outcome = Outcome::Failed(reason.clone());
                self.work.state.finish(ticket, outcome);
                return Ok(Some(0));
            }
            None => return Ok(None),
        };
        match self.work.program.implementations[implementation].kind {
            ImplementationKind::Context { stream: Some(stream), waits_for_input, in_memory, .. } => {
                if waits_for_input && self.config.holds_input() {
                    self.held.push_back(ticket);
                } else if waits_for_input && self.finds_input(implementation)
                    || in_memory && self.streams.is_idle(stream) && !self.streams.are_far()
                {
                    self.run_effect(ticket, code);
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
                self.run_effect(ticket, code);
                Ok(Some(0))
            }
            ImplementationKind::Library | ImplementationKind::Provided => {
                if let Some(expected) = self.is_better_done_here(function, size)
                    && self.run_here(ticket, function, size, code)
                {
                    return Ok(Some(expected));
                }
                self.work.dispatch.push(ticket);
                Ok(None)
            }
        }
    }

    /// Runs a tiny job; says whether it was done. What is not done soon, or may not end, is for others.
    fn run_here(&mut self, ticket: Ticket, function: FunctionId, size: Size, code: &Code) -> bool {
        let begun = Instant::now();
        let execution = match code {
            Code::Native(code) => {
                let mut inputs = self.work.state.surrender_inputs(ticket).unwrap_or_default();
                execute(*code, &mut inputs)
            }
            Code::Module(module) => {
                let Some(job) = self.work.state.job(ticket) else { return false };
                let Some(execution) = execute_briefly(module, job.inputs) else {
                    self.work.costs.learn(function, size, nanos(begun.elapsed()));
                    return false;
                };
                execution
            }
            Code::Loaded(_) => return false,
        };
        self.work.costs.learn(function, size, execution.nanos(begun.elapsed()));
        self.most_parallel = self.most_parallel.max(self.running() + 1);
        if let Some(own) = self.executors.values_mut().find(|one| one.place == Place::Runner) {
            own.done_here += 1;
        }
        self.work.state.finish_telling(ticket, execution.outcome, execution.notices);
        true
    }

    /// What a job is expected to take, if it may be run by this thread at all.
    fn expected_here(&self, function: FunctionId, size: Size) -> Option<u64> {
        // A job under a limit may have to be given up, and this thread cannot be.
        if self.config.threads == 0 || self.config.job_limit.is_some() {
            return None;
        }
        self.work.costs.expected(function, size)
    }

    /// What a job is expected to take, if handing it over would cost more than running it.
    fn is_better_done_here(&self, function: FunctionId, size: Size) -> Option<u64> {
        let expected = self.expected_here(function, size)?;
        let is_done_sooner = || {
            let ready = (self.work.state.ready_jobs() + self.work.dispatch.waiting() + 1) as u64;
            expected.saturating_mul(ready) <= WAKING_NANOS
        };
        let is_better = expected <= TINY_NANOS || (expected <= SMALL_NANOS && is_done_sooner());
        is_better.then_some(expected)
    }

    /// Whether a job that waits for input, and was handed out, would find what it takes, and no other is before it.
    fn finds_input(&self, implementation: ImplementationId) -> bool {
        self.work.state.waiting_for_input() == 1
            && self.at_hand[implementation].as_ref().is_some_and(|at_hand| at_hand.load(Ordering::Acquire))
    }

    /// Runs a job of a context function here and now.
    fn run_effect(&mut self, ticket: Ticket, code: &Code) {
        let Some(job) = self.work.state.job(ticket) else { return };
        let Execution { outcome, notices, .. } = execute_borrowed(&**code, job.inputs);
        self.context_jobs += 1;
        self.work.state.finish_telling(ticket, outcome, notices);
    }

    fn perform(&mut self, stream: Option<Stream>, ticket: Ticket) -> Result<(), RunError> {
        let Some(job) = self.work.state.job(ticket) else { return Ok(()) };
        let implementation = self.work.program.functions[job.function].implementation;
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
            && self.work.state.ready_jobs() == 0
            && let Some(ticket) = self.held.pop_front()
        {
            self.perform(Some(Stream::Input), ticket)?;
        }
        Ok(())
    }

    /// Calls off what does not exist any more.
    fn call_off_squashed(&mut self) {
        for (id, jobs) in self.work.withdraw_squashed() {
            debug!("{} jobs are called off, since one before them has failed or was the last", jobs.len());
            if let Some(link) = self.link(id) {
                link.cancel(jobs);
            }
        }
    }

    /// Gives jobs to executors that want them.
    fn assign(&mut self) {
        self.call_off_squashed();
        if self.work.dispatch.waiting() == 0 {
            return;
        }
        let now = Instant::now();
        while let Some((id, orders)) = self.work.assign(now) {
            if let Some(link) = self.link(id) {
                link.send(orders);
            }
        }
    }

    /// Gives executors that idle what others have too much of.
    fn balance(&mut self, now: Instant) {
        if now < self.next_look || !self.work.dispatch.may_rebalance() {
            return;
        }
        self.next_look = now + LOOK_AGAIN;
        self.call_off_squashed();
        self.executors.values_mut().filter_map(|one| one.link.as_mut()).for_each(|link| link.spread());
        while self.running() < self.config.limit()
            && let Some(balance) = self.work.balance(now)
        {
            match balance {
                Balance::Copy(to, order) => {
                    debug!("a job that takes long is given to somebody else as well");
                    if let Some(link) = self.link(to) {
                        link.send(vec![order]);
                    }
                }
                Balance::Recall(from, jobs) => {
                    debug!("{} jobs are asked back for others that have nothing to do", jobs.len());
                    if let Some(link) = self.link(from) {
                        link.recall(jobs);
                    }
                }
            }
        }
    }

    fn link(&mut self, id: ExecutorId) -> Option<&mut Box<dyn Link>> {
        self.executors.get_mut(&id)?.link.as_mut()
    }

    /// Waits for the next event and takes all that have come.
    fn take_events(&mut self, can_go_on: bool) -> Result<(), RunError> {
        // With jobs left to hand out or to run there is no time to wait.
        if !can_go_on && let Some(event) = self.wait() {
            self.take(event)?;
        }
        while let Some(event) = self.events.try_next() {
            self.take(event)?;
        }
        Ok(())
    }

    /// The next event; none if something else is due first.
    fn wait(&mut self) -> Option<Event> {
        let begun = Instant::now();
        let event = self.next_event();
        self.occupation.rested(begun.elapsed());
        event
    }

    fn next_event(&mut self) -> Option<Event> {
        if stay_awake(HOT, || !self.events.is_empty()) {
            return self.events.try_next();
        }
        let deadline = self.next_deadline();
        if self.occupation.is_busy() {
            // Executors are not woken for a moment's rest.
            let soon = Instant::now() + PAUSE;
            let event = self.events.next_by(Some(deadline.map_or(soon, |deadline| deadline.min(soon))));
            if event.is_some() {
                return event;
            }
            self.occupation.paused(Instant::now());
            self.leave_room();
        }
        self.events.next_by(deadline)
    }

    /// Has executors leave a processor to this thread, or take it.
    fn leave_room(&mut self) {
        let is_needed = self.occupation.is_busy();
        let links = self.executors.values_mut().filter_map(|one| one.link.as_mut());
        links.for_each(|link| link.leave_room(is_needed));
    }

    /// When something is due even if nothing happens.
    fn next_deadline(&self) -> Option<Instant> {
        let opening = match &self.opening {
            Opening::At(time, _) => Some(*time),
            Opening::Settled => None,
        };
        let workers = self.executors.values().any(|one| one.place == Place::Worker && one.link.is_some());
        let is_looking = workers || self.work.dispatch.on_trial() > 0;
        let lease_check = is_looking.then(|| Instant::now() + LOOK);
        let warning =
            self.waiting_since.as_ref().filter(|waiting| !waiting.warned).map(|one| one.since + LONG_WAIT);
        let look = self.work.dispatch.may_rebalance().then_some(self.next_look);
        [opening, lease_check, warning, look].into_iter().flatten().min()
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
        self.balance(now);
        if self.occupation.look(now) {
            self.leave_room();
        }
        for id in self.work.dispatch.expired(now) {
            warn!(
                "lost worker '{}': not heard of for too long",
                self.executors.get(&id).map_or("", |one| &one.name)
            );
            if let Some(service) = &self.service {
                service.forget(id);
            }
            self.detach(id);
        }
        self.work.judge(now);
        self.watch_for_workers(now);
        Ok(())
    }

    /// Says that the run waits for a worker, if it does.
    fn watch_for_workers(&mut self, now: Instant) {
        if self.work.dispatch.waiting() == 0 || self.work.dispatch.executors() > 0 {
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
            Event::Results { executor, window, results } => self.take_results(executor, window, results)?,
            Event::ContextResults(results) => {
                self.context_jobs += results.len() as u64;
                for result in results {
                    self.in_streams -= 1;
                    self.work.state.finish_telling(result.ticket, result.outcome, result.notices);
                }
            }
            Event::Stop(stop) => self.stopped = self.stopped.or(Some(stop)),
            Event::Returned { executor, jobs } => {
                self.work.dispatch.heard(executor, Instant::now());
                self.work.take_back(executor, jobs);
            }
            Event::Foreign(answers) => self.work.dropped.foreign += answers,
            Event::StatusWanted => self.config.status.tell(&self.report()),
            Event::Joined(joined) => self.attach(joined),
            Event::Heard(executor) => self.work.dispatch.heard(executor, Instant::now()),
            Event::Left(executor) => self.detach(executor),
            Event::IsBack(executor) => self.work.dispatch.is_back(executor),
            Event::ServiceOpened(address) => debug!("workers can join at {address}"),
            Event::ServiceFailed(reason) if self.config.threads == 0 => {
                return Err(RunError::Service(reason));
            }
            Event::ServiceFailed(reason) => warn!("workers cannot join: the job service {reason}"),
        }
        Ok(())
    }

    fn take_results(
        &mut self,
        executor: ExecutorId,
        wanted: Option<usize>,
        results: Vec<JobResult>,
    ) -> Result<(), RunError> {
        let now = Instant::now();
        self.work.dispatch.heard(executor, now);
        self.work.dispatch.progressed(executor, now);
        let mut own_slots = None;
        if let Some(attached) = self.executors.get(&executor) {
            own_slots = (attached.place == Place::Runner).then_some(attached.slots);
        }
        if own_slots.is_some() {
            self.occupation.progressed(now);
        }
        for result in results {
            let others = self.work.finish(executor, result);
            for (other, attempt) in others {
                debug!("a job was done twice; the second time is called off");
                if let Some(link) = self.link(other) {
                    link.cancel(vec![attempt]);
                }
            }
            // One result may be a thousand values, and executors have not that much at hand.
            if self.work.state.ready_jobs() >= MANY_READY {
                self.hand_out()?;
            }
        }
        let own = own_slots.map(|slots| window(slots, self.work.costs.mean(), LOCAL_AHEAD));
        if let Some(window) = wanted.or(own) {
            self.work.dispatch.set_window(executor, window);
        }
        Ok(())
    }

    pub(crate) fn attach(&mut self, joined: Joined) {
        let Joined { executor, name, place, slots, window, is_slow, link } = joined;
        let lease_from = match place {
            Place::Runner => None,
            Place::Worker => {
                info!("worker '{name}' joined with {slots} threads");
                Some(Instant::now())
            }
        };
        self.work.dispatch.join(executor, slots, window, lease_from);
        if is_slow {
            self.work.dispatch.mark_slow(executor);
        }
        let traffic = Traffic::default();
        self.executors
            .insert(executor, Attached { name, place, slots, done_here: 0, traffic, link: Some(link) });
    }

    fn detach(&mut self, id: ExecutorId) {
        if !self.work.dispatch.is_attached(id) {
            return;
        }
        let departure = self.work.lose(id, Instant::now());
        if let Some(executor) = self.executors.get_mut(&id) {
            executor.traffic = executor.link.take().map_or(executor.traffic, |link| link.traffic());
            info!("worker '{}' left; {} jobs are run again", executor.name, departure.requeued);
        }
        if departure.on_trial > 0 {
            warn!(
                "{} jobs were lost with their executors in all attempts; they fail in {} s unless one of these comes back",
                departure.on_trial,
                TRIAL.as_secs()
            );
        }
    }

    /// Tells the log what has come up; of what a function says over and over, the first time.
    fn tell(&mut self) {
        for notice in self.work.state.take_notices() {
            let name = |id: FunctionId| self.work.program.functions[id].display_name(self.work.program);
            match notice {
                Notice::Told { function, notice } => {
                    let count = self.noted.entry((function, notice.kind)).or_insert(0);
                    *count += 1;
                    if *count == 1 {
                        warn!("{}: {}", name(function), notice.text);
                    }
                }
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
        let report = self.report();
        // Workers learn that the run is over before threads are waited for.
        self.service = None;
        let end = self.streams.finish(self.stopped.is_some());
        end.failures.iter().for_each(|failure| error!("{failure}"));
        ended?;
        // A run that was cut short leaves everything unfinished.
        let unfinished = if self.work.state.has_ended() { self.work.state.unfinished() } else { Vec::new() };
        for one in &unfinished {
            let function = &self.work.program.functions[one.function];
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
                function.display_name(self.work.program),
                names.join(", ")
            );
        }
        for ((function, kind), count) in self.noted.iter().filter(|(_, count)| **count > 1) {
            let name = self.work.program.functions[*function].display_name(self.work.program);
            info!(
                "{name} {} {count} times",
                match kind {
                    NoticeKind::LostValue => "had no value to send",
                    NoticeKind::Remark => "had something to remark",
                }
            );
        }
        Ok(Report {
            unfinished: unfinished.len(),
            failures_at_end: end.failures.len(),
            left_behind: end.left_behind,
            ..report
        })
    }

    /// How it goes, or went.
    fn report(&self) -> Report {
        let unsent = self.noted.iter().filter(|((_, kind), _)| *kind == NoticeKind::LostValue);
        Report {
            runner: self.config.name.clone(),
            functions: self.work.program.functions.len(),
            counts: self.work.state.counts(),
            most_parallel: self.most_parallel,
            elapsed: self.started.elapsed(),
            executors: self.executors.iter().map(|(&id, one)| self.report_on(id, one)).collect(),
            context_jobs: self.context_jobs,
            dropped: self.work.dropped,
            unfinished: 0,
            failures_at_end: 0,
            left_behind: false,
            stopped: self.stopped,
            values_unsent: unsent.map(|(_, count)| count).sum(),
        }
    }

    fn report_on(&self, id: ExecutorId, executor: &Attached) -> ExecutorReport {
        let Tally { done, rerun, lost, cancelled, returned, nanos } = self.work.dispatch.tally(id);
        ExecutorReport {
            name: executor.name.clone(),
            place: executor.place,
            slots: executor.slots,
            is_attached: executor.link.is_some(),
            jobs: done + executor.done_here,
            running: self.work.dispatch.held_by(id),
            rerun,
            lost,
            cancelled,
            returned,
            traffic: executor.link.as_ref().map_or(executor.traffic, |link| link.traffic()),
            mean: Duration::from_nanos(nanos.checked_div(done).unwrap_or(0)),
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
