//! From connections between processes to edges between functions: boundaries of flows are transparent.
//!
//! A connection from function to function is an edge. Any other is followed through the boundary it ends at, to all
//! functions that are reached. The initializers of flows' inputs and outputs travel the same way.

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
use std::collections::HashSet;

/// Makes the edges and delivers the initializers of flows.
///
/// # Errors
///
/// Fails if the types at the ends of a chain do not fit, if an input gets two flow initializers, and if connections lead
/// in a circle.
pub fn collapse(hierarchy: &Hierarchy<'_>, wirings: &Wirings, report: &mut Report) -> Result<Graph, Failed> {
    let graph = Graph::of(hierarchy);
    let mut collapse = Collapse { hierarchy, wirings, report, graph, circles: HashSet::new() };
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

/// A boundary that a chain passes: an input or output of a flow.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Boundary {
    Input(FlowId, usize),
    Output(FlowId, usize),
}

struct Collapse<'run> {
    hierarchy: &'run Hierarchy<'run>,
    wirings: &'run Wirings,
    report: &'run mut Report,
    graph: Graph,
    /// Circles that were reported already.
    circles: HashSet<Boundary>,
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
        if let Some((to, input)) = self.function_at(flow, connection.to) {
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
            if let Source::Output(pointer) = &mut source {
                trail.iter().for_each(|selector| pointer.push_str(&selector.pointer));
            }
            self.graph.edges.push(Edge { from, source, to, input, internal: false, origin });
        }
    }

    fn function_at(&self, flow: FlowId, end: End) -> Option<(FunctionId, usize)> {
        let End::FunctionInput { child, input } = end else { return None };
        match self.hierarchy.flow(flow).children.get(child)? {
            Process::Function(function) => Some((*function, input)),
            Process::Flow(_) | Process::Replaced => None,
        }
    }

    /// The boundary that a connection in a flow ends at.
    fn boundary(&self, flow: FlowId, end: End) -> Option<Boundary> {
        match end {
            End::Output(output) => Some(Boundary::Output(flow, output)),
            End::FlowInput { child, input } => match self.hierarchy.flow(flow).children.get(child)? {
                Process::Flow(sub) => Some(Boundary::Input(*sub, input)),
                Process::Function(_) | Process::Replaced => None,
            },
            End::FunctionInput { .. } => None,
        }
    }

    /// The connections behind a boundary, and the flow they are in.
    fn behind(&self, boundary: Boundary) -> (FlowId, Vec<&'run Connection>) {
        match boundary {
            Boundary::Input(flow, input) => {
                (flow, self.wirings.get(self.hierarchy.flow(flow).definition).from_input(input).collect())
            }
            Boundary::Output(flow, output) => match self.hierarchy.flow(flow).parent {
                Some((parent, child)) => {
                    let wiring = self.wirings.get(self.hierarchy.flow(parent).definition);
                    (parent, wiring.from_child(child, output).collect())
                }
                None => (flow, Vec::new()),
            },
        }
    }

    /// All function inputs that are reached through the boundary at the end of a connection, depth first in the order of
    /// the connections. A list of levels stands for the recursion, so that deep trees do not need a deep stack.
    fn follow(&mut self, flow: FlowId, end: End) -> Vec<Reached<'run>> {
        struct Level<'run> {
            boundary: Boundary,
            flow: FlowId,
            connections: std::vec::IntoIter<&'run Connection>,
        }
        let mut reached = Vec::new();
        let mut levels: Vec<Level<'run>> = Vec::new();
        let mut on_path = HashSet::new();
        let mut trail: Vec<&'run Selector> = Vec::new();
        let mut next = self.boundary(flow, end);
        loop {
            if let Some(boundary) = next.take() {
                if on_path.insert(boundary) {
                    let (flow, connections) = self.behind(boundary);
                    levels.push(Level { boundary, flow, connections: connections.into_iter() });
                } else {
                    let path: Vec<Boundary> = levels.iter().map(|level| level.boundary).collect();
                    self.report_circle(&path, boundary);
                    trail.pop();
                }
            }
            let Some(level) = levels.last_mut() else { return reached };
            let Some(connection) = level.connections.next() else {
                on_path.remove(&level.boundary);
                levels.pop();
                trail.pop();
                continue;
            };
            let flow = level.flow;
            trail.push(&connection.selector);
            if let Some((function, input)) = self.function_at(flow, connection.to) {
                reached.push(Reached { function, input, trail: trail.clone() });
                trail.pop();
            } else {
                next = self.boundary(flow, connection.to);
                if next.is_none() {
                    trail.pop();
                }
            }
        }
    }

    fn report_circle(&mut self, path: &[Boundary], again: Boundary) {
        let from = path.iter().position(|boundary| *boundary == again).unwrap_or_default();
        let circle = path.get(from..).unwrap_or_default();
        // A circle is found from wherever it is entered; it is one mistake.
        if !circle.iter().all(|boundary| self.circles.insert(*boundary)) {
            return;
        }
        let routes: Vec<String> =
            circle.iter().chain([&again]).map(|boundary| self.boundary_route(*boundary)).collect();
        let message = format!("connections lead in a circle without any function: {}", routes.join(" -> "));
        let (Boundary::Input(flow, _) | Boundary::Output(flow, _)) = again;
        let loaded = self.hierarchy.flow_definition(flow);
        let place = loaded.definition.name().span;
        self.report.add(Diagnostic::new(Code::E027, message).at(loaded.source, place, "in this flow"));
    }

    fn boundary_route(&self, boundary: Boundary) -> String {
        let (flow, ios, number) = match boundary {
            Boundary::Input(flow, input) => {
                (flow, self.hierarchy.flow_definition(flow).definition.inputs(), input)
            }
            Boundary::Output(flow, output) => {
                (flow, self.hierarchy.flow_definition(flow).definition.outputs(), output)
            }
        };
        let name = ios.get(number).map_or("", |io| &io.name.value);
        self.hierarchy.flow_route(flow).join(name).into()
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
        let initializer = match connection.from {
            Start::Input(input) => self.hierarchy.flow_input_initializer(flow, input),
            Start::FlowOutput { child, output } => self.output_value(flow, child, output),
            Start::FunctionOutput { .. } | Start::FunctionInput { .. } => None,
        };
        let Some(initializer) = initializer else { return };
        let reached = match self.function_at(flow, connection.to) {
            Some((function, input)) => vec![Reached { function, input, trail: Vec::new() }],
            None => self.follow(flow, connection.to),
        };
        for Reached { function, input, trail } in reached {
            let narrowed = self.narrow(&initializer, &connection.selector, &trail, function, input);
            self.deliver(narrowed, function, input);
        }
    }

    fn output_value(&self, flow: FlowId, child: usize, output: usize) -> Option<Placed<Initializer>> {
        let loaded = self.hierarchy.definitions.get(self.hierarchy.child(flow, child)?.definition);
        let fixed = loaded.definition.outputs().get(output)?.initializer.clone()?;
        Some(Placed::new(fixed, loaded.source))
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
