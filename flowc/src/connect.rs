//! From the routes that connections are written with to the inputs and outputs they mean, inside one flow.
//!
//! Ends are resolved structurally: which process, which direction, which position. Routes are never compared again, so
//! an output may be named like a process, and an input like an output.
//!
//! All uses of a flow share the result, since everything a connection can name is told by definitions.

mod endpoint;

use crate::definitions::{DefinitionId, Definitions, Loaded};
use crate::diagnostics::{Code, Diagnostic, Failed, Report};
use crate::hierarchy::{FlowId, Hierarchy};
use crate::initialize::listed;
use endpoint::Resolver;
use flowcore::datatype::{DataType, all_fit};
use flowcore::definition::{ConnectionDefinition, Definition};
use flowcore::span::{Span, Spanned};
use std::collections::HashMap;

/// Where a connection starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// At an input of the flow itself.
    Input(usize),
    /// At an output of a flow in it.
    FlowOutput {
        /// Which process.
        child: usize,
        /// Which of its outputs.
        output: usize,
    },
    /// At an output of a function in it, named in the pointer.
    FunctionOutput {
        /// Which process.
        child: usize,
    },
    /// At the copy of a value that a function in it took from an input.
    FunctionInput {
        /// Which process.
        child: usize,
        /// Which of its inputs.
        input: usize,
    },
}

/// Where a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// At an output of the flow itself.
    Output(usize),
    /// At an input of a flow in it.
    FlowInput {
        /// Which process.
        child: usize,
        /// Which of its inputs.
        input: usize,
    },
    /// At an input of a function in it.
    FunctionInput {
        /// Which process.
        child: usize,
        /// Which of its inputs.
        input: usize,
    },
}

/// Steps into a value, as a JSON pointer and counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// `/json/1`, or empty for the whole value.
    pub pointer: String,
    /// How many of the steps go into the value; a step that names an output does not.
    pub steps: usize,
}

/// One connection from one start to one end.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Where it starts.
    pub from: Start,
    /// The part of what is there that is sent.
    pub selector: Selector,
    /// The types of that part.
    pub types: Vec<DataType>,
    /// Where it ends.
    pub to: End,
    /// The connection in the definition, by position.
    pub definition: usize,
    /// The place where the end is written.
    pub to_span: Span,
}

/// The connections of one flow, indexed by the boundaries they start at.
#[derive(Debug, Default)]
pub struct Wiring {
    /// In the order of the definition, one for each destination.
    pub connections: Vec<Connection>,
    /// For each input of the flow the connections that start there.
    from_input: Vec<Vec<usize>>,
    /// For each output of a flow in it the connections that start there.
    from_child: HashMap<(usize, usize), Vec<usize>>,
}

impl Wiring {
    /// The connections that start at an input of the flow.
    pub fn from_input(&self, input: usize) -> impl Iterator<Item = &Connection> + Clone {
        self.at(self.from_input.get(input))
    }

    /// The connections that start at an output of a flow in this one.
    pub fn from_child(&self, child: usize, output: usize) -> impl Iterator<Item = &Connection> + Clone {
        self.at(self.from_child.get(&(child, output)))
    }

    fn at<'wiring>(
        &'wiring self,
        list: Option<&'wiring Vec<usize>>,
    ) -> impl Iterator<Item = &'wiring Connection> + Clone {
        list.map_or(&[][..], Vec::as_slice).iter().filter_map(|index| self.connections.get(*index))
    }

    fn push(&mut self, connection: Connection) {
        let index = self.connections.len();
        match connection.from {
            Start::Input(input) => {
                if self.from_input.len() <= input {
                    self.from_input.resize_with(input + 1, Vec::new);
                }
                if let Some(list) = self.from_input.get_mut(input) {
                    list.push(index);
                }
            }
            Start::FlowOutput { child, output } => {
                self.from_child.entry((child, output)).or_default().push(index)
            }
            Start::FunctionOutput { .. } | Start::FunctionInput { .. } => {}
        }
        self.connections.push(connection);
    }
}

/// The wirings of all flows.
#[derive(Debug)]
pub struct Wirings(Vec<Wiring>);

