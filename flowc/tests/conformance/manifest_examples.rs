//! Manifests as a whole: the worked example, numbers, inputs, order, modules, and the file.

use crate::project::{ADD, Project, connect, context, function, json_of};
use flowc::diagnostics::Code::{E033, W015};
use flowcore::manifest::{Routes, read_flow_manifest};
use serde_json::{Value, json};
use std::fs;

/// The worked example: an array reading is taken apart, scaled and shifted in a sub-flow, and printed.
fn meter() -> Project {
    Project::new(
        r#"flow = "meter"
docs = "meter.md"

[metadata]
name = "Meter demo"
version = "0.3.0"
authors = ["A. Author"]

[[process]]
source = "context://args/get"

[[process]]
alias = "conv"
source = "convert"
input.offset = { always = 3 }

[[process]]
source = "tag"
input.prefix = { once = "t=" }

[[process]]
source = "context://stdio/stdout"

[[connection]]
name = "reading"
from = "get/json/1"
to = "conv/pair"

[[connection]]
from = "conv/value"
to = ["tag/number", "stdout"]

[[connection]]
from = "tag/prefix"
to = "tag/prefix"

[[connection]]
from = "tag/text"
to = "stdout"
"#,
    )
    .file(
        "convert.toml",
        r#"flow = "convert"

[[input]]
name = "pair"
type = "array/number"

[[input]]
name = "offset"
type = "number"

[[output]]
name = "value"
type = "number"

[[process]]
alias = "scale"
source = "lib://flowstdlib/math/multiply"

[[process]]
alias = "shift"
source = "lib://flowstdlib/math/add"

[[connection]]
from = "input/pair/0"
to = "scale/i1"

[[connection]]
from = "input/pair/1"
to = "scale/i2"

[[connection]]
from = "scale"
to = "shift/i1"

[[connection]]
from = "input/offset"
to = "shift/i2"

[[connection]]
from = "shift"
to = "output/value"
"#,
    )
    .file(
        "tag/tag.toml",
        r#"function = "tag"
source = "tag.rs"
type = "rust"

[[input]]
name = "prefix"
type = "string"

[[input]]
name = "number"
type = "number"

[[output]]
name = "text"
type = "string"
"#,
    )
    .file("tag/tag.rs", "")
    .file("tag.wasm", "")
}

fn expected_meter() -> Value {
    json!({
        "metadata": {"name": "Meter demo", "version": "0.3.0", "description": "", "authors": ["A. Author"]},
        "lib_references": ["lib://flowstdlib/math/add", "lib://flowstdlib/math/multiply"],
        "context_references": ["context://args/get", "context://stdio/stdout"],
        "functions": {
            "2": {
                "process_id": 2, "parent_id": 1, "implementation_location": "lib://flowstdlib/math/multiply",
                "inputs": [{"name": "i1"}, {"name": "i2"}],
                "output_connections": [
                    {"destination_id": 3, "destination_io_number": 0, "destination_parent_id": 1, "internal": true}
                ]
            },
            "3": {
                "process_id": 3, "parent_id": 1, "implementation_location": "lib://flowstdlib/math/add",
                "inputs": [{"name": "i1"}, {"name": "i2", "flow_initializer": {"always": 3}}],
                "output_connections": [
                    {"destination_id": 6, "destination_io_number": 1, "destination_parent_id": 0},
                    {"destination_id": 5, "destination_io_number": 0, "destination_parent_id": 0}
                ]
            },
            "4": {
                "process_id": 4, "parent_id": 0, "implementation_location": "context://args/get",
                "output_connections": [
                    {"source": {"Output": "/json/1/0"}, "destination_id": 2, "destination_io_number": 0,
                     "destination_parent_id": 1, "name": "reading"},
                    {"source": {"Output": "/json/1/1"}, "destination_id": 2, "destination_io_number": 1,
                     "destination_parent_id": 1, "name": "reading"}
                ]
            },
            "5": {
                "process_id": 5, "parent_id": 0, "implementation_location": "context://stdio/stdout",
                "inputs": [{"generic": true}]
            },
            "6": {
                "process_id": 6, "parent_id": 0, "implementation_location": "tag.wasm",
                "inputs": [{"name": "prefix", "initializer": {"once": "t="}}, {"name": "number"}],
                "output_connections": [
                    {"source": {"Input": 0}, "destination_id": 6, "destination_io_number": 0,
                     "destination_parent_id": 0, "internal": true},
                    {"source": {"Output": "/text"}, "destination_id": 5, "destination_io_number": 0,
                     "destination_parent_id": 0, "internal": true}
                ]
            }
        },
        "flows": {
            "0": {"process_id": 0, "parent_id": null, "sub_flow_ids": [1]},
            "1": {"process_id": 1, "parent_id": 0, "sub_flow_ids": []}
        },
        "source_urls": {"tag.wasm": "file:tag/tag.rs"}
    })
}

#[test]
fn the_worked_example_gives_its_manifest() {
    let project = meter();
    assert_eq!(json_of(&project.manifest()), expected_meter());
    assert_eq!(project.codes(), []);
}

