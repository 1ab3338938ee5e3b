//! Language 11: checks of the whole program, and the optimizer.

use crate::project::{ADD, Project, connect, context};
use crate::table::Table;

fn process(alias: &str, source: &str, more: &str) -> String {
    format!("[[process]]\nalias = \"{alias}\"\nsource = \"{source}\"\n{more}")
}

/// The functions that are left, the references that are listed, and whether an id has changed.
fn optimized(root: &str) -> String {
    let project = |project: Project| {
        project.with_symbols().flow("sub", "input = [{name = \"i\"}]\noutput = [{name = \"o\"}]\n[[process]]\nsource = \"lib://flowstdlib/fmt/to_string\"\n[[connection]]\nfrom = \"input/i\"\nto = \"to_string\"\n[[connection]]\nfrom = \"to_string\"\nto = \"output/o\"\n")
    };
    let outcome = project(Project::new(root)).optimized().compile();
    let Some(manifest) = outcome.manifest else { return outcome.verdict() };
    let functions: Vec<String> =
        manifest.functions.values().map(|one| format!("{}:{}", one.process_id, one.name)).collect();
    let edges: usize = manifest.functions.values().map(|one| one.output_connections.len()).sum();
    let references: Vec<&str> = manifest
        .lib_references
        .iter()
        .chain(&manifest.context_references)
        .filter_map(|one| one.rsplit('/').next())
        .collect();
    format!("{} | {edges} edges | {}", functions.join(" "), references.join(" "))
}

#[test]
fn section_11_1_the_optimizer() {
    let prints = context("stdio/stdout") + "input.default = {once = 1}\n";
    let add = |alias: &str, more: &str| process(alias, "lib://flowstdlib/math/add", more);
    let both = "input.i1 = {once = 1}\ninput.i2 = {once = 1}\n";
    let mut table = Table::default();
    table.row(
        "nothing dead",
        optimized(&(context("args/get") + &context("stdio/stdout") + &connect("get/json/1", "stdout"))),
        "1:get 2:stdout | 1 edges | get stdout",
    );
    table.row("dead", optimized(&(prints.clone() + &add("a", both))), "2:stdout | 0 edges | stdout");
    table.row(
        "dead with an unfed input",
        optimized(&(prints.clone() + &add("a", ""))),
        "2:stdout | 0 edges | stdout",
    );
    table.row(
        "a dead chain",
        optimized(
            &(prints.clone()
                + &add("a", both)
                + &add("b", "input.i2 = {once = 1}\n")
                + &add("c", "input.i2 = {once = 1}\n")
                + &connect("a", "b/i1")
                + &connect("b", "c/i1")),
        ),
        "4:stdout | 0 edges | stdout",
    );
    // Published compilers keep a function that only feeds itself.
    table.row(
        "a loop that feeds nothing",
        optimized(&(prints.clone() + &add("a", "input.i2 = {once = 1}\n") + &connect("a", "a/i1"))),
        "2:stdout | 0 edges | stdout",
    );
    table.row(
        "ids keep their gaps",
        optimized(
            &(context("stdio/stdout")
                + &add("a", both)
                + &add("b", both)
                + &add("z", both)
                + &connect("b", "stdout")),
        ),
        "2:b 3:stdout | 1 edges | add stdout",
    );
    table.row(
        "impure functions are never dead",
        optimized(&(context("stdio/stdin") + &prints)),
        "1:stdin 2:stdout | 0 edges | stdin stdout",
    );
    table.row(
        "edges to dead functions go",
        optimized(
            &(context("args/get")
                + &prints
                + &add("a", "input.i2 = {once = 1}\n")
                + &connect("get/json/1", "a/i1")),
        ),
        "2:get 3:stdout | 0 edges | get stdout",
    );
    table.row(
        "through a flow that is left empty",
        optimized(
            &(context("args/get") + &prints + &process("s", "sub", "") + &connect("get/json/1", "s/i")),
        ),
        "2:get 4:stdout | 0 edges | get stdout",
    );
    table.row(
        "through a flow",
        optimized(
            &(context("args/get")
                + &context("stdio/stdout")
                + &process("s", "sub", "")
                + &connect("get/json/1", "s/i")
                + &connect("s/o", "stdout")),
        ),
        "2:get 3:to_string 4:stdout | 2 edges | to_string get stdout",
    );
    table.row(
        "an unfed input of a live one",
        optimized(&(context("stdio/stdout") + &add("a", "") + &connect("a", "stdout"))),
        "E030 E030",
    );
    table.row(
        "what is fed by a dead one only is unfed",
        optimized(&(context("stdio/stdout") + &prints.replace("stdout", "stderr"))),
        "E030",
    );
    table.end(12);
}

