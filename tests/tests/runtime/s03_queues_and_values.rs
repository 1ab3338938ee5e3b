//! Section 3: where values wait, what becomes of them at delivery, and what a connection sends.
//!
//! * 3.2 in plain values: `the_table_of_manifest_section_7_2` in `flowrlib/src/program/shape.rs`.
//! * 3.3, functions that are always ready: `a_function_that_fails_on_constants_alone_is_not_run_for_ever` in
//!   `flowrlib/src/state/tests/rules.rs`, and every test that reads lines.
//! * 3.3, "no back-pressure", is the reference's; ours is in the file on section 15.

use crate::bench::{Bench, JOIN, TAP, shown};
use flow_tests::Table;
use flow_tests::graph::{Graph, Input, ROOT, always, fed, once};
use serde_json::{Value, json};

/// A join whose second input gets four values when everything else has been delivered; it prints what it took first.
fn queue(first: Input) -> Graph {
    let mut graph = Graph::new();
    graph
        .function(9, ROOT, JOIN, [first, fed()])
        .stdout(10)
        .connect(9, "", 10, 0)
        .source(8, json!([1, 1, 1, 1]))
        .connect(8, "", 9, 1);
    graph
}

#[test]
fn internal_values_come_before_external_ones_and_each_kind_in_order() {
    let bench = Bench::new();
    let mut graph = queue(fed());
    graph
        .source(1, json!(["e1", "e2"]))
        .connect_around(1, "", 9, 0)
        .source(2, json!(["i1", "i2"]))
        .connect(2, "", 9, 0);
    assert_eq!(bench.prints(&graph), "i1 i2 e1 e2");
}

#[test]
fn initial_values_are_external() {
    let bench = Bench::new();
    let mut graph = queue(once("e"));
    graph.source(2, json!(["i1", "i2", "i3"])).connect(2, "", 9, 0);
    assert_eq!(bench.prints(&graph), "i1 i2 i3 e");
}

/// What is put before external values keeps its place although some of it was taken meanwhile.
#[test]
fn internal_values_queue_behind_those_that_are_left_of_earlier_ones() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .source(1, json!(["e"]))
        .source(2, json!(["i1", "i2"]))
        .source(3, json!([1]))
        .source(4, json!(["i3"]))
        .source(5, json!([1, 1, 1]))
        .function(9, ROOT, JOIN, [fed(), fed()])
        .stdout(10)
        .connect_around(1, "", 9, 0)
        .connect(2, "", 9, 0)
        .connect(3, "", 9, 1)
        .connect(4, "", 9, 0)
        .connect(5, "", 9, 1)
        .connect(9, "", 10, 0);
    assert_eq!(bench.prints(&graph), "i1 i2 i3 e");
}

/// What arrives at an input that gets this value.
fn delivered(bench: &Bench, value: &Value, input: Input, around: bool) -> String {
    let mut graph = Graph::new();
    graph.source(1, value.clone());
    shown(&mut graph, 2, input);
    if around {
        graph.connect_around(1, "", 2, 0);
    } else {
        graph.connect(1, "", 2, 0);
    }
    bench.prints(&graph)
}

