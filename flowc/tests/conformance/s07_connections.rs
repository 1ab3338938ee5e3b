//! Language 7: connections inside one flow.

use crate::project::{ADD, Project, arrivals, connect, context};
use crate::table::Table;

/// A sub-flow `s` with one connection, between everything that a connection can start and end at:
///
/// * inputs of the flow: the unnamed one (generic), `NAME` (generic), `rows` (`array/number`), `a/b` (generic)
/// * outputs of the flow: the unnamed one, `NAME`
/// * a function `P`: inputs unnamed (`array/number`), `in`, `NAME`; outputs unnamed (`array/number`), `NAME`
///   (`array/array/number`), `thing` (`object`), `a/b` (generic), `plain` (`number`), `bare` (`array`)
/// * a function `Q` with only named outputs and an unnamed input
/// * a flow `F`: inputs unnamed and `NAME`, outputs unnamed and `NAME`, all passed through
///
/// What it gives out is printed by `stdout` (unnamed) and `stderr` (`NAME`), and so is what ends at `out` inside.
fn bench(from: &str, to: &str) -> Project {
    let root = "[[process]]\nsource = \"s\"\n".to_owned()
        + &context("args/get")
        + &context("stdio/stdout")
        + "input.default = {once = 1}\n"
        + &context("stdio/stderr")
        + "input.default = {once = 1}\n"
        + &["s", "s/NAME", "s/rows", "s/a/b"]
            .iter()
            .enumerate()
            .map(|(part, to)| connect(&format!("get/json/{part}"), to))
            .collect::<String>()
        + &connect("s", "stdout")
        + &connect("s/NAME", "stderr");
    let process = |alias: &str, source: &str, more: &str| {
        format!("[[process]]\nalias = \"{alias}\"\nsource = \"{source}\"\n{more}")
    };
    let started = |names: &[&str]| {
        names.iter().map(|name| format!("input.{name} = {{once = []}}\n")).collect::<String>()
    };
    let s = "input = [{}, {name = \"NAME\"}, {name = \"rows\", type = \"array/number\"}, {name = \"a/b\"}]\n\
             output = [{}, {name = \"NAME\"}]\n"
        .to_owned()
        + &process("P", "P", &started(&["\"\"", "in", "NAME"]))
        + &process("Q", "Q", &started(&["\"\""]))
        + &process("F", "F", "")
        + &process("out", "out", &started(&["\"\""]))
        + &connect(from, to);
    Project::new(&root)
        .with_symbols()
        .flow("s", &s)
        .flow(
            "F",
            &("input = [{}, {name = \"NAME\"}]\noutput = [{}, {name = \"NAME\"}]\n".to_owned()
                + &connect("input/", "output/")
                + &connect("input/NAME", "output/NAME")),
        )
        .function(
            "P",
            "input = [{type = \"array/number\"}, {name = \"in\", type = \"array/number\"}, {name = \"NAME\"}]\n\
             output = [{type = \"array/number\"}, {name = \"NAME\", type = \"array/array/number\"},\n\
             {name = \"thing\", type = \"object\"}, {name = \"a/b\"}, {name = \"plain\", type = \"number\"},\n\
             {name = \"bare\", type = \"array\"}]\n",
        )
        .function("Q", "input = [{type = \"array/number\"}]\noutput = [{name = \"NAME\"}]\n")
        .function("out", "input = [{}]\noutput = [{}]\n")
}

/// What arrives at a function for this connection, or the codes of the errors.
fn found(from: &str, to: &str, at: &str) -> String {
    let outcome = bench(from, to).compile();
    match &outcome.manifest {
        Some(manifest) => arrivals(manifest, at),
        None => outcome.verdict(),
    }
}

