//! What a user would notice if it became slow.

use flow_tests::graph::{Graph, ROOT, fed, once};
use flow_tests::{Example, Place};
use std::time::{Duration, Instant};

/// The best of twenty, because the machine may be busy with other things; nothing but the program can make all slow.
#[test]
fn a_small_flow_starts_and_ends_at_once() {
    let place = Place::new();
    let folder = place.example("hello-world");
    place.flowc().args(["-c", &folder]).run().status(0);
    let expected = Example::named("hello-world").expected;
    let best = (0..20)
        .map(|_| {
            let before = Instant::now();
            place.flowr().args([&folder]).run().status(0).quietly().wrote(&expected);
            before.elapsed()
        })
        .min();
    assert!(best < Some(Duration::from_millis(50)), "{best:?}");
}

/// All of them are ready at the same moment, and are printed in order.
#[test]
fn a_million_jobs_come_from_one_array() {
    let (repeat, root, print) = (1, 2, 3);
    let mut graph = Graph::new();
    graph
        .function(repeat, ROOT, "lib://flowstdlib/data/duplicate", [once(49).generic(), once(1_000_000)])
        .function(root, ROOT, "lib://flowstdlib/math/sqrt", [fed()])
        .stdout(print)
        .connect(repeat, "", root, 0)
        .connect(root, "", print, 0);
    let place = Place::new();
    place.write("flow/manifest.json", graph.manifest());
    let _worker = place.worker();
    for threads in ["1", "2", "0"] {
        place
            .flowr()
            .args(["-t", threads, "flow"])
            .run()
            .status(0)
            .quietly()
            .wrote("7.0\n".repeat(1_000_000));
    }
}
