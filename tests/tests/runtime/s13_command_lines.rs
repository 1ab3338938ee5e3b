//! Section 13: options, statuses, streams and variables of the runner, as far as they are about running flows.
//!
//! * All others: `command_line.rs`.
//! * Servers and clients: `client_server.rs`. Workers: `dialogue.rs`.
//! * `-w`: `an_installed_module_goes_before_native_code_unless_that_is_asked_for` in `flowrcli/src/modules.rs`. `-d` is
//!   refused for now.

use crate::bench::{ADD, Bench, DIVIDE, JOIN, STDERR, STDOUT, shown};
use flow_tests::graph::{Graph, ROOT, always, fed, once};
use flow_tests::{LINE_LIMIT, Place, Running, Table};
use serde_json::json;

/// Reads a line and prints it, and prints another before.
fn waiting() -> Graph {
    let mut graph = Graph::new();
    graph.stdout(1).source(2, "here").connect(2, "", 1, 0).readline(3).connect(3, "/string", 1, 0);
    graph
}

/// A flow that waits for its user.
fn that_waits(bench: &Bench) -> Running {
    let running = bench.call(&waiting(), &["-t", "1"]).open_stdin().start();
    running.wait_for_stdout("that it is on its way", |line| line == "here");
    running
}

#[test]
fn each_kind_of_end_has_its_status() {
    let bench = Bench::new();
    let mut table = Table::default();
    let mut fails = Graph::new();
    fails.function(1, ROOT, DIVIDE, [once("much"), once(2)]);
    let mut half = Graph::new();
    half.function(1, ROOT, ADD, [once(1), fed()]);
    let mut missing = Graph::new();
    missing.function(1, ROOT, "lib://flowstdlib/math/guess", [fed()]);
    for (end, graph, options, status) in [
        ("by itself", waiting(), &[][..], 0),
        ("by itself, half filled", half.clone(), &[], 0),
        ("by itself, half filled, strict", half, &["--strict"], 5),
        ("a job failed", fails.clone(), &[], 3),
        ("a job failed, strict", fails.clone(), &["--strict"], 3),
        ("a job failed, the first one ends it", fails, &["--fail-fast"], 3),
        ("a function that is missing never runs", missing.clone(), &[], 0),
        ("a function is missing, strict", missing, &["--strict"], 1),
        ("a wrong option", waiting(), &["--wrong"], 2),
    ] {
        table.row(end, format!("{:?}", bench.call(&graph, options).run().code()), format!("Some({status})"));
    }
    let nowhere = bench.0.flowr().args(["nowhere"]).run();
    table.row("no manifest", format!("{:?}", nowhere.code()), "Some(1)");
    for (end, signal, status) in
        [("interrupted", Running::interrupt as fn(&mut Running), 130), ("terminated", Running::terminate, 4)]
    {
        let mut running = that_waits(&bench);
        signal(&mut running);
        let code = running.finish(LINE_LIMIT).code();
        table.row(end, format!("{code:?}"), format!("Some({status})"));
    }
    table.end();
}

/// What is wrong with the user's side needs no traces of ours, whatever the variables say.
#[test]
fn an_error_is_one_line_without_a_trace() {
    let bench = Bench::new();
    let mut fails = Graph::new();
    fails.function(1, ROOT, DIVIDE, [once("much"), once(2)]);
    bench.0.write("fails/manifest.json", fails.manifest());
    bench.0.write("broken/manifest.json", "{");
    for (flow, status) in [("nowhere", 1), ("broken", 1), ("fails", 3)] {
        let mut call = bench.0.flowr().args([flow]);
        call.env("RUST_BACKTRACE", "full");
        let outcome = call.run().status(status).complained_of("error   - ");
        assert_eq!(outcome.stderr().lines().count(), 1, "{}", outcome.stderr());
    }
}

/// Standard output is the flow's, and so is standard error as long as nothing fails.
#[test]
fn a_flow_has_the_terminal_to_itself() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.function(1, ROOT, STDERR, [once("aside").generic()]);
    graph.function(2, ROOT, STDOUT, [once("aloud").generic()]);
    // What overflows, and what has no place, is told from `warn` on only.
    graph.function(3, ROOT, ADD, [once(i64::MAX), once(1)]);
    shown(&mut graph, 4, once(1).order(4));
    for threads in ["1", "4"] {
        let outcome = bench.call(&graph, &["-t", threads]).run().status(0).wrote("aloud\n");
        assert_eq!(outcome.stderr(), "aside\n");
    }
    let outcome = bench.call(&graph, &["-v", "warn"]).run().status(0).wrote("aloud\n");
    assert_eq!(outcome.stderr().lines().filter(|line| line.starts_with("WARN    - ")).count(), 2);
}