#[test]
fn section_7_1_sources() {
    let mut table = Table::default();
    let rows = [
        ("input/NAME", "get/json/1"),
        ("input/NAME/S1", "get/json/1/S1"),
        ("input/NAME/S1/2/S3", "get/json/1/S1/2/S3"),
        ("input/NAME/007", "get/json/1/007"),
        ("input/rows/0", "get/json/2/0"),
        ("input/a/b", "get/json/3"),
        ("input/a/b/c", "get/json/3/c"),
        ("input/a", "E021"),
        ("input/", "get/json/0"),
        ("input//S1", "get/json/0/S1"),
        ("input//S1/2", "get/json/0/S1/2"),
        ("input/4", "get/json/0/4"),
        ("input/007", "get/json/0/7"),
        ("input", "E022"),
        ("input/other", "E021"),
        ("P", "P!"),
        ("P/", "P!"),
        ("Q", "Q<0!"),
        ("Q/", "Q<0!"),
        ("P/NAME", "P/NAME!"),
        ("P/in", "P<1!"),
        ("P/in/0", "P<1!"),
        ("P/NAME/2", "P/NAME/2!"),
        ("P/NAME/007", "P/NAME/7!"),
        ("P/NAME/+2", "P/NAME/2!"),
        ("P/2", "P/2!"),
        ("P/a/b", "P/a/b!"),
        ("P/a/b/3", "P/a/b/3!"),
        ("P/plain/0", "E023"),
        ("P/bare/0", "E023"),
        ("P/other", "E021"),
        // Only an index at the end is understood by published compilers; here any selector is.
        ("P/NAME/2/3", "P/NAME/2/3!"),
        ("P/NAME/002/+3", "P/NAME/2/3!"),
        ("P/thing/key", "P/thing/key!"),
        ("P/thing/key/0/other", "P/thing/key/0/other!"),
        ("P/thing/007", "P/thing/007!"),
        ("P/NAME/2/3/4", "E023"),
        ("P/plain/key", "E023"),
        ("F", ""),
        ("F/NAME/2", ""),
        // Parts of the unnamed output, which is generic.
        ("F/in", ""),
        ("Q/NAME", "Q/NAME!"),
        ("Q/other", "E021"),
        ("output/NAME", "E022"),
        ("output/", "E022"),
        ("output", "E022"),
        ("/P", "E022"),
        ("/", "E022"),
        ("nobody", "E020"),
        ("nobody/NAME", "E020"),
        ("p", "E020"),
    ];
    for (from, expected) in rows {
        table.row(from, found(from, "out", "out"), expected);
    }
    table.end(51);
}

#[test]
fn section_7_1_destinations() {
    let mut table = Table::default();
    let rows = [
        ("output/NAME", "stderr", "out"),
        ("output/NAME/ignored/0", "stderr", "out"),
        ("output/", "stdout", "out"),
        ("output//ignored", "stdout", "out"),
        ("output", "stdout", "E022"),
        ("output/other", "stdout", "E021"),
        ("P", "P", "out!"),
        ("P/", "P", "out!"),
        ("P/in", "P", "out!"),
        ("P/NAME", "P", "out!"),
        ("P/in/0", "P", "E022"),
        ("P/2", "P", "E022"),
        ("P/plain", "P", "E021"),
        ("F/NAME/0", "P", ""),
        ("F/other", "P", "E021"),
        ("input/NAME", "P", "E022"),
        ("input/", "P", "E022"),
        ("input", "P", "E022"),
        ("/P", "P", "E022"),
        ("nobody", "P", "E020"),
    ];
    for (to, at, expected) in rows {
        table.row(to, found("out", to, at), expected);
    }
    table.end(20);
}

#[test]
fn aliases_that_are_no_first_segment_cannot_be_named() {
    let mut table = Table::default();
    let process = |alias: &str| format!("[[process]]\nalias = \"{alias}\"\nsource = \"sub\"\n");
    let root = context("stdio/stdout")
        + "input.default = {once = 1}\n"
        + &process("input")
        + &process("output")
        + &process("a/b");
    for (from, to, expected) in [
        ("output", "stdout", "E022"),
        ("output/o", "stdout", "E022"),
        ("input", "stdout", "E022"),
        ("a/b/o", "stdout", "E020"),
        ("stdout", "input", "E022"),
        ("stdout", "input/i", "E022"),
        ("stdout", "output", "E022"),
        ("stdout", "a/b/i", "E020"),
    ] {
        let project = Project::new(&(root.clone() + &connect(from, to)))
            .flow("sub", "input = [{name = \"i\"}, {}]\noutput = [{name = \"o\"}, {}]\n");
        table.verdict(&format!("{from} -> {to}"), &project, expected);
    }
    table.end(8);
}

