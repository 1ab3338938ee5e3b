//! The same mistake is the same in TOML, YAML and JSON: the same code, at the very character.
//!
//! `<` and `>` with a bar mark the place: `<|from|>` stands for the text without the marks.

use crate::project::Project;
use flowc::diagnostics::{Code, Code::*};

/// A mistake in each of the formats.
struct Case {
    code: Code,
    toml: &'static str,
    yaml: &'static str,
    json: &'static str,
}

const CASES: &[Case] = &[
    Case {
        code: E005,
        toml: "flow = \"f\"\nprocess = [{source = \"a\"}<||>\n",
        yaml: "flow: f\nprocess:\n  - source: \"a\"\n  - source: \"b\"\n <||>bad",
        json: "{\"flow\": \"f\",\n  \"process\": [{\"source\": \"a\"<||>]\n}\n",
    },
    Case {
        code: E006,
        toml: "flow = \"f\"\n[[process]]\nsource = \"é\"\n<|sorce|> = \"a\"\n",
        yaml: "flow: f\nprocess:\n  - source: é\n    <|sorce|>: a\n",
        json: "{\"flow\": \"f\",\n \"process\": [{\"source\": \"é\", <|\"sorce\"|>: \"a\"}]}\n",
    },
    Case {
        code: E007,
        toml: "flow = \"f\"\n[[process]]\n<|alias|> = \"a\"\n",
        yaml: "flow: f\nprocess:\n  - <|alias|>: a\n",
        json: "{\"flow\": \"f\",\n \"process\": [{<|\"alias\"|>: \"a\"}]}\n",
    },
    Case {
        code: E008,
        toml: "flow = \"f\"\n[[connection]]\nfrom = <|17|>\nto = \"b\"\n",
        yaml: "flow: f\nconnection:\n  - from: <|17|>\n    to: b\n",
        json: "{\"flow\": \"f\",\n \"connection\": [{\"from\": <|17|>, \"to\": \"b\"}]}\n",
    },
    Case {
        code: E009,
        toml: "flow = \"f\"\n[[process]]\nsource = \"a\"\n<|source|> = \"b\"\n",
        yaml: "flow: f\nprocess:\n  - source: a\n    <|source|>: b\n",
        json: "{\"flow\": \"f\",\n \"process\": [{\"source\": \"a\",\n    <|\"source\"|>: \"b\"}]}\n",
    },
    Case {
        code: E010,
        toml: "# Nothing yet.\n<|flwo|> = \"f\"\n",
        yaml: "# Nothing yet.\n<|flwo|>: f\n",
        json: "{\n  <|\"flwo\"|>: \"f\"\n}\n",
    },
    Case {
        code: E010,
        toml: "flow = \"f\"\nfunction = <|\"f\"|>\n",
        yaml: "flow: f\nfunction: <|f|>\n",
        json: "{\"flow\": \"f\", \"function\": <|\"f\"|>}\n",
    },
    Case {
        code: E011,
        toml: "flow = \"f\"\n[[input]]\nname = \"ä\"\ntype = [\"string\", <|\"nmber\"|>]\n",
        yaml: "flow: f\ninput:\n  - name: ä\n    type: [string, <|nmber|>]\n",
        json: "{\"flow\": \"f\",\n \"input\": [{\"name\": \"ä\", \"type\": [\"string\", <|\"nmber\"|>]}]}\n",
    },
    Case {
        code: E012,
        toml: "flow = \"f\"\n[[process]]\nsource = \"a\"\ninput.x = <|1|>\n",
        yaml: "flow: f\nprocess:\n  - source: a\n    input:\n      x: <|1|>\n",
        json: "{\"flow\": \"f\",\n \"process\": [{\"source\": \"a\", \"input\": {\"x\": <|1|>}}]}\n",
    },
    Case {
        code: E013,
        toml: "flow = \"f\"\n[[connection]]\nname = <|\"1\"|>\nfrom = \"a\"\nto = \"b\"\n",
        yaml: "flow: f\nconnection:\n  - name: <|\"1\"|>\n    from: a\n    to: b\n",
        json: "{\"flow\": \"f\",\n \"connection\": [{\"name\": <|\"1\"|>, \"from\": \"a\", \"to\": \"b\"}]}\n",
    },
    Case {
        code: E014,
        toml: "flow = \"f\"\n[[connection]]\nfrom = \"a\"\nto = [\"b\", <|\"\"|>]\n",
        yaml: "flow: f\nconnection:\n  - from: a\n    to: [b, <|\"\"|>]\n",
        json: "{\"flow\": \"f\",\n \"connection\": [{\"from\": \"a\", \"to\": [\"b\", <|\"\"|>]}]}\n",
    },
    Case {
        code: E015,
        toml: "source = \"f.rs\"\nfunction = <|\"f\"|>\n",
        yaml: "source: f.rs\nfunction: <|f|>\n",
        json: "{\"source\": \"f.rs\",\n \"function\": <|\"f\"|>}\n",
    },
    Case {
        code: E020,
        toml: "flow = \"f\"\n[[process]]\nsource = \"context://args/get\"\n[[connection]]\nfrom = \"get/json\"\nto = <|\"nöbody\"|>\n",
        yaml: "flow: f\nprocess: [{source: context://args/get}]\nconnection:\n  - from: get/json\n    to: <|nöbody|>\n",
        json: "{\"flow\": \"f\", \"process\": [{\"source\": \"context://args/get\"}],\n \"connection\": [{\"from\": \"get/json\", \"to\": <|\"nöbody\"|>}]}\n",
    },
    Case {
        code: E021,
        toml: "flow = \"f\"\nprocess = [{source = \"context://args/get\"}, {source = \"context://stdio/stdout\"}]\nconnection = [{to = \"stdout\", from = <|\"get/jsn\"|>}]\n",
        yaml: "flow: f\nprocess: [{source: context://args/get}, {source: context://stdio/stdout}]\nconnection: [{to: stdout, from: <|get/jsn|>}]\n",
        json: "{\"flow\": \"f\", \"process\": [{\"source\": \"context://args/get\"}, {\"source\": \"context://stdio/stdout\"}],\n\t\"connection\": [{\"to\": \"stdout\", \"from\": <|\"get/jsn\"|>}]}\n",
    },
    Case {
        code: E022,
        toml: "flow = \"f\"\nprocess = [{source = \"context://stdio/stdout\"}]\nconnection = [{to = \"stdout\", from = <|\"input\"|>}]\n",
        yaml: "flow: f\nprocess: [{source: context://stdio/stdout}]\nconnection: [{to: stdout, from: <|input|>}]\n",
        json: "{\"flow\": \"f\", \"process\": [{\"source\": \"context://stdio/stdout\"}],\n \"connection\": [{\"to\": \"stdout\", \"from\": <|\"input\"|>}]}\n",
    },
    Case {
        code: E023,
        toml: "flow = \"f\"\nprocess = [{source = \"context://args/get\"}, {source = \"lib://flowstdlib/math/add\", input = {i2 = {once = 1}}}]\nconnection = [{from = \"get/string\", to = <|\"add/i1\"|>}]\n",
        yaml: "flow: f\nprocess: [{source: context://args/get}, {source: lib://flowstdlib/math/add, input: {i2: {once: 1}}}]\nconnection: [{from: get/string, to: <|add/i1|>}]\n",
        json: "{\"flow\": \"f\", \"process\": [{\"source\": \"context://args/get\"}, {\"source\": \"lib://flowstdlib/math/add\", \"input\": {\"i2\": {\"once\": 1}}}],\n \"connection\": [{\"from\": \"get/string\", \"to\": <|\"add/i1\"|>}]}\n",
    },
    Case {
        code: E024,
        toml: "flow = \"f\"\nprocess = [{source = \"context://stdio/stdout\", input = {\"\" = {once = 1}, default = <|{once = 2}|>}}]\n",
        yaml: "flow: f\nprocess:\n  - source: context://stdio/stdout\n    input: {\"\": {once: 1}, default: <|{once: 2}|>}\n",
        json: "{\"flow\": \"f\",\n \"process\": [{\"source\": \"context://stdio/stdout\", \"input\": {\"\": {\"once\": 1}, \"default\": <|{\"once\": 2}|>}}]}\n",
    },
    Case {
        code: E025,
        toml: "flow = \"f\"\nprocess = [{source = \"lib://flowstdlib/math/add\", input = {i1 = <|{once = \"é\"}|>, i2 = {once = 1}}}]\n",
        yaml: "flow: f\nprocess:\n  - source: lib://flowstdlib/math/add\n    input: {i1: <|{once: é}|>, i2: {once: 1}}\n",
        json: "{\"flow\": \"f\",\n \"process\": [{\"source\": \"lib://flowstdlib/math/add\", \"input\": {\"i1\": <|{\"once\": \"é\"}|>, \"i2\": {\"once\": 1}}}]}\n",
    },
];

