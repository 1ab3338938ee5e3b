//! YAML to nodes.

use super::node::{DEEPEST, Entry, Kind, Node};
use super::{DefinitionError, Problem};
use crate::span::{Span, Spanned};
use crate::value::Number;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::collections::HashMap;

/// How much aliases may add to a file, and anchors with them, in nodes: a few lines of aliases to lists of aliases would
/// otherwise fill the memory. A long text weighs as much as many nodes.
const MOST_COPIED: usize = 1_000_000;

/// So many bytes of text weigh as much as a node.
const BYTES_OF_A_NODE: usize = 64;

/// A list or table of which the end has not come yet.
struct Open {
    start: Span,
    anchor: usize,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Table {
        entries: Vec<Entry>,
        known: HashMap<String, Span>,
        key: Option<Spanned<String>>,
        merged: Vec<Node>,
    },
}

struct Builder<'text> {
    offsets: Offsets<'text>,
    open: Vec<Open>,
    /// What anchors stand for, with the number of nodes in it and how deep they nest.
    anchors: HashMap<usize, (Node, usize, usize)>,
    /// What was copied so far, in nodes.
    copied: usize,
    errors: Vec<DefinitionError>,
}

pub(super) fn parse(text: &str) -> Result<Node, Vec<DefinitionError>> {
    let offsets = Offsets::of(text);
    let mut builder =
        Builder { offsets, open: Vec::new(), anchors: HashMap::new(), copied: 0, errors: Vec::new() };
    let mut parser = Parser::new_from_str(text);
    let mut root = None;
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            let at = builder.offsets.byte(error.marker().index());
            // The parser has a bound of its own for what stands in brackets.
            let problem = if error.info().contains("recursion limit") {
                Problem::TooDeep
            } else {
                Problem::Syntax { message: error.info().to_owned() }
            };
            vec![DefinitionError { span: Span::new(at, at), problem }]
        })?;
        let span = builder.offsets.span(span);
        // Of several documents only the first counts.
        if matches!(event, Event::DocumentEnd | Event::StreamEnd) {
            break;
        }
        if let Some(node) = builder.take(event, span).map_err(|error| vec![error])? {
            root = Some(node);
        }
    }
    if builder.errors.is_empty() {
        Ok(root.unwrap_or(Node::new(Kind::Null, Span::default())))
    } else {
        Err(builder.errors)
    }
}

impl Builder<'_> {
    /// Takes the next event; gives the root node when it is complete.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<Option<Node>, DefinitionError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = Node::new(scalar(&text, style, tag.as_deref()), span);
                self.complete(node, anchor, is_merge(&text, style))
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some((_, _, depth)) if self.open.len() + depth > DEEPEST => {
                    Err(DefinitionError { span, problem: Problem::TooDeep })
                }
                Some((node, size, _)) => {
                    self.copied = self.copied.saturating_add(*size);
                    if self.copied > MOST_COPIED {
                        return Err(syntax(span, "aliases make this file too large"));
                    }
                    let node = Node::new(node.kind.clone(), span);
                    self.complete(node, 0, false)
                }
                None => Err(syntax(span, "an alias must not stand inside what it stands for")),
            },
            Event::SequenceStart(anchor, _) => self.start(span, anchor, Items::List(Vec::new())),
            Event::MappingStart(anchor, _) => {
                let (entries, known, merged) = (Vec::new(), HashMap::new(), Vec::new());
                self.start(span, anchor, Items::Table { entries, known, key: None, merged })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(None),
        }
    }

    fn start(&mut self, start: Span, anchor: usize, items: Items) -> Result<Option<Node>, DefinitionError> {
        if self.open.len() >= DEEPEST {
            return Err(DefinitionError { span: start, problem: Problem::TooDeep });
        }
        self.open.push(Open { start, anchor, items });
        Ok(None)
    }

    fn end(&mut self, end: Span) -> Result<Option<Node>, DefinitionError> {
        let Some(Open { start, anchor, items }) = self.open.pop() else { return Ok(None) };
        // A bracket ends what it began; without any, the last line of the contents does, and not the next thing after it.
        let last = match &items {
            Items::List(nodes) => nodes.last().map_or(start.end, |node| node.span.end),
            Items::Table { entries, .. } => {
                entries.last().map_or(start.end, |entry| entry.value.span.end.max(entry.key.span.end))
            }
        };
        let end = if end.start < end.end { end.end } else { last };
        let kind = match items {
            Items::List(nodes) => Kind::List(nodes),
            Items::Table { mut entries, mut known, merged, .. } => {
                merge(&mut entries, &mut known, merged)?;
                Kind::Table(entries)
            }
        };
        let node = Node::new(kind, Span::new(start.start, end));
        self.complete(node, anchor, false)
    }

    /// Puts a complete node where it belongs.
    fn complete(
        &mut self,
        node: Node,
        anchor: usize,
        is_merge: bool,
    ) -> Result<Option<Node>, DefinitionError> {
        if anchor != 0 {
            let size = size(&node);
            self.copied = self.copied.saturating_add(size);
            if self.copied > MOST_COPIED {
                return Err(syntax(node.span, "anchors make this file too large"));
            }
            let depth = node.depth();
            self.anchors.insert(anchor, (node.clone(), size, depth));
        }
        let Some(open) = self.open.last_mut() else { return Ok(Some(node)) };
        match &mut open.items {
            Items::List(nodes) => nodes.push(node),
            Items::Table { entries, known, key, merged } => match key.take() {
                // The key of a merge is told from the text "<<" by being unquoted, and marked by being empty.
                None if is_merge => *key = Some(Spanned::new(MERGE.to_owned(), node.span)),
                None => *key = Some(Spanned::new(key_text(&node)?, node.span)),
                Some(merge) if merge.value == MERGE => merged.push(node),
                Some(key) => {
                    if let Some(first) = known.insert(key.value.clone(), key.span) {
                        let problem = Problem::DuplicateKey { key: key.value.clone(), first: Some(first) };
                        self.errors.push(DefinitionError { span: key.span, problem });
                    }
                    entries.push(Entry { key, value: node });
                }
            },
        }
        Ok(None)
    }
}

