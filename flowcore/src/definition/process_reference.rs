use crate::initializer::Initializer;
use crate::span::{Span, Spanned};

/// The use of a process in a flow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcessReference {
    /// Where its definition is, relative to the file that refers to it: a path or a URL.
    pub source: Spanned<String>,
    /// The name it has in the flow; empty to take its own.
    pub alias: Spanned<String>,
    /// Values for its inputs by name, in ascending order of the names.
    pub initializers: Vec<(Spanned<String>, Spanned<Initializer>)>,
    /// Where an editor draws it.
    pub layout: Layout,
    /// The whole of it.
    pub span: Span,
}

/// Where an editor draws a process; means nothing to compiler and runtime.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Layout {
    /// Left edge.
    pub x: Option<f64>,
    /// Upper edge.
    pub y: Option<f64>,
    /// Width.
    pub width: Option<f64>,
    /// Height.
    pub height: Option<f64>,
}
