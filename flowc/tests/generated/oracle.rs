//! What must come of a project, by language 7 to 9 and 11: every step is looked up in one list of all connections, and
//! inputs and outputs are known by their routes as text. Slow, and as plain as the description.

use crate::project::{Body, Connection, Definition, Initial, Io, Project, Target};
use crate::supplied::SUPPLIED;
use crate::types::{all_fit, narrow, of_value, order};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What must come of a project.
pub(crate) enum Verdict {
    /// This manifest; none if the root flow has inputs or outputs.
    Compiles(Option<Value>),
    /// These problems, all of one stage.
    Refused(Vec<Problem>),
    /// Too many chains to follow one by one.
    TooLarge,
}

/// Why a project is refused, and what to change so that it is not.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) blame: Blame,
}

#[derive(Clone, Debug)]
pub(crate) enum Blame {
    Connection(Target, usize),
    /// An input of a process of a flow.
    Input(Target, usize, String),
    /// An initializer of a process of a flow, or, without process, a value in the definition itself.
    Initializer(Target),
    Root,
}

/// How to compile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) optimize: bool,
    pub(crate) symbols: bool,
}

/// A use of a definition.
struct Use<'run> {
    target: Target,
    definition: &'run Definition,
    route: String,
    alias: String,
    id: u64,
    parent: Option<u64>,
    /// The definition of the flow it is in, and which process of it.
    place: (Target, usize),
    initials: Vec<Option<Initial>>,
    /// By position; none for a process that was replaced by a later one of the same alias.
    children: Vec<Option<Use<'run>>>,
}

/// One connection to one destination, somewhere in the tree. Functions' inputs and outputs and flows' are kept apart by
/// the word in front of the route.
struct Link {
    from: Ends,
    /// What of it.
    pointer: String,
    steps: usize,
    types: Vec<String>,
    to: Ends,
    name: String,
    origin: (Target, usize),
}

#[derive(Clone, PartialEq)]
enum Ends {
    /// The output of a function.
    Result(String),
    /// The copy of an input of a function.
    Copy(String, usize),
    /// The input of a function.
    Taken(String, usize),
    /// The text that names an input or output of a flow.
    Boundary(String),
}

struct Edge<'run> {
    from: String,
    source: Value,
    to: String,
    input: usize,
    internal: bool,
    name: &'run str,
}

pub(crate) fn definition<'run>(project: &'run Project, target: &Target) -> &'run Definition {
    match target {
        Target::Own(index) => &project.definitions[*index],
        Target::Supplied(url) => &SUPPLIED[url],
    }
}

/// The name under which a flow knows each of its processes.
pub(crate) fn aliases(project: &Project, flow: &Definition) -> Vec<String> {
    let Body::Flow { processes, .. } = &flow.body else { return Vec::new() };
    let alias = |one: &crate::project::Reference| {
        if one.alias.is_empty() { definition(project, &one.target).name.clone() } else { one.alias.clone() }
    };
    processes.iter().map(alias).collect()
}

pub(crate) fn judge(project: &Project, manner: Manner) -> Verdict {
    let used = used_definitions(project);
    let mut problems = Vec::new();
    for target in &used {
        problems.extend(initializer_problems(project, target));
        problems.extend(connection_problems(project, target));
    }
    if !problems.is_empty() {
        return Verdict::Refused(problems);
    }
    let mut flows = 0;
    let initials = definition(project, &Target::Own(0)).inputs.iter().map(|io| io.value.clone()).collect();
    let mut root = use_of(project, Target::Own(0), String::new(), String::new(), None, initials, &mut flows);
    let mut next = flows;
    number_functions(&mut root, &mut next);
    if next > 400 {
        return Verdict::TooLarge;
    }
    let mut links = Vec::new();
    list_links(project, &root, &mut links);
    let all = links.iter().map(|link| link.from.clone()).collect();
    if circle(&links, all).is_some() {
        // One that nothing ever enters may be refused or not.
        let entered = circle(&links, entries(&root, &links));
        return entered.map_or(Verdict::TooLarge, |problem| Verdict::Refused(vec![problem]));
    }
    let mut functions = Vec::new();
    list_functions(&root, &mut functions);
    match collapse(project, &root, &functions, &links, manner) {
        Err(Some(problems)) => Verdict::Refused(problems),
        Err(None) => Verdict::TooLarge,
        Ok(manifest) => {
            let is_runnable = root.definition.inputs.is_empty() && root.definition.outputs.is_empty();
            Verdict::Compiles(is_runnable.then_some(manifest))
        }
    }
}

