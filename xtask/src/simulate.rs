//! Runs the simulation of a whole distribution for many seeds, or shows what happens in one.

use crate::{Result, repository};
use std::process::Command;
use std::time::Instant;

/// How many seeds are run if nobody says: as many as before a release.
const SEEDS: u64 = 100_000;

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
    match seed {
        Some(seed) => test("cluster::any_mishaps", "FLOW_SEED", seed),
        None => {
            let begun = Instant::now();
            test("cluster::any_mishaps", "FLOW_SEEDS", seeds)?;
            println!("{seeds} seeds in {:.0} s", begun.elapsed().as_secs_f64());
            test("model::three_jobs", "FLOW_SEEDS", seeds)
        }
    }
}

/// The simulation stands on what only tests have, so it is one of them.
fn test(name: &str, variable: &str, number: u64) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--release", "--quiet", "--package", "flowrlib", "--lib", "--", "--nocapture", name]);
    cargo.current_dir(repository()).env(variable, number.to_string());
    crate::program::run("the simulation", &mut cargo)
}
