//! Connections inside one flow: language 7.

use super::{Blame, Problem, aliases, definition};
use crate::project::{Body, Connection, Definition, Io, Project, Target};
use crate::types::{all_fit, narrow};

/// Where a connection starts, seen from its flow: the process (none for the flow itself), which of its inputs or
/// outputs, and what of it.
pub(crate) struct Start {
    pub(super) process: Option<usize>,
    pub(super) io: usize,
    pub(super) is_copy: bool,
    pub(super) pointer: String,
    pub(super) steps: usize,
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

pub(super) fn connection_problems(project: &Project, target: &Target) -> Vec<Problem> {
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
