//! Language 4: the keys of definitions.

use crate::project::{Project, connect, context, function, json_of};
use crate::table::Table;
use flowcore::Initializer;

/// A root flow that prints, and this in addition.
fn flow(more: &str) -> Project {
    Project::new(&format!("{}input.default = {{once = 1}}\n{more}", context("stdio/stdout")))
}

/// A root flow that uses this definition.
fn using(definition: &str) -> Project {
    flow("[[process]]\nsource = \"p\"\n").file("p.toml", definition).file("s", "").file("s.wasm", "")
}

#[test]
fn section_4_1_the_top_key_tells_flows_from_functions() {
    let mut table = Table::default();
    let rows = [
        ("flow", "flow = 'p'\n", "ok"),
        (
            "function and source",
            "function = 'p'\nsource = 's'\ninput = [{value = {once = 1}}]\noutput = [{}]\n",
            "ok",
        ),
        ("function without source", "function = 'p'\ninput = [{}]\n", "E007"),
        ("flow with source", "flow = 'p'\nsource = 's'\n", "E006"),
        ("function with processes", "function = 'p'\nsource = 's'\ninput = [{}]\nprocess = []\n", "E006"),
        ("both", "flow = 'p'\nfunction = 'p'\n", "E010"),
        ("neither", "input = [{}]\n", "E010"),
    ];
    for (label, definition, expected) in rows {
        table.verdict(label, &using(definition), expected);
    }
    table.end(7);
}

#[test]
fn section_4_2_keys_of_a_flow() {
    let mut table = Table::default();
    let rows = [
        ("flow: empty", "flow = ''\n", "ok"),
        ("flow: numeric", "flow = '12'\n", "ok W012"),
        ("flow: with spaces", "flow = 'context with IO'\n", "ok"),
        (
            "input, output, process, connection: empty lists",
            "flow = 'p'\ninput = []\noutput = []\nprocess = []\nconnection = []\n",
            "ok",
        ),
        (
            "connection: refers to a later process",
            "flow = 'p'\nconnection = [{from = 'get/json', to = 'stdout'}]\nprocess = [{source = 'context://args/get'}, {source = 'context://stdio/stdout'}]\n",
            "ok",
        ),
        ("metadata", "flow = 'p'\nmetadata = {name = 'n'}\n", "ok"),
        ("docs: never looked for", "flow = 'p'\ndocs = 'nowhere.md'\n", "ok"),
        ("description", "flow = 'p'\ndescription = 'd'\n", "ok"),
        ("version at the top", "flow = 'p'\nversion = '1'\n", "E006"),
        ("authors at the top", "flow = 'p'\nauthors = ['a']\n", "E006"),
        ("name at the top", "name = 'p'\n", "E010"),
        ("name beside flow", "flow = 'p'\nname = 'p'\n", "E006"),
    ];
    for (label, definition, expected) in rows {
        table.verdict(label, &using(definition), expected);
    }
    table.end(12);
}

#[test]
fn section_4_3_keys_of_a_function() {
    let io = "input = [{value = {once = 1}}]\noutput = [{}]\n";
    let mut table = Table::default();
    let rows = [
        ("function: numeric", format!("function = '12'\nsource = 's'\n{io}"), "E013"),
        ("function: numeric with sign", format!("function = '+1'\nsource = 's'\n{io}"), "E013"),
        ("function: numeric with zeros", format!("function = '007'\nsource = 's'\n{io}"), "E013"),
        ("function: negative", format!("function = '-1'\nsource = 's'\n{io}"), "ok"),
        ("function: empty", format!("function = ''\nsource = 's'\n{io}"), "ok"),
        ("function: not the file's name", format!("function = 'other'\nsource = 's'\n{io}"), "ok"),
        ("impure: not by context://", format!("function = 'p'\nsource = 's'\nimpure = true\n{io}"), "E016"),
        ("impure: false", format!("function = 'p'\nsource = 's'\nimpure = false\n{io}"), "ok"),
        ("type: rust", format!("function = 'p'\nsource = 's'\ntype = 'rust'\n{io}"), "ok"),
        ("docs: not looked for", format!("function = 'p'\nsource = 's'\ndocs = 'no.md'\n{io}"), "ok"),
        ("description", format!("function = 'p'\nsource = 's'\ndescription = 'd'\n{io}"), "ok"),
        ("neither inputs nor outputs", "function = 'p'\nsource = 's'\n".to_owned(), "E015"),
        (
            "empty inputs and outputs",
            "function = 'p'\nsource = 's'\ninput = []\noutput = []\n".to_owned(),
            "E015",
        ),
        (
            "inputs only",
            "function = 'p'\nsource = 's'\ninput = [{value = {once = 1}}]\n".to_owned(),
            "ok W013",
        ),
        ("outputs only", "function = 'p'\nsource = 's'\noutput = [{}]\n".to_owned(), "ok W013"),
    ];
    for (label, definition, expected) in rows {
        table.verdict(label, &using(&definition), expected);
    }
    table.end(15);
}

