//! Section 7: what can go wrong in a job, and what becomes of the flow then (ours: 15.1).
//!
//! * Missing implementations: `job_errors.rs`, and there `an_error_costs_its_own_job_only`.
//! * Panics: `a_panic_costs_its_own_job_and_ends_no_run` in `flowrlib/src/runner.rs`.
//! * Jobs that take too long and what stands behind them:
//!   `a_job_that_overruns_has_failed_and_what_stands_behind_it_is_done` in `flowrlib/src/executor/limit.rs`.
//! * Results that cannot be read, belong to nobody or to another run: `flowrlib/src/wire/message.rs`, `an_outcome_counts_once`
//!   in `flowrlib/src/state/tests/rules.rs`, `jobs_of_a_lost_executor_are_next_in_their_old_order` in
//!   `flowrlib/src/dispatch/tests/rules.rs`.
//! * Lost executors: `tests/tests/faults/main.rs`.

use crate::bench::{ADD, Bench, DIVIDE, STDOUT, words};
use flow_tests::Table;
use flow_tests::graph::{Graph, Input, ROOT, always, fed, flow_once, once};
use serde_json::json;

/// A function, and beside it one that prints a 7.
fn beside(location: &str, inputs: Vec<Input>) -> Graph {
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, location, inputs)
        .function(2, ROOT, ADD, [once(3), once(4)])
        .stdout(3)
        .connect(2, "", 3, 0);
    graph
}

#[test]
fn a_failed_job_is_told_with_its_reason_and_the_flow_goes_on() {
    let bench = Bench::new();
    bench.0.write("binary", b"\xff\xfe");
    let mut table = Table::default();
    for (location, inputs, reason) in [
        (DIVIDE, vec![once("much"), once(2)], "'dividend' must be a number but is string: \"much\""),
        (
            "context://file/file_read",
            vec![once("none.txt")],
            "cannot read 'none.txt': No such file or directory",
        ),
        ("context://file/read_text", vec![once("binary")], "cannot read 'binary': it is not text in UTF-8"),
        (
            "context://file/file_write",
            vec![once("no/such/folder"), once(json!([1])).order(1)],
            "cannot write 'no/such/folder': No such file or directory",
        ),
        (
            "context://image/image_buffer",
            vec![
                once(json!([9, 0])).order(1),
                once(json!([1, 2, 3])).order(1),
                once(json!([2, 2])).order(1),
                once("p.png"),
            ],
            "the pixel [9,0] lies outside of the picture 'p.png' of 2 x 2",
        ),
        (
            "context://image/image_write",
            vec![once(json!([[1]])).order(2), once("no/such/p.png"), once(1)],
            "cannot write the picture 'no/such/p.png': No such file or directory",
        ),
        ("context://stdio/stdin", vec![], "the input is not text in UTF-8"),
        (
            "lib://flowstdlib/error/assert",
            vec![once(1).generic(), once(false), once("too little")],
            "too little",
        ),
        (
            "lib://flowstdlib/data/duplicate",
            vec![once(1).generic(), once(1_000_000_000_000_u64)],
            "there is no room for 1000000000000 values",
        ),
        (ADD, vec![once(1)], "takes 2 input values but got 1"),
    ] {
        for threads in ["1", "4"] {
            let call = bench.call(&beside(location, inputs.clone()), &["-t", threads]);
            let outcome = call.stdin(b"\xff\xfe".to_vec()).run();
            let seen = format!("{:?} '{}'", outcome.code(), words(&outcome));
            table.row(location, seen, "Some(3) '7'");
            let told: Vec<&str> = outcome.stderr().lines().collect();
            let is_told =
                matches!(told[..], [line] if line.starts_with("ERROR   - ") && line.contains(reason));
            table.row(location, if is_told { reason.to_owned() } else { told.join("\n") }, reason);
        }
    }
    table.end();
}

/// Bytes are bytes, and only text has to be text.
#[test]
fn a_file_that_is_no_text_is_read_as_bytes() {
    let bench = Bench::new();
    bench.0.write("binary", b"\xff\xfe");
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, "context://file/file_read", [once("binary")])
        .stdout(2)
        .connect(1, "/bytes", 2, 0)
        .connect(1, "/string", 2, 0);
    assert_eq!(bench.prints(&graph), "[255,254]");
}

/// An input that is no constant is refilled after a failed job, too. Only manifests made by hand have such an input.
#[test]
fn a_function_goes_on_after_a_failed_job() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .source(1, json!([2, "much", 6]))
        .function(2, ROOT, DIVIDE, [fed(), always(2).and(flow_once(9))])
        .stdout(3)
        .connect(1, "", 2, 0)
        .connect(2, "/result", 3, 0);
    for threads in ["1", "4"] {
        assert_eq!(words(&bench.call(&graph, &["-t", threads]).run().status(3)), "1.0 3.0");
    }
}

/// What nothing but its own success would ever stop would fail for ever.
#[test]
fn a_function_that_runs_on_constants_alone_and_fails_is_completed() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, "context://file/read_text", [always("none.txt")])
        .stdout(2)
        .connect(1, "/text", 2, 0);
    let outcome = bench.call(&graph, &[]).run().status(3);
    assert_eq!(outcome.stderr().lines().count(), 1, "{}", outcome.stderr());
}

/// The flow beside the failing job would go on for ever.
#[test]
fn the_first_failed_job_ends_the_flow_if_that_is_asked_for() {
    let bench = Bench::new();
    let mut graph = beside(DIVIDE, vec![once("much"), once(2)]);
    graph.function(4, ROOT, ADD, [once(0), always(0)]).connect(4, "", 4, 0);
    for threads in ["1", "4"] {
        let outcome = bench.call(&graph, &["-t", threads, "--fail-fast"]).run().status(3);
        outcome.complained_of("'dividend' must be a number");
    }
}

#[test]
fn what_cannot_be_written_to_standard_output_is_a_failed_job() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.function(1, ROOT, STDOUT, [once("text").generic()]);
    bench.0.write("flow/manifest.json", graph.manifest());
    let outcome = bench.0.shell("flowr flow > /dev/full; echo $?").run().status(0).wrote("3\n");
    outcome.complained_of("no space left");
}

/// Nobody waits for ever, neither for threads of the runner nor for those of a worker.
#[test]
fn a_job_that_overruns_its_time_has_failed_wherever_it_runs() {
    let bench = Bench::new();
    let _worker = bench.0.worker();
    let mut graph = Graph::new();
    // Some millions of values take more than a millisecond on any machine.
    graph
        .function(1, ROOT, "lib://flowstdlib/array/range", [always(0), once(5_000_000), always(1)])
        .stdout(2);
    for threads in ["1", "0"] {
        let outcome = bench.call(&graph, &["-t", threads, "--job-timeout", "1ms"]).run().status(3);
        outcome.complained_of("took longer than 1ms");
    }
}
