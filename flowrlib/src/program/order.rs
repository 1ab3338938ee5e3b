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

use super::{Feed, FunctionId, ImplementationKind, Lane, LaneId, Position, Program, is_gradual};
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

/// Gives each function its lane.
pub(super) fn assign_lanes(program: &mut Program, order: Order) {
    let groups = match order {
        Order::Exact => order_groups(program),
        Order::Relaxed => Table::alongside(&program.functions, |_| None),
    };
    let mut main_lanes: BTreeMap<FunctionId, LaneId> = BTreeMap::new();
    let mut input_lanes: BTreeMap<LaneId, LaneId> = BTreeMap::new();
    let mut lanes: Table<LaneId, Lane> = Table::new();
    for id in program.functions.ids() {
        let waits = program.implementations[program.functions[id].implementation].kind.waits_for_input();
        let lane = match groups[id] {
            None => lanes.push(Lane::default()),
            Some(group) => {
                let main = *main_lanes.entry(group).or_insert_with(|| lanes.push(Lane::default()));
                if waits {
                    *input_lanes.entry(main).or_insert_with(|| {
                        let behind = lanes.push(Lane { behind: Some(main), before: None });
                        lanes[main].before = Some(behind);
                        behind
                    })
                } else {
                    main
                }
            }
        };
        program.functions[id].lane = lane;
    }
    program.lanes = lanes;
    find_throttles(program);
}

/// Tells each function the inputs of other groups that it feeds.
///
/// Functions that share a stream are left out: effects happen in the order in which jobs are handed out, so none of
/// these jobs may be held back while another goes on.
fn find_throttles(program: &mut Program) {
    let sharing: BTreeSet<FunctionId> = users_of_shared_streams(program).into_iter().flatten().collect();
    let main = |function: FunctionId| {
        let lane = program.functions[function].lane;
        program.lanes[lane].behind.unwrap_or(lane)
    };
    let mut throttled_by: Table<FunctionId, Vec<(FunctionId, usize)>> = program
        .functions
        .ids()
        .map(|id| {
            let connections = program.functions[id].connections.iter();
            let elsewhere = connections
                .filter(|connection| !sharing.contains(&id) && main(connection.destination) != main(id));
            let inputs: BTreeSet<(FunctionId, usize)> =
                elsewhere.map(|connection| (connection.destination, connection.input)).collect();
            inputs.into_iter().collect()
        })
        .collect();
    for id in program.functions.ids() {
        for (target, _) in &throttled_by[id] {
            program.functions[*target].throttles = true;
        }
        program.functions[id].throttled_by = std::mem::take(&mut throttled_by[id]);
    }
}

/// For each function the group it belongs to, named by one of its members.
fn order_groups(program: &Program) -> Table<FunctionId, Option<FunctionId>> {
    let mut predecessors: Table<FunctionId, Vec<FunctionId>> =
        Table::alongside(&program.functions, |_| Vec::new());
    for (id, function) in program.functions.iter() {
        for connection in &function.connections {
            predecessors[connection.destination].push(id);
        }
    }

    let mut groups = Groups { of: Table::alongside(&program.functions, |_| None) };
    let mut visited = Table::alongside(&program.functions, |_| false);
    for set in start_sets(program) {
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
fn start_sets(program: &Program) -> impl Iterator<Item = BTreeSet<FunctionId>> {
    let contended = senders_of_contended_inputs(program);
    let idle = subtrees_in_which_idleness_matters(program);
    let streams = users_of_shared_streams(program);
    let timed = functions_whose_queues_depend_on_timing(program);
    contended.into_iter().chain(idle).chain(streams).chain(timed)
}

/// An input with several senders: what it takes depends on which of them comes first.
fn senders_of_contended_inputs(program: &Program) -> Vec<BTreeSet<FunctionId>> {
    let mut senders: BTreeMap<(FunctionId, usize), BTreeSet<FunctionId>> = BTreeMap::new();
    for (id, function) in program.functions.iter() {
        for connection in &function.connections {
            senders.entry((connection.destination, connection.input)).or_default().insert(id);
        }
    }
    senders.into_values().filter(|functions| functions.len() > 1).collect()
}

/// A flow that does something when it goes idle: when that is depends on all functions in its subtree.
fn subtrees_in_which_idleness_matters(program: &Program) -> Vec<BTreeSet<FunctionId>> {
    let mut matters = Table::alongside(&program.flows, |_| false);
    for (_, function) in program.functions.iter() {
        matters[function.flow] |= function.inputs.iter().any(|input| {
            input.feed == Feed::Mixed
                || matches!(input.flow_initializer, Some(Initializer::Always(_)))
                || [&input.initializer, &input.flow_initializer]
                    .into_iter()
                    .flatten()
                    .any(|one| is_gradual(one, input.shape))
        });
    }
    // The outermost such flow around a function decides, since its subtree holds those further in.
    let mut sets: BTreeMap<super::FlowId, BTreeSet<FunctionId>> = BTreeMap::new();
    for (id, function) in program.functions.iter() {
        if let Some(outermost) = program.enclosing_flows(function.flow).filter(|&flow| matters[flow]).last() {
            sets.entry(outermost).or_default().insert(id);
        }
    }
    sets.into_values().collect()
}

/// A stream that several functions write to or read from: their effects must keep their order.
fn users_of_shared_streams(program: &Program) -> Vec<BTreeSet<FunctionId>> {
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
/// The same holds for an input that is refilled after each job of its function, and that others send to as well: only
/// manifests made by hand have one.
///
/// A function that only loops back to itself is free of this: its internal value comes when the job that took the
/// previous one is released, and is the next one taken either way.
fn functions_whose_queues_depend_on_timing(program: &Program) -> Vec<BTreeSet<FunctionId>> {
    #[derive(Clone, Copy)]
    struct Arrivals {
        internal_from_others: bool,
        external: bool,
        external_from_others: bool,
        refilled: bool,
    }
    let mut arrivals: Table<FunctionId, Vec<Arrivals>> = Table::alongside(&program.functions, |function| {
        let of_input = |input: &super::Input| Arrivals {
            internal_from_others: false,
            external: input.initializer.is_some() || input.flow_initializer.is_some(),
            external_from_others: false,
            refilled: matches!(input.initializer, Some(Initializer::Always(_))),
        };
        function.inputs.iter().map(of_input).collect()
    });
    for (id, function) in program.functions.iter() {
        for connection in &function.connections {
            if let Some(input) = arrivals[connection.destination].get_mut(connection.input) {
                match connection.position {
                    Position::Internal => input.internal_from_others |= connection.destination != id,
                    Position::Returning | Position::Entering => {
                        input.external = true;
                        input.external_from_others |= connection.destination != id;
                    }
                }
            }
        }
    }
    let depends_on_timing = |&id: &FunctionId| {
        let queues =
            program.functions[id].inputs.iter().filter(|input| !matches!(input.feed, Feed::Constant(_)));
        let overtaking = arrivals[id].iter().any(|input| input.internal_from_others && input.external);
        let refilled = arrivals[id].iter().any(|input| input.refilled && input.external_from_others);
        refilled || (overtaking && queues.count() > 1)
    };
    program.functions.ids().filter(depends_on_timing).map(|id| BTreeSet::from([id])).collect()
}
