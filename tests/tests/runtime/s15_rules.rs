//! Section 15: where ours differs on purpose, and what it promises beyond. The checks of 15.5 have a file of their own.
//!
//! * 15.1, constants, null, failed jobs, completed functions, metrics, statuses: the files on sections 4, 3, 7, 6, 8
//!   and 13.
//! * 15.2, groups: `order_binds_only_where_it_can_be_observed` in `flowrlib/src/state/tests/rules.rs`; that nothing else
//!   can be observed: `flowrlib/src/state/tests/any_schedule.rs`; and with real executors `examples.rs`. Groups that come
//!   apart: here, and in `flowrlib/src/state/tests/separation.rs`.
//! * 15.3, invocations: the file on section 14, and `flowrlib/src/state/tests/invocations.rs`.
//! * 15.4, credit, leases, attempts: `flowrlib/src/dispatch/tests/rules.rs`, and `tests/tests/faults/main.rs`.
//! * 15.6, what is held back and what goes on: `flowrlib/src/state/tests/throttling.rs`.

use crate::bench::{ADD, Bench, COMPARE, JOIN, STDOUT, SUBTRACT, TAP, words};
use flow_tests::Table;
use flow_tests::graph::{Graph, Input, ROOT, always, fed, once};
use serde_json::json;

/// Completed functions do not run again, so those that read files are not completed while names can come.
#[test]
fn every_file_that_is_named_is_read() {
    let bench = Bench::new();
    bench.0.write("a", "1");
    bench.0.write("b", "2");
    let mut table = Table::default();
    for (kind, input, expected) in [
        ("one of several", fed(), "1 2 1"),
        ("the only one for ever", always("a"), "1"),
        ("the only one", once("b"), "2"),
    ] {
        for (function, output) in [("file_read", "/string"), ("read_text", "/text")] {
            let mut graph = Graph::new();
            graph.function(2, ROOT, &format!("context://file/{function}"), [input.clone()]).stdout(3);
            graph.connect(2, output, 3, 0);
            if kind == "one of several" {
                graph.source(1, json!(["a", "b", "a"])).connect(1, "", 2, 0);
            }
            table.row(format!("{function}, {kind}"), bench.prints(&graph), expected);
        }
    }
    table.end();
}

#[test]
fn every_picture_that_is_named_is_read() {
    let bench = Bench::new();
    let picture = |id: u32, graph: &mut Graph, grey: u8, name: &str| {
        let inputs: [Input; 3] = [once(json!([[grey]])).order(2), once(name), once(1)];
        graph.function(id, ROOT, "context://image/image_write", inputs);
    };
    let mut graph = Graph::new();
    picture(1, &mut graph, 7, "a.png");
    picture(2, &mut graph, 9, "b.png");
    assert_eq!(bench.prints(&graph), "");
    let mut graph = Graph::new();
    graph.source(1, json!(["a.png", "b.png"]));
    graph.function(2, ROOT, "context://image/image_read", [fed()]).stdout(3);
    graph.connect(1, "", 2, 0).connect(2, "/grid", 3, 0);
    assert_eq!(bench.prints(&graph), "[[7]] [[9]]");
}

/// Two countdowns in turn, whose steps are added up beside them, into one stream.
fn countdowns_beside_sums() -> Graph {
    let (down, dec, gt, keep, print, starts, steps, sum, odd) = (1, 2, 3, 4, 5, 6, 7, 8, 9);
    let mut graph = Graph::new();
    graph
        .flow(down)
        .function(dec, down, SUBTRACT, [fed(), fed()])
        .function(gt, down, COMPARE, [fed(), always(0)])
        .function(keep, down, TAP, [fed().generic(), fed()])
        .stdout(print)
        .source(starts, json!([6, 40, 5]))
        .source(steps, json!([2, 10, 1]))
        .function(sum, ROOT, ADD, [fed(), once(0)])
        .function(odd, ROOT, JOIN, [fed(), always(1)])
        .connect(starts, "", dec, 0)
        .connect(steps, "", dec, 1)
        .connect(dec, "", gt, 0)
        .connect(dec, "", keep, 0)
        .connect(dec, "", print, 0)
        .connect(dec, "", odd, 0)
        .connect(odd, "", sum, 0)
        .connect(sum, "", sum, 1)
        .connect(sum, "", print, 0)
        .connect_input(dec, 1, dec, 1)
        .connect(gt, "/gt", keep, 1)
        .connect(keep, "", dec, 0);
    graph
}

#[test]
fn no_option_changes_what_a_flow_shows() {
    let bench = Bench::new();
    let graph = countdowns_beside_sums();
    let expected = bench.prints(&graph);
    assert_eq!(expected, "4 4 2 6 0 6 30 36 20 56 10 66 0 66 4 70 3 73 2 75 1 76 0 76");
    let _worker = bench.0.worker();
    let mut table = Table::default();
    for options in [
        &["-t", "1", "-j", "1"][..],
        &["-t", "3", "-j", "2"],
        &["-t", "8"],
        &["-t", "2", "--max-waiting", "1"],
        &["-t", "2", "--max-waiting", "0"],
        &["-t", "2", "--job-timeout", "1h"],
        &["-t", "2", "--no-workers"],
        &["-t", "0"],
        &["-t", "0", "-j", "1", "--max-waiting", "1"],
    ] {
        let outcome = bench.call(&graph, options).run().status(0).quietly();
        table.row(options.join(" "), words(&outcome), &expected);
    }
    table.end();
}

