//! The main job in one command: a flow whose every library job is done by a worker.

use crate::program::{self, Background};
use crate::{Result, repository};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long the worker may take to start, and the flow to run: both are done in well under a second.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn demo() -> Result<()> {
    step("build the programs");
    let programs = build()?;
    let scratch = Scratch::new()?;
    // Nobody else's workers and runners take part in the demonstration.
    let network = format!("demo-{}", std::process::id());
    let program = |name: &str| {
        let mut command = Command::new(programs.join(name));
        command.current_dir(repository()).env("FLOW_NETWORK", &network);
        command
    };

    step("flowrex -v debug    (in the background)");
    let worker = Background::start("flowrex", program("flowrex").args(["-v", "debug"]))?;
    let mut log = Log::default();
    let mut waiting = |line: &str| {
        log.show(line);
        line.contains("Waiting for beacon")
    };
    worker.follow_log(LIMIT, &mut waiting)?;

    step("flowc -c -C flowrcli -o <temporary folder> examples/fibonacci");
    let compiled = &scratch.0;
    program::run(
        "flowc",
        program("flowc").args(["-c", "-C", "flowrcli", "-o"]).arg(compiled).arg("examples/fibonacci"),
    )?;

    step("flowr -t 0 -m <temporary folder>");
    let text = program::output("flowr", program("flowr").args(["-t", "0", "-m"]).arg(compiled), LIMIT)?;
    print!("{text}");

    step("what flowrex says meanwhile");
    worker.follow_log(LIMIT, &mut waiting)?;
    drop(worker);
    step("flowrex has been ended; nothing is left running");

    let expected = fs::read_to_string(repository().join("examples/fibonacci/expected.stdout"))?;
    if !text.starts_with(&expected) {
        return Err("that is not the series in examples/fibonacci/expected.stdout".into());
    }
    step("the series is right; once more, who did how many jobs");
    for line in text.lines().filter(|line| line.starts_with("Jobs ")) {
        println!("    {line}");
    }
    Ok(())
}

/// Builds what a user installs, and tells where it lies.
pub(crate) fn build() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // <target>/<profile directory>/xtask
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(2).ok_or("xtask does not lie in a target directory")?.to_path_buf();
    program::run(
        "cargo build",
        Command::new(cargo)
            .current_dir(repository())
            .args(["build", "--release", "--bins", "--package", "flowc", "--package", "flowrcli"])
            .args(["--package", "flowrex", "--target-dir"])
            .arg(&target),
    )?;
    Ok(target.join("release"))
}

fn step(text: &str) {
    println!("\n> {text}");
}

/// The log of the worker as it is shown: it tells of every job, and the first few are enough.
#[derive(Default)]
struct Log {
    details: usize,
}

impl Log {
    const DETAILS_SHOWN: usize = 6;

    fn show(&mut self, line: &str) {
        if line.starts_with("DEBUG") {
            self.details += 1;
            if self.details > Self::DETAILS_SHOWN {
                return;
            }
        } else if self.details > 0 {
            let left_out = self.details.saturating_sub(Self::DETAILS_SHOWN);
            if left_out > 0 {
                println!("    ... {left_out} more lines like these ...");
            }
            self.details = 0;
        }
        println!("    {line}");
    }
}

/// A temporary directory, gone when the chore is over.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Result<Self> {
        let path = Path::new(&std::env::temp_dir()).join(format!("flow-xtask-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Scratch(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}
