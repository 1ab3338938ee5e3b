//! Every example ten times with executors that dawdle: on one thread, on two, on eight, and on two workers. What a flow
//! shows is the same each time, whoever is late.
//!
//! The delays of a run follow from a number, which is the first argument in the command line that a failure shows. The
//! first of them is new each time; `FLOW_SEED` sets it.

#![expect(clippy::print_stdout, reason = "what a test prints is shown when it fails")]
#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flow_tests::{Call, Example, Place, Worker};
use std::hash::{BuildHasher, RandomState};

/// The seed that the delays of a test begin with.
fn first_seed() -> u64 {
    let given = std::env::var("FLOW_SEED").ok().map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0) >> 16);
    println!("again with FLOW_SEED={seed}");
    seed
}

/// Runs every example so many times under delays, on so many threads, or on workers that are there already.
fn every_example(place: &Place, seed: u64, threads: &str, runs: u64) {
    for (number, name) in (0..).zip(Example::names()) {
        let example = Example::named(&name);
        let Some(folder) = place.compiled_example(&example) else { continue };
        for run in 0..runs {
            let seed = (seed + number * runs + run).to_string();
            let call = place.delayed_runner().within(&folder).args([&seed, threads, "manifest.json"]);
            let outcome = call.with(&example).run().status(0);
            outcome.quietly().wrote(example.stdout_in(&folder));
            example.take_files_in(&folder);
        }
    }
}

#[test]
fn on_one_thread() {
    every_example(&Place::new(), first_seed(), "1", 1);
}

#[test]
fn on_two_threads() {
    every_example(&Place::new(), first_seed(), "2", 3);
}

#[test]
fn on_eight_threads() {
    every_example(&Place::new(), first_seed(), "8", 3);
}

#[test]
fn on_two_workers() {
    let place = Place::new();
    let seed = first_seed();
    let worker = |seed: u64| -> Call { place.delayed_worker().args([seed.to_string()]) };
    let mut workers = [Worker::start(worker(seed)), Worker::start(worker(!seed))];
    workers.iter_mut().for_each(Worker::wait_until_waiting);
    every_example(&place, seed, "0", 3);
}
