//! The run state: a pure state machine.
//!
//! It knows which values wait where, which jobs exist, and what follows from a result. There are no threads, clocks,
//! sockets, files or random numbers in here, and nothing is logged: a job's outcome goes in, jobs to run and
//! [`Notice`]s come out. The coordinator owns it and does what it says.
//!
//! A job's way through it:
//!
//! 1. a complete input set makes a job ([`RunState::start`], or a release), which joins the ready queue and its lane;
//! 2. [`RunState::next_ready`] hands it out, in creation order;
//! 3. [`RunState::finish`] takes its outcome, in any order;
//! 4. the lane releases it when all jobs before it have been: values are delivered, further jobs are made, flows
//!    that have nothing left to do go idle.
//!
//! Some jobs are created before it is certain that they will exist, and squashed when they will not: [`speculation`].

mod idle;
mod input;
mod lane;
mod separation;
mod speculation;
#[cfg(test)]
mod tests;
mod throttle;

use crate::cost::Size;
use crate::program::{
    Connection, Delivery, Feed, FlowId, Function, FunctionId, ImplementationKind, Input, LaneId, Placement,
    Position, Program, Source, has_lost_values,
};
use crate::table::Table;
use flowcore::{Value, notice};
use input::InputQueue;
use lane::{Job, JobQueue, Told};
use separation::Separations;
use smallvec::SmallVec;
use std::collections::{BTreeSet, VecDeque};
use throttle::Throttle;

pub use flowcore::Outcome;

/// The number of a job: 1 for the first job created in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// One value per input of a function, in input order.
pub type InputSet = SmallVec<[Value; 3]>;

/// Where an unreleased job is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    /// The lane that will release it.
    pub lane: LaneId,
    /// Its place in that lane, counted from the start of the run.
    pub place: u64,
}

/// What is known of the job of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There never was one.
    Unknown,
    /// Its outcome is waited for.
    Open,
    /// Its outcome is known, or of no interest.
    Answered,
}

/// A job to run.
#[derive(Clone, Copy, Debug)]
pub struct ReadyJob<'state> {
    /// Its number.
    pub id: JobId,
    /// Whose job it is.
    pub function: FunctionId,
    /// How large the values are, or were before they were given away.
    pub(crate) size: Size,
    /// The values to run it on; those that were given away are null, or if nothing was kept none are left.
    pub inputs: &'state InputSet,
}

/// Something a person may want to know about.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A job failed; the flow goes on.
    JobFailed {
        /// Its number.
        job: JobId,
        /// Whose job it was.
        function: FunctionId,
        /// Why.
        reason: String,
    },
    /// A value, or part of it, had no place in the input it was sent to. Told once per connection.
    ValueLost {
        /// Who sent it.
        source: FunctionId,
        /// Who should have got it.
        destination: FunctionId,
        /// On which input.
        input: usize,
    },
    /// What a function has to say about a job.
    Told {
        /// Which function.
        function: FunctionId,
        /// What it says.
        notice: notice::Notice,
    },
    /// An initial value, or part of it, has no place in its input. Told once.
    InitialLost {
        /// Whose input.
        function: FunctionId,
        /// Which one.
        input: usize,
    },
}

/// Counts that describe a run; jobs and values are the logical ones, wherever and however jobs were run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs created so far. Those that prove not to exist are taken off again.
    pub jobs_created: u64,
    /// Deliveries attempted so far; initializers do not count.
    pub values_sent: u64,
    /// Jobs that failed, and whose reason nobody in the flow was told.
    pub jobs_failed: u64,
    /// Values that had no place at their destination, wholly or in part; an initializer of such a value counts once.
    pub values_lost: u64,
    /// Values sent to completed functions, and outcomes of jobs that came after their function's completion.
    pub discarded: u64,
}

/// A function that was left with values on some inputs and none on others when the flow ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The function.
    pub function: FunctionId,
    /// The inputs that lack a value.
    pub lacking: Vec<usize>,
}

