//! Nodes to definitions.

use super::node::{DEEPEST_VALUE, Entry, Kind, Node};
use super::table::{Mistakes, Table, Texts};
use super::{DefinitionError, Problem};
use crate::Initializer;
use crate::datatype::DataType;
use crate::definition::{
    ConnectionDefinition, Definition, FlowDefinition, FunctionDefinition, IoDefinition, Layout,
    ProcessReference,
};
use crate::manifest::Metadata;
use crate::span::{Span, Spanned};

const FLOW: &[&str] =
    &["flow", "input", "output", "process", "connection", "metadata", "docs", "description"];
const FUNCTION: &[&str] = &["function", "source", "impure", "type", "input", "output", "docs", "description"];
const IO: &[&str] = &["name", "type", "value"];
const PROCESS: &[&str] = &["source", "alias", "input", "x", "y", "width", "height"];
const CONNECTION: &[&str] = &["from", "to", "name"];

type Errors = Vec<DefinitionError>;

/// The key that is there decides what is defined, so that a mistake further down is reported as what it is.
pub(super) fn definition(root: &Node) -> Result<Definition, Errors> {
    let mut mistakes = Mistakes::default();
    let Some(table) = Table::lenient(root, "a definition", &mut mistakes) else {
        return mistakes.or(Definition::Flow(FlowDefinition::default()));
    };
    let definition = match (table.get("flow"), table.get("function")) {
        (Some(_), None) => Definition::Flow(flow(root, &mut mistakes)),
        (None, Some(_)) => Definition::Function(function(root, &mut mistakes)),
        (Some(one), Some(other)) => {
            mistakes.add(one.span.max(other.span), Problem::TwoKinds);
            Definition::Flow(FlowDefinition::default())
        }
        (None, None) => {
            let (near, span) = near_kind(root);
            mistakes.add(span, Problem::NoKind { near });
            Definition::Flow(FlowDefinition::default())
        }
    };
    mistakes.or(definition)
}

