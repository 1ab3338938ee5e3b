//! Order groups: which results must be released in the order of their jobs' creation.
//!
//! The right output of a flow is that of running one job after another, oldest first. To give the same output from
//! parallel runs it would do to release all results in one global order, but then a generator in a loop would wait
//! behind the slow job that its last value started, and a pipeline would run serially. So order binds only where it
//! could be observed, within *order groups*:
//!
//! 1. **Start sets**: functions whose order can be seen from one place, listed in [`start_sets`].
//! 2. **Predecessors**: every function from which a member can be reached belongs to the group, so that the group's
//!    jobs are created by its own releases only.
//! 3. Groups that overlap are one group.
//!
//! A function in no group has one sender per input, hence gets the same values in the same order whatever the timing;
//! it releases its own results in order and waits for nobody else.
//!
//! What binds a group may come to an end. Idleness matters in a flow that has something to start anew with, so no more
//! once the last value has been taken that could *enter* its loops: in most flows such a value is a constant that goes
//! round, like the size of a picture. Then the group *comes apart* into what is left to bind
//! ([`Separation`](super::Separation)).

use super::{Connection, Feed, FlowId, FunctionId, ImplementationKind, Input, Position, Program, is_gradual};
use crate::context::Stream;
use crate::table::Table;
use flowcore::Initializer;
use std::collections::{BTreeMap, BTreeSet};

/// How far results keep the order of their jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Wherever it can be observed: a run shows what running one job after another shows.
    #[default]
    Exact,
    /// Only among the results of each function. Parts of a flow that meet nowhere but in an input, a stream or an
    /// invocation do not wait for each other, and what comes of their meeting depends on who is first.
    Relaxed,
}

/// The flows in which idleness matters only as long as something may enter them.
pub(super) fn flows_that_fade(program: &Program) -> Table<FlowId, bool> {
    Table::alongside(&program.flows, |flow| {
        let inputs = || flow.functions.iter().flat_map(|&id| &program.functions[id].inputs);
        let is_mixed = |input: &Input| input.feed == Feed::Mixed;
        inputs().any(is_mixed)
            && !inputs().any(|input| is_topped_up(input) || (is_mixed(input) && input.is_always()))
    })
}

/// Whether a connection brings something to the loops of a flow that nothing enters any more, so that it is over.
pub(super) fn is_over(program: &Program, ended: &Table<FlowId, bool>, connection: &Connection) -> bool {
    let destination = &program.functions[connection.destination];
    connection.position == Position::Entering
        && ended[destination.flow]
        && destination.inputs.get(connection.input).is_some_and(|input| input.feed == Feed::Mixed)
}

/// For each function the group it belongs to, named by one of its members, once nothing more enters the flows that have
/// ended.
pub(super) fn order_groups(
    program: &Program,
    ended: &Table<FlowId, bool>,
) -> Table<FunctionId, Option<FunctionId>> {
    let mut predecessors: Table<FunctionId, Vec<FunctionId>> =
        Table::alongside(&program.functions, |_| Vec::new());
    for (id, function) in program.functions.iter() {
        for connection in function.connections.iter().filter(|one| !is_over(program, ended, one)) {
            predecessors[connection.destination].push(id);
        }
    }

    let mut groups = Groups { of: Table::alongside(&program.functions, |_| None) };
    let mut visited = Table::alongside(&program.functions, |_| false);
    for set in start_sets(program, ended) {
        let Some(&representative) = set.first() else { continue };
        let mut members: Vec<FunctionId> = set.into_iter().collect();
        while let Some(function) = members.pop() {
            groups.unite(representative, function);
            // Whoever was visited before is in a group that holds all of its predecessors.
            if !std::mem::replace(&mut visited[function], true) {
                members.extend_from_slice(&predecessors[function]);
            }
        }
    }
    let ids: Vec<FunctionId> = program.functions.ids().collect();
    ids.into_iter().map(|id| groups.of[id].map(|_| groups.root(id))).collect()
}

/// Disjoint sets of functions.
struct Groups {
    /// The member towards the one that names the group; none outside all groups.
    of: Table<FunctionId, Option<FunctionId>>,
}

impl Groups {
    fn root(&mut self, function: FunctionId) -> FunctionId {
        let mut root = function;
        while let Some(next) = self.of[root].filter(|&next| next != root) {
            // Halving the path keeps later walks short.
            let beyond = self.of[next].unwrap_or(next);
            self.of[root] = Some(beyond);
            root = beyond;
        }
        self.of[root] = Some(root);
        root
    }

    fn unite(&mut self, one: FunctionId, other: FunctionId) {
        let (one, other) = (self.root(one), self.root(other));
        self.of[one.max(other)] = Some(one.min(other));
    }
}

/// The sets of functions whose order among each other can be observed.
fn start_sets(program: &Program, ended: &Table<FlowId, bool>) -> impl Iterator<Item = BTreeSet<FunctionId>> {
    let contended = senders_of_contended_inputs(program, ended);
    let idle = subtrees_in_which_idleness_matters(program, ended);
    let streams = users_of_shared_streams(program);
    let timed = functions_whose_queues_depend_on_timing(program, ended);
    contended.into_iter().chain(idle).chain(streams).chain(timed)
}