#[test]
fn section_4_3_context_functions_may_be_pure_and_need_no_source_file() {
    let project = Project::new(&(context("my/out") + &context("my/pure") + &connect("pure", "out")))
        .file("c/my/out.toml", "function = \"out\"\nsource = \"nowhere\"\nimpure = true\n[[input]]\n")
        .file("c/my/pure.toml", "function = \"pure\"\nsource = \"nowhere\"\n[[output]]\n");
    assert_eq!(project.execute(&["-c", "-C", "c"]), (0, String::new()));
}

#[test]
fn section_4_4_keys_of_inputs_and_outputs() {
    let mut table = Table::default();
    let input = |input: &str| format!("function = 'p'\nsource = 's'\noutput = [{{}}]\ninput = [{input}]\n");
    let rows = [
        ("name: numeric", input("{name = '5', value = {once = 1}}"), "ok W012"),
        ("name: with a slash", input("{name = 'a/b', value = {once = 1}}"), "ok"),
        ("type: a string", input("{type = 'number', value = {once = 1}}"), "ok"),
        ("type: a list", input("{type = ['number', 'string'], value = {once = 1}}"), "ok"),
        ("type: an empty list", input("{type = []}"), "E011"),
        ("type: unknown", input("{type = 'int'}"), "E011"),
        ("value: of another type", input("{type = 'string', value = {once = 1}}"), "ok W005"),
        (
            "value: of a function's output",
            "function = 'p'\nsource = 's'\ninput = [{value = {once = 1}}]\noutput = [{value = {once = 1}}]\n"
                .to_owned(),
            "ok W020",
        ),
        ("value: bare", input("{value = 5}"), "E012"),
        ("several of one name", input("{value = {once = 1}}, {value = {once = 1}}"), "ok W003"),
        (
            "an unnamed one beside a named one",
            input("{value = {once = 1}}, {name = 'a', value = {once = 1}}"),
            "ok",
        ),
    ];
    for (label, definition, expected) in rows {
        table.verdict(label, &using(&definition), expected);
    }
    table.end(11);
}

#[test]
fn section_4_4_a_value_works_on_flow_inputs_flow_outputs_and_function_inputs() {
    let project = Project::new(
        &("[[process]]\nsource = \"sub\"\n".to_owned()
            + &context("stdio/stderr")
            + "[[process]]\nsource = \"f\"\n"
            + &connect("sub/o", "stderr")
            + &connect("f", "stderr")),
    )
    .flow(
        "sub",
        &("[[input]]\nname = \"i\"\nvalue = {once = 1}\n[[output]]\nname = \"o\"\nvalue = {always = 2}\n"
            .to_owned()
            + &context("stdio/stdout")
            + &connect("input/i", "stdout")),
    )
    .function("f", "input = [{value = {once = 3}}]\noutput = [{value = {once = 4711}}]\n");
    let manifest = project.manifest();
    assert_eq!(function(&manifest, "stdout").inputs[0].flow_initializer, Some(Initializer::Once(1.into())));
    assert_eq!(function(&manifest, "stderr").inputs[0].flow_initializer, Some(Initializer::Always(2.into())));
    assert_eq!(function(&manifest, "f.wasm").inputs[0].initializer, Some(Initializer::Once(3.into())));
    assert!(!json_of(&manifest).to_string().contains("4711"), "a value of a function's output is ignored");
}

#[test]
fn section_4_5_keys_of_a_process_reference() {
    let sub = "flow = 'sub'\n";
    let process =
        |keys: &str| flow(&format!("[[process]]\n{keys}")).file("sub.toml", sub).file("c/my/f.toml", sub);
    let mut table = Table::default();
    let rows = [
        ("source: missing", "alias = 'a'\n", "E007"),
        ("source: empty is the flow itself", "source = ''\n", "E018"),
        ("alias: absent", "source = 'sub'\n", "ok"),
        ("alias: empty", "source = 'sub'\nalias = ''\n", "ok"),
        ("alias: any text", "source = 'sub'\nalias = 'two words'\n", "ok"),
        ("alias: input", "source = 'sub'\nalias = 'input'\n", "ok W012"),
        ("alias: output", "source = 'sub'\nalias = 'output'\n", "ok W012"),
        ("alias: with a slash", "source = 'sub'\nalias = 'a/b'\n", "ok W012"),
        ("alias: numeric", "source = 'sub'\nalias = '12'\n", "ok W012"),
        ("alias: of a context function", "source = 'context://stdio/stderr'\nalias = 'x'\n", "E017"),
        (
            "alias: of a context function, its name",
            "source = 'context://stdio/stderr'\nalias = 'stderr'\n",
            "E017",
        ),
        ("alias: of a context function, empty", "source = 'context://args/get'\nalias = ''\n", "ok"),
        (
            "alias: the same twice",
            "source = 'sub'\nalias = 'a'\n[[process]]\nsource = 'sub'\nalias = 'a'\n",
            "ok W001",
        ),
        ("input: no table", "source = 'sub'\ninput = []\n", "E008"),
        ("x, y, width, height: integers", "source = 'sub'\nx = 1\ny = -2\nwidth = 3\nheight = 4\n", "ok"),
        (
            "x, y, width, height: floats",
            "source = 'sub'\nx = 1.5\ny = -2e3\nwidth = inf\nheight = nan\n",
            "ok",
        ),
    ];
    for (label, keys, expected) in rows {
        table.verdict(label, &process(keys), expected);
    }
    table.end(16);
}

