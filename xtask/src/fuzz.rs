//! Builds the fuzz targets with instrumentation, and runs them for a while.

use crate::program::{self, run};
use crate::{Result, repository};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `-Z sanitizer` would bring, without needing more than the stable compiler.
const INSTRUMENTATION: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// The targets and the extension of what each begins with.
const TARGETS: [(&str, &str); 9] = [
    ("toml", "toml"),
    ("yaml", "yaml"),
    ("json", "json"),
    ("flow_manifest", "json"),
    ("library_manifest", "json"),
    ("routes", "json"),
    ("compile", "toml"),
    ("answers", "answer"),
    (MODULES, "wat"),
];

/// The target that is only built where it is asked for: it brings a compiler along.
const MODULES: &str = "modules";

/// How long each target runs if nobody says.
const SECONDS: u32 = 10;

/// The folders whose definitions are the first inputs.
const SEEDS: [&str; 5] = ["examples", "flowstdlib/src", "flowrcli/context", "fuzz/seeds", "flowmacro/tests"];

/// `cargo xtask fuzz [TARGET] [--seconds N]`
pub(crate) fn fuzz() -> Result<()> {
    let (wanted, seconds) = arguments(std::env::args().skip(2))?;
    if !has_compiler() {
        println!("fuzz: there is no C++ compiler (c++), which libFuzzer is built with: nothing is run");
        return Ok(());
    }
    let folder = repository().join("fuzz");
    build(&folder, wanted.as_deref() == Some(MODULES))?;
    let is_wanted = |target: &str| wanted.as_deref().map_or(target != MODULES, |one| one == target);
    for (target, extension) in TARGETS.iter().filter(|(target, _)| is_wanted(target)) {
        run_target(&folder, target, extension, seconds)?;
    }
    Ok(())
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<(Option<String>, u32)> {
    let (mut wanted, mut seconds) = (None, SECONDS);
    while let Some(word) = words.next() {
        if word == "--seconds" {
            seconds = words.next().ok_or("--seconds needs a number")?.parse()?;
        } else if TARGETS.iter().any(|(target, _)| *target == word) {
            wanted = Some(word);
        } else {
            let known: Vec<&str> = TARGETS.iter().map(|(target, _)| *target).collect();
            return Err(format!("there is no target '{word}', but {}", known.join(", ")).into());
        }
    }
    Ok((wanted, seconds))
}

fn has_compiler() -> bool {
    Command::new("c++").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// With a target triple build scripts and macros stay without instrumentation, which they could not be linked with.
fn build(folder: &Path, modules: bool) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--quiet", "--release", "--bins", "--target", &program::host()?])
        .current_dir(folder);
    cargo.args(modules.then_some("--features=modules"));
    cargo.arg("--target-dir").arg(target_directory(folder));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\x1f"));
    run("the build of the fuzz targets", &mut cargo)
}

/// Where cargo puts what it builds: where it is told to, or in the folder of the targets, which is no part of the workspace.
fn target_directory(folder: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| folder.join("target"), |told| repository().join(told))
}

/// Runs a target on the inputs of earlier runs and on the definitions of the tree. What it finds is in `artifacts`.
fn run_target(folder: &Path, target: &str, extension: &str, seconds: u32) -> Result<()> {
    let (corpus, seeds, artifacts) = (
        folder.join("corpus").join(target),
        folder.join("corpus/seeds").join(target),
        folder.join("artifacts"),
    );
    for made in [&corpus, &seeds, &artifacts] {
        fs::create_dir_all(made)?;
    }
    copy_seeds(&seeds, target, extension)?;
    println!("fuzz: {target}, {seconds} s");
    let program = target_directory(folder).join(program::host()?).join("release").join(target);
    let mut command = Command::new(program);
    command.arg(&corpus).arg(&seeds).current_dir(folder);
    // Nothing is to be kept of what modules are compiled to.
    command.env_remove("HOME");
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/{target}-", artifacts.display()));
    command.args([
        "-rss_limit_mb=2048",
        "-malloc_limit_mb=1024",
        "-timeout=20",
        "-max_len=20000",
        "-verbosity=0",
    ]);
    // It talks a lot, and of interest is only what it says about a failure.
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("{target} has failed ({}); the input is in {}", output.status, artifacts.display()).into())
}

fn copy_seeds(seeds: &Path, target: &str, extension: &str) -> Result<()> {
    for (number, path) in files(extension)?.iter().enumerate() {
        let mut bytes = fs::read(path)?;
        if target == "compile" {
            // The first line names the file.
            bytes.splice(0..0, *b"root.toml\n");
        }
        fs::write(seeds.join(number.to_string()), bytes)?;
    }
    Ok(())
}

fn files(extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = SEEDS.iter().map(|folder| repository().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
