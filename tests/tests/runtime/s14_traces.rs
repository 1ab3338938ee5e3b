//! Section 14: flows whose every job is known, and section 15.3: invocations of sub-flows. What they print, how many jobs
//! they take and how many values they send, on any executors.
//!
//! * Event by event, against the tables of section 14: `flowrlib/src/state/tests/traces.rs`.
//! * Invocations in plain values: `flowrlib/src/state/tests/invocations.rs`.

use crate::bench::{ADD, Bench, COMPARE, SUBTRACT, TAP};
use flow_tests::graph::{Graph, ROOT, always, fed, flow_always, flow_once, once};
use flow_tests::{LINE_LIMIT, Outcome, Worker};

/// Runs the compiled `flow` on one thread, on eight and on a worker, a few times each, and gives every outcome to `check`.
fn on_all_executors(bench: &Bench, stdin: &str, options: &[&str], check: impl Fn(Outcome)) {
    let run = |threads: &str| {
        for _ in 0..3 {
            let call = bench.0.flowr().args(options).args(["-t", threads, "flow"]).stdin(stdin);
            check(call.run().status(0).quietly());
        }
    };
    run("1");
    run("8");
    let _worker: Worker = bench.0.worker();
    run("0");
}

/// Runs a graph and compares what it prints, the number of its jobs and the number of values sent.
fn trace(graph: &Graph, printed: &str, jobs: u32, values: u32) {
    let bench = Bench::new();
    bench.0.write("flow/manifest.json", graph.manifest());
    on_all_executors(&bench, "", &["-m"], |outcome| {
        let text = outcome.stdout();
        if !text.starts_with(&format!("{printed}\nMetrics: \n")) {
            outcome.fail(&format!("should have printed\n{printed}and then the metrics"));
        }
        let outcome = outcome.mentioned(&format!("\nNumber of Jobs Created: {jobs}\n"));
        outcome.mentioned(&format!("\nValues sent: {values}\n"));
    });
}

/// Runs a graph and compares what it prints.
fn prints(graph: &Graph, stdin: &str, printed: &str) {
    let bench = Bench::new();
    bench.0.write("flow/manifest.json", graph.manifest());
    on_all_executors(&bench, stdin, &[], |outcome| drop(outcome.wrote(printed)));
}

/// Compiles a definition, runs it and compares what it prints.
fn definition_prints(definition: &str, stdin: &str, printed: &str) {
    let bench = Bench::new();
    bench.0.write("flow/root.toml", definition);
    bench.0.flowc().args(["-c", "flow"]).run().status(0);
    on_all_executors(&bench, stdin, &[], |outcome| drop(outcome.wrote(printed)));
}

/// The flow of section 14.1.
pub(crate) fn counting_down_and_summing() -> Graph {
    let (dec, gt, keep, print, sum) = (1, 2, 3, 4, 5);
    let mut graph = Graph::new();
    graph
        .function(dec, ROOT, SUBTRACT, [once(3), always(1)])
        .function(gt, ROOT, COMPARE, [fed(), always(0)])
        .function(keep, ROOT, TAP, [fed().generic(), fed()])
        .stdout(print)
        .function(sum, ROOT, ADD, [once(0), fed()])
        .connect(dec, "", gt, 0)
        .connect(dec, "", keep, 0)
        .connect(dec, "", sum, 1)
        .connect(gt, "/gt", keep, 1)
        .connect(keep, "", dec, 0)
        .connect(sum, "", sum, 0)
        .connect(sum, "", print, 0);
    graph
}

#[test]
fn c01_a_loop_counts_down_and_sums() {
    trace(&counting_down_and_summing(), "2\n3\n3\n", 15, 20);
}

#[test]
fn c01_a_sub_flow_starts_again_with_the_next_initial_value() {
    let (down, dec, gt, keep, print) = (1, 2, 3, 4, 5);
    let mut graph = Graph::new();
    graph
        .flow(down)
        .function(dec, down, SUBTRACT, [flow_once(vec![2, 1]), flow_always(1)])
        .function(gt, down, COMPARE, [fed(), always(0)])
        .function(keep, down, TAP, [fed().generic(), fed()])
        .stdout(print)
        .connect(dec, "", gt, 0)
        .connect(dec, "", keep, 0)
        .connect(dec, "", print, 0)
        .connect_input(dec, 1, dec, 1)
        .connect(gt, "/gt", keep, 1)
        .connect(keep, "", dec, 0);
    trace(&graph, "1\n0\n0\n", 12, 16);
}

/// Two countdowns whose start values and steps arrive as arrays, all at once.
#[test]
fn c10_runs_of_a_sub_flow_do_not_mix() {
    let (down, dec, gt, keep, print, starts, steps) = (1, 2, 3, 4, 5, 6, 7);
    let mut graph = Graph::new();
    graph
        .flow(down)
        .function(dec, down, SUBTRACT, [fed(), fed()])
        .function(gt, down, COMPARE, [fed(), always(0)])
        .function(keep, down, TAP, [fed().generic(), fed()])
        .stdout(print)
        .source(starts, vec![6, 40])
        .source(steps, vec![2, 10])
        .connect(starts, "", dec, 0)
        .connect(steps, "", dec, 1)
        .connect(dec, "", gt, 0)
        .connect(dec, "", keep, 0)
        .connect(dec, "", print, 0)
        .connect_input(dec, 1, dec, 1)
        .connect(gt, "/gt", keep, 1)
        .connect(keep, "", dec, 0);
    prints(&graph, "", "4\n2\n0\n30\n20\n10\n0\n");
}

