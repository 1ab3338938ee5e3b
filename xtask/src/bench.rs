//! The figures that the project holds itself to. They are shown, not judged: machines differ and are shared.

use crate::demo::{Scratch, build};
use crate::{Result, program, repository};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

/// How often a small flow is run.
const RUNS: usize = 50;

/// How long one run may take before something is wrong.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn bench() -> Result<()> {
    let programs = build()?;
    let scratch = Scratch::new()?;
    let source = scratch.path().join("root.toml");
    fs::copy(repository().join("examples/hello-world/root.toml"), &source)?;

    println!("\nhello-world, {RUNS} runs, start to end");
    let compile =
        times(|| program::run("flowc", Command::new(programs.join("flowc")).arg("-c").arg(&source)))?;
    println!("{compile:<12} flowc -c");
    let run = times(|| {
        let text = program::output("flowr", Command::new(programs.join("flowr")).arg(scratch.path()), LIMIT)?;
        if text == "Hello World!\n" { Ok(()) } else { Err(format!("hello-world printed '{text}'").into()) }
    })?;
    println!("{run:<12} flowr");

    println!("\ncargo bench -p flowrlib");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    program::run(
        "cargo bench",
        Command::new(cargo).current_dir(repository()).args(["bench", "-p", "flowrlib"]),
    )
}

/// The fastest and the median time, in words.
fn times(mut once: impl FnMut() -> Result<()>) -> Result<String> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let begun = Instant::now();
        once()?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let milliseconds = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let (fastest, median) = (milliseconds(times.first()), milliseconds(times.get(RUNS / 2)));
    Ok(format!("median {median:6.1} ms, fastest {fastest:6.1} ms  "))
}
