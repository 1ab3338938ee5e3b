//! Reading definitions, in all formats.

use super::*;
use crate::definition::{FlowDefinition, FunctionDefinition};
use crate::span::Span;
use crate::{Initializer, Value};
use proptest::prelude::*;

fn flow(text: &str, format: Format) -> FlowDefinition {
    match read_definition(text, format) {
        Ok(Definition::Flow(flow)) => flow,
        other => panic!("{other:?} for {text}"),
    }
}

fn function(text: &str) -> FunctionDefinition {
    match read_definition(text, Format::Toml) {
        Ok(Definition::Function(function)) => function,
        other => panic!("{other:?} for {text}"),
    }
}

/// `line:column message` of each mistake.
fn mistakes(text: &str, format: Format) -> Vec<String> {
    let errors = read_definition(text, format).expect_err(text);
    errors.iter().map(|error| format!("{} {error}", error.span.place(text))).collect()
}

#[test]
fn the_three_formats_say_the_same() {
    let toml = flow(
        "flow = 'f'\n[[process]]\nsource = 'lib://l/add'\ninput.i1 = { once = 0 }\ninput.i2.always = [1, 'é', 1.5]\n\
         [[process]]\nsource = 'context://stdio/stdout'\n[process.input.default]\nonce = 5\n\
         [[connection]]\nfrom = 'add'\nto = ['stdout', 'add/i1']\n[[input]]\n[[output]]\nname = 'o'\n\
         type = ['number', 'array/']\n[metadata]\nname = 'm'\nauthors = ['a']\nextra = 1\n",
        Format::Toml,
    );
    let yaml = flow(
        "flow: f\nprocess:\n  - source: lib://l/add\n    input:\n      i2: {always: [1, é, 1.5]}\n      i1: {once: 0}\n  \
         - source: context://stdio/stdout\n    input: {default: {once: 5}}\nconnection:\n  - from: add\n    \
         to: [stdout, add/i1]\ninput: [{}]\noutput:\n - {name: o, type: [number, array/]}\n\
         metadata: {name: m, authors: [a], extra: ~}\n",
        Format::Yaml,
    );
    let json = flow(
        r#"{"flow": "f", "process": [
            {"source": "lib://l/add", "input": {"i1": {"once": 0}, "i2": {"always": [1, "\u00e9", 1.5]}}},
            {"source": "context://stdio/stdout", "input": {"default": {"once": 5}}}],
            "connection": [{"from": "add", "to": ["stdout", "add/i1"]}], "input": [{}],
            "output": [{"name": "o", "type": ["number", "array/"]}],
            "metadata": {"name": "m", "authors": ["a"], "extra": {}}}"#,
        Format::Json,
    );
    for flow in [&toml, &yaml, &json] {
        assert_eq!(flow.name.value, "f");
        let initializers = |at: usize| {
            let pairs = flow.processes[at].initializers.iter();
            pairs.map(|(name, value)| (name.value.as_str(), value.value.clone())).collect::<Vec<_>>()
        };
        let mixed: Value = r#"[1,"é",1.5]"#.parse().unwrap();
        assert_eq!(
            initializers(0),
            [("i1", Initializer::Once(0.into())), ("i2", Initializer::Always(mixed))]
        );
        assert_eq!(initializers(1), [("default", Initializer::Once(5.into()))]);
        assert_eq!(flow.connections[0].from.value, "add");
        let to: Vec<_> = flow.connections[0].to.iter().map(|to| to.value.as_str()).collect();
        assert_eq!(to, ["stdout", "add/i1"]);
        assert!(flow.inputs[0].types[0].value.is_generic());
        assert_eq!(flow.outputs[0].types[1].value.to_string(), "array/");
        assert_eq!((flow.metadata.name.as_str(), flow.metadata.authors.len()), ("m", 1));
    }
}

