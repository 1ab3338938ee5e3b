//! Inputs at which unrelated values compete.
//!
//! Several senders to one input are normal: a loop and the value that starts it, the branches of a choice, prints of all
//! kinds. Nothing is wrong as long as one function decides whose turn it is, and it always does where the senders have
//! a common origin: what it computes can make them take turns. So this reports two senders only if
//!
//! * no function leads to both, directly or not: they have nothing to do with each other,
//! * both or none of them are starters, which can send once only,
//! * and the receiver puts the values together with those of another input, which come from elsewhere than itself: then
//!   the speed of the senders decides what meets what.
//!
//! Origins are the circles and functions that nothing leads to. They are noted in sets of [`BITS`] numbers; where there
//! are more, some share a number, and senders may look related that are not: silence, never a false alarm.

use super::Scene;
use super::components::Components;
use crate::diagnostics::{Code, Diagnostic, Report};
use crate::graph::Edge;
use crate::hierarchy::FunctionId;
use flowcore::Initializer;
use std::collections::HashSet;

const WORDS: usize = 4;

/// The size of a set of origins.
const BITS: usize = WORDS * 64;

/// A set of origins.
type Origins = [u64; WORDS];

/// Reports each pair of connections once, however often the flow they are in is used.
pub(super) fn warn(scene: &Scene<'_>, report: &mut Report) {
    let candidates: Vec<(FunctionId, usize)> =
        scene.functions().flat_map(|id| shared_inputs(scene, id)).collect();
    if candidates.is_empty() {
        return;
    }
    let successor = |node: usize, position: usize| {
        scene.edge(*scene.links.from(FunctionId::new(node)).get(position)?).map(|edge| edge.to.index())
    };
    let components = Components::of(scene.graph.functions.len(), successor);
    let origins = origins(scene, &components);
    let component = |id: FunctionId| components.of.get(id.index()).copied().unwrap_or_default();
    let of = |id: FunctionId| origins.get(component(id)).copied().unwrap_or_default();
    let mut told = HashSet::new();
    for (id, input) in candidates {
        let is_outside = |edge: &Edge| edge.input != input && component(edge.from) != component(id);
        if !scene.edges_to(id).any(is_outside) {
            continue;
        }
        let mut senders = scene.edges_to(id).filter(|edge| edge.input == input);
        let Some(first) = senders.next() else { continue };
        let is_unrelated = |edge: &&Edge| {
            are_disjoint(&of(edge.from), &of(first.from))
                && is_starter(scene, edge.from) == is_starter(scene, first.from)
        };
        let Some(other) = senders.find(is_unrelated) else { continue };
        let of = |edge: &Edge| (edge.origin.definition, edge.origin.connection, edge.origin.to_span);
        if told.insert((of(first), of(other))) {
            tell(scene, first, other, report);
        }
    }
}

/// The inputs of a function that several functions send to.
fn shared_inputs(scene: &Scene<'_>, id: FunctionId) -> Vec<(FunctionId, usize)> {
    if scene.links.to(id).len() < 3 {
        return Vec::new();
    }
    let mut ends: Vec<(usize, FunctionId)> = scene.edges_to(id).map(|edge| (edge.input, edge.from)).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut shared: Vec<(FunctionId, usize)> = ends
        .windows(2)
        .filter_map(|pair| match pair {
            [(one, _), (other, _)] if one == other => Some((id, *one)),
            _ => None,
        })
        .collect();
    shared.dedup();
    shared
}

/// For each component the origins that lead to it.
fn origins(scene: &Scene<'_>, components: &Components) -> Vec<Origins> {
    let mut members: Vec<Vec<FunctionId>> = vec![Vec::new(); components.count];
    for id in scene.functions() {
        if let Some(list) = components.of.get(id.index()).and_then(|component| members.get_mut(*component)) {
            list.push(id);
        }
    }
    let mut origins = vec![Origins::default(); components.count];
    let mut next = 0;
    // A component comes after all that it leads to, so from the last on all that leads to one is known.
    for (component, members) in members.iter().enumerate().rev() {
        let mut found = Origins::default();
        for edge in members.iter().flat_map(|id| scene.edges_to(*id)) {
            let sender = components.of.get(edge.from.index()).filter(|sender| **sender != component);
            for (word, more) in found
                .iter_mut()
                .zip(sender.and_then(|sender| origins.get(*sender)).iter().flat_map(|set| set.iter()))
            {
                *word |= more;
            }
        }
        if found == Origins::default() {
            if let Some(word) = found.get_mut(next / 64) {
                *word |= 1 << (next % 64);
            }
            next = (next + 1) % BITS;
        }
        if let Some(slot) = origins.get_mut(component) {
            *slot = found;
        }
    }
    origins
}

fn are_disjoint(one: &Origins, other: &Origins) -> bool {
    one.iter().zip(other).all(|(one, other)| one & other == 0)
}

/// Whether a function can run once only: no edge leads to it, and it has no input or one with a value for the start only.
fn is_starter(scene: &Scene<'_>, id: FunctionId) -> bool {
    let inputs = &scene.graph.node(id).inputs;
    let is_once = |initializer: Option<&Initializer>| matches!(initializer, Some(Initializer::Once(_)));
    scene.links.to(id).is_empty()
        && (inputs.is_empty()
            || inputs.iter().any(|input| {
                let given = input.initializer.as_ref().or(input.flow_initializer.as_ref());
                is_once(given.map(|placed| &placed.value))
            }))
}

fn tell(scene: &Scene<'_>, first: &Edge, second: &Edge, report: &mut Report) {
    let places = (scene.connection(first), scene.connection(second));
    let ((source, span), other) = match places {
        (Some(first), Some(second)) => (second, Some(first)),
        (Some(only), None) | (None, Some(only)) => (only, None),
        (None, None) => return,
    };
    let receiver = scene.hierarchy.input_route(first.to, first.input);
    let message = format!(
        "{} and {} have nothing to do with each other but both send to '{receiver}': nothing says which value is used \
         with which of its other inputs",
        scene.route(first.from),
        scene.route(second.from)
    );
    let help =
        "let one of them lead to the other, send to two functions, or let a function decide whose turn it is";
    let mut diagnostic = Diagnostic::new(Code::W027, message).at(source, span, "one of the senders");
    if let Some((source, span)) = other {
        diagnostic = diagnostic.also(source, span, "the other");
    }
    report.add(diagnostic.help(help.to_owned()));
}