#[test]
fn symbols_add_names_and_routes_and_nothing_else() {
    let project = meter().with_symbols();
    let mut found = json_of(&project.manifest());
    assert_eq!(found["functions"]["3"]["name"], "shift");
    assert_eq!(found["functions"]["3"]["route"], "/meter/conv/shift");
    let destinations = found["functions"]["3"]["output_connections"].as_array().unwrap();
    let destinations: Vec<_> =
        destinations.iter().map(|connection| connection["destination"].clone()).collect();
    assert_eq!(destinations, ["/meter/tag/number", "/meter/stdout"]);
    for function in found["functions"].as_object_mut().unwrap().values_mut() {
        let function = function.as_object_mut().unwrap();
        function.remove("name").unwrap();
        function.remove("route").unwrap();
        for connection in
            function.get_mut("output_connections").into_iter().flat_map(|list| list.as_array_mut().unwrap())
        {
            connection.as_object_mut().unwrap().remove("destination").unwrap();
        }
    }
    assert_eq!(found, expected_meter());
}

/// A flow that uses the sources given, each under the alias given.
fn flow(name: &str, processes: &[(&str, &str)]) -> String {
    let process =
        |(alias, source): &(&str, &str)| format!("[[process]]\nalias = \"{alias}\"\nsource = \"{source}\"\n");
    format!("flow = \"{name}\"\n{}", processes.iter().map(process).collect::<String>())
}

const X: &str = "function = \"x\"\nsource = \"x.rs\"\n[[input]]\nvalue = {once = 1}\n[[output]]\n";

#[test]
fn flows_are_numbered_in_file_order_and_functions_after_them_in_alias_order() {
    let stdout = format!("{}input.default = {{once = 1}}\n", context("stdio/stdout"));
    let root = flow("root", &[("zsub", "zsub"), ("m", "m"), ("k", "x")]) + &stdout;
    let project = Project::new(&root)
        .file("zsub.toml", &flow("zsub", &[("inner", "inner"), ("b", "x"), ("a", "x")]))
        .file("inner.toml", &flow("inner", &[("x", "x")]))
        .file("m.toml", &flow("m", &[("x", "x")]))
        .file("x.toml", X)
        .file("x.rs", "")
        .file("x.wasm", "")
        .with_symbols();
    let manifest = project.manifest();
    let routes: Vec<_> =
        manifest.functions.values().map(|one| (one.process_id, one.parent_id, one.route.as_str())).collect();
    assert_eq!(
        routes,
        [
            (4, 0, "/root/k"),
            (5, 3, "/root/m/x"),
            (6, 0, "/root/stdout"),
            (7, 1, "/root/zsub/a"),
            (8, 1, "/root/zsub/b"),
            (9, 2, "/root/zsub/inner/x"),
        ]
    );
    let flows: Vec<_> = manifest
        .flows
        .values()
        .map(|flow| (flow.process_id, flow.parent_id, flow.sub_flow_ids.clone()))
        .collect();
    assert_eq!(
        flows,
        [(0, None, vec![3, 1]), (1, Some(0), vec![2]), (2, Some(1), vec![]), (3, Some(0), vec![])]
    );
}

#[test]
fn a_replaced_flow_uses_up_its_numbers_and_its_references_stay() {
    let root = format!(
        "{}input.default = {{once = 1}}\n{}",
        context("stdio/stdout"),
        flow("root", &[("s", "one"), ("s", "other")]).replace("flow = \"root\"\n", "")
    );
    let one = format!(
        "flow = \"one\"\n{ADD}input.i1 = {{once = 1}}\ninput.i2 = {{once = 1}}\n[[process]]\nsource = \"inner\"\n"
    );
    let project = Project::new(&root)
        .file("one.toml", &one)
        .file("inner.toml", "flow = \"inner\"\n")
        .file("other.toml", "flow = \"other\"\n");
    let manifest = project.manifest();
    assert_eq!(manifest.flows.keys().collect::<Vec<_>>(), [&0, &3]);
    assert_eq!(manifest.functions.keys().collect::<Vec<_>>(), [&4]);
    assert_eq!(manifest.lib_references, ["lib://flowstdlib/math/add"]);
}

#[test]
fn inputs_say_order_and_genericness_of_their_first_type() {
    let f = r#"function = "f"
source = "f.rs"
input = [
  { name = "a", type = "array/" },
  { name = "b", type = "array/array/number" },
  { name = "c", type = ["string", "array/string"] },
  { name = "d" },
  { name = "e", type = "array", value = { once = [1] } },
]
output = [{}]
"#;
    let root = format!(
        "[[process]]\nsource = \"f\"\ninput.a = {{once = []}}\ninput.b = {{once = [[1, 2]]}}\ninput.c = {{always = \"x\"}}\n\
         input.d = {{once = {{k = 1}}}}\n{}{}",
        context("stdio/stdout"),
        connect("f", "stdout")
    );
    let project = Project::new(&root).file("f.toml", f).file("f.rs", "").file("f.wasm", "");
    let manifest = project.manifest();
    assert_eq!(
        json_of(&manifest)["functions"]["1"]["inputs"],
        json!([
            {"name": "a", "array_order": 1, "initializer": {"once": []}},
            {"name": "b", "array_order": 2, "initializer": {"once": [[1, 2]]}},
            {"name": "c", "initializer": {"always": "x"}},
            {"name": "d", "generic": true, "initializer": {"once": {"k": 1}}},
            {"name": "e", "initializer": {"once": [1]}}
        ])
    );
}

