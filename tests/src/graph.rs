//! Manifests written by hand, for flows that no definition is needed for, or that none can express.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The root flow of every graph.
pub const ROOT: u32 = 0;

/// Passes its first value on when the second has arrived.
const JOIN: &str = "lib://flowstdlib/control/join";

/// An input of a function, and what fills it.
#[derive(Clone, Debug, Default)]
pub struct Input(Map<String, Value>);

/// An input filled by connections only.
pub fn fed() -> Input {
    Input::default()
}

/// An input that has this value at the start.
pub fn once(value: impl Into<Value>) -> Input {
    fed().with("initializer", json!({ "once": value.into() }))
}

/// An input that always has this value.
pub fn always(value: impl Into<Value>) -> Input {
    fed().with("initializer", json!({ "always": value.into() }))
}

/// An input that has this value, or its elements one after another, at the start of runs of its flow.
pub fn flow_once(value: impl Into<Value>) -> Input {
    fed().with("flow_initializer", json!({ "once": value.into() }))
}

/// An input that has this value at the start of every run of its flow.
pub fn flow_always(value: impl Into<Value>) -> Input {
    fed().with("flow_initializer", json!({ "always": value.into() }))
}

impl Input {
    /// Takes any value as it is.
    pub fn generic(self) -> Self {
        self.with("generic", json!(true))
    }

    /// Takes arrays of this depth.
    pub fn order(self, order: u32) -> Self {
        self.with("array_order", json!(order))
    }

    /// Has what the other one has, too.
    pub fn and(mut self, other: Input) -> Self {
        self.0.extend(other.0);
        self
    }

    fn with(mut self, key: &str, value: Value) -> Self {
        self.0.insert(key.to_owned(), value);
        self
    }
}

/// A flat graph of functions in nested flows.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    functions: BTreeMap<u32, Function>,
    /// Flow to parent.
    flows: BTreeMap<u32, Option<u32>>,
}

#[derive(Clone, Debug)]
struct Function {
    parent: u32,
    location: String,
    inputs: Vec<Input>,
    connections: Vec<Connection>,
}

#[derive(Clone, Debug)]
struct Connection {
    source: Value,
    to: u32,
    input: u32,
    /// Whether it leaves the flow it is in, even if it comes back.
    around: bool,
}

impl Graph {
    /// Only the root flow.
    pub fn new() -> Self {
        Graph { functions: BTreeMap::new(), flows: BTreeMap::from([(ROOT, None)]) }
    }

    /// Adds a flow inside the root flow.
    pub fn flow(&mut self, id: u32) -> &mut Self {
        self.flow_in(id, ROOT)
    }

    /// Adds a flow inside another.
    pub fn flow_in(&mut self, id: u32, parent: u32) -> &mut Self {
        self.flows.insert(id, Some(parent));
        self
    }

    /// Adds a function to a flow.
    pub fn function(
        &mut self,
        id: u32,
        parent: u32,
        location: &str,
        inputs: impl IntoIterator<Item = Input>,
    ) -> &mut Self {
        let inputs = inputs.into_iter().collect();
        let function = Function { parent, location: location.to_owned(), inputs, connections: Vec::new() };
        self.functions.insert(id, function);
        self
    }

    /// Adds the function that writes lines.
    pub fn stdout(&mut self, id: u32) -> &mut Self {
        self.function(id, ROOT, "context://stdio/stdout", [fed().generic()])
    }

    /// Adds a function that sends this value once.
    pub fn source(&mut self, id: u32, value: impl Into<Value>) -> &mut Self {
        self.function(id, ROOT, JOIN, [once(value).generic(), once(true).generic()])
    }

    /// Adds the function that reads lines, to the end of the input.
    pub fn readline(&mut self, id: u32) -> &mut Self {
        self.function(id, ROOT, "context://stdio/readline", [always("")])
    }

    /// Connects what `pointer` finds in the result of `from` to an input; internal if both are in one flow.
    pub fn connect(&mut self, from: u32, pointer: &str, to: u32, input: u32) -> &mut Self {
        self.connection(from, Connection { source: json!({ "Output": pointer }), to, input, around: false })
    }

    /// The same by way of the flow around: external in any case.
    pub fn connect_around(&mut self, from: u32, pointer: &str, to: u32, input: u32) -> &mut Self {
        self.connection(from, Connection { source: json!({ "Output": pointer }), to, input, around: true })
    }

    /// Connects a copy of what `from` has used on one of its inputs.
    pub fn connect_input(&mut self, from: u32, copied: u32, to: u32, input: u32) -> &mut Self {
        self.connection(from, Connection { source: json!({ "Input": copied }), to, input, around: false })
    }

    fn connection(&mut self, from: u32, connection: Connection) -> &mut Self {
        let function = self.functions.get_mut(&from).expect("a connection starts at a function");
        function.connections.push(connection);
        self
    }

    /// The manifest, as text.
    pub fn manifest(&self) -> String {
        let functions: Map<String, Value> = self
            .functions
            .iter()
            .map(|(id, function)| (id.to_string(), self.function_json(*id, function)))
            .collect();
        let flows: Map<String, Value> =
            self.flows.iter().map(|(id, parent)| (id.to_string(), self.flow_json(*id, *parent))).collect();
        let manifest = json!({
            "metadata": {},
            "lib_references": self.references("lib://"),
            "context_references": self.references("context://"),
            "functions": functions,
            "flows": flows,
            "source_urls": {},
        });
        format!("{manifest:#}")
    }

    fn references(&self, scheme: &str) -> Vec<&str> {
        let mut references: Vec<&str> = self
            .functions
            .values()
            .map(|function| function.location.as_str())
            .filter(|location| location.starts_with(scheme))
            .collect();
        references.sort_unstable();
        references.dedup();
        references
    }

    fn function_json(&self, id: u32, function: &Function) -> Value {
        let inputs: Vec<&Map<String, Value>> = function.inputs.iter().map(|input| &input.0).collect();
        let connections: Vec<Value> = function
            .connections
            .iter()
            .map(|connection| {
                let parent =
                    self.functions.get(&connection.to).expect("a connection ends at a function").parent;
                json!({
                    "source": connection.source,
                    "destination_id": connection.to,
                    "destination_io_number": connection.input,
                    "destination_parent_id": parent,
                    "internal": parent == function.parent && !connection.around,
                })
            })
            .collect();
        json!({
            "process_id": id,
            "parent_id": function.parent,
            "implementation_location": function.location,
            "inputs": inputs,
            "output_connections": connections,
        })
    }

    fn flow_json(&self, id: u32, parent: Option<u32>) -> Value {
        let children: Vec<&u32> =
            self.flows.iter().filter(|(_, parent)| **parent == Some(id)).map(|(child, _)| child).collect();
        json!({ "process_id": id, "parent_id": parent, "sub_flow_ids": children })
    }
}
