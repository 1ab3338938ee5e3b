//! Removes what cannot have an effect: functions whose results reach no effect, and values that are never looked at.
//!
//! The numbers of what is left stay. What was done is told in the log.

mod merge;

use crate::graph::Graph;
use crate::hierarchy::{FunctionId, Hierarchy};

/// What the optimizer did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Optimized {
    /// The functions it removed, ascending.
    pub removed: Vec<FunctionId>,
    /// How many edges between other functions it removed, as they brought values that nobody would ever look at.
    pub merged: usize,
}

/// Removes every pure function from which no impure function can be reached, with its edges; then edges that are not
/// needed beside others. Each function and each edge is looked at a few times at most.
pub fn optimize(hierarchy: &Hierarchy, graph: &mut Graph) -> Optimized {
    let effects = have_effect(hierarchy, graph);
    let mut removed = Vec::new();
    for (index, (node, has_effect)) in graph.functions.iter_mut().zip(&effects).enumerate() {
        node.is_kept = *has_effect;
        if !has_effect {
            removed.push(FunctionId::new(index));
        }
    }
    let is_kept = |id: FunctionId| effects.get(id.index()).copied().unwrap_or_default();
    graph.edges.retain(|edge| is_kept(edge.from) && is_kept(edge.to));
    let merged = merge::merge(hierarchy, graph);
    log(hierarchy, &removed, &merged);
    Optimized { removed, merged: merged.len() }
}

/// For each function whether an impure function is, or can be reached from, it.
pub(crate) fn have_effect(hierarchy: &Hierarchy, graph: &Graph) -> Vec<bool> {
    let mut senders: Vec<Vec<usize>> = vec![Vec::new(); graph.functions.len()];
    for edge in &graph.edges {
        if let Some(list) = senders.get_mut(edge.to.index()) {
            list.push(edge.from.index());
        }
    }
    let is_impure = |(_, function)| {
        let (_, definition) = hierarchy.function_definition(function);
        definition.is_some_and(|definition| definition.impure.is_some())
    };
    let mut effects: Vec<bool> = hierarchy.functions().map(is_impure).collect();
    let mut waiting: Vec<usize> =
        effects.iter().enumerate().filter(|(_, impure)| **impure).map(|(index, _)| index).collect();
    while let Some(receiver) = waiting.pop() {
        for sender in senders.get_mut(receiver).map(std::mem::take).unwrap_or_default() {
            if let Some(known) = effects.get_mut(sender).filter(|known| !**known) {
                *known = true;
                waiting.push(sender);
            }
        }
    }
    effects
}

/// Routes are long in deep trees, so they are made only if somebody reads them.
fn log(hierarchy: &Hierarchy, removed: &[FunctionId], merged: &[(FunctionId, FunctionId, usize)]) {
    log::info!("optimizer: functions removed: {}, connections merged: {}", removed.len(), merged.len());
    if !log::log_enabled!(log::Level::Info) {
        return;
    }
    for id in removed {
        log::info!("removed {}: it has no effect", hierarchy.function_route(hierarchy.function(*id)));
    }
    for (from, to, input) in merged {
        let (from, to) =
            (hierarchy.function_route(hierarchy.function(*from)), hierarchy.input_route(*to, *input));
        log::info!("merged two connections from {from} to {to}");
    }
}
