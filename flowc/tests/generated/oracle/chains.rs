//! Chains of connections: language 8.1.

use super::manifest::manifest;
use super::{Blame, Edge, Ends, Link, Manner, Problem, Use};
use crate::project::{Initial, Project, Target};
use crate::types::{all_fit, narrow, of_value, order};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The inputs and outputs of flows that values enter.
pub(super) fn entries(root: &Use<'_>, links: &[Link]) -> Vec<Ends> {
    let of_functions = links.iter().filter(|link| !matches!(link.from, Ends::Boundary(_)));
    let initialized = boundary_initials(root).into_keys().map(Ends::Boundary);
    of_functions.map(|link| link.to.clone()).chain(initialized).collect()
}

/// A connection that closes a circle of flows' inputs and outputs.
pub(super) fn circle(links: &[Link], starts: Vec<Ends>) -> Option<Problem> {
    fn walk<'list>(
        at: &Ends,
        links: &'list [Link],
        path: &mut Vec<Ends>,
        done: &mut Vec<Ends>,
    ) -> Option<&'list Link> {
        path.push(at.clone());
        for link in links.iter().filter(|link| link.from == *at) {
            if path.contains(&link.to) {
                return Some(link);
            }
            if matches!(link.to, Ends::Boundary(_))
                && !done.contains(&link.to)
                && let Some(found) = walk(&link.to, links, path, done)
            {
                return Some(found);
            }
        }
        done.extend(path.pop());
        None
    }
    let mut done = Vec::new();
    let mut found: Option<&Link> = None;
    for start in starts.iter().filter(|start| matches!(start, Ends::Boundary(_))) {
        if found.is_none() && !done.contains(start) {
            found = walk(start, links, &mut Vec::new(), &mut done);
        }
    }
    found.map(|link| Problem { code: "E027", blame: Blame::Connection(link.origin.0.clone(), link.origin.1) })
}

/// A function's input and the links that lead there.
type Chain<'list> = (String, usize, Vec<&'list Link>);

/// Everything behind an input or output of a flow; none if that is too much.
fn follow<'list>(io: &Ends, links: &'list [Link], budget: &mut usize) -> Option<Vec<Chain<'list>>> {
    let mut found = Vec::new();
    for next in links.iter().filter(|link| link.from == *io) {
        *budget = budget.checked_sub(1)?;
        match &next.to {
            Ends::Taken(route, input) => found.push((route.clone(), *input, vec![next])),
            boundary => {
                for (route, input, mut behind) in follow(boundary, links, budget)? {
                    behind.insert(0, next);
                    found.push((route, input, behind));
                }
            }
        }
    }
    Some(found)
}