/// All that changes while a flow runs.
#[derive(Debug)]
pub struct RunState<'program> {
    program: &'program Program,
    functions: Table<FunctionId, FunctionState<'program>>,
    /// For each flow, how many unreleased jobs there are in its subtree. A flow with none is idle.
    busy: Table<FlowId, u64>,
    lanes: Table<LaneId, JobQueue>,
    /// Jobs that were not handed out yet, in creation order.
    ready: VecDeque<Ticket>,
    throttle: Throttle,
    separations: Separations,
    /// How many jobs of a function there may be before it is certain that the first of them will exist.
    most_ahead: usize,
    /// The lanes whose jobs do not exist any more, until somebody asks.
    squashed: Vec<LaneId>,
    unreleased: u64,
    /// The number of the youngest job.
    latest: JobId,
    counts: Counts,
    notices: Vec<Notice>,
    /// Connections on which a value was lost, so that each is told once.
    lossy: BTreeSet<(FunctionId, FunctionId, usize)>,
}

#[derive(Debug)]
struct FunctionState<'program> {
    queues: SmallVec<[InputQueue; 2]>,
    /// Where the results of its next jobs are released.
    placement: &'program Placement,
    /// How many of its jobs were created and not released.
    unreleased: usize,
    /// How many of its jobs were handed out and have not finished.
    handed_out: usize,
    completed: bool,
    /// Whether its jobs are created before those before them are released.
    speculates: bool,
    /// Whether it is known that it will never bring anything again; only of interest while a group may come apart.
    spent: bool,
}

impl<'program> FunctionState<'program> {
    fn new(function: &'program Function) -> FunctionState<'program> {
        FunctionState {
            queues: function.inputs.iter().map(|_| InputQueue::default()).collect(),
            placement: &function.placement,
            unreleased: 0,
            handed_out: 0,
            completed: false,
            speculates: false,
            spent: false,
        }
    }
}

impl<'program> RunState<'program> {
    /// The state before the first job.
    pub fn new(program: &'program Program) -> RunState<'program> {
        RunState {
            program,
            functions: program.functions.iter().map(|(_, function)| FunctionState::new(function)).collect(),
            busy: Table::alongside(&program.flows, |_| 0),
            lanes: Table::alongside(&program.lanes, |_| JobQueue::default()),
            ready: VecDeque::new(),
            throttle: Throttle::new(program, crate::terms::MOST_WAITING),
            separations: Separations::new(program),
            most_ahead: speculation::MOST_AHEAD,
            squashed: Vec::new(),
            unreleased: 0,
            latest: JobId(0),
            counts: Counts::default(),
            notices: Vec::new(),
            lossy: BTreeSet::new(),
        }
    }

    /// The same, with a bound on the values that wait at an input before those that feed it are held back.
    #[must_use]
    pub fn with_bound(mut self, bound: usize) -> RunState<'program> {
        self.throttle = Throttle::new(self.program, bound);
        self
    }

    /// The same, with another number of jobs that may be created before it is certain that the first will exist.
    #[cfg(test)]
    pub(crate) fn with_most_ahead(mut self, jobs: usize) -> RunState<'program> {
        self.most_ahead = jobs;
        self
    }

    /// Applies the initializers of the start and creates the first jobs, in ascending order of function ids.
    pub fn start(&mut self) {
        for id in self.program.functions.ids() {
            let inputs = &self.program.functions[id].inputs;
            for (number, (queue, input)) in self.functions[id].queues.iter_mut().zip(inputs).enumerate() {
                queue.initialize_at_start(input);
                let initializers = [&input.initializer, &input.flow_initializer].into_iter().flatten();
                let lost = initializers.filter(|one| has_lost_values(one, input.shape)).count();
                if lost > 0 {
                    self.counts.values_lost += lost as u64;
                    self.notices.push(Notice::InitialLost { function: id, input: number });
                }
            }
        }
        self.look_for_spent();
        for id in self.program.functions.ids() {
            self.create_jobs(id);
        }
    }