#[test]
fn section_11_1_without_the_option_nothing_is_removed() {
    let root = context("stdio/stdout") + "input.default = {once = 1}\n" + ADD;
    assert_eq!(Project::new(&root).compile().verdict(), "E030 E030");
    let root = root + "input.i1 = {once = 1}\ninput.i2 = {once = 1}\n";
    let manifest = Project::new(&root).manifest();
    assert_eq!(manifest.functions.len(), 2);
    assert_eq!(manifest.lib_references, ["lib://flowstdlib/math/add"]);
}

#[test]
fn section_11_2_inputs() {
    let mut table = Table::default();
    let f = |inputs: &str, root: &str| {
        let root = format!(
            "[[process]]\nsource = \"f\"\n{root}{}",
            context("stdio/stdout") + &connect("f", "stdout")
        );
        Project::new(&root).function("f", &format!("input = [{inputs}]\noutput = [{{}}]\n"))
    };
    let get = context("args/get");
    table.verdict("an initializer", &f("{name = \"a\"}", "input.a = {once = 1}\n"), "ok");
    table.verdict("a value", &f("{name = \"a\", value = {always = 1}}", ""), "ok");
    table.verdict("an edge", &f("{name = \"a\"}", &(get.clone() + &connect("get/json", "f/a"))), "ok");
    table.verdict("an edge from itself", &f("{name = \"a\"}", &connect("f", "f/a")), "ok");
    table.verdict("nothing", &f("{name = \"a\"}", ""), "E030");
    table.verdict("one of two", &f("{name = \"a\"}, {name = \"b\"}", "input.a = {once = 1}\n"), "E030");
    table.verdict(
        "always and an edge",
        &f("{name = \"a\"}", &("input.a = {always = 1}\n".to_owned() + &get + &connect("get/json", "f/a"))),
        "E031",
    );
    table.verdict(
        "a value that is always and an edge",
        &f("{name = \"a\", value = {always = 1}}", &(get.clone() + &connect("get/json", "f/a"))),
        "E031",
    );
    table.verdict(
        "two of one name, one edge",
        &f("{name = \"a\"}, {name = \"a\"}", &(get + &connect("get/json", "f/a"))),
        "ok W003",
    );
    table.end(9);
}

#[test]
fn section_11_3_effects() {
    let mut table = Table::default();
    table.verdict(
        "impure with an input",
        &Project::new(&(context("stdio/stdout") + "input.default = {once = 1}\n")),
        "ok",
    );
    table.verdict("impure without inputs", &Project::new(&context("args/get")), "E032");
    table.verdict(
        "pure with inputs",
        &Project::new(&format!("{ADD}input.i1 = {{once = 1}}\ninput.i2 = {{once = 1}}\n")),
        "E032",
    );
    table.verdict(
        "reading with a prompt",
        &Project::new("[[process]]\nsource = \"context://stdio/readline\"\ninput.prompt = {once = \"\"}\n"),
        "ok",
    );
    table.verdict("nothing", &Project::new(""), "E032");
    let sub = Project::new("[[process]]\nsource = \"sub\"\n")
        .flow("sub", &(context("stdio/stdout") + "input.default = {once = 1}\n"));
    table.verdict("in a sub-flow", &sub, "ok");
    table.end(6);
}

#[test]
fn section_11_4_roots_that_cannot_run() {
    let mut table = Table::default();
    let prints = context("stdio/stdout") + "input.default = {once = 1}\n";
    for (label, root, expected) in [
        ("an input", format!("input = [{{name = \"i\"}}]\n{prints}"), "ok W014 W016"),
        ("an output", format!("output = [{{name = \"o\", value = {{once = 1}}}}]\n{prints}"), "ok W016"),
        (
            "an input that feeds a function, as nothing feeds it",
            format!(
                "input = [{{name = \"i\"}}]\n{}{}",
                context("stdio/stdout"),
                connect("input/i", "stdout")
            ),
            "E030",
        ),
        (
            "an input with a value",
            format!(
                "input = [{{name = \"i\", value = {{once = 1}}}}]\n{}{}",
                context("stdio/stdout"),
                connect("input/i", "stdout")
            ),
            "ok W016",
        ),
        ("an input, and no effect", "input = [{name = \"i\"}]\n".to_owned(), "E032"),
    ] {
        let outcome = Project::new(&root).compile();
        table.outcome(label, &outcome, expected);
        assert!(outcome.manifest.is_none(), "{label}");
    }
    let function = Project::new("function = \"f\"\nsource = \"f.rs\"\ninput = [{value = {once = 1}}]\n");
    table.verdict("a function", &function, "E019");
    table.end(6);
}
