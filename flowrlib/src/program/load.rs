//! From a manifest to dense tables.

use super::{
    Connection, Feed, Flow, FlowId, Function, FunctionId, ImplementationId, ImplementationKind,
    ImplementationRef, Input, LaneId, Order, Placement, Position, Program, Shape, Source, convert, lanes,
};
use crate::context::ContextFunctions;
use crate::table::{Id, Table};
use flowcore::manifest::{FlowManifest, FunctionInfo, InputInfo, Source as ManifestSource};
use flowcore::value::Pointer;
use flowcore::{Initializer, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use url::Url;

/// A manifest that cannot be made into a program.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A connection leads to a function or input that does not exist. Manifests that were read and checked have none.
    #[error("function {function} has a connection that leads nowhere")]
    DanglingConnection {
        /// The sending function.
        function: u64,
    },
    /// The place of an implementation is neither a URL nor a path that can be joined to the manifest's URL.
    #[error(
        "function {function} has implementation_location '{location}', which is neither a URL nor a path"
    )]
    Location {
        /// The function.
        function: u64,
        /// What the manifest says.
        location: String,
        /// Why it cannot be understood.
        source: url::ParseError,
    },
    /// There is no way to code in such places.
    #[error(
        "function {function} has implementation_location '{location}', but there is no code to be had from \
         '{scheme}:'"
    )]
    Scheme {
        /// The function.
        function: u64,
        /// What the manifest says.
        location: String,
        /// The scheme of the URL.
        scheme: String,
    },
}

impl Program {
    /// Makes a manifest into a program.
    ///
    /// `manifest_url` is where the manifest was found: places of implementations are relative to it.
    /// `context` says which context functions the runner has, and `order` how far results keep their order.
    ///
    /// # Errors
    ///
    /// Fails when the manifest contradicts itself; see [`LoadError`].
    pub fn load(
        manifest: &FlowManifest,
        manifest_url: &Url,
        context: &dyn ContextFunctions,
        order: Order,
    ) -> Result<Program, LoadError> {
        let flow_ids = flow_ids(manifest);
        let mut flows = load_flows(manifest, &flow_ids);
        let mut implementations = Implementations::new(manifest_url, context);
        let places: HashMap<u64, FunctionId> = manifest
            .functions
            .keys()
            .enumerate()
            .map(|(place, &id)| (id, FunctionId::from_index(place)))
            .collect();

        let mut functions = Table::new();
        for info in manifest.functions.values() {
            let flow = flow_ids.get(&info.parent_id).copied().unwrap_or(FlowId::from_index(0));
            let connections = load_connections(info, manifest, &places, &flow_ids, &flows)
                .ok_or(LoadError::DanglingConnection { function: info.process_id })?;
            let id = functions.push(Function {
                manifest_id: info.process_id,
                name: info.name.clone(),
                route: info.route.clone(),
                flow,
                implementation: implementations.find(info)?,
                inputs: info.inputs.iter().map(load_input).collect(),
                tells_errors: connections.iter().any(Connection::tells_errors),
                connections,
                placement: Placement {
                    lane: LaneId::from_index(0),
                    throttled_by: Vec::new(),
                    throttles: false,
                    invariants: Vec::new(),
                },
                always_ready: info.inputs.iter().all(is_always),
            });
            mark_passed_on(&mut functions[id]);
            if let Some(flow) = flows.find_mut(flow) {
                flow.functions.push(id);
            }
        }

        let mut program = Program {
            functions,
            flows,
            implementations: implementations.table,
            lanes: Table::new(),
            separations: Table::new(),
        };
        classify_inputs(&mut program);
        lanes::assign(&mut program, order);
        Ok(program)
    }
}

/// Every flow that the manifest mentions gets a place, ascending; at least the root exists.
fn flow_ids(manifest: &FlowManifest) -> BTreeMap<u64, FlowId> {
    let listed = manifest.flows.keys().copied();
    let parents = manifest.flows.values().filter_map(|flow| flow.parent_id);
    let of_functions = manifest.functions.values().map(|function| function.parent_id);
    let mut ids: BTreeMap<u64, FlowId> =
        listed.chain(parents).chain(of_functions).map(|id| (id, FlowId::from_index(0))).collect();
    if ids.is_empty() {
        ids.insert(0, FlowId::from_index(0));
    }
    for (place, id) in ids.values_mut().enumerate() {
        *id = FlowId::from_index(place);
    }
    ids
}

fn load_flows(manifest: &FlowManifest, ids: &BTreeMap<u64, FlowId>) -> Table<FlowId, Flow> {
    let parent = |id: &u64| manifest.flows.get(id)?.parent_id.and_then(|parent| ids.get(&parent).copied());
    ids.keys().map(|id| Flow { parent: parent(id), functions: Vec::new() }).collect()
}

fn load_connections(
    info: &FunctionInfo,
    manifest: &FlowManifest,
    places: &HashMap<u64, FunctionId>,
    flow_ids: &BTreeMap<u64, FlowId>,
    flows: &Table<FlowId, Flow>,
) -> Option<Vec<Connection>> {
    let connections = info.output_connections.iter().map(|connection| {
        let destination = manifest.functions.get(&connection.destination_id)?;
        let position = if connection.internal {
            Position::Internal
        } else {
            let target = flow_ids.get(&destination.parent_id).copied()?;
            let source = flow_ids.get(&info.parent_id).copied()?;
            // It enters unless the source lies somewhere inside the destination's flow.
            let around_source = std::iter::successors(Some(source), |&flow| flows[flow].parent);
            if around_source.into_iter().any(|flow| flow == target) {
                Position::Returning
            } else {
                Position::Entering
            }
        };
        Some(Connection {
            source: match &connection.source {
                ManifestSource::Output(pointer) => Source::Output(Pointer::parse(pointer)),
                ManifestSource::Input(input) => Source::Input(*input),
            },
            is_last_use: false,
            destination: places.get(&connection.destination_id).copied()?,
            input: (connection.destination_io_number < destination.inputs.len())
                .then_some(connection.destination_io_number)?,
            position,
        })
    });
    let mut connections: Vec<Connection> = connections.collect::<Option<_>>()?;
    mark_last_uses(&mut connections);
    Some(connections)
}

