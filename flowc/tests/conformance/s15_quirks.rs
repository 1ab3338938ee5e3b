//! Language 15: the known quirks, and what is accepted but was probably not meant.

use crate::project::{ADD, Project, arrivals, connect, context, function, pointers};
use crate::table::Table;
use flowc::diagnostics::Code::*;

/// A root flow that prints what a provided function gives.
fn with_function(definition: &str, connection: &str) -> Project {
    let root = "[[process]]\nsource = \"f\"\n".to_owned() + &context("stdio/stdout") + connection;
    let definition = format!("function = \"f\"\nsource = \"f.rs\"\n{definition}");
    Project::new(&root).file("f.toml", &definition).file("f.rs", "").file("f.wasm", "")
}

#[test]
fn names_of_inputs_and_outputs_should_be_unique_and_no_indexes() {
    let f =
        "input = [{value = {once = 1}}, {value = {once = 1}}]\noutput = [{name = \"o\"}, {name = \"7\"}]\n";
    assert_eq!(with_function(f, &connect("f/o", "stdout")).codes(), [W003, W012]);
}

#[test]
fn types_should_make_sense_and_values_fit_them() {
    let f = "input = [{type = \"number/string\", value = {once = [\"a\"]}}]\noutput = [{}]\n";
    assert_eq!(with_function(f, &connect("f", "stdout")).codes(), [W009, W005]);
}

#[test]
fn arrays_should_not_be_mixed() {
    let f = "input = [{type = \"array/number\", value = {once = [1, \"a\"]}}]\noutput = [{}]\n";
    assert_eq!(with_function(f, &connect("f", "stdout")).codes(), [W006]);
}

#[test]
fn pure_functions_should_have_inputs_and_outputs() {
    assert_eq!(with_function("output = [{}]\n", &connect("f", "stdout")).codes(), [W013]);
}

#[test]
fn processes_should_have_names_that_connections_can_use() {
    let process = |alias: &str| format!("[[process]]\nalias = \"{alias}\"\nsource = \"sub\"\n");
    let root = context("stdio/stdout")
        + "input.default = {once = 1}\n"
        + &process("input")
        + &process("a/b")
        + &process("12");
    assert_eq!(Project::new(&root).file("sub.toml", "flow = \"sub\"\n").codes(), [W012, W012, W012]);
}

#[test]
fn inputs_and_outputs_of_flows_should_be_used() {
    let sub = "flow = \"sub\"\ninput = [{name = \"a\"}, {name = \"ab\"}]\noutput = [{name = \"o\"}]\n"
        .to_owned()
        + &context("stdio/stdout")
        + &connect("input/ab/0", "stdout");
    let root = "[[process]]\nsource = \"sub\"\ninput.ab = {once = [1]}\n";
    assert_eq!(Project::new(root).file("sub.toml", &sub).codes(), [W014, W017]);
}

#[test]
fn a_part_of_an_output_may_be_found_through_the_type_of_an_input() {
    let f = "input = [{name = \"x\", type = \"array/number\", value = {once = [1]}}]\n\
             output = [{name = \"x\", type = \"number\"}]\n";
    let project = with_function(f, &connect("f/x/0", "stdout"));
    assert_eq!(project.codes(), [W011]);
    assert_eq!(pointers(function(&project.manifest(), "f.wasm")), ["/x/0"]);
}

#[test]
fn the_type_of_a_whole_input_counts_for_its_parts() {
    let sub = |data_type: &str| {
        let io = format!("flow = \"sub\"\n[[input]]\nname = \"p\"\ntype = \"{data_type}\"\n");
        io + ADD
            + "input.i2 = {once = 1}\n"
            + &context("stdio/stdout")
            + &connect("input/p/0/1", "add/i1")
            + &connect("add", "stdout")
    };
    let root = context("args/get") + "[[process]]\nsource = \"sub\"\n" + &connect("get/json", "sub/p");
    let outcome = Project::new(&root).file("sub.toml", &sub("array/array/array/number")).compile();
    assert_eq!(outcome.codes(), [E023]);
    assert!(outcome.report.diagnostics()[0].help.as_ref().unwrap().contains("without a type"));
    assert!(Project::new(&root).file("sub.toml", &sub("")).compile().is_ok);
}