#[test]
fn unknown_keys_are_named_where_they_stand_in_every_format() {
    let toml = "flow = 'f'\n[[process]]\nsource = 'x'\nallias = 'y'\n";
    assert_eq!(mistakes(toml, Format::Toml), ["4:1 a process has no key 'allias'"]);
    let yaml = "# é\nflow: f\nprocess:\n  - source: x\n    allias: y\n";
    assert_eq!(mistakes(yaml, Format::Yaml), ["5:5 a process has no key 'allias'"]);
    let json = "{\"flow\": \"f\",\n \"process\": [{\"source\": \"x\",\n  \"allias\": \"y\"}]}";
    assert_eq!(mistakes(json, Format::Json), ["3:3 a process has no key 'allias'"]);
    let help = |text| read_definition(text, Format::Toml).unwrap_err()[0].help();
    assert_eq!(help(toml).as_deref(), Some("did you mean 'alias'?"));
    assert_eq!(
        help("flow = 'f'\nversion = '1'").as_deref(),
        Some("'version' belongs into the table 'metadata'")
    );
}

#[test]
fn duplicate_keys_are_errors_in_every_format() {
    assert_eq!(mistakes("flow = 'f'\nflow = 'g'\n", Format::Toml), ["2:1 'flow' is given twice"]);
    let first = |text: &str| match read_definition(text, Format::Toml).unwrap_err().pop().unwrap().problem {
        Problem::DuplicateKey { first: Some(first), .. } => first.place(text).to_string(),
        problem => panic!("{problem:?}"),
    };
    assert_eq!(first("flow = 'f'\nflow = 'g'\n"), "1:1");
    assert_eq!(first("[[process]]\nsource = 'a'\nx = 1\n[[process]]\n'x' = 2\ny = {x = 3}\nx = 4\n"), "5:1");
    assert_eq!(mistakes("flow: f\nflow: g\n", Format::Yaml), ["2:1 'flow' is given twice"]);
    assert_eq!(mistakes("{\"flow\": \"f\",\n\"flow\": \"g\"}", Format::Json), ["2:1 'flow' is given twice"]);
}

#[test]
fn a_misspelled_key_is_not_also_a_missing_one() {
    let toml = "flow = 'f'\n[[process]]\nsorce = 'x'\n";
    assert_eq!(mistakes(toml, Format::Toml), ["3:1 a process has no key 'sorce'"]);
    let toml = "flow = 'f'\n[[process]]\nzzz = 'x'\n";
    let both = ["3:1 a process has no key 'zzz'", "3:1 a process needs the key 'source'"];
    assert_eq!(mistakes(toml, Format::Toml), both);
}

#[test]
fn the_top_key_decides_what_is_reported() {
    assert_eq!(
        mistakes("function = 'f'\n[[input]]\n", Format::Toml),
        ["1:1 a function needs the key 'source'"]
    );
    assert_eq!(
        mistakes("function = 'f'\nflow = 'f'\n", Format::Toml),
        ["2:8 a definition has either the key 'flow' or the key 'function', not both"]
    );
    let neither = "this defines neither a flow nor a function: the key 'flow' or 'function' is missing";
    assert_eq!(mistakes("Flow = 'f'\n", Format::Toml), [format!("1:1 {neither}")]);
    assert_eq!(mistakes("", Format::Toml), [format!("1:1 {neither}")]);
    assert_eq!(mistakes("", Format::Yaml), ["1:1 a definition must be a table, not null"]);
}

#[test]
fn kinds_of_values_are_strict() {
    let of = |text: &str| mistakes(text, Format::Yaml).join("\n");
    assert_eq!(of("flow: 12"), "1:7 'flow' of a flow must be a string, not a number");
    assert_eq!(of("flow: f\ndocs: null"), "2:7 'docs' of a flow must be a string, not null");
    assert_eq!(
        of("flow: f\nconnection:\n"),
        "2:11 'connection' of a flow must be a list of tables, not null"
    );
    assert_eq!(
        of("flow: f\nprocess:\n - {source: s, x: '1'}"),
        "3:19 'x' of a process must be a number, not a string"
    );
    assert_eq!(
        of("function: f\nsource: s\nimpure: 'true'\ninput: [{}]"),
        "3:9 'impure' of a function must be a boolean, not a string"
    );
    assert_eq!(
        mistakes("flow = 'f'\n[process]\nsource = 's'\n", Format::Toml),
        ["2:1 'process' of a flow must be a list of tables, not a table"]
    );
    // What looks wrong but is accepted.
    assert!(read_definition("flow: f\nprocess:\n - {source: s, x: -1, y: null}", Format::Yaml).is_ok());
    assert!(read_definition("flow: f\ninput:\n - {value: null}", Format::Yaml).is_ok());
    assert!(read_definition("flow = 'f'\nprocess = [{source = 's'}]\n", Format::Toml).is_ok());
}

