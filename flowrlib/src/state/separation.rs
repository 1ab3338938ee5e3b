//! Order groups that come apart once nothing more enters the flows whose idleness holds them together.
//!
//! A function is *spent* when it will never bring anything again: it has completed, or it has no jobs and lacks a value
//! that nobody is left to send. An input of a loop has *had its last value from outside* when all who could send more are
//! spent and it has taken all that came, but for one that is what it takes next if it takes anything; or when its function
//! has completed. When that is true of all inputs that a [separation](crate::program::Separation) waits for, new jobs get the
//! lanes of the parts. What is still in the lane of the whole is released first.
//!
//! All of this follows from what the group itself releases, in its order. So the moment at which it comes apart is the
//! same whatever the timing, and up to then as well as from then on a flow shows what the one-at-a-time run shows.

use super::RunState;
use crate::program::{Feed, FunctionId, Input, LaneId, Program, SeparationId};
use crate::table::Table;
use std::collections::BTreeSet;

/// How far the groups of a run are from coming apart.
#[derive(Debug)]
pub(super) struct Separations {
    /// How many inputs each still waits for.
    awaited: Table<SeparationId, usize>,
    /// How many have not come apart.
    together: usize,
    /// For each input who may still send to it; no functions are there if no group ever comes apart.
    unspent: Table<FunctionId, Vec<Unspent>>,
}

/// How many functions that send to an input are not spent.
#[derive(Clone, Copy, Debug)]
struct Unspent {
    senders: usize,
    /// Those of them that send from outside of its flow.
    entering: usize,
}

impl Separations {
    pub(super) fn new(program: &Program) -> Separations {
        let mut awaited = Table::alongside(&program.separations, |_| 0);
        let inputs = program.functions.iter().flat_map(|(_, function)| &function.inputs);
        inputs.filter_map(|input| input.separation).for_each(|separation| awaited[separation] += 1);
        let of_input =
            |input: &Input| Unspent { senders: input.senders.len(), entering: input.entering.len() };
        let unspent = if awaited.is_empty() {
            Table::new()
        } else {
            Table::alongside(&program.functions, |function| function.inputs.iter().map(of_input).collect())
        };
        Separations { together: awaited.len(), awaited, unspent }
    }

    /// Whether it is of no interest any more who is spent.
    pub(super) fn are_over(&self) -> bool {
        self.together == 0
    }
}

impl RunState<'_> {
    /// Finds the functions that are spent from the beginning.
    pub(super) fn look_for_spent(&mut self) {
        for id in self.program.functions.ids() {
            self.look_at_function(id);
            self.look_at_inputs(id);
        }
    }

    /// Looks whether a function is spent, and what follows from that.
    pub(super) fn look_at_function(&mut self, id: FunctionId) {
        if self.separations.are_over() || !self.is_newly_spent(id) {
            return;
        }
        let program = self.program;
        let mut spent = vec![id];
        while let Some(id) = spent.pop() {
            if std::mem::replace(&mut self.functions[id].spent, true) {
                continue;
            }
            self.look_at_inputs(id);
            let connections = program.functions[id].connections.iter();
            let fed: BTreeSet<(FunctionId, usize)> =
                connections.map(|connection| (connection.destination, connection.input)).collect();
            for (target, number) in fed {
                self.count_spent(id, (target, number));
                self.look_at_inputs(target);
                if self.is_newly_spent(target) {
                    spent.push(target);
                }
            }
        }
    }

    /// Looks whether inputs of a function have had their last value from outside, and what follows from that.
    pub(super) fn look_at_inputs(&mut self, id: FunctionId) {
        let inputs = self.program.functions[id].inputs.iter().enumerate();
        for (number, separation) in inputs.filter_map(|(number, input)| Some((number, input.separation?))) {
            if self.separations.are_over() || !self.has_newly_ended(id, number) {
                continue;
            }
            if let Some(queue) = self.functions[id].queues.get_mut(number) {
                queue.end_outside();
            }
            self.separations.awaited[separation] -= 1;
            if self.separations.awaited[separation] == 0 {
                self.come_apart(separation);
            }
        }
    }

    /// Takes note that a function sends nothing more to an input.
    fn count_spent(&mut self, sender: FunctionId, (target, number): (FunctionId, usize)) {
        let input = self.program.functions[target].inputs.get(number);
        let unspent = self.separations.unspent.find_mut(target).and_then(|inputs| inputs.get_mut(number));
        if let (Some(input), Some(unspent)) = (input, unspent) {
            unspent.senders -= 1;
            unspent.entering -= usize::from(input.entering.binary_search(&sender).is_ok());
        }
    }

    /// Whether a function will never bring anything again, which was not known so far.
    fn is_newly_spent(&self, id: FunctionId) -> bool {
        let state = &self.functions[id];
        let lacks_for_ever = |(number, input): (usize, &Input)| {
            !matches!(input.feed, Feed::Constant(_))
                && !input.is_always()
                && state.queues.get(number).is_some_and(|queue| queue.len() == 0 && !queue.has_pending())
                && self.is_left_to_itself(id, number)
        };
        let inputs = self.program.functions[id].inputs.iter();
        !state.spent && (state.completed || (state.unreleased == 0 && inputs.enumerate().any(lacks_for_ever)))
    }

    /// Whether nobody sends to an input any more but its own function, if that: what it sends to itself comes of jobs, and
    /// both who ask know of none.
    fn is_left_to_itself(&self, id: FunctionId, number: usize) -> bool {
        let unspent = self.separations.unspent.find(id).and_then(|inputs| inputs.get(number));
        let input = self.program.functions[id].inputs.get(number);
        unspent.zip(input).is_some_and(|(unspent, input)| {
            unspent.senders == usize::from(input.senders.binary_search(&id).is_ok())
        })
    }

    /// Whether an input of a loop has had its last value from outside, which was not known so far.
    fn has_newly_ended(&self, id: FunctionId, number: usize) -> bool {
        let state = &self.functions[id];
        let unspent = self.separations.unspent.find(id).and_then(|inputs| inputs.get(number));
        let (Some(unspent), Some(queue)) = (unspent, state.queues.get(number)) else { return false };
        let is_fed = unspent.entering > 0 || queue.has_pending();
        let has_last_next =
            || state.unreleased == 0 && queue.holds_one_from_outside() && self.is_left_to_itself(id, number);
        let is_over = || !is_fed && (!queue.holds_outside() || has_last_next());
        !queue.has_ended() && (state.completed || is_over())
    }

    /// Gives the functions of a group what is true of them from now on.
    fn come_apart(&mut self, separation: SeparationId) {
        self.separations.together -= 1;
        for (id, placement) in &self.program.separations[separation].placements {
            self.functions[*id].placement = placement;
        }
    }

    /// Releases what could not be released before a lane of a group that has come apart was empty.
    pub(super) fn release_parts(&mut self, whole: LaneId) {
        let program = self.program;
        let Some(separation) = program.lanes[whole].separation else { return };
        if self.separations.awaited[separation] == 0 && self.lanes[whole].is_empty() {
            for (_, of_part) in &program.separations[separation].placements {
                self.release_in_order(of_part.lane);
            }
        }
    }
}
