//! Chores of the repository: `cargo xtask` lists them.
//!
//! A chore is a function; adding one means adding it to [`CHORES`].

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who called it")]

mod arm;
mod bench;
mod demo;
mod draw;
mod fuzz;
mod large;
mod program;
mod runtime;
mod simulate;
mod tidy;
mod watched;
mod worker;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Whatever went wrong, in words: a chore has no caller that could do more than show it.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Chore {
    name: &'static str,
    purpose: &'static str,
    run: fn() -> Result<()>,
}

const CHORES: [Chore; 10] = [
    Chore {
        name: "arm-test",
        purpose: "build the worker for ARM, and have it do the jobs of some examples",
        run: arm::arm_test,
    },
    Chore { name: "bench", purpose: "show what starting, compiling and running cost", run: bench::bench },
    Chore {
        name: "bench-compile",
        purpose: "show what compiling large flows costs, by their size",
        run: bench::bench_compile,
    },
    Chore {
        name: "bench-runtime",
        purpose: "show what running costs: memory, lines, and doing nothing",
        run: runtime::bench_runtime,
    },
    Chore {
        name: "demo",
        purpose: "build the programs, start a worker, and let it compute examples/fibonacci",
        run: demo::demo,
    },
    Chore { name: "draw", purpose: "draw the examples anew, beside their definitions", run: draw::draw },
    Chore {
        name: "fuzz",
        purpose: "throw bytes at what reads bytes; [TARGET] [--seconds N]",
        run: fuzz::fuzz,
    },
    Chore {
        name: "simulate",
        purpose: "put the distribution of jobs through any mishap; [--seeds N | --seed N]",
        run: simulate::simulate,
    },
    Chore { name: "tidy", purpose: "check the rules of the house", run: tidy::tidy },
    Chore {
        name: "worker",
        purpose: "build the worker as one small file that needs no other; [TARGET]",
        run: worker::worker,
    },
];

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1);
    let Some(wanted) = wanted else {
        println!("cargo xtask <chore>\n");
        for chore in &CHORES {
            println!("  {:<14} {}", chore.name, chore.purpose);
        }
        return ExitCode::SUCCESS;
    };
    let Some(chore) = CHORES.iter().find(|chore| chore.name == wanted) else {
        eprintln!("there is no chore '{wanted}'; `cargo xtask` lists those there are");
        return ExitCode::from(2);
    };
    match (chore.run)() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{wanted}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The top folder of the repository.
fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
