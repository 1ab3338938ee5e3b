//! Jobs that do not wait for the one before them.
//!
//! The language has no constants but those in a definition: a value that a function needs for every job goes round, each
//! job giving it to the next. Taken literally, the jobs of such a function are done one after another. But what comes
//! back is known beforehand, so it is put back as soon as a job has taken it, and the next complete input set is a job
//! at once. Such jobs are *speculative*, like the instructions that a processor begins behind a branch: a job that fails,
//! or is the last that its function wants, does not give the value back, and those behind it are *squashed*. They have
//! had no effect yet, since results take effect in order and only pure functions are run so. But they have run, or do so
//! still: one that never ends has its executor end it if it is a module's, and keeps a thread if it is native.
//!
//! What that is true of is found at load time, as [invariants](crate::program::Invariant).

use super::lane::Job;
use super::{FunctionState, RunState};
use crate::program::{Feed, Function, FunctionId, Invariant, LaneId, is_kept};
use flowcore::Value;

/// How many jobs of a function there are at most before it is certain that the first of them will exist. More would have
/// nobody to run them, and what comes of each would be far from the processor when the next function wants it.
pub(super) const MOST_AHEAD: usize = 4000;

impl FunctionState<'_> {
    /// Whether further jobs have to wait for others to be released.
    pub(super) fn is_far_ahead(&self, most_ahead: usize) -> bool {
        self.speculates && self.unreleased >= most_ahead
    }

    /// Whether what jobs take from an input is needed after them for nothing but what has been done already: putting it
    /// back.
    pub(super) fn has_put_back(&self, input: usize) -> bool {
        let mut invariants = self.placement.invariants.iter();
        self.speculates && invariants.any(|invariant| invariant.input == input && !invariant.passed_on)
    }

    /// Puts back what goes round unchanged, if that is known of all of it.
    pub(super) fn put_back_invariants(&mut self, function: &Function, inputs: &[Value]) {
        let invariants = &self.placement.invariants;
        if invariants.is_empty() || !(self.speculates || self.holds_invariants(function, inputs)) {
            return;
        }
        self.speculates = true;
        for Invariant { input: number, connection, .. } in invariants {
            let (queue, value) = (self.queues.get_mut(*number), inputs.get(*number));
            let (input, connection) = (function.inputs.get(*number), function.connections.get(*connection));
            if let (Some(queue), Some(value), Some(input), Some(connection)) =
                (queue, value, input, connection)
            {
                queue.put_back(value.clone(), input, connection.position);
            }
        }
    }

    /// Whether a job that has just taken these inputs is the only one, and has all that there is on invariant inputs.
    fn holds_invariants(&self, function: &Function, inputs: &[Value]) -> bool {
        if self.unreleased > 0 {
            return false;
        }
        let has_all = |number: usize| {
            let (queue, value) = (self.queues.get(number), inputs.get(number));
            let shape = function.inputs.get(number).map(|input| input.shape);
            queue.is_some_and(|queue| queue.len() == 0 && !queue.has_pending())
                && value.zip(shape).is_some_and(|(value, shape)| is_kept(value, shape))
        };
        self.placement.invariants.iter().all(|invariant| has_all(invariant.input))
    }
}

impl RunState<'_> {
    /// Takes the lanes whose jobs do not exist any more, and will not come to be.
    pub fn take_squashed(&mut self) -> Vec<LaneId> {
        std::mem::take(&mut self.squashed)
    }

    /// Whether what a connection of a function sends was put back when the job was created.
    pub(super) fn was_put_back(&self, function: FunctionId, connection: usize) -> bool {
        let state = &self.functions[function];
        state.speculates && state.placement.invariants.iter().any(|one| one.connection == connection)
    }

    /// Takes back all jobs of a function that were created in the belief that the one which is released now would give
    /// back what goes round. The function has no more from now on.
    pub(super) fn squash(&mut self, id: FunctionId) {
        let program = self.program;
        let function = &program.functions[id];
        let state = &mut self.functions[id];
        if !std::mem::take(&mut state.speculates) {
            return;
        }
        let placement = state.placement;
        for invariant in &placement.invariants {
            if let (Some(queue), Some(input)) =
                (state.queues.get_mut(invariant.input), function.inputs.get(invariant.input))
            {
                queue.take(input);
            }
        }
        // It has this lane to itself.
        let jobs = self.lanes[placement.lane].take_all();
        let count = jobs.len();
        state.unreleased -= count;
        self.unreleased -= count as u64;
        self.counts.jobs_created -= count as u64;
        for flow in program.enclosing_flows(function.flow) {
            self.busy[flow] -= count as u64;
        }
        self.put_back_inputs(id, jobs.into_iter());
        self.forget_ready(id, placement.lane);
        self.squashed.push(placement.lane);
    }

    /// Gives a function's queues the values of jobs that do not exist after all. Those that were given away are null now:
    /// nothing will take them any more, it is only known that they are left.
    ///
    /// None of them is what a loop took from outside: a job that does so is the first, and that one exists.
    fn put_back_inputs(&mut self, id: FunctionId, jobs: impl DoubleEndedIterator<Item = Job>) {
        let program = self.program;
        let FunctionState { queues, placement, .. } = &mut self.functions[id];
        let of_inputs = program.functions[id].inputs.iter().enumerate().map(|(number, input)| {
            let is_invariant = placement.invariants.iter().any(|invariant| invariant.input == number);
            let was_taken = !is_invariant && !matches!(input.feed, Feed::Constant(_));
            was_taken.then(|| (input, program.position_of_arrivals(id, number)))
        });
        let of_inputs: Vec<_> = of_inputs.collect();
        for job in jobs.rev() {
            let values = job.inputs.into_iter().chain(std::iter::repeat(Value::Null));
            let values = values.zip(queues.iter_mut()).zip(&of_inputs);
            for ((value, queue), (input, position)) in values.filter_map(|(one, of)| Some((one, (*of)?))) {
                queue.put_back(value, input, position);
            }
        }
    }
}
