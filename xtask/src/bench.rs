//! The figures that the project holds itself to. They are shown, not judged: machines differ and are shared.

use crate::demo::{Scratch, build};
use crate::large::{self, Shape};
use crate::{Result, program, repository};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How often a small flow is run.
const RUNS: usize = 50;

/// How often a large flow is compiled.
const REPEATS: usize = 5;

/// How many functions large flows have.
const SIZES: [usize; 6] = [1_000, 3_000, 10_000, 30_000, 100_000, 200_000];

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

    compile_large(&programs)?;

    println!("\ncargo bench -p flowrlib");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    program::run(
        "cargo bench",
        Command::new(cargo).current_dir(repository()).args(["bench", "-p", "flowrlib"]),
    )
}

/// As [`bench`], but only what compiling large flows costs.
pub(crate) fn bench_compile() -> Result<()> {
    compile_large(&build()?)
}

/// Shows how the cost of compiling grows with the number of functions: where it is linear, the last column stays.
fn compile_large(programs: &Path) -> Result<()> {
    let shapes: [(&str, Shape, &[&str], &[usize]); 3] = [
        ("sub-flows of 5 functions, a file each", Shape::Files, &[], &SIZES),
        ("the same, one file for all sub-flows", Shape::OneFile, &[], &SIZES),
        ("a chain of functions without effect, -O", Shape::DeadChain, &["-O"], &[1_000, 3_000, 200_000]),
    ];
    for (title, shape, options, sizes) in shapes {
        println!("\nflowc -c, {title}; median of {REPEATS}");
        println!("{:>10} {:>12} {:>12} {:>14}", "functions", "time", "memory", "per function");
        for size in sizes {
            let scratch = Scratch::new()?;
            large::write(shape, *size, scratch.path())?;
            let mut times = Vec::with_capacity(REPEATS);
            let mut memory = String::new();
            for _ in 0..REPEATS {
                let begun = Instant::now();
                memory = compile(programs, options, scratch.path())?;
                times.push(begun.elapsed());
            }
            times.sort_unstable();
            let time = times.get(REPEATS / 2).map_or(0.0, Duration::as_secs_f64);
            let each = time * 1e6 / f64::from(u32::try_from(*size)?);
            println!("{size:>10} {:>9.1} ms {memory:>12} {each:>11.2} us", time * 1e3);
        }
    }
    Ok(())
}

/// Compiles a flow; gives the most memory that it took, as the compiler tells it.
fn compile(programs: &Path, options: &[&str], flow: &Path) -> Result<String> {
    let mut command = Command::new(programs.join("flowc"));
    let output = command.args(["-c", "--timings"]).args(options).arg(flow).output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("flowc has failed: {text}").into());
    }
    let memory = text.lines().find_map(|line| line.strip_prefix("memory "));
    Ok(memory.map_or("not told", str::trim).to_owned())
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
