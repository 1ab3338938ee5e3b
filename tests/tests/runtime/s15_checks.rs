//! Section 15.5: the conformance checks. Each has tests that are named after it; the file on section 17 sees to that.
//!
//! | checks | where |
//! |---|---|
//! | C1, C10 | the file on section 14 |
//! | C2, C8, C11, C12 | here |
//! | C3 | `job_errors.rs` |
//! | C4 | the file on section 10 |
//! | C5 | `dialogue.rs` |
//! | C6, C7, C9 | `tests/tests/faults/main.rs` |

use crate::bench::{ADD, Bench, COMPARE, READLINE, STDOUT, SUBTRACT, TAP, words};
use crate::s14_traces::counting_down_and_summing;
use flow_tests::graph::{Graph, ROOT, always, fed, once};
use flow_tests::{Call, LINE_LIMIT, RUN_LIMIT};

#[test]
fn c02_one_job_at_a_time_shows_the_same() {
    let bench = Bench::new();
    let graph = counting_down_and_summing();
    for threads in ["1", "4"] {
        let options = ["-j", "1", "-t", threads];
        assert_eq!(words(&bench.call(&graph, &options).run().status(0).quietly()), "2 3 3");
        let counted = bench.metrics(&graph, &options);
        let named = |name: &str| counted[name].as_u64();
        assert_eq!(named("jobs_created"), Some(15));
        assert_eq!(named("outputs_sent"), Some(20));
        assert_eq!(named("max_simultaneous_jobs"), Some(1));
    }
}

/// Whatever a program waits for, it does so without spinning.
#[cfg(target_os = "linux")]
mod c02_who_waits_takes_no_processor_time {
    use super::*;
    use crate::bench::JOIN;

    #[test]
    fn with_jobs_beyond_the_limit_and_nobody_to_do_them() {
        let bench = Bench::new();
        let mut graph = Graph::new();
        graph.function(1, ROOT, ADD, [once(vec![1; 100]).generic(), once(1)]);
        graph.source(2, vec![1; 100]).function(3, ROOT, ADD, [fed(), always(1)]).connect(2, "", 3, 0);
        let mut running = bench.call(&graph, &["-t", "0", "-j", "1", "-v", "info"]).start();
        running.wait_for_stderr("that it waits", |line| line.contains("Waiting for a worker"));
        running.comes_to_rest();
    }

    #[test]
    fn with_jobs_beyond_the_limit_and_an_output_that_nobody_reads() {
        let bench = Bench::new();
        let mut graph = Graph::new();
        graph
            .function(1, ROOT, JOIN, [once("x".repeat(1000)).generic(), always(true)])
            .stdout(2)
            .connect(1, "", 1, 0)
            .connect(1, "", 2, 0);
        for options in ["-j 1", "-j 3", ""] {
            let line = format!("flowr -t 2 {options} flow");
            // It returns when the runner has come to rest.
            let (mut running, _pipe) = bench.starts_into_a_full_pipe(&graph, &line);
            assert!(running.goes_on());
        }
    }

    #[test]
    fn for_a_line() {
        let bench = Bench::new();
        let mut graph = Graph::new();
        graph.readline(1).stdout(2).connect(1, "/string", 2, 0);
        for options in [&["-t", "2"][..], &["-t", "2", "-j", "1"], &["-t", "0"]] {
            let mut running = bench.call(&graph, options).open_stdin().start();
            running.enter("first");
            running.wait_for_stdout("that it is on its way", |line| line == "first");
            running.comes_to_rest();
        }
    }

    #[test]
    fn for_a_worker_that_has_gone_to_sleep() {
        let bench = Bench::new();
        let mut worker = bench.0.worker();
        let mut graph = Graph::new();
        graph.function(1, ROOT, ADD, [once(0), always(0)]).connect(1, "", 1, 0);
        graph.source(2, vec![1; 100]).function(3, ROOT, ADD, [fed(), always(1)]).connect(2, "", 3, 0);
        let mut running = bench.call(&graph, &["-t", "0", "-j", "2"]).start();
        worker.wait_for_log("that it got jobs", |line| line.contains("Received"));
        worker.program().freeze();
        running.comes_to_rest();
    }

    #[test]
    fn for_runners_and_clients() {
        let bench = Bench::new();
        bench.0.worker().program().comes_to_rest();
        bench.0.server(&[]).program().comes_to_rest();
    }
}

