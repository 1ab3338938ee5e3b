//! The manifest format: every row that says what is written, and the checklist for writers.

use crate::project::{ADD, Project, compile_files, connect, context, json_of};
use crate::table::Table;
use flowc::emit::Symbols;
use flowcore::manifest::read_flow_manifest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PRINTS: &str = "[[process]]\nsource = \"context://stdio/stdout\"\ninput.default = {once = 1}\n";

fn written(project: &Project, words: &[&str]) -> String {
    let (status, text) = project.execute(&[&["-c", "-v", "off"], words].concat());
    assert_eq!(status, 0, "{text}");
    fs::read_to_string(project.path().join("manifest.json")).unwrap()
}

/// The keys of an object in the order of the text; those of the objects in it are not looked at.
fn keys(text: &str, indent: usize) -> Vec<String> {
    let margin = " ".repeat(indent);
    let line =
        |line: &str| Some(line.strip_prefix(&margin)?.strip_prefix('"')?.split('"').next()?.to_owned());
    text.lines().filter_map(line).collect()
}

#[test]
fn section_1_the_file() {
    let mut table = Table::default();
    let started = "input.i1 = {once = 1}\ninput.i2 = {once = 1}\n";
    let root: String = (0..12).map(|number| format!("{ADD}alias = \"a{number:02}\"\n{started}")).collect();
    let subs: String =
        (0..11).map(|number| format!("[[process]]\nsource = \"sub\"\nalias = \"s{number:02}\"\n")).collect();
    let project = Project::new(&format!("{PRINTS}{root}{subs}[metadata]\nname = \"é\"\n")).flow("sub", "");
    let text = written(&project, &[]);
    table.row(
        "UTF-8, no byte-order mark",
        (text.starts_with("{\n") && text.contains("\"é\"")).to_string(),
        "true",
    );
    table.row("two spaces", (text.contains("\n  \"metadata\": {\n    \"name\"")).to_string(), "true");
    table.row("no newline at the end", text.ends_with('}').to_string(), "true");
    table.row(
        "keys at the top",
        keys(&text, 2).join(" "),
        "metadata lib_references context_references functions flows source_urls",
    );
    let ids =
        keys(&text, 4).into_iter().filter(|key| key.parse::<u64>().is_ok()).collect::<Vec<_>>().join(" ");
    table.row(
        "functions and flows in numeric order",
        ids,
        "12 13 14 15 16 17 18 19 20 21 22 23 24 0 1 2 3 4 5 6 7 8 9 10 11",
    );
    table.end(5);
}

#[test]
fn section_2_all_six_keys_are_always_there() {
    let manifest = json_of(&Project::new(PRINTS).manifest());
    assert_eq!(
        manifest,
        json!({
            "metadata": {"name": "", "version": "", "description": "", "authors": []},
            "lib_references": [],
            "context_references": ["context://stdio/stdout"],
            "functions": {"1": {
                "process_id": 1, "parent_id": 0, "implementation_location": "context://stdio/stdout",
                "inputs": [{"generic": true, "initializer": {"once": 1}}]
            }},
            "flows": {"0": {"process_id": 0, "parent_id": null, "sub_flow_ids": []}},
            "source_urls": {}
        })
    );
}

