//! Programs that die, lines that are cut, and programs that have to share: no job is lost and nobody waits for the dead.

mod clocks;
mod garbage;
mod network;
mod phases;
mod runner_phases;
mod versions;

use flow_tests::{Call, Example, LINE_LIMIT, Outcome, Place, RUN_LIMIT, Running, Worker};
use std::time::Duration;

/// How soon a worker waits again after its runner was lost, on a machine that has too much to do; else it is eight seconds.
const BACK_TO_WAITING: Duration = Duration::from_secs(20);

/// A long loop, each of whose numbers takes three steps more before it is printed.
///
/// A loop takes its time on any machine, because no job of it can start before the one before it has come back.
const LONG: &str = r#"flow = "long"

[[process]]
source = "context://args/get"

[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = { once = 1 }
input.step = { once = 1 }

[[process]]
alias = "square"
source = "lib://flowstdlib/math/multiply"

[[process]]
alias = "next"
source = "lib://flowstdlib/math/add"
input.i2 = { always = 1 }

[[process]]
alias = "root"
source = "lib://flowstdlib/math/sqrt"

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "get/json/1"
to = "sequence/limit"

[[connection]]
from = "sequence/number"
to = ["square/i1", "square/i2"]

[[connection]]
from = "square"
to = "next/i1"

[[connection]]
from = "next"
to = "root"

[[connection]]
from = "root"
to = "stdout"
"#;

/// Numbers enough for seconds on workers.
const NUMBERS: &str = "5000";

/// Numbers enough for a worker to join while the runner's own threads are busy, which are much faster.
const MANY_NUMBERS: &str = "60000";

/// Numbers enough where each takes its time, or where it does not matter how long it takes.
const FEW_NUMBERS: &str = "30";

/// Puts the flow in place and runs it without workers: what it must print.
fn long(place: &Place, numbers: &str) -> String {
    place.write("flow/root.toml", LONG);
    place.flowc().args(["-c", "flow"]).run().status(0);
    place.flowr().args(["-t", "1", "flow", numbers]).run().status(0).quietly().stdout()
}

/// Starts the flow on workers only.
fn run_on_workers(place: &Place) -> Running {
    place.flowr().args(["-t", "0", "flow", NUMBERS]).start()
}

/// A runner that has nobody to do its jobs, and where workers can join.
fn waiting_runner(call: Call, numbers: &str) -> (Running, String) {
    let runner = call.args(["-t", "0", "-v", "debug", "flow", numbers]).start();
    let address = where_workers_can_join(&runner);
    (runner, address)
}

/// What a program that logs all says about where workers can join.
fn where_workers_can_join(runner: &Running) -> String {
    let address = runner.stderr().wait_for(LINE_LIMIT, |lines| {
        lines.iter().find_map(|line| line.split("workers can join at ").nth(1).map(str::to_owned))
    });
    address.unwrap_or_else(|| runner.fail("did not say where workers can join"))
}

/// A worker that takes part without security.
fn insecure_worker(place: &Place, options: &[&str]) -> Worker {
    Worker::start(place.call("flowrex").args(["-v", "debug", "--insecure"]).args(options))
}

/// Waits until the flow is on its way and has a long way to go.
fn wait_for_the_middle(runner: &Running) {
    let found = runner.stdout().wait_for(LINE_LIMIT, |lines| (lines.len() > 100).then_some(()));
    if found.is_none() {
        runner.fail("did not come to the middle");
    }
}

fn wait_for_jobs(worker: &Worker) {
    worker.wait_for_log("that it got jobs", |line| line.contains("Received"));
}

/// Many jobs of some microseconds each, that need not wait for each other: more than the runner's own threads want for
/// themselves. Puts the flow in place and runs it without workers: what it must print.
fn costly(place: &Place, numbers: &str) -> String {
    let row = vec!["1"; 2_000].join(", ");
    let flow = format!(
        r#"flow = "costly"

[[process]]
source = "context://args/get"

[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = {{ once = 1 }}
input.step = {{ once = 1 }}

[[process]]
source = "lib://flowstdlib/matrix/multiply_row"
input.a = {{ always = [{row}] }}
input.b = {{ always = [{row}] }}
input.b_index = {{ always = 0 }}

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "get/json/1"
to = "sequence/limit"

[[connection]]
from = "sequence/number"
to = "multiply_row/a_index"

[[connection]]
from = "multiply_row/a_b_index"
to = "stdout"
"#
    );
    place.write("flow/root.toml", &flow);
    place.flowc().args(["-c", "flow"]).run().status(0);
    place.flowr().args(["-t", "1", "--no-workers", "flow", numbers]).run().status(0).quietly().stdout()
}

/// Two workers are in the middle of a flow when something happens to one of them.
fn two_workers_one_of_which(suffers: impl FnOnce(&mut Worker)) {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let mut workers = [place.worker(), place.worker()];
    let runner = run_on_workers(&place);
    for worker in &workers {
        wait_for_jobs(worker);
    }
    wait_for_the_middle(&runner);
    let [one, _other] = &mut workers;
    suffers(one);
    completes(runner, &expected);
}

fn completes(runner: Running, expected: &str) -> Outcome {
    runner.finish(RUN_LIMIT).status(0).quietly().wrote(expected)
}

#[test]
fn c06_a_worker_is_killed_and_another_does_its_jobs() {
    two_workers_one_of_which(|worker| worker.program().kill());
}

#[test]
fn the_only_worker_is_killed_and_a_new_one_does_its_jobs() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let mut worker = place.worker();
    let mut runner = run_on_workers(&place);
    wait_for_the_middle(&runner);
    worker.program().kill();
    assert!(runner.goes_on(), "the flow was in the middle");
    let _other = place.start_worker();
    completes(runner, &expected);
}

#[test]
fn a_job_that_may_be_attempted_once_fails_with_its_worker() {
    let place = Place::new();
    long(&place, NUMBERS);
    let mut worker = place.worker();
    let runner = place.flowr().args(["-t", "0", "--max-attempts", "1", "flow", NUMBERS]).start();
    wait_for_the_middle(&runner);
    worker.program().kill();
    // The loop has ended with its job, and nothing is left to do.
    runner.finish(RUN_LIMIT).status(3).complained_of("lost with its executor in its only attempt");
}

#[test]
fn a_worker_is_killed_and_the_threads_of_the_runner_do_its_jobs() {
    let place = Place::new();
    let expected = costly(&place, MANY_NUMBERS);
    let mut worker = place.worker();
    let mut runner = place.flowr().args(["-t", "1", "flow", MANY_NUMBERS]).start();
    wait_for_jobs(&worker);
    worker.program().kill();
    assert!(runner.goes_on(), "the flow was in the middle");
    completes(runner, &expected);
}

#[test]
fn a_worker_falls_silent_and_another_does_its_jobs() {
    two_workers_one_of_which(|worker| worker.program().freeze());
}

#[test]
fn the_only_worker_falls_silent_and_comes_back() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let mut worker = place.worker();
    let options = ["-t", "0", "-v", "warn", "--status-json", "status.json"];
    let runner = place.flowr().args(options).args(["flow", NUMBERS]).start();
    wait_for_the_middle(&runner);
    worker.program().freeze();
    runner.wait_for_stderr("that a worker is lost", |line| line.contains("lost worker"));
    // Longer than it waits to hear from its runner, which it cannot say that it was silent.
    std::thread::sleep(Duration::from_secs(8));
    worker.program().thaw();
    runner.finish(RUN_LIMIT).status(0).wrote(expected);
    assert!(
        !worker.log().iter().any(|line| line.contains("lost runner")),
        "it was the worker that stood still"
    );
    let status = place.read_json("status.json");
    let executors = status["executors"].as_array().unwrap();
    let total = |count: &str| executors.iter().filter_map(|one| one[count].as_u64()).sum::<u64>();
    assert!(total("lost") > 0 && total("rerun") > 0, "{status}");
}

