//! Takes a table apart by its keys, noting every mistake instead of stopping at the first.

use super::node::{Entry, Kind, Node};
use super::{DefinitionError, Problem};
use crate::span::{Span, Spanned};

/// The mistakes found so far.
#[derive(Default)]
pub(super) struct Mistakes(Vec<DefinitionError>);

impl Mistakes {
    pub(super) fn add(&mut self, span: Span, problem: Problem) {
        self.0.push(DefinitionError { span, problem });
    }

    /// The result, unless there was a mistake.
    pub(super) fn or<T>(mut self, result: T) -> Result<T, Vec<DefinitionError>> {
        self.0.sort_by_key(|error| error.span);
        if self.0.is_empty() { Ok(result) } else { Err(self.0) }
    }
}

/// A table that is being read: the keys of an owner, such as `a flow`.
pub(super) struct Table<'node> {
    entries: &'node [Entry],
    span: Span,
    owner: &'static str,
    /// The keys it may have; none where others are ignored.
    known: &'static [&'static str],
}

impl<'node> Table<'node> {
    /// The table of an owner with these keys; notes keys that it does not have.
    pub(super) fn strict(
        node: &'node Node,
        owner: &'static str,
        known: &'static [&'static str],
        mistakes: &mut Mistakes,
    ) -> Option<Table<'node>> {
        let table = Table { known, ..Table::lenient(node, owner, mistakes)? };
        for Entry { key, .. } in table.entries {
            if !known.contains(&key.value.as_str()) {
                mistakes.add(key.span, Problem::UnknownKey { key: key.value.clone(), owner, known });
            }
        }
        Some(table)
    }

    /// The table of an owner of whom other keys are ignored.
    pub(super) fn lenient(
        node: &'node Node,
        owner: &'static str,
        mistakes: &mut Mistakes,
    ) -> Option<Table<'node>> {
        match &node.kind {
            Kind::Table(entries) => Some(Table { entries, span: node.span, owner, known: &[] }),
            Kind::List(_) => {
                mistakes.add(node.span, Problem::Positional { owner });
                None
            }
            _ => {
                let found = node.describe();
                mistakes.add(
                    node.span,
                    Problem::WrongType { what: owner.to_owned(), expected: "a table", found },
                );
                None
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'node Node> {
        self.entries.iter().find(|entry| entry.key.value == key).map(|entry| &entry.value)
    }

    fn wrong(&self, key: &str, expected: &'static str, node: &Node, mistakes: &mut Mistakes) {
        let what = format!("'{key}' of {}", self.owner);
        mistakes.add(node.span, Problem::WrongType { what, expected, found: node.describe() });
    }

    /// The text behind a key; empty, and at the place of the table, where the key is missing.
    pub(super) fn text(&self, key: &str, mistakes: &mut Mistakes) -> Spanned<String> {
        let absent = Spanned::new(String::new(), Span::new(self.span.start, self.span.start));
        match self.get(key) {
            None => absent,
            Some(Node { kind: Kind::String(text), span }) => Spanned::new(text.clone(), *span),
            Some(node) => {
                self.wrong(key, "a string", node, mistakes);
                absent
            }
        }
    }

    /// As [`Table::text`], but the key must be there.
    pub(super) fn required_text(&self, key: &'static str, mistakes: &mut Mistakes) -> Spanned<String> {
        self.require(key, mistakes);
        self.text(key, mistakes)
    }

    /// Notes if the key is not there. One that is only misspelled has been noted already.
    pub(super) fn require(&self, key: &'static str, mistakes: &mut Mistakes) {
        let is_meant = |entry: &Entry| {
            let written = entry.key.value.as_str();
            !self.known.contains(&written) && super::suggest(written, self.known.iter().copied()) == Some(key)
        };
        if self.get(key).is_none() && !self.entries.iter().any(is_meant) {
            // The whole table would be pages of text to point at; its first line says which one it is.
            let first = self.entries.first().map_or(self.span, |entry| entry.key.span);
            mistakes.add(first, Problem::MissingKey { key, owner: self.owner });
        }
    }

    /// The place where a truth value is given as true.
    pub(super) fn truth(&self, key: &str, mistakes: &mut Mistakes) -> Option<Span> {
        match self.get(key)? {
            Node { kind: Kind::Bool(truth), span } => truth.then_some(*span),
            node => {
                self.wrong(key, "a boolean", node, mistakes);
                None
            }
        }
    }

    /// A number; null is the same as absent.
    pub(super) fn number(&self, key: &str, mistakes: &mut Mistakes) -> Option<f64> {
        match self.get(key)? {
            Node { kind: Kind::Float(float), .. } => Some(*float),
            Node { kind: Kind::Integer(number), .. } => Some(number.as_f64()),
            Node { kind: Kind::Null, .. } => None,
            node => {
                self.wrong(key, "a number", node, mistakes);
                None
            }
        }
    }

    /// The tables in the list behind a key, each read by `read`.
    pub(super) fn tables<T>(
        &self,
        key: &str,
        mistakes: &mut Mistakes,
        read: impl Fn(&Node, &mut Mistakes) -> Option<T>,
    ) -> Vec<T> {
        match self.get(key) {
            None => Vec::new(),
            Some(Node { kind: Kind::List(nodes), .. }) => {
                nodes.iter().filter_map(|node| read(node, mistakes)).collect()
            }
            Some(node) => {
                self.wrong(key, "a list of tables", node, mistakes);
                Vec::new()
            }
        }
    }

    /// The texts behind a key.
    pub(super) fn texts(&self, key: &str, form: Texts, mistakes: &mut Mistakes) -> Vec<Spanned<String>> {
        match (self.get(key), form) {
            (None, _) => Vec::new(),
            (Some(Node { kind: Kind::String(text), span }), Texts::OneOrMany) => {
                vec![Spanned::new(text.clone(), *span)]
            }
            (Some(Node { kind: Kind::List(nodes), .. }), _) => {
                let text = |node: &Node| match &node.kind {
                    Kind::String(text) => Some(Spanned::new(text.clone(), node.span)),
                    _ => {
                        let what = format!("an element of '{key}' of {}", self.owner);
                        let found = node.describe();
                        mistakes.add(node.span, Problem::WrongType { what, expected: "a string", found });
                        None
                    }
                };
                nodes.iter().filter_map(text).collect()
            }
            (Some(node), form) => {
                let expected = match form {
                    Texts::OneOrMany => "a string or a list of strings",
                    Texts::Many => "a list of strings",
                };
                self.wrong(key, expected, node, mistakes);
                Vec::new()
            }
        }
    }
}

/// Whether one text may stand for a list of one.
#[derive(Clone, Copy)]
pub(super) enum Texts {
    OneOrMany,
    Many,
}