#[test]
fn section_2_2_references_are_sorted_unique_and_of_functions_only() {
    let add = |alias: &str, path: &str| {
        format!(
            "[[process]]\nsource = \"lib://flowstdlib/math/{path}\"\nalias = \"{alias}\"\ninput.i1 = {{once = 1}}\ninput.i2 = {{once = 1}}\n"
        )
    };
    let root = PRINTS.to_owned()
        + &context("args/get")
        + &add("a", "subtract")
        + &add("b", "add")
        + &add("c", "add")
        + "[[process]]\nsource = \"lib://flowstdlib/math/range\"\ninput.range = {once = [1, 2]}\n"
        + &add("d", "multiply")
        + "[[process]]\nsource = \"sub\"\nalias = \"d\"\n";
    let project = Project::new(&root)
        .flow("sub", &context("stdio/stderr"))
        .flow("sub", &(context("stdio/stderr") + "input.default = {once = 1}\n"));
    let manifest = project.manifest();
    assert_eq!(
        manifest.lib_references,
        ["add", "multiply", "range_split", "subtract"].map(|name| format!("lib://flowstdlib/math/{name}"))
    );
    assert_eq!(
        manifest.context_references,
        ["args/get", "stdio/stderr", "stdio/stdout"].map(|name| format!("context://{name}"))
    );
    // Without what was optimized away, and only then.
    let optimized = project.optimized().manifest();
    assert!(optimized.lib_references.is_empty());
    assert_eq!(optimized.context_references.len(), 3);
}

#[test]
fn section_2_3_and_3_1_places_of_provided_functions() {
    let mut table = Table::default();
    let row = |source: &str, directory: &str| {
        let root = format!("{PRINTS}[[process]]\nsource = \"{directory}f\"\n");
        let definition = format!(
            "function = \"f\"\nsource = \"{source}\"\ninput = [{{value = {{once = 1}}}}]\noutput = [{{}}]\n"
        );
        let project = Project::new(&root)
            .file(&format!("{directory}f.toml"), &definition)
            .file(&format!("{directory}{source}"), "");
        let manifest = project.manifest();
        let urls: Vec<String> =
            manifest.source_urls.iter().map(|(key, url)| format!("{key} = {url}")).collect();
        let function =
            manifest.functions.values().find(|one| one.implementation_location.ends_with(".wasm")).unwrap();
        format!("{}; {}", function.implementation_location, urls.join(" "))
    };
    table.row("beside the definition", row("f.rs", ""), "f.wasm; f.wasm = file:f.rs");
    table.row("the definition is in a directory", row("f.rs", "d/"), "f.wasm; f.wasm = file:d/f.rs");
    table.row(
        "the source is in a directory",
        row("impl/g.rs", ""),
        "impl/g.wasm; impl/g.wasm = file:impl/g.rs",
    );
    table.row("both", row("impl/g.rs", "d/"), "impl/g.wasm; impl/g.wasm = file:d/impl/g.rs");
    table.row("blanks", row("my fn.rs", ""), "my%20fn.wasm; my fn.wasm = file:my%20fn.rs");
    table.row("another extension", row("f.wat", ""), "f.wasm; f.wasm = file:f.wat");
    table.row("two dots", row("f.v2.rs", ""), "f.v2.wasm; f.v2.wasm = file:f.v2.rs");
    table.end(7);
}

