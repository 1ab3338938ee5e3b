//! What is accepted but was probably not meant.

use crate::project::{ADD, Project, connect, context, function, pointers};
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