#[test]
fn definitions_of_libraries_are_not_criticized() {
    let root = "[[process]]\nsource = \"lib://flowstdlib/math/range\"\ninput.range = {once = [1, 3]}\n"
        .to_owned()
        + &context("stdio/stdout")
        + &connect("range/number", "stdout");
    assert_eq!(Project::new(&root).codes(), []);
}

const PRINTS: &str = "[[process]]\nsource = \"context://stdio/stdout\"\ninput.default = {once = 1}\n";
const SUB: &str = "[[process]]\nsource = \"sub\"\n";

/// A root that gives what `get` reads to `sub` (its inputs are named) and prints what comes out (`stdout` the named
/// output).
fn around(inputs: &[&str], output: &str, sub: &str) -> Project {
    let feeds: String =
        inputs.iter().enumerate().map(|(part, input)| connect(&format!("get/json/{part}"), input)).collect();
    let root = context("args/get") + SUB + PRINTS + &feeds + &connect(output, "stdout");
    Project::new(&root).with_symbols().flow("sub", sub)
}

fn arrive(project: &Project, at: &str) -> String {
    let outcome = project.compile();
    outcome.manifest.as_ref().map_or_else(|| outcome.verdict(), |manifest| arrivals(manifest, at))
}

#[test]
fn q01_to_q04_boundaries_are_places_and_not_routes() {
    let mut table = Table::default();
    let stdin = context("stdio/stdin");
    let q1 = "output = [{name = \"stdin\"}]\n".to_owned() + &stdin + &connect("stdin/string", "output/stdin");
    table.row(
        "Q1 output named like the process that feeds it",
        arrive(&around(&[], "sub/stdin", &q1), "stdout"),
        "stdin/string",
    );
    let q1 = "input = [{name = \"join\"}]\noutput = [{name = \"join\"}]\n[[process]]\nsource = \"lib://flowstdlib/control/join\"\ninput.control = {once = 1}\n".to_owned()
        + &connect("input/join", "join/data") + &connect("join", "output/join");
    table.row(
        "Q1 input, process and output of one name",
        arrive(&around(&["sub/join"], "sub/join", &q1), "stdout"),
        "join",
    );
    let q2 = "output = [{}]\n".to_owned() + &stdin + &connect("stdin/string", "output/");
    table.row("Q2 unnamed output fed inside", arrive(&around(&[], "sub", &q2), "stdout"), "stdin/string");
    let q3 = "input = [{}, {name = \"b\"}]\noutput = [{name = \"o\"}]\n".to_owned()
        + &context("stdio/stderr")
        + &connect("input/", "output/o")
        + &connect("input/b", "stderr");
    let project = around(&["sub", "sub/b"], "sub/o", &q3);
    table.row("Q3 unnamed input", arrive(&project, "stdout"), "get/json/0");
    table.row("Q3 named input beside it", arrive(&project, "stderr"), "get/json/1");
    table.verdict("Q3 warning", &project, "ok W004");
    let inner =
        "input = [{name = \"i\"}]\n".to_owned() + &context("stdio/stderr") + &connect("input/i", "stderr");
    let q4 = "output = [{name = \"inner\"}]\n[[process]]\nsource = \"inner\"\n".to_owned()
        + &stdin
        + &connect("stdin/string", "output/inner")
        + &connect("stdin/json", "inner/i");
    let project = around(&[], "sub/inner", &q4).flow("inner", &inner);
    table.row("Q4 output named like a flow inside", arrive(&project, "stdout"), "stdin/string");
    table.row("Q4 the flow inside", arrive(&project, "stderr"), "stdin/json");
    table.end(8);
}

