//! The definitions fit together: what a flow of the library connects exists.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use std::collections::BTreeMap;
use toml::{Table, Value};

/// The definition that `lib://flowstdlib/<route>` stands for.
fn definition(route: &str) -> Option<Table> {
    let name = route.rsplit('/').next()?;
    let text = flowstdlib::definition(&format!("{route}/{name}.toml"))
        .or_else(|| flowstdlib::definition(&format!("{route}.toml")))?;
    Some(text.parse().unwrap())
}

fn tables<'a>(table: &'a Table, key: &str) -> Vec<&'a Table> {
    let list = table.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|element| element.as_table().unwrap()).collect()
}

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn has(process: &Table, kind: &str, name: &str) -> bool {
    tables(process, kind).iter().any(|io| text(io, "name") == name)
}

/// The processes of a flow by the names that connections use.
fn processes(flow: &Table) -> BTreeMap<String, Table> {
    let process = |reference: &&Table| {
        let source = text(reference, "source");
        let definition = source.strip_prefix("lib://flowstdlib/").and_then(definition);
        let definition = definition.unwrap_or_else(|| panic!("{source} does not exist"));
        let own = if definition.contains_key("flow") { "flow" } else { "function" };
        let alias =
            [text(reference, "alias"), text(&definition, own)].into_iter().find(|name| !name.is_empty());
        (alias.unwrap().to_owned(), definition)
    };
    tables(flow, "process").iter().map(process).collect()
}

#[test]
fn every_definition_is_one_for_the_compiler() {
    for (path, text) in flowstdlib::DEFINITIONS {
        if let Err(errors) = flowcore::format::read_definition(text, flowcore::format::Format::Toml) {
            panic!("{path}: {errors:?}");
        }
    }
}

#[test]
fn every_connection_of_a_flow_leads_from_and_to_something() {
    let mut flows = 0;
    for (path, definition) in flowstdlib::DEFINITIONS {
        let flow: Table = definition.parse().unwrap();
        if !flow.contains_key("flow") {
            continue;
        }
        flows += 1;
        let processes = processes(&flow);
        for connection in tables(&flow, "connection") {
            let (process, io) = split(text(connection, "from"));
            let leads_from = match process {
                "input" => has(&flow, "input", io),
                // From an input, the value is passed on as it came.
                _ => processes
                    .get(process)
                    .is_some_and(|from| has(from, "output", io) || has(from, "input", io)),
            };
            assert!(leads_from, "{path}: nothing is called {process}/{io}");
            for (process, io) in destinations(connection).into_iter().map(split) {
                let leads_to = match process {
                    "output" => has(&flow, "output", io),
                    _ => processes.get(process).is_some_and(|to| has(to, "input", io)),
                };
                assert!(leads_to, "{path}: nothing is called {process}/{io}");
            }
        }
    }
    assert_eq!(flows, 13);
}

fn split(endpoint: &str) -> (&str, &str) {
    endpoint.split_once('/').unwrap_or((endpoint, ""))
}

fn destinations(connection: &Table) -> Vec<&str> {
    match connection.get("to").unwrap() {
        Value::Array(to) => to.iter().map(|to| to.as_str().unwrap()).collect(),
        to => vec![to.as_str().unwrap()],
    }
}

#[test]
fn every_function_is_called_as_its_folder_and_has_code_there() {
    for (url, _) in flowstdlib::implementations() {
        let route = url.strip_prefix("lib://flowstdlib/").unwrap();
        let function = definition(route).unwrap();
        let name = route.rsplit('/').next().unwrap();
        assert_eq!(text(&function, "function"), name);
        assert_eq!(text(&function, "source"), format!("{name}.rs"));
        assert_eq!(text(&function, "type"), "rust");
        assert!(!text(&function, "description").is_empty());
        assert!(!function.contains_key("impure"), "{url}: functions of the library are pure");
    }
}

/// The processes that flows published elsewhere use, as they show in the manifests of these flows: names, and first
/// types, of inputs and outputs in their order. Whoever wants to change one of them adds another process instead.
#[test]
fn what_published_flows_use_stays_as_it_is() {
    for line in include_str!("frozen.txt").lines() {
        let (route, _) = line.split_once(' ').unwrap();
        let process = definition(route).unwrap_or_else(|| panic!("{route} is gone"));
        assert_eq!(
            format!("{route} ({}) -> ({})", shape(&process, "input"), shape(&process, "output")),
            line
        );
    }
}

#[test]
fn every_process_is_on_the_list_of_what_stays() {
    let listed: Vec<&str> =
        include_str!("frozen.txt").lines().filter_map(|line| line.split(' ').next()).collect();
    for (path, _) in flowstdlib::DEFINITIONS {
        let route = path.trim_end_matches(".toml");
        // A function has a folder of its own.
        let folder = route.rsplit_once('/').unwrap().0;
        assert!(listed.contains(&route) || listed.contains(&folder), "add {path} to frozen.txt");
    }
}

fn shape(process: &Table, kind: &str) -> String {
    let first_type = |io: &Table| match io.get("type") {
        Some(Value::Array(types)) => types[0].as_str().unwrap().to_owned(),
        Some(one) => one.as_str().unwrap().to_owned(),
        None => "any".to_owned(),
    };
    let shapes =
        tables(process, kind).into_iter().map(|io| format!("{}: {}", text(io, "name"), first_type(io)));
    shapes.collect::<Vec<_>>().join(", ")
}
