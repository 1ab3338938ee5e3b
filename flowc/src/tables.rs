//! What the compiler knows about a flow, as tables in JSON. `docs/tables.md` describes them for their readers.

use crate::Program;
use crate::chain::Boundary;
use crate::definitions::Loaded;
use crate::diagnostics::{Placed, Sources};
use crate::emit::{References, list_references};
use crate::graph::{Edge, InputNode};
use crate::hierarchy::{FlowId, FunctionId};
use crate::positions::{FileName, Position, Positions};
use crate::trace::{Chain, Hop, Place, Reached, Tracer};
use flowcore::Initializer;
use flowcore::datatype::DataType;
use flowcore::definition::IoDefinition;
use flowcore::manifest::{FlowManifest, Source};
use flowcore::route::Route;
use serde::Serialize;

/// The version of the form; it changes when readers have to.
const FORMAT: u32 = 1;

/// All tables.
#[derive(Clone, Debug, Serialize)]
pub struct Tables {
    format: u32,
    counts: Counts,
    flows: Vec<FlowRow>,
    functions: Vec<FunctionRow>,
    edges: Vec<EdgeRow>,
    lib_references: Vec<String>,
    context_references: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Counts {
    /// Files that were read.
    definitions: usize,
    flows: usize,
    functions: usize,
    /// Of these functions, how many the optimizer has removed.
    removed: usize,
    connections: usize,
    edges: usize,
    internal_edges: usize,
}

#[derive(Clone, Debug, Serialize)]
struct FlowRow {
    id: u64,
    route: String,
    name: String,
    file: FileName,
    parent: Option<u64>,
    inputs: Vec<InputRow>,
    outputs: Vec<OutputRow>,
    connections: Vec<ConnectionRow>,
}

#[derive(Clone, Debug, Serialize)]
struct FunctionRow {
    id: u64,
    route: String,
    name: String,
    file: FileName,
    /// What a library or the runner calls it.
    reference: Option<String>,
    parent: u64,
    impure: bool,
    /// Whether the optimizer has left it in.
    kept: bool,
    inputs: Vec<InputRow>,
    outputs: Vec<OutputRow>,
}

#[derive(Clone, Debug, Serialize)]
struct InputRow {
    name: String,
    types: Vec<String>,
    array_order: u32,
    initializer: Option<InitializerRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_initializer: Option<InitializerRow>,
}

#[derive(Clone, Debug, Serialize)]
struct OutputRow {
    name: String,
    types: Vec<String>,
    array_order: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    initializer: Option<InitializerRow>,
}

#[derive(Clone, Debug, Serialize)]
struct InitializerRow {
    value: Initializer,
    at: Position,
}

#[derive(Clone, Debug, Serialize)]
struct ConnectionRow {
    name: String,
    from: EndRow,
    to: EndRow,
    at: Position,
}

#[derive(Clone, Debug, Serialize)]
struct EndRow {
    written: String,
    route: String,
    kind: &'static str,
    /// The part of the value, for a source.
    #[serde(skip_serializing_if = "Option::is_none")]
    selector: Option<String>,
    types: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct EdgeRow {
    from: u64,
    from_route: String,
    selector: SelectorRow,
    to: u64,
    to_input: usize,
    to_route: String,
    internal: bool,
    name: String,
    hops: Vec<HopRow>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum SelectorRow {
    /// A part of the result.
    Output(String),
    /// A copy of the input of this number.
    Input(usize),
}

#[derive(Clone, Debug, Serialize)]
struct HopRow {
    flow: u64,
    from: String,
    to: String,
    at: Position,
}

/// The tables of a program.
pub fn tables(program: &Program, sources: &Sources) -> Tables {
    let mut writer = Writer {
        program,
        tracer: Tracer { hierarchy: &program.hierarchy, wirings: &program.wirings },
        positions: Positions::new(sources),
    };
    let hierarchy = &program.hierarchy;
    let mut order = hierarchy.order.clone();
    order.sort_unstable();
    let flows: Vec<FlowRow> = order.iter().map(|flow| writer.flow(*flow)).collect();
    let functions: Vec<FunctionRow> = hierarchy.functions().map(|(id, _)| writer.function(id)).collect();
    let edges = writer.edges();
    let mut references = FlowManifest::default();
    list_references(hierarchy, &program.graph, References::OfKeptFunctions, &mut references);
    let counts = Counts {
        definitions: hierarchy.definitions.iter().count(),
        flows: flows.len(),
        functions: functions.len(),
        removed: functions.iter().filter(|function| !function.kept).count(),
        connections: flows.iter().map(|flow| flow.connections.len()).sum(),
        edges: edges.len(),
        internal_edges: edges.iter().filter(|edge| edge.internal).count(),
    };
    Tables {
        format: FORMAT,
        counts,
        flows,
        functions,
        edges,
        lib_references: references.lib_references,
        context_references: references.context_references,
    }
}

impl Tables {
    /// The text of the tables.
    ///
    /// # Errors
    ///
    /// Fails if they cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

struct Writer<'run> {
    program: &'run Program,
    tracer: Tracer<'run>,
    positions: Positions<'run>,
}

impl<'run> Writer<'run> {
    fn flow(&mut self, id: FlowId) -> FlowRow {
        let hierarchy = &self.program.hierarchy;
        let loaded = hierarchy.flow_definition(id);
        let inputs = loaded.definition.inputs().iter().enumerate().map(|(number, io)| {
            let initializer = self.tracer.initializer(Boundary::Input(id, number));
            (io, InputNode { initializer, flow_initializer: None })
        });
        let inputs: Vec<_> = inputs.collect();
        let route = hierarchy.flow_route(id);
        let hops: Vec<Hop<'_>> = self.tracer.hops(id).collect();
        FlowRow {
            id: id.number(),
            name: loaded.definition.name().value.clone(),
            file: self.positions.file(loaded.source),
            parent: hierarchy.flow(id).parent.map(|(parent, _)| parent.number()),
            inputs: inputs.iter().map(|(io, node)| self.input(io, node)).collect(),
            outputs: loaded.definition.outputs().iter().map(|io| self.output(io, loaded)).collect(),
            connections: hops.into_iter().map(|hop| self.connection(hop, &route)).collect(),
            route: route.into(),
        }
    }

    fn function(&mut self, id: FunctionId) -> FunctionRow {
        let hierarchy = &self.program.hierarchy;
        let function = hierarchy.function(id);
        let (loaded, definition) = hierarchy.function_definition(function);
        let child = hierarchy.child(function.flow, function.child);
        let node = self.program.graph.node(id);
        let inputs = loaded.definition.inputs().iter().zip(&node.inputs);
        FunctionRow {
            id: hierarchy.number(id),
            route: hierarchy.function_route(function).into(),
            name: loaded.definition.name().value.clone(),
            file: self.positions.file(loaded.source),
            reference: child.and_then(|child| child.reference.as_ref()).map(ToString::to_string),
            parent: function.flow.number(),
            impure: definition.is_some_and(|definition| definition.impure.is_some()),
            kept: node.is_kept,
            inputs: inputs.map(|(io, node)| self.input(io, node)).collect(),
            // A value on the output of a function means nothing.
            outputs: loaded
                .definition
                .outputs()
                .iter()
                .map(|io| OutputRow { initializer: None, ..self.output(io, loaded) })
                .collect(),
        }
    }

    fn input(&mut self, io: &IoDefinition, node: &InputNode) -> InputRow {
        InputRow {
            name: io.name.value.clone(),
            types: names(io.data_types()),
            array_order: array_order(io),
            initializer: node.initializer.as_ref().map(|placed| self.initializer(placed)),
            flow_initializer: node.flow_initializer.as_ref().map(|placed| self.initializer(placed)),
        }
    }

    fn output(&mut self, io: &IoDefinition, loaded: &Loaded) -> OutputRow {
        let fixed = io.initializer.clone().map(|fixed| Placed::new(fixed, loaded.source));
        OutputRow {
            name: io.name.value.clone(),
            types: names(io.data_types()),
            array_order: array_order(io),
            initializer: fixed.map(|placed| self.initializer(&placed)),
        }
    }

    fn initializer(&mut self, placed: &Placed<Initializer>) -> InitializerRow {
        InitializerRow { value: placed.value.clone(), at: self.positions.of(placed.source, placed.span) }
    }

    fn connection(&mut self, hop: Hop<'run>, flow: &Route) -> ConnectionRow {
        let (from, to) = (self.tracer.start(hop), self.tracer.end(hop));
        let written = self.hop(hop);
        let connection = hop.connection;
        let types = to.and_then(|to| self.tracer.io(to)).map(|io| names(io.data_types()));
        ConnectionRow {
            name: self.name(hop),
            from: EndRow {
                written: written.from,
                route: self.route(from, flow),
                kind: from.map_or("", kind_of_start),
                selector: Some(steps(&connection.selector.pointer, connection.selector.steps).to_owned()),
                types: names(connection.types.iter()),
            },
            to: EndRow {
                written: written.to,
                route: self.route(to, flow),
                kind: to.map_or("", kind_of_end),
                selector: None,
                types: types.unwrap_or_default(),
            },
            at: written.at,
        }
    }

    /// The route of an end of a connection. The flow's own is given, since it is the same for many.
    fn route(&self, place: Option<Place>, flow: &Route) -> String {
        let hierarchy = &self.program.hierarchy;
        let Some(place) = place else { return String::new() };
        let child = match place {
            Place::Input(id, _) | Place::Output(id, _) => {
                let function = hierarchy.function(id);
                hierarchy.child(function.flow, function.child)
            }
            Place::Boundary(_) => return self.tracer.route(place).into(),
        };
        let io = self.tracer.io(place).map_or("", |io| &io.name.value);
        flow.join(child.map_or("", |child| &child.alias)).join(io).into()
    }

    fn name(&self, hop: Hop<'_>) -> String {
        let flow = self.program.hierarchy.flow_definition(hop.flow).as_flow();
        let written = flow.and_then(|flow| flow.connections.get(hop.connection.definition));
        written.map(|written| written.name.value.clone()).unwrap_or_default()
    }

    fn hop(&mut self, hop: Hop<'_>) -> HopRow {
        let loaded = self.program.hierarchy.flow_definition(hop.flow);
        let written = loaded.as_flow().and_then(|flow| flow.connections.get(hop.connection.definition));
        let to = written.and_then(|written| written.to.iter().find(|to| to.span == hop.connection.to_span));
        HopRow {
            flow: hop.flow.number(),
            from: written.map(|written| written.from.value.clone()).unwrap_or_default(),
            to: to.map(|to| to.value.clone()).unwrap_or_default(),
            at: self.positions.of(loaded.source, hop.connection.to_span),
        }
    }

    /// The edges of the graph, each with its connections. The walk meets the edges in the order of the graph, and more
    /// than these only where the optimizer has removed some.
    fn edges(&mut self) -> Vec<EdgeRow> {
        let program = self.program;
        let mut left = program.graph.edges.iter().peekable();
        let mut rows = Vec::with_capacity(program.graph.edges.len());
        for flow in &program.hierarchy.order {
            for hop in self.tracer.hops(*flow) {
                if !matches!(self.tracer.start(hop), Some(Place::Input(..) | Place::Output(..))) {
                    continue;
                }
                for chain in self.tracer.onward(hop) {
                    if let Reached::Function(to) = chain.reached
                        && let Some(edge) = left.next_if(|edge| self.is_of(edge, to, &chain))
                    {
                        rows.push(self.edge(edge, &chain));
                    }
                }
            }
        }
        rows
    }

    fn is_of(&self, edge: &Edge, to: FunctionId, chain: &Chain<'_>) -> bool {
        let (Some(first), Some(last)) = (chain.hops.first(), chain.hops.last()) else { return false };
        let from = match self.tracer.start(*first) {
            Some(Place::Input(id, _) | Place::Output(id, _)) => id,
            Some(Place::Boundary(_)) | None => return false,
        };
        let ends_there =
            matches!(self.tracer.end(*last), Some(Place::Input(_, input)) if input == edge.input);
        edge.from == from && edge.to == to && ends_there && edge.origin.to_span == first.connection.to_span
    }

    fn edge(&mut self, edge: &Edge, chain: &Chain<'_>) -> EdgeRow {
        let hierarchy = &self.program.hierarchy;
        EdgeRow {
            from: hierarchy.number(edge.from),
            from_route: hierarchy.function_route(hierarchy.function(edge.from)).into(),
            selector: match &edge.source {
                Source::Output(pointer) => SelectorRow::Output(pointer.clone()),
                Source::Input(number) => SelectorRow::Input(*number),
            },
            to: hierarchy.number(edge.to),
            to_input: edge.input,
            to_route: hierarchy.input_route(edge.to, edge.input).into(),
            internal: edge.internal,
            name: chain.hops.first().map(|hop| self.name(*hop)).unwrap_or_default(),
            hops: chain.hops.iter().map(|hop| self.hop(*hop)).collect(),
        }
    }
}

fn names<'types>(types: impl Iterator<Item = &'types DataType>) -> Vec<String> {
    types.map(DataType::to_string).collect()
}

/// The first type alone decides how values are converted.
fn array_order(io: &IoDefinition) -> u32 {
    io.data_types().next().map_or(0, |first| first.array_order())
}

/// The last steps of a pointer: those that go into the value.
fn steps(pointer: &str, steps: usize) -> &str {
    let begin = steps.checked_sub(1).and_then(|before| pointer.rmatch_indices('/').nth(before));
    begin.and_then(|(at, _)| pointer.get(at..)).unwrap_or_default()
}

fn kind_of_start(place: Place) -> &'static str {
    match place {
        Place::Boundary(Boundary::Input(..)) => "flow_input",
        Place::Boundary(Boundary::Output(..)) => "flow_output",
        Place::Input(..) => "input_copy",
        Place::Output(..) => "function_output",
    }
}

fn kind_of_end(place: Place) -> &'static str {
    match place {
        Place::Boundary(Boundary::Input(..)) => "flow_input",
        Place::Boundary(Boundary::Output(..)) => "flow_output",
        Place::Input(..) | Place::Output(..) => "function_input",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_into_a_value_stand_last_in_a_pointer() {
        assert_eq!(steps("/json/1/0", 2), "/1/0");
        assert_eq!(steps("/a/b/3", 1), "/3");
        assert_eq!(steps("/value", 0), "");
        assert_eq!(steps("", 0), "");
    }
}