#[test]
fn q05_several_inputs_or_outputs_of_one_name_are_one_place() {
    let mut table = Table::default();
    let two = |name: &str| {
        format!("{{name = \"{name}\", type = \"number\"}}, {{name = \"{name}\", type = \"array/\"}}")
    };
    let outputs =
        format!("output = [{}]\n{}{}", two("o"), context("stdio/stdin"), connect("stdin/json", "output/o"));
    table.row("an element of an output", arrive(&around(&[], "sub/o/0", &outputs), "stdout"), "stdin/json/0");
    let inputs =
        format!("input = [{}]\noutput = [{{name = \"o\"}}]\n{}", two(""), connect("input/0", "output/o"));
    table.row(
        "an element of an input",
        arrive(&around(&["sub"], "sub/o", &inputs), "stdout"),
        "get/json/0/0",
    );
    table.end(2);
}

#[test]
fn q05_to_q12_initializers_and_names() {
    let mut table = Table::default();
    let f = |inputs: &str, root: &str| {
        with_function(
            &format!("input = [{inputs}]\noutput = [{{}}]\n"),
            &format!("{root}{}", connect("f", "stdout")),
        )
    };
    table.verdict(
        "Q5 duplicate inputs",
        &f("{name = \"a\", value = {once = 1}}, {name = \"a\", value = {once = 1}}", ""),
        "ok W003",
    );
    let duplicates = context("args/get") + &connect("get/json", "f/a");
    let project = f("{name = \"a\", type = \"array/\"}, {name = \"a\", type = \"null\"}", &duplicates);
    let manifest = project.manifest();
    table.row(
        "Q5 data goes to the last and is typed by the first",
        function(&manifest, "get").output_connections[0].destination_io_number.to_string(),
        "1",
    );
    let two = PRINTS.to_owned() + SUB + "[[process]]\nsource = \"sub\"\n";
    table.verdict("Q6 duplicate alias", &Project::new(&two).flow("sub", ""), "ok W001");
    table.verdict(
        "Q7 initializer for no input",
        &Project::new(&format!("{PRINTS}{SUB}input.x = {{once = 1}}\n"))
            .flow("sub", "input = [{name = \"y\"}]\n"),
        "ok W014 W002",
    );
    let object = Project::new("[[process]]\nsource = \"f\"\ninput.default = {once = {a = 1}}\n[[process]]\nsource = \"context://stdio/stdout\"\n[[connection]]\nfrom = \"f\"\nto = \"stdout\"\n").function("f", "input = [{type = \"object\"}]\noutput = [{}]\n");
    table.verdict("Q8 an object for an object", &object, "ok");
    table.verdict(
        "Q9 mixed array",
        &f("{type = \"array/number\", value = {once = [1, \"a\"]}}", ""),
        "ok W006",
    );
    table.verdict(
        "Q10 value of another type",
        &f("{type = \"number\", value = {once = \"a\"}}", ""),
        "ok W005",
    );
    let narrowed = Project::new(&format!(
        "{SUB}input.i = {{once = [1, 2]}}\n{}{}",
        context("stdio/stdout"),
        connect("sub/o/9", "stdout")
    ))
    .flow(
        "sub",
        &("input = [{name = \"i\"}]\noutput = [{name = \"o\"}]\n".to_owned()
            + &connect("input/i", "output/o")),
    );
    table.verdict("Q11 a step that finds nothing", &narrowed, "ok W007");
    let copy = Project::new(&format!(
        "[[process]]\nsource = \"f\"\n{}{}",
        context("stdio/stdout"),
        connect("f/a/0", "stdout")
    ))
    .function("f", "input = [{name = \"a\", value = {once = [1]}}]\noutput = [{}]\n");
    table.verdict("Q12 part of a copy", &copy, "ok W008");
    table.end(9);
}

