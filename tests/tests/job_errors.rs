//! Jobs that go wrong: an error that names the function, status 3, and never a run that hangs.

use flow_tests::graph::{Graph, ROOT, fed, once};
use flow_tests::{Outcome, Place};
use std::time::{Duration, Instant};

/// Divides its first argument, which may be anything, by two; and prints the second.
const HALVE: &str = r#"flow = "halve"

[[process]]
source = "context://args/get"

[[process]]
alias = "half"
source = "lib://flowstdlib/math/divide"
input.divisor = { once = 2 }

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "get/json/1"
to = "half/dividend"

[[connection]]
from = "half/result"
to = "stdout"

[[connection]]
from = "get/json/2"
to = "stdout"
"#;

/// A function that cannot be found, and one that prints a line and has nothing to do with it.
fn with_a_missing_function(location: &str) -> String {
    let (missing, print, first) = (1, 2, 3);
    let mut graph = Graph::new();
    graph
        .function(missing, ROOT, location, [once(1)])
        .stdout(print)
        .function(first, ROOT, "lib://flowstdlib/math/add", [once(1), once(1)])
        .connect(missing, "", print, 0)
        .connect(first, "", print, 0);
    graph.manifest()
}

/// Runs something that cannot go well, and checks that it fails soon.
fn fails_soon(place: &Place, threads: &str, args: &[&str]) -> Outcome {
    let before = Instant::now();
    let outcome = place.flowr().args(["-t", threads]).args(args).run().status(3);
    assert!(before.elapsed() < Duration::from_secs(10), "an error is no reason to wait");
    outcome
}

#[test]
fn c03_an_unknown_library_function() {
    let place = Place::new();
    place.write("flow/manifest.json", with_a_missing_function("lib://flowstdlib/math/guess"));
    for threads in ["1", "4"] {
        fails_soon(&place, threads, &["flow"]).complained_of("lib://flowstdlib/math/guess").wrote("2\n");
    }
}

#[test]
fn an_unknown_library() {
    let place = Place::new();
    place.write("flow/manifest.json", with_a_missing_function("lib://nobody/math/add"));
    fails_soon(&place, "1", &["flow"]).complained_of("lib://nobody/math/add").wrote("2\n");
}

#[test]
fn an_unknown_context_function() {
    let place = Place::new();
    place.write("flow/manifest.json", with_a_missing_function("context://stdio/shout"));
    fails_soon(&place, "1", &["flow"]).complained_of("context://stdio/shout").wrote("2\n");
}

#[test]
fn a_missing_module() {
    let place = Place::new();
    place.write("flow/manifest.json", with_a_missing_function("missing.wasm"));
    fails_soon(&place, "1", &["flow"]).complained_of("missing.wasm").wrote("2\n");
}

#[test]
fn a_module_that_is_none() {
    let place = Place::new();
    place.write("flow/manifest.json", with_a_missing_function("notes.wasm"));
    place.write("flow/notes.wasm", "these bytes are not WebAssembly");
    fails_soon(&place, "1", &["flow"]).complained_of("notes.wasm").wrote("2\n");
}

#[test]
fn an_unknown_library_function_on_a_worker() {
    let place = Place::new();
    let mut worker = place.worker();
    place.write("flow/manifest.json", with_a_missing_function("lib://flowstdlib/math/guess"));
    fails_soon(&place, "0", &["flow"]).complained_of("lib://flowstdlib/math/guess").wrote("2\n");
    worker.wait_until_waiting();
    assert!(worker.program().goes_on());
}

#[test]
fn a_job_that_returns_an_error_is_named_by_its_route() {
    let place = Place::new();
    place.write("flow/root.toml", HALVE);
    place.flowc().args(["-c", "-d", "flow"]).run().status(0);
    for threads in ["1", "4"] {
        fails_soon(&place, threads, &["flow", "much", "7"]).complained_of("/halve/half").wrote("7\n");
    }
}

#[test]
fn a_job_that_returns_an_error_is_named_without_debug_symbols_too() {
    let place = Place::new();
    place.write("flow/root.toml", HALVE);
    place.flowc().args(["-c", "flow"]).run().status(0);
    fails_soon(&place, "1", &["flow", "much", "7"]).complained_of("divide").wrote("7\n");
}

#[test]
fn a_job_that_returns_an_error_on_a_worker() {
    let place = Place::new();
    place.write("flow/root.toml", HALVE);
    place.flowc().args(["-c", "-d", "flow"]).run().status(0);
    let mut worker = place.worker();
    fails_soon(&place, "0", &["flow", "much", "7"]).complained_of("/halve/half").wrote("7\n");
    worker.wait_until_waiting();
    place.flowr().args(["-t", "0", "flow", "8", "7"]).run().status(0).quietly().wrote("7\n4.0\n");
}

#[test]
fn the_compiler_passes_the_status_of_a_failed_job_on() {
    let place = Place::new();
    place.write("flow/root.toml", HALVE);
    place.flowc().args(["flow", "much", "7"]).run().status(3).complained_of("divide").wrote("7\n");
}

/// One of three jobs of a function fails; the others, before and after it, are not affected.
#[test]
fn an_error_costs_its_own_job_only() {
    let place = Place::new();
    let (halve, print) = (1, 2);
    let mut graph = Graph::new();
    let dividends = serde_json::json!([2, "much", 6]);
    graph
        .source(3, dividends)
        .function(halve, ROOT, "lib://flowstdlib/math/divide", [fed(), flow_tests::graph::always(2)])
        .stdout(print)
        .connect(3, "", halve, 0)
        .connect(halve, "/result", print, 0);
    place.write("flow/manifest.json", graph.manifest());
    for threads in ["1", "4"] {
        fails_soon(&place, threads, &["flow"]).complained_of("divide").wrote("1.0\n3.0\n");
    }
}

/// What runs out of range is no error: the flow has simply come to its end.
#[test]
fn overflow_is_not_an_error() {
    let place = Place::new();
    let folder = place.example("fibonacci");
    place.flowc().args(["-c", &folder]).run().status(0);
    place.flowr().args(["-t", "2", &folder]).run().status(0).quietly();
}
