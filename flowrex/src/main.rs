//! `flowrex` executes jobs for runners that it finds on the network.
//!
//! * `arguments` is the command line.
//! * `key` makes keys.
//! * `list` shows who is there.
//! * `standing` tells what the worker does, when somebody asks.

mod arguments;
mod key;
mod list;
mod standing;

use arguments::Arguments;
use clap::Parser;
use flowrlib::executor::{NativeLibrary, Registry};
use flowrlib::keys::Trust;
use flowrlib::signals;
use flowrlib::worker::{Stop, StopSwitch, WorkerConfig, WorkerLimits, serve};
use log::{error, warn};
use std::fmt::Display;
use std::process::ExitCode;
use std::thread::available_parallelism;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The status of a program that was interrupted.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    signals::let_questions_pass();
    let arguments = Arguments::parse();
    flowrlib::logging::start(arguments.verbosity);
    if let Some(path) = &arguments.new_key {
        told(key::make(path.as_deref()))
    } else if arguments.list {
        told(list::print(&network(), arguments.json))
    } else {
        match work(&arguments) {
            // This is how services end.
            Ok(Stop::Closed) => ExitCode::SUCCESS,
            Ok(Stop::Interrupted) => ExitCode::from(INTERRUPTED),
            Err(error) => told(Err(error)),
        }
    }
}

/// Serves runners until the program is ended.
fn work(arguments: &Arguments) -> Result<Stop, Box<dyn std::error::Error>> {
    let trust = if arguments.insecure {
        warn!(
            "--insecure: runners are served that anybody on the network may have started, and nothing is secret"
        );
        Trust::Anybody
    } else {
        Trust::of_this_user()?
    };
    let stop = StopSwitch::default();
    let status = standing::bell();
    signals::watch(stop.clone(), {
        let status = status.clone();
        move || status.ring()
    });
    let config = WorkerConfig {
        threads: arguments.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from)),
        network: network(),
        name: format!("flowrex {} on {}", std::process::id(), gethostname::gethostname().to_string_lossy()),
        trust,
        coordinators: arguments.coordinator.clone(),
        runners: arguments.runner.clone(),
        labels: arguments.label.clone(),
        limits: WorkerLimits {
            time: arguments.job_timeout.filter(|limit| !limit.is_zero()),
            memory: arguments.module_memory,
        },
        stop,
        status,
    };
    let registry = Registry::new([NativeLibrary {
        name: flowstdlib::NAME,
        version: flowstdlib::VERSION,
        functions: flowstdlib::implementations(),
    }]);
    Ok(serve(&config, registry)?)
}

/// The network whose runners are served.
fn network() -> String {
    std::env::var("FLOW_NETWORK").unwrap_or_else(|_| flowrlib::DEFAULT_NETWORK.to_owned())
}

/// Says what went wrong.
fn told(result: Result<(), impl Display>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
}
