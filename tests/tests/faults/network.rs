//! Lines between machines that are cut, that lose packets, and that are slow.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use crate::{
    BACK_TO_WAITING, FEW_NUMBERS, MANY_NUMBERS, NUMBERS, completes, costly, long, wait_for_the_middle,
    waiting_runner,
};
use flow_tests::graph::{Graph, ROOT, fed, once};
use flow_tests::{Network, Place, RUN_LIMIT, Running, Worker, slow_line};
use std::thread;
use std::time::Duration;

/// How many bytes a second a line brings that is slow.
const SLOW: u32 = 500_000;

/// How many bytes take longer on it than a lease and than the patience of a worker.
const LARGE: usize = 3_000_000;

/// A place whose programs take part with those of other machines.
fn place() -> Place {
    let place = Place::new();
    place.call("flowrex").args(["--new-key"]).run().status(0);
    place
}

/// A worker at the end of a line that waits for a runner.
fn worker(place: &Place, network: &Network, line: usize, options: &[&str]) -> Worker {
    let call = place.call("flowrex").args(["-v", "debug"]).args(options);
    let mut worker = Worker::start(network.at_the_end_of(line, call));
    worker.wait_until_waiting();
    worker
}

fn runner(place: &Place, network: &Network, options: &[&str], numbers: &str) -> Running {
    network.in_the_middle(place.flowr().args(options).args(["flow", numbers])).start()
}

fn port_of(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}

#[test]
fn workers_on_other_machines_find_a_runner_with_several_interfaces() {
    let Some(network) = Network::star(2) else { return };
    let place = place();
    let expected = costly(&place, NUMBERS);
    let workers = [0, 1].map(|line| worker(&place, &network, line, &[]));
    let runner = runner(&place, &network, &["-t", "0"], NUMBERS);
    completes(runner, &expected);
    for worker in workers {
        worker.wait_for_log("that it works", |line| line.contains("Working for"));
    }
}

#[test]
fn a_line_that_is_cut_for_a_second_costs_a_second() {
    let Some(network) = Network::star(1) else { return };
    let place = place();
    let expected = long(&place, NUMBERS);
    let worker = worker(&place, &network, 0, &[]);
    let runner = runner(&place, &network, &["-t", "0"], NUMBERS);
    wait_for_the_middle(&runner);
    network.cut(0);
    // As long as this is what happens to the line.
    thread::sleep(Duration::from_secs(1));
    network.mend();
    completes(runner, &expected);
    assert!(!worker.log().iter().any(|line| line.contains("joining again")), "nobody was given up");
}

#[test]
fn a_worker_that_was_cut_off_for_ten_seconds_comes_back() {
    let Some(network) = Network::star(1) else { return };
    let place = place();
    let expected = long(&place, NUMBERS);
    let _worker = worker(&place, &network, 0, &[]);
    let runner = runner(&place, &network, &["-t", "0", "-v", "warn"], NUMBERS);
    wait_for_the_middle(&runner);
    network.cut(0);
    // Longer than the worker's patience, too.
    thread::sleep(Duration::from_secs(10));
    network.mend();
    runner.wait_for_stderr("that a worker was lost", |line| line.contains("lost worker"));
    runner.finish(RUN_LIMIT).status(0).wrote(expected);
}

#[test]
fn a_worker_that_is_cut_off_for_good_leaves_its_jobs_to_others_and_waits() {
    let Some(network) = Network::star(2) else { return };
    let place = place();
    let expected = long(&place, NUMBERS);
    let mut workers = [0, 1].map(|line| worker(&place, &network, line, &[]));
    let runner = runner(&place, &network, &["-t", "0"], NUMBERS);
    for worker in &workers {
        worker.wait_for_log("that it works", |line| line.contains("Working for"));
    }
    wait_for_the_middle(&runner);
    network.cut(0);
    let [cut_off, _] = &mut workers;
    cut_off.wait_until_waiting_for(BACK_TO_WAITING);
    completes(runner, &expected);
}

#[test]
fn the_threads_of_a_runner_do_what_a_worker_cannot_answer() {
    let Some(network) = Network::star(1) else { return };
    let place = place();
    let expected = costly(&place, MANY_NUMBERS);
    let worker = worker(&place, &network, 0, &[]);
    let runner = runner(&place, &network, &["-t", "1"], MANY_NUMBERS);
    worker.wait_for_log("that it got jobs", |line| line.contains("Received"));
    network.cut(0);
    completes(runner, &expected);
}

#[test]
fn one_in_five_packets_may_be_lost() {
    let Some(network) = Network::star(1) else { return };
    let place = place();
    let expected = long(&place, FEW_NUMBERS);
    network.lose_one_in_five(0);
    let _worker = worker(&place, &network, 0, &[]);
    completes(runner(&place, &network, &["-t", "0"], FEW_NUMBERS), &expected);
}