#[test]
fn section_3_keys_of_functions_and_connections_in_their_order() {
    let root = context("args/get")
        + &context("stdio/stdout")
        + "input.default = {once = 1}\n[[process]]\nsource = \"sub\"\ninput.i = {once = 2}\n"
        + "[[connection]]\nname = \"named\"\nfrom = \"get/json/1\"\nto = [\"stdout\", \"sub/i\"]\n";
    let sub = "input = [{name = \"i\"}]\n[[process]]\nsource = \"lib://flowstdlib/data/sort\"\ninput.default = {once = [1]}\n".to_owned()
        + &context("stdio/stderr") + "input.default = {once = 0}\n" + &connect("input/i", "stderr") + &connect("sort", "stderr");
    let project = Project::new(&root).flow("sub", &sub);
    let mut table = Table::default();
    let keys_of = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (plain, debug) = (json_of(&project.manifest()), json_of(&project.with_symbols().manifest()));
    table.row(
        "get",
        keys_of(&plain["functions"]["2"]),
        "implementation_location output_connections parent_id process_id",
    );
    table.row(
        "stdout",
        keys_of(&plain["functions"]["3"]),
        "implementation_location inputs parent_id process_id",
    );
    table.row(
        "sort",
        keys_of(&plain["functions"]["4"]),
        "implementation_location inputs output_connections parent_id process_id",
    );
    table.row(
        "get with -d",
        keys_of(&debug["functions"]["2"]),
        "implementation_location name output_connections parent_id process_id route",
    );
    let connection = |manifest: &Value, id: &str, number: usize| {
        keys_of(&manifest["functions"][id]["output_connections"][number])
    };
    table.row(
        "an internal connection with a name",
        connection(&plain, "2", 0),
        "destination_id destination_io_number destination_parent_id internal name source",
    );
    table.row(
        "an external connection with a name",
        connection(&plain, "2", 1),
        "destination_id destination_io_number destination_parent_id name source",
    );
    table.row(
        "a connection of a whole result",
        connection(&plain, "4", 0),
        "destination_id destination_io_number destination_parent_id internal",
    );
    table.row(
        "a connection with -d",
        connection(&debug, "4", 0),
        "destination destination_id destination_io_number destination_parent_id internal",
    );
    table.row(
        "an input of an array",
        plain["functions"]["4"]["inputs"].to_string(),
        r#"[{"array_order":1,"initializer":{"once":[1]}}]"#,
    );
    table.row(
        "both initializers",
        plain["functions"]["5"]["inputs"].to_string(),
        r#"[{"flow_initializer":{"once":2},"generic":true,"initializer":{"once":0}}]"#,
    );
    table.row(
        "a flow",
        plain["flows"]["1"].to_string(),
        r#"{"parent_id":0,"process_id":1,"sub_flow_ids":[]}"#,
    );
    table.row(
        "the root",
        plain["flows"]["0"].to_string(),
        r#"{"parent_id":null,"process_id":0,"sub_flow_ids":[1]}"#,
    );
    table.end(12);
}

#[test]
fn section_3_order_of_keys_in_the_text() {
    let root = context("args/get")
        + &context("stdio/stdout")
        + "[[connection]]\nname = \"n\"\nfrom = \"get/json/1\"\nto = \"stdout\"\n";
    let text = written(&Project::new(&root), &["-d"]);
    assert_eq!(
        keys(&text, 6)[..10],
        [
            "name",
            "route",
            "process_id",
            "parent_id",
            "implementation_location",
            "output_connections",
            "name",
            "route",
            "process_id",
            "parent_id"
        ]
    );
    assert_eq!(
        keys(&text, 10)[..7],
        [
            "source",
            "destination_id",
            "destination_io_number",
            "destination_parent_id",
            "internal",
            "destination",
            "name"
        ]
    );
}

