//! The dialogue of the README, word for word, in two terminals.

use flow_tests::{Example, Place, RUN_LIMIT, Running, Worker, is_waiting_line};

/// The second terminal of the dialogue, from compiling to the last number.
fn second_terminal(place: &Place) {
    compile(place);
    place
        .flowr()
        .args(["-t", "0", "examples/fibonacci"])
        .run()
        .status(0)
        .quietly()
        .wrote(Example::named("fibonacci").expected);
}

fn compile(place: &Place) {
    place.example("fibonacci");
    place.flowc().args(["-c", "-C", "flowrcli", "examples/fibonacci"]).run().status(0).quietly().wrote("");
    assert!(place.has("examples/fibonacci/manifest.json"));
}

/// Checks that the worker has said something about the runner and its jobs since line `from`.
fn told_what_it_did(worker: &Worker, from: usize) {
    let log = worker.log();
    let told: Vec<&String> = log.iter().skip(from).filter(|line| !is_waiting_line(line)).collect();
    assert!(told.iter().any(|line| line.to_lowercase().contains("runner")), "no runner was found: {log:#?}");
    assert!(told.iter().any(|line| line.to_lowercase().contains("job")), "no jobs were received: {log:#?}");
}

fn fibonacci_runner(place: &Place) -> Running {
    place.flowr().args(["-t", "0", "examples/fibonacci"]).start()
}

#[test]
fn c05_the_worker_waits_then_serves_and_waits_again() {
    let place = Place::new();
    let mut worker = place.worker();
    let before = worker.log().len();
    second_terminal(&place);
    worker.wait_until_waiting();
    told_what_it_did(&worker, before);
}

#[test]
fn nothing_follows_the_waiting_line() {
    let place = Place::new();
    let mut worker = place.worker();
    second_terminal(&place);
    worker.wait_until_waiting();
    let log = worker.log();
    assert!(worker.program().goes_on(), "a worker waits for ever");
    assert_eq!(worker.log(), log, "the waiting line is the last");
}

#[test]
fn c05_one_worker_serves_one_runner_after_another() {
    let place = Place::new();
    let mut worker = place.worker();
    for _ in 0..3 {
        let before = worker.log().len();
        second_terminal(&place);
        worker.wait_until_waiting();
        told_what_it_did(&worker, before);
    }
}

#[test]
fn c05_the_runner_may_start_first() {
    let place = Place::new();
    compile(&place);
    let mut runner = fibonacci_runner(&place);
    assert!(runner.goes_on(), "a runner without executors waits for a worker");
    let mut worker = place.start_worker();
    runner.finish(RUN_LIMIT).status(0).quietly().wrote(Example::named("fibonacci").expected);
    worker.wait_until_waiting();
    told_what_it_did(&worker, 0);
}

/// The good-bye of a runner is neither lost nor waited for: a worker that missed it would take the runner for lost.
#[test]
fn a_worker_is_told_of_the_end_of_every_run() {
    let place = Place::new();
    let mut worker = place.worker();
    compile(&place);
    for runs in 1..=10 {
        fibonacci_runner(&place).finish(RUN_LIMIT).status(0).quietly();
        worker.wait_until_waiting();
        let log = worker.log();
        assert_eq!(log.iter().filter(|line| line.contains("is done; ")).count(), runs, "{log:#?}");
        assert!(!log.iter().any(|line| line.contains("lost runner")), "{log:#?}");
    }
}

#[test]
fn a_runner_that_waits_for_a_worker_says_so() {
    let place = Place::new();
    compile(&place);
    let runner = place.flowr().args(["-v", "info", "-t", "0", "examples/fibonacci"]).start();
    runner.wait_for_stderr("that it waits for a worker", |line| {
        line.starts_with("INFO") && line.to_lowercase().contains("wait")
    });
}

#[test]
fn a_runner_that_waits_long_says_so_louder() {
    let place = Place::new();
    compile(&place);
    let runner = place.flowr().args(["-v", "warn", "-t", "0", "examples/fibonacci"]).start();
    runner
        .wait_for_stderr("that it still waits", |line| line.starts_with("WARN") && line.contains("flowrex"));
}

#[test]
fn the_manifest_file_serves_as_well_as_its_folder() {
    let place = Place::new();
    let _worker = place.worker();
    compile(&place);
    place
        .flowr()
        .args(["-t", "0", "examples/fibonacci/manifest.json"])
        .run()
        .status(0)
        .quietly()
        .wrote(Example::named("fibonacci").expected);
}

/// In the repository `flowrcli` is a folder with definitions; elsewhere it is the name of the runner.
#[test]
fn the_dialogue_works_in_the_repository_too() {
    let place = Place::new();
    place.copy_in("flowrcli");
    let _worker = place.worker();
    second_terminal(&place);
}

#[test]
fn c05_both_workers_of_a_runner_wait_again() {
    let place = Place::new();
    let mut workers = [place.worker(), place.worker()];
    second_terminal(&place);
    for worker in &mut workers {
        worker.wait_until_idle();
        assert!(worker.program().goes_on(), "a worker waits for ever");
    }
}

#[test]
fn networks_of_different_names_do_not_meet() {
    let (here, there) = (Place::new(), Place::new());
    let mut worker = there.worker();
    compile(&here);
    let mut runner = fibonacci_runner(&here);
    assert!(runner.goes_on());
    assert_eq!(runner.stdout().text(), "");
    // A worker of its own network shows that the runner could have been found.
    let mut own = here.start_worker();
    runner.finish(RUN_LIMIT).status(0).quietly().wrote(Example::named("fibonacci").expected);
    own.wait_until_waiting();
    let log = worker.log();
    assert!(log.iter().all(|line| !line.to_lowercase().contains("runner")), "{log:#?}");
    assert!(worker.program().goes_on());
}
