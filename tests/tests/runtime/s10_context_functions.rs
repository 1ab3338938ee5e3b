//! Section 10: what context functions of the runner give and take.
//!
//! * Printing, conversations, and lines that are no text: `streams.rs`.
//! * Files and pictures: the files on sections 7 and 15, and `flowrcli/src/context`.
//! * Arguments: `arguments_reach_the_flow_as_they_are` in `command_line.rs`.

use crate::bench::{Bench, READLINE, shown};
use flow_tests::Table;
use flow_tests::graph::{Graph, Input, ROOT, always, fed, once};

const STDIN: &str = "context://stdio/stdin";

/// Shows what a function gives on one of its outputs.
fn given(bench: &Bench, location: &str, inputs: Option<Input>, output: &str, input: &str) -> String {
    let mut graph = Graph::new();
    graph.function(1, ROOT, location, inputs);
    shown(&mut graph, 2, fed().generic());
    graph.connect(1, output, 2, 0);
    bench.prints_of(&graph, input)
}

#[test]
fn c04_what_is_read_arrives_as_text_and_as_json_and_so_does_its_end() {
    let bench = Bench::new();
    let mut table = Table::default();
    for (input, string, json) in [
        ("one\n2\n", r#""one" "2""#, "2"),
        ("one", r#""one""#, ""),
        ("\n\n", r#""" """#, ""),
        ("  one  \n\ttwo\r\n", r#""one" "two""#, ""),
        ("true\nseven\n-7\n", r#""true" "seven" "-7""#, "true -7"),
        ("  [1, 2] \t\n", r#""[1, 2]""#, "[1,2]"),
        ("null\n", r#""null""#, "null"),
        ("1.50\n{\"b\":1,\"a\":[]}\n", r#""1.50" "{\"b\":1,\"a\":[]}""#, r#"1.5 {"a":[],"b":1}"#),
        ("", "", ""),
    ] {
        let line = |output| given(&bench, READLINE, Some(always("")), output, input);
        table.row(format!("lines of {input:?}"), line("/string"), string);
        table.row(format!("lines of {input:?} as JSON"), line("/json"), json);
    }
    for (input, string, json) in [
        ("one\n2\n", r#""one\n2" null"#, "null"),
        ("  [1,\n2] \n", r#""[1,\n2]" null"#, "[1,2] null"),
        (" \n ", r#""" null"#, "null"),
        ("", "null", "null"),
    ] {
        let all = |output| given(&bench, STDIN, None, output, input);
        table.row(format!("all of {input:?}"), all("/string"), string);
        table.row(format!("all of {input:?} as JSON"), all("/json"), json);
    }
    for (input, expected) in [("one\ntwo\n", r#""one""#), ("", "")] {
        let line = given(&bench, READLINE, Some(once("")), "/string", input);
        table.row(format!("one line of {input:?}"), line, expected);
    }
    table.end();
}

#[test]
fn arguments_are_text_and_json_and_the_first_is_the_flow() {
    let bench = Bench::new();
    let mut table = Table::default();
    let place = format!("\"file://{}/flow\"", bench.0.work().display());
    for (output, expected) in [
        ("/string/0", place.as_str()),
        ("/json/0", place.as_str()),
        ("/string/1", r#""10""#),
        ("/json/1", "10"),
        ("/json/2", r#""ten""#),
        ("/json/3", "[1,null]"),
        ("/json/4", "null"),
        ("/json/5", r#""""#),
        ("/string/6", ""),
    ] {
        let mut graph = Graph::new();
        graph.function(1, ROOT, "context://args/get", []);
        shown(&mut graph, 2, fed().generic());
        graph.connect(1, output, 2, 0);
        let call = bench.call(&graph, &[]).args(["10", "ten", "[1,null]", "null", ""]);
        table.row(output, call.run().status(0).quietly().stdout().trim_end(), expected);
    }
    table.end();
}

/// Prompts are for people: shown at a terminal, once for each line and the end, and nowhere else.
#[test]
fn a_prompt_is_shown_at_a_terminal_only() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.function(1, ROOT, READLINE, [always("name? ")]).stdout(2).connect(1, "/string", 2, 0);
    let mut running = bench.call(&graph, &["-t", "2"]).terminal().start();
    for name in ["Ada", "Grace"] {
        running.enter(name);
        running.wait_for_stdout(name, |line| line == name);
    }
    running.close_stdin();
    let outcome = running.finish(flow_tests::LINE_LIMIT).status(0).wrote("Ada\nGrace\n");
    assert_eq!(outcome.stderr(), "name? name? name? ");
    bench.call(&graph, &[]).stdin("Ada\n").run().status(0).quietly().wrote("Ada\n");
}
