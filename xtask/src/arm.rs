//! A worker for ARM beside a runner of this machine: the results must be the same.

use crate::demo::{self, Scratch};
use crate::program::{self, Background};
use crate::{Result, repository, worker};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What the worker is built for.
const TARGET: &str = "aarch64-unknown-linux-gnu";

/// What runs it on other machines.
const EMULATOR: &str = "qemu-aarch64-static";

/// How many bytes of address space the emulated worker has. The emulator keeps books on every page that is set aside,
/// and the place for instances of modules that a worker sets aside where it can would take all memory for these.
const ADDRESS_SPACE: u64 = 128 << 30;

/// How long anything may take: an emulated machine is slow, and compiles the modules.
const LIMIT: Duration = Duration::from_secs(300);

/// Flows of library functions, and flows that bring modules along.
const EXAMPLES: [&str; 5] = ["fibonacci", "word-count", "matrix-mult", "hamming", "fft"];

/// `cargo xtask arm-test`
pub(crate) fn arm_test() -> Result<()> {
    let is_arm = cfg!(target_arch = "aarch64");
    if !is_arm && !is_there(EMULATOR) {
        return Err(format!("{EMULATOR} is needed, which Debian has in the package qemu-user-static").into());
    }
    let arm_worker = worker::build(TARGET)?;
    let programs = demo::build()?;
    let scratch = Scratch::new()?;
    let network = format!("arm-test-{}", std::process::id());
    let set_up = |command: &mut Command| {
        command.env("FLOW_NETWORK", &network).env("HOME", scratch.path());
    };
    // Kept as long as the examples are run.
    let _worker = {
        let mut command = if is_arm { Command::new(&arm_worker) } else { Command::new(EMULATOR) };
        if !is_arm {
            command.arg("-R").arg(ADDRESS_SPACE.to_string()).arg(&arm_worker);
        }
        set_up(&mut command);
        let worker = Background::start("flowrex", command.args(["-v", "info"]))?;
        worker.follow_log(LIMIT, |line| line.contains("Waiting for beacon"))?;
        worker
    };
    for name in EXAMPLES {
        let example = repository().join("examples").join(name);
        let compiled = scratch.path().join(name);
        let mut flowc = Command::new(programs.join("flowc"));
        // Functions are built with what the user has; what comes of that is not of this test.
        flowc
            .args(["-c", "-o"])
            .arg(&compiled)
            .arg(&example)
            .env("FLOW_BUILD_DIR", scratch.path().join("build"));
        program::run("flowc", &mut flowc)?;
        let run = |threads: &str| -> Result<String> {
            let mut flowr = Command::new(programs.join("flowr"));
            set_up(&mut flowr);
            flowr.current_dir(&compiled).args(["-m", "-t", threads, "manifest.json"]);
            let arguments = fs::read_to_string(example.join("test.args")).unwrap_or_default();
            flowr.args(arguments.lines());
            program::output_of("flowr", &mut flowr, &example.join("test.stdin"), LIMIT)
        };
        let (here, there) = (run("2")?, run("0")?);
        let (shown_here, _) = here.split_once("\nMetrics").ok_or("there are no metrics")?;
        let (shown_there, metrics) = there.split_once("\nMetrics").ok_or("there are no metrics")?;
        if shown_here != shown_there {
            return Err(format!("{name} shows something else when ARM does its jobs:\n{shown_there}").into());
        }
        let jobs = metrics.lines().find(|line| line.starts_with("Jobs by flowrex"));
        let jobs = jobs.ok_or_else(|| format!("no job of {name} was done by the worker:\n{metrics}"))?;
        println!("{name}: the same; {jobs}");
    }
    Ok(())
}

/// Whether a program can be found.
fn is_there(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder: std::path::PathBuf| Path::new(&folder).join(name).is_file())
}
