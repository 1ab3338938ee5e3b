//! Language 3: file formats, strictness, and how literals become values.

use crate::project::{Outcome, Project, context, function};
use crate::table::Table;
use flowcore::value::Value;

/// A definition in the three formats; empty where a format cannot say it.
struct Text {
    toml: &'static str,
    yaml: &'static str,
    json: &'static str,
}

const EXTENSIONS: [&str; 3] = ["toml", "yaml", "json"];

fn compile(extension: &str, text: &str) -> Outcome {
    let name = format!("root.{extension}");
    let project = Project::empty().file(&name, text).function("f", "input = [{value = {once = 1}}]\n");
    project.compile_at(&project.path().join(name))
}

/// A flow without effect, so that everything that can be read ends in the same error.
const READ: &str = "E032";

#[test]
fn section_3_1_the_extension_chooses_the_parser() {
    let mut table = Table::default();
    let toml = "flow = 'sub'\n";
    let rows: [(&str, &str, &str); 13] = [
        ("sub.toml", toml, READ),
        ("sub.yaml", "flow: sub\n", READ),
        ("sub.yml", "flow: sub\n", READ),
        ("sub.json", "{\"flow\": \"sub\"}", READ),
        ("sub.TOML", toml, "E004"),
        ("sub.Json", "{\"flow\": \"sub\"}", "E004"),
        ("sub.flow", toml, "E004"),
        ("sub.tml", toml, "E004"),
        ("sub.", toml, "E004"),
        ("sub", toml, "E004"),
        ("a.b.toml", toml, READ),
        ("sub.toml.yaml", "flow: sub\n", READ),
        ("sub.yaml", "flow = 'sub'\n", "E008"),
    ];
    for (name, text, expected) in rows {
        let project = Project::new(&format!("[[process]]\nsource = \"{name}\"\n")).file(name, text);
        table.verdict(&format!("{name} with {text:?}"), &project, expected);
    }
    table.end(13);
}

#[test]
fn section_3_1_details_of_the_formats() {
    let mut table = Table::default();
    let rows: [(&str, &str, &[u8], &str); 14] = [
        (
            "multi-line inline table with a last comma",
            "toml",
            b"flow = 'f'\nmetadata = {\n name = 'a',\n}\n",
            READ,
        ),
        ("byte-order mark in TOML", "toml", b"\xEF\xBB\xBFflow = 'f'\n", READ),
        ("byte-order mark in YAML", "yaml", b"\xEF\xBB\xBFflow: f\n", READ),
        ("byte-order mark in JSON", "json", b"\xEF\xBB\xBF{\"flow\": \"f\"}", READ),
        ("a comment in JSON", "json", b"{\"flow\": \"f\" /* no */}", "E005"),
        ("a last comma in JSON", "json", b"{\"flow\": \"f\",}", "E005"),
        ("single quotes in JSON", "json", b"{'flow': 'f'}", "E005"),
        ("text behind the JSON", "json", b"{\"flow\": \"f\"} x", "E005"),
        (
            "a leading zero in JSON",
            "json",
            b"{\"flow\": \"f\", \"input\": [{\"value\": {\"once\": 01}}]}",
            "E005",
        ),
        ("not UTF-8 in TOML", "toml", b"flow = '\xFF'\n", "E003"),
        ("not UTF-8 in YAML", "yaml", b"flow: \xFF\n", "E003"),
        ("not UTF-8 in JSON", "json", b"{\"flow\": \"\xFF\"}", "E003"),
        ("UTF-16", "toml", b"f\0l\0o\0w\0", "E005 E005 E005 E005 E005"),
        ("lines that end as on Windows", "toml", b"flow = 'f'\r\n[metadata]\r\nname = 'x'\r\n", READ),
    ];
    for (label, extension, text, expected) in rows {
        let name = format!("root.{extension}");
        let project = Project::empty().bytes(&name, text);
        table.outcome(label, &project.compile_at(&project.path().join(name)), expected);
    }
    table.end(14);
}

#[test]
fn section_3_1_only_toml_is_searched_for() {
    let mut table = Table::default();
    for extension in ["yaml", "yml", "json"] {
        let project = Project::new("[[process]]\nsource = \"sub\"\n").file(&format!("sub.{extension}"), "");
        table.verdict(extension, &project, "E001");
    }
    table.end(3);
}

