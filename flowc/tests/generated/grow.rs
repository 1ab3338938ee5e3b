//! A project from a seed. Most are repaired until they compile; some stay as they come, to be refused.

use crate::dice::Dice;
use crate::notation::Notation;
use crate::oracle::{self, Blame, Manner, Problem, Verdict, judge};
use crate::project::{Body, Connection, Definition, Initial, Io, Project, Reference, Target};
use crate::supplied::SUPPLIED;
use crate::types::all_fit;
use serde_json::{Value, json};

/// Names of inputs, outputs and processes come from one pool, so that they meet.
const NAMES: [&str; 9] = ["", "a", "b", "in", "out", "x", "s0", "add", "p"];
const ALIASES: [&str; 9] = ["s0", "s1", "x", "a", "b", "in", "Zz", "add", "é"];
const TYPES: [&str; 10] = [
    "",
    "",
    "",
    "number",
    "string",
    "array/",
    "array/number",
    "array/array/number",
    "object",
    "object/number",
];
const LIBRARY: [&str; 9] = [
    "math/add",
    "math/range",
    "math/compare",
    "control/join",
    "control/tap",
    "control/index_f",
    "data/info",
    "data/zip",
    "fmt/to_string",
];
const CONTEXT: [&str; 5] = ["stdio/stdout", "stdio/stderr", "stdio/stdin", "stdio/readline", "args/get"];
const DIRECTORIES: [&str; 4] = ["", "sub/", "sub/deep/", "other/"];

/// The project of a seed.
pub(crate) fn project(seed: u64) -> Project {
    let mut dice = Dice::new(seed);
    let (is_wild, is_left) = (dice.chance(12), dice.chance(10));
    let mut project = skeleton(&mut dice);
    // From the last on, since flows use what comes behind them.
    for index in (0..project.definitions.len()).rev() {
        if matches!(project.definitions[index].body, Body::Flow { .. }) {
            fill(&mut project, index, is_wild, &mut dice);
        }
    }
    if !is_wild && !is_left {
        repair(&mut project, &mut dice);
    }
    project
}

/// All definitions with their inputs and outputs, flows still empty.
fn skeleton(dice: &mut Dice) -> Project {
    let (flows, functions) = (1 + dice.below(5), dice.below(4));
    let one_notation = dice.chance(50).then(|| *dice.one(&Notation::ALL));
    let is_alone = !dice.chance(5);
    let mut definitions = Vec::new();
    for index in 0..flows + functions {
        let is_function = index >= flows;
        let (mut inputs, mut outputs) = (ios(dice), ios(dice));
        if index == 0 && is_alone {
            (inputs, outputs) = (Vec::new(), Vec::new());
        }
        if is_function && inputs.is_empty() && outputs.is_empty() {
            inputs.push(Io { name: "in".to_owned(), types: vec!["number".to_owned()], value: None });
        }
        let name = match (index, is_function) {
            (0, _) => (*dice.one(&["root", "context with IO", "12", "a"])).to_owned(),
            (_, true) => format!("function{index}"),
            (_, false) => (*dice.one(&["flow", "s1", "x y", "sub"])).to_owned(),
        };
        let body = if is_function {
            let source = if dice.chance(40) { "impl.rs".to_owned() } else { format!("f{index}.rs") };
            Body::Function { impure: false, source }
        } else {
            let metadata = (index == 0 && dice.chance(50)).then(|| {
                json!({"name": "A name", "version": "0.1", "authors": ["A. Author", "B"], "more": [1, {"x": 2}]})
            });
            Body::Flow { processes: Vec::new(), connections: Vec::new(), metadata }
        };
        definitions.push(Definition {
            name,
            directory: if index == 0 { String::new() } else { (*dice.one(&DIRECTORIES)).to_owned() },
            stem: if index == 0 { "root".to_owned() } else { format!("d{index}") },
            notation: one_notation.unwrap_or_else(|| *dice.one(&Notation::ALL)),
            inputs,
            outputs,
            body,
        });
    }
    Project { definitions }
}

fn ios(dice: &mut Dice) -> Vec<Io> {
    let mut ios: Vec<Io> = Vec::new();
    for _ in 0..dice.below(4) {
        let name = if dice.chance(4) { "p/q" } else { dice.one(&NAMES) };
        if ios.iter().any(|io| io.name == name) {
            continue;
        }
        let mut types = vec![(*dice.one(&TYPES)).to_owned()];
        if dice.chance(15) {
            types.push((*dice.one(&TYPES)).to_owned());
        }
        let value = dice.chance(10).then(|| initial(&types[0], dice));
        ios.push(Io { name: name.to_owned(), types, value });
    }
    ios
}

fn initial(data_type: &str, dice: &mut Dice) -> Initial {
    Initial { always: dice.chance(40), value: value(data_type, dice) }
}

