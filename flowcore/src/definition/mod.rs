//! What a definition file says, before anything it refers to is looked at.
//!
//! One file defines one process: a flow or a function. Whatever can be wrong later carries the place where it was
//! written.

mod connection;
mod flow;
mod function;
mod io;
mod process_reference;

pub use connection::ConnectionDefinition;
pub use flow::FlowDefinition;
pub use function::FunctionDefinition;
pub use io::IoDefinition;
pub use process_reference::{Layout, ProcessReference};

use crate::span::Spanned;

/// A process: a flow or a function.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// Processes and the connections between them.
    Flow(FlowDefinition),
    /// A leaf, which has an implementation.
    Function(FunctionDefinition),
}

impl Definition {
    /// The name the process gives itself.
    pub fn name(&self) -> &Spanned<String> {
        match self {
            Definition::Flow(flow) => &flow.name,
            Definition::Function(function) => &function.name,
        }
    }

    /// The inputs, in the order in which they are written.
    pub fn inputs(&self) -> &[IoDefinition] {
        match self {
            Definition::Flow(flow) => &flow.inputs,
            Definition::Function(function) => &function.inputs,
        }
    }

    /// The outputs, in the order in which they are written.
    pub fn outputs(&self) -> &[IoDefinition] {
        match self {
            Definition::Flow(flow) => &flow.outputs,
            Definition::Function(function) => &function.outputs,
        }
    }
}
