//! JSON to nodes.

use super::node::{DEEPEST, Entry, Kind, Node};
use super::{DefinitionError, Problem};
use crate::span::{Span, Spanned};
use crate::value::Number;
use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions};

/// One parser judges, the other tells places: the first is strict, the second has positions. Neither bounds the nesting
/// as other formats do, so that comes first.
pub(super) fn parse(text: &str) -> Result<Node, Vec<DefinitionError>> {
    if let Some(at) = too_deep(text) {
        return Err(vec![DefinitionError { span: Span::new(at, at + 1), problem: Problem::TooDeep }]);
    }
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(vec![syntax(&error.to_string(), offset(text, error.line(), error.column()))]);
    }
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| vec![syntax(&error.kind().to_string(), error.range().start)])?;
    let mut errors = Vec::new();
    let tree = match &parsed.value {
        Some(value) => node(value, &mut errors),
        None => Node::new(Kind::Null, Span::default()),
    };
    if errors.is_empty() { Ok(tree) } else { Err(errors) }
}

/// The bracket that opens one level too many.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > DEEPEST {
                    return Some(at);
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn syntax(message: &str, offset: usize) -> DefinitionError {
    // The place is told by the span; the parser's own words for it would come twice.
    let message = message.split(" at line ").next().unwrap_or(message).to_owned();
    DefinitionError { span: Span::new(offset, offset), problem: Problem::Syntax { message } }
}

/// serde_json counts lines and bytes in the line, both from 1. At the end of a text that is in the middle of a character.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    // It stops at bytes, also inside of a character.
    text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()))
}

fn node(value: &Value<'_>, errors: &mut Vec<DefinitionError>) -> Node {
    let span = Span::new(value.range().start, value.range().end);
    let kind = match value {
        Value::NullKeyword(_) => Kind::Null,
        Value::BooleanLit(literal) => Kind::Bool(literal.value),
        Value::NumberLit(literal) => number(literal.value).unwrap_or_else(|| {
            errors.push(syntax("number out of range", span.start));
            Kind::Null
        }),
        Value::StringLit(literal) => Kind::String(literal.value.to_string()),
        Value::Array(array) => {
            Kind::List(array.elements.iter().map(|element| node(element, errors)).collect())
        }
        Value::Object(object) => {
            let mut entries = Vec::<Entry>::new();
            let mut known = std::collections::HashMap::<String, Span>::new();
            for property in &object.properties {
                let key = match &property.name {
                    ObjectPropName::String(literal) => literal.value.to_string(),
                    ObjectPropName::Word(literal) => literal.value.to_owned(),
                };
                let span = Span::new(property.name.range().start, property.name.range().end);
                if let Some(first) = known.insert(key.clone(), span) {
                    errors.push(DefinitionError {
                        span,
                        problem: Problem::DuplicateKey { key: key.clone(), first: Some(first) },
                    });
                }
                entries.push(Entry { key: Spanned::new(key, span), value: node(&property.value, errors) });
            }
            Kind::Table(entries)
        }
    };
    Node::new(kind, span)
}

/// Integers that do not fit into 64 bits, signed or unsigned, become floats; what is too large for a float is no number.
fn number(digits: &str) -> Option<Kind> {
    let signed = digits.parse::<i64>().ok().filter(|_| digits != "-0").map(Number::from);
    match signed.or_else(|| digits.parse::<u64>().ok().map(Number::from)) {
        Some(integer) => Some(Kind::Integer(integer)),
        None => digits.parse().ok().filter(|float: &f64| float.is_finite()).map(Kind::Float),
    }
}
