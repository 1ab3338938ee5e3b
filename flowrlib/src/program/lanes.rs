//! Lanes: where each function's results are released, now and when its order group has come apart, and whom it has to
//! wait for because of that.

use super::invariants::invariants;
use super::order::{Order, flows_that_fade, order_groups, users_of_shared_streams};
use super::{Feed, FlowId, FunctionId, Input, Lane, LaneId, Placement, Program, Separation};
use crate::table::Table;
use std::collections::{BTreeMap, BTreeSet};

/// Gives each function its lane, for now and for when its group has come apart.
pub(super) fn assign(program: &mut Program, order: Order) {
    let ended = Table::alongside(&program.flows, |_| false);
    let groups = match order {
        Order::Exact => order_groups(program, &ended),
        Order::Relaxed => Table::alongside(&program.functions, |_| None),
    };
    let mut main_lanes: BTreeMap<FunctionId, LaneId> = BTreeMap::new();
    let mut input_lanes: BTreeMap<LaneId, LaneId> = BTreeMap::new();
    let lanes = &mut program.lanes;
    for id in program.functions.ids() {
        let waits = program.implementations[program.functions[id].implementation].kind.waits_for_input();
        program.functions[id].placement.lane = match groups[id] {
            None => lanes.push(Lane::default()),
            Some(group) => {
                let main = *main_lanes.entry(group).or_insert_with(|| lanes.push(Lane::default()));
                if waits {
                    *input_lanes.entry(main).or_insert_with(|| {
                        let behind = lanes.push(Lane { behind: Some(main), ..Lane::default() });
                        lanes[main].before = Some(behind);
                        behind
                    })
                } else {
                    main
                }
            }
        };
    }
    let now = Table::alongside(&program.functions, |function| {
        let lane = function.placement.lane;
        program.lanes[lane].behind.unwrap_or(lane)
    });
    for (id, placement) in placements(program, &now, &groups, &ended) {
        let lane = program.functions[id].placement.lane;
        program.functions[id].placement = Placement { lane, ..placement };
    }
    separate(program, &groups, now);
}

/// Prepares for the time when groups come apart, those that ever will. `lanes` are those of the groups.
fn separate(
    program: &mut Program,
    groups: &Table<FunctionId, Option<FunctionId>>,
    mut lanes: Table<FunctionId, LaneId>,
) {
    let fading = flows_that_fade(program);
    let is_grouped = groups.iter().any(|(_, group)| group.is_some());
    if !is_grouped || !program.flows.ids().any(|flow| fading[flow]) {
        return;
    }
    let lasting = order_groups(program, &fading);
    // A function that nothing binds any more is a part of its own.
    let part = |id: FunctionId| lasting[id].unwrap_or(id);
    let is_awaited = |flow: FlowId, input: &Input| fading[flow] && input.feed == Feed::Mixed;
    let mut members: BTreeMap<LaneId, Vec<FunctionId>> = BTreeMap::new();
    for (id, _) in groups.iter().filter(|(_, group)| group.is_some()) {
        members.entry(lanes[id]).or_default().push(id);
    }
    for (lane, members) in members {
        let awaits = |&id: &FunctionId| {
            let function = &program.functions[id];
            function.inputs.iter().any(|input| is_awaited(function.flow, input))
        };
        let mut parts: BTreeMap<FunctionId, LaneId> = members.iter().map(|&id| (part(id), lane)).collect();
        let is_one = parts.len() == 1 && members.iter().all(|&id| lasting[id].is_some());
        // What comes from outside is looked at when its group has nothing else to do, so such a one stays together.
        if is_one || !members.iter().any(awaits) || program.lanes[lane].before.is_some() {
            continue;
        }
        for of_part in parts.values_mut() {
            *of_part = program.lanes.push(Lane { after: Some(lane), ..Lane::default() });
        }
        let separation = program.separations.push(Separation { placements: Vec::new() });
        program.lanes[lane].separation = Some(separation);
        for id in members {
            lanes[id] = parts.get(&part(id)).copied().unwrap_or(lane);
            let function = &mut program.functions[id];
            for input in function.inputs.iter_mut().filter(|input| is_awaited(function.flow, input)) {
                input.separation = Some(separation);
            }
        }
    }
    for (id, placement) in placements(program, &lanes, &lasting, &fading) {
        let lane = program.functions[id].placement.lane;
        if let Some(separation) = program.lanes[lane].separation {
            program.separations[separation].placements.push((id, placement));
        }
    }
}

/// What follows from the lanes in which functions have their results released, and from the groups that bind them once
/// nothing more enters the flows that have ended.
///
/// Functions that share a stream wait for nobody: effects happen in the order in which jobs are handed out, so none of
/// these jobs may be held back while another goes on.
fn placements(
    program: &Program,
    lanes: &Table<FunctionId, LaneId>,
    groups: &Table<FunctionId, Option<FunctionId>>,
    ended: &Table<FlowId, bool>,
) -> Vec<(FunctionId, Placement)> {
    let sharing: BTreeSet<FunctionId> = users_of_shared_streams(program).into_iter().flatten().collect();
    let mut invariants = invariants(program, ended);
    let of_function = |id: FunctionId| {
        let connections = program.functions[id].connections.iter();
        let elsewhere = connections
            .filter(|connection| !sharing.contains(&id) && lanes[connection.destination] != lanes[id]);
        let inputs: BTreeSet<(FunctionId, usize)> =
            elsewhere.map(|connection| (connection.destination, connection.input)).collect();
        let throttled_by = inputs.into_iter().collect();
        // Within a group it would show if a job was created before its time.
        let is_free = groups[id].is_none();
        let invariants = if is_free { std::mem::take(&mut invariants[id]) } else { Vec::new() };
        (id, Placement { lane: lanes[id], throttled_by, throttles: false, invariants })
    };
    let mut placements: Vec<(FunctionId, Placement)> = program.functions.ids().map(of_function).collect();
    let targets = placements.iter().flat_map(|(_, placement)| &placement.throttled_by);
    let targets: BTreeSet<FunctionId> = targets.map(|&(target, _)| target).collect();
    for (id, placement) in &mut placements {
        placement.throttles = targets.contains(id);
    }
    placements
}
