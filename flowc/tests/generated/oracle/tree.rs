//! The tree of all uses: language 5 and manifest 6.

use super::connections::{end, start};
use super::initializers::initials_of;
use super::{Ends, Link, Use, aliases, definition};
use crate::project::{Body, Initial, Io, Project, Target};

pub(super) fn use_of<'run>(
    project: &'run Project,
    target: Target,
    around: String,
    alias: String,
    place: Option<(Target, usize, u64)>,
    initials: Vec<Option<Initial>>,
    flows: &mut u64,
) -> Use<'run> {
    let definition = definition(project, &target);
    let alias = if place.is_none() { definition.name.clone() } else { alias };
    let route = format!("{around}/{alias}");
    let parent = place.as_ref().map(|(_, _, parent)| *parent);
    let place = place.map_or((Target::Own(0), 0), |(flow, position, _)| (flow, position));
    let mut made =
        Use { target, definition, route, alias, id: 0, parent, place, initials, children: Vec::new() };
    if let Body::Flow { processes, .. } = &definition.body {
        made.id = *flows;
        *flows += 1;
        let aliases = aliases(project, definition);
        for (position, reference) in processes.iter().enumerate() {
            let initials = initials_of(project, &made.target, position).0;
            let place = Some((made.target.clone(), position, made.id));
            let (target, alias) = (reference.target.clone(), aliases[position].clone());
            let child = use_of(project, target, made.route.clone(), alias, place, initials, flows);
            // A later process of the same alias takes its place.
            made.children.push((!aliases[position + 1..].contains(&aliases[position])).then_some(child));
        }
    }
    made
}

impl<'run> Use<'run> {
    pub(super) fn is_function(&self) -> bool {
        matches!(self.definition.body, Body::Function { .. })
    }

    pub(super) fn is_impure(&self) -> bool {
        matches!(self.definition.body, Body::Function { impure: true, .. })
    }

    /// In ascending order of aliases.
    pub(super) fn sorted(&self) -> Vec<&Use<'run>> {
        let mut children: Vec<&Use<'run>> = self.children.iter().flatten().collect();
        children.sort_by(|one, other| one.alias.as_bytes().cmp(other.alias.as_bytes()));
        children
    }
}

pub(super) fn number_functions(flow: &mut Use<'_>, next: &mut u64) {
    let mut children: Vec<&mut Use<'_>> = flow.children.iter_mut().flatten().collect();
    children.sort_by(|one, other| one.alias.as_bytes().cmp(other.alias.as_bytes()));
    for child in children {
        if child.is_function() {
            child.id = *next;
            *next += 1;
        } else {
            number_functions(child, next);
        }
    }
}

pub(super) fn list_functions<'tree, 'run>(flow: &'tree Use<'run>, functions: &mut Vec<&'tree Use<'run>>) {
    for child in flow.sorted() {
        if child.is_function() { functions.push(child) } else { list_functions(child, functions) }
    }
}

/// The global list of connections: language 8.2.
pub(super) fn list_links(project: &Project, flow: &Use<'_>, links: &mut Vec<Link>) {
    let Body::Flow { connections, .. } = &flow.definition.body else { return };
    let boundary = |route: &str, direction: &str, io: &Io| {
        Ends::Boundary(format!("{direction} '{}' of {route}", io.name))
    };
    for (position, connection) in connections.iter().enumerate() {
        for to in &connection.to {
            let (Ok(from), Ok((Some((process, io)), _))) =
                (start(project, flow.definition, &connection.from), end(project, flow.definition, to))
            else {
                continue;
            };
            let to = match process {
                None => boundary(&flow.route, "output", &flow.definition.outputs[io]),
                Some(process) => {
                    let child = flow.children[process].as_ref().unwrap();
                    if child.is_function() {
                        Ends::Taken(child.route.clone(), io)
                    } else {
                        boundary(&child.route, "input", &child.definition.inputs[io])
                    }
                }
            };
            let start = match from.process {
                None => boundary(&flow.route, "input", &flow.definition.inputs[from.io]),
                Some(process) => {
                    let child = flow.children[process].as_ref().unwrap();
                    if from.is_copy {
                        Ends::Copy(child.route.clone(), from.io)
                    } else if child.is_function() {
                        Ends::Result(child.route.clone())
                    } else {
                        boundary(&child.route, "output", &child.definition.outputs[from.io])
                    }
                }
            };
            links.push(Link {
                from: start,
                pointer: from.pointer,
                steps: from.steps,
                types: from.types,
                to,
                name: connection.name.clone(),
                origin: (flow.target.clone(), position),
            });
        }
    }
    for child in flow.sorted() {
        list_links(project, child, links);
    }
}
