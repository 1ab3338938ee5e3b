//! WebAssembly modules that belong to a flow: they run here, on workers and on servers, whatever they do.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flow_tests::graph::{Graph, ROOT, fed, once};
use flow_tests::{Place, Worker};
use std::fs::File;

/// A module of the value convention whose job does this, with the call at `$offset`.
fn module(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") 2)
            (global $next (mut i32) (i32.const 1024))
            (func (export "alloc") (param $size i32) (result i32)
                (local $offset i32)
                (local.set $offset (global.get $next))
                (global.set $next (i32.add (global.get $next) (local.get $size)))
                (local.get $offset))
            (func $again (param i32) (result i32) (call $again (local.get 0)))
            (func (export "flow_run") (param $offset i32) (param $length i32) (result i64) {body}))"#
    );
    wat::parse_str(text).unwrap()
}

/// Gives back its only input: a call of one input becomes its answer by changing the first byte.
const ECHO: &str = "(i32.store8 (local.get $offset) (i32.const 4))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $offset)) (i64.const 32)) (i64.extend_i32_u (local.get $length)))";

/// How many values go through the module of [`echo`].
const VALUES: u32 = 200;

/// What [`echo`] prints.
fn printed() -> String {
    (0..VALUES).map(|number| format!("{number}\n")).collect()
}

/// A flow whose values go through a module one by one and are printed.
fn echo(place: &Place, folder: &str, body: &str) {
    let (echo, print) = (1, 2);
    let mut graph = Graph::new();
    graph
        .function(echo, ROOT, "echo.wasm", [once((0..VALUES).collect::<Vec<_>>())])
        .stdout(print)
        .connect(echo, "", print, 0);
    place.write(&format!("{folder}/manifest.json"), graph.manifest());
    place.write(&format!("{folder}/echo.wasm"), module(body));
}

fn modules_waited_for(worker: &Worker) -> usize {
    worker.log().iter().filter(|line| line.contains("Waiting for module")).count()
}

#[test]
fn a_module_gives_the_same_on_any_number_of_threads_and_workers() {
    let place = Place::new();
    echo(&place, "flow", ECHO);
    for threads in ["1", "2", "8"] {
        place.flowr().args(["-t", threads, "flow"]).run().status(0).quietly().wrote(printed());
    }
    let _workers = [place.worker(), place.worker()];
    for _ in 0..3 {
        place.flowr().args(["-t", "0", "flow"]).run().status(0).quietly().wrote(printed());
    }
}

#[test]
fn a_worker_is_sent_a_module_once_and_another_version_is_another_module() {
    let place = Place::new();
    echo(&place, "flow", ECHO);
    let mut worker = place.worker();
    let run = || place.flowr().args(["-t", "0", "flow"]).run().status(0).quietly().wrote(printed());
    run();
    worker.wait_until_idle();
    assert_eq!(modules_waited_for(&worker), 1);
    run();
    worker.wait_until_idle();
    assert_eq!(modules_waited_for(&worker), 1, "it is kept");
    place.replace("flow/echo.wasm", module(&format!("(nop) {ECHO}")));
    run();
    worker.wait_until_idle();
    assert_eq!(modules_waited_for(&worker), 2, "the file has another content");
}

#[test]
fn a_server_runs_the_modules_of_its_clients() {
    let place = Place::new();
    let server = place.server(&["-t", "2"]);
    for folder in ["one", "other"] {
        echo(&place, folder, ECHO);
        place.client().args([folder]).run().status(0).quietly().wrote(printed());
    }
    server.end();
}

/// A flow with a module that does this, and with a function that has nothing to do with it and prints 2.
fn beside(place: &Place, folder: &str) {
    let (bad, add, print) = (1, 2, 3);
    let mut graph = Graph::new();
    graph
        .function(bad, ROOT, "bad.wasm", [once(1)])
        .function(add, ROOT, "lib://flowstdlib/math/add", [once(1), once(1)])
        .stdout(print)
        .connect(bad, "", print, 0)
        .connect(add, "", print, 0);
    place.write(&format!("{folder}/manifest.json"), graph.manifest());
}

