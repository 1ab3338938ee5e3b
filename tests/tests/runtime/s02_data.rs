//! Section 2: what a run consists of.
//!
//! * 2.1, the terms of a submission: `failed_jobs_are_told_at_the_client_and_in_its_status` and
//!   `what_is_half_filled_is_told_under_strict_terms` in `client_server.rs`.
//! * 2.2, the invariant of busy counts: `flowrlib/src/state/tests/consistency.rs`, which looks at every simulated run
//!   after each event, and `flowrlib/src/state/tests/traces.rs`, event by event.
//! * 2.4, inputs: the files on sections 3 and 4.

use crate::bench::{Bench, DIVIDE};
use flow_tests::graph::{Graph, ROOT, always, fed};
use serde_json::json;

/// Four divisions, the second and fourth of which fail.
fn failing() -> Graph {
    let mut graph = Graph::new();
    graph
        .source(1, json!([1, "two", 3, "four"]))
        .function(2, ROOT, DIVIDE, [fed(), always(2)])
        .stdout(3)
        .connect(1, "", 2, 0)
        .connect(2, "/result", 3, 0);
    graph
}

#[test]
fn jobs_are_numbered_from_1_in_the_order_of_their_creation() {
    let bench = Bench::new();
    for threads in ["1", "4"] {
        let outcome = bench.call(&failing(), &["-t", threads]).run().status(3).wrote("0.5\n1.5\n");
        outcome.complained_of("job 3 failed").complained_of("job 5 failed");
    }
}

#[test]
fn every_submission_counts_from_1() {
    let bench = Bench::new();
    let server = bench.0.server(&[]);
    for _ in 0..2 {
        let call = bench.call(&failing(), &["-c"]);
        call.run().status(3).complained_of("job 3 failed").complained_of("job 5 failed");
    }
    server.end();
}