/// All jobs are there at once, and what that takes is in proportion to what they are for.
#[test]
fn c08_a_million_jobs_from_one_array() {
    const COUNT: usize = 1_000_000;
    /// A job with its values, its outcome and its places in queues.
    const BYTES_EACH: usize = 640;

    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .source(1, (0..COUNT).collect::<Vec<usize>>())
        .function(2, ROOT, ADD, [fed(), always(1)])
        .stdout(3)
        .connect(1, "", 2, 0)
        .connect(2, "", 3, 0)
        // It does not end before it was looked at.
        .function(4, ROOT, READLINE, [once("")]);
    let expected: String = (1..=COUNT).map(|number| format!("{number}\n")).collect();
    for threads in ["1", "4"] {
        let mut running = bench.call(&graph, &["-t", threads]).open_stdin().start();
        if !running.stdout().wait_for_size(RUN_LIMIT, expected.len()) {
            running.fail("did not print everything");
        }
        #[cfg(target_os = "linux")]
        {
            let peak = running.peak_memory();
            let bound = (COUNT * BYTES_EACH) as u64;
            assert!(peak < bound, "{peak} bytes, which is {} for each job", peak / COUNT as u64);
        }
        running.enter("seen");
        running.finish(RUN_LIMIT).status(0).quietly().wrote(&expected);
    }
}

/// For each line a countdown, each step of which is printed by two functions.
fn countdowns() -> Graph {
    let mut graph = Graph::new();
    let (read, dec, gt, keep, print, hundred, inner, other_print) = (1, 2, 3, 4, 5, 6, 7, 8);
    graph
        .flow(inner)
        .readline(read)
        .function(dec, ROOT, SUBTRACT, [fed(), always(1)])
        .function(gt, ROOT, COMPARE, [fed(), always(0)])
        .function(keep, ROOT, TAP, [fed().generic(), fed()])
        .stdout(print)
        .function(hundred, ROOT, ADD, [fed(), always(100)])
        .function(other_print, inner, STDOUT, [fed().generic()])
        .connect(read, "/json", dec, 0)
        .connect(dec, "", print, 0)
        .connect(dec, "", hundred, 0)
        .connect(hundred, "", other_print, 0)
        .connect(dec, "", gt, 0)
        .connect(dec, "", keep, 0)
        .connect(gt, "/gt", keep, 1)
        .connect(keep, "", dec, 0);
    graph
}

#[test]
fn c11_each_line_is_answered_in_full_before_the_next_is_entered() {
    let bench = Bench::new();
    let graph = countdowns();
    let expected = bench.call(&graph, &["-t", "1"]).stdin("2\n1\n3\n").run().status(0).quietly().stdout();
    assert_eq!(expected.replace('\n', " "), "1 101 0 100 0 100 2 102 1 101 0 100 ");
    let kinds: [fn(Call) -> Call; 2] = [Call::open_stdin, Call::terminal];
    for kind in kinds {
        for options in [&["-t", "1"][..], &["-t", "4"], &["-t", "4", "-j", "1"]] {
            let mut running = kind(bench.call(&graph, options)).start();
            for (line, answered) in [("2", 4), ("1", 6), ("3", 12)] {
                running.enter(line);
                let whole =
                    running.stdout().wait_for(LINE_LIMIT, |lines| (lines.len() >= answered).then_some(()));
                if whole.is_none() {
                    running.fail(&format!("did not answer {line} in full"));
                }
            }
            running.close_stdin();
            running.finish(LINE_LIMIT).status(0).wrote(&expected);
        }
    }
}

/// The later a number comes, the sooner it is worked off. How much faster two threads are is measured by `cargo bench`.
#[test]
fn c12_slow_jobs_side_by_side_print_in_order() {
    let bench = Bench::new();
    bench.0.write(
        "flow/root.toml",
        r#"flow = "slow"

[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = { once = 1 }
input.limit = { once = 12 }
input.step = { once = 1 }

[[process]]
source = "lib://flowstdlib/math/multiply"
input.i2 = { always = -100 }

[[process]]
source = "lib://flowstdlib/math/add"
input.i2 = { always = 1300 }

[[process]]
source = "lib://flowstdlib/array/range"
input.start = { always = 1 }
input.step = { always = 1 }

[[process]]
source = "lib://flowstdlib/data/enumerate"

[[process]]
source = "lib://flowstdlib/array/distinct"

[[process]]
source = "lib://flowstdlib/array/length"

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "sequence/number"
to = "multiply/i1"

[[connection]]
from = "multiply"
to = "add/i1"

[[connection]]
from = "add"
to = "range/limit"

[[connection]]
from = "range"
to = "enumerate"

[[connection]]
from = "enumerate"
to = "distinct"

[[connection]]
from = "distinct"
to = "length"

[[connection]]
from = "length"
to = "stdout"
"#,
    );
    bench.0.flowc().args(["-c", "flow"]).run().status(0).quietly();
    let expected: String = (1..=12).rev().map(|number| format!("{}\n", 100 * number)).collect();
    let _worker = bench.0.worker();
    for threads in ["1", "2", "8", "0"] {
        bench.0.flowr().args(["-t", threads, "flow"]).run().status(0).quietly().wrote(&expected);
    }
}
