//! Merges connections that bring the same value to the same input, where that cannot be observed.
//!
//! Normally it can: each value is delivered, and the receiver runs once for each. It cannot if the receiver runs once at
//! most. So two edges are merged if
//!
//! 1. they have the same sender, the same source and the same destination,
//! 2. another input of the receiver gets one value in the whole run: a `once` on the function that is not taken apart,
//!    and no edge and no flow initializer beside it,
//! 3. all edges to the input are within one flow, or all come from outside, and no flow initializes it.
//!
//! Proof. By 2 the receiver makes one job at most, and that job takes the first value of each queue. Both edges carry the
//! same part of the same result, so they bring the same values, the first edge before the second, with those of other
//! senders between different results only. By 3 values stand in the queue in the order in which they come: nothing that
//! comes later gets in front. So the first value of the queue, and the moment at which there is one, are the same with
//! and without the second edge; and so is the job. What is behind it is never taken. Also by 3 the input is not a mixed
//! one, so what waits in it does not decide when a flow's next invocation starts; and jobs alone decide when a flow is
//! idle. Nothing else looks at queues.

use crate::graph::{Edge, Graph};
use crate::hierarchy::{FunctionId, Hierarchy};
use flowcore::Initializer;
use flowcore::manifest::Source;
use std::collections::{HashMap, HashSet};

/// Removes all but the first of such edges; gives the ends of those that were removed.
pub(super) fn merge(hierarchy: &Hierarchy, graph: &mut Graph) -> Vec<(FunctionId, FunctionId, usize)> {
    let mut places: HashMap<(FunctionId, usize), Place> = HashMap::new();
    for edge in graph.edges.iter().filter(|edge| has_single_value(hierarchy, graph, edge.to)) {
        places.entry((edge.to, edge.input)).or_default().add(edge);
    }
    if places.is_empty() {
        return Vec::new();
    }
    let runs_once: HashSet<FunctionId> =
        places.keys().map(|(to, _)| *to).filter(|to| runs_once(hierarchy, graph, &places, *to)).collect();
    let is_plain = |edge: &Edge| {
        let node = graph.functions.get(edge.to.index()).and_then(|node| node.inputs.get(edge.input));
        runs_once.contains(&edge.to)
            && node.is_some_and(|input| input.flow_initializer.is_none())
            && places.get(&(edge.to, edge.input)).is_some_and(|place| !(place.inside && place.outside))
    };
    let mut merged = Vec::new();
    let mut known: HashSet<(FunctionId, Source, FunctionId, usize)> = HashSet::new();
    let keep: Vec<bool> = graph
        .edges
        .iter()
        .map(|edge| {
            let is_new =
                !is_plain(edge) || known.insert((edge.from, edge.source.clone(), edge.to, edge.input));
            if !is_new {
                merged.push((edge.from, edge.to, edge.input));
            }
            is_new
        })
        .collect();
    let mut keep = keep.into_iter();
    graph.edges.retain(|_| keep.next().unwrap_or(true));
    merged
}

/// Where the edges to an input come from.
#[derive(Default)]
struct Place {
    inside: bool,
    outside: bool,
}

impl Place {
    fn add(&mut self, edge: &Edge) {
        self.inside |= edge.internal;
        self.outside |= !edge.internal;
    }
}

/// The inputs of a function that get one value from their own initializer.
fn single_values(hierarchy: &Hierarchy, graph: &Graph, id: FunctionId) -> impl Iterator<Item = usize> {
    let definition = &hierarchy.definitions.get(hierarchy.function(id).definition).definition;
    let inputs = graph.node(id).inputs.iter().zip(definition.inputs()).enumerate();
    let is_single =
        |(number, (node, io)): (usize, (&crate::graph::InputNode, &flowcore::definition::IoDefinition))| {
            let first = &io.types.first()?.value;
            let Initializer::Once(value) = &node.initializer.as_ref()?.value else { return None };
            let is_whole = first.is_generic() || value.array_order() <= first.array_order();
            (is_whole && node.flow_initializer.is_none()).then_some(number)
        };
    inputs.filter_map(is_single)
}

fn has_single_value(hierarchy: &Hierarchy, graph: &Graph, id: FunctionId) -> bool {
    single_values(hierarchy, graph, id).next().is_some()
}

/// Whether one of those inputs gets nothing else.
fn runs_once(
    hierarchy: &Hierarchy,
    graph: &Graph,
    places: &HashMap<(FunctionId, usize), Place>,
    id: FunctionId,
) -> bool {
    single_values(hierarchy, graph, id).any(|number| !places.contains_key(&(id, number)))
}
