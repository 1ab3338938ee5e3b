//! From connections between processes to edges between functions: boundaries of flows are transparent.
//!
//! A connection from function to function is an edge. Any other is followed through the boundary it ends at, to all
//! functions that are reached. The initializers of flows' inputs and outputs travel the same way.

use crate::chain::Chains;
use crate::connect::{Connection, End, Selector, Start, Wirings};
use crate::definitions::first_named;
use crate::diagnostics::{Code, Diagnostic, Failed, Placed, Report};
use crate::graph::{Edge, Graph, Origin};
use crate::hierarchy::{FlowId, FunctionId, Hierarchy, Process};
use crate::initialize::types;
use flowcore::Initializer;
use flowcore::datatype::{DataType, all_fit};
use flowcore::definition::IoDefinition;
use flowcore::manifest::Source;
use flowcore::value::Pointer;

/// Makes the edges and delivers the initializers of flows.
///
/// # Errors
///
/// Fails if the types at the ends of a chain do not fit, if an input gets two flow initializers, and if connections lead
/// in a circle.
pub fn collapse(hierarchy: &Hierarchy, wirings: &Wirings, report: &mut Report) -> Result<Graph, Failed> {
    let chains = Chains { hierarchy, wirings };
    chains.check_circles(report)?;
    let graph = Graph::of(hierarchy);
    let mut collapse = Collapse { hierarchy, chains, report, graph };
    for flow in &hierarchy.order {
        let definition = hierarchy.flow(*flow).definition;
        for connection in &wirings.get(definition).connections {
            match &connection.from {
                Start::FunctionOutput { child } => {
                    let source = Source::Output(connection.selector.pointer.clone());
                    collapse.edges_of(*flow, connection, *child, &source);
                }
                Start::FunctionInput { child, input } => {
                    collapse.edges_of(*flow, connection, *child, &Source::Input(*input));
                }
                Start::Input(_) | Start::FlowOutput { .. } => collapse.initialize_from(*flow, connection),
            }
        }
    }
    let Collapse { report, graph, .. } = collapse;
    report.end_stage(graph)
}

struct Collapse<'run> {
    hierarchy: &'run Hierarchy,
    chains: Chains<'run>,
    report: &'run mut Report,
    graph: Graph,
}

/// A function input at the end of a chain, and the selectors behind the first connection.
struct Reached<'run> {
    function: FunctionId,
    input: usize,
    trail: Vec<&'run Selector>,
}

impl<'run> Collapse<'run> {
    fn edges_of(&mut self, flow: FlowId, connection: &'run Connection, child: usize, source: &Source) {
        let Some(Process::Function(from)) = self.hierarchy.flow(flow).children.get(child).copied() else {
            return;
        };
        let origin = Origin {
            definition: self.hierarchy.flow(flow).definition,
            connection: connection.definition,
            to_span: connection.to_span,
        };
        if let Some((to, input)) = self.chains.function_at(flow, connection.to) {
            let source = source.clone();
            self.graph.edges.push(Edge { from, source, to, input, internal: true, origin });
            return;
        }
        for Reached { function: to, input, trail } in self.follow(flow, connection.to) {
            let steps = trail.iter().map(|selector| selector.steps).sum();
            if !self.check_chain(from, &connection.types, steps, to, input, origin) {
                continue;
            }
            let mut source = source.clone();
            match &mut source {
                Source::Output(pointer) => {
                    trail.iter().for_each(|selector| pointer.push_str(&selector.pointer));
                }
                Source::Input(_) if steps > 0 => self.warn_of_copy(from, to, input, origin),
                Source::Input(_) => {}
            }
            self.graph.edges.push(Edge { from, source, to, input, internal: false, origin });
        }
    }

    /// Manifests can select a part of a result but not of a copied input.
    fn warn_of_copy(&mut self, from: FunctionId, to: FunctionId, input: usize, origin: Origin) {
        let sender = self.hierarchy.function_route(self.hierarchy.function(from));
        let receiver = self.hierarchy.input_route(to, input);
        let message = format!("'{receiver}' gets all of what '{sender}' took in, not only the selected part");
        let loaded = self.hierarchy.definitions.get(origin.definition);
        self.report.add(Diagnostic::new(Code::W008, message).at(loaded.source, origin.to_span, ""));
    }