/// A key that was probably meant to say what is defined, and where to point.
fn near_kind(root: &Node) -> (Option<(String, &'static str)>, Span) {
    let Kind::Table(entries) = &root.kind else { return (None, root.span) };
    let near = |entry: &Entry| {
        let known = FLOW.contains(&entry.key.value.as_str()) || FUNCTION.contains(&entry.key.value.as_str());
        let meant = super::suggest(&entry.key.value, ["flow", "function"]).filter(|_| !known)?;
        Some((entry.key.value.clone(), meant, entry.key.span))
    };
    match entries.iter().find_map(near) {
        Some((key, meant, span)) => (Some((key, meant)), span),
        None => (None, entries.first().map_or(root.span, |entry| entry.key.span)),
    }
}

fn flow(node: &Node, mistakes: &mut Mistakes) -> FlowDefinition {
    let Some(table) = Table::strict(node, "a flow", FLOW, mistakes) else { return FlowDefinition::default() };
    FlowDefinition {
        name: table.required_text("flow", mistakes),
        inputs: table.tables("input", mistakes, |node, mistakes| io(node, "an input", mistakes)),
        outputs: table.tables("output", mistakes, |node, mistakes| io(node, "an output", mistakes)),
        processes: table.tables("process", mistakes, process_reference),
        connections: table.tables("connection", mistakes, connection),
        metadata: table.get("metadata").map(|node| metadata(node, "metadata", mistakes)).unwrap_or_default(),
        docs: table.text("docs", mistakes).value,
        description: table.text("description", mistakes).value,
    }
}

fn function(node: &Node, mistakes: &mut Mistakes) -> FunctionDefinition {
    let Some(table) = Table::strict(node, "a function", FUNCTION, mistakes) else {
        return FunctionDefinition::default();
    };
    let function = FunctionDefinition {
        name: table.required_text("function", mistakes),
        source: table.required_text("source", mistakes),
        impure: table.truth("impure", mistakes),
        build_type: table.text("type", mistakes),
        inputs: table.tables("input", mistakes, |node, mistakes| io(node, "an input", mistakes)),
        outputs: table.tables("output", mistakes, |node, mistakes| io(node, "an output", mistakes)),
        docs: table.text("docs", mistakes).value,
        description: table.text("description", mistakes).value,
    };
    let name = &function.name;
    if is_numeric(&name.value) {
        mistakes.add(name.span, Problem::NumericName { owner: "a function", name: name.value.clone() });
    }
    let has_io =
        |key| matches!(table.get(key), Some(Node { kind: Kind::List(nodes), .. }) if !nodes.is_empty());
    if !has_io("input") && !has_io("output") {
        mistakes.add(name.span, Problem::NoInputsOrOutputs { name: name.value.clone() });
    }
    function
}

fn io(node: &Node, owner: &'static str, mistakes: &mut Mistakes) -> Option<IoDefinition> {
    let table = Table::strict(node, owner, IO, mistakes)?;
    let texts = table.texts("type", Texts::OneOrMany, mistakes);
    let mut types = Vec::with_capacity(texts.len());
    for text in texts {
        match text.value.parse::<DataType>() {
            Ok(data_type) => types.push(Spanned::new(data_type, text.span)),
            Err(unknown) => mistakes.add(text.span, unknown.into()),
        }
    }
    match table.get("type") {
        None => types.push(Spanned::new(DataType::generic(), node.span)),
        Some(Node { kind: Kind::List(nodes), span }) if nodes.is_empty() => {
            mistakes.add(*span, Problem::NoTypes { owner });
        }
        Some(_) => {}
    }
    let initializer = match table.get("value") {
        None | Some(Node { kind: Kind::Null, .. }) => None,
        Some(node) => initializer(node, mistakes),
    };
    Some(IoDefinition { name: table.text("name", mistakes), types, initializer, span: node.span })
}

fn initializer(node: &Node, mistakes: &mut Mistakes) -> Option<Spanned<Initializer>> {
    let initializer = match &node.kind {
        Kind::Table(entries) => match entries.as_slice() {
            [Entry { key, value }] if key.value == "once" => Some(Initializer::Once(value.to_value())),
            [Entry { key, value }] if key.value == "always" => Some(Initializer::Always(value.to_value())),
            _ => None,
        },
        _ => None,
    };
    if initializer.is_none() {
        let (near, span) = near_form(node);
        mistakes.add(span, Problem::InitializerForm { near });
    } else if node.depth() > 1 + DEEPEST_VALUE {
        mistakes.add(node.span, Problem::TooDeep);
    }
    initializer.map(|initializer| Spanned::new(initializer, node.span))
}

/// A key that was probably meant as that of an initializer, and where to point.
fn near_form(node: &Node) -> (Option<(String, &'static str)>, Span) {
    let Kind::Table(entries) = &node.kind else { return (None, node.span) };
    let [Entry { key, .. }] = entries.as_slice() else { return (None, node.span) };
    match super::suggest(&key.value, ["once", "always"]) {
        Some(meant) => (Some((key.value.clone(), meant)), key.span),
        None => (None, node.span),
    }
}

fn process_reference(node: &Node, mistakes: &mut Mistakes) -> Option<ProcessReference> {
    let table = Table::strict(node, "a process", PROCESS, mistakes)?;
    let mut initializers = Vec::new();
    match table.get("input") {
        None => {}
        Some(Node { kind: Kind::Table(entries), .. }) => {
            for Entry { key, value } in entries {
                initializers
                    .extend(initializer(value, mistakes).map(|initializer| (key.clone(), initializer)));
            }
        }
        Some(node) => {
            let (what, found) = ("'input' of a process".to_owned(), node.describe());
            mistakes.add(node.span, Problem::WrongType { what, expected: "a table of initializers", found });
        }
    }
    initializers.sort_by(|(one, _), (other, _)| one.value.cmp(&other.value));
    Some(ProcessReference {
        source: table.required_text("source", mistakes),
        alias: table.text("alias", mistakes),
        initializers,
        layout: Layout {
            x: table.number("x", mistakes),
            y: table.number("y", mistakes),
            width: table.number("width", mistakes),
            height: table.number("height", mistakes),
        },
        span: node.span,
    })
}

fn connection(node: &Node, mistakes: &mut Mistakes) -> Option<ConnectionDefinition> {
    let table = Table::strict(node, "a connection", CONNECTION, mistakes)?;
    table.require("to", mistakes);
    let connection = ConnectionDefinition {
        name: table.text("name", mistakes),
        from: table.required_text("from", mistakes),
        to: table.texts("to", Texts::OneOrMany, mistakes),
        span: node.span,
    };
    if is_numeric(&connection.name.value) {
        let name = connection.name.value.clone();
        mistakes.add(connection.name.span, Problem::NumericName { owner: "a connection", name });
    }
    if matches!(table.get("from"), Some(Node { kind: Kind::String(_), .. })) {
        check_end("from", &connection.from, mistakes);
    }
    for to in &connection.to {
        check_end("to", to, mistakes);
    }
    Some(connection)
}

fn check_end(key: &'static str, end: &Spanned<String>, mistakes: &mut Mistakes) {
    if end.value.is_empty() {
        mistakes.add(end.span, Problem::EmptyEnd { key });
    } else if is_numeric(&end.value) {
        mistakes.add(end.span, Problem::NumericEnd { key, text: end.value.clone() });
    }
}

/// Whether a name reads as an unsigned integer, which would make it an index.
fn is_numeric(name: &str) -> bool {
    name.parse::<u64>().is_ok()
}

fn metadata(node: &Node, owner: &'static str, mistakes: &mut Mistakes) -> Metadata {
    let Some(table) = Table::lenient(node, owner, mistakes) else { return Metadata::default() };
    Metadata {
        name: table.text("name", mistakes).value,
        version: table.text("version", mistakes).value,
        description: table.text("description", mistakes).value,
        authors: table
            .texts("authors", Texts::Many, mistakes)
            .into_iter()
            .map(|author| author.value)
            .collect(),
    }
}

pub(super) fn package_metadata(root: &Node) -> Result<Metadata, Errors> {
    let mut mistakes = Mistakes::default();
    let read = Table::lenient(root, "a library", &mut mistakes).map(|table| {
        table.require("package", &mut mistakes);
        table.get("package").map(|node| metadata(node, "'package'", &mut mistakes)).unwrap_or_default()
    });
    mistakes.or(read.unwrap_or_default())
}

pub(super) fn runner_name(root: &Node) -> Result<String, Errors> {
    let mut mistakes = Mistakes::default();
    let read = Table::lenient(root, "a runner", &mut mistakes);
    let name = read.map(|table| table.required_text("name", &mut mistakes).value);
    mistakes.or(name.unwrap_or_default())
}