/// No key of a definition and no key that a person writes.
const MERGE: &str = "\u{0}<<";

fn is_merge(text: &str, style: ScalarStyle) -> bool {
    style == ScalarStyle::Plain && text == "<<"
}

/// Adds the entries of merged tables; what the table has itself wins, then the first that was merged.
fn merge(
    entries: &mut Vec<Entry>,
    known: &mut HashMap<String, Span>,
    merged: Vec<Node>,
) -> Result<(), DefinitionError> {
    let mut tables = Vec::new();
    for node in merged {
        match node.kind {
            Kind::List(nodes) => tables.extend(nodes),
            _ => tables.push(node),
        }
    }
    for table in tables {
        let Kind::Table(more) = table.kind else {
            return Err(syntax(table.span, "only tables can be merged"));
        };
        for entry in more {
            if !known.contains_key(&entry.key.value) {
                known.insert(entry.key.value.clone(), entry.key.span);
                entries.push(entry);
            }
        }
    }
    Ok(())
}

fn size(node: &Node) -> usize {
    let of_text = |text: &str| 1 + text.len() / BYTES_OF_A_NODE;
    match &node.kind {
        Kind::List(nodes) => 1 + nodes.iter().map(size).sum::<usize>(),
        Kind::Table(entries) => {
            let of_entry = |entry: &Entry| of_text(&entry.key.value) + size(&entry.value);
            1 + entries.iter().map(of_entry).sum::<usize>()
        }
        Kind::String(text) => of_text(text),
        _ => 1,
    }
}

fn key_text(node: &Node) -> Result<String, DefinitionError> {
    match &node.kind {
        Kind::String(text) => Ok(text.clone()),
        Kind::Null | Kind::Bool(_) | Kind::Integer(_) | Kind::Float(_) => Ok(node.to_value().to_string()),
        Kind::List(_) | Kind::Table(_) => Err(syntax(node.span, "keys must be text")),
    }
}

fn syntax(span: Span, message: &str) -> DefinitionError {
    DefinitionError { span, problem: Problem::Syntax { message: message.to_owned() } }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Kind {
    let as_text = || Kind::String(text.to_owned());
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix != "str" => plain(text),
        Some(_) => as_text(),
        None if style == ScalarStyle::Plain => plain(text),
        None => as_text(),
    }
}

/// What an unquoted text stands for, by the core schema.
fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Kind::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Kind::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Kind::Float(f64::NEG_INFINITY),
        _ => number(text).unwrap_or_else(|| Kind::String(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Kind> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let radix = |prefix, radix| {
        let digits =
            unsigned.strip_prefix(prefix).filter(|digits| digits.starts_with(|c: char| c.is_digit(radix)))?;
        let magnitude = i128::from_str_radix(digits, radix).ok()?;
        let integer = if text.starts_with('-') { -magnitude } else { magnitude };
        let signed = i64::try_from(integer).map(Number::from);
        signed.or_else(|_| u64::try_from(integer).map(Number::from)).ok().map(Kind::Integer)
    };
    if let Some(integer) = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| radix("", 10)) {
        return Some(integer);
    }
    // Rust reads more than YAML knows as a float: words, and signs inside.
    let digits = unsigned.contains(|c: char| c.is_ascii_digit());
    let only = unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let starts = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if digits && only && starts { text.parse().ok().map(Kind::Float) } else { None }
}

/// The parser counts characters, spans count bytes.
struct Offsets<'text> {
    text: &'text str,
    /// Byte offset of each character; empty where they are the same.
    bytes: Vec<usize>,
}

impl Offsets<'_> {
    fn of(text: &str) -> Offsets<'_> {
        let bytes =
            if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(byte, _)| byte).collect() };
        Offsets { text, bytes }
    }

    fn byte(&self, character: usize) -> usize {
        let byte = if self.bytes.is_empty() { Some(character) } else { self.bytes.get(character).copied() };
        byte.unwrap_or(self.text.len()).min(self.text.len())
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        Span::new(self.byte(span.start.index()), self.byte(span.end.index()))
    }
}