/// A sub-flow that keeps the 10 it was sent once on a loop and adds it to a stream.
fn adder_with_a_memory() -> (Graph, u32) {
    let (adder, add, print, ten) = (1, 2, 3, 4);
    let mut graph = Graph::new();
    graph
        .flow(adder)
        .function(add, adder, ADD, [fed(), fed()])
        .stdout(print)
        .source(ten, 10)
        .connect(ten, "", add, 0)
        .connect_input(add, 0, add, 0)
        .connect(add, "", print, 0);
    (graph, add)
}

#[test]
fn c10_a_sub_flow_remembers_while_an_array_streams_through() {
    let (mut graph, add) = adder_with_a_memory();
    graph.source(5, vec![1, 2, 3]).connect(5, "", add, 1);
    prints(&graph, "", "11\n12\n13\n");
}

#[test]
fn c10_a_sub_flow_remembers_while_lines_stream_through() {
    let (mut graph, add) = adder_with_a_memory();
    graph.readline(5).connect(5, "/json", add, 1);
    prints(&graph, "1\n2\n3\n", "11\n12\n13\n");
}

/// Each answer is there before the next line is entered, and the memory outlives the pauses.
#[test]
fn c10_a_sub_flow_remembers_while_somebody_types() {
    let (mut graph, add) = adder_with_a_memory();
    graph.readline(5).connect(5, "/json", add, 1);
    let bench = Bench::new();
    for threads in ["1", "4"] {
        let mut runner = bench.call(&graph, &["-t", threads]).open_stdin().start();
        for (entered, answer) in [("1", "11"), ("2", "12"), ("3", "13")] {
            runner.enter(entered);
            runner.wait_for_stdout(answer, |line| line == answer);
        }
        runner.close_stdin();
        runner.finish(LINE_LIMIT).status(0).quietly().wrote("11\n12\n13\n");
    }
}

/// A sequence fed with 1 to 4 as start and step and three times that as limit, where the way to one of its inputs is
/// much longer than to the others.
fn delayed_sequence(delayed: &str) -> String {
    let mut definition = String::from(
        r#"flow = "delayed"

[[process]]
alias = "numbers"
source = "lib://flowstdlib/math/sequence"
input.start = { once = 1 }
input.limit = { once = 4 }
input.step = { once = 1 }

[[process]]
alias = "triple"
source = "lib://flowstdlib/math/multiply"
input.i2 = { always = 3 }

[[process]]
alias = "rows"
source = "lib://flowstdlib/math/sequence"

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "numbers/number"
to = "triple/i1"

[[connection]]
from = "rows/number"
to = "stdout"
"#,
    );
    for number in 1..=8 {
        definition.push_str(&format!(
            "\n[[process]]\nalias = \"delay{number}\"\nsource = \"{ADD}\"\ninput.i2 = {{ always = 0 }}\n"
        ));
    }
    for number in 1..8 {
        definition.push_str(&format!(
            "\n[[connection]]\nfrom = \"delay{number}\"\nto = \"delay{}/i1\"\n",
            number + 1
        ));
    }
    for (input, source) in [("start", "numbers/number"), ("limit", "triple"), ("step", "numbers/number")] {
        let from = if input == delayed {
            definition.push_str(&format!("\n[[connection]]\nfrom = \"{source}\"\nto = \"delay1/i1\"\n"));
            "delay8"
        } else {
            source
        };
        definition.push_str(&format!("\n[[connection]]\nfrom = \"{from}\"\nto = \"rows/{input}\"\n"));
    }
    definition
}

const ROWS: &str = "1\n2\n3\n2\n4\n6\n3\n6\n9\n4\n8\n12\n";

#[test]
fn c10_a_sequence_whose_step_comes_late() {
    definition_prints(&delayed_sequence("step"), "", ROWS);
}

#[test]
fn c10_a_sequence_whose_limit_comes_late() {
    definition_prints(&delayed_sequence("limit"), "", ROWS);
}

#[test]
fn c10_a_sequence_whose_start_comes_late() {
    definition_prints(&delayed_sequence("start"), "", ROWS);
}

#[test]
fn a_sequence_with_several_sets_of_initial_values() {
    definition_prints(
        r#"flow = "sets"

[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = { once = [1, 10, 100] }
input.limit = { once = [3, 12, 102] }
input.step = { once = [1, 1, 1] }

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "sequence/number"
to = "stdout"
"#,
        "",
        "1\n2\n3\n10\n11\n12\n100\n101\n102\n",
    );
}

#[test]
fn an_element_of_a_stream_is_picked_by_its_place() {
    definition_prints(
        r#"flow = "pick"

[[process]]
source = "context://stdio/readline"
input.prompt = { always = "" }

[[process]]
source = "lib://flowstdlib/control/index_f"
input.select_index = { always = 2 }

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "readline/string"
to = "index_f/value"

[[connection]]
from = "index_f/selected_value"
to = "stdout"
"#,
        "zero\none\ntwo\nthree\n",
        "two\n",
    );
}
