//! The one tree that all formats are read into.

use crate::span::{Span, Spanned};
use crate::value::{Number, Object, Value};

/// How deeply lists and tables may nest in a file, so that reading a hostile one ends with an error and not with the stack.
/// The parser of TOML has a bound of its own for what stands in brackets: 80.
pub(super) const DEEPEST: usize = 128;

/// How deeply the value of an initializer may nest, whatever the format and however the tables around it are written: few
/// enough for the bound of TOML, and for manifests, which have levels of their own around it and are read down to 127.
pub(super) const DEEPEST_VALUE: usize = 64;

/// A literal with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    /// Not a number and infinite floats are [`Kind::Null`] as values but still numbers to someone who wants one.
    Float(f64),
    Integer(Number),
    String(String),
    List(Vec<Node>),
    /// In the order of the text; keys are unique.
    Table(Vec<Entry>),
}

/// One key of a table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Spanned<String>,
    pub(super) value: Node,
}

impl Node {
    pub(super) fn new(kind: Kind, span: Span) -> Node {
        Node { kind, span }
    }

    /// How many lists and tables nest in it. The parsers bound it, so this may recurse.
    pub(super) fn depth(&self) -> usize {
        match &self.kind {
            Kind::List(nodes) => 1 + nodes.iter().map(Node::depth).max().unwrap_or(0),
            Kind::Table(entries) => 1 + entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// What it is, with its article.
    pub(super) fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Float(_) | Kind::Integer(_) => "a number",
            Kind::String(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }

    /// The value a flow gets when this is written as an initializer.
    pub(super) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(truth) => Value::from(*truth),
            Kind::Float(float) => Value::from_f64(*float),
            Kind::Integer(number) => Value::from(*number),
            Kind::String(text) => Value::from(text.as_str()),
            Kind::List(nodes) => nodes.iter().map(Node::to_value).collect(),
            Kind::Table(entries) => {
                let members =
                    entries.iter().map(|entry| (entry.key.value.as_str().into(), entry.value.to_value()));
                Value::from(members.collect::<Object>())
            }
        }
    }
}