#[test]
fn what_a_module_does_is_an_error_of_its_job_and_of_no_other() {
    let place = Place::new();
    for (number, (body, reason)) in [
        ("(loop (br 0)) (i64.const 0)", "took longer than 300ms"),
        ("(drop (call $again (i32.const 1))) (i64.const 0)", "calls itself too deeply"),
        ("(unreachable)", "its module gave up"),
        ("(i64.load (i32.const -8))", "out of bounds memory access"),
        ("(i64.const -1)", "its result has 4294967295 bytes"),
        ("(i64.const 0x0002000000000001)", "its answer is outside its memory"),
        (
            "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then (unreachable))) (i64.const 0)",
            "needs more than the 1048576 bytes of memory",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = format!("flow{number}");
        beside(&place, &folder);
        place.write(&format!("{folder}/bad.wasm"), module(body));
        let options = ["-t", "2", "--job-timeout", "300ms", "--module-memory", "1MiB", &folder];
        let outcome = place.flowr().args(options).run().status(3).wrote("2\n");
        outcome.complained_of(reason).complained_of("bad.wasm");
    }
}

/// A constant goes round, so all three jobs begin at once; but where the second fails there is no third, and that one
/// would never end.
#[test]
fn a_job_that_fails_calls_off_those_that_would_not_exist() {
    let place = Place::new();
    // A call of two small numbers is their count, and each of them behind a byte that says what it is.
    let picky = "(local $number i32)
        (local.set $number (i32.load8_u (i32.add (local.get $offset) (i32.const 4))))
        (if (i32.eq (local.get $number) (i32.const 3)) (then (loop (br 0))))
        (if (i32.eq (local.get $number) (i32.const 2)) (then (unreachable)))
        (i32.store8 (i32.const 0) (i32.const 4))
        (i32.store8 (i32.const 1) (i32.const 3))
        (i32.store8 (i32.const 2) (local.get $number))
        (i64.const 3)";
    let (numbers, work, print) = (1, 2, 3);
    let mut graph = Graph::new();
    graph
        .source(numbers, vec![1, 2, 3])
        .function(work, ROOT, "picky.wasm", [once(7), fed()])
        .stdout(print)
        .connect(numbers, "", work, 1)
        .connect_input(work, 0, work, 0)
        .connect(work, "", print, 0);
    place.write("flow/manifest.json", graph.manifest());
    place.write("flow/picky.wasm", module(picky));
    for threads in ["1", "2", "4"] {
        let outcome = place.flowr().args(["-t", threads, "flow"]).run().status(3).wrote("1\n");
        outcome.complained_of("picky.wasm").complained_of("gave up");
    }
    let mut worker = place.worker();
    place.flowr().args(["-t", "0", "flow"]).run().status(3).wrote("1\n").complained_of("picky.wasm");
    worker.wait_until_idle();
}

#[test]
fn what_is_no_module_is_told_by_name_and_the_rest_of_the_flow_goes_on() {
    let place = Place::new();
    let imports = wat::parse_str(r#"(module (import "env" "now" (func)))"#).unwrap();
    let whole = module(ECHO);
    let half = whole.get(..whole.len() / 2).unwrap().to_vec();
    for (number, (bytes, reason)) in [
        (imports, "imports 'env.now'"),
        (half, "not a module that can be run"),
        (b"#!/bin/sh\n".to_vec(), "not a module that can be run"),
        (Vec::new(), "not a module that can be run"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = format!("flow{number}");
        beside(&place, &folder);
        place.write(&format!("{folder}/bad.wasm"), bytes);
        let outcome = place.flowr().args([&folder]).run().status(3).wrote("2\n");
        outcome.complained_of(reason).complained_of("bad.wasm");
        place.flowr().args(["--strict", &folder]).run().status(1).wrote("");
    }
}

#[test]
fn a_module_that_is_missing_or_huge_is_told_by_name() {
    let place = Place::new();
    beside(&place, "flow");
    place.flowr().args(["flow"]).run().status(3).wrote("2\n").complained_of("bad.wasm does not exist");
    let huge = File::create(place.work().join("flow/bad.wasm")).unwrap();
    huge.set_len(500 << 20).unwrap();
    place.flowr().args(["flow"]).run().status(3).wrote("2\n").complained_of("more than the 64 MiB");
}

#[test]
fn a_worker_answers_for_modules_that_cannot_be_run() {
    let place = Place::new();
    beside(&place, "flow");
    place.write("flow/bad.wasm", b"not a module");
    let mut worker = place.worker();
    let outcome = place.flowr().args(["-t", "0", "flow"]).run().status(3).wrote("2\n");
    outcome.complained_of("not a module that can be run").complained_of("bad.wasm");
    worker.wait_until_idle();
    // Nor does one that never ends keep the worker from what comes next.
    place.replace("flow/bad.wasm", module("(loop (br 0)) (i64.const 0)"));
    let options = ["-t", "0", "--job-timeout", "300ms", "flow"];
    place.flowr().args(options).run().status(3).wrote("2\n").complained_of("took longer than 300ms");
    echo(&place, "next", ECHO);
    place.flowr().args(["-t", "0", "next"]).run().status(0).quietly().wrote(printed());
}

#[test]
fn a_worker_may_allow_less_than_its_runner() {
    let place = Place::new();
    let growing =
        "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then (unreachable))) (i64.const 0)";
    for (body, reason) in [
        ("(loop (br 0)) (i64.const 0)", "took longer than 200ms"),
        (growing, "needs more than the 1048576 bytes of memory"),
    ] {
        beside(&place, "flow");
        place.write("flow/bad.wasm", module(body));
        let options = ["-v", "debug", "--job-timeout", "200ms", "--module-memory", "1MiB"];
        let mut worker = Worker::start(place.call("flowrex").args(options));
        worker.wait_until_waiting();
        let outcome = place.flowr().args(["-t", "0", "flow"]).run().status(3).wrote("2\n");
        outcome.complained_of(reason);
    }
}

#[test]
fn a_job_can_have_an_instance_of_its_own() {
    let place = Place::new();
    // Gives how often the instance was called.
    let count = "(i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
        (i32.store8 (i32.const 0) (i32.const 4))
        (i32.store8 (i32.const 1) (i32.const 3))
        (i32.store8 (i32.const 2) (i32.load (i32.const 8)))
        (i64.const 3)";
    let (counter, print) = (1, 2);
    let mut graph = Graph::new();
    graph
        .function(counter, ROOT, "count.wasm", [once(vec![0; 20])])
        .function(print, ROOT, "context://stdio/stdout", [fed().generic()])
        .connect(counter, "", print, 0);
    place.write("flow/manifest.json", graph.manifest());
    place.write("flow/count.wasm", module(count));
    let fresh = "1\n".repeat(20);
    place.flowr().args(["-t", "1", "--fresh-instances", "flow"]).run().status(0).wrote(fresh.as_str());
    // Which jobs meet in an instance is nobody's business, but some do.
    let kept = place.flowr().args(["-t", "1", "flow"]).run().status(0).quietly();
    assert_ne!(kept.stdout(), fresh);
}