#[test]
fn section_4_5_flows_of_the_runner_may_have_an_alias() {
    let project = Project::new("[[process]]\nsource = \"context://my/flow\"\nalias = \"mine\"\n")
        .file(
            "c/my/flow.toml",
            "flow = \"flow\"\n[[process]]\nsource = \"context://my/out\"\ninput.default = {once = 1}\n",
        )
        .file("c/my/out.toml", "function = \"out\"\nsource = \"s\"\nimpure = true\n[[input]]\n");
    assert_eq!(project.execute(&["-c", "-C", "c"]), (0, String::new()));
}

#[test]
fn section_4_6_forms_of_an_initializer() {
    let mut table = Table::default();
    let rows = [
        ("once", "{once = 1}", "ok"),
        ("always", "{always = 1}", "ok"),
        ("two keys", "{once = 1, always = 1}", "E012"),
        ("no key", "{}", "E012"),
        ("another key", "{constant = 1}", "E012"),
        ("another case", "{Once = 1}", "E012"),
        ("bare", "1", "E012"),
        ("a list", "[1]", "E012"),
    ];
    for (label, text, expected) in rows {
        table.verdict(
            label,
            &Project::new(&format!("{}input.default = {text}\n", context("stdio/stdout"))),
            expected,
        );
    }
    table.end(8);
}

#[test]
fn section_4_6_spellings_of_an_initializer_mean_the_same() {
    let head = "flow = \"root\"\n[[process]]\nsource = \"context://stdio/stdout\"\n";
    let spellings = [
        "input.default = { once = 5 }\n",
        "input.default.once = 5\n",
        "input = { default = { once = 5 } }\n",
        "[process.input.default]\nonce = 5\n",
        "[process.input]\ndefault.once = 5\n",
    ];
    let first = Project::new(&format!("{head}{}", spellings[0])).manifest();
    assert_eq!(function(&first, "stdout").inputs[0].initializer, Some(Initializer::Once(5.into())));
    for spelling in spellings {
        assert_eq!(Project::new(&format!("{head}{spelling}")).manifest(), first, "{spelling}");
    }
}

#[test]
fn section_4_7_keys_of_a_connection() {
    let mut table = Table::default();
    let rows = [
        ("from: missing", "to = 'stdout'\n", "E007"),
        ("to: missing", "from = 'get/json'\n", "E007"),
        ("from: a list", "from = ['get/json']\nto = 'stdout'\n", "E008"),
        ("to: a list of one", "from = 'get/json'\nto = ['stdout']\n", "ok"),
        ("to: a list of two", "from = 'get/json'\nto = ['stdout', 'stdout']\n", "ok"),
        ("to: an empty list", "from = 'get/json'\nto = []\n", "ok"),
        ("name", "from = 'get/json'\nto = 'stdout'\nname = 'any name'\n", "ok"),
        ("name: numeric", "from = 'get/json'\nto = 'stdout'\nname = '12'\n", "E013"),
        ("name: negative", "from = 'get/json'\nto = 'stdout'\nname = '-12'\n", "ok"),
        ("priority", "from = 'get/json'\nto = 'stdout'\npriority = 1\n", "E006"),
        ("source, not from", "source = 'get/json'\nto = 'stdout'\n", "E006 E007"),
    ];
    for (label, keys, expected) in rows {
        table.verdict(label, &flow(&format!("{}[[connection]]\n{keys}", context("args/get"))), expected);
    }
    table.end(11);
}

#[test]
fn section_4_8_metadata_is_copied_and_nothing_is_added() {
    let mut table = Table::default();
    let rows = [
        ("none", "", r#"{"authors":[],"description":"","name":"","version":""}"#),
        ("empty", "[metadata]\n", r#"{"authors":[],"description":"","name":"","version":""}"#),
        (
            "all",
            "[metadata]\nname = 'n'\nversion = 'v'\ndescription = 'd'\nauthors = ['a', 'b']\nother = 1\n",
            r#"{"authors":["a","b"],"description":"d","name":"n","version":"v"}"#,
        ),
    ];
    for (label, text, expected) in rows {
        table.row(label, json_of(&flow(text).manifest())["metadata"].to_string(), expected);
    }
    let sub = flow("[[process]]\nsource = \"sub\"\n").flow("sub", "[metadata]\nname = 'sub'\n");
    table.row("only the root's", json_of(&sub.manifest())["metadata"]["name"].to_string(), "\"\"");
    table.end(4);
}
