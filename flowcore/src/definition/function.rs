use super::IoDefinition;
use crate::span::{Span, Spanned};

/// A leaf process: it computes, and has an implementation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunctionDefinition {
    /// Its name; not a number.
    pub name: Spanned<String>,
    /// The file with the implementation's source, relative to the definition.
    pub source: Spanned<String>,
    /// Where the function is said to be impure: to touch the world outside the flow. Only context functions may.
    pub impure: Option<Span>,
    /// How the source becomes an implementation: `rust`, or empty where nothing has to be built.
    pub build_type: Spanned<String>,
    /// What it takes, in the order in which the implementation gets the values.
    pub inputs: Vec<IoDefinition>,
    /// What it gives.
    pub outputs: Vec<IoDefinition>,
    /// Name of a Markdown file about the function, or empty.
    pub docs: String,
    /// One line about the function.
    pub description: String,
}
