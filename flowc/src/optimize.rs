//! Removes functions that cannot have an effect.

use crate::graph::Graph;
use crate::hierarchy::Hierarchy;

/// Removes every pure function from which no impure function can be reached, with its edges. The numbers of the others
/// stay. Each function and each edge is looked at once.
pub fn optimize(hierarchy: &Hierarchy, graph: &mut Graph) {
    let mut senders: Vec<Vec<usize>> = vec![Vec::new(); graph.functions.len()];
    for edge in &graph.edges {
        if let Some(list) = senders.get_mut(edge.to.index()) {
            list.push(edge.from.index());
        }
    }
    let mut waiting = Vec::new();
    for ((id, function), node) in hierarchy.functions().zip(&mut graph.functions) {
        let (_, definition) = hierarchy.function_definition(function);
        node.is_kept = definition.is_some_and(|definition| definition.impure.is_some());
        if node.is_kept {
            waiting.push(id.index());
        }
    }
    while let Some(receiver) = waiting.pop() {
        for sender in senders.get_mut(receiver).map(std::mem::take).unwrap_or_default() {
            if let Some(node) = graph.functions.get_mut(sender).filter(|node| !node.is_kept) {
                node.is_kept = true;
                waiting.push(sender);
            }
        }
    }
    let Graph { functions, edges } = graph;
    let is_kept = |index: usize| functions.get(index).is_some_and(|node| node.is_kept);
    edges.retain(|edge| is_kept(edge.from.index()) && is_kept(edge.to.index()));
}