#[test]
fn values_go_to_several_inputs_of_one_name_by_the_last_and_initializers_to_all() {
    let f =
        "function = \"f\"\nsource = \"f.rs\"\n[[input]]\nname = \"i\"\n[[input]]\nname = \"i\"\n[[output]]\n";
    let root = format!(
        "[[process]]\nsource = \"f\"\ninput.i = {{once = 1}}\n{}{}{}",
        context("args/get"),
        context("stdio/stdout"),
        connect("get/json", "f/i") + &connect("f", "stdout")
    );
    let project = Project::new(&root).file("f.toml", f).file("f.rs", "").file("f.wasm", "");
    let manifest = project.manifest();
    assert!(function(&manifest, "f.wasm").inputs.iter().all(|input| input.initializer.is_some()));
    assert_eq!(function(&manifest, "args/get").output_connections[0].destination_io_number, 1);
}

#[test]
fn provided_functions_need_their_source_but_not_yet_their_module() {
    let root = format!("[[process]]\nsource = \"x\"\n{}{}", context("stdio/stdout"), connect("x", "stdout"));
    let project = Project::new(&root).file("x.toml", X);
    assert_eq!(project.codes(), [E033]);
    let project = project.file("x.rs", "");
    assert_eq!(project.codes(), [W015]);
    assert_eq!(function(&project.manifest(), "x.wasm").implementation_location, "x.wasm");
}

#[test]
fn modules_of_equal_names_are_kept_apart() {
    let root = flow("root", &[("one", "a/x"), ("two", "b/x")])
        + &context("stdio/stdout")
        + &connect("one", "stdout");
    let root = root + &connect("two", "stdout");
    let project =
        Project::new(&root).file("a/x.toml", X).file("a/x.rs", "").file("b/x.toml", X).file("b/x.rs", "");
    let manifest = project.manifest();
    let mut locations: Vec<_> =
        manifest.functions.values().map(|one| one.implementation_location.as_str()).collect();
    locations.sort_unstable();
    assert_eq!(locations, ["a/x.wasm", "b/x.wasm", "context://stdio/stdout"]);
}

#[test]
fn references_are_written_as_runners_look_them_up() {
    let root = format!(
        "[[process]]\nsource = \"lib://flowstdlib/math/add/add.toml\"\ninput.i1 = {{once = 1}}\ninput.i2 = {{once = 1}}\n{}{}",
        context("stdio/stdout/"),
        connect("add", "stdout")
    );
    let manifest = Project::new(&root).manifest();
    let locations: Vec<_> =
        manifest.functions.values().map(|one| one.implementation_location.as_str()).collect();
    assert_eq!(locations, ["lib://flowstdlib/math/add", "context://stdio/stdout"]);
}

#[test]
fn optimizing_removes_dead_chains_and_keeps_numbers() {
    let add = |alias: &str| {
        format!(
            "[[process]]\nalias = \"{alias}\"\nsource = \"lib://flowstdlib/math/add\"\ninput.i2 = {{once = 1}}\n"
        )
    };
    let root = add("a") + &add("b") + &add("c") + "input.i1 = {once = 1}\n" + &context("stdio/stdout");
    let root = root.replacen("input.i2 = {once = 1}\n", "input.i2 = {once = 1}\ninput.i1 = {once = 1}\n", 1);
    let root = root + &connect("a", "b/i1") + &connect("c", "stdout");
    let plain = Project::new(&root).manifest();
    let optimized = Project::new(&root).optimized().manifest();
    assert_eq!(plain.functions.keys().collect::<Vec<_>>(), [&1, &2, &3, &4]);
    assert_eq!(optimized.functions.keys().collect::<Vec<_>>(), [&3, &4]);
}

#[test]
fn the_manifest_is_written_whole_or_not_at_all() {
    let project = meter();
    assert_eq!(project.execute(&["-c", "-p"]), (0, String::new()));
    let path = project.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(written, expected_meter());
    assert!(text.starts_with("{\n  \"metadata\""));
    let routes = fs::read_to_string(project.path().join("manifest.routes.json")).unwrap();
    let mut with_routes = read_flow_manifest(&text).unwrap();
    with_routes.add_routes(Routes::read(&routes, &text).unwrap());
    assert_eq!(with_routes.functions[&3].route, "/meter/conv/shift");
    let names =
        fs::read_dir(project.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.starts_with(".manifest")));
    let project = project.file("convert.toml", "flow = ");
    let (status, _) = project.execute(&["-c"]);
    assert_eq!(status, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}
