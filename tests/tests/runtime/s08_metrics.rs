//! Section 8: what is counted.
//!
//! * Their place after the output, and the labels: `metrics_follow_the_output` in `command_line.rs`.
//! * Jobs and values of the traces: the file on section 14.

use crate::bench::{ADD, Bench, JOIN, shown};
use flow_tests::Table;
use flow_tests::graph::{Graph, ROOT, always, fed, once};
use serde_json::{Value, json};

fn counted(bench: &Bench, graph: &Graph, name: &str) -> Value {
    bench.metrics(graph, &["-t", "2"])[name].clone()
}

#[test]
fn each_number_counts_what_it_says() {
    let bench = Bench::new();
    let mut table = Table::default();
    let mut row = |label: &str, name: &str, expected: u32, build: &dyn Fn(&mut Graph)| {
        let mut graph = Graph::new();
        build(&mut graph);
        table.row(label, counted(&bench, &graph, name), expected);
    };
    row("functions that never run count", "num_functions", 2, &|graph| {
        graph.source(1, 1).stdout(2);
    });
    row("jobs that fail count", "jobs_created", 1, &|graph| {
        graph.function(1, ROOT, ADD, [once("a"), once(1)]);
    });
    row("failed jobs", "jobs_failed", 1, &|graph| {
        graph.function(1, ROOT, ADD, [once("a"), once(1)]);
    });
    row("initial values are not sent", "outputs_sent", 0, &|graph| {
        graph.function(1, ROOT, ADD, [once(1), always(1)]);
    });
    row("an array is sent once, however it is taken apart", "outputs_sent", 1, &|graph| {
        graph.source(1, json!([1, 2, 3])).function(2, ROOT, JOIN, [fed(), always(1)]).connect(1, "", 2, 0);
    });
    row("each of its elements is a job", "jobs_created", 4, &|graph| {
        graph.source(1, json!([1, 2, 3])).function(2, ROOT, JOIN, [fed(), always(1)]).connect(1, "", 2, 0);
    });
    row("an empty array is sent, too", "outputs_sent", 1, &|graph| {
        graph.source(1, json!([])).stdout(2).connect(1, "", 2, 0);
    });
    row("what has no place was sent", "outputs_sent", 1, &|graph| {
        graph.source(1, json!([[[1]]])).function(2, ROOT, JOIN, [fed(), fed()]).connect(1, "", 2, 0);
    });
    row("and is counted as lost", "values_lost", 1, &|graph| {
        graph.source(1, json!([[[1]]])).function(2, ROOT, JOIN, [fed(), fed()]).connect(1, "", 2, 0);
    });
    row("what a pointer does not find is not sent", "outputs_sent", 0, &|graph| {
        graph.source(1, json!({"a": 1})).stdout(2).connect(1, "/b", 2, 0);
    });
    row("every connection counts", "outputs_sent", 3, &|graph| {
        graph.source(1, 1);
        shown(graph, 2, fed());
        graph.connect(1, "", 2, 0).connect_input(1, 1, 3, 0);
    });
    row("functions that are left half filled", "unfinished_functions", 1, &|graph| {
        graph.function(1, ROOT, ADD, [once(1), fed()]).function(2, ROOT, ADD, [always(1), fed()]);
    });
    row("sums that are too large to be sent", "values_unsent", 1, &|graph| {
        graph.function(1, ROOT, ADD, [once(i64::MAX), once(1)]);
    });
    table.end();
}

#[test]
fn no_more_jobs_are_parallel_than_may_be() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.source(1, (0..1000).collect::<Vec<i32>>());
    shown(&mut graph, 2, fed());
    graph.connect(1, "", 2, 0);
    for most in [1, 2, 3] {
        let most_parallel =
            bench.metrics(&graph, &["-j", &most.to_string()])["max_simultaneous_jobs"].clone();
        let most_parallel = most_parallel.as_u64().unwrap();
        assert!((1..=most).contains(&most_parallel), "{most_parallel} with -j {most}");
    }
    assert!(bench.metrics(&graph, &[])["max_simultaneous_jobs"].as_u64() > Some(3));
}

#[test]
fn lines_and_json_say_the_same() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.source(1, json!([1, 2])).function(2, ROOT, ADD, [fed(), always(1)]).connect(1, "", 2, 0);
    let lines = bench.call(&graph, &["-j", "1", "-m"]).run().status(0).stdout();
    let json = bench.metrics(&graph, &["-j", "1"]);
    let (heading, lines) = lines.split_once("Metrics: \n").unwrap();
    assert_eq!(heading, "\n");
    let mut table = Table::default();
    for (line, (label, name)) in lines.lines().zip([
        ("Number of Functions", "num_functions"),
        ("Number of Jobs Created", "jobs_created"),
        ("Values sent", "outputs_sent"),
        ("Elapsed time(s)", "elapsed_time_seconds"),
        ("Max Jobs in Parallel", "max_simultaneous_jobs"),
    ]) {
        table.row(label, line, format!("{label}: {}", json[name]));
    }
    table.end();
}
