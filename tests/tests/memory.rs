//! What runs take of memory: in proportion to what waits, once for what is shared, and no more as time goes by.
//!
//! Peaks are compared with those of the same flow with next to nothing in it. A line that has not come yet keeps a flow
//! from ending before its peak was read.

use flow_tests::graph::{Graph, ROOT, fed, once};
use flow_tests::{Place, RUN_LIMIT, Running};

const READLINE: &str = "context://stdio/readline";
const RANGE: &str = "lib://flowstdlib/array/range";
const SEQUENCE: [&str; 2] = ["lib://flowstdlib/control/compare_switch", "lib://flowstdlib/math/add"];

const MEGABYTE: u64 = 1 << 20;

/// Adds the numbers from 1 to a limit as one array.
fn array(graph: &mut Graph, id: u32, limit: u64) {
    graph.function(id, ROOT, RANGE, [once(1), once(limit), once(1)]);
}

/// Adds the numbers from 1 to a limit one by one, as `math/sequence` does; gives the pointer to each and to the last.
fn stream(graph: &mut Graph, ids: [u32; 2], limit: u64) -> [&'static str; 2] {
    let ([switch, add], [switch_url, add_url]) = (ids, SEQUENCE);
    graph
        .function(switch, ROOT, switch_url, [once(limit), once(1)])
        .function(add, ROOT, add_url, [fed(), once(1)])
        .connect(switch, "/left-gt", switch, 0)
        .connect(switch, "/right-lt", add, 0)
        .connect(add, "", switch, 1)
        .connect_input(add, 1, add, 1);
    ["/right-lte", "/right-gte"]
}

/// Starts a graph, waits until it has printed so many lines, the last of which is this, and gives its peak and it.
fn peak(place: &Place, graph: &Graph, options: &[&str], lines: usize, last: &str) -> (u64, Running) {
    place.write("flow/manifest.json", graph.manifest());
    let running = place.flowr().args(options).args(["flow"]).open_stdin().start();
    let found = running
        .stdout()
        .wait_for(RUN_LIMIT, |shown| (shown.len() >= lines).then(|| shown.last() == Some(&last)));
    if found != Some(true) {
        running.fail(&format!("did not print {lines} lines up to {last}"));
    }
    (running.peak_memory(), running)
}

fn peak_of(graph: &Graph, options: &[&str], lines: usize, last: &str) -> u64 {
    let place = Place::new();
    let (peak, running) = peak(&place, graph, options, lines, last);
    // The line that would end it never comes.
    drop(running);
    peak
}

/// What a value is itself.
const VALUE: u64 = 16;

/// Sums whose second number comes from a line, and the first of which wait for it.
fn join(graph: &mut Graph, id: u32) {
    graph
        .function(id, ROOT, "lib://flowstdlib/math/add", [fed(), fed()])
        .function(id + 1, ROOT, READLINE, [once("")])
        .connect(id + 1, "/json", id, 1);
}

#[test]
fn values_of_an_array_that_wait_take_little_more_than_themselves() {
    let count = 1_000_000;
    let graph = |count: u64| {
        let mut graph = Graph::new();
        array(&mut graph, 1, count);
        join(&mut graph, 2);
        graph
            .function(4, ROOT, "lib://flowstdlib/array/length", [fed().generic()])
            .stdout(5)
            .connect(1, "", 2, 0)
            .connect(1, "", 4, 0)
            .connect(4, "", 5, 0);
        graph
    };
    let all = peak_of(&graph(count), &["-t", "1"], 1, "1000000");
    let one = peak_of(&graph(1), &["-t", "1"], 1, "1");
    let each = (all - one) / count;
    assert!(each <= VALUE + 100, "{each} bytes each");
}

#[test]
fn values_that_come_one_by_one_and_wait_take_little_more_than_themselves() {
    let count = 300_000;
    let graph = |count: u64| {
        let mut graph = Graph::new();
        let [each, last] = stream(&mut graph, [1, 2], count);
        join(&mut graph, 3);
        graph.stdout(5).connect(1, each, 3, 0).connect(1, last, 5, 0);
        graph
    };
    let options = ["-t", "1", "--max-waiting", "0"];
    let all = peak_of(&graph(count), &options, 1, "300000");
    let one = peak_of(&graph(1), &options, 1, "1");
    let each = (all - one) / count;
    assert!(each <= VALUE + 100, "{each} bytes each");
}

