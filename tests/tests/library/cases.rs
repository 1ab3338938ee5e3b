//! Every function of the library with values that its results are known for.

#![expect(clippy::panic, reason = "the lints exempt tests, but not the functions that several tests share")]

use serde_json::{Map, Value, json};

/// Functions, the values on their inputs, and what comes out: by name, `""` for the one that has none.
const FUNCTIONS: &str = include_str!("functions.txt");

/// One line of [`FUNCTIONS`].
pub(crate) struct Case {
    pub(crate) route: &'static str,
    inputs: Map<String, Value>,
    pub(crate) outputs: Map<String, Value>,
}

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    let lines = FUNCTIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let case = |line: &'static str| {
        let (call, outputs) = line.split_once(" -> ").unwrap_or_else(|| panic!("no arrow in {line}"));
        let (route, inputs) = call.split_once(' ').unwrap_or_else(|| panic!("no inputs in {line}"));
        let object = |text: &str| -> Map<String, Value> {
            match serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {line}")) {
                Value::Object(members) => members,
                value => Map::from_iter([(String::new(), value)]),
            }
        };
        Case { route, inputs: object(inputs), outputs: object(outputs) }
    };
    lines.map(case).collect()
}

/// A flow that runs every case and prints each output as `case route output value`.
pub(crate) fn flow_of(cases: &[Case]) -> Value {
    let mut processes = vec![json!({"source": "context://stdio/stdout"})];
    let mut connections = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let alias = format!("case{number}");
        let mut inputs = Map::new();
        for (name, value) in &case.inputs {
            if value.to_string().contains("null") {
                // No typed input is initialized with null, but any may be sent one.
                let sender = format!("{alias}-{name}-sender");
                processes.push(json!({
                    "alias": sender,
                    "source": "lib://flowstdlib/control/join",
                    "input": {"data": {"once": value}, "control": {"once": 0}},
                }));
                let to = if name.is_empty() { alias.clone() } else { format!("{alias}/{name}") };
                connections.push(json!({"from": sender, "to": to}));
            } else {
                let name = if name.is_empty() { "default" } else { name };
                inputs.insert(name.to_owned(), json!({ "once": value }));
            }
        }
        processes.push(json!({
            "alias": alias,
            "source": format!("lib://flowstdlib/{}", case.route),
            "input": inputs,
        }));
        for output in case.outputs.keys() {
            let (text, label) = (format!("{alias}-{output}-text"), format!("{alias}-{output}-label"));
            processes.push(json!({"alias": text, "source": "lib://flowstdlib/fmt/to_string"}));
            let before = json!({"always": format!("{number} {} {output} ", case.route)});
            processes.push(json!({
                "alias": label,
                "source": "lib://flowstdlib/data/append",
                "input": {"s1": before},
            }));
            let from = if output.is_empty() { alias.clone() } else { format!("{alias}/{output}") };
            connections.push(json!({"from": from, "to": text}));
            connections.push(json!({"from": text, "to": format!("{label}/s2")}));
            connections.push(json!({"from": label, "to": "stdout"}));
        }
    }
    json!({"flow": "library", "process": processes, "connection": connections})
}
