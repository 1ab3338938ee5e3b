use super::{ConnectionDefinition, IoDefinition, ProcessReference};
use crate::manifest::Metadata;
use crate::span::Spanned;

/// A grouping of processes and the connections between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowDefinition {
    /// Its name; any text, also none.
    pub name: Spanned<String>,
    /// What it takes from the flow around it.
    pub inputs: Vec<IoDefinition>,
    /// What it gives to the flow around it.
    pub outputs: Vec<IoDefinition>,
    /// The processes in it, in the order in which flows are numbered.
    pub processes: Vec<ProcessReference>,
    /// The connections in it, in the order in which values are sent.
    pub connections: Vec<ConnectionDefinition>,
    /// Copied to the manifest if this is the root flow.
    pub metadata: Metadata,
    /// Name of a Markdown file about the flow, or empty.
    pub docs: String,
    /// One line about the flow.
    pub description: String,
}