/// Every definition that is referred to, also by references that are replaced.
fn used_definitions(project: &Project) -> Vec<Target> {
    let mut used = vec![Target::Own(0)];
    let mut at = 0;
    while at < used.len() {
        if let Body::Flow { processes, .. } = &definition(project, &used[at]).body {
            for reference in processes {
                if !used.contains(&reference.target) {
                    used.push(reference.target.clone());
                }
            }
        }
        at += 1;
    }
    used
}

// Initializers: language 9.2 and 9.3.

fn initializer_problems(project: &Project, target: &Target) -> Vec<Problem> {
    let Body::Flow { processes, .. } = &definition(project, target).body else { return Vec::new() };
    let mut problems = Vec::new();
    for position in 0..processes.len() {
        problems.extend(initials_of(project, target, position).1);
    }
    problems
}

fn initials_of(project: &Project, flow: &Target, position: usize) -> (Vec<Option<Initial>>, Vec<Problem>) {
    let Body::Flow { processes, .. } = &definition(project, flow).body else { unreachable!() };
    let reference = &processes[position];
    let inputs = &definition(project, &reference.target).inputs;
    let mut initials: Vec<Option<Initial>> = inputs.iter().map(|io| io.value.clone()).collect();
    let mut problems = Vec::new();
    let mut entries: Vec<_> = reference.inputs.iter().collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    for (key, initial) in entries {
        for (number, input) in inputs.iter().enumerate() {
            if *key == input.name || (key == "default" && number == 0) {
                let mut problem =
                    |code| problems.push(Problem { code, blame: Blame::Initializer(flow.clone()) });
                if initials[number].is_some() {
                    problem("E024");
                    continue;
                }
                if !all_fit(&[of_value(&initial.value)], &input.types) {
                    problem("E025");
                }
                initials[number] = Some(initial.clone());
            }
        }
    }
    (initials, problems)
}

// Connections inside one flow: language 7.

/// Where a connection starts, seen from its flow: the process (none for the flow itself), which of its inputs or
/// outputs, and what of it.
pub(crate) struct Start {
    process: Option<usize>,
    io: usize,
    is_copy: bool,
    pointer: String,
    steps: usize,
    pub(crate) types: Vec<String>,
}

fn is_index(step: &str) -> bool {
    step.parse::<u64>().is_ok()
}

/// Which input or output, the steps behind it, and the types of what they lead to.
type Found = (usize, Vec<String>, Vec<String>);

/// Language 7.2: inputs or outputs in their order, for each its types in their order.
fn declared(ios: &[Io], rest: &str) -> Result<Option<Found>, &'static str> {
    for (number, io) in ios.iter().enumerate() {
        for data_type in &io.types {
            let (name, last) = rest.rsplit_once('/').unwrap_or(("", rest));
            if is_index(last) && name == io.name && (data_type.is_empty() || data_type.starts_with("array")) {
                let element = match data_type.as_str() {
                    "" => "",
                    "array" => return Err("E023"),
                    array => array.strip_prefix("array/").unwrap(),
                };
                let index = last.parse::<u64>().unwrap().to_string();
                return Ok(Some((number, vec![index], vec![element.to_owned()])));
            }
            if rest == io.name {
                return Ok(Some((number, Vec::new(), io.types.clone())));
            }
        }
    }
    Ok(None)
}

/// A name and any steps behind it; of several names that fit the longest.
fn name_and_steps(ios: &[Io], rest: &str) -> Option<(usize, Vec<String>)> {
    let mut best: Option<(usize, Vec<String>)> = None;
    for (number, io) in ios.iter().enumerate() {
        let steps = if rest == io.name {
            Vec::new()
        } else if let Some(behind) = rest.strip_prefix(&format!("{}/", io.name)) {
            behind.split('/').map(str::to_owned).collect()
        } else {
            continue;
        };
        if best.as_ref().is_none_or(|(known, _)| ios[*known].name.len() < io.name.len()) {
            best = Some((number, steps));
        }
    }
    best
}

fn pointer(steps: &[String]) -> String {
    steps.iter().map(|step| format!("/{step}")).collect()
}

