//! What can be found out about a graph without running it: warnings about flows that are accepted but do not do what was
//! probably meant.
//!
//! Nothing here guesses. Each analysis says what is certain whatever the functions compute; where functions decide, it is
//! silent. Definitions of libraries are not blamed: who uses them cannot change them.
//!
//! | room | finds |
//! |---|---|
//! | [`feeding`] | what can run at all |
//! | [`starved`] | initializers that give nothing, and circles that wait for themselves |
//! | [`effects`] | effects that never happen |
//! | [`unused`] | results that nobody uses |
//! | [`contention`] | inputs at which unrelated values compete |
//! | [`twice`] | values that arrive twice |
//!
//! [`links`] are the edges by function, and [`components`] the circles among them.

mod components;
mod contention;
mod effects;
mod feeding;
mod links;
mod starved;
mod twice;
mod unused;

use crate::definitions::DefinitionId;
use crate::diagnostics::{Report, SourceId};
use crate::graph::{Edge, Graph};
use crate::hierarchy::{FunctionId, Hierarchy};
use flowcore::span::Span;
use links::Links;

/// Looks for everything that can be found out. What is found are warnings only.
pub fn analyze(hierarchy: &Hierarchy, graph: &Graph, report: &mut Report) {
    let scene = Scene { hierarchy, graph, links: Links::of(graph) };
    twice::warn(&scene, report);
    if scene.is_open() {
        return;
    }
    let feeding = feeding::Feeding::of(&scene);
    starved::warn(&scene, &feeding, report);
    effects::warn(&scene, &feeding, report);
    unused::warn(&scene, report);
    contention::warn(&scene, report);
}

/// What all analyses look at.
struct Scene<'run> {
    hierarchy: &'run Hierarchy,
    graph: &'run Graph,
    links: Links,
}

/// A place in a file.
type Place = (SourceId, Span);

impl Scene<'_> {
    /// Whether values come from outside or go there, so that not everything can be seen.
    fn is_open(&self) -> bool {
        let definitions = &self.hierarchy.definitions;
        let root = &definitions.get(definitions.root).definition;
        !(root.inputs().is_empty() && root.outputs().is_empty())
    }

    /// The functions that are left.
    fn functions(&self) -> impl Iterator<Item = FunctionId> {
        let ids = self.hierarchy.functions().map(|(id, _)| id);
        ids.filter(|id| self.graph.node(*id).is_kept)
    }

    fn is_impure(&self, id: FunctionId) -> bool {
        let (_, definition) = self.hierarchy.function_definition(self.hierarchy.function(id));
        definition.is_some_and(|definition| definition.impure.is_some())
    }

    fn edge(&self, position: usize) -> Option<&Edge> {
        self.graph.edges.get(position)
    }

    /// The edges that end at a function, by their positions.
    fn edges_to(&self, id: FunctionId) -> impl Iterator<Item = &Edge> {
        self.links.to(id).iter().filter_map(|position| self.edge(*position))
    }

    /// The edges that start at a function, by their positions.
    fn edges_from(&self, id: FunctionId) -> impl Iterator<Item = &Edge> {
        self.links.from(id).iter().filter_map(|position| self.edge(*position))
    }

    /// Whether a definition belongs to the flow itself.
    fn is_own(&self, id: DefinitionId) -> bool {
        self.hierarchy.definitions.get(id).is_own()
    }

    /// The reference to a function; if that is in a library, the reference to the flow of the library.
    fn place(&self, id: FunctionId) -> Option<Place> {
        let function = self.hierarchy.function(id);
        let (mut flow, mut child) = (function.flow, function.child);
        while !self.is_own(self.hierarchy.flow(flow).definition) {
            (flow, child) = self.hierarchy.flow(flow).parent?;
        }
        let loaded = self.hierarchy.flow_definition(flow);
        let reference = loaded.as_flow()?.processes.get(child)?;
        let alias = reference.alias.span;
        let is_named = !reference.alias.value.is_empty();
        Some((loaded.source, if is_named { alias } else { reference.source.span }))
    }

    /// The connection that an edge comes from, unless it is in a library.
    fn connection(&self, edge: &Edge) -> Option<Place> {
        let loaded = self.hierarchy.definitions.get(edge.origin.definition);
        loaded.is_own().then_some((loaded.source, edge.origin.to_span))
    }

    fn route(&self, id: FunctionId) -> String {
        format!("'{}'", self.hierarchy.function_route(self.hierarchy.function(id)))
    }
}

/// `" and 3 more"`, or nothing.
fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and {more} more") }
}
