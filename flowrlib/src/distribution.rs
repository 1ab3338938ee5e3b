//! The run state and dispatch together: what is ready goes to executors, what they answer is released.
//!
//! Pure, like both of them: messages, losses and times go in, orders and messages come out. The coordinator carries
//! out what this decides, and so does the simulation that has it meet every kind of mishap.

use crate::cost::Costs;
use crate::dispatch::{Attempt, Departure, Dispatch, ExecutorId, Others, Step};
use crate::executor::{JobOrder, JobResult};
use crate::program::{FunctionId, Program};
use crate::state::{InputSet, Outcome, RunState, Standing, Ticket};
use std::collections::BTreeMap;
use std::time::Instant;

/// Answers that were not used, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Answers of attempts that do not count any more: the executor was given up for lost, or gave the job back.
    pub stale: u64,
    /// Answers to jobs that were answered already, or do not exist any more.
    pub duplicate: u64,
    /// Answers of other runs, and to jobs that were never given away.
    pub foreign: u64,
}

/// Which jobs there are, and who has them.
pub(crate) struct Distribution<'program> {
    pub(crate) program: &'program Program,
    pub(crate) state: RunState<'program>,
    pub(crate) dispatch: Dispatch,
    pub(crate) costs: Costs<FunctionId>,
    pub(crate) dropped: Dropped,
}

/// What is to be told to executors that are not idle.
#[derive(Debug, PartialEq)]
pub(crate) enum Balance {
    /// This is to be run there as well as elsewhere.
    Copy(ExecutorId, JobOrder),
    /// These are wanted back from there.
    Recall(ExecutorId, Vec<Attempt>),
}

/// A job that an executor does not do, and its inputs where they were not kept here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Returned {
    pub(crate) attempt: Attempt,
    pub(crate) inputs: Option<InputSet>,
}

impl<'program> Distribution<'program> {
    pub(crate) fn new(
        program: &'program Program,
        state: RunState<'program>,
        dispatch: Dispatch,
    ) -> Distribution<'program> {
        let costs = Costs::new(&program.functions);
        Distribution { program, state, dispatch, costs, dropped: Dropped::default() }
    }

    /// The next orders to send, and to whom.
    pub(crate) fn assign(&mut self, now: Instant) -> Option<(ExecutorId, Vec<JobOrder>)> {
        let Distribution { state, dispatch, costs, .. } = self;
        let (id, attempts) = dispatch.assign(now, |ticket| expected(state, costs, ticket))?;
        let is_near = self.dispatch.is_near(id);
        Some((id, attempts.into_iter().filter_map(|attempt| self.order(attempt, is_near)).collect()))
    }

    /// The next thing to do for executors that idle, if there is one.
    pub(crate) fn balance(&mut self, now: Instant) -> Option<Balance> {
        let Distribution { state, dispatch, costs, .. } = self;
        match dispatch.rebalance(now, |ticket| expected(state, costs, ticket))? {
            Step::Copy { to, attempt } => {
                let is_near = self.dispatch.is_near(to);
                self.order(attempt, is_near).map(|order| Balance::Copy(to, order))
            }
            Step::Recall { from, jobs } => Some(Balance::Recall(from, jobs)),
        }
    }

    fn order(&mut self, attempt: Attempt, is_near: bool) -> Option<JobOrder> {
        let Attempt { ticket, number } = attempt;
        let job = self.state.job(ticket)?;
        let implementation = self.program.functions[job.function].implementation;
        let inputs = match is_near {
            true => self.state.surrender_inputs(ticket)?,
            // A worker may be lost, and its jobs are then run again.
            false => job.inputs.clone(),
        };
        Some(JobOrder { ticket, attempt: number, implementation, inputs })
    }

    /// Takes one answer; tells who else is to be told that the job is done.
    pub(crate) fn finish(&mut self, id: ExecutorId, result: JobResult) -> Others {
        let JobResult { ticket, attempt, outcome, nanos, notices } = result;
        let Some(others) = self.dispatch.finished(id, Attempt { ticket, number: attempt }, nanos) else {
            self.drop_answer(ticket, attempt);
            return Others::new();
        };
        if let Some(job) = self.state.job(ticket) {
            self.costs.learn(job.function, job.size, nanos);
        }
        self.state.finish_telling(ticket, outcome, notices);
        others
    }

    /// Takes jobs out that do not exist any more, which has to be done before anything is given away. Tells who is to be
    /// told.
    pub(crate) fn withdraw_squashed(&mut self) -> BTreeMap<ExecutorId, Vec<Attempt>> {
        let mut called_off: BTreeMap<ExecutorId, Vec<Attempt>> = BTreeMap::new();
        for lane in self.state.take_squashed() {
            for (executor, attempt) in self.dispatch.withdraw(lane) {
                called_off.entry(executor).or_default().push(attempt);
            }
        }
        called_off
    }

    fn drop_answer(&mut self, ticket: Ticket, attempt: u32) {
        let count = match self.state.standing(ticket) {
            Standing::Answered => &mut self.dropped.duplicate,
            Standing::Open if (1..=self.dispatch.latest_attempt(ticket)).contains(&attempt) => {
                &mut self.dropped.stale
            }
            Standing::Open | Standing::Unknown => &mut self.dropped.foreign,
        };
        *count += 1;
    }

    /// Takes jobs back that an executor does not do.
    pub(crate) fn take_back(&mut self, id: ExecutorId, returned: Vec<Returned>) {
        let attempts = returned.iter().map(|one| one.attempt).collect();
        let taken = self.dispatch.returned(id, attempts);
        for Returned { attempt, inputs } in returned {
            if let Some(inputs) = inputs.filter(|_| taken.contains(&attempt.ticket)) {
                self.state.restore_inputs(attempt.ticket, inputs);
            }
        }
    }

    /// Removes an executor that has left or was lost. Jobs that must not be tried again have failed.
    pub(crate) fn lose(&mut self, id: ExecutorId, now: Instant) -> Departure {
        let departure = self.dispatch.leave(id, now);
        self.give_up(&departure.given_up);
        departure
    }

    /// Has those jobs fail that were lost too often, once it is sure; tells how many.
    pub(crate) fn judge(&mut self, now: Instant) -> usize {
        let given_up = self.dispatch.verdicts(now);
        self.give_up(&given_up);
        given_up.len()
    }

    fn give_up(&mut self, jobs: &[Ticket]) {
        for &ticket in jobs {
            let attempts = match self.dispatch.most_attempts() {
                1 => "its only attempt".to_owned(),
                attempts => format!("all of {attempts} attempts"),
            };
            self.state.finish(ticket, Outcome::Failed(format!("lost with its executor in {attempts}")));
        }
    }
}

/// What a job is expected to take, in nanoseconds.
fn expected(state: &RunState<'_>, costs: &Costs<FunctionId>, ticket: Ticket) -> Option<u64> {
    state.job(ticket).and_then(|job| costs.expected(job.function, job.size))
}