pub(crate) fn start(project: &Project, flow: &Definition, text: &str) -> Result<Start, &'static str> {
    let (first, rest) = text.split_once('/').unwrap_or((text, ""));
    if first == "input" {
        if text == "input" {
            return Err("E022");
        }
        let (io, steps, types) = match name_and_steps(&flow.inputs, rest) {
            Some((io, steps)) => (io, steps, flow.inputs[io].types.clone()),
            None => declared(&flow.inputs, rest)?.ok_or("E021")?,
        };
        return Ok(Start {
            process: None,
            io,
            is_copy: false,
            pointer: pointer(&steps),
            steps: steps.len(),
            types,
        });
    }
    if first.is_empty() || first == "output" {
        return Err("E022");
    }
    let process = aliases(project, flow).iter().rposition(|alias| alias == first).ok_or("E020")?;
    let Body::Flow { processes, .. } = &flow.body else { unreachable!() };
    let target = definition(project, &processes[process].target);
    let is_function = matches!(target.body, Body::Function { .. });
    let of_output = |io: usize, steps: Vec<String>, types: Vec<String>| {
        let name = Some(&target.outputs[io].name).filter(|name| is_function && !name.is_empty());
        let name = name.map(|name| format!("/{name}")).unwrap_or_default();
        Start {
            process: Some(process),
            io,
            is_copy: false,
            pointer: name + &pointer(&steps),
            steps: steps.len(),
            types,
        }
    };
    if let Some((io, steps, types)) = declared(&target.outputs, rest)? {
        return Ok(of_output(io, steps, types));
    }
    if is_function && let Some((io, steps, types)) = declared(&target.inputs, rest)? {
        if let Some(output) = target.outputs.iter().position(|output| output.name == target.inputs[io].name) {
            return Ok(of_output(output, steps, types));
        }
        return Ok(Start {
            process: Some(process),
            io,
            is_copy: true,
            pointer: String::new(),
            steps: 0,
            types,
        });
    }
    // Any selector on an output.
    let found = name_and_steps(&target.outputs, rest).or_else(|| {
        // Arrays have no keys, so that what is written behind an unnamed one is a name that does not exist.
        let unnamed = target.outputs.iter().position(|output| output.name.is_empty())?;
        let steps: Vec<String> = rest.split('/').map(str::to_owned).collect();
        let has_keys = target.outputs[unnamed].types.iter().any(|of| !of.starts_with("array"));
        (has_keys || is_index(&steps[0])).then_some((unnamed, steps))
    });
    let Some((io, steps)) = found else { return Err("E021") };
    let of = &target.outputs[io].types;
    let types: Vec<String> = of.iter().filter_map(|data_type| narrow(data_type, steps.len())).collect();
    if types.is_empty() || steps.iter().any(String::is_empty) {
        let is_named = name_and_steps(&target.outputs, rest).is_some_and(|(_, steps)| !steps.is_empty());
        return Err(if is_named { "E023" } else { "E021" });
    }
    // A step that may be an index is written as one.
    let is_indexed = |depth: usize| {
        let outer = of.iter().filter_map(|data_type| narrow(data_type, depth));
        outer.into_iter().any(|outer| outer.is_empty() || outer.starts_with("array"))
    };
    let normalized = |(depth, step): (usize, String)| match step.parse::<u64>() {
        Ok(index) if is_indexed(depth) => index.to_string(),
        _ => step,
    };
    let steps = steps.into_iter().enumerate().map(normalized).collect();
    Ok(of_output(io, steps, types))
}

/// The process (none for the flow itself) and which of its inputs, or of the flow's outputs; none if the connection
/// leads nowhere.
pub(crate) type End = (Option<usize>, usize);

pub(crate) fn end(
    project: &Project,
    flow: &Definition,
    text: &str,
) -> Result<(Option<End>, Vec<String>), &'static str> {
    let (first, rest) = text.split_once('/').unwrap_or((text, ""));
    if first == "output" && text != "output" {
        let (io, _) = name_and_steps(&flow.outputs, rest).ok_or("E021")?;
        return Ok((Some((None, io)), flow.outputs[io].types.clone()));
    }
    if first.is_empty() || first == "output" || first == "input" {
        return Err("E022");
    }
    let process = aliases(project, flow).iter().rposition(|alias| alias == first).ok_or("E020")?;
    let Body::Flow { processes, .. } = &flow.body else { unreachable!() };
    let target = definition(project, &processes[process].target);
    let (io, steps, _) = declared(&target.inputs, rest)?.ok_or("E021")?;
    let types = target.inputs[io].types.clone();
    match (steps.is_empty(), &target.body) {
        (true, _) => Ok((Some((Some(process), io)), types)),
        (false, Body::Flow { .. }) => Ok((None, types)),
        (false, Body::Function { .. }) => Err("E022"),
    }
}

