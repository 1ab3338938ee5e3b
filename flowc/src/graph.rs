//! The flat result: functions and the edges between them.

use crate::definitions::DefinitionId;
use crate::diagnostics::Placed;
use crate::hierarchy::{FunctionId, Hierarchy};
use flowcore::Initializer;
use flowcore::manifest::Source;
use flowcore::span::Span;

/// All functions of the hierarchy and what they send each other.
#[derive(Debug)]
pub struct Graph {
    /// By position: whether the function is still there, and what its inputs start with.
    pub functions: Vec<Node>,
    /// In the order in which values are sent.
    pub edges: Vec<Edge>,
}

/// One function.
#[derive(Debug)]
pub struct Node {
    /// Whether the optimizer has left it in.
    pub is_kept: bool,
    /// In the order of its definition.
    pub inputs: Vec<InputNode>,
}

/// One input of a function.
#[derive(Debug, Default)]
pub struct InputNode {
    /// What the reference to the function, or its definition, sets.
    pub initializer: Option<Placed<Initializer>>,
    /// What comes from an input or output of a flow.
    pub flow_initializer: Option<Placed<Initializer>>,
}

/// What a function sends to an input.
#[derive(Debug)]
pub struct Edge {
    /// The sender.
    pub from: FunctionId,
    /// Which part of its result, or which of its inputs.
    pub source: Source,
    /// The receiver.
    pub to: FunctionId,
    /// Which of the receiver's inputs.
    pub input: usize,
    /// Whether it is one connection within one flow.
    pub internal: bool,
    /// The connection at the sender.
    pub origin: Origin,
}

/// A connection in a definition.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The flow's definition.
    pub definition: DefinitionId,
    /// Which of its connections.
    pub connection: usize,
    /// The place where this destination is written.
    pub to_span: Span,
}

impl Graph {
    /// A graph without edges.
    pub fn of(hierarchy: &Hierarchy) -> Graph {
        let node = |(_, function): (FunctionId, &crate::hierarchy::Function)| {
            let child = hierarchy.child(function.flow, function.child);
            let initializers = child.map_or(&[][..], |child| &child.initializers);
            let input = |initializer: &Option<Placed<Initializer>>| InputNode {
                initializer: initializer.clone(),
                flow_initializer: None,
            };
            Node { is_kept: true, inputs: initializers.iter().map(input).collect() }
        };
        Graph { functions: hierarchy.functions().map(node).collect(), edges: Vec::new() }
    }

    /// A function's node.
    #[expect(clippy::indexing_slicing, reason = "there is one node for every function")]
    pub fn node(&self, id: FunctionId) -> &Node {
        &self.functions[id.index()]
    }

    /// An input's node.
    pub fn input_mut(&mut self, id: FunctionId, input: usize) -> Option<&mut InputNode> {
        self.functions.get_mut(id.index())?.inputs.get_mut(input)
    }
}
