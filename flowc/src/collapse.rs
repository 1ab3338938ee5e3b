//! From connections between processes to edges between functions: boundaries of flows are transparent.
//!
//! A connection from function to function is an edge. Any other is followed through the boundary it ends at, to all
//! functions that are reached. The initializers of flows' inputs and outputs travel the same way.

use crate::chain::Chains;
use crate::connect::{Connection, Selector, Start, Wirings, conversion};
use crate::definitions::place_of;
use crate::diagnostics::{Code, Diagnostic, Failed, Mistake, Placed, Report, SourceId};
use crate::graph::{Edge, Graph, Origin};
use crate::hierarchy::{FlowId, FunctionId, Hierarchy, Process};
use crate::initialize::types;
use crate::reach::{Reach, Reached};
use flowcore::datatype::{DataType, all_fit};
use flowcore::definition::IoDefinition;
use flowcore::manifest::Source;
use flowcore::span::Span;
use flowcore::value::Pointer;
use flowcore::{Initializer, Value};
use std::cmp::Ordering;
use std::collections::HashSet;

/// Makes the edges and delivers the initializers of flows.
///
/// # Errors
///
/// Fails if the types at the ends of a chain do not fit, if an input gets two flow initializers, and if connections lead
/// in a circle.
pub fn collapse(hierarchy: &Hierarchy, wirings: &Wirings, report: &mut Report) -> Result<Graph, Failed> {
    let chains = Chains { hierarchy, wirings };
    chains.check_circles(report)?;
    let reach = Reach::new(chains);
    let graph = Graph::of(hierarchy);
    let mut collapse = Collapse {
        hierarchy,
        chains,
        reach: &reach,
        report,
        graph,
        room: MOST_EDGES,
        overfed: HashSet::new(),
    };
    for flow in &hierarchy.order {
        let definition = hierarchy.flow(*flow).definition;
        for connection in &wirings.get(definition).connections {
            collapse.take_room(*flow, connection)?;
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

/// As many edges, and values of flows that arrive somewhere, as there may be: where connections part and meet again
/// they double, and so grow without limit.
const MOST_EDGES: u64 = 10_000_000;

struct Collapse<'run> {
    hierarchy: &'run Hierarchy,
    chains: Chains<'run>,
    reach: &'run Reach<'run>,
    /// How many edges there may still be.
    room: u64,
    /// The inputs that two flows initialize.
    overfed: HashSet<(FunctionId, usize)>,
    report: &'run mut Report,
    graph: Graph,
}

impl<'run> Collapse<'run> {
    /// Sees to it that there is room for what a connection leads to, before memory is used for it.
    fn take_room(&mut self, flow: FlowId, connection: &Connection) -> Result<(), Failed> {
        let is_followed = self.chains.brings_values(flow, connection);
        let ends = match self.chains.boundary(flow, connection.to) {
            Some(boundary) => self.reach.ends(boundary),
            None => 1,
        };
        if !is_followed || ends <= self.room {
            self.room -= if is_followed { ends } else { 0 };
            return Ok(());
        }
        let message = format!("the connections lead to more than {MOST_EDGES} edges between functions");
        let help =
            "values take every path through the flows: where connections part and meet again, paths multiply";
        let source = self.hierarchy.flow_definition(flow).source;
        let diagnostic = Diagnostic::new(Code::E053, message).help(help.to_owned());
        self.report.add(diagnostic.at(source, connection.to_span, "no room for what this one leads to"));
        Err(Failed)
    }

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
            self.tell_conversion(from, &connection.types, 0, to, input);
            let source = source.clone();
            self.graph.edges.push(Edge { from, source, to, input, internal: true, origin });
            return;
        }
        let Some(boundary) = self.chains.boundary(flow, connection.to) else { return };
        for Reached { function: to, input, trail } in self.reach.follow(boundary) {
            let steps = trail.iter().map(|selector| selector.steps).sum();
            if !self.check_chain(from, &connection.types, steps, to, input, origin) {
                continue;
            }
            self.tell_conversion(from, &connection.types, steps, to, input);
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

    /// Types that differ in the depth of their arrays fit, as values are taken apart or wrapped when they are delivered.
    /// That is how flows are meant to be written, so it is told in the log and is no warning.
    fn tell_conversion(
        &self,
        from: FunctionId,
        source: &[DataType],
        steps: usize,
        to: FunctionId,
        input: usize,
    ) {
        if !log::log_enabled!(log::Level::Info) {
            return;
        }
        let first = self.input(to, input).and_then(|io| io.types.first()).map(|first| &first.value);
        let Some(takes) = first.filter(|first| !first.is_generic()) else { return };
        let given = source.iter().filter_map(|data_type| data_type.narrow(steps));
        for gives in given.filter(|gives| !gives.is_generic()) {
            let what = match gives.array_order().cmp(&takes.array_order()) {
                Ordering::Equal => continue,
                Ordering::Greater => "arrays are taken apart",
                Ordering::Less => "values are wrapped in arrays",
            };
            let sender = self.hierarchy.function_route(self.hierarchy.function(from));
            let receiver = self.hierarchy.input_route(to, input);
            log::info!("from {sender} ({gives}) to {receiver} ({takes}) {what}");
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

    /// The input that tells the types: of several with one name, the first.
    fn input(&self, function: FunctionId, input: usize) -> Option<&'run IoDefinition> {
        let inputs = self.hierarchy.definitions.inputs(self.hierarchy.function(function).definition);
        Some(inputs.first(&inputs.all.get(input)?.name.value)?.1)
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
        if steps == 0 && all_fit(source.iter(), destination.data_types()) {
            return true;
        }
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
            let takes: Vec<DataType> = destination.data_types().cloned().collect();
            let help = narrowed.as_ref().and_then(|gives| conversion(gives, &takes));
            Diagnostic::new(Code::E026, message)
                .at(at.0, at.1, "the chain of connections begins here")
                .also(with.0, with.1, "it ends at this input")
                .help(help)
        });
        false
    }

    /// A connection from an input or output of a flow, which may have an initializer.
    fn initialize_from(&mut self, flow: FlowId, connection: &'run Connection) {
        let boundary = self.chains.start(flow, &connection.from);
        let initializer = boundary.and_then(|boundary| self.chains.initializer_at(boundary));
        let Some(initializer) = initializer else { return };
        if let Some((function, input)) = self.chains.function_at(flow, connection.to) {
            let narrowed = self.narrow(&initializer, &connection.selector, &[], function, input);
            return self.deliver(narrowed, function, input);
        }
        let Some(boundary) = self.chains.boundary(flow, connection.to) else { return };
        for Reached { function, input, trail } in self.reach.follow(boundary) {
            if self.overfed.contains(&(function, input)) {
                continue;
            }
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
                self.overfed.insert((function, input));
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
