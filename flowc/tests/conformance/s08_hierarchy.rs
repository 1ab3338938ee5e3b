//! Connections through the boundaries of flows.

use crate::project::{ADD, Project, connect, context, function, pointers};
use flowc::diagnostics::Code::*;
use flowcore::Initializer;
use flowcore::manifest::FunctionInfo;

fn process(alias: &str, source: &str) -> String {
    format!("[[process]]\nalias = \"{alias}\"\nsource = \"{source}\"\n")
}

fn io(direction: &str, name: &str, data_type: &str) -> String {
    format!("[[{direction}]]\nname = \"{name}\"\ntype = \"{data_type}\"\n")
}

fn destinations(function: &FunctionInfo) -> Vec<(u64, bool)> {
    function.output_connections.iter().map(|one| (one.destination_id, one.internal)).collect()
}

/// `get/json` goes into `sub`, and what comes out of it to `stdout`.
fn through(sub: &str) -> Project {
    let root = context("args/get") + &context("stdio/stdout") + &process("sub", "sub");
    let root = root + &connect("get/json", "sub/in") + &connect("sub/out", "stdout");
    Project::new(&root).file(
        "sub.toml",
        &format!("flow = \"sub\"\n{}{}{sub}", io("input", "in", ""), io("output", "out", "")),
    )
}

#[test]
fn what_passes_through_a_flow_is_external_even_between_functions_of_one_flow() {
    let manifest = through(&connect("input/in", "output/out")).manifest();
    let stdout = function(&manifest, "stdout").process_id;
    assert_eq!(destinations(function(&manifest, "get")), [(stdout, false)]);
}

#[test]
fn selectors_add_up_along_a_chain() {
    let root = context("args/get") + &process("s1", "s1") + &connect("get/json/1", "s1/p");
    let s1 = io("input", "p", "") + &process("s2", "s2") + &connect("input/p/0", "s2/p");
    let s2 = io("input", "p", "") + &context("stdio/stdout") + &connect("input/p/1", "stdout");
    let project = |root: &str| {
        Project::new(root)
            .file("s1.toml", &format!("flow = \"s1\"\n{s1}"))
            .file("s2.toml", &format!("flow = \"s2\"\n{s2}"))
    };
    assert_eq!(pointers(function(&project(&root).manifest(), "get")), ["/json/1/0/1"]);
    // The element type of `array/` runs out of levels here, which makes it generic.
    let whole = root.replace("get/json/1", "get/json");
    assert_eq!(pointers(function(&project(&whole).manifest(), "get")), ["/json/0/1"]);
}

#[test]
fn steps_taken_before_a_boundary_are_not_counted_again_behind_it() {
    let f = "function = \"f\"\nsource = \"f.rs\"\n[[input]]\nvalue = {once = 1}\n[[output]]\nname = \"matrix\"\n\
             type = \"array/array/number\"\n";
    let root = process("f", "f") + &process("s1", "s1") + &connect("f/matrix", "s1/p");
    let s1 = io("input", "p", "array/array/number") + &process("s2", "s2") + &connect("input/p/0", "s2/p");
    let s2 = io("input", "p", "array/number") + &context("stdio/stdout") + ADD + "input.i2 = {once = 1}\n";
    let s2 = s2 + &connect("input/p/1", "add/i1") + &connect("add", "stdout");
    let project = Project::new(&root).file("f.toml", f).file("f.rs", "").file("f.wasm", "");
    let project = project
        .file("s1.toml", &format!("flow = \"s1\"\n{s1}"))
        .file("s2.toml", &format!("flow = \"s2\"\n{s2}"));
    assert_eq!(pointers(function(&project.manifest(), "f.wasm")), ["/matrix/0/1"]);
}

#[test]
fn types_that_do_not_fit_along_a_chain_are_an_error() {
    let root = context("args/get") + &process("sub", "sub") + &connect("get/string", "sub/in");
    let sub = io("input", "in", "") + ADD + "input.i2 = {once = 1}\n" + &context("stdio/stdout");
    let sub = sub + &connect("input/in", "add/i1") + &connect("add", "stdout");
    let project = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}"));
    assert_eq!(project.codes(), [E026]);
}

#[test]
fn an_output_may_be_named_like_a_process_in_the_flow() {
    let sub = context("stdio/stdin") + &io("output", "stdin", "") + &connect("stdin/string", "output/stdin");
    let root = process("sub", "sub") + &context("stdio/stdout") + &connect("sub/stdin", "stdout");
    let manifest = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).manifest();
    assert_eq!(pointers(function(&manifest, "stdin")), ["/string"]);
}