#[test]
fn q13_to_q19_types_and_selectors() {
    let mut table = Table::default();
    let from = |output: &str, from: &str, to: &str| {
        let root = "[[process]]\nsource = \"f\"\n[[process]]\nsource = \"to\"\n".to_owned()
            + &connect(from, "to")
            + &connect("to", "stdout")
            + &context("stdio/stdout");
        Project::new(&root)
            .with_symbols()
            .function(
                "f",
                &format!(
                    "input = [{{value = {{once = 1}}}}]\noutput = [{{name = \"o\", type = {output}}}]\n"
                ),
            )
            .function("to", &format!("input = [{{type = {to}}}]\noutput = [{{}}]\n"))
    };
    table.row(
        "Q13 nested index",
        arrive(&from("\"array/array/number\"", "f/o/1/2", "\"number\""), "to"),
        "f/o/1/2!",
    );
    table.row("Q13 key", arrive(&from("\"object/number\"", "f/o/key", "\"number\""), "to"), "f/o/key!");
    table.row("Q13 key of a key", arrive(&from("\"\"", "f/o/key/0/k", "\"number\""), "to"), "f/o/key/0/k!");
    table.verdict("Q15 two steps into array/", &from("\"array/\"", "f/o/0/1", "\"string\""), "ok");
    table.verdict("Q15 a key of an object", &from("\"object\"", "f/o/k", "\"string\""), "ok");
    table.verdict("Q16 to a generic leaf", &from("\"array/array/number\"", "f/o", "\"array/array/\""), "ok");
    table.verdict(
        "Q16 from a generic leaf",
        &from("\"array/array/\"", "f/o", "\"array/array/number\""),
        "ok",
    );
    table.verdict("Q17 bare array has no elements", &from("\"array\"", "f/o/0", "\"\""), "E023");
    table.verdict("Q17 bare array and array/number", &from("\"array/number\"", "f/o", "\"array\""), "E023");
    table.verdict("Q18 nonsense type", &from("\"number/string\"", "f/o", "\"\""), "ok W009");
    let first = |to: &str| {
        let manifest = from("\"\"", "f/o", to).manifest();
        let input = &function(&manifest, "to.wasm").inputs[0];
        format!("{} {}", input.array_order, input.generic)
    };
    table.row("Q19 first type alone", first("[\"array/number\", \"\"]"), "1 false");
    table.row("Q19 generic first", first("[\"\", \"array/number\"]"), "0 true");
    table.end(12);
}

#[test]
fn q20_to_q27_structure() {
    let mut table = Table::default();
    table.verdict(
        "Q20 a flow that is its own process",
        &Project::new("[[process]]\nsource = \"\"\n"),
        "E018",
    );
    let pass =
        "input = [{name = \"i\"}]\noutput = [{name = \"o\"}]\n".to_owned() + &connect("input/i", "output/o");
    let circle =
        context("args/get") + PRINTS + SUB + &connect("get/json", "sub/i") + &connect("sub/o", "sub/i");
    table.verdict("Q20 a circle of boundaries", &Project::new(&circle).flow("sub", &pass), "E027");
    table.verdict(
        "Q21 part of a function's input",
        &Project::new(&(context("args/get") + &context("stdio/stdout") + &connect("get/json", "stdout/0"))),
        "E022",
    );
    table.verdict(
        "Q21 part of a flow's input",
        &Project::new(&(context("args/get") + PRINTS + SUB + &connect("get/json", "sub/i/0")))
            .flow("sub", &pass),
        "ok W010",
    );
    let ignored = "output = [{name = \"o\"}]\n".to_owned()
        + &context("stdio/stdin")
        + &connect("stdin/string", "output/o/0/1");
    let project = around(&[], "sub/o", &ignored);
    table.verdict("Q21 steps behind an output of the flow", &project, "ok W010");
    table.row("Q21 they are ignored", arrive(&project, "stdout"), "stdin/string");
    table.verdict(
        "Q22 an alias on a context function",
        &Project::new("[[process]]\nsource = \"context://stdio/stdout\"\nalias = \"o\"\n"),
        "E017",
    );
    table.verdict("Q22 a second reference", &Project::new(&format!("{PRINTS}{PRINTS}")), "ok W001");
    let found = |files: &[&str], source: &str| {
        let mut project = Project::new(&format!("[[process]]\nsource = \"{source}\"\n")).with_symbols();
        for file in files {
            project = project.file(file, &format!("flow = \"{}\"\n{PRINTS}", file.replace('/', "-")));
        }
        let outcome = project.compile();
        outcome
            .manifest
            .as_ref()
            .map_or_else(|| outcome.verdict(), |manifest| function(manifest, "stdout").route.clone())
    };
    let all = ["d.x/root.toml", "d.x/d.toml", "d.x/d.x.toml", "d.toml", "d.x.toml"];
    for (number, file) in all.iter().enumerate() {
        let expected = format!("/root/{}/stdout", file.replace('/', "-"));
        table.row(&format!("Q23 {file} is number {}", number + 1), found(&all[number..], "d.x"), expected);
    }
    table.verdict("Q27 through an input's type", &with_function("input = [{name = \"x\", type = \"array/number\", value = {once = [1]}}]\noutput = [{name = \"x\", type = \"number\"}]\n", &connect("f/x/0", "stdout")), "ok W011");
    table.end(14);
}