/// What arrives of `f/FROM` in `add/i1` (a number), `out` being the outputs of `f`.
fn selected(outputs: &str, from: &str, destination: &str) -> String {
    let root = "[[process]]\nsource = \"f\"\n[[process]]\nsource = \"to\"\n".to_owned()
        + &connect(from, "to")
        + &context("stdio/stdout")
        + &connect("to", "stdout");
    let project = Project::new(&root)
        .with_symbols()
        .function("f", &format!("input = [{{value = {{once = 1}}}}]\noutput = [{outputs}]\n"))
        .function("to", &format!("input = [{{type = \"{destination}\"}}]\noutput = [{{}}]\n"));
    let outcome = project.compile();
    match &outcome.manifest {
        Some(manifest) => arrivals(manifest, "to"),
        None => outcome.verdict(),
    }
}

#[test]
fn section_7_2_the_order_of_declarations_decides() {
    let mut table = Table::default();
    let rows = [
        ("array/string first", r#"{type = ["array/string", "array/number"]}"#, "f/0", "string", "f/0!"),
        (
            "array/string first, as a number",
            r#"{type = ["array/string", "array/number"]}"#,
            "f/0",
            "number",
            "E023",
        ),
        ("number before array/string", r#"{type = ["number", "array/string"]}"#, "f/0", "string", "f/0!"),
        ("bare array first", r#"{type = ["array", "array/number"]}"#, "f/0", "number", "E023"),
        ("bare array last", r#"{type = ["array/number", "array"]}"#, "f/0", "number", "f/0!"),
        ("generic first", r#"{type = ["", "array/number"]}"#, "f/0", "string", "f/0!"),
        (
            "a name that is an index, behind an array",
            r#"{type = "array/number"}, {name = "0", type = "string"}"#,
            "f/0",
            "string",
            "E023",
        ),
        (
            "a name that is an index, before an array",
            r#"{name = "0", type = "string"}, {type = "array/number"}"#,
            "f/0",
            "string",
            "f/0!",
        ),
        (
            "a name with an index, behind an array",
            r#"{name = "o", type = "array/number"}, {name = "o/1", type = "string"}"#,
            "f/o/1",
            "number",
            "f/o/1!",
        ),
        (
            "a name with an index, before an array",
            r#"{name = "o/1", type = "string"}, {name = "o", type = "array/number"}"#,
            "f/o/1",
            "number",
            "E023",
        ),
        (
            "the first of two of one name",
            r#"{name = "o", type = "string"}, {name = "o", type = "number"}"#,
            "f/o",
            "number",
            "E023",
        ),
        (
            "an element of the second of two of one name",
            r#"{name = "o", type = "string"}, {name = "o", type = "array/number"}"#,
            "f/o/1",
            "number",
            "f/o/1!",
        ),
    ];
    for (label, outputs, from, destination, expected) in rows {
        table.row(label, selected(outputs, from, destination), expected);
    }
    table.end(12);
}

#[test]
fn section_7_3_outputs_win_over_inputs_of_the_same_name() {
    let mut table = Table::default();
    let both = |from: &str, input: &str, output: &str| {
        let root =
            "[[process]]\nsource = \"f\"\n".to_owned() + &context("stdio/stdout") + &connect(from, "stdout");
        let definition = format!(
            "input = [{{name = \"x\", type = \"{input}\", value = {{once = 1}}}}, {{name = \"y\", value = {{once = 1}}}}]\noutput = [{{name = \"x\", type = \"{output}\"}}]\n"
        );
        let project = Project::new(&root).with_symbols().function("f", &definition);
        let outcome = project.compile();
        outcome.manifest.as_ref().map_or_else(|| outcome.verdict(), |manifest| arrivals(manifest, "stdout"))
    };
    table.row("the output", both("f/x", "number", "number"), "f/x!");
    table.row("the input if there is no such output", both("f/y", "number", "number"), "f<1!");
    table.row("an element of the output", both("f/x/0", "number", "array/number"), "f/x/0!");
    table.row("an element by the input's type", both("f/x/0", "array/number", "number"), "f/x/0!");
    table.row("a part of the copy is all of it", both("f/y/0", "number", "number"), "f<1!");
    let loops = ADD.to_owned()
        + "input.i1 = {once = 1}\ninput.i2 = {once = 1}\n"
        + &context("stdio/stdout")
        + &connect("add/i2", "add/i1")
        + &connect("add", "stdout");
    let manifest = Project::new(&loops).with_symbols().manifest();
    table.row("a copy goes back into the function", arrivals(&manifest, "add"), "add<1!");
    table.end(6);
}

#[test]
fn section_7_4_every_destination_in_order_and_duplicates_twice() {
    let root = context("args/get")
        + &context("stdio/stdout")
        + &context("stdio/stderr")
        + "[[connection]]\nfrom = \"get/json/1\"\nto = [\"stdout\", \"stderr\", \"stdout\"]\n"
        + &connect("get/json/2", "stdout")
        + &connect("get/json/2", "stdout")
        + "[[connection]]\nfrom = \"get/json/3\"\nto = []\n";
    let manifest = Project::new(&root).with_symbols().manifest();
    assert_eq!(arrivals(&manifest, "stdout"), "get/json/1! get/json/1! get/json/2! get/json/2!");
    let get = crate::project::function(&manifest, "get");
    let order: Vec<&str> =
        get.output_connections.iter().map(|connection| connection.destination.as_str()).collect();
    assert_eq!(order, ["/root/stdout", "/root/stderr", "/root/stdout", "/root/stdout", "/root/stdout"]);
}

#[test]
fn section_7_5_types_of_single_connections() {
    let mut table = Table::default();
    let inner = |input: &str, from: &str, destination: &str| {
        let root = context("args/get")
            + "[[process]]\nsource = \"s\"\n"
            + &connect("get/json", "s/p")
            + &connect("get/json", "s");
        let s = format!(
            "input = [{{name = \"p\", type = \"{input}\"}}, {{type = \"{input}\"}}]\n[[process]]\nsource = \"to\"\n"
        ) + &connect(from, "to")
            + &context("stdio/stdout")
            + &connect("to", "stdout");
        Project::new(&root)
            .flow("s", &s)
            .function("to", &format!("input = [{{type = \"{destination}\"}}]\noutput = [{{}}]\n"))
    };
    let rows = [
        ("array/array/array/number", "input/p/0/1", "number", "E023"),
        ("array/array/array/number", "input/p/0/1", "array/number", "ok W004"),
        ("object/number", "input/o/key", "number", "E021"),
        ("object/number", "input/p/key", "number", "E023"),
        ("", "input/p/0/1", "number", "ok W004"),
        ("", "input/p/key", "number", "ok W004"),
        // An element of the unnamed input is typed as an element.
        ("array/array/array/number", "input/0", "number", "ok W004"),
        ("array", "input/0", "number", "E023"),
    ];
    for (input, from, destination, expected) in rows {
        let outcome = inner(input, from, destination).compile();
        let verdict = outcome.verdict().replace(" W014", "");
        table.row(&format!("{input}: {from} -> {destination}"), verdict, expected);
    }
    table.end(8);
}

#[test]
fn section_7_5_all_errors_of_all_connections_are_reported() {
    let root = context("args/get")
        + &context("stdio/stdout")
        + ADD
        + &connect("get/nothing", "stdout")
        + &connect("get/json", "nobody")
        + &connect("get/string", "add/i1")
        + "[[connection]]\nfrom = \"nobody\"\nto = [\"stdout/x\", \"stdout\", \"stdout/y\"]\n"
        + "[[process]]\nsource = \"sub\"\n";
    let project = Project::new(&root).flow("sub", &connect("a", "b"));
    assert_eq!(project.compile().verdict(), "E021 E020 E023 E020 E021 E021 E020 E020");
}

#[test]
fn the_step_of_a_sequence_and_names_that_are_almost_right_are_warnings() {
    let mut table = Table::default();
    let sequence = |step: &str| {
        let root = format!(
            "[[process]]\nsource = \"lib://flowstdlib/math/sequence\"\ninput.start = {{once = 5}}\ninput.limit = {{once = 1}}\ninput.step = {step}\n"
        );
        Project::new(&(root + &context("stdio/stdout") + &connect("sequence/number", "stdout")))
    };
    table.verdict("step -1", &sequence("{once = -1}"), "ok W032");
    table.verdict("step 0", &sequence("{always = 0}"), "ok W032");
    table.verdict("step -0.5", &sequence("{always = -0.5}"), "ok W032");
    table.verdict("step 1", &sequence("{once = 1}"), "ok");
    let tap = |from: &str| {
        let root = "[[process]]\nsource = \"lib://flowstdlib/control/tap\"\ninput.data = {once = 5}\ninput.control = {once = true}\n".to_owned();
        Project::new(&(root + &context("stdio/stdout") + &connect(from, "stdout")))
    };
    table.verdict("a misspelt name", &tap("tap/dta"), "ok W034");
    table.verdict("a key", &tap("tap/something"), "ok");
    table.verdict("a name", &tap("tap/data"), "ok");
    table.end(7);
}