fn connection_problems(project: &Project, target: &Target) -> Vec<Problem> {
    let flow = definition(project, target);
    let Body::Flow { connections, .. } = &flow.body else { return Vec::new() };
    let mut problems = Vec::new();
    for (position, Connection { from, to, .. }) in connections.iter().enumerate() {
        let mut problem =
            |code| problems.push(Problem { code, blame: Blame::Connection(target.clone(), position) });
        let from = start(project, flow, from);
        if let Err(code) = &from {
            problem(code);
        }
        for to in to {
            match (&from, end(project, flow, to)) {
                (_, Err(code)) => problem(code),
                (Ok(from), Ok((_, takes))) if !all_fit(&from.types, &takes) => problem("E023"),
                _ => {}
            }
        }
    }
    problems
}

// The tree: language 5 and manifest 6.

fn use_of<'run>(
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
    fn is_function(&self) -> bool {
        matches!(self.definition.body, Body::Function { .. })
    }

    fn is_impure(&self) -> bool {
        matches!(self.definition.body, Body::Function { impure: true, .. })
    }

    /// In ascending order of aliases.
    fn sorted(&self) -> Vec<&Use<'run>> {
        let mut children: Vec<&Use<'run>> = self.children.iter().flatten().collect();
        children.sort_by(|one, other| one.alias.as_bytes().cmp(other.alias.as_bytes()));
        children
    }
}