#[test]
fn the_default_output_of_a_flow_may_be_fed_by_a_function() {
    let sub = context("stdio/stdin") + "[[output]]\n" + &connect("stdin/string", "output/");
    let root = process("sub", "sub") + &context("stdio/stdout") + &connect("sub", "stdout");
    let manifest = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).manifest();
    assert_eq!(function(&manifest, "stdin").output_connections.len(), 1);
}

#[test]
fn data_for_an_unnamed_input_does_not_reach_the_named_one() {
    let sub = "[[input]]\n".to_owned()
        + &io("input", "b", "")
        + &context("stdio/stdout")
        + &context("stdio/stderr");
    let sub = sub + &connect("input/", "stdout") + &connect("input/b", "stderr");
    let root = context("args/get")
        + &process("sub", "sub")
        + &connect("get/json", "sub")
        + &connect("get/string", "sub/b");
    let project = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}"));
    let manifest = project.manifest();
    assert_eq!(pointers(function(&manifest, "get")), ["/json", "/string"]);
    assert_eq!(project.codes(), [W004]);
}

#[test]
fn an_element_of_the_default_input_needs_no_name() {
    let sub = "[[input]]\n".to_owned() + &context("stdio/stdout") + &connect("input/2", "stdout");
    let root = context("args/get") + &process("sub", "sub") + &connect("get/json", "sub");
    let manifest = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).manifest();
    assert_eq!(pointers(function(&manifest, "get")), ["/json/2"]);
}

#[test]
fn a_value_on_the_output_of_a_flow_goes_where_the_output_goes() {
    let sub = "[[output]]\nname = \"out\"\nvalue = {once = 7}\n";
    let root = process("sub", "sub") + &context("stdio/stdout") + &connect("sub/out", "stdout");
    let manifest = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).manifest();
    assert_eq!(function(&manifest, "stdout").inputs[0].flow_initializer, Some(Initializer::Once(7.into())));
}

#[test]
fn a_flow_initializer_of_a_wrong_type_is_an_error_where_it_arrives() {
    let sub = io("input", "in", "") + ADD + "input.i2 = {once = 1}\n" + &context("stdio/stdout");
    let sub = sub + &connect("input/in", "add/i1") + &connect("add", "stdout");
    let root = process("sub", "sub") + "input.in = {once = \"text\"}\n";
    assert_eq!(Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).codes(), [E029]);
}

#[test]
fn an_input_copy_is_sent_on_whole_and_only_from_functions() {
    let root = ADD.to_owned() + "input.i1 = {once = 1}\ninput.i2 = {once = 1}\n" + &context("stdio/stdout");
    let manifest = Project::new(&(root.clone() + &connect("add/i2", "stdout"))).manifest();
    assert_eq!(pointers(function(&manifest, "add")), ["input 1"]);
    let sub = root + &io("input", "in", "") + &connect("input/in", "stdout");
    let outer = process("sub", "sub") + &context("stdio/stdout") + &connect("sub/in", "stdout");
    assert_eq!(Project::new(&outer).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).codes(), [E021]);
}

#[test]
fn a_selector_on_an_input_copy_is_a_warning() {
    let f =
        "function = \"f\"\nsource = \"f.rs\"\n[[input]]\nname = \"a\"\ntype = \"array/number\"\n[[output]]\n";
    let root = process("f", "f")
        + "input.a = {once = [1]}\n"
        + &context("stdio/stdout")
        + &connect("f/a/0", "stdout");
    let project = Project::new(&root).file("f.toml", f).file("f.rs", "").file("f.wasm", "");
    assert_eq!(project.codes(), [W008]);
    assert_eq!(pointers(function(&project.manifest(), "f.wasm")), ["input 0"]);
}

#[test]
fn a_selector_behind_a_boundary_on_an_input_copy_is_a_warning_too() {
    let f = "function = \"f\"\nsource = \"f.rs\"\ninput = [{name = \"a\", type = \"array/number\"}]\noutput = [{}]\n";
    let root =
        process("f", "f") + "input.a = {once = [1]}\n" + &process("sub", "sub") + &connect("f/a", "sub/in");
    let sub = io("input", "in", "") + &context("stdio/stdout") + &connect("input/in/0", "stdout");
    let project = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}"));
    assert_eq!(project.file("f.toml", f).file("f.rs", "").file("f.wasm", "").codes(), [W008]);
}