fn value(data_type: &str, dice: &mut Dice) -> Value {
    if let Some(element) = data_type.strip_prefix("array/") {
        return (0..dice.below(4)).map(|_| value(element, dice)).collect();
    }
    match data_type {
        "number" => dice.one(&[json!(0), json!(-7), json!(1.5), json!(i64::MAX), json!(1e300)]).clone(),
        "string" => dice.one(&[json!("t="), json!(""), json!("é\n\"\\ \u{1f600} #: ")]).clone(),
        "boolean" => json!(dice.chance(50)),
        "object" => dice.one(&[json!({}), json!({"a": 1, "b": [5, 6]})]).clone(),
        "object/number" => json!({"z": 1, "a": 2}),
        "array" => json!([]),
        _ => dice
            .one(&[
                json!([[1, 2], [3]]),
                json!({"a": [10, 20], "b": {"c": true}}),
                json!("text"),
                json!([1, "a"]),
                json!(3),
                json!(false),
            ])
            .clone(),
    }
}

fn fill(project: &mut Project, index: usize, is_wild: bool, dice: &mut Dice) {
    let references = references(project, index, dice);
    let Body::Flow { processes, .. } = &mut project.definitions[index].body else { unreachable!() };
    *processes = references;
    let made = connections(project, index, is_wild, dice);
    let Body::Flow { connections, .. } = &mut project.definitions[index].body else { unreachable!() };
    *connections = made;
}

fn references(project: &Project, index: usize, dice: &mut Dice) -> Vec<Reference> {
    let mut references: Vec<Reference> = Vec::new();
    let behind = project.definitions.len() - index - 1;
    let mut targets = Vec::new();
    if behind > 0 {
        (0..dice.below(4)).for_each(|_| targets.push(Target::Own(index + 1 + dice.below(behind))));
    }
    for _ in 0..dice.below(3) {
        targets.push(Target::Supplied(format!("lib://flowstdlib/{}", dice.one(&LIBRARY))));
    }
    for _ in 0..dice.below(3) {
        targets.push(Target::Supplied(format!("context://{}", dice.one(&CONTEXT))));
    }
    let mut known: Vec<String> = Vec::new();
    for position in 0..targets.len() {
        // In any order.
        let other = position + dice.below(targets.len() - position);
        targets.swap(position, other);
        let target = targets[position].clone();
        let definition = oracle::definition(project, &target);
        let is_context = matches!(&target, Target::Supplied(url) if url.starts_with("context:"));
        let mut alias = String::new();
        if !is_context && (known.contains(&definition.name) || dice.chance(60)) {
            alias = (*dice.one(&ALIASES)).to_owned();
        }
        let effective = if alias.is_empty() { &definition.name } else { &alias };
        if known.contains(effective) && !dice.chance(10) {
            continue;
        }
        known.push(effective.clone());
        let mut inputs = Vec::new();
        for (number, input) in definition.inputs.iter().enumerate() {
            if input.value.is_some() || !dice.chance(30) {
                continue;
            }
            let key = if number == 0 && dice.chance(50) { "default" } else { &input.name };
            inputs.push((key.to_owned(), initial(&input.types[0], dice)));
        }
        if dice.chance(5) && inputs.first().is_some_and(|(key, _)| key != "default" && !key.is_empty()) {
            // Two for one input, if it is the first.
            inputs.push(("default".to_owned(), initial("", dice)));
        }
        if dice.chance(3) {
            inputs.push(("nothing".to_owned(), initial("", dice)));
        }
        references.push(Reference { target, alias, inputs });
    }
    references
}

fn connections(project: &Project, index: usize, is_wild: bool, dice: &mut Dice) -> Vec<Connection> {
    let flow = &project.definitions[index];
    let Body::Flow { processes, .. } = &flow.body else { unreachable!() };
    let aliases = oracle::aliases(project, flow);
    let (mut starts, mut ends) = (Vec::new(), Vec::new());
    let slash = |alias: &str, name: &str| {
        if name.is_empty() { alias.to_owned() } else { format!("{alias}/{name}") }
    };
    starts.extend(flow.inputs.iter().map(|io| format!("input/{}", io.name)));
    ends.extend(flow.outputs.iter().map(|io| format!("output/{}", io.name)));
    for (reference, alias) in processes.iter().zip(&aliases) {
        let definition = oracle::definition(project, &reference.target);
        starts.extend(definition.outputs.iter().map(|io| slash(alias, &io.name)));
        if matches!(definition.body, Body::Function { .. }) && dice.chance(40) {
            starts.extend(definition.inputs.iter().map(|io| slash(alias, &io.name)));
        }
        ends.extend(definition.inputs.iter().map(|io| slash(alias, &io.name)));
    }
    let mut connections: Vec<Connection> = Vec::new();
    if starts.is_empty() {
        return connections;
    }
    for end in &ends {
        let many = *dice.one(&[0, 1, 1, 1, 2, 3]);
        for _ in 0..many {
            let mut from = dice.one(&starts).clone();
            for _ in 0..*dice.one(&[0, 0, 0, 1, 2]) {
                from = format!("{from}/{}", dice.one(&["0", "1", "a", "b"]));
            }
            let mut to = end.clone();
            if to.starts_with("output/") && !to.ends_with('/') && dice.chance(5) {
                to.push_str("/0");
            }
            if is_wild && dice.chance(4) {
                from =
                    (*dice.one(&["input", "output/a", "nobody", "/a", "a/b/c", "output", "x/"])).to_owned();
            }
            if is_wild && dice.chance(4) {
                to = (*dice.one(&["output", "input/a", "nobody", "/a", "a/b/c", "input", "x/0"])).to_owned();
            }
            if !is_wild && !is_good(project, flow, &from, &to) {
                continue;
            }
            match connections.iter_mut().find(|known| known.from == from) {
                Some(known) if dice.chance(50) => known.to.push(to),
                _ => {
                    let name =
                        if dice.chance(20) { format!("c{}", connections.len()) } else { String::new() };
                    connections.push(Connection { name, from, to: vec![to] });
                }
            }
        }
    }
    if dice.chance(3) {
        let from = dice.one(&starts).clone();
        connections.push(Connection { name: String::new(), from, to: Vec::new() });
    }
    for position in 0..connections.len() {
        let other = position + dice.below(connections.len() - position);
        connections.swap(position, other);
    }
    connections
}

