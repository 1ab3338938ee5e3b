use crate::span::{Span, Spanned};

/// Connections from one source to any number of destinations, inside one flow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectionDefinition {
    /// Its name, for people; may be empty.
    pub name: Spanned<String>,
    /// The source as it is written: `process/output`, `input/name`, and steps into the value behind it.
    pub from: Spanned<String>,
    /// The destinations as they are written: `process/input`, `output/name`.
    pub to: Vec<Spanned<String>>,
    /// The whole of it.
    pub span: Span,
}
