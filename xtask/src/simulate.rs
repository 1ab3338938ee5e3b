//! Runs the simulation of a whole distribution for many seeds, or shows what happens in one.

use crate::{Result, repository};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How many seeds are run if nobody says: as many as before a release.
const SEEDS: u64 = 100_000;

/// The test that runs seeds.
const MISHAPS: &str = "simulation::cluster::any_mishaps_show_what_the_one_at_a_time_run_shows";

/// The test that looks at every state.
const MODEL: &str = "simulation::model::three_jobs_are_not_lost_or_released_twice_whatever_happens_once";

/// `cargo xtask simulate [--seeds N | --seed N]`
pub(crate) fn simulate() -> Result<()> {
    let mut seeds = SEEDS;
    let mut seed: Option<u64> = None;
    let mut words = std::env::args().skip(2);
    while let Some(word) = words.next() {
        let mut number = || -> Result<u64> { Ok(words.next().ok_or("a number is missing")?.parse()?) };
        match word.as_str() {
            "--seeds" => seeds = number()?,
            "--seed" => seed = Some(number()?),
            _ => return Err(format!("there is no '{word}', but --seeds N and --seed N").into()),
        }
    }
    // What has to be compiled first takes its time, too, and is not what is measured.
    crate::program::run("the build of the simulation", tests().arg("--no-run"))?;
    match seed {
        Some(seed) => test(MISHAPS, "FLOW_SEED", seed),
        None => {
            let begun = Instant::now();
            test(MISHAPS, "FLOW_SEEDS", seeds)?;
            println!("{seeds} seeds in {:.0} s", begun.elapsed().as_secs_f64());
            test(MODEL, "FLOW_SEEDS", seeds)
        }
    }
}

/// The tests that the simulation is among.
fn tests() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--release", "--quiet", "--package", "flowrlib", "--lib"]).current_dir(repository());
    cargo
}

/// The simulation stands on what only tests have, so it is one of them. A test that is not there, because it has another
/// name by now, would else be taken for one that has passed.
fn test(name: &str, variable: &str, number: u64) -> Result<()> {
    let mut cargo = tests();
    cargo.args(["--", "--nocapture", "--exact", name]);
    cargo.env(variable, number.to_string()).stdout(Stdio::piped());
    let mut child = cargo.spawn()?;
    let mut has_passed = false;
    // Shown as it comes, for it may be what happens in a seed that fails.
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        let line = line?;
        has_passed |= line.starts_with("test result: ok. 1 passed;");
        println!("{line}");
    }
    match (child.wait()?, has_passed) {
        (status, true) if status.success() => Ok(()),
        (status, false) if status.success() => Err(format!("there is no test {name}").into()),
        (status, _) => Err(format!("the simulation has failed ({status})").into()),
    }
}
