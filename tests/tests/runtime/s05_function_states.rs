//! Section 5: the states of functions, which follow from what is waiting and what is running.
//!
//! Nothing shows them by their names yet; the table is what they mean.

use crate::bench::{ADD, Bench, COMPARE, JOIN, READLINE, SUBTRACT, TAP};
use flow_tests::Table;
use flow_tests::graph::{Graph, ROOT, always, fed, once};
use serde_json::json;

#[test]
fn functions_wait_get_ready_run_and_complete() {
    let bench = Bench::new();
    let mut table = Table::default();
    let graph = |build: &dyn Fn(&mut Graph)| {
        let mut graph = Graph::new();
        graph.stdout(9);
        build(&mut graph);
        graph
    };
    for (event, input, graph, expected) in [
        (
            "start, all inputs filled: ready",
            "",
            graph(&|graph| {
                graph.function(1, ROOT, ADD, [once(1), once(2)]).connect(1, "", 9, 0);
            }),
            "3",
        ),
        (
            "start, an input empty: waits",
            "",
            graph(&|graph| {
                graph.function(1, ROOT, ADD, [once(1), fed()]).connect(1, "", 9, 0);
            }),
            "",
        ),
        (
            "waits, a delivery completes an input set: ready",
            "",
            graph(&|graph| {
                graph.source(2, 5).function(1, ROOT, ADD, [once(1), fed()]);
                graph.connect(2, "", 1, 1).connect(1, "", 9, 0);
            }),
            "6",
        ),
        (
            "has run, queued values: ready again",
            "",
            graph(&|graph| {
                graph.source(2, json!([5, 6])).function(1, ROOT, ADD, [always(1), fed()]);
                graph.connect(2, "", 1, 1).connect(1, "", 9, 0);
            }),
            "6 7",
        ),
        (
            "has run, a value of its own loops back: ready again, until one does not",
            "",
            graph(&|graph| {
                graph
                    .function(1, ROOT, SUBTRACT, [once(2), always(1)])
                    .function(2, ROOT, COMPARE, [fed(), always(0)])
                    .function(3, ROOT, TAP, [fed().generic(), fed()]);
                graph.connect(1, "", 9, 0).connect(1, "", 2, 0).connect(1, "", 3, 0);
                graph.connect(2, "/gt", 3, 1).connect(3, "", 1, 0);
            }),
            "1 0",
        ),
        (
            "has run, an input empty: waits",
            "",
            graph(&|graph| {
                graph.source(2, json!([5, 6])).function(1, ROOT, ADD, [once(1), fed()]);
                graph.connect(2, "", 1, 1).connect(1, "", 9, 0);
            }),
            "6",
        ),
        (
            "has run and does not want to run again: completed, whatever comes",
            "one\n",
            graph(&|graph| {
                graph.source(2, json!(["p1", "p2", "p3", "p4"])).function(1, ROOT, READLINE, [fed()]);
                graph.connect(2, "", 1, 0).connect(1, "/string", 9, 0).connect_input(1, 0, 9, 0);
            }),
            "one p1 p2",
        ),
        (
            "completed: a function that waits for it waits for ever",
            "",
            graph(&|graph| {
                graph.readline(2).function(1, ROOT, JOIN, [once(1).generic(), fed().generic()]);
                graph.connect(2, "/string", 1, 1).connect(1, "", 9, 0);
            }),
            "",
        ),
    ] {
        table.row(event, bench.prints_of(&graph, input), expected);
    }
    table.end();
}
