//! TOML to nodes.

use super::node::{Entry, Kind, Node};
use super::{DefinitionError, Problem};
use crate::span::{Span, Spanned};
use crate::value::Number;
use toml::de::{DeInteger, DeString, DeTable, DeValue};

/// A longer text is given up at its first mistake: the parser would collect all of them, and one for every few bytes
/// fills the memory.
const LONGEST_WITH_ALL_MISTAKES: usize = 1 << 20;

/// The parser bounds the nesting itself, so the walk through its tree may recurse.
pub(super) fn parse(text: &str) -> Result<Node, Vec<DefinitionError>> {
    if text.len() > LONGEST_WITH_ALL_MISTAKES {
        let root = DeTable::parse(text).map_err(|error| mistakes(text, vec![error], 0, |_, _| None))?;
        return Ok(Node::new(table(root.into_inner())?, Span::new(0, text.len())));
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(Node::new(table(root.into_inner())?, Span::new(0, text.len())));
    }
    let searched = MOST_SEARCHED.min(errors.len());
    let first = |key: &str, again| first_of(root.get_ref(), key, again);
    Err(mistakes(text, errors, searched, first))
}

/// What the parser found, with the first place of keys for as many mistakes. That something nests too deeply is said
/// once, without what follows from it.
fn mistakes(
    text: &str,
    errors: Vec<toml::de::Error>,
    searched: usize,
    first: impl Fn(&str, Span) -> Option<Span>,
) -> Vec<DefinitionError> {
    let error = |(position, error): (usize, &toml::de::Error)| {
        let span = error.span().map_or(Span::new(text.len(), text.len()), Span::from);
        let problem = match (error.message(), text.get(span.start..span.end)) {
            (DUPLICATE, Some(key)) => {
                let key = key.trim_matches(['"', '\'']);
                let first = (position < searched).then(|| first(key, span)).flatten();
                Problem::DuplicateKey { key: key.to_owned(), first }
            }
            ("recursion limit" | "cannot recurse further; max recursion depth met", _) => Problem::TooDeep,
            (message, _) => Problem::Syntax { message: message.to_owned() },
        };
        DefinitionError { span, problem }
    };
    let mut mistakes: Vec<DefinitionError> = errors.iter().enumerate().map(error).collect();
    if let Some(deep) = mistakes.iter().position(|mistake| mistake.problem == Problem::TooDeep) {
        mistakes = vec![mistakes.swap_remove(deep)];
    }
    mistakes
}

/// For as many mistakes the first place of a key is searched; nobody reads more.
const MOST_SEARCHED: usize = 100;

/// What the parser says when a table has a key twice; there is no other way to tell. A test knows if it changes.
const DUPLICATE: &str = "duplicate key";

/// The place where a key that is given again was given first: the nearest one before, except in values that are
/// complete by then. The parser keeps the first value.
fn first_of(table: &DeTable<'_>, wanted: &str, again: Span) -> Option<Span> {
    let mut first: Option<Span> = None;
    for (key, value) in table {
        let (key_span, value_span) = (Span::from(key.span()), Span::from(value.span()));
        if key.get_ref() == wanted && key_span.end <= again.start {
            first = first.max(Some(key_span));
        }
        // Tables with headers of their own have their contents behind them; all others inside.
        let is_complete = |inner: Span| inner.start < value_span.end && value_span.end <= again.start;
        let inside = match value.get_ref() {
            DeValue::Table(inner) => first_of(inner, wanted, again),
            DeValue::Array(elements) => elements
                .iter()
                .filter_map(|element| match element.get_ref() {
                    DeValue::Table(inner) => first_of(inner, wanted, again),
                    _ => None,
                })
                .max(),
            _ => None,
        };
        first = first.max(inside.filter(|inside| !is_complete(*inside)));
    }
    first
}

/// Takes the parser's tree apart: in large files both trees together would need much memory.
fn table(table: DeTable<'_>) -> Result<Kind, Vec<DefinitionError>> {
    let entry = |(key, value): (toml::Spanned<DeString<'_>>, toml::Spanned<DeValue<'_>>)| {
        let span = key.span().into();
        Ok(Entry { key: Spanned::new(key.into_inner().into_owned(), span), value: node(value)? })
    };
    let mut entries = table.into_iter().map(entry).collect::<Result<Vec<_>, Vec<_>>>()?;
    entries.sort_by_key(|entry| entry.key.span);
    Ok(Kind::Table(entries))
}

fn node(value: toml::Spanned<DeValue<'_>>) -> Result<Node, Vec<DefinitionError>> {
    let span = Span::from(value.span());
    let syntax = |message: &str| {
        vec![DefinitionError { span, problem: Problem::Syntax { message: message.to_owned() } }]
    };
    let kind = match value.into_inner() {
        DeValue::String(text) => Kind::String(text.into_owned()),
        DeValue::Integer(digits) => {
            Kind::Integer(integer(&digits).ok_or_else(|| syntax("integers have at most 64 bits"))?)
        }
        DeValue::Float(digits) => {
            Kind::Float(digits.as_str().parse().map_err(|_| syntax("this is not a number"))?)
        }
        DeValue::Boolean(truth) => Kind::Bool(truth),
        DeValue::Datetime(time) => Kind::String(time.to_string()),
        DeValue::Array(elements) => Kind::List(elements.into_iter().map(node).collect::<Result<_, _>>()?),
        DeValue::Table(inner) => table(inner)?,
    };
    Ok(Node::new(kind, span))
}

fn integer(digits: &DeInteger<'_>) -> Option<Number> {
    i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(Number::from)
}
