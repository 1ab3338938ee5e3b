//! Workers that are killed, or fall silent, at every step of what they do; and crowds.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flow_tests::graph::{Graph, ROOT, once};
use flow_tests::{LINE_LIMIT, Place, RUN_LIMIT, Worker, repository};
use std::fs;
use std::thread;
use std::time::Duration;

/// Counts up and tells how many digits each number has, in steps of which one is done by a module, so that a worker has
/// to fetch it first.
const FLOW: &str = r#"flow = "digits"

[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = { once = 1 }
input.step = { once = 1 }
input.limit = { once = LIMIT }

[[process]]
source = "lib://flowstdlib/fmt/to_string"

[[process]]
source = "bytes"

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "sequence/number"
to = "to_string"

[[connection]]
from = "to_string"
to = "bytes"

[[connection]]
from = "bytes"
to = "stdout"
"#;

/// How far it counts, for things to happen in the middle.
const FAR: u32 = 3000;

/// How far it counts in a crowd.
const NOT_FAR: u32 = 20;

/// What the flow prints.
pub(crate) fn shown() -> String {
    shown_up_to(FAR)
}

fn shown_up_to(limit: u32) -> String {
    (1..=limit).map(|number: u32| format!("{}\n", number.to_string().len())).collect()
}

/// What a worker logs when it begins a step.
pub(crate) const STEPS: [&str; 5] =
    ["Found runner", "Working for runner", "Waiting for module", "Received", "Finished"];

/// A place with the flow, and the function `bytes`, which counts the bytes of a text in a module.
pub(crate) fn place() -> Place {
    place_up_to(FAR)
}

fn place_up_to(limit: u32) -> Place {
    let place = Place::new();
    let book = fs::read_to_string(repository().join("docs/functions.md")).unwrap();
    let module = book.split_once("```wat\n").unwrap().1.split_once("```\n").unwrap().0;
    place.write("flow/bytes.wat", module);
    let definition = "function = \"bytes\"\nsource = \"bytes.wat\"\ntype = \"wat\"\n[[input]]\ntype = \"string\"\n\
                      [[output]]\ntype = \"number\"\n";
    place.write("flow/bytes.toml", definition);
    place.write("flow/root.toml", FLOW.replace("LIMIT", &limit.to_string()));
    place.flowc().args(["-c", "flow"]).run().status(0);
    place
}

/// A worker, which has not fetched anything before, has come to a step when something happens to it; another does what
/// is left to do.
fn at_every_step(suffers: impl Fn(&mut Worker)) {
    let place = place();
    for step in STEPS {
        fs::remove_dir_all(place.home().join(".flow/cache")).ok();
        let mut first = place.worker();
        let runner = place.flowr().args(["-t", "0", "-v", "warn", "flow"]).start();
        first.wait_for_log(step, |line| line.contains(step));
        suffers(&mut first);
        let _second = place.start_worker();
        runner.finish(RUN_LIMIT).status(0).wrote(shown());
    }
}

#[test]
fn a_worker_may_be_killed_at_any_step() {
    at_every_step(|worker| worker.program().kill());
}

#[test]
fn a_worker_may_fall_silent_at_any_step() {
    at_every_step(|worker| worker.program().freeze());
}

#[test]
fn a_worker_that_stood_still_at_any_step_goes_on() {
    let at_step = |step: &str| {
        let place = place();
        let mut worker = place.worker();
        let runner = place.flowr().args(["-t", "0", "flow"]).start();
        worker.wait_for_log(step, |line| line.contains(step));
        worker.program().freeze();
        // Longer than its lease.
        thread::sleep(Duration::from_secs(5));
        worker.program().thaw();
        runner.finish(RUN_LIMIT).status(0).wrote(shown());
    };
    thread::scope(|scope| {
        for step in STEPS {
            scope.spawn(move || at_step(step));
        }
    });
}

/// A module that counts for some seconds and gives back its input.
const LONG: &str = r#"(module
    (memory (export "memory") 2)
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "flow_run") (param $offset i32) (param $length i32) (result i64)
        (local $left i64)
        (local.set $left (i64.const 4000000000))
        (loop (br_if 0 (i64.ne (local.tee $left (i64.sub (local.get $left) (i64.const 1))) (i64.const 0))))
        (i32.store8 (local.get $offset) (i32.const 4))
        (i64.or (i64.shl (i64.extend_i32_u (local.get $offset)) (i64.const 32))
            (i64.extend_i32_u (local.get $length)))))"#;

