//! Language 9: initializers.

use crate::project::{ADD, Project, connect, context, function, json_of};
use crate::table::Table;
use flowcore::manifest::FlowManifest;

/// The initializers of a function's inputs: `f` before those of a flow.
fn starts(manifest: &FlowManifest, ending: &str) -> String {
    let id = function(manifest, ending).process_id.to_string();
    let json = json_of(manifest);
    let inputs = json["functions"][&id]["inputs"].as_array().unwrap().clone();
    let start = |input: &serde_json::Value| {
        let of = |key: &str, mark: &str| input.get(key).map(|value| format!("{mark}{value}"));
        let all: Vec<String> = of("initializer", "").into_iter().chain(of("flow_initializer", "f")).collect();
        if all.is_empty() { "-".to_owned() } else { all.join("+") }
    };
    inputs.iter().map(start).collect::<Vec<_>>().join(" ")
}

fn started(project: &Project, ending: &str) -> String {
    let outcome = project.compile();
    outcome.manifest.as_ref().map_or_else(|| outcome.verdict(), |manifest| starts(manifest, ending))
}

const PRINTS: &str = "[[process]]\nsource = \"context://stdio/stderr\"\ninput.default = {once = 0}\n";

#[test]
fn section_9_2_matching_names() {
    let mut table = Table::default();
    let matched = |inputs: &str, initializers: &str| {
        let root = format!("{PRINTS}[[process]]\nsource = \"f\"\n{initializers}{}", connect("f", "stderr"));
        started(
            &Project::new(&root).function("f", &format!("input = [{inputs}]\noutput = [{{}}]\n")),
            "f.wasm",
        )
    };
    let (named, unnamed) = (r#"{name = "a"}, {name = "b"}"#, r#"{}, {name = "b"}"#);
    let rows = [
        ("by name", named, "input.a.once = 1\ninput.b.once = 2\n", r#"{"once":1} {"once":2}"#),
        (
            "default is the first, named",
            named,
            "input.default.once = 1\ninput.b.once = 2\n",
            r#"{"once":1} {"once":2}"#,
        ),
        (
            "default is the first, unnamed",
            unnamed,
            "input.default.once = 1\ninput.b.once = 2\n",
            r#"{"once":1} {"once":2}"#,
        ),
        (
            "an empty key is the unnamed one",
            unnamed,
            "input.\"\".once = 1\ninput.b.once = 2\n",
            r#"{"once":1} {"once":2}"#,
        ),
        (
            "an empty key matches no named one",
            named,
            "input.\"\".once = 1\ninput.a.once = 1\ninput.b.once = 2\n",
            r#"{"once":1} {"once":2}"#,
        ),
        (
            "an input named default, first",
            r#"{name = "default"}, {name = "b"}"#,
            "input.default.once = 1\ninput.b.once = 2\n",
            r#"{"once":1} {"once":2}"#,
        ),
        (
            "an input named default, second",
            r#"{name = "a"}, {name = "default"}"#,
            "input.default.once = 1\n",
            r#"{"once":1} {"once":1}"#,
        ),
        (
            "default and the first by name",
            named,
            "input.default.once = 1\ninput.a.once = 1\ninput.b.once = 2\n",
            "E024",
        ),
        (
            "default and an empty key",
            unnamed,
            "input.default.once = 1\ninput.\"\".once = 1\ninput.b.once = 2\n",
            "E024",
        ),
        (
            "both of one name",
            r#"{name = "a"}, {name = "a"}"#,
            "input.a.once = 1\n",
            r#"{"once":1} {"once":1}"#,
        ),
        ("a name with a slash", r#"{name = "a/b"}"#, "input.\"a/b\".once = 1\n", r#"{"once":1}"#),
        (
            "a key that matches nothing",
            named,
            "input.c.once = 1\ninput.a.once = 1\ninput.b.once = 1\n",
            r#"{"once":1} {"once":1}"#,
        ),
        (
            "other letter case",
            named,
            "input.A.once = 1\ninput.a.once = 1\ninput.b.once = 1\n",
            r#"{"once":1} {"once":1}"#,
        ),
    ];
    for (label, inputs, initializers, expected) in rows {
        table.row(label, matched(inputs, initializers), expected);
    }
    table.end(13);
}

#[test]
fn section_9_3_checks() {
    let mut table = Table::default();
    let verdict = |input: &str, initializers: &str| {
        let root = format!("{PRINTS}[[process]]\nsource = \"f\"\n{initializers}{}", connect("f", "stderr"));
        Project::new(&root).function("f", &format!("input = [{input}]\noutput = [{{}}]\n"))
    };
    let rows = [
        ("reference and value", "{name = \"a\", value = {once = 1}}", "input.a.once = 1\n", "E024"),
        ("default and value", "{name = \"a\", value = {once = 1}}", "input.default.always = 1\n", "E024"),
        ("value alone", "{name = \"a\", value = {once = 1}}", "", "ok"),
        ("wrong type in the reference", "{name = \"a\", type = \"string\"}", "input.a.once = 1\n", "E025"),
        ("one of the types", "{name = \"a\", type = [\"string\", \"number\"]}", "input.a.once = 1\n", "ok"),
        ("wrong type in the value", "{name = \"a\", type = \"string\", value = {once = 1}}", "", "ok W005"),
        ("null where it is a type", "{name = \"a\", type = \"null\", value = {once = 1}}", "", "ok W005"),
    ];
    for (label, input, initializers, expected) in rows {
        table.verdict(label, &verdict(input, initializers), expected);
    }
    table.end(7);
}

/// `s` is initialized in its input `i` and has its outputs printed by `stdout`.
fn flow(input: &str, value: &str, inside: &str, around: &str) -> Project {
    let root = format!(
        "[[process]]\nsource = \"s\"\ninput.default = {value}\n{}{PRINTS}{around}",
        context("stdio/stdout")
    );
    Project::new(&root)
        .flow("s", &format!("input = [{input}]\noutput = [{{name = \"o\"}}, {{name = \"p\"}}]\n{inside}"))
}

const I: &str = "{name = \"i\"}";

#[test]
fn section_9_4_values_are_narrowed_on_every_hop() {
    let mut table = Table::default();
    let out = connect("s/o", "stdout");
    let rows = [
        ("whole", I, "{once = [1, 2]}", "input/i", out.clone(), r#"f{"once":[1,2]}"#),
        ("first hop", I, "{once = [1, 2]}", "input/i/1", out.clone(), r#"f{"once":2}"#),
        (
            "first hop, deep",
            I,
            "{always = {a = [1, [2, 3]]}}",
            "input/i/a/1/0",
            out.clone(),
            r#"f{"always":2}"#,
        ),
        ("nothing there", I, "{once = [1, 2]}", "input/i/5", out.clone(), r#"f{"once":[1,2]}"#),
        ("nothing there, key", I, "{once = [1, 2]}", "input/i/a", out.clone(), r#"f{"once":[1,2]}"#),
        ("a null that is there", I, "{once = [1, 2]}", "input/i/0", out.clone(), r#"f{"once":1}"#),
        ("second hop", I, "{once = [1, 2]}", "input/i", connect("s/o/1", "stdout"), r#"f{"once":2}"#),
        ("both hops", I, "{once = [[1, 2], [3]]}", "input/i/0", connect("s/o/1", "stdout"), r#"f{"once":2}"#),
        (
            "first misses, second hits",
            I,
            "{once = [[1, 2], [3]]}",
            "input/i/9",
            connect("s/o/1", "stdout"),
            r#"f{"once":[3]}"#,
        ),
        (
            "first hits, second misses",
            I,
            "{once = [[1, 2], [3]]}",
            "input/i/1",
            connect("s/o/1", "stdout"),
            r#"f{"once":[3]}"#,
        ),
        (
            "an element of the unnamed input",
            "{}",
            "{once = [1, 2]}",
            "input/1",
            out.clone(),
            r#"f{"once":2}"#,
        ),
        ("a part of the unnamed input", "{}", "{once = {a = 1}}", "input//a", out.clone(), r#"f{"once":1}"#),
    ];
    for (label, input, value, from, around, expected) in rows {
        table.row(
            label,
            started(&flow(input, value, &connect(from, "output/o"), &around), "stdout"),
            expected,
        );
    }
    let value =
        "[[process]]\nsource = \"v\"\n".to_owned() + &context("stdio/stdout") + &connect("v/o/1", "stdout");
    let value = Project::new(&value).flow("v", "output = [{name = \"o\", value = {once = [1, 2]}}]\n");
    table.row("an element of an output's value", started(&value, "stdout"), r#"f{"once":2}"#);
    table.end(13);
}

#[test]
fn section_9_4_where_values_of_flows_go() {
    let mut table = Table::default();
    let row = |table: &mut Table, label: &str, project: Project, expected: &str| {
        table.row(label, started(&project, "stdout"), expected);
    };
    let out = connect("s/o", "stdout");
    let both = connect("input/i", "output/o") + &connect("input/i", "output/p");
    row(
        &mut table,
        "one value by two paths",
        flow(I, "{once = 1}", &both, &(out.clone() + &connect("s/p", "stdout"))),
        "E028",
    );
    let twice = connect("input/i", "output/o") + &connect("input/i", "output/o");
    row(&mut table, "one value by one path twice", flow(I, "{once = 1}", &twice, &out), "E028");
    let initialized = flow(I, "{once = 1}", &connect("input/i", "output/o"), &out);
    let with_output = initialized.flow(
        "s",
        &("input = [{name = \"i\"}]\noutput = [{name = \"o\", value = {once = 2}}]\n".to_owned()
            + &connect("input/i", "output/o")),
    );
    row(&mut table, "an input's and an output's", with_output, "E028");
    let alone = flow(I, "{once = 1}", "", &out)
        .flow("s", "input = [{name = \"i\"}]\noutput = [{name = \"o\", value = {once = 2}}]\n");
    row(&mut table, "an output's alone", alone, r#"f{"once":2}"#);
    let typed = flow(
        I,
        "{once = 'a'}",
        &(format!("{ADD}input.i2 = {{once = 1}}\n")
            + &connect("input/i", "add/i1")
            + &connect("add", "output/o")),
        &out,
    );
    row(&mut table, "a value of a wrong type at its end", typed, "E029");
    let narrowed = flow(
        I,
        "{once = ['a', 1]}",
        &(format!("{ADD}input.i2 = {{once = 1}}\n")
            + &connect("input/i/1", "add/i1")
            + &connect("add", "output/o")),
        &out,
    );
    row(&mut table, "a part of a right type at its end", narrowed, "-");
    let inner = "[[process]]\nsource = \"t\"\ninput.j = {once = 2}\n".to_owned() + &connect("input/i", "t/j");
    let nested = flow(I, "{once = 1}", &inner, "").flow(
        "t",
        &("input = [{name = \"j\"}]\n".to_owned() + &context("stdio/stdout") + &connect("input/j", "stdout")),
    );
    let nested = nested.file(
        "root.toml",
        &format!("flow = \"root\"\n[[process]]\nsource = \"s\"\ninput.i = {{once = 1}}\n{PRINTS}"),
    );
    row(&mut table, "two flows around one function", nested, "E028");
    table.end(7);
}

#[test]
fn section_9_5_interaction_with_connections() {
    let mut table = Table::default();
    let function_level = |kind: &str| {
        let root = context("args/get")
            + &context("stdio/stdout")
            + &format!("input.default = {{{kind} = 1}}\n")
            + &connect("get/json", "stdout");
        Project::new(&root)
    };
    let flow_level = |kind: &str| {
        let root = context("args/get")
            + &format!("[[process]]\nsource = \"s\"\ninput.i = {{{kind} = 1}}\n")
            + &connect("get/json", "s/i");
        Project::new(&root).flow(
            "s",
            &("input = [{name = \"i\"}]\n".to_owned()
                + &context("stdio/stdout")
                + &connect("input/i", "stdout")),
        )
    };
    table.verdict("function-level once", &function_level("once"), "ok");
    table.verdict("function-level always", &function_level("always"), "E031");
    table.verdict("flow-level once", &flow_level("once"), "ok");
    table.verdict("flow-level always", &flow_level("always"), "ok");
    let looped = format!("{ADD}input.i1 = {{always = 1}}\ninput.i2 = {{once = 1}}\n{PRINTS}")
        + &connect("add", "add/i1");
    table.verdict("function-level always and a loop", &Project::new(&looped), "E031");
    table.row(
        "both levels",
        started(
            &flow_level("once").flow(
                "s",
                &("input = [{name = \"i\"}]\n".to_owned()
                    + &context("stdio/stdout")
                    + "input.default = {once = 2}\n"
                    + &connect("input/i", "stdout")),
            ),
            "stdout",
        ),
        r#"{"once":2}+f{"once":1}"#,
    );
    table.end(6);
}
