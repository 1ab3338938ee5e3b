//! Section 6: from the start of a run to its end.
//!
//! * 6.2, all complete input sets become jobs at once, and an always ready function has one at a time: looked at after
//!   each event of every simulated run by `flowrlib/src/state/tests/consistency.rs`.
//! * 6.3, a limit on jobs and waiting without spinning: `c02_` in the file on checks.
//! * 6.5, results on their way: `flowrlib/src/wire/message.rs`.
//! * 6.6, a loop starts no job with half of its values: `a_loop_starts_no_job_with_half_of_its_values` in
//!   `flowrlib/src/state/tests/rules.rs`.
//! * 6.7 and 6.8, invocations of sub-flows: `flowrlib/src/state/tests/invocations.rs`, and the file on traces.
//! * 6.11, what order is guaranteed: `flowrlib/src/state/tests/any_schedule.rs`, and every example in `examples.rs`.

use crate::bench::{ADD, Bench, COMPARE, JOIN, SUBTRACT, TAP, words};
use flow_tests::graph::{Graph, ROOT, always, fed, flow_once, once};
use serde_json::json;

#[test]
fn the_first_jobs_are_those_of_functions_in_ascending_order_of_their_ids() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.stdout(15);
    for id in [30, 4, 20, 100, 11] {
        graph.source(id, id).connect(id, "", 15, 0);
    }
    for _ in 0..5 {
        assert_eq!(bench.prints(&graph), "4 11 20 30 100");
    }
}

#[test]
fn connections_are_served_in_the_order_of_the_manifest() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .source(1, 1)
        .function(2, ROOT, ADD, [fed(), always(200)])
        .function(3, ROOT, ADD, [fed(), always(100)])
        .stdout(4)
        .connect(1, "", 3, 0)
        .connect(1, "", 4, 0)
        .connect(1, "", 2, 0)
        .connect(2, "", 4, 0)
        .connect(3, "", 4, 0);
    assert_eq!(bench.prints(&graph), "1 101 201");
}

/// Both inputs are filled by the function itself: it runs when both have come, and with nothing left behind.
#[test]
fn what_a_function_sends_to_itself_makes_one_job() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, SUBTRACT, [once(3), once(1)])
        .function(2, ROOT, COMPARE, [fed(), always(0)])
        .function(3, ROOT, TAP, [fed().generic(), fed()])
        .function(4, ROOT, JOIN, [fed(), fed()])
        .stdout(5)
        .connect(1, "", 5, 0)
        .connect(1, "", 2, 0)
        .connect_input(1, 1, 4, 0)
        .connect(1, "", 3, 0)
        .connect(2, "/gt", 3, 1)
        .connect(3, "", 1, 0)
        .connect(3, "", 4, 1)
        .connect(4, "", 1, 1);
    assert_eq!(bench.prints(&graph), "2 1 0");
}

/// A countdown in a flow inside of the flow that is idle in between.
#[test]
fn a_flow_is_idle_when_nothing_below_it_has_anything_to_do() {
    let bench = Bench::new();
    let (outer, inner) = (1, 2);
    let mut graph = Graph::new();
    graph
        .flow(outer)
        .flow_in(inner, outer)
        .function(3, outer, JOIN, [flow_once(json!([2, 3])), always(true)])
        .function(4, inner, SUBTRACT, [fed(), always(1)])
        .function(5, inner, COMPARE, [fed(), always(0)])
        .function(6, inner, TAP, [fed().generic(), fed()])
        .stdout(7)
        .connect(3, "", 4, 0)
        .connect(4, "", 7, 0)
        .connect(4, "", 5, 0)
        .connect(4, "", 6, 0)
        .connect(5, "/gt", 6, 1)
        .connect(6, "", 4, 0);
    assert_eq!(bench.prints(&graph), "1 0 2 1 0");
}

#[test]
fn the_root_flow_has_initial_values_for_when_nothing_is_left_too() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.function(1, ROOT, ADD, [flow_once(json!([1, 2, 3])), always(10)]).stdout(2).connect(1, "", 2, 0);
    assert_eq!(bench.prints(&graph), "11 12 13");
}

#[test]
fn a_flow_in_which_nothing_can_run_ends_at_once() {
    let bench = Bench::new();
    assert_eq!(bench.prints(&Graph::new()), "");
    let mut graph = Graph::new();
    graph.function(1, ROOT, ADD, [once(1), fed()]).stdout(2).connect(1, "", 2, 0);
    assert_eq!(bench.prints(&graph), "");
    assert_eq!(bench.metrics(&graph, &[])["jobs_created"], 0);
    // No executor is there, and none is needed.
    bench.call(&Graph::new(), &["-t", "0", "--no-workers"]).run().status(0).quietly().wrote("");
}

/// What is left is told with `-v info`, and is no good end with `--strict`. Constants and what loops are not left over.
#[test]
fn what_is_left_half_filled_is_told() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .source(1, json!([1, 2]))
        .function(2, ROOT, ADD, [fed(), fed()])
        .function(3, ROOT, ADD, [always(1), fed()])
        .function(4, ROOT, ADD, [fed(), fed()])
        .stdout(5)
        .connect_around(1, "", 2, 1)
        .connect(1, "", 4, 1);
    let outcome = bench.call(&graph, &["-v", "info"]).run().status(0).wrote("");
    let told = outcome.stderr().lines().filter(|line| line.contains("was left with values"));
    assert_eq!(told.count(), 1, "{}", outcome.stderr());
    outcome
        .complained_of("function 2 (lib://flowstdlib/math/add) was left with values and nothing on input 0");
    bench.call(&graph, &["--strict"]).run().status(5).wrote("");
    bench.call(&graph, &[]).run().status(0).quietly();
}

/// A function that is completed keeps still, and what comes for it is counted.
#[test]
fn values_for_completed_functions_are_discarded_and_counted() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .source(1, json!(["", "", "", "", ""]))
        .function(2, ROOT, "context://stdio/readline", [fed()])
        .stdout(3)
        .connect(1, "", 2, 0)
        .connect(2, "/string", 3, 0)
        // One that comes when the reader has long met the end of the input.
        .function(4, ROOT, JOIN, [fed(), always(1)])
        .connect(2, "/string", 4, 0)
        .connect(4, "", 2, 0);
    let options = ["-t", "2", "-m", "--metrics-format", "json"];
    let outcome = bench.call(&graph, &options).stdin("a\nb\n").run().status(0);
    let printed = words(&outcome);
    assert!(printed.starts_with("a b {"), "{printed}");
    // Two have read, one has met the end; nothing has become of the two others and the two that came back.
    let counted: serde_json::Value = serde_json::from_str(printed.trim_start_matches("a b ")).unwrap();
    assert_eq!(counted["values_discarded"], 4, "{counted}");
}