#[test]
fn a_worker_that_is_told_to_end_gives_back_its_jobs_and_is_not_lost() {
    let place = Place::new();
    let (count, print) = (1, 2);
    let mut graph = Graph::new();
    graph
        .function(count, ROOT, "count.wasm", [once(vec![1, 2, 3])])
        .stdout(print)
        .connect(count, "", print, 0);
    place.write("flow/manifest.json", graph.manifest());
    place.write("flow/count.wasm", wat::parse_str(LONG).unwrap());
    let worker = || Worker::start(place.call("flowrex").args(["-v", "debug", "-t", "1"]));
    let mut first = worker();
    first.wait_until_waiting();
    let runner =
        place.flowr().args(["-t", "0", "-v", "info", "--status-json", "status.json", "flow"]).start();
    first.wait_for_log("that it got jobs", |line| line.contains("Received"));
    first.program().terminate();
    first.finish().status(0);
    runner.wait_for_stderr("that the worker left", |line| line.contains("left; 0 jobs are run again"));
    let _second = worker();
    runner.finish(RUN_LIMIT).status(0).wrote("1\n2\n3\n");
    let status = place.read_json("status.json");
    let executors = status["executors"].as_array().unwrap();
    assert!(executors.iter().all(|one| one["lost"] == 0), "{status}");
    let left: Vec<_> = executors.iter().filter(|one| one["is_attached"] == false).collect();
    assert!(left.len() == 1 && left.iter().all(|one| one["returned"].as_u64() > Some(0)), "{status}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_module_that_never_ends_ends_with_its_run() {
    let place = Place::new();
    let mut graph = Graph::new();
    graph.function(1, ROOT, "endless.wasm", [once(1)]);
    place.write("flow/manifest.json", graph.manifest());
    let endless = LONG.replace("(loop (br_if 0", "(loop (br 0)) (loop (br_if 0");
    assert_ne!(endless, LONG);
    place.write("flow/endless.wasm", wat::parse_str(endless).unwrap());
    let mut worker = place.worker();
    let mut runner = place.flowr().args(["-t", "0", "flow"]).start();
    worker.wait_for_log("that it got a job", |line| line.contains("Received"));
    runner.interrupt();
    runner.finish(LINE_LIMIT).interrupted();
    worker.wait_until_waiting();
    worker.program().comes_to_rest();
}

#[test]
fn a_runner_that_stood_still_has_lost_nobody() {
    let place = Place::new();
    let expected = crate::long(&place, crate::NUMBERS);
    let worker = place.worker();
    let mut runner = crate::run_on_workers(&place);
    crate::wait_for_the_middle(&runner);
    runner.freeze();
    // Longer than its leases, and shorter than the patience of its workers.
    thread::sleep(Duration::from_secs(4));
    runner.thaw();
    crate::completes(runner, &expected);
    assert!(!worker.log().iter().any(|line| line.contains("joining again")), "nobody was given up");
}

/// How many runners there are in a crowd, and as many workers; 100 of each make it the 200 of the hard test:
/// `FLOW_CROWD=100 cargo test --test faults crowd`.
fn crowd() -> usize {
    std::env::var("FLOW_CROWD").ok().and_then(|number| number.parse().ok()).unwrap_or(16)
}

#[test]
fn a_crowd_of_runners_and_workers_that_starts_at_once_is_served() {
    let place = place_up_to(NOT_FAR);
    let limit = RUN_LIMIT.max(LINE_LIMIT * crowd() as u32);
    let workers: Vec<_> = (0..crowd()).map(|_| place.call("flowrex").args(["-t", "1"]).start()).collect();
    let runners: Vec<_> = (0..crowd()).map(|_| place.flowr().args(["-t", "0", "flow"]).start()).collect();
    for runner in runners {
        runner.finish(limit).status(0).quietly().wrote(shown_up_to(NOT_FAR));
    }
    drop(workers);
}