#[test]
fn values_are_brought_into_the_shape_of_the_input() {
    let bench = Bench::new();
    let mut table = Table::default();
    for (value, [zero, one, two, generic]) in [
        (json!(5), ["5", "[5]", "[[5]]", "5"]),
        (json!({"a": [1]}), [r#"{"a":[1]}"#, r#"[{"a":[1]}]"#, r#"[[{"a":[1]}]]"#, r#"{"a":[1]}"#]),
        (json!([1, 2]), ["1 2", "[1,2]", "[[1,2]]", "[1,2]"]),
        (json!([[1, 2], [3]]), ["1 2 3", "[1,2] [3]", "[[1,2],[3]]", "[[1,2],[3]]"]),
        (json!([]), ["", "[]", "[[]]", "[]"]),
        (json!(null), ["null", "[null]", "[[null]]", "null"]),
        (json!([[[1]]]), ["", "[1]", "[[1]]", "[[[1]]]"]),
        (json!([1, [2]]), ["1 [2]", "[1,[2]]", "[[1,[2]]]", "[1,[2]]"]),
        (json!([[1], 2]), ["1", "[1] 2", "[[1],2]", "[[1],2]"]),
    ] {
        let mut row = |name: &str, input: Input, expected: &str| {
            table.row(format!("{value} on {name}"), delivered(&bench, &value, input, false), expected);
        };
        row("order 0", fed(), zero);
        row("order 1", fed().order(1), one);
        row("order 2", fed().order(2), two);
        row("generic", fed().generic(), generic);
    }
    table.end();
}

#[test]
fn external_values_and_initial_values_are_brought_into_shape_too() {
    let bench = Bench::new();
    let mut table = Table::default();
    for (value, order, expected) in [
        (json!([1, 2]), 0, "1 2"),
        (json!([[1, 2], [3]]), 0, "1 2 3"),
        (json!(5), 1, "[5]"),
        (json!(5), 2, "[[5]]"),
        (json!([1]), 1, "[1]"),
        (json!(5), 3, ""),
    ] {
        let external = delivered(&bench, &value, fed().order(order), true);
        table.row(format!("{value} from outside on order {order}"), external, expected);
        let mut graph = Graph::new();
        shown(&mut graph, 1, once(value.clone()).order(order));
        table.row(format!("{value} at first on order {order}"), bench.prints(&graph), expected);
    }
    table.end();
}

#[test]
fn what_has_no_place_is_told_once_for_each_connection_and_counted() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.source(1, json!([[[[1]]], [[[2]]], [[[3]]]]));
    // Three values, each three deep, to an input of order 0.
    graph.function(2, ROOT, JOIN, [fed().order(3), always(1)]);
    graph.connect(1, "", 2, 0);
    shown(&mut graph, 3, fed());
    graph.connect(2, "", 3, 0);
    let outcome = bench.call(&graph, &["-t", "1", "-v", "warn"]).run().status(0).wrote("");
    assert_eq!(outcome.stderr().lines().count(), 1, "{}", outcome.stderr());
    outcome.complained_of("warn    - ").complained_of("to input 0 of function 3");
    assert_eq!(bench.metrics(&graph, &[])["values_lost"], 3);
    bench.call(&graph, &["--strict"]).run().status(5);
}

#[test]
fn an_initial_value_that_has_no_place_is_told() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    shown(&mut graph, 1, once(json!([[[[1]]]])));
    shown(&mut graph, 6, once(json!(1)).order(4));
    let outcome = bench.call(&graph, &["-v", "warn"]).run().status(0);
    assert_eq!(outcome.stderr().lines().count(), 2, "{}", outcome.stderr());
    outcome.complained_of("input 0 of function 1").complained_of("input 0 of function 6");
    bench.call(&graph, &["--strict"]).run().status(5);
}

/// The number of input sets is that of the shortest queue.
#[test]
fn a_function_runs_as_often_as_all_of_its_inputs_have_values() {
    let bench = Bench::new();
    let mut table = Table::default();
    for (left, right, expected) in [
        (json!(["a", "b"]), json!([1, 2, 3]), "a b"),
        (json!(["a", "b", "c"]), json!([1]), "a"),
        (json!(["a"]), json!([]), ""),
    ] {
        let mut graph = Graph::new();
        graph
            .source(1, left.clone())
            .source(2, right.clone())
            .function(3, ROOT, JOIN, [fed(), fed()])
            .stdout(4)
            .connect(1, "", 3, 0)
            .connect(2, "", 3, 1)
            .connect(3, "", 4, 0);
        table.row(format!("{left} and {right}"), bench.prints(&graph), expected);
    }
    table.end();
}

#[test]
fn a_connection_sends_what_its_pointer_finds() {
    let bench = Bench::new();
    let mut table = Table::default();
    let value = json!({"a": {"b": [7, {"c": 8}]}, "n": null, "s/t": 9, "": 6});
    for (pointer, expected) in [
        ("", r#"{"":6,"a":{"b":[7,{"c":8}]},"n":null,"s/t":9}"#),
        ("/a/b", r#"[7,{"c":8}]"#),
        ("/a/b/0", "7"),
        ("/a/b/1/c", "8"),
        ("/n", "null"),
        ("/s~1t", "9"),
        ("/", "6"),
        ("/x", ""),
        ("/a/b/2", ""),
        ("/a/b/00", ""),
        ("/n/x", ""),
        ("/a/b/1/c/d", ""),
    ] {
        let mut graph = Graph::new();
        graph.source(1, value.clone());
        shown(&mut graph, 2, fed().generic());
        graph.connect(1, pointer, 2, 0);
        table.row(format!("'{pointer}'"), bench.prints(&graph), expected);
    }
    table.end();
}

/// A copy of an input is sent whatever came of the job, a part of the output only if there is one.
#[test]
fn copies_of_inputs_are_sent_without_an_output_too() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, TAP, [once("data").generic(), once(false)])
        .stdout(2)
        .connect(1, "", 2, 0)
        .connect_input(1, 1, 2, 0)
        .connect_input(1, 0, 2, 0);
    assert_eq!(bench.prints(&graph), "false data");
}

/// A null is a value, and no output is something else.
#[test]
fn null_is_sent_as_the_whole_of_an_output() {
    let bench = Bench::new();
    assert_eq!(delivered(&bench, &json!(null), fed().generic(), false), "null");
}