#[test]
fn places_of_libraries_may_be_named_several_times_and_need_not_exist() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.function(1, ROOT, ADD, [once(1), once(2)]).stdout(2).connect(1, "", 2, 0);
    bench.call(&graph, &["-L", "nowhere", "-L", "neither", "-n"]).run().status(0).wrote("3\n");
    let mut call = bench.call(&graph, &["-L", "nowhere", "-v", "warn"]);
    call.env("FLOW_LIB_PATH", "no/where");
    let outcome = call.run().status(0).wrote("3\n");
    outcome.complained_of("work/nowhere does not exist").complained_of("work/no/where does not exist");
}

/// A flow that has no work for executors needs none.
#[test]
fn without_threads_a_flow_of_context_functions_waits_for_nobody() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.readline(1).stdout(2).connect(1, "/string", 2, 0);
    bench.call(&graph, &["-t", "0"]).stdin("line\n").run().status(0).quietly().wrote("line\n");
}

/// Everything a local run needs goes through memory. What workers could join opens its door after a moment.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_nobody_may_join_leaves_the_network_alone() {
    let bench = Bench::new();
    let mut alone = bench.call(&waiting(), &["-t", "2", "--no-workers"]).open_stdin().start();
    for threads in ["2", "0"] {
        let running = bench.call(&waiting(), &["-t", threads, "-v", "debug"]).open_stdin().start();
        running.wait_for_stderr("where workers can join", |line| {
            line.contains("workers can join at 127.0.0.1:")
        });
        assert_ne!(running.network_sockets(), 0);
    }
    assert!(alone.goes_on());
    assert_eq!(alone.network_sockets(), 0);
}

/// Who has threads of its own can do without workers; who has none cannot.
#[test]
fn an_address_that_cannot_be_listened_at_is_an_error_only_without_threads() {
    // One of those that are reserved for examples: no machine has it.
    let elsewhere = ["--insecure", "--listen", "203.0.113.1"];
    let bench = Bench::new();
    let options = [&["-t", "0"][..], &elsewhere].concat();
    bench.call(&waiting(), &options).run().status(1).complained_of("cannot listen at 203.0.113.1");
    let options = [&["-t", "1", "-v", "warn"][..], &elsewhere].concat();
    let mut running = bench.call(&waiting(), &options).open_stdin().start();
    running.wait_for_stderr("that workers cannot join", |line| {
        line.starts_with("WARN ") && line.contains("cannot listen at 203.0.113.1")
    });
    running.enter("line");
    running.close_stdin();
    running.finish(LINE_LIMIT).status(0).wrote("here\nline\n");
}

/// Unless told otherwise, nobody from elsewhere reaches us.
#[test]
fn only_this_machine_is_listened_to() {
    let place = Place::new();
    let server = place.server(&[]);
    assert!(server.address().starts_with("127.0.0.1:"), "{}", server.address());
    server.end();
}

/// A picture, and then a line from the user.
fn with_picture() -> Graph {
    let mut graph = waiting();
    graph.function(
        9,
        ROOT,
        "context://image/image_write",
        [once(json!([[7]])).order(2), once("p.png"), once(1)],
    );
    graph
}

#[test]
fn pictures_are_written_however_a_flow_ends() {
    let bench = Bench::new();
    for (threads, signal, status) in
        [("1", Running::interrupt as fn(&mut Running), 130), ("4", Running::terminate, 4)]
    {
        let mut running = bench.call(&with_picture(), &["-t", threads]).open_stdin().start();
        running.wait_for_stdout("that it is on its way", |line| line == "here");
        signal(&mut running);
        running.finish(LINE_LIMIT).status(status);
        assert!(bench.0.has("p.png"), "{status}");
        std::fs::remove_file(bench.0.work().join("p.png")).unwrap();
    }
    let mut fails = with_picture();
    fails.function(11, ROOT, DIVIDE, [once("much"), once(2)]);
    bench.call(&fails, &["--fail-fast"]).run().status(3);
    assert!(bench.0.has("p.png"));
}

/// Prints without end, and makes a picture.
fn without_end() -> Graph {
    let mut graph = with_picture();
    graph
        .function(10, ROOT, JOIN, [once("x".repeat(1000)).generic(), always(true)])
        .connect(10, "", 10, 0)
        .connect(10, "", 1, 0);
    graph
}

#[test]
fn an_interrupt_does_not_wait_for_a_reader_that_has_gone_to_sleep() {
    for options in ["", "-m"] {
        let bench = Bench::new();
        let line = format!("flowr -t 1 {options} flow");
        let (mut running, _pipe) = bench.starts_into_a_full_pipe(&without_end(), &line);
        running.interrupt();
        running.finish(LINE_LIMIT).status(130).complained_of("the output stream is left behind");
        assert!(bench.0.has("p.png"), "pictures are written all the same");
    }
}

#[test]
fn an_interrupt_of_a_client_does_not_wait_for_its_reader_either() {
    let bench = Bench::new();
    let server = bench.0.server(&[]);
    let (mut running, _pipe) = bench.starts_into_a_full_pipe(&without_end(), "flowr -c flow");
    running.interrupt();
    running.finish(LINE_LIMIT).status(130);
    assert!(bench.0.has("p.png"), "pictures are written all the same");
    server.end();
}