#[test]
fn fields_by_position_are_refused() {
    let text = r#"{"flow": "f", "connection": [["", "get/json", "stdout"]]}"#;
    assert_eq!(
        mistakes(text, Format::Json),
        ["1:30 a connection must be a table with named keys; fields by position are not accepted"]
    );
}

#[test]
fn an_initializer_has_exactly_one_of_two_keys() {
    for value in ["{once: 1, always: 2}", "{}", "{Once: 1}", "5", "!once 5"] {
        let text = format!("flow: f\nprocess:\n - source: s\n   input: {{i: {value}}}");
        let form = "4:15 an initializer is a table with exactly one key, 'once' or 'always'";
        let found = mistakes(&text, Format::Yaml);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with(&form[4..]), "{found:?}");
    }
    let text = r#"{"flow": "f", "process": [{"source": "s", "input": {"i": {"once": null}}}]}"#;
    assert_eq!(flow(text, Format::Json).processes[0].initializers[0].1.value, Initializer::Once(Value::Null));
}

#[test]
fn names_that_would_be_indexes_are_refused() {
    let of = |text: &str| mistakes(text, Format::Toml).join("\n");
    assert!(of("function = '12'\nsource = 's'\n[[input]]").contains("must not be a number: '12'"));
    assert!(
        of("flow = 'f'\n[[connection]]\nname = '+1'\nfrom = 'a'\nto = 'b'").contains("name of a connection")
    );
    assert_eq!(
        mistakes("flow = 'f'\n[[connection]]\nfrom = ''\nto = ['b', '007']\n", Format::Toml),
        [
            "3:8 'from' of a connection must not be empty",
            "4:12 'to' of a connection must not be a number: '007'"
        ]
    );
    for name in ["", "12", "context with IO"] {
        assert!(read_definition(&format!("flow = '{name}'"), Format::Toml).is_ok());
    }
}

#[test]
fn functions_need_an_input_or_an_output() {
    let text = "function = 'f'\nsource = 's'\n";
    assert_eq!(mistakes(text, Format::Toml), ["1:12 function 'f' has neither inputs nor outputs"]);
    let read = function("function = 'f'\nsource = 'f.rs'\nimpure = true\ntype = 'rust'\n[[output]]\n");
    assert_eq!((read.source.value.as_str(), read.build_type.value.as_str()), ("f.rs", "rust"));
    assert!(read.impure.is_some());
    assert_eq!(mistakes("function = 'f'\nsource = 's'\ninput = [{type = []}]\n", Format::Toml).len(), 1);
    assert_eq!(
        mistakes("function = 'f'\nsource = 's'\n[[input]]\ntype = 'int'\n", Format::Toml),
        ["4:8 'int' is not a type"]
    );
}