/// An input with several senders: what it takes depends on which of them comes first.
fn senders_of_contended_inputs(program: &Program, ended: &Table<FlowId, bool>) -> Vec<BTreeSet<FunctionId>> {
    let mut senders: BTreeMap<(FunctionId, usize), BTreeSet<FunctionId>> = BTreeMap::new();
    for (id, function) in program.functions.iter() {
        for connection in function.connections.iter().filter(|one| !is_over(program, ended, one)) {
            senders.entry((connection.destination, connection.input)).or_default().insert(id);
        }
    }
    senders.into_values().filter(|functions| functions.len() > 1).collect()
}

/// A flow that does something when it goes idle: when that is depends on all functions in its subtree.
fn subtrees_in_which_idleness_matters(
    program: &Program,
    ended: &Table<FlowId, bool>,
) -> Vec<BTreeSet<FunctionId>> {
    let mut matters = Table::alongside(&program.flows, |_| false);
    for (_, function) in program.functions.iter() {
        let is_mixed = |input: &Input| input.feed == Feed::Mixed && !ended[function.flow];
        matters[function.flow] |= function.inputs.iter().any(|input| is_mixed(input) || is_topped_up(input));
    }
    // The outermost such flow around a function decides, since its subtree holds those further in.
    let mut sets: BTreeMap<FlowId, BTreeSet<FunctionId>> = BTreeMap::new();
    for (id, function) in program.functions.iter() {
        if let Some(outermost) = program.enclosing_flows(function.flow).filter(|&flow| matters[flow]).last() {
            sets.entry(outermost).or_default().insert(id);
        }
    }
    sets.into_values().collect()
}

/// Whether an input gets values whenever its flow goes idle.
fn is_topped_up(input: &Input) -> bool {
    let initializers = || [&input.initializer, &input.flow_initializer].into_iter().flatten();
    matches!(input.flow_initializer, Some(Initializer::Always(_)))
        || initializers().any(|one| is_gradual(one, input.shape))
}

/// A stream that several functions write to or read from: their effects must keep their order.
pub(super) fn users_of_shared_streams(program: &Program) -> Vec<BTreeSet<FunctionId>> {
    let mut users: BTreeMap<Stream, BTreeSet<FunctionId>> = BTreeMap::new();
    for (id, function) in program.functions.iter() {
        let kind = program.implementations[function.implementation].kind;
        if let ImplementationKind::Context { stream: Some(stream), .. } = kind {
            users.entry(stream).or_default().insert(id);
        }
    }
    users.into_values().filter(|functions| functions.len() > 1).collect()
}

/// An input that queues internal values before others: a value that comes early or late relative to the function's
/// *other* inputs is taken before or after them. The function itself is the set, so that everything that feeds any of
/// its inputs is in the group.
///
/// The same holds for an input that is refilled after each job of its function, and that somebody sends to as well: only
/// manifests made by hand have one.
///
/// A function that loops back to itself in one way only is free of this: its internal value comes when the job that took
/// the previous one is released, or before if it is known by then, and is the next one taken either way.
fn functions_whose_queues_depend_on_timing(
    program: &Program,
    ended: &Table<FlowId, bool>,
) -> Vec<BTreeSet<FunctionId>> {
    /// What comes to an input.
    #[derive(Clone, Copy)]
    struct Arrivals {
        initial: bool,
        refilled: bool,
        internal: bool,
        internal_from_others: bool,
        external: bool,
    }
    let mut arrivals: Table<FunctionId, Vec<Arrivals>> = Table::alongside(&program.functions, |function| {
        let is_over = |input: &Input| input.feed == Feed::Mixed && ended[function.flow];
        let is_initialized = |input: &Input| input.initializer.is_some() || input.flow_initializer.is_some();
        let of_input = |input: &Input| Arrivals {
            initial: is_initialized(input) && !is_over(input),
            refilled: matches!(input.initializer, Some(Initializer::Always(_))),
            internal: false,
            internal_from_others: false,
            external: false,
        };
        function.inputs.iter().map(of_input).collect()
    });
    for (id, function) in program.functions.iter() {
        for connection in function.connections.iter().filter(|one| !is_over(program, ended, one)) {
            if let Some(input) = arrivals[connection.destination].get_mut(connection.input) {
                match connection.position {
                    Position::Internal => {
                        input.internal = true;
                        input.internal_from_others |= connection.destination != id;
                    }
                    Position::Returning | Position::Entering => input.external = true,
                }
            }
        }
    }
    let depends_on_timing = |&id: &FunctionId| {
        let queues =
            program.functions[id].inputs.iter().filter(|input| !matches!(input.feed, Feed::Constant(_)));
        let overtakes = |input: &Arrivals| {
            (input.internal && input.external) || (input.internal_from_others && input.initial)
        };
        let overtaking = arrivals[id].iter().any(overtakes);
        let refilled = arrivals[id].iter().any(|input| input.refilled && (input.internal || input.external));
        refilled || (overtaking && queues.count() > 1)
    };
    program.functions.ids().filter(depends_on_timing).map(|id| BTreeSet::from([id])).collect()
}