#[test]
fn a_million_ready_jobs_take_memory_by_the_data() {
    let count = 1_000_000;
    let graph = |count: u64| {
        let mut graph = Graph::new();
        array(&mut graph, 1, count);
        graph
            .function(2, ROOT, "lib://flowstdlib/math/to_integer", [fed()])
            .function(3, ROOT, "lib://flowstdlib/control/tap", [fed().generic(), fed()])
            .function(4, ROOT, "lib://flowstdlib/math/compare", [fed(), once(count)])
            .function(5, ROOT, READLINE, [once("")])
            .stdout(6)
            .connect(1, "", 2, 0)
            .connect(2, "", 4, 0)
            .connect(2, "", 3, 0)
            .connect_input(4, 1, 4, 1)
            .connect(4, "/equal", 3, 1)
            .connect(3, "", 6, 0)
            .connect(5, "/string", 6, 0);
        graph
    };
    let all = peak_of(&graph(count), &["-t", "2"], 1, "1000000");
    let one = peak_of(&graph(1), &["-t", "2"], 1, "1");
    let each = (all - one) / count;
    assert!(each <= 300, "{each} bytes each");
}

#[test]
fn a_large_value_for_a_hundred_functions_exists_once() {
    let place = Place::new();
    let large = 10_000_000;
    for (name, length) in [("small", 1), ("large", large)] {
        place.write(&format!("{name}.txt"), "x".repeat(length));
    }
    let graph = |name: &str| {
        let mut graph = Graph::new();
        graph
            .function(1, ROOT, "context://file/read_text", [once(format!("{name}.txt"))])
            .function(2, ROOT, READLINE, [once("")])
            .stdout(3)
            .connect(2, "/string", 3, 0);
        for id in 4..104 {
            graph
                .function(id, ROOT, "lib://flowstdlib/text/length", [fed()])
                .connect(1, "/text", id, 0)
                .connect(id, "", 3, 0);
        }
        graph
    };
    let (small, running) = peak(&place, &graph("small"), &["-t", "2"], 100, "1");
    drop(running);
    let (large, running) = peak(&place, &graph("large"), &["-t", "2"], 100, &large.to_string());
    drop(running);
    let more = (large - small) / MEGABYTE;
    assert!(more < 30, "{more} MB more for a value of 10 MB");
}

/// The source has no end, and every value of it waits for a line.
#[test]
fn a_fast_source_does_not_fill_the_memory_before_a_slow_consumer() {
    let place = Place::new();
    let mut graph = Graph::new();
    let [each, _] = stream(&mut graph, [1, 2], 1 << 62);
    graph
        .function(3, ROOT, "lib://flowstdlib/control/join", [fed().generic(), fed().generic()])
        .function(4, ROOT, READLINE, [flow_tests::graph::always("")])
        .stdout(5)
        .connect(1, each, 3, 0)
        .connect(4, "/string", 3, 1)
        .connect(3, "", 5, 0);
    place.write("flow/manifest.json", graph.manifest());
    let mut running = place.flowr().args(["-t", "2", "flow"]).open_stdin().start();
    let mut consume = |from: usize, to: usize| {
        for _ in from..to {
            running.enter("go");
        }
        let all_came = running.stdout().wait_for(RUN_LIMIT, |lines| (lines.len() >= to).then_some(()));
        if all_came.is_none() {
            running.fail(&format!("did not print {to} numbers"));
        }
        running.peak_memory()
    };
    // The first look comes after what waits has been filled up once.
    let early = consume(0, 20_000);
    let late = consume(20_000, 400_000);
    let more = (late - early) / MEGABYTE;
    // How many of them wait at a time differs by that, however many there are.
    assert!(more < 24, "{more} MB more for 380 000 values");
}