#[test]
fn a_worker_that_is_interrupted_leaves_its_jobs_to_others() {
    two_workers_one_of_which(|worker| worker.program().interrupt());
}

#[test]
fn c07_a_runner_is_killed_and_the_worker_serves_the_next() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let mut worker = place.worker();
    let mut runner = run_on_workers(&place);
    wait_for_the_middle(&runner);
    runner.kill();
    worker.wait_until_waiting_for(BACK_TO_WAITING);
    completes(run_on_workers(&place), &expected);
    worker.wait_until_waiting();
}

#[test]
fn a_runner_is_interrupted_and_the_worker_serves_the_next() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let mut worker = place.worker();
    let mut runner = run_on_workers(&place);
    wait_for_the_middle(&runner);
    runner.interrupt();
    runner.finish(LINE_LIMIT).interrupted();
    worker.wait_until_waiting_for(BACK_TO_WAITING);
    completes(run_on_workers(&place), &expected);
}

#[test]
fn a_runner_that_waits_for_workers_can_be_interrupted() {
    let place = Place::new();
    long(&place, NUMBERS);
    let mut runner = run_on_workers(&place);
    assert!(runner.goes_on(), "without workers it waits");
    runner.interrupt();
    runner.finish(LINE_LIMIT).interrupted();
}

#[test]
fn four_runners_share_two_workers() {
    let place = Place::new();
    // Jobs of the same number have other answers in each of them.
    let flows: Vec<(String, String)> = (1..=4)
        .map(|added| {
            let folder = format!("flow-{added}");
            let flow = LONG.replace("always = 1", &format!("always = {added}"));
            place.write(&format!("{folder}/root.toml"), flow);
            place.flowc().args(["-c", &folder]).run().status(0);
            let alone = place.flowr().args(["-t", "1", "--no-workers", &folder, NUMBERS]).run();
            let expected = alone.status(0).quietly().stdout();
            (folder, expected)
        })
        .collect();
    let mut workers = [place.worker(), place.worker()];
    let start = |folder: &str| place.flowr().args(["-t", "0", folder, NUMBERS]).start();
    let runners: Vec<Running> = flows.iter().map(|(folder, _)| start(folder)).collect();
    for (runner, (_, expected)) in runners.into_iter().zip(&flows) {
        completes(runner, expected);
    }
    for worker in &mut workers {
        worker.wait_until_idle();
    }
}

#[test]
fn c09_four_runners_at_once_need_no_workers() {
    let place = Place::new();
    let folder = place.example("fibonacci");
    place.flowc().args(["-c", &folder]).run().status(0);
    let runners: Vec<Running> = (0..4).map(|_| place.flowr().args(["-t", "1", &folder]).start()).collect();
    for runner in runners {
        runner.finish(RUN_LIMIT).status(0).quietly().wrote(Example::named("fibonacci").expected);
    }
}
