//! From connections between processes to edges between functions: boundaries of flows are transparent.
//!
//! A connection from function to function is an edge. Any other is followed through the boundary it ends at, to all
//! functions that are reached. The initializers of flows' inputs and outputs travel the same way.

use crate::chain::Chains;
use crate::connect::{Connection, End, Selector, Start, Wirings};
use crate::definitions::{first_named, place_of};
use crate::diagnostics::{Code, Diagnostic, Failed, Mistake, Placed, Report, SourceId};
use crate::graph::{Edge, Graph, Origin};
use crate::hierarchy::{FlowId, FunctionId, Hierarchy, Process};
use crate::initialize::types;
use flowcore::datatype::{DataType, all_fit};
use flowcore::definition::IoDefinition;
use flowcore::manifest::Source;
use flowcore::span::Span;
use flowcore::value::Pointer;
use flowcore::{Initializer, Value};

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
        let hierarchy = self.hierarchy;
        let receiver = || hierarchy.input_route(to, input).into();
        let at = (hierarchy.definitions.get(origin.definition).source, origin.to_span);
        let mistake = Mistake { code: Code::W008, at, with: self.input_place(to, input) };
        self.report.add_use(mistake, receiver, || {
            let sender = hierarchy.function_route(hierarchy.function(from));
            let message =
                format!("'{}' gets all of what '{sender}' took in, not only the selected part", receiver());
            Diagnostic::new(Code::W008, message)
                .at(at.0, at.1, "")
                .help("parts can be selected of outputs, but not of inputs that are copied".to_owned())
        });
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

    /// Where that input is defined.
    fn input_place(&self, function: FunctionId, input: usize) -> (SourceId, Span) {
        let target = self.hierarchy.definitions.get(self.hierarchy.function(function).definition);
        (target.source, self.input(function, input).map_or_else(Span::default, place_of))
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
        let texts =
            |types: &[DataType]| types.iter().map(DataType::to_string).collect::<Vec<_>>().join(" or ");
        let hierarchy = self.hierarchy;
        let receiver = || hierarchy.input_route(to, input).into();
        let (at, with) = (
            (hierarchy.definitions.get(origin.definition).source, origin.to_span),
            self.input_place(to, input),
        );
        self.report.add_use(Mistake { code: Code::E026, at, with }, receiver, || {
            let sender = hierarchy.function_route(hierarchy.function(from));
            let message = match &narrowed {
                Some(gives) => format!(
                    "what '{sender}' sends to '{}' is {} but the input takes {}",
                    receiver(),
                    texts(gives),
                    types(destination)
                ),
                None => format!(
                    "'{}' would get a part of what '{sender}' sends, but that is {} and has no such part",
                    receiver(),
                    texts(source)
                ),
            };
            Diagnostic::new(Code::E026, message).at(at.0, at.1, "the chain of connections begins here").also(
                with.0,
                with.1,
                "it ends at this input",
            )
        });
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
                    let hierarchy = self.hierarchy;
                    let receiver = || hierarchy.input_route(function, input).into();
                    let at = (initializer.source, initializer.span);
                    let with = self.input_place(function, input);
                    self.report.add_use(Mistake { code: Code::W007, at, with }, receiver, || {
                        let message = format!(
                            "this initializer has no part '{}', so '{}' gets {}",
                            selector.pointer,
                            receiver(),
                            shortened(narrowed.value.value())
                        );
                        Diagnostic::new(Code::W007, message).at(at.0, at.1, "")
                    });
                }
            }
        }
        narrowed
    }

    fn deliver(&mut self, initializer: Placed<Initializer>, function: FunctionId, input: usize) {
        let Some(destination) = self.input(function, input) else { return };
        let found = DataType::of(initializer.value.value());
        let hierarchy = self.hierarchy;
        let receiver = || hierarchy.input_route(function, input).into();
        let (at, with) = ((initializer.source, initializer.span), self.input_place(function, input));
        if !all_fit([&found].into_iter(), destination.data_types()) {
            self.report.add_use(Mistake { code: Code::E029, at, with }, receiver, || {
                let message =
                    format!("this initializer is {found} but '{}' takes {}", receiver(), types(destination));
                Diagnostic::new(Code::E029, message).at(at.0, at.1, found.to_string()).also(
                    with.0,
                    with.1,
                    "the input that it reaches",
                )
            });
            return;
        }
        let Some(slot) = self.graph.input_mut(function, input) else { return };
        if let Some(own) = &slot.initializer {
            let with = (own.source, own.span);
            self.report.add_use(Mistake { code: Code::W020, at, with }, receiver, || {
                let message = format!("this initializer is not used: '{}' has one of its own", receiver());
                Diagnostic::new(Code::W020, message).at(at.0, at.1, "").also(with.0, with.1, "used instead")
            });
        }
        match &slot.flow_initializer {
            None => slot.flow_initializer = Some(initializer),
            Some(first) => {
                let with = (first.source, first.span);
                self.report.add_use(Mistake { code: Code::E028, at, with }, receiver, || {
                    let message = format!("'{}' is initialized by two flows", receiver());
                    Diagnostic::new(Code::E028, message).at(at.0, at.1, "the second").also(
                        with.0,
                        with.1,
                        "the first",
                    )
                });
            }
        }
    }
}

/// A value as messages show it; nobody reads pages of one.
fn shortened(value: &Value) -> String {
    const MOST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