fn number_functions(flow: &mut Use<'_>, next: &mut u64) {
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

fn list_functions<'tree, 'run>(flow: &'tree Use<'run>, functions: &mut Vec<&'tree Use<'run>>) {
    for child in flow.sorted() {
        if child.is_function() { functions.push(child) } else { list_functions(child, functions) }
    }
}

/// The global list of connections: language 8.2.
fn list_links(project: &Project, flow: &Use<'_>, links: &mut Vec<Link>) {
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

// Chains: language 8.1.

/// The inputs and outputs of flows that values enter.
fn entries(root: &Use<'_>, links: &[Link]) -> Vec<Ends> {
    let of_functions = links.iter().filter(|link| !matches!(link.from, Ends::Boundary(_)));
    let initialized = boundary_initials(root).into_keys().map(Ends::Boundary);
    of_functions.map(|link| link.to.clone()).chain(initialized).collect()
}

/// A connection that closes a circle of flows' inputs and outputs.
fn circle(links: &[Link], starts: Vec<Ends>) -> Option<Problem> {
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

fn collapse(
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

// The manifest, member by member.

fn manifest(
    project: &Project,
    root: &Use<'_>,
    functions: &[&Use<'_>],
    edges: &[Edge<'_>],
    flow_initials: &BTreeMap<(String, usize), Initial>,
    manner: Manner,
) -> Value {
    let mut metadata = json!({"name": "", "version": "", "description": "", "authors": []});
    if let Body::Flow { metadata: Some(Value::Object(given)), .. } = &root.definition.body {
        for key in ["name", "version", "description", "authors"] {
            if let Some(value) = given.get(key) {
                metadata[key] = value.clone();
            }
        }
    }
    let (mut libraries, mut context) = (BTreeSet::new(), BTreeSet::new());
    let all = used_definitions(project);
    let is_function = |target: &&Target| matches!(definition(project, target).body, Body::Function { .. });
    let listed: Vec<&Target> = if manner.optimize {
        functions.iter().map(|function| &function.target).collect()
    } else {
        all.iter().filter(is_function).collect()
    };
    for target in listed {
        match target {
            Target::Supplied(url) if url.starts_with("lib:") => libraries.insert(url.clone()),
            Target::Supplied(url) => context.insert(url.clone()),
            Target::Own(_) => false,
        };
    }
    let by_route: BTreeMap<&str, &Use<'_>> =
        functions.iter().map(|function| (function.route.as_str(), *function)).collect();
    let mut table = Map::new();
    let mut source_urls = Map::new();
    for function in functions {
        let location = match &function.target {
            Target::Supplied(url) => url.clone(),
            Target::Own(index) => {
                let (module, source) = module(project, functions, *index);
                source_urls.insert(module.clone(), json!(format!("file:{source}")));
                module
            }
        };
        let mut info = Map::new();
        if manner.symbols {
            info.insert("name".to_owned(), json!(function.alias));
            info.insert("route".to_owned(), json!(function.route));
        }
        info.insert("process_id".to_owned(), json!(function.id));
        info.insert("parent_id".to_owned(), json!(function.parent));
        info.insert("implementation_location".to_owned(), json!(location));
        let inputs: Vec<Value> = function
            .definition
            .inputs
            .iter()
            .enumerate()
            .map(|(number, io)| {
                let flow_initial = flow_initials.get(&(function.route.clone(), number));
                input(io, function.initials[number].as_ref(), flow_initial)
            })
            .collect();
        if !inputs.is_empty() {
            info.insert("inputs".to_owned(), json!(inputs));
        }
        let sent: Vec<Value> = edges
            .iter()
            .filter(|edge| edge.from == function.route)
            .map(|edge| output_connection(edge, by_route[edge.to.as_str()], manner))
            .collect();
        if !sent.is_empty() {
            info.insert("output_connections".to_owned(), json!(sent));
        }
        table.insert(function.id.to_string(), Value::Object(info));
    }
    let mut flows = Map::new();
    list_flows(root, &mut flows);
    json!({
        "metadata": metadata,
        "lib_references": libraries,
        "context_references": context,
        "functions": table,
        "flows": flows,
        "source_urls": source_urls,
    })
}

fn input(io: &Io, initial: Option<&Initial>, flow_initial: Option<&Initial>) -> Value {
    let mut info = Map::new();
    if !io.name.is_empty() {
        info.insert("name".to_owned(), json!(io.name));
    }
    if order(&io.types[0]) > 0 {
        info.insert("array_order".to_owned(), json!(order(&io.types[0])));
    }
    if io.types[0].is_empty() {
        info.insert("generic".to_owned(), json!(true));
    }
    info.extend(initial.map(|initial| ("initializer".to_owned(), initial.json())));
    info.extend(flow_initial.map(|initial| ("flow_initializer".to_owned(), initial.json())));
    Value::Object(info)
}

fn output_connection(edge: &Edge<'_>, to: &Use<'_>, manner: Manner) -> Value {
    let mut info = Map::new();
    if edge.source != json!({"Output": ""}) {
        info.insert("source".to_owned(), edge.source.clone());
    }
    info.insert("destination_id".to_owned(), json!(to.id));
    info.insert("destination_io_number".to_owned(), json!(edge.input));
    info.insert("destination_parent_id".to_owned(), json!(to.parent));
    if edge.internal {
        info.insert("internal".to_owned(), json!(true));
    }
    if manner.symbols {
        let name = &to.definition.inputs[edge.input].name;
        let slash = if name.is_empty() { "" } else { "/" };
        info.insert("destination".to_owned(), json!(format!("{}{slash}{name}", to.route)));
    }
    if !edge.name.is_empty() {
        info.insert("name".to_owned(), json!(edge.name));
    }
    Value::Object(info)
}

/// The module of a function of the project and its source: named like the source alone while that is unambiguous.
fn module(project: &Project, functions: &[&Use<'_>], index: usize) -> (String, String) {
    let source_of = |index: usize| match &project.definitions[index].body {
        Body::Function { source, .. } => (project.definitions[index].directory.clone(), source.clone()),
        Body::Flow { .. } => unreachable!(),
    };
    let used: BTreeSet<(String, String)> = functions
        .iter()
        .filter_map(|function| match function.target {
            Target::Own(index) => Some(source_of(index)),
            Target::Supplied(_) => None,
        })
        .collect();
    let (directory, source) = source_of(index);
    let flat = source.replace(".rs", ".wasm");
    let is_clear = used.iter().filter(|(_, other)| *other == source).count() == 1;
    let module = if is_clear { flat } else { format!("{directory}{flat}") };
    (module, format!("{directory}{source}"))
}

fn list_flows(flow: &Use<'_>, flows: &mut Map<String, Value>) {
    let subs: Vec<u64> =
        flow.sorted().iter().filter(|child| !child.is_function()).map(|child| child.id).collect();
    let info = json!({"process_id": flow.id, "parent_id": flow.parent, "sub_flow_ids": subs});
    flows.insert(flow.id.to_string(), info);
    for child in flow.sorted().into_iter().filter(|child| !child.is_function()) {
        list_flows(child, flows);
    }
}