/// The text without marks, and line and column, in characters from 1, of both marks.
fn unmark(marked: &str) -> (String, [(usize, usize); 2]) {
    let (before, rest) = marked.split_once("<|").unwrap();
    let (inside, after) = rest.split_once("|>").unwrap();
    let place = |text: &str| {
        let line = text.rsplit('\n').next().unwrap();
        (text.matches('\n').count() + 1, line.chars().count() + 1)
    };
    (format!("{before}{inside}{after}"), [place(before), place(&format!("{before}{inside}"))])
}

#[test]
fn a_mistake_has_the_same_code_and_its_exact_place_in_every_format() {
    let mut wrong = Vec::new();
    for case in CASES {
        for (extension, marked) in [("toml", case.toml), ("yaml", case.yaml), ("json", case.json)] {
            let (text, expected) = unmark(marked);
            let name = format!("root.{extension}");
            let report = Project::new(&[(&name, &text)]).compile_file(&name);
            let errors = || report.diagnostics().iter().filter(|one| one.code == case.code);
            assert!(errors().next().is_some(), "{extension}\n{text}\n{:#?}", report.diagnostics());
            let places: Vec<_> = errors()
                .map(|error| {
                    let label = error.label.as_ref().unwrap();
                    let (from, to) = report.sources.places(label.source, label.span);
                    [(from.line, from.column), (to.line, to.column)]
                })
                .collect();
            if places != [expected] {
                wrong.push(format!("{} in {extension}: {places:?}, not {expected:?}\n{text}", case.code));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_mistake_that_a_definition_can_have_on_its_own_is_in_the_table() {
    let is_expected = |code: &&Code| {
        let name = code.as_str();
        ("E005"..="E015").contains(&name) || ("E020"..="E025").contains(&name)
    };
    for code in Code::ALL.iter().filter(is_expected) {
        assert!(CASES.iter().any(|case| case.code == *code), "{code}");
    }
}
