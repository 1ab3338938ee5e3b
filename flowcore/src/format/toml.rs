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
        let root = DeTable::parse(text).map_err(|error| mistakes(text, vec![error]))?;
        return Ok(Node::new(table(root.get_ref())?, Span::new(0, text.len())));
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(Node::new(table(root.get_ref())?, Span::new(0, text.len())));
    }
    Err(mistakes(text, errors))
}

/// What the parser found. That something nests too deeply is said once, without what follows from it.
fn mistakes(text: &str, errors: Vec<toml::de::Error>) -> Vec<DefinitionError> {
    let error = |error: &toml::de::Error| {
        let span = error.span().map_or(Span::new(text.len(), text.len()), Span::from);
        let problem = match error.message() {
            "recursion limit" | "cannot recurse further; max recursion depth met" => Problem::TooDeep,
            message => Problem::Syntax { message: message.to_owned() },
        };
        DefinitionError { span, problem }
    };
    let mut errors: Vec<DefinitionError> = errors.iter().map(error).collect();
    if let Some(deep) = errors.iter().position(|error| error.problem == Problem::TooDeep) {
        errors = vec![errors.swap_remove(deep)];
    }
    errors
}

fn table(table: &DeTable<'_>) -> Result<Kind, Vec<DefinitionError>> {
    let entry = |(key, value): (&toml::Spanned<DeString<'_>>, &toml::Spanned<DeValue<'_>>)| {
        Ok(Entry {
            key: Spanned::new(key.get_ref().clone().into_owned(), key.span().into()),
            value: node(value)?,
        })
    };
    let mut entries = table.iter().map(entry).collect::<Result<Vec<_>, Vec<_>>>()?;
    entries.sort_by_key(|entry| entry.key.span);
    Ok(Kind::Table(entries))
}

fn node(value: &toml::Spanned<DeValue<'_>>) -> Result<Node, Vec<DefinitionError>> {
    let span = Span::from(value.span());
    let syntax = |message: &str| {
        vec![DefinitionError { span, problem: Problem::Syntax { message: message.to_owned() } }]
    };
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::String(text.clone().into_owned()),
        DeValue::Integer(digits) => {
            Kind::Integer(integer(digits).ok_or_else(|| syntax("integers have at most 64 bits"))?)
        }
        DeValue::Float(digits) => {
            Kind::Float(digits.as_str().parse().map_err(|_| syntax("this is not a number"))?)
        }
        DeValue::Boolean(truth) => Kind::Bool(*truth),
        DeValue::Datetime(time) => Kind::String(time.to_string()),
        DeValue::Array(elements) => Kind::List(elements.iter().map(node).collect::<Result<_, _>>()?),
        DeValue::Table(inner) => table(inner)?,
    };
    Ok(Node::new(kind, span))
}

fn integer(digits: &DeInteger<'_>) -> Option<Number> {
    i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(Number::from)
}