impl Wirings {
    /// The wiring of a flow; empty for a function.
    #[expect(clippy::indexing_slicing, reason = "there is one for every definition")]
    pub fn get(&self, id: DefinitionId) -> &Wiring {
        &self.0[id.index()]
    }

    /// How many connections all uses of all flows have.
    pub fn count(&self, hierarchy: &Hierarchy) -> usize {
        let of_flow = |id: &FlowId| self.get(hierarchy.flow(*id).definition).connections.len();
        hierarchy.order.iter().map(of_flow).sum()
    }
}

/// Resolves and checks the connections of every flow.
///
/// # Errors
///
/// Fails if a connection names what does not exist, or joins types that do not fit; all of them are reported.
pub fn connect(definitions: &Definitions, report: &mut Report) -> Result<Wirings, Failed> {
    let mut wirings = Vec::new();
    for (id, loaded) in definitions.iter() {
        wirings.push(wire(definitions, id, loaded, report));
    }
    report.end_stage(Wirings(wirings))
}

fn wire(definitions: &Definitions, id: DefinitionId, loaded: &Loaded, report: &mut Report) -> Wiring {
    let mut wiring = Wiring::default();
    let Definition::Flow(flow) = &loaded.definition else { return wiring };
    let own = (definitions.inputs(id), definitions.outputs(id));
    let resolver = Resolver { definitions, flow: loaded, own };
    for (position, connection) in flow.connections.iter().enumerate() {
        let from = match resolver.start(&connection.from.value) {
            Ok(from) => Some(from),
            Err(problem) => {
                report.add(problem.explain(loaded.source, connection.from.span));
                None
            }
        };
        if let Some(from) = &from {
            for warning in &from.warnings {
                report.add(warning.clone().at(loaded.source, connection.from.span, ""));
            }
        }
        for to in &connection.to {
            let destination = match resolver.end(&to.value) {
                Ok(destination) => destination,
                Err(problem) => {
                    report.add(problem.explain(loaded.source, to.span));
                    continue;
                }
            };
            for warning in &destination.warnings {
                report.add(warning.clone().at(loaded.source, to.span, ""));
            }
            let Some(from) = &from else { continue };
            if !all_fit(from.types.iter(), destination.types.iter()) {
                report.add(misfit(loaded, connection, &from.types, to, &destination.types));
                continue;
            }
            let Some(end) = destination.end else { continue };
            wiring.push(Connection {
                from: from.start.clone(),
                selector: from.selector.clone(),
                types: from.types.clone(),
                to: end,
                definition: position,
                to_span: to.span,
            });
        }
    }
    wiring
}

fn misfit(
    loaded: &Loaded,
    connection: &ConnectionDefinition,
    source: &[DataType],
    to: &Spanned<String>,
    destination: &[DataType],
) -> Diagnostic {
    let (gives, takes) = (listed(source.iter()), listed(destination.iter()));
    let message = format!("'{}' gives {gives} but '{}' takes {takes}", connection.from.value, to.value);
    let is_part = connection.from.value.strip_prefix("input/").is_some_and(|rest| rest.contains('/'));
    let help = "for a part of an input of the flow, the type of the whole input counts here; an input without a type \
                makes the types be checked where the values come from";
    Diagnostic::new(Code::E023, message)
        .at(loaded.source, to.span, format!("takes {takes}"))
        .also(loaded.source, connection.from.span, format!("gives {gives}"))
        .help(if is_part { Some(help.to_owned()) } else { conversion(source, destination) })
}

/// The function that makes one type of values of another, if there is one for these.
pub(crate) fn conversion(gives: &[DataType], takes: &[DataType]) -> Option<String> {
    let is_text = |data_type: &DataType| data_type.to_string() == "string";
    match (gives, takes) {
        ([gives], _) if is_text(gives) => {
            Some("lib://flowstdlib/fmt/to_json reads a value from text".to_owned())
        }
        (_, [takes]) if is_text(takes) => {
            Some("lib://flowstdlib/fmt/to_string makes text of a value".to_owned())
        }
        _ => None,
    }
}
