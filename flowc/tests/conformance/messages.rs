//! The main diagnostics, as people read them.

use crate::project::{ADD, Project, connect, context};
use flowc::diagnostics::{Code, Style};

fn shown(project: &Project) -> String {
    let (_, text) = project.execute(&["-c"]);
    text
}

fn assert_shows(project: &Project, expected: &str) {
    let found = shown(project);
    assert_eq!(found.trim(), expected.trim(), "\n{found}");
}

#[test]
fn codes_are_stable_and_say_what_they_stand_for() {
    for code in Code::ALL {
        assert!(code.meaning().ends_with('.'), "{code}");
    }
    assert_eq!(Code::E020.meaning(), "A connection names a process that the flow does not have.");
}

#[test]
fn an_unknown_process_in_a_connection() {
    let root = context("args/get") + &context("stdio/stdout") + &connect("gett/json", "stdout");
    assert_shows(
        &Project::new(&root),
        r#"
error E020: this flow has no process 'gett'
   ,-[<dir>/root.toml:7:8]
 6 | [[connection]]
 7 | from = "gett/json"
   :        ^^^^^^^^^^^
 8 | to = "stdout"
   `----
  help: did you mean 'get'?

1 error
"#,
    );
}

#[test]
fn types_that_do_not_fit() {
    let root = context("args/get") + ADD + "input.i2 = {once = 1}\n" + &connect("get/string", "add/i1");
    let text = shown(&Project::new(&root));
    assert!(text.contains("E023: 'get/string' gives array/string but 'add/i1' takes number"), "{text}");
    assert!(text.contains("<dir>/root.toml:9:6"), "{text}");
    assert!(text.contains("takes number") && text.contains("gives array/string"), "{text}");
}

#[test]
fn a_missing_library_function() {
    let root = "[[process]]\nsource = \"lib://flowstdlib/math/ad\"\n";
    assert_shows(
        &Project::new(root),
        r#"
error E001: the definition lib://flowstdlib/math/ad was not found in the built-in library flowstdlib
   ,-[<dir>/root.toml:3:10]
 2 | [[process]]
 3 | source = "lib://flowstdlib/math/ad"
   :          ^^^^^^^^^^^^^^^^^^^^^^^^^^
   `----
  help: did you mean 'lib://flowstdlib/math/add'?

1 error
"#,
    );
}

#[test]
fn a_malformed_definition_in_another_file() {
    let project =
        Project::new("[[process]]\nsource = \"sub\"\n").file("sub.toml", "flow = \"sub\"\nproces = []\n");
    assert_shows(
        &project,
        r#"
error E006: a flow has no key 'proces'
   ,-[<dir>/sub.toml:2:1]
 1 | flow = "sub"
 2 | proces = []
   : ^^^^^^
   `----
  help: did you mean 'process'?

1 error
"#,
    );
}

#[test]
fn an_input_without_values() {
    let root =
        ADD.to_owned() + "input.i2 = {once = 1}\n" + &context("stdio/stdout") + &connect("add", "stdout");
    let text = shown(&Project::new(&root));
    assert!(text.contains("E030: '/root/add/i1' gets no values"), "{text}");
    assert!(text.contains("<dir>/root.toml:3:10"), "{text}");
    let help = "help: connect something to 'add/i1', or write input.i1 = { once = ... }";
    assert!(text.contains(help), "{text}");
    let text = shown(&Project::new(&context("stdio/stdout")));
    let help = "help: connect something to 'stdout', or write input.default = { once = ... }";
    assert!(text.contains(help), "{text}");
}

#[test]
fn a_definition_of_neither_kind() {
    let project = Project::new("[[process]]\nsource = \"sub\"\n").file("sub.toml", "[[output]]\n");
    let text = shown(&project);
    assert!(text.contains("E010"), "{text}");
    assert!(text.contains("help: begin with flow = \"name\" (or function = \"name\")"), "{text}");
}

#[test]
fn a_flow_without_effect() {
    let text = shown(&Project::new(&context("args/get")));
    assert!(
        text.contains("flow 'root' has no effect: nothing it computes reaches the outside world"),
        "{text}"
    );
}

#[test]
fn places_in_two_files_are_both_shown() {
    let root = context("args/get") + "[[process]]\nsource = \"sub\"\n" + &connect("get/string", "sub/in");
    let sub = "flow = \"sub\"\n[[input]]\nname = \"in\"\n".to_owned() + ADD + "input.i2 = {once = 1}\n";
    let sub = sub + &context("stdio/stdout") + &connect("input/in", "add/i1") + &connect("add", "stdout");
    let project = Project::new(&root).file("sub.toml", &sub);
    let text = shown(&project);
    assert!(text.contains("what '/root/get' sends to '/root/sub/add/i1' is array/string"), "{text}");
    assert!(text.contains("<dir>/root.toml:8:6"), "{text}");
    assert!(text.contains("lib://flowstdlib/math/add/add.toml"), "{text}");
}

#[test]
fn every_diagnostic_can_be_shown_without_a_place() {
    let outcome = Project::new("[[process]]\nsource = \"https://example.com/f\"\n").compile();
    let text = outcome.report.render(&outcome.report.diagnostics()[0], Style::Plain);
    assert!(text.contains("web sources are not supported yet"), "{text}");
    let outcome = Project::new("").compile_at(std::path::Path::new("/nowhere/at/all"));
    let text = outcome.report.render(&outcome.report.diagnostics()[0], Style::Plain);
    assert!(text.contains("E001: the definition /nowhere/at/all was not found"), "{text}");
}

#[test]
fn unknown_inputs_and_outputs_are_answered_with_those_there_are() {
    let select = "[[process]]\nsource = \"select\"\n";
    let definition = "function = \"select\"\nsource = \"x\"\n\
                      [[input]]\nname = \"array\"\n[[input]]\nname = \"index\"\n\
                      [[output]]\nname = \"value\"\n[[output]]\nname = \"array\"\n";
    let help = |connection: &str| {
        let root = select.to_owned() + &context("args/get") + &context("stdio/stdout") + connection;
        let text = shown(&Project::new(&root).file("select.toml", definition));
        let helps = text.lines().filter_map(|line| line.trim().strip_prefix("help: "));
        helps.map(str::to_owned).next().unwrap_or_else(|| panic!("{text}"))
    };
    assert_eq!(help(&connect("select/xyz", "stdout")), "outputs: 'value', 'array'; inputs: 'array', 'index'");
    assert_eq!(help(&connect("get/string", "select/xyz")), "inputs: 'array', 'index'");
    assert_eq!(help(&connect("get/jsn/1", "stdout")), "did you mean 'get/json/1'?");
    assert_eq!(help(&connect("get/json/1", "select/indx")), "did you mean 'select/index'?");
}

#[test]
fn a_file_of_another_format_must_be_named_in_full() {
    let root = "[[process]]\nsource = \"triple\"\n[[process]]\nsource = \"sub\"\n";
    for extension in ["yaml", "yml", "json"] {
        let project = Project::new(root)
            .file(&format!("triple.{extension}"), "")
            .file(&format!("sub/root.{extension}"), "");
        let text = shown(&project);
        assert!(text.contains(&format!("help: there is triple.{extension}: name it in full")), "{text}");
        assert!(text.contains(&format!("help: there is root.{extension}: name it in full")), "{text}");
        assert!(text.contains("E001"), "{text}");
        let (_, text) = project.execute(&["-c", "sub"]);
        assert!(text.contains(&format!("help: there is root.{extension}: name it in full")), "{text}");
    }
}