#[test]
fn q26_references_in_every_spelling() {
    let mut table = Table::default();
    let location = |source: &str| {
        let root = format!(
            "[[process]]\nsource = \"{source}\"\ninput.i1 = {{once = 1}}\ninput.i2 = {{once = 1}}\n{}{}",
            context("stdio/stdout"),
            connect("add", "stdout")
        );
        let manifest = Project::new(&root).manifest();
        format!("{} {}", manifest.functions[&1].implementation_location, manifest.lib_references.join(" "))
    };
    for spelling in ["", "/", "/add.toml"] {
        let add = "lib://flowstdlib/math/add";
        table.row(spelling, location(&format!("{add}{spelling}")), format!("{add} {add}"));
    }
    for spelling in ["stdout", "stdout/", "stdout.toml"] {
        let root =
            format!("[[process]]\nsource = \"context://stdio/{spelling}\"\ninput.default = {{once = 1}}\n");
        table.row(
            spelling,
            Project::new(&root).manifest().context_references.join(" "),
            "context://stdio/stdout",
        );
    }
    // Two spellings of one function are one reference.
    let root = PRINTS.to_owned()
        + &ADD.replace("math/add", "math/add/")
        + "input.i1 = {once = 1}\ninput.i2 = {once = 1}\n"
        + &format!("{ADD}alias = \"b\"\ninput.i1 = {{once = 1}}\ninput.i2 = {{once = 1}}\n");
    table.row(
        "two spellings",
        Project::new(&root).manifest().lib_references.join(" "),
        "lib://flowstdlib/math/add",
    );
    table.end(7);
}