/// Marks the connections that are the last to send something, among so many last ones: the others are compared with
/// each other, and to keep a value is cheap.
fn mark_last_uses(connections: &mut [Connection]) {
    const MOST: usize = 32;
    let first = connections.len().saturating_sub(MOST);
    let mut rest = connections.get_mut(first..).unwrap_or_default();
    while let Some((connection, later)) = rest.split_first_mut() {
        connection.is_last_use = !later.iter().any(|later| later.source.overlaps(&connection.source));
        rest = later;
    }
}

fn load_input(info: &InputInfo) -> Input {
    Input {
        name: info.name.clone(),
        feed: Feed::Queue,
        shape: if info.generic { Shape::Generic } else { Shape::Order(info.array_order) },
        initializer: info.initializer.clone(),
        flow_initializer: info.flow_initializer.clone(),
        senders: Vec::new(),
        entering: Vec::new(),
        separation: None,
        passed_on: false,
    }
}

/// Marks the inputs whose values the function's own connections pass on.
fn mark_passed_on(function: &mut Function) {
    for connection in &function.connections {
        if let Source::Input(number) = connection.source
            && let Some(input) = function.inputs.get_mut(number)
        {
            input.passed_on = true;
        }
    }
}

fn is_always(input: &InputInfo) -> bool {
    [&input.initializer, &input.flow_initializer]
        .into_iter()
        .any(|one| matches!(one, Some(Initializer::Always(_))))
}

/// Gathers implementations, each once.
struct Implementations<'load> {
    manifest_url: &'load Url,
    context: &'load dyn ContextFunctions,
    table: Table<ImplementationId, ImplementationRef>,
    by_location: HashMap<&'load str, ImplementationId>,
}

impl<'load> Implementations<'load> {
    fn new(manifest_url: &'load Url, context: &'load dyn ContextFunctions) -> Self {
        Implementations { manifest_url, context, table: Table::new(), by_location: HashMap::new() }
    }

    fn find(&mut self, info: &'load FunctionInfo) -> Result<ImplementationId, LoadError> {
        let location = info.implementation_location.as_str();
        if let Some(&known) = self.by_location.get(location) {
            return Ok(known);
        }
        let url = Url::options().base_url(Some(self.manifest_url)).parse(location).map_err(|source| {
            LoadError::Location { function: info.process_id, location: location.to_owned(), source }
        })?;
        let kind = match url.scheme() {
            "lib" => ImplementationKind::Library,
            "context" => {
                let traits = self.context.traits(location).unwrap_or_default();
                ImplementationKind::Context {
                    stream: traits.stream,
                    waits_for_input: traits.waits_for_input,
                    once_on_constants: traits.once_on_constants,
                    in_memory: traits.in_memory,
                }
            }
            "file" | "http" | "https" => ImplementationKind::Provided,
            scheme => {
                return Err(LoadError::Scheme {
                    function: info.process_id,
                    location: location.to_owned(),
                    scheme: scheme.to_owned(),
                });
            }
        };
        // References are compared to the letter, so they are kept to the letter.
        let url = if kind == ImplementationKind::Provided { url.to_string() } else { location.to_owned() };
        let id = self.table.push(ImplementationRef { url, kind });
        self.by_location.insert(location, id);
        Ok(id)
    }
}

/// Finds out how each input is fed, and by whom, which takes a look at all connections.
fn classify_inputs(program: &mut Program) {
    let of_function = |(id, function): (FunctionId, &Function)| {
        function.connections.iter().map(move |to| (id, to.destination, to.input, to.position)).collect()
    };
    let edges: Vec<(FunctionId, FunctionId, usize, Position)> =
        program.functions.iter().flat_map::<Vec<_>, _>(of_function).collect();
    let mut have_internal = BTreeSet::new();
    for (sender, destination, number, position) in edges {
        let Some(input) = program.functions[destination].inputs.get_mut(number) else { continue };
        if position == Position::Internal {
            have_internal.insert((destination, number));
        }
        add_sender(&mut input.senders, sender);
        if position == Position::Entering {
            add_sender(&mut input.entering, sender);
        }
    }
    let ids: Vec<FunctionId> = program.functions.ids().collect();
    for id in ids {
        for (number, input) in program.functions[id].inputs.iter_mut().enumerate() {
            input.feed = match &input.initializer {
                Some(Initializer::Always(value))
                    if input.senders.is_empty() && input.flow_initializer.is_none() =>
                {
                    Feed::Constant(constant_values(value, input.shape))
                }
                _ if have_internal.contains(&(id, number))
                    && (!input.entering.is_empty() || input.flow_initializer.is_some()) =>
                {
                    Feed::Mixed
                }
                _ => Feed::Queue,
            };
        }
    }
}

/// Adds a sender, unless it is there: they come in ascending order.
fn add_sender(senders: &mut Vec<FunctionId>, sender: FunctionId) {
    if senders.last() != Some(&sender) {
        senders.push(sender);
    }
}

/// What delivery makes of a constant.
fn constant_values(value: &Value, shape: Shape) -> Vec<Value> {
    let mut values = Vec::new();
    convert(value.clone(), shape, |converted| values.push(converted));
    values
}