#[test]
fn section_3_2_strictness_in_every_format() {
    let rows: [(&str, Text, &str); 37] = [
        (
            "unknown key in a flow",
            Text { toml: "flow = 'f'\nx = 1", yaml: "flow: f\nx: 1", json: r#"{"flow": "f", "x": 1}"# },
            "E006",
        ),
        (
            "unknown key in a function",
            Text {
                toml: "function = 'f'\nsource = 's'\ninput = [{}]\nx = 1",
                yaml: "function: f\nsource: s\ninput: [{}]\nx: 1",
                json: r#"{"function": "f", "source": "s", "input": [{}], "x": 1}"#,
            },
            "E006",
        ),
        (
            "unknown key in an input",
            Text {
                toml: "flow = 'f'\ninput = [{x = 1}]",
                yaml: "flow: f\ninput: [{x: 1}]",
                json: r#"{"flow": "f", "input": [{"x": 1}]}"#,
            },
            "E006",
        ),
        (
            "unknown key in an output",
            Text {
                toml: "flow = 'f'\noutput = [{x = 1}]",
                yaml: "flow: f\noutput: [{x: 1}]",
                json: r#"{"flow": "f", "output": [{"x": 1}]}"#,
            },
            "E006",
        ),
        (
            "unknown key in a process reference",
            Text {
                toml: "flow = 'f'\nprocess = [{source = 'f.toml', z = 1}]",
                yaml: "flow: f\nprocess: [{source: f.toml, z: 1}]",
                json: r#"{"flow": "f", "process": [{"source": "f.toml", "z": 1}]}"#,
            },
            "E006",
        ),
        (
            "unknown key in a connection",
            Text {
                toml: "flow = 'f'\nconnection = [{from = 'a', to = 'b', priority = 1}]",
                yaml: "flow: f\nconnection: [{from: a, to: b, priority: 1}]",
                json: r#"{"flow": "f", "connection": [{"from": "a", "to": "b", "priority": 1}]}"#,
            },
            "E006",
        ),
        (
            "unknown key inside metadata",
            Text {
                toml: "flow = 'f'\nmetadata = {x = 1, y = {z = [1]}}",
                yaml: "flow: f\nmetadata: {x: 1, y: ~}",
                json: r#"{"flow": "f", "metadata": {"x": 1, "y": null}}"#,
            },
            READ,
        ),
        (
            "duplicate key at the top",
            Text {
                toml: "flow = 'f'\nflow = 'f'",
                yaml: "flow: f\nflow: f",
                json: r#"{"flow": "f", "flow": "f"}"#,
            },
            "E009",
        ),
        (
            "duplicate key inside",
            Text {
                toml: "flow = 'f'\nprocess = [{source = 'f.toml', source = 'f.toml'}]",
                yaml: "flow: f\nprocess: [{source: f.toml, source: f.toml}]",
                json: r#"{"flow": "f", "process": [{"source": "f.toml", "source": "f.toml"}]}"#,
            },
            "E009",
        ),
        (
            "duplicate key in metadata",
            Text {
                toml: "flow = 'f'\n[metadata]\nx = 1\nx = 2",
                yaml: "flow: f\nmetadata: {x: 1, x: 2}",
                json: r#"{"flow": "f", "metadata": {"x": 1, "x": 2}}"#,
            },
            "E009",
        ),
        (
            "null for docs",
            Text { toml: "", yaml: "flow: f\ndocs: null", json: r#"{"flow": "f", "docs": null}"# },
            "E008",
        ),
        (
            "null for description",
            Text { toml: "", yaml: "flow: f\ndescription: ~", json: r#"{"flow": "f", "description": null}"# },
            "E008",
        ),
        (
            "nothing for connection",
            Text { toml: "", yaml: "flow: f\nconnection:", json: r#"{"flow": "f", "connection": null}"# },
            "E008",
        ),
        (
            "nothing for input",
            Text { toml: "", yaml: "flow: f\ninput:", json: r#"{"flow": "f", "input": null}"# },
            "E008",
        ),
        (
            "nothing for process",
            Text { toml: "", yaml: "flow: f\nprocess:", json: r#"{"flow": "f", "process": null}"# },
            "E008",
        ),
        (
            "nothing for metadata",
            Text { toml: "", yaml: "flow: f\nmetadata:", json: r#"{"flow": "f", "metadata": null}"# },
            "E008",
        ),
        (
            "null for a name in metadata",
            Text {
                toml: "",
                yaml: "flow: f\nmetadata: {name: ~}",
                json: r#"{"flow": "f", "metadata": {"name": null}}"#,
            },
            "E008",
        ),
        (
            "null for alias",
            Text {
                toml: "",
                yaml: "flow: f\nprocess: [{source: f.toml, alias: ~}]",
                json: r#"{"flow": "f", "process": [{"source": "f.toml", "alias": null}]}"#,
            },
            "E008",
        ),
        (
            "null for the initializers of a process",
            Text {
                toml: "",
                yaml: "flow: f\nprocess: [{source: f.toml, input: }]",
                json: r#"{"flow": "f", "process": [{"source": "f.toml", "input": null}]}"#,
            },
            "E008",
        ),
        (
            "null for impure",
            Text {
                toml: "",
                yaml: "function: f\nsource: s\nimpure: ~\ninput: [{}]",
                json: r#"{"function": "f", "source": "s", "impure": null, "input": [{}]}"#,
            },
            "E008",
        ),
        (
            "null for type",
            Text {
                toml: "",
                yaml: "flow: f\ninput: [{type: ~}]",
                json: r#"{"flow": "f", "input": [{"type": null}]}"#,
            },
            "E008",
        ),
        (
            "null for value",
            Text {
                toml: "",
                yaml: "flow: f\ninput: [{value: ~}]",
                json: r#"{"flow": "f", "input": [{"value": null}]}"#,
            },
            READ,
        ),
        (
            "null for x, y, width, height",
            Text {
                toml: "",
                yaml: "flow: f\nprocess: [{source: f.toml, x: ~, y: , width: null, height: Null}]",
                json: r#"{"flow": "f", "process": [{"source": "f.toml", "x": null, "y": null, "width": null, "height": null}]}"#,
            },
            READ,
        ),
        (
            "number where a string is required",
            Text { toml: "flow = 12", yaml: "flow: 12", json: r#"{"flow": 12}"# },
            "E008",
        ),
        (
            "boolean where a string is required",
            Text {
                toml: "flow = 'f'\ndocs = true",
                yaml: "flow: f\ndocs: true",
                json: r#"{"flow": "f", "docs": true}"#,
            },
            "E008",
        ),
        (
            "string for x",
            Text {
                toml: "flow = 'f'\nprocess = [{source = 'f.toml', x = '1'}]",
                yaml: "flow: f\nprocess: [{source: f.toml, x: '1'}]",
                json: r#"{"flow": "f", "process": [{"source": "f.toml", "x": "1"}]}"#,
            },
            "E008",
        ),
        (
            "string for impure",
            Text {
                toml: "function = 'f'\nsource = 's'\nimpure = 'true'\ninput = [{}]",
                yaml: "function: f\nsource: s\nimpure: 'true'\ninput: [{}]",
                json: r#"{"function": "f", "source": "s", "impure": "true", "input": [{}]}"#,
            },
            "E008",
        ),
        (
            "yes for impure is a string",
            Text { toml: "", yaml: "function: f\nsource: s\nimpure: yes\ninput: [{}]", json: "" },
            "E008",
        ),
        (
            "integer where a float is required",
            Text {
                toml: "flow = 'f'\nprocess = [{source = 'f.toml', x = -1, y = 2.5}]",
                yaml: "flow: f\nprocess: [{source: f.toml, x: -1, y: 2.5}]",
                json: r#"{"flow": "f", "process": [{"source": "f.toml", "x": -1, "y": 2.5}]}"#,
            },
            READ,
        ),
        (
            "single table where a list is required",
            Text {
                toml: "flow = 'f'\n[process]\nsource = 'f.toml'",
                yaml: "flow: f\nprocess: {source: f.toml}",
                json: r#"{"flow": "f", "process": {"source": "f.toml"}}"#,
            },
            "E008",
        ),
        (
            "list written inline",
            Text {
                toml: "flow = 'f'\nprocess = [{source = 'f.toml'}]",
                yaml: "flow: f\nprocess: [{source: f.toml}]",
                json: r#"{"flow": "f", "process": [{"source": "f.toml"}]}"#,
            },
            READ,
        ),
        ("a list at the top", Text { toml: "", yaml: "- flow: f", json: r#"[{"flow": "f"}]"# }, "E008"),
        (
            "fields by position",
            Text {
                toml: "",
                yaml: "flow: f\nconnection: [['', a, b]]",
                json: r#"{"flow": "f", "connection": [["", "a", "b"]]}"#,
            },
            "E008",
        ),
        (
            "one author as a string",
            Text {
                toml: "flow = 'f'\nmetadata = {authors = 'a'}",
                yaml: "flow: f\nmetadata: {authors: a}",
                json: r#"{"flow": "f", "metadata": {"authors": "a"}}"#,
            },
            "E008",
        ),
        (
            "a number among the types",
            Text {
                toml: "flow = 'f'\ninput = [{type = ['number', 1]}]",
                yaml: "flow: f\ninput: [{type: [number, 1]}]",
                json: r#"{"flow": "f", "input": [{"type": ["number", 1]}]}"#,
            },
            "E008",
        ),
        (
            "keys are in lower case",
            Text { toml: "Flow = 'f'", yaml: "Flow: f", json: r#"{"Flow": "f"}"# },
            "E010",
        ),
        ("nothing but a comment", Text { toml: "# nothing", yaml: "", json: "" }, "E010"),
    ];
    let mut table = Table::default();
    for (label, text, expected) in rows {
        for (extension, text) in EXTENSIONS.into_iter().zip([text.toml, text.yaml, text.json]) {
            if text.is_empty() {
                continue;
            }
            table.outcome(&format!("{label}, {extension}"), &compile(extension, text), expected);
        }
    }
    for (extension, expected) in [("toml", "E010"), ("yaml", "E008"), ("json", "E005")] {
        table.outcome(&format!("empty file, {extension}"), &compile(extension, ""), expected);
    }
    table.end(95);
}

/// The text of the value that `stdout` starts with when this is its initializer.
fn value(extension: &str, literal: &str) -> String {
    let source = "context://stdio/stdout";
    let text = match extension {
        "toml" => {
            format!("flow = 'f'\n[[process]]\nsource = '{source}'\ninput.default = {{ once = {literal} }}\n")
        }
        "yaml" => {
            format!("flow: f\nprocess:\n - source: {source}\n   input:\n    default:\n     once: {literal}\n")
        }
        _ => format!(
            r#"{{"flow": "f", "process": [{{"source": "{source}", "input": {{"default": {{"once": {literal}}}}}}}]}}"#
        ),
    };
    let outcome = compile(extension, &text);
    let Some(manifest) = &outcome.manifest else { return outcome.verdict() };
    // What is said here must also be what stands in the file.
    let json = crate::project::json_of(manifest);
    let written = json["functions"]["1"]["inputs"][0]["initializer"]["once"].to_string();
    let value: &Value = match &function(manifest, "stdout").inputs[0].initializer {
        Some(initializer) => initializer.value(),
        None => return "none".to_owned(),
    };
    assert_eq!(
        value.to_string().parse::<serde_json::Value>().unwrap(),
        json["functions"]["1"]["inputs"][0]["initializer"]["once"]
    );
    written
}

#[test]
fn section_3_3_literals_of_toml() {
    let mut table = Table::default();
    let rows = [
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "E005"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("1_000", "1000"),
        ("+5", "5"),
        ("017", "E005"),
        ("1.50", "1.5"),
        ("1e3", "1000.0"),
        ("-0.0", "-0.0"),
        ("1_0.2_5", "10.25"),
        ("nan", "null"),
        ("-nan", "null"),
        ("inf", "null"),
        ("+inf", "null"),
        ("true", "true"),
        ("false", "false"),
        ("True", "E005"),
        ("'it''s'", "E005 E005 E005"),
        ("\"\\u00e9\"", "\"é\""),
        ("1979-05-27T07:32:00Z", "\"1979-05-27T07:32:00Z\""),
        ("1979-05-27 07:32:00+01:00", "\"1979-05-27T07:32:00+01:00\""),
        ("1979-05-27T07:32:00.5", "\"1979-05-27T07:32:00.5\""),
        ("1979-05-27", "\"1979-05-27\""),
        ("07:32:00", "\"07:32:00\""),
        ("[1, 'a', [true], {}]", "[1,\"a\",[true],{}]"),
        ("{b = 1, a = {d = 2, c = 3}}", "{\"a\":{\"c\":3,\"d\":2},\"b\":1}"),
        ("null", "E005"),
    ];
    for (literal, expected) in rows {
        table.row(literal, value("toml", literal), expected);
    }
    table.end(30);
}

#[test]
fn section_3_3_literals_of_yaml() {
    let mut table = Table::default();
    let rows = [
        ("9223372036854775807", "9223372036854775807"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("017", "17"),
        ("+5", "5"),
        ("1.50", "1.5"),
        ("1e3", "1000.0"),
        (".5", "0.5"),
        ("-1.5E-2", "-0.015"),
        (".nan", "null"),
        (".inf", "null"),
        ("-.inf", "null"),
        ("nan", "\"nan\""),
        ("inf", "\"inf\""),
        ("true", "true"),
        ("True", "true"),
        ("TRUE", "true"),
        ("False", "false"),
        ("yes", "\"yes\""),
        ("no", "\"no\""),
        ("on", "\"on\""),
        ("y", "\"y\""),
        ("null", "null"),
        ("Null", "null"),
        ("~", "null"),
        ("", "null"),
        ("2001-12-14", "\"2001-12-14\""),
        ("2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\""),
        ("12:30:45", "\"12:30:45\""),
        ("1_000", "\"1_000\""),
        ("1.2.3", "\"1.2.3\""),
        ("'5'", "\"5\""),
        ("\"a\\tb\"", "\"a\\tb\""),
        ("[1, a, [true], {}]", "[1,\"a\",[true],{}]"),
        ("{b: 1, a: {d: 2, c: 3}}", "{\"a\":{\"c\":3,\"d\":2},\"b\":1}"),
        ("!!str 5", "\"5\""),
        ("!!int '5'", "5"),
        ("!local 5", "\"5\""),
        ("[&a {k: 1}, *a]", "[{\"k\":1},{\"k\":1}]"),
        ("[&a {k: 1, l: 1}, {<<: *a, l: 2}]", "[{\"k\":1,\"l\":1},{\"k\":1,\"l\":2}]"),
        ("|\n      a\n      b", "\"a\\nb\\n\""),
    ];
    for (literal, expected) in rows {
        table.row(literal, value("yaml", literal), expected);
    }
    table.end(44);
}

#[test]
fn section_3_3_literals_of_json() {
    let mut table = Table::default();
    let rows = [
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("-9223372036854775809", "-9.223372036854776e+18"),
        ("0", "0"),
        ("-0", "-0.0"),
        ("1.50", "1.5"),
        ("1e3", "1000.0"),
        ("1E-2", "0.01"),
        ("1e999", "E005"),
        ("NaN", "E005"),
        ("true", "true"),
        ("null", "null"),
        ("\"\\u00e9\\n\"", "\"é\\n\""),
        ("[1, \"a\", [true], {}]", "[1,\"a\",[true],{}]"),
        ("{\"b\": 1, \"a\": {\"d\": 2, \"c\": 3}}", "{\"a\":{\"c\":3,\"d\":2},\"b\":1}"),
    ];
    for (literal, expected) in rows {
        table.row(literal, value("json", literal), expected);
    }
    table.end(17);
}

#[test]
fn section_3_3_of_several_documents_the_first_counts_and_tags_make_no_initializers() {
    let mut table = Table::default();
    let rows = [
        ("a second document", "flow: f\n---\nfunction: g\n", READ),
        ("an ended document", "flow: f\n...\n", READ),
        ("a marked document", "%YAML 1.2\n---\nflow: f\n...\n", READ),
        ("!once 5", "flow: f\nprocess:\n - source: f.toml\n   input: {default: !once 5}\n", "E012"),
        (
            "an anchor for a whole table",
            "flow: f\nprocess:\n - &p {source: f.toml, alias: a}\n - {<<: *p, alias: b}\n",
            READ,
        ),
    ];
    for (label, text, expected) in rows {
        table.outcome(label, &compile("yaml", text), expected);
    }
    table.end(5);
}

#[test]
fn what_is_read_is_the_same_in_all_formats() {
    let project = Project::new(&(context("stdio/stdout") + "input.default = {once = [1, 1.5, 'a', {k = true}]}\n"))
        .file("y.yaml", "flow: root\nprocess:\n - source: context://stdio/stdout\n   input: {default: {once: [1, 1.5, a, {k: true}]}}\n")
        .file("j.json", r#"{"flow": "root", "process": [{"source": "context://stdio/stdout", "input": {"default": {"once": [1, 1.5, "a", {"k": true}]}}}]}"#);
    let expected = project.manifest();
    for name in ["y.yaml", "j.json"] {
        assert_eq!(project.compile_at(&project.path().join(name)).manifest.unwrap(), expected, "{name}");
    }
}