#[test]
fn a_part_of_an_input_is_no_destination() {
    let f =
        "function = \"f\"\nsource = \"f.rs\"\n[[input]]\nname = \"a\"\ntype = \"array/number\"\n[[output]]\n";
    let root = process("f", "f") + &context("args/get") + &context("stdio/stdout");
    let root = root + &connect("get/json", "f/a/0") + &connect("f", "stdout");
    assert_eq!(Project::new(&root).file("f.toml", f).file("f.rs", "").codes(), [E022]);
    let sub = through(
        &(connect("input/in", "output/out") + &context("stdio/stderr") + "input.default = {once = 1}\n"),
    );
    let root = context("args/get") + &process("sub", "sub") + &connect("get/json", "sub/in/0");
    assert_eq!(sub.file("root.toml", &format!("flow = \"root\"\n{root}")).codes(), [W010]);
}

#[test]
fn connections_that_lead_in_a_circle_are_an_error_that_names_it() {
    let sub = io("input", "in", "") + &io("output", "out", "") + &connect("input/in", "output/out");
    let root = context("args/get") + &context("stdio/stdout") + &process("a", "sub") + &process("b", "sub");
    let root = root + &connect("get/json", "a/in") + &connect("a/out", "b/in") + &connect("b/out", "a/in");
    let root = root + &connect("b/out", "stdout");
    let outcome = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).compile();
    assert_eq!(outcome.codes(), [E027]);
    let message = &outcome.report.diagnostics()[0].message;
    let circle = "input /root/a/in -> output /root/a/out -> input /root/b/in -> output /root/b/out -> input /root/a/in";
    assert!(message.ends_with(circle), "{message}");
    // Nothing is followed into a circle that nothing enters.
    let root = context("stdio/stdout")
        + "input.default = {once = 1}\n"
        + &process("a", "sub")
        + &connect("a/out", "a/in");
    assert_eq!(Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).codes(), [W033]);
}

#[test]
fn outer_connections_send_before_inner_ones() {
    let sub = io("input", "in", "") + &context("stdio/stdout") + &connect("input/in", "stdout");
    let root = context("args/get") + &process("z", "sub") + &process("a", "sub");
    let root = root + &connect("get/json", "z/in") + &connect("get/json", "a/in");
    let manifest = Project::new(&root).file("sub.toml", &format!("flow = \"sub\"\n{sub}")).manifest();
    // Functions are numbered by alias, so that of `a` comes first; values are sent in the order of the connections.
    assert_eq!(destinations(function(&manifest, "get")), [(5, false), (3, false)]);
}

#[test]
fn an_edge_has_the_name_of_the_first_connection_of_its_chain() {
    let named = |connection: String, name: &str| {
        if name.is_empty() { connection } else { format!("{connection}name = \"{name}\"\n") }
    };
    for (first, second, expected) in
        [("one", "two", "one"), ("", "two", ""), ("one", "", "one"), ("same", "same", "same")]
    {
        let sub =
            io("input", "in", "") + &context("stdio/stdout") + &named(connect("input/in", "stdout"), second);
        let root =
            context("args/get") + &process("sub", "sub") + &named(connect("get/json", "sub/in"), first);
        let manifest = Project::new(&root).flow("sub", &sub).manifest();
        assert_eq!(function(&manifest, "get").output_connections[0].name, expected, "{first} {second}");
    }
}

#[test]
fn chains_are_followed_depth_first_in_the_order_of_connections() {
    let root = context("args/get") + &process("s", "s") + &connect("get/json", "s/in");
    let s = io("input", "in", "")
        + &process("z", "t")
        + &context("stdio/stderr")
        + &process("a", "t")
        + &connect("input/in/0", "z/in")
        + &connect("input/in/1", "stderr")
        + &connect("input/in/2", "a/in");
    let t = io("input", "in", "")
        + ADD
        + &context("stdio/stdout")
        + &connect("input/in/0", "add/i2")
        + &connect("input/in/1", "add/i1")
        + &connect("add", "stdout");
    let manifest = Project::new(&root).flow("s", &s).flow("t", &t).manifest();
    let get = function(&manifest, "get");
    assert_eq!(pointers(get), ["/json/0/0", "/json/0/1", "/json/1", "/json/2/0", "/json/2/1"]);
    // Numbers go by alias: `a` with add and stdout, then stderr, then `z`.
    assert_eq!(destinations(get), [(8, false), (8, false), (7, false), (5, false), (5, false)]);
}
