//! Why functions can never run: initializers that bring nothing, and circles without a first value.
//!
//! Every input of a checked graph has an initializer or an edge. So a function that can never run waits, at some input,
//! for functions that cannot run either; going back from one to the next either ends at an initializer that brings
//! nothing, or goes round in a circle of which every function waits for another one. These are the roots. What is behind
//! them is only counted.

use super::components::Components;
use super::feeding::{Feeding, gives_something};
use super::{Scene, and_more};
use crate::diagnostics::{Code, Diagnostic, Report, SourceId};
use crate::graph::Edge;
use crate::hierarchy::FunctionId;
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};

/// As many functions of a circle as a message lists.
const MOST_LISTED: usize = 6;

pub(super) fn warn(scene: &Scene<'_>, feeding: &Feeding, report: &mut Report) {
    let starved: Vec<FunctionId> = scene.functions().filter(|id| !feeding.can_run(*id)).collect();
    if starved.is_empty() {
        return;
    }
    let definitions = scene.hierarchy.definitions.iter();
    let own: HashSet<SourceId> =
        definitions.filter(|(_, loaded)| loaded.is_own()).map(|(_, loaded)| loaded.source).collect();
    for id in &starved {
        warn_of_empty(scene, feeding, *id, &own, report);
    }
    warn_of_circles(scene, feeding, &starved, report);
}

/// Whether an edge ends at an input that never gets a value: its receiver waits for its sender.
fn is_awaited(feeding: &Feeding, edge: &Edge) -> bool {
    !feeding.is_fed(edge.to, edge.input)
}

fn warn_of_empty(
    scene: &Scene<'_>,
    feeding: &Feeding,
    id: FunctionId,
    own: &HashSet<SourceId>,
    report: &mut Report,
) {
    let inputs = scene.hierarchy.definitions.get(scene.hierarchy.function(id).definition).definition.inputs();
    for (number, (node, io)) in scene.graph.node(id).inputs.iter().zip(inputs).enumerate() {
        let given = node.initializer.as_ref().or(node.flow_initializer.as_ref());
        let Some(given) = given.filter(|given| !gives_something(&given.value, io)) else { continue };
        let has_edge = scene.edges_to(id).any(|edge| edge.input == number);
        if has_edge || feeding.is_fed(id, number) || !own.contains(&given.source) {
            continue;
        }
        let route = scene.hierarchy.input_route(id, number);
        let message =
            format!("this initializer brings '{route}' no value, so {} never runs", scene.route(id));
        let help = format!(
            "the input takes {}, so an array is delivered element by element, and this one has none",
            crate::initialize::types(io)
        );
        report.add(Diagnostic::new(Code::W025, message).at(given.source, given.span, "").help(help));
    }
}

fn warn_of_circles(scene: &Scene<'_>, feeding: &Feeding, starved: &[FunctionId], report: &mut Report) {
    let nodes = scene.graph.functions.len();
    let successor = |node: usize, position: usize| {
        let edge = scene.edge(*scene.links.from(FunctionId::new(node)).get(position)?)?;
        // Where nobody waits for the edge, the node itself stands for its end: that changes no component.
        Some(if is_awaited(feeding, edge) { edge.to.index() } else { node })
    };
    let components = Components::of(nodes, successor);
    let component = |id: FunctionId| components.of.get(id.index()).copied().unwrap_or_default();
    // A component that waits for no other one is a root.
    let mut waits_for_others = vec![false; components.count];
    let mut waits = vec![false; components.count];
    let mut members = vec![0; components.count];
    for id in starved {
        if let Some(count) = members.get_mut(component(*id)) {
            *count += 1;
        }
        for edge in scene.edges_to(*id).filter(|edge| is_awaited(feeding, edge)) {
            let is_other = component(edge.from) != component(*id);
            let list = if is_other { &mut waits_for_others } else { &mut waits };
            if let Some(slot) = list.get_mut(component(*id)) {
                *slot = true;
            }
        }
    }
    let mut is_told = vec![false; components.count];
    let mut is_counted = vec![false; nodes];
    for id in starved {
        let own = component(*id);
        let is_root = waits.get(own) == Some(&true) && waits_for_others.get(own) == Some(&false);
        if !is_root || is_told.get_mut(own).is_none_or(|told| std::mem::replace(told, true)) {
            continue;
        }
        let circle = circle(scene, feeding, *id);
        let members = members.get(own).copied().unwrap_or_default();
        let behind = reached(scene, feeding, *id, &mut is_counted).saturating_sub(members);
        tell(scene, &circle, members, behind, report);
    }
}