fn value(literal: &str, format: Format) -> Value {
    let text = match format {
        Format::Toml => format!("flow = 'f'\n[[input]]\nvalue = {{ once = {literal} }}\n"),
        Format::Yaml => format!("flow: f\ninput:\n - value:\n    once: {literal}\n"),
        Format::Json => format!(r#"{{"flow": "f", "input": [{{"value": {{"once": {literal}}}}}]}}"#),
    };
    flow(&text, format).inputs[0].initializer.clone().unwrap().value.value().clone()
}

#[test]
fn literals_become_values() {
    let text = |literal, format| value(literal, format).to_string();
    for (literal, expected) in [
        ("1.50", "1.5"),
        ("1e3", "1000.0"),
        ("nan", "null"),
        ("-inf", "null"),
        ("1979-05-27T07:32:00Z", "\"1979-05-27T07:32:00Z\""),
        ("9223372036854775807", "9223372036854775807"),
        ("0x1F", "31"),
        ("1_000", "1000"),
        ("[1, 'a']", r#"[1,"a"]"#),
        ("{b = 1, a = 2,\n }", r#"{"a":2,"b":1}"#),
    ] {
        assert_eq!(text(literal, Format::Toml), expected, "{literal}");
    }
    for (literal, expected) in [
        ("18446744073709551615", "18446744073709551615"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("017", "17"),
        ("-5", "-5"),
        ("1_000", "\"1_000\""),
        (".nan", "null"),
        ("Null", "null"),
        ("~", "null"),
        ("TRUE", "true"),
        ("yes", "\"yes\""),
        ("2001-12-14", "\"2001-12-14\""),
        ("!!str 5", "\"5\""),
        ("!!int '5'", "5"),
        ("!thing 5", "\"5\""),
        ("'5'", "\"5\""),
        ("1e3", "1000.0"),
        (".5", "0.5"),
        ("infinity", "\"infinity\""),
        ("[&a {k: 1}, *a, {<<: *a, l: 2}]", r#"[{"k":1},{"k":1},{"k":1,"l":2}]"#),
    ] {
        assert_eq!(text(literal, Format::Yaml), expected, "{literal}");
    }
    for (literal, expected) in [
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("1.50", "1.5"),
        ("null", "null"),
    ] {
        assert_eq!(text(literal, Format::Json), expected, "{literal}");
    }
}

#[test]
fn of_several_yaml_documents_the_first_counts() {
    assert_eq!(flow("flow: f\n...\n---\nflow: g\n", Format::Yaml).name.value, "f");
}

#[test]
fn syntax_errors_have_a_place_in_every_format() {
    assert!(mistakes("flow = \n", Format::Toml)[0].starts_with("1:"));
    assert!(mistakes("flow: f\nprocess: [a\n", Format::Yaml)[0].starts_with("3:1"));
    assert_eq!(mistakes("{\"flow\": \"f\",\n}", Format::Json), ["2:1 key must be a string"]);
    assert!(mistakes("{\"flow\": \"f\" /* c */}", Format::Json)[0].starts_with("1:"));
}

#[test]
fn hostile_files_end_with_an_error() {
    let deep = "[".repeat(100_000);
    for (format, text) in [
        (Format::Toml, format!("x = {deep}")),
        (Format::Yaml, format!("x: {deep}")),
        (Format::Json, deep.clone()),
    ] {
        assert!(read_definition(&text, format).is_err());
    }
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(mistakes(&laughs, Format::Yaml)[0].contains("too large"));
}

#[test]
fn values_nest_no_more_deeply_than_manifests_can_hold() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    for (format, head, tail) in [
        (Format::Toml, "flow = 'f'\n[[input]]\nvalue.once = ", "\n"),
        (Format::Toml, "flow = 'f'\nprocess = [{source = 's', input = {a = {once = ", "}}}]\n"),
        (Format::Yaml, "flow: f\ninput:\n - value: {once: ", "}\n"),
        (Format::Json, r#"{"flow": "f", "input": [{"value": {"once": "#, "}}]}"),
    ] {
        assert!(read_definition(&format!("{head}{}{tail}", nested(64)), format).is_ok());
        for depth in [65, 70, 100, 200] {
            let mistakes = mistakes(&format!("{head}{}{tail}", nested(depth)), format);
            assert!(mistakes[0].contains("too deeply"), "{mistakes:?}");
        }
    }
}

#[test]
fn aliases_do_not_nest_more_deeply_than_lists_may() {
    let (open, close) = ("[".repeat(60), "]".repeat(60));
    let text = |levels: usize| {
        let next = |level: usize| match level {
            0 => format!("a0: &a0 {open}x{close}\n"),
            level => format!("a{level}: &a{level} {open}*a{}{close}\n", level - 1),
        };
        format!(
            "flow: f\nmetadata:\n{}",
            (0..levels).map(|level| format!("  {}", next(level))).collect::<String>()
        )
    };
    assert!(read_definition(&text(2), Format::Yaml).is_ok());
    assert!(mistakes(&text(3), Format::Yaml)[0].contains("too deeply"));
    assert!(mistakes(&text(500), Format::Yaml)[0].contains("too deeply"));
}

#[test]
fn packages_and_runners_are_named_in_their_files() {
    let metadata =
        read_package_metadata("[package]\nname = 'l'\nversion = '1'\nauthors = ['a']\nedition = '2024'");
    assert_eq!(metadata.unwrap().name, "l");
    assert!(read_package_metadata("[package]\nversion.workspace = true").is_err());
    assert_eq!(read_runner_name("name = 'flowrcli'\nother = 1").unwrap(), "flowrcli");
    assert!(read_runner_name("").is_err());
}

#[test]
fn places_of_mistakes_are_between_characters() {
    let errors = read_definition("\"¡\t\0", Format::Json).unwrap_err();
    assert_eq!(errors[0].span, Span::new(1, 1));
}

#[test]
fn nesting_is_bounded_alike_in_all_formats() {
    let nested = |before: &str, depth: usize, after: &str| {
        format!("{before}{}{}{after}", "[".repeat(depth), "]".repeat(depth))
    };
    let texts = |depth: usize| {
        [
            (nested("flow = 'f'\nx = ", depth, ""), Format::Toml),
            (nested("flow: f\nx: ", depth, ""), Format::Yaml),
            (nested("{\"flow\": \"f\", \"x\": ", depth, "}"), Format::Json),
        ]
    };
    let is_too_deep = |(text, format): &(String, Format)| {
        let errors = read_definition(text, *format).unwrap_err();
        matches!(errors.as_slice(), [DefinitionError { problem: Problem::TooDeep, .. }])
    };
    assert!(texts(2000).iter().all(is_too_deep));
    assert!(!texts(70).iter().any(is_too_deep));
    // Brackets in texts do not count.
    let text = format!("{{\"flow\": \"\\\"{}\"}}", "[".repeat(1000));
    assert!(read_definition(&text, Format::Json).is_ok());
}

#[test]
fn only_what_aliases_add_counts_against_their_bound() {
    let list = format!("flow: f\nx: [{}]\n", "a,".repeat(1_200_000));
    let errors = read_definition(&list, Format::Yaml).unwrap_err();
    assert!(matches!(errors[0].problem, Problem::UnknownKey { .. }), "{errors:?}");
}

/// Something near enough to a definition to reach beyond the parsers.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("flow = 'f'\n"),
        Just("flow: f\n"),
        Just("{\"flow\": \"f\","),
        Just("function = 'é'\n"),
        Just("[[process]]\n"),
        Just("process:\n - source: &a x\n   input: {<<: *a}\n"),
        Just("\"process\": [{\"source\": 1e999}]"),
        Just("[[input]]\ntype = ['array/', 'int']\n"),
        Just("value = { once = 1979-05-27 }\n"),
        Just("[connection]\n"),
        Just("}"),
        Just("]"),
        Just("\u{1F600}'"),
        Just("\t\0"),
    ];
    let text = prop_oneof![3 => piece.prop_map(str::to_owned), 1 => ".{0,8}"];
    proptest::collection::vec(text, 0..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_json_text_may_end_inside_a_string_of_any_characters() {
    let errors = read_definition("\"\u{a1}", Format::Json).unwrap_err();
    assert_eq!(errors[0].span, crate::span::Span::new(1, 1));
}

proptest! {
    #[test]
    fn every_text_is_a_definition_or_has_errors_with_places_in_it(text in pieces()) {
        for format in [Format::Toml, Format::Yaml, Format::Json] {
            if let Err(errors) = read_definition(&text, format) {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len(), "{error:?}");
                    prop_assert!(text.get(error.span.start..error.span.end).is_some(), "{error:?} splits a character");
                }
            }
        }
    }
}
