//! What in the tree a route names.

use crate::chain::Boundary;
use crate::definitions::Loaded;
use crate::diagnostics::{Code, Diagnostic};
use crate::hierarchy::{FlowId, FunctionId, Hierarchy, Process};
use crate::trace::Place;
use flowcore::format::suggest;
use flowcore::route::Route;

/// Something that has a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Flow(FlowId),
    Function(FunctionId),
    Place(Place),
}

/// Where in the tree a route cannot be followed any further, and what is left of it.
struct Lost<'text> {
    at: Target,
    rest: &'text str,
}

/// As many names as a message lists.
const MOST_NAMES: usize = 20;

/// Everything that a route may mean: an input may be named like an output, and either like a process. The name of the
/// root flow may be left out.
pub(super) fn find(hierarchy: &Hierarchy, text: &str) -> Result<Vec<Target>, Box<Diagnostic>> {
    let path = text.trim().trim_matches('/');
    let root = &hierarchy.flow_definition(hierarchy.root()).definition.name().value;
    let behind_root = match path.strip_prefix(root.as_str()) {
        Some("") => Some(""),
        Some(rest) => rest.strip_prefix('/'),
        None => None,
    };
    let mut deepest = None;
    for rest in behind_root.into_iter().chain([path]) {
        let (found, lost) = follow(hierarchy, rest);
        if !found.is_empty() {
            return Ok(found);
        }
        deepest = deepest.or(lost);
    }
    Err(Box::new(unknown(hierarchy, text, deepest)))
}

/// Goes down from the root. Aliases and names may contain `/`, so there may be several ways.
fn follow<'text>(hierarchy: &Hierarchy, path: &'text str) -> (Vec<Target>, Option<Lost<'text>>) {
    let mut found = Vec::new();
    let mut lost: Option<Lost<'text>> = None;
    let mut waiting = vec![(Target::Flow(hierarchy.root()), path)];
    while let Some((at, rest)) = waiting.pop() {
        if rest.is_empty() {
            found.push(at);
            continue;
        }
        if lost.as_ref().is_none_or(|lost| rest.len() < lost.rest.len()) {
            lost = Some(Lost { at, rest });
        }
        found.extend(places(hierarchy, at, rest));
        let Target::Flow(flow) = at else { continue };
        let loaded = hierarchy.flow_definition(flow);
        let ends = rest.match_indices('/').map(|(slash, _)| slash).chain([rest.len()]);
        for (alias, behind) in ends.filter_map(|end| rest.split_at_checked(end)) {
            let child = loaded.child(alias).and_then(|child| hierarchy.flow(flow).children.get(child));
            let target = match child {
                Some(Process::Flow(sub)) => Target::Flow(*sub),
                Some(Process::Function(function)) => Target::Function(*function),
                Some(Process::Replaced) | None => continue,
            };
            waiting.push((target, behind.strip_prefix('/').unwrap_or(behind)));
        }
    }
    (found, lost)
}

fn definition_of(hierarchy: &Hierarchy, process: Target) -> Option<&Loaded> {
    match process {
        Target::Flow(flow) => Some(hierarchy.flow_definition(flow)),
        Target::Function(id) => Some(hierarchy.definitions.get(hierarchy.function(id).definition)),
        Target::Place(_) => None,
    }
}

/// The inputs and outputs of a process that have a name.
fn places(hierarchy: &Hierarchy, process: Target, name: &str) -> Vec<Target> {
    let all = places_of(hierarchy, process);
    all.into_iter().filter(|(_, known)| *known == name).map(|(place, _)| Target::Place(place)).collect()
}

/// All inputs and then all outputs of a process, with their names.
pub(super) fn places_of(hierarchy: &Hierarchy, process: Target) -> Vec<(Place, &str)> {
    let Some(loaded) = definition_of(hierarchy, process) else { return Vec::new() };
    let place = |number, is_input| match process {
        Target::Flow(flow) if is_input => Some(Place::Boundary(Boundary::Input(flow, number))),
        Target::Flow(flow) => Some(Place::Boundary(Boundary::Output(flow, number))),
        Target::Function(id) if is_input => Some(Place::Input(id, number)),
        Target::Function(id) => Some(Place::Output(id, number)),
        Target::Place(_) => None,
    };
    let inputs = loaded.definition.inputs().iter().enumerate().map(|(number, io)| (place(number, true), io));
    let outputs =
        loaded.definition.outputs().iter().enumerate().map(|(number, io)| (place(number, false), io));
    inputs.chain(outputs).filter_map(|(place, io)| Some((place?, io.name.value.as_str()))).collect()
}

/// The route of a process.
pub(super) fn route_of(hierarchy: &Hierarchy, process: Target) -> Route {
    match process {
        Target::Flow(flow) => hierarchy.flow_route(flow),
        Target::Function(id) => hierarchy.function_route(hierarchy.function(id)),
        Target::Place(_) => Route::default(),
    }
}

fn unknown(hierarchy: &Hierarchy, text: &str, lost: Option<Lost<'_>>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::E055, format!("nothing in this flow has the route '{text}'"));
    let Some(Lost { at, rest }) = lost else { return diagnostic };
    let mut names: Vec<&str> = places_of(hierarchy, at).into_iter().map(|(_, name)| name).collect();
    if let Target::Flow(flow) = at {
        names.extend(hierarchy.flow_definition(flow).by_alias.iter().map(|(alias, _)| alias.as_str()));
    }
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    let here = route_of(hierarchy, at);
    let (first, behind) = rest.split_once('/').unwrap_or((rest, ""));
    let help = match suggest(first, names.iter().copied()) {
        Some(near) => {
            let near = here.join(near);
            let whole = near.join(behind);
            let is_known = find_exactly(hierarchy, whole.as_str());
            format!("did you mean '{}'?", if is_known { whole } else { near })
        }
        None if names.is_empty() => format!("'{here}' has nothing in it that has a name"),
        None => {
            let listed: Vec<&str> = names.iter().copied().take(MOST_NAMES).collect();
            let more = if names.len() > MOST_NAMES { ", and more" } else { "" };
            format!("in '{here}' there are {}{more}", listed.join(", "))
        }
    };
    diagnostic.help(help)
}

fn find_exactly(hierarchy: &Hierarchy, route: &str) -> bool {
    let root = hierarchy.flow_route(hierarchy.root());
    let rest = route.strip_prefix(root.as_str()).map(|rest| rest.trim_start_matches('/'));
    rest.is_some_and(|rest| !follow(hierarchy, rest).0.is_empty())
}