/// A circle in the component of a function, in the direction of the values: from each function back to the first one that
/// it waits for, until one comes again.
fn circle<'run>(scene: &'run Scene<'_>, feeding: &Feeding, start: FunctionId) -> Vec<&'run Edge> {
    let mut path: Vec<&Edge> = Vec::new();
    let mut position = HashMap::new();
    let mut at = start;
    while let Entry::Vacant(slot) = position.entry(at) {
        slot.insert(path.len());
        let Some(edge) = scene.edges_to(at).find(|edge| is_awaited(feeding, edge)) else { break };
        path.push(edge);
        at = edge.from;
    }
    let begin = position.get(&at).copied().unwrap_or_default();
    path.drain(..begin);
    path.reverse();
    path
}

/// How many functions wait for one, directly or not, that were not counted yet; it counts itself.
fn reached(scene: &Scene<'_>, feeding: &Feeding, start: FunctionId, is_counted: &mut [bool]) -> usize {
    let mut waiting = vec![start];
    let mut count = 0;
    while let Some(id) = waiting.pop() {
        if is_counted.get_mut(id.index()).is_none_or(|known| std::mem::replace(known, true)) {
            continue;
        }
        count += 1;
        waiting.extend(scene.edges_from(id).filter(|edge| is_awaited(feeding, edge)).map(|edge| edge.to));
    }
    count
}

fn tell(scene: &Scene<'_>, circle: &[&Edge], members: usize, behind: usize, report: &mut Report) {
    let is_direct =
        |edge: &&&Edge| scene.is_own(scene.hierarchy.flow(scene.hierarchy.function(edge.to).flow).definition);
    let Some(first) = circle.iter().find(is_direct).or(circle.first()) else { return };
    let input = scene.hierarchy.input_route(first.to, first.input);
    let mut message = if let [only] = circle {
        format!(
            "{} can never run: '{input}' gets values from nothing but {} itself",
            scene.route(only.to),
            scene.route(only.to)
        )
    } else {
        let routes: Vec<String> =
            circle.iter().take(MOST_LISTED).map(|edge| scene.route(edge.from)).collect();
        let more = and_more(circle.len().saturating_sub(MOST_LISTED));
        format!("these wait for each other and can never run: {}{more}", routes.join(" -> "))
    };
    match behind + members.saturating_sub(circle.len()) {
        0 => {}
        1 => message.push_str("; one more function waits for them"),
        others => message.push_str(&format!("; {others} more functions wait for them")),
    }
    let inputs =
        scene.hierarchy.definitions.get(scene.hierarchy.function(first.to).definition).definition.inputs();
    let name = inputs.get(first.input).map_or("", |input| input.name.value.as_str());
    let key = if name.is_empty() { "default" } else { name };
    let help = format!("give '{input}' a first value: input.{key} = {{ once = ... }}");
    let mut diagnostic = Diagnostic::new(Code::W026, message).help(help);
    if let Some((source, span)) = scene.place(first.to) {
        diagnostic = diagnostic.at(source, span, "waits for its first value");
    }
    for (source, span) in circle.iter().take(MOST_LISTED).filter_map(|edge| scene.connection(edge)) {
        diagnostic = diagnostic.also(source, span, "part of the circle");
    }
    report.add(diagnostic);
}