    /// The oldest job that was not handed out yet and may be.
    pub fn next_ready(&mut self) -> Option<Ticket> {
        let ticket = self.next_allowed()?;
        if let Some(function) = self.job(ticket).map(|job| job.function) {
            self.count_handed_out(function);
        }
        Some(ticket)
    }

    /// How many jobs were not handed out yet, but for those that are held back.
    pub fn ready_jobs(&self) -> usize {
        self.ready.len() + self.throttle.resumed()
    }

    /// How many jobs that wait for outside input were handed out and have not finished.
    pub fn waiting_for_input(&self) -> usize {
        self.throttle.waiting_for_input()
    }

    /// An unreleased job.
    pub fn job(&self, ticket: Ticket) -> Option<ReadyJob<'_>> {
        let job = self.lanes.find(ticket.lane)?.get(ticket.place)?;
        Some(ReadyJob { id: job.id, function: job.function, size: job.size, inputs: &job.inputs })
    }

    /// Gives up the values of an unreleased job to whoever runs it and can be relied on to do so, or to
    /// [bring them back](RunState::restore_inputs).
    ///
    /// Values that connections pass on after the job are kept, and shared. All others then exist in the job alone, so
    /// that a function which gives back a changed array can change it in place.
    pub fn surrender_inputs(&mut self, ticket: Ticket) -> Option<InputSet> {
        let job = self.lanes.find_mut(ticket.lane)?.get_mut(ticket.place)?;
        let inputs = &self.program.functions[job.function].inputs;
        let state = &self.functions[job.function];
        let is_kept = |(number, input): (usize, &Input)| input.passed_on && !state.has_put_back(number);
        if !inputs.iter().enumerate().any(is_kept) {
            return Some(std::mem::take(&mut job.inputs));
        }
        let give = |(value, input): (&mut Value, &Input)| {
            if input.passed_on { value.clone() } else { std::mem::take(value) }
        };
        Some(job.inputs.iter_mut().zip(inputs).map(give).collect())
    }

    /// Takes back the values of a job that were given up, from whoever has not run it.
    pub fn restore_inputs(&mut self, ticket: Ticket, inputs: InputSet) {
        let job = self.lanes.find_mut(ticket.lane).and_then(|lane| lane.get_mut(ticket.place));
        if let Some(job) = job.filter(|job| {
            job.outcome.is_none() && self.program.functions[job.function].inputs.len() == inputs.len()
        }) {
            job.inputs = inputs;
        }
    }

    /// What is known of the job of a ticket, which may come from outside.
    pub fn standing(&self, ticket: Ticket) -> Standing {
        self.lanes.find(ticket.lane).map_or(Standing::Unknown, |lane| lane.standing(ticket.place))
    }

    /// Takes the outcome of a job and releases whatever can now be released.
    ///
    /// False if nobody waits for it: the job never existed, or its outcome is known already.
    pub fn finish(&mut self, ticket: Ticket, outcome: Outcome) -> bool {
        self.finish_telling(ticket, outcome, Vec::new())
    }

    /// The same with what the function has to say, which is told when the job is released.
    pub fn finish_telling(&mut self, ticket: Ticket, outcome: Outcome, notices: Vec<notice::Notice>) -> bool {
        let Some(job) = self.lanes.find_mut(ticket.lane).and_then(|lane| lane.get_mut(ticket.place)) else {
            return false;
        };
        if job.outcome.is_some() {
            return false;
        }
        job.outcome = Some(outcome);
        job.told = (!notices.is_empty()).then(|| Box::new(Told(notices)));
        let function = job.function;
        self.count_finished(function);
        self.release_lane(ticket.lane);
        self.resume_idle(function);
        true
    }

    /// Whether the flow has ended: there is no job left, so nothing can happen any more.
    pub fn has_ended(&self) -> bool {
        self.unreleased == 0
    }

    /// What has been counted so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes what has come up since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The functions that hold values on some inputs and lack others, after the end. Values left over in loops and
    /// constants are normal and do not count.
    pub fn unfinished(&mut self) -> Vec<Unfinished> {
        let mut unfinished = Vec::new();
        for (function, info) in self.program.functions.iter() {
            let state = &mut self.functions[function];
            if state.completed {
                continue;
            }
            let mut holds_values = false;
            let mut lacking = Vec::new();
            for (number, (queue, input)) in state.queues.iter_mut().zip(&info.inputs).enumerate() {
                queue.clear_internal();
                match queue.len() {
                    0 if !matches!(input.feed, Feed::Constant(_)) => lacking.push(number),
                    0 => {}
                    _ => holds_values |= !input.is_always(),
                }
            }
            if holds_values {
                unfinished.push(Unfinished { function, lacking });
            }
        }
        unfinished
    }

    /// Releases what is due in a lane, and in those that wait for it to be empty.
    fn release_lane(&mut self, lane: LaneId) {
        if self.program.lanes[lane].after.is_none_or(|whole| self.lanes[whole].is_empty()) {
            self.release_in_order(lane);
            self.release_parts(lane);
        }
    }

    /// Releases what is due in a lane, and in the lane of jobs that wait for outside input.
    fn release_in_order(&mut self, lane: LaneId) {
        let links = self.program.lanes[lane];
        let (main, waiting) = match links.behind {
            Some(main) => (main, Some(lane)),
            None => (lane, links.before),
        };
        loop {
            while let Some((job, outcome)) = self.lanes[main].pop_finished() {
                self.release(job, outcome);
            }
            // One job at a time of those that wait for input: what it brings is worked off before the next is looked at.
            let Some(waiting) = waiting.filter(|_| self.lanes[main].is_empty()) else { return };
            match self.lanes[waiting].pop_finished() {
                Some((job, outcome)) => self.release(job, outcome),
                None => return,
            }
        }
    }

    /// Does what follows from an outcome.
    fn release(&mut self, mut job: Job, outcome: Outcome) {
        let program = self.program;
        let function = &program.functions[job.function];
        if self.functions[job.function].completed {
            self.counts.discarded += 1;
            self.functions[job.function].unreleased -= 1;
        } else {
            let told = job.told.take().into_iter().flat_map(|told| told.0);
            self.notices.extend(told.map(|notice| Notice::Told { function: job.function, notice }));
            // What nothing but itself would ever stop would fail for ever.
            let goes_on = matches!(outcome, Outcome::FailedInPassing(_)) || !function.always_ready;
            let is_done = matches!(outcome, Outcome::Done { .. });
            let run_again = match outcome {
                Outcome::Done { mut output, run_again } => {
                    for (number, connection) in function.connections.iter().enumerate() {
                        if self.was_put_back(job.function, number) {
                            self.counts.values_sent += 1;
                            continue;
                        }
                        if let Some(value) = sent(connection, &mut output, &mut job.inputs) {
                            self.deliver(value, job.function, connection);
                        }
                    }
                    run_again && !self.runs_once(function)
                }
                Outcome::Failed(reason) | Outcome::FailedInPassing(reason) if function.tells_errors => {
                    let reason = Value::from(reason);
                    for connection in function.connections.iter().filter(|one| one.tells_errors()) {
                        self.deliver(reason.clone(), job.function, connection);
                    }
                    goes_on
                }
                Outcome::Failed(reason) | Outcome::FailedInPassing(reason) => {
                    self.counts.jobs_failed += 1;
                    self.notices.push(Notice::JobFailed { job: job.id, function: job.function, reason });
                    goes_on
                }
            };
            if !(is_done && run_again) {
                self.squash(job.function);
            }
            self.functions[job.function].unreleased -= 1;
            if run_again {
                for (queue, input) in self.functions[job.function].queues.iter_mut().zip(&function.inputs) {
                    queue.initialize_after_job(input);
                }
                self.create_jobs(job.function);
            } else {
                self.functions[job.function].completed = true;
            }
        }
        self.unreleased -= 1;
        let state = &self.functions[job.function];
        if state.completed || state.unreleased == 0 {
            self.look_at_function(job.function);
        }
        self.resume_after(job.function);
        for flow in program.enclosing_flows(function.flow) {
            self.busy[flow] -= 1;
        }
        for flow in program.enclosing_flows(function.flow) {
            if self.busy[flow] > 0 {
                // So are all flows around it.
                break;
            }
            self.go_idle(flow);
        }
    }

    /// Whether the first job of a function is its last.
    fn runs_once(&self, function: &Function) -> bool {
        let kind = self.program.implementations[function.implementation].kind;
        function.always_ready && matches!(kind, ImplementationKind::Context { once_on_constants: true, .. })
    }

    fn deliver(&mut self, value: Value, source: FunctionId, connection: &Connection) {
        let destination = connection.destination;
        self.counts.values_sent += 1;
        let state = &mut self.functions[destination];
        if state.completed {
            self.counts.discarded += 1;
            return;
        }
        if state.placement.throttles {
            self.throttle.learn(destination, &value);
        }
        let function = &self.program.functions[destination];
        let (Some(queue), Some(input)) =
            (state.queues.get_mut(connection.input), function.inputs.get(connection.input))
        else {
            return;
        };
        if queue.deliver(value, input, connection.position) == Delivery::Lost {
            self.counts.values_lost += 1;
            if self.lossy.insert((source, destination, connection.input)) {
                self.notices.push(Notice::ValueLost { source, destination, input: connection.input });
            }
        }
        // A value a function sends to itself makes no job yet: a job must not start with half of what loops back.
        if source != destination {
            self.create_jobs(destination);
            if connection.position == Position::Entering && self.busy[function.flow] == 0 {
                self.start_invocation_if_due(function.flow);
            }
        }
    }

    /// Makes a job of every complete input set; of one only, where nothing else would stop it.
    fn create_jobs(&mut self, id: FunctionId) {
        let function = &self.program.functions[id];
        let state = &mut self.functions[id];
        if state.completed {
            return;
        }
        while state.queues.iter().zip(&function.inputs).all(|(queue, input)| queue.is_available(input))
            && !state.is_far_ahead(self.most_ahead)
        {
            let inputs =
                state.queues.iter_mut().zip(&function.inputs).filter_map(|(queue, input)| queue.take(input));
            let inputs: InputSet = inputs.collect();
            state.put_back_invariants(function, &inputs);
            self.counts.jobs_created += 1;
            self.latest.0 += 1;
            let job = Job {
                id: self.latest,
                function: id,
                size: Size::of(&inputs),
                inputs,
                outcome: None,
                told: None,
            };
            let lane = state.placement.lane;
            let place = self.lanes[lane].push(job);
            self.ready.push_back(Ticket { lane, place });
            self.unreleased += 1;
            state.unreleased += 1;
            for flow in self.program.enclosing_flows(function.flow) {
                self.busy[flow] += 1;
            }
            if function.always_ready {
                break;
            }
        }
        if !self.separations.are_over() {
            self.look_at_inputs(id);
        }
    }
}

/// What a connection sends of a job's result and inputs. What no other will send is moved.
fn sent(connection: &Connection, output: &mut Option<Value>, inputs: &mut InputSet) -> Option<Value> {
    match (&connection.source, connection.is_last_use) {
        (Source::Output(pointer), true) => pointer.take(output.as_mut()?),
        (Source::Output(pointer), false) => pointer.select(output.as_ref()?).cloned(),
        (Source::Input(number), true) => inputs.get_mut(*number).map(std::mem::take),
        (Source::Input(number), false) => inputs.get(*number).cloned(),
    }
}