/// Two functions that print beside each other, each in its own order.
#[test]
fn relaxed_order_keeps_the_results_of_each_function_in_order() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .flow(1)
        .source(2, (0..100).collect::<Vec<i32>>())
        .function(3, ROOT, ADD, [fed(), always(100)])
        .function(4, ROOT, ADD, [fed(), always(200)])
        .stdout(5)
        .function(6, 1, STDOUT, [fed().generic()])
        .connect(2, "", 3, 0)
        .connect(2, "", 4, 0)
        .connect(3, "", 5, 0)
        .connect(4, "", 6, 0);
    for threads in ["1", "4"] {
        let outcome = bench.call(&graph, &["-t", threads, "--order", "relaxed"]).run().status(0).quietly();
        let printed: Vec<u32> = outcome.stdout().lines().map(|line| line.parse().unwrap()).collect();
        let (hundreds, two_hundreds): (Vec<u32>, Vec<u32>) =
            printed.iter().partition(|number| **number < 200);
        assert_eq!(hundreds, (100..200).collect::<Vec<u32>>());
        assert_eq!(two_hundreds, (200..300).collect::<Vec<u32>>());
    }
}

/// A sub-flow in which a constant goes round, like one that draws a picture: the size is known once, and from then on its
/// pixels have nothing to do with each other.
#[test]
fn what_a_sub_flow_does_with_many_values_is_done_side_by_side() {
    let bench = Bench::new();
    let (render, size, pixels, place, slow, length, print) = (1, 2, 3, 4, 5, 6, 7);
    let mut graph = Graph::new();
    graph
        .flow(render)
        .source(size, 100_000)
        .source(pixels, (1..=40).collect::<Vec<i32>>())
        .function(place, render, ADD, [fed(), fed()])
        .function(slow, render, "lib://flowstdlib/array/range", [always(1), fed(), always(1)])
        .function(length, render, "lib://flowstdlib/array/length", [fed().generic()])
        .stdout(print)
        .connect(size, "", place, 0)
        .connect(pixels, "", place, 1)
        .connect_input(place, 0, place, 0)
        .connect(place, "", slow, 1)
        .connect(slow, "", length, 0)
        .connect(length, "", print, 0);
    let expected: Vec<String> = (1..=40).map(|pixel| (100_000 + pixel).to_string()).collect();
    // A job that may take only so long is never done by the coordinator itself.
    let options = ["-t", "16", "--job-timeout", "1h"];
    let outcome = bench.call(&graph, &options).run().status(0).quietly();
    assert_eq!(words(&outcome), expected.join(" "));
    let at_once = bench.metrics(&graph, &options)["max_simultaneous_jobs"].as_u64();
    assert!(at_once > Some(7), "{at_once:?} jobs at once");
}

/// Who prints into a full pipe waits; who writes files, reads lines and prints elsewhere does not.
#[test]
fn a_stream_that_is_held_up_holds_up_no_other() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, JOIN, [once("x".repeat(1000)).generic(), always(true)])
        .stdout(2)
        .connect(1, "", 1, 0)
        .connect(1, "", 2, 0)
        .readline(3)
        .function(4, ROOT, "context://file/write_text", [fed(), fed()])
        .function(5, ROOT, "context://stdio/stderr", [fed().generic()])
        .connect(3, "/string", 4, 0)
        .connect(3, "/string", 4, 1)
        .connect(4, "/path", 5, 0);
    for threads in ["1", "4"] {
        let line = format!("flowr -t {threads} flow");
        let (mut running, _pipe) = bench.starts_into_a_full_pipe(&graph, &line);
        for name in ["one", "two"] {
            running.enter(name);
            running.wait_for_stderr(name, |line| line == name);
            assert_eq!(bench.0.read(name), name);
        }
    }
}

/// Texts of 100 kB, two gigabytes of them if nobody minds, that wait for lines which somebody enters.
#[cfg(target_os = "linux")]
#[test]
fn a_source_that_is_too_fast_does_not_fill_the_memory() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .source(1, vec![10_000; 20_000])
        .function(2, ROOT, "lib://flowstdlib/text/repeat", [always("0123456789"), fed()])
        .readline(3)
        .function(4, ROOT, JOIN, [fed(), fed()])
        .function(5, ROOT, "lib://flowstdlib/text/length", [fed()])
        .stdout(6)
        .connect(1, "", 2, 1)
        .connect(2, "", 4, 0)
        .connect(3, "/string", 4, 1)
        .connect(4, "", 5, 0)
        .connect(5, "", 6, 0);
    for threads in ["1", "4"] {
        let mut running = bench.call(&graph, &["-t", threads]).open_stdin().start();
        running.enter("now");
        running.wait_for_stdout("the size of a text", |line| line == "100000");
        running.comes_to_rest();
        let peak = running.peak_memory();
        assert!(peak < 400 << 20, "{peak} bytes");
        running.interrupt();
        running.finish(flow_tests::LINE_LIMIT).status(130);
    }
}