fn is_good(project: &Project, flow: &Definition, from: &str, to: &str) -> bool {
    match (oracle::start(project, flow, from), oracle::end(project, flow, to)) {
        (Ok(from), Ok((Some(_), takes))) => all_fit(&from.types, &takes),
        _ => false,
    }
}

/// Takes away what the project is refused for, and adds what it lacks.
fn repair(project: &mut Project, dice: &mut Dice) {
    for _ in 0..60 {
        let Verdict::Refused(problems) = judge(project, Manner { optimize: false, symbols: false }) else {
            return;
        };
        let mut doomed: Vec<(usize, usize)> = Vec::new();
        for Problem { code, blame } in problems {
            match blame {
                Blame::Connection(Target::Own(flow), position) => doomed.push((flow, position)),
                Blame::Connection(Target::Supplied(url), _) => clear_initials(project, &url),
                Blame::Initializer(Target::Own(flow)) => {
                    processes(project, flow).iter_mut().for_each(|process| process.inputs.clear());
                }
                Blame::Initializer(Target::Supplied(_)) => {}
                Blame::Input(Target::Own(flow), position, name) => {
                    feed(project, flow, position, &name, code == "E031", dice);
                }
                Blame::Input(Target::Supplied(url), ..) => feed_all(project, &url, dice),
                Blame::Root => {
                    let inputs = vec![("default".to_owned(), initial("", dice))];
                    let target = Target::Supplied("context://stdio/stdout".to_owned());
                    processes(project, 0).push(Reference { target, alias: String::new(), inputs });
                }
            }
        }
        doomed.sort();
        doomed.dedup();
        for (flow, position) in doomed.into_iter().rev() {
            let Body::Flow { connections, .. } = &mut project.definitions[flow].body else { unreachable!() };
            connections.remove(position);
        }
    }
}

fn processes(project: &mut Project, flow: usize) -> &mut Vec<Reference> {
    match &mut project.definitions[flow].body {
        Body::Flow { processes, .. } => processes,
        Body::Function { .. } => unreachable!(),
    }
}

/// Gives an input an initializer, or takes back that it always has one.
fn feed(project: &mut Project, flow: usize, position: usize, name: &str, is_constant: bool, dice: &mut Dice) {
    let target = processes(project, flow)[position].target.clone();
    if is_constant {
        processes(project, flow)[position].inputs.iter_mut().for_each(|(_, initial)| initial.always = false);
        if let Target::Own(index) = target {
            let values = project.definitions[index].inputs.iter_mut().flat_map(|io| &mut io.value);
            values.for_each(|initial| initial.always = false);
        }
        return;
    }
    let inputs = &oracle::definition(project, &target).inputs;
    let data_type = inputs.iter().find(|input| input.name == name).unwrap().types[0].clone();
    let inputs = &mut processes(project, flow)[position].inputs;
    if !inputs.iter().any(|(known, _)| known == name) {
        inputs.push((name.to_owned(), initial(&data_type, dice)));
    }
}

/// Gives all inputs of all uses of a flow an initializer.
fn feed_all(project: &mut Project, url: &str, dice: &mut Dice) {
    let types: Vec<(String, String)> =
        SUPPLIED[url].inputs.iter().map(|input| (input.name.clone(), input.types[0].clone())).collect();
    for process in uses(project, url) {
        let missing = |(name, _): &&(String, String)| !process.inputs.iter().any(|(known, _)| known == name);
        let missing: Vec<_> = types.iter().filter(missing).cloned().collect();
        process.inputs.retain(|(key, _)| key != "default");
        for (name, data_type) in missing {
            process.inputs.push((name, initial(&data_type, dice)));
        }
    }
}

fn clear_initials(project: &mut Project, url: &str) {
    uses(project, url).for_each(|process| process.inputs.clear());
}

fn uses<'project>(
    project: &'project mut Project,
    url: &'project str,
) -> impl Iterator<Item = &'project mut Reference> {
    project
        .definitions
        .iter_mut()
        .filter_map(|definition| match &mut definition.body {
            Body::Flow { processes, .. } => Some(processes),
            Body::Function { .. } => None,
        })
        .flatten()
        .filter(move |process| matches!(&process.target, Target::Supplied(known) if known == url))
}