#[test]
fn where_multicast_does_not_go_a_worker_is_told_where_the_runner_is() {
    let Some(network) = Network::star(1) else { return };
    let place = place();
    let expected = long(&place, NUMBERS);
    network.keep_multicast_from(0);
    for (listen, host) in [("0.0.0.0", network.address(0)), ("[::]", format!("[{}]", network.address_v6(0)))]
    {
        let call = network.in_the_middle(place.flowr().args(["--listen", listen]));
        let (runner, address) = waiting_runner(call, NUMBERS);
        let port = port_of(&address);
        let coordinator = format!("{host}:{port}");
        let worker = network.at_the_end_of(0, place.call("flowrex").args(["--coordinator", &coordinator]));
        let _worker = worker.start();
        runner.finish(RUN_LIMIT).status(0).wrote(expected.as_str());
    }
}

#[test]
fn a_line_may_take_a_fifth_of_a_second() {
    let Some(network) = Network::star(1) else { return };
    let place = place();
    let expected = long(&place, FEW_NUMBERS);
    network.keep_multicast_from(0);
    let (runner, address) = waiting_runner(network.in_the_middle(place.flowr()), FEW_NUMBERS);
    let relay = place.relay(Duration::from_millis(200), None);
    let (_relay, address) = network.slow_line(relay, 0, port_of(&address));
    let _worker = worker(&place, &network, 0, &["--coordinator", &address]);
    runner.finish(RUN_LIMIT).status(0).wrote(expected);
}

#[test]
fn a_connection_that_breaks_off_is_made_anew() {
    let Some(network) = Network::star(1) else { return };
    let place = place();
    let expected = long(&place, NUMBERS);
    network.keep_multicast_from(0);
    let (runner, address) = waiting_runner(network.in_the_middle(place.flowr()), NUMBERS);
    let relay = || place.relay(Duration::ZERO, None);
    let (mut first, there) = network.slow_line(relay(), 0, port_of(&address));
    let worker = worker(&place, &network, 0, &["--coordinator", &there]);
    wait_for_the_middle(&runner);
    // Whoever is at both ends is told by its system that the other has gone.
    first.kill();
    let to = format!("127.0.0.1:{}", port_of(&address));
    let (_second, _) = slow_line(network.in_the_middle(relay()), &there, &to);
    runner.finish(RUN_LIMIT).status(0).wrote(expected);
    worker.wait_for_log("that it joins again", |line| line.contains("was cut; joining again"));
}

/// Runs the flow with a worker at the end of a slow line, and nobody else.
fn runs_at_the_end_of_a_slow_line(place: &Place, expected: &str) {
    let Some(network) = Network::star(1) else { return };
    network.keep_multicast_from(0);
    let call = network.in_the_middle(place.flowr().args(["--status-json", "status.json"]));
    let (runner, address) = waiting_runner(call, "0");
    let relay = place.relay(Duration::ZERO, Some(SLOW));
    let (_relay, address) = network.slow_line(relay, 0, port_of(&address));
    let worker = worker(place, &network, 0, &["--coordinator", &address]);
    runner.finish(RUN_LIMIT).status(0).wrote(expected);
    assert!(!worker.log().iter().any(|line| line.contains("joining again")), "nobody was given up");
    let status = place.read_json("status.json");
    let executors = status.get("executors").and_then(serde_json::Value::as_array).unwrap();
    assert_eq!(executors.len(), 1, "{status}");
    let is_fine = |executor: &serde_json::Value| {
        executor.get("lost") == Some(&0.into()) && executor.get("is_attached") == Some(&true.into())
    };
    assert!(executors.iter().all(is_fine), "{status}");
}

#[test]
fn a_value_may_travel_for_longer_than_a_lease() {
    let place = place();
    let (repeat, length, print) = (1, 2, 3);
    let mut graph = Graph::new();
    graph
        .function(repeat, ROOT, "lib://flowstdlib/text/repeat", [once("x"), once(LARGE)])
        .function(length, ROOT, "lib://flowstdlib/text/length", [fed()])
        .stdout(print)
        // First it is a result, then an order.
        .connect(repeat, "", length, 0)
        .connect(length, "", print, 0);
    place.write("flow/manifest.json", graph.manifest());
    runs_at_the_end_of_a_slow_line(&place, &format!("{LARGE}\n"));
}

#[test]
fn a_module_may_travel_for_longer_than_a_lease() {
    let place = place();
    let (answer, print) = (1, 2);
    let mut graph = Graph::new();
    graph.function(answer, ROOT, "large.wasm", [once(1)]).stdout(print).connect(answer, "", print, 0);
    place.write("flow/manifest.json", graph.manifest());
    // Answers 7, whatever it is asked, and says much of itself that nobody needs.
    let mut module = wat::parse_str(
        r#"(module
            (memory (export "memory") 2)
            (data (i32.const 0) "\04\03\07")
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "flow_run") (param i32 i32) (result i64) (i64.const 3)))"#,
    )
    .unwrap();
    // A section of its own, whose length is a number of four bytes.
    let length = (0..4).map(|place| (LARGE >> (7 * place)) as u8 & 0x7f | if place < 3 { 0x80 } else { 0 });
    module.push(0);
    module.extend(length);
    // It has no name.
    module.extend(vec![0; LARGE]);
    place.write("flow/large.wasm", module);
    runs_at_the_end_of_a_slow_line(&place, "7\n");
}
