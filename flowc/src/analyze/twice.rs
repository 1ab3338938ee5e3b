//! Values that arrive twice: an input with two edges from the same part of the same function's results.
//!
//! Both values are delivered, so the receiver runs once more than the sender. Whoever wants that has to say so in another
//! way; mostly it is a line too many, or one way through a flow and one around it.

use super::Scene;
use crate::diagnostics::{Code, Diagnostic, Report};
use crate::graph::Edge;
use crate::hierarchy::FunctionId;
use std::collections::{HashMap, HashSet};

/// Reports each pair of connections once, however often the flow they are in is used.
pub(super) fn warn(scene: &Scene<'_>, report: &mut Report) {
    let mut told = HashSet::new();
    for id in scene.functions().filter(|id| scene.links.from(*id).len() > 1) {
        let mut first: HashMap<_, &Edge> = HashMap::new();
        for edge in scene.edges_from(id) {
            let Some(other) = first.insert((edge.to, edge.input, &edge.source), edge) else { continue };
            let of = |edge: &Edge| (edge.origin.definition, edge.origin.connection, edge.origin.to_span);
            if told.insert((of(other), of(edge))) {
                tell(scene, id, other, edge, report);
            }
        }
    }
}

fn tell(scene: &Scene<'_>, sender: FunctionId, first: &Edge, second: &Edge, report: &mut Report) {
    let Some((source, span)) = scene.connection(second).or_else(|| scene.connection(first)) else { return };
    let receiver = scene.hierarchy.input_route(second.to, second.input);
    let message = format!("'{receiver}' gets the same value of {} twice", scene.route(sender));
    let diagnostic = Diagnostic::new(Code::W028, message);
    report.add(match scene.connection(first).filter(|place| *place != (source, span)) {
        Some((other, place)) => diagnostic
            .at(source, span, "the second time")
            .also(other, place, "the first time")
            .help("remove one of the connections: each of them delivers the value".to_owned()),
        None => diagnostic
            .at(source, span, "on two paths")
            .help("what begins here parts and meets again: each path delivers the value".to_owned()),
    });
}