    /// All function inputs that are reached through the boundary at the end of a connection, depth first in the order of
    /// the connections. A list of levels stands for the recursion, so that deep trees do not need a deep stack.
    fn follow(&self, flow: FlowId, end: End) -> Vec<Reached<'run>> {
        let mut reached = Vec::new();
        let mut trail: Vec<&'run Selector> = Vec::new();
        let first = self.chains.boundary(flow, end);
        let mut levels: Vec<_> = first.into_iter().map(|boundary| self.chains.behind(boundary)).collect();
        while let Some((flow, connections)) = levels.last_mut() {
            let Some(connection) = connections.next() else {
                levels.pop();
                trail.pop();
                continue;
            };
            trail.push(&connection.selector);
            if let Some((function, input)) = self.chains.function_at(*flow, connection.to) {
                reached.push(Reached { function, input, trail: trail.clone() });
                trail.pop();
            } else if let Some(boundary) = self.chains.boundary(*flow, connection.to) {
                levels.push(self.chains.behind(boundary));
            } else {
                trail.pop();
            }
        }
        reached
    }

    /// The input that tells the types: of several with one name, the first.
    fn input(&self, function: FunctionId, input: usize) -> Option<&'run IoDefinition> {
        let inputs =
            self.hierarchy.definitions.get(self.hierarchy.function(function).definition).definition.inputs();
        first_named(inputs, &inputs.get(input)?.name.value)
    }

    /// Whether what leaves the function, less what is selected on the way, fits what the chain ends at.
    fn check_chain(
        &mut self,
        from: FunctionId,
        source: &[DataType],
        steps: usize,
        to: FunctionId,
        input: usize,
        origin: Origin,
    ) -> bool {
        let Some(destination) = self.input(to, input) else { return false };
        let narrowed: Option<Vec<DataType>> =
            source.iter().map(|data_type| data_type.narrow(steps)).collect();
        if narrowed.as_ref().is_some_and(|narrowed| all_fit(narrowed.iter(), destination.data_types())) {
            return true;
        }
        let gives = match narrowed {
            Some(narrowed) => narrowed.iter().map(DataType::to_string).collect::<Vec<_>>().join(" or "),
            None => "something that has no such part".to_owned(),
        };
        let (sender, takes) =
            (self.hierarchy.function_route(self.hierarchy.function(from)), types(destination));
        let receiver = self.hierarchy.input_route(to, input);
        let message = format!("what '{sender}' sends to '{receiver}' is {gives} but the input takes {takes}");
        let loaded = self.hierarchy.definitions.get(origin.definition);
        let target = self.hierarchy.definitions.get(self.hierarchy.function(to).definition);
        let diagnostic = Diagnostic::new(Code::E026, message)
            .at(loaded.source, origin.to_span, "the chain of connections begins here")
            .also(target.source, destination.span, "it ends at this input");
        self.report.add(diagnostic);
        false
    }

    /// A connection from an input or output of a flow, which may have an initializer.
    fn initialize_from(&mut self, flow: FlowId, connection: &'run Connection) {
        let boundary = self.chains.start(flow, &connection.from);
        let initializer = boundary.and_then(|boundary| self.chains.initializer_at(boundary));
        let Some(initializer) = initializer else { return };
        let reached = match self.chains.function_at(flow, connection.to) {
            Some((function, input)) => vec![Reached { function, input, trail: Vec::new() }],
            None => self.follow(flow, connection.to),
        };
        for Reached { function, input, trail } in reached {
            let narrowed = self.narrow(&initializer, &connection.selector, &trail, function, input);
            self.deliver(narrowed, function, input);
        }
    }

    /// Selects on every hop what the connection there selects; where there is no such part, the value stays as it is.
    fn narrow(
        &mut self,
        initializer: &Placed<Initializer>,
        first: &Selector,
        trail: &[&Selector],
        function: FunctionId,
        input: usize,
    ) -> Placed<Initializer> {
        let mut narrowed = initializer.clone();
        for selector in [first].into_iter().chain(trail.iter().copied()).filter(|hop| !hop.pointer.is_empty())
        {
            let part = Pointer::parse(&selector.pointer).select(narrowed.value.value()).cloned();
            match part {
                Some(part) => narrowed.value = narrowed.value.with_value(part),
                None => {
                    let to = self.hierarchy.input_route(function, input);
                    let message = format!(
                        "this initializer has no part '{}', so '{to}' gets {}",
                        selector.pointer,
                        narrowed.value.value()
                    );
                    let diagnostic = Diagnostic::new(Code::W007, message);
                    self.report.add(diagnostic.at(initializer.source, initializer.span, ""));
                }
            }
        }
        narrowed
    }

    fn deliver(&mut self, initializer: Placed<Initializer>, function: FunctionId, input: usize) {
        let Some(destination) = self.input(function, input) else { return };
        let found = DataType::of(initializer.value.value());
        if !all_fit([&found].into_iter(), destination.data_types()) {
            let to = self.hierarchy.input_route(function, input);
            let message = format!("this initializer is {found} but '{to}' takes {}", types(destination));
            self.report.add(Diagnostic::new(Code::E029, message).at(
                initializer.source,
                initializer.span,
                "",
            ));
            return;
        }
        let to = || self.hierarchy.input_route(function, input);
        let Some(slot) = self.graph.input_mut(function, input) else { return };
        match &slot.flow_initializer {
            None => slot.flow_initializer = Some(initializer),
            Some(first) => {
                let message = format!("'{}' is initialized by two flows", to());
                let diagnostic = Diagnostic::new(Code::E028, message)
                    .at(initializer.source, initializer.span, "the second")
                    .also(first.source, first.span, "the first");
                self.report.add(diagnostic);
            }
        }
    }
}