pub(super) fn collapse(
    project: &Project,
    root: &Use<'_>,
    functions: &[&Use<'_>],
    links: &[Link],
    manner: Manner,
) -> Result<Value, Option<Vec<Problem>>> {
    let mut budget = 3000;
    let by_route: BTreeMap<&str, &Use<'_>> =
        functions.iter().map(|function| (function.route.as_str(), *function)).collect();
    let mut problems = Vec::new();
    let mut edges = Vec::new();
    let mut flow_initials: BTreeMap<(String, usize), Initial> = BTreeMap::new();
    let boundaries = boundary_initials(root);
    for link in links {
        let chains = match &link.to {
            Ends::Taken(route, input) => vec![(route.clone(), *input, Vec::new())],
            boundary => follow(boundary, links, &mut budget).ok_or(None)?,
        };
        for (to, input, behind) in chains {
            let mut problem = |code, (target, position): &(Target, usize)| {
                problems.push(Problem { code, blame: Blame::Connection(target.clone(), *position) })
            };
            let takes = &by_route[to.as_str()].definition.inputs[input].types;
            let internal = behind.is_empty();
            match &link.from {
                Ends::Result(from) | Ends::Copy(from, _) => {
                    let steps = behind.iter().map(|link| link.steps).sum();
                    let narrowed: Option<Vec<String>> =
                        link.types.iter().map(|data_type| narrow(data_type, steps)).collect();
                    if !internal && !narrowed.is_some_and(|narrowed| all_fit(&narrowed, takes)) {
                        problem("E026", &link.origin);
                        continue;
                    }
                    let behind: String = behind.iter().map(|link| link.pointer.as_str()).collect();
                    let source = match &link.from {
                        Ends::Copy(_, input) => json!({"Input": input}),
                        _ => json!({"Output": format!("{}{behind}", link.pointer)}),
                    };
                    edges.push(Edge { from: from.clone(), source, to, input, internal, name: &link.name });
                }
                Ends::Boundary(text) => {
                    // Language 9.4, with every hop narrowing.
                    let Some(initial) = boundaries.get(text) else { continue };
                    let mut value = &initial.value;
                    for hop in [link].into_iter().chain(behind.iter().copied()) {
                        value = value.pointer(&hop.pointer).unwrap_or(value);
                    }
                    if !all_fit(&[of_value(value)], takes) {
                        problem("E029", &link.origin);
                        continue;
                    }
                    let narrowed = Initial { always: initial.always, value: value.clone() };
                    if flow_initials.contains_key(&(to.clone(), input)) {
                        problem("E028", &link.origin);
                        continue;
                    }
                    flow_initials.insert((to, input), narrowed);
                }
                Ends::Taken(..) => unreachable!(),
            }
        }
    }
    if !problems.is_empty() {
        return Err(Some(problems));
    }
    let kept = kept(functions, &edges, manner);
    edges.retain(|edge| kept.contains(edge.from.as_str()) && kept.contains(edge.to.as_str()));
    let functions: Vec<&Use<'_>> =
        functions.iter().filter(|function| kept.contains(function.route.as_str())).copied().collect();
    if manner.optimize {
        edges = merged(&functions, edges, &flow_initials);
    }
    check(&functions, &edges, &flow_initials)?;
    Ok(manifest(project, root, &functions, &edges, &flow_initials, manner))
}

/// The initializers of the inputs and outputs of all flows.
fn boundary_initials(flow: &Use<'_>) -> BTreeMap<String, Initial> {
    let mut found = BTreeMap::new();
    for (io, initial) in flow.definition.inputs.iter().zip(&flow.initials) {
        found.extend(
            initial.clone().map(|initial| (format!("input '{}' of {}", io.name, flow.route), initial)),
        );
    }
    for io in &flow.definition.outputs {
        found.extend(
            io.value.clone().map(|initial| (format!("output '{}' of {}", io.name, flow.route), initial)),
        );
    }
    for child in flow.sorted().into_iter().filter(|child| !child.is_function()) {
        found.extend(boundary_initials(child));
    }
    found
}

/// With `-O` only what leads to an impure function, directly or not.
fn kept(functions: &[&Use<'_>], edges: &[Edge<'_>], manner: Manner) -> BTreeSet<String> {
    let is_start = |function: &&&Use<'_>| !manner.optimize || function.is_impure();
    let mut kept: BTreeSet<String> =
        functions.iter().filter(is_start).map(|function| function.route.clone()).collect();
    loop {
        let more: Vec<String> =
            edges.iter().filter(|edge| kept.contains(&edge.to)).map(|edge| edge.from.clone()).collect();
        let before = kept.len();
        kept.extend(more);
        if kept.len() == before {
            return kept;
        }
    }
}

/// With `-O` an edge beside an equal one is left out if its receiver runs once at most, so that nobody looks at what it
/// brings: another input gets one value in the whole run. Where values come from inside and outside, both stay.
fn merged<'run>(
    functions: &[&Use<'_>],
    edges: Vec<Edge<'run>>,
    flow_initials: &BTreeMap<(String, usize), Initial>,
) -> Vec<Edge<'run>> {
    let is_initialized = |to: &str, input: usize| flow_initials.contains_key(&(to.to_owned(), input));
    let leads_to = |edge: &Edge<'_>, to: &str, input: usize| edge.to == to && edge.input == input;
    let levels = |value: &Value| order(&of_value(value));
    let has_one_value = |function: &Use<'_>, input: usize| {
        let Some(Initial { always: false, value }) = &function.initials[input] else { return false };
        let of = &function.definition.inputs[input].types[0];
        (of.is_empty() || levels(value) <= order(of))
            && !is_initialized(&function.route, input)
            && !edges.iter().any(|edge| leads_to(edge, &function.route, input))
    };
    let runs_once = |to: &str| {
        let function = functions.iter().find(|function| function.route == to).unwrap();
        (0..function.definition.inputs.len()).any(|input| has_one_value(function, input))
    };
    let is_repeated = |position: usize| {
        let edge = &edges[position];
        let mut others = edges.iter().filter(|other| leads_to(other, &edge.to, edge.input));
        edges[..position].iter().any(|other| {
            leads_to(other, &edge.to, edge.input) && other.from == edge.from && other.source == edge.source
        }) && others.all(|other| other.internal == edge.internal)
            && !is_initialized(&edge.to, edge.input)
            && runs_once(&edge.to)
    };
    let keep: Vec<bool> = (0..edges.len()).map(|position| !is_repeated(position)).collect();
    edges.into_iter().zip(keep).filter_map(|(edge, keep)| keep.then_some(edge)).collect()
}

/// Language 11.2 and 11.3.
fn check(
    functions: &[&Use<'_>],
    edges: &[Edge<'_>],
    flow_initials: &BTreeMap<(String, usize), Initial>,
) -> Result<(), Option<Vec<Problem>>> {
    let mut problems = Vec::new();
    for function in functions {
        for (number, input) in function.definition.inputs.iter().enumerate() {
            let is_connected = edges.iter().any(|edge| edge.to == function.route && edge.input == number);
            let initial = function.initials[number].as_ref();
            let from_flow = flow_initials.contains_key(&(function.route.clone(), number));
            let code = match initial {
                None if !is_connected && !from_flow => "E030",
                Some(Initial { always: true, .. }) if is_connected => "E031",
                _ => continue,
            };
            let (flow, position) = function.place.clone();
            problems.push(Problem { code, blame: Blame::Input(flow, position, input.name.clone()) });
        }
    }
    if !functions.iter().any(|function| function.is_impure() && !function.definition.inputs.is_empty()) {
        problems.push(Problem { code: "E032", blame: Blame::Root });
    }
    if problems.is_empty() { Ok(()) } else { Err(Some(problems)) }
}
