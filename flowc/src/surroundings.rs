//! What is around the root flow: nothing if it is to run, and some other flow if it is made to be a part of one.

use crate::connect::Wirings;
use crate::graph::Origin;
use crate::hierarchy::{FunctionId, Hierarchy};
use crate::trace::{Hop, Place, Tracer};
use std::collections::HashSet;

/// What is taken to be around the root flow.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// The inputs of functions that get values from outside, and the connections that bring them.
    feeds: Vec<(FunctionId, usize, Origin)>,
    /// Whether somebody uses what the flow gives.
    use_outputs: bool,
}

impl Surroundings {
    /// Nothing: whatever the flow takes, nobody gives.
    pub fn nothing() -> Surroundings {
        Surroundings::default()
    }

    /// A flow that connects something to every input and every output. Each connection is looked at once.
    pub fn some_flow(hierarchy: &Hierarchy, wirings: &Wirings) -> Surroundings {
        let tracer = Tracer { hierarchy, wirings };
        let root = hierarchy.root();
        let definition = &hierarchy.flow_definition(root).definition;
        let mut surroundings =
            Surroundings { feeds: Vec::new(), use_outputs: !definition.outputs().is_empty() };
        let inputs = 0..definition.inputs().len();
        let mut waiting: Vec<_> = inputs.map(|input| crate::chain::Boundary::Input(root, input)).collect();
        let mut known: HashSet<_> = waiting.iter().copied().collect();
        while let Some(boundary) = waiting.pop() {
            for hop in tracer.after(boundary) {
                match tracer.end(hop) {
                    Some(Place::Input(id, input)) => {
                        surroundings.feeds.push((id, input, origin(hierarchy, hop)))
                    }
                    Some(Place::Boundary(next)) if known.insert(next) => waiting.push(next),
                    Some(Place::Boundary(_) | Place::Output(..)) | None => {}
                }
            }
        }
        surroundings
    }

    /// The inputs of functions that get values from outside, and the connections that bring them.
    pub fn feeds(&self) -> impl Iterator<Item = (FunctionId, usize, Origin)> {
        self.feeds.iter().copied()
    }

    /// Whether the flow has an effect whatever is in it, since somebody uses its outputs.
    pub fn see_effects(&self) -> bool {
        self.use_outputs
    }
}

fn origin(hierarchy: &Hierarchy, hop: Hop<'_>) -> Origin {
    Origin {
        definition: hierarchy.flow(hop.flow).definition,
        connection: hop.connection.definition,
        to_span: hop.connection.to_span,
    }
}
