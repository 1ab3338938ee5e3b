//! The manifest, member by member.

use super::{Edge, Manner, Use, definition, used_definitions};
use crate::project::{Body, Initial, Io, Project, Target};
use crate::types::order;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn manifest(
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