#[test]
fn section_3_2_order_and_genericness_come_from_the_first_type() {
    let mut table = Table::default();
    let rows = [
        (r#""""#, r#"{"generic":true}"#),
        (r#""null""#, "{}"),
        (r#""boolean""#, "{}"),
        (r#""number""#, "{}"),
        (r#""string""#, "{}"),
        (r#""object""#, "{}"),
        (r#""object/number""#, "{}"),
        (r#""object/array/number""#, "{}"),
        (r#""array""#, "{}"),
        (r#""array/""#, r#"{"array_order":1}"#),
        (r#""array/number""#, r#"{"array_order":1}"#),
        (r#""array/array""#, r#"{"array_order":1}"#),
        (r#""array/array/""#, r#"{"array_order":2}"#),
        (r#""array/array/number""#, r#"{"array_order":2}"#),
        (r#""array/array/array/number""#, r#"{"array_order":3}"#),
        (r#""array//number""#, r#"{"array_order":1}"#),
        (r#"["number", "array/number"]"#, "{}"),
        (r#"["array/number", ""]"#, r#"{"array_order":1}"#),
        (r#"["", "number"]"#, r#"{"generic":true}"#),
    ];
    for (data_type, expected) in rows {
        let root = "[[process]]\nsource = \"f\"\n".to_owned()
            + &context("stdio/stdout")
            + &connect("f", "f")
            + &connect("f", "stdout");
        let project = Project::new(&root)
            .function("f", &format!("input = [{{type = {data_type}}}]\noutput = [{{type = \"array/\"}}]\n"));
        let manifest = json_of(&project.manifest());
        table.row(data_type, manifest["functions"]["1"]["inputs"][0].to_string(), expected);
    }
    let definition = "input = [{name = \"\", type = \"number\", value = {always = 0}}, {name = \"i\", value = {once = 1}}]\n\
                      output = [{}]\n";
    let project = Project::new(&format!("{PRINTS}[[process]]\nsource = \"f\"\n")).function("f", definition);
    let unnamed = json_of(&project.manifest());
    table.row(
        "names",
        unnamed["functions"]["1"]["inputs"].to_string(),
        r#"[{"initializer":{"always":0}},{"generic":true,"initializer":{"once":1},"name":"i"}]"#,
    );
    table.end(20);
}

#[test]
fn section_3_3_a_null_is_a_value() {
    let root = r#"{"flow": "root", "process": [{"source": "context://stdio/stdout", "input": {"default": {"once": null}}}]}"#;
    let project = Project::empty().file("root.json", root);
    let manifest = project.compile_at(&project.path().join("root.json")).manifest.unwrap();
    assert_eq!(
        json_of(&manifest)["functions"]["1"]["inputs"],
        json!([{"generic": true, "initializer": {"once": null}}])
    );
}

#[test]
fn section_4_1_pointers() {
    let mut table = Table::default();
    let row = |from: &str| {
        let root =
            "[[process]]\nsource = \"f\"\n".to_owned() + &context("stdio/stdout") + &connect(from, "stdout");
        let definition = "input = [{name = \"in\", value = {once = 1}}]\noutput = [{type = \"array/\"}, {name = \"string\", type = \"array/string\"}, {name = \"a/b\"}, {name = \"a~1b\"}]\n";
        let manifest = json_of(&Project::new(&root).function("f", definition).manifest());
        manifest["functions"]["1"]["output_connections"][0]["source"].to_string()
    };
    for (from, expected) in [
        ("f", "null"),
        ("f/", "null"),
        ("f/3", r#"{"Output":"/3"}"#),
        ("f/string", r#"{"Output":"/string"}"#),
        ("f/string/1", r#"{"Output":"/string/1"}"#),
        ("f/a/b", r#"{"Output":"/a/b"}"#),
        ("f/a/b/3", r#"{"Output":"/a/b/3"}"#),
        ("f/a~1b", r#"{"Output":"/a~1b"}"#),
        ("f/in", r#"{"Input":0}"#),
    ] {
        table.row(from, row(from), expected);
    }
    table.end(9);
}

#[test]
fn section_10_2_the_smallest_manifest_is_read() {
    let text = r#"{"metadata": {}, "lib_references": [], "context_references": [], "source_urls": {},
        "functions": {"7": {"process_id": 7, "parent_id": 0, "implementation_location": "context://stdio/stdout",
        "inputs": [{"generic": true, "initializer": {"once": "hi"}, "received": [1], "other": 2}]}}}"#;
    assert_eq!(read_flow_manifest(text).unwrap().functions.len(), 1);
    // What nobody needs at run time need not be there.
    let text =
        r#"{"functions": {"7": {"process_id": 7, "parent_id": 0, "implementation_location": "f.wasm"}}}"#;
    assert!(read_flow_manifest(text).unwrap().flows.is_empty());
    // Defaults may be written.
    let text = r#"{"functions": {"7": {"process_id": 7, "parent_id": 0, "implementation_location": "f.wasm",
        "implementation_url": "file:///", "name": "", "route": "", "inputs": [{"name": "", "array_order": 0, "generic": false}],
        "output_connections": [{"source": {"Output": ""}, "destination_id": 7, "destination_io_number": 0,
        "destination_parent_id": 0, "internal": false, "destination": "", "name": ""}]}}}"#;
    let manifest = read_flow_manifest(text).unwrap();
    let connection = &json_of(&manifest)["functions"]["7"]["output_connections"][0];
    assert_eq!(connection.as_object().unwrap().len(), 3);
}

fn number(id: &str) -> u64 {
    id.parse().unwrap()
}

/// Everything that the checklist for writers asks of a manifest.
fn check(manifest: &Value, problems: &mut Vec<String>) {
    let functions = manifest["functions"].as_object().unwrap();
    let flows = manifest["flows"].as_object().unwrap();
    let mut wrong = |rule: u32, what: String| problems.push(format!("rule {rule}: {what}"));
    for key in ["metadata", "lib_references", "context_references", "functions", "flows", "source_urls"] {
        if manifest.get(key).is_none() {
            wrong(1, key.to_owned());
        }
    }
    for (id, entry) in functions.iter().chain(flows) {
        if entry["process_id"] != number(id) || functions.contains_key(id) == flows.contains_key(id) {
            wrong(2, id.clone());
        }
    }
    for (id, function) in functions {
        let parent = function["parent_id"].to_string();
        if !flows.contains_key(&parent) {
            wrong(10, id.clone());
        }
        let location = function["implementation_location"].as_str().unwrap();
        let listed = |key: &str| manifest[key].as_array().unwrap().iter().any(|one| one == location);
        if (location.starts_with("lib:") && !listed("lib_references"))
            || (location.starts_with("context:") && !listed("context_references"))
        {
            wrong(9, location.to_owned());
        }
        for connection in function["output_connections"].as_array().into_iter().flatten() {
            let to = &functions[&connection["destination_id"].to_string()];
            let input = usize::try_from(connection["destination_io_number"].as_u64().unwrap()).unwrap();
            if input >= to["inputs"].as_array().unwrap().len()
                || connection["destination_parent_id"] != to["parent_id"]
            {
                wrong(3, connection.to_string());
            }
            match &connection["source"] {
                Value::Null => {}
                Value::Object(source) if source.len() == 1 => {
                    let is_pointer = source
                        .get("Output")
                        .is_some_and(|pointer| pointer.as_str().unwrap().starts_with('/'));
                    let is_copy = source.get("Input").is_some_and(|number| {
                        usize::try_from(number.as_u64().unwrap()).unwrap()
                            < function["inputs"].as_array().unwrap().len()
                    });
                    if !is_pointer && !is_copy {
                        wrong(7, connection.to_string());
                    }
                }
                other => wrong(6, other.to_string()),
            }
            if connection["internal"] == true && function["parent_id"] != to["parent_id"] {
                wrong(8, connection.to_string());
            }
        }
        for input in function["inputs"].as_array().into_iter().flatten() {
            for key in ["initializer", "flow_initializer"] {
                let Some(initializer) = input.get(key).map(|one| one.as_object().unwrap()) else { continue };
                if initializer.len() != 1 || !initializer.keys().all(|key| key == "once" || key == "always") {
                    wrong(6, input.to_string());
                }
            }
        }
    }
    for (id, flow) in flows {
        let children: Vec<String> =
            flow["sub_flow_ids"].as_array().unwrap().iter().map(Value::to_string).collect();
        if children.iter().any(|child| flows[child]["parent_id"] != number(id)) {
            wrong(10, id.clone());
        }
        if flow["parent_id"].is_null() != (id == "0") {
            wrong(10, id.clone());
        }
    }
}

#[test]
fn section_12_every_manifest_of_the_corpus_keeps_the_checklist() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        for (optimize, symbols) in
            [(false, Symbols::Stripped), (false, Symbols::Kept), (true, Symbols::Stripped)]
        {
            let outcome = compile_files(&path, optimize, symbols);
            // Without the optimizer its flow has an input that nothing feeds.
            let Some(manifest) = outcome.manifest else { continue };
            let mut problems = Vec::new();
            check(&json_of(&manifest), &mut problems);
            assert!(problems.is_empty(), "{}: {problems:?}", path.display());
            // Other programs read it as it was written.
            assert_eq!(read_flow_manifest(&manifest.to_json().unwrap()).unwrap(), manifest);
        }
    }
}