#[test]
fn q28_to_q44_the_rest() {
    let mut table = Table::default();
    let (status, text) = Project::new(PRINTS).execute(&["-c"]);
    table.row("Q28 no runner is named", format!("{status}{text}"), "0");
    let two = |a: &str, b: &str| {
        let io = "input = [{value = {once = 1}}]\noutput = [{}]\n";
        let root = format!(
            "[[process]]\nsource = \"a/f\"\nalias = \"a\"\n[[process]]\nsource = \"b/f\"\nalias = \"b\"\n{PRINTS}"
        );
        let mut project = Project::new(&root);
        for (directory, source) in [("a", a), ("b", b)] {
            project = project
                .file(
                    &format!("{directory}/f.toml"),
                    &format!("function = \"f\"\nsource = \"{source}\"\n{io}"),
                )
                .file(&format!("{directory}/{source}"), "");
        }
        let manifest = project.manifest();
        let locations =
            manifest.functions.values().filter(|one| one.implementation_location.ends_with(".wasm"));
        let keys: Vec<&str> = manifest.source_urls.keys().map(String::as_str).collect();
        format!(
            "{} [{}]",
            locations.map(|one| one.implementation_location.as_str()).collect::<Vec<_>>().join(" "),
            keys.join(" ")
        )
    };
    table.row("Q29 different sources", two("f.rs", "g.rs"), "f.wasm g.wasm [f.wasm g.wasm]");
    table.row("Q29 equal sources", two("f.rs", "f.rs"), "a/f.wasm b/f.wasm [a/f.wasm b/f.wasm]");
    table.row("Q29 out of the directory", two("../f.rs", "g.rs"), "f.wasm g.wasm [f.wasm g.wasm]");
    table.row(
        "Q29 in a directory of its own",
        two("impl/f.rs", "f.rs"),
        "impl/f.wasm f.wasm [f.wasm impl/f.wasm]",
    );
    let index = |text: &str| {
        let root =
            context("args/get") + &context("stdio/stdout") + &connect(&format!("get/json/{text}"), "stdout");
        arrive(&Project::new(&root).with_symbols(), "stdout")
    };
    table.row("Q30 +1", index("+1"), "get/json/1!");
    table.row("Q30 007", index("007"), "get/json/7!");
    table.row("Q30 +007", index("+007"), "get/json/7!");
    let root = Project::new(&format!("output = [{{name = \"o\", value = {{once = 1}}}}]\n{PRINTS}"));
    let (status, text) = root.execute(&["-c"]);
    table.row(
        "Q31 a root that cannot run",
        format!("{status} {} {}", text.contains("W016"), root.path().join("manifest.json").exists()),
        "0 true false",
    );
    table.verdict(
        "Q32 numeric alias",
        &Project::new(&format!("{PRINTS}{SUB}alias = \"7\"\n")).flow("sub", ""),
        "ok W012",
    );
    table.verdict(
        "Q32 numeric input",
        &Project::new(&format!("{PRINTS}{SUB}")).flow("sub", "input = [{name = \"7\"}]\n"),
        "ok W012 W014",
    );
    let flow_level = context("args/get") + SUB + "input.i = {always = 1}\n" + &connect("get/json", "sub/i");
    table.verdict(
        "Q35 a flow's always and a connection",
        &Project::new(&flow_level).flow(
            "sub",
            &("input = [{name = \"i\"}]\n".to_owned()
                + &context("stdio/stdout")
                + &connect("input/i", "stdout")),
        ),
        "ok",
    );
    table.verdict("Q36 fields by position", &Project::new("connection = [[\"\", \"a\", \"b\"]]\n"), "E008");
    let named = Project::new(&format!("flow = \"named\"\n{PRINTS}")).manifest();
    table.row("Q37 the name in the metadata", &named.metadata.name, "");
    table.verdict(
        "Q38 unknown keys in the metadata",
        &Project::new(&format!("{PRINTS}[metadata]\nx = 1\n")),
        "ok",
    );
    table.verdict(
        "Q39 without inputs",
        &with_function("output = [{}]\n", &connect("f", "stdout")),
        "ok W013",
    );
    let dead = format!("{PRINTS}{ADD}");
    table.verdict("Q40 a dead function without -O", &Project::new(&dead), "E030 E030");
    table.verdict("Q40 a dead function with -O", &Project::new(&dead).optimized(), "ok");
    table.row(
        "Q41 references with -O",
        Project::new(&dead).optimized().manifest().lib_references.len().to_string(),
        "0",
    );
    let date = Project::new(
        "[[process]]\nsource = \"context://stdio/stdout\"\ninput.default = {once = 2001-02-03}\n",
    )
    .manifest();
    table.row(
        "Q42 a date",
        format!("{:?}", function(&date, "stdout").inputs[0].initializer),
        "Some(Once(String(\"2001-02-03\")))",
    );
    let (status, text) = Project::new(&format!("{PRINTS}{PRINTS}")).execute(&["-c"]);
    table.row("Q44 warnings are shown", format!("{status} {}", text.contains("W001")), "0 true");
    let (status, text) = Project::new(&format!("{PRINTS}{PRINTS}")).execute(&["-c", "-v", "off"]);
    table.row("Q44 unless nothing is to be said", format!("{status} {text}"), "0 ");
    table.end(22);
}
