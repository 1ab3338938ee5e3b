//! The command line runner: it reads a manifest, runs the flow, and lends it the terminal.
//!
//! * `arguments` is the command line.
//! * [`context`] has the functions that only a runner can supply, one file a module.
//! * `flow` finds, reads and loads the flow.
//! * `local` runs it in this process; `client` has a server run it; `server` is that server.
//! * `reach` says who may take part, and where they are received.
//! * `report` says how it went.
//! * `metrics` prints what was counted.
//! * `origin` knows who has started the runner.
//! * `standing` tells how a run stands, when somebody asks.

mod arguments;
mod client;
pub mod context;
mod flow;
mod local;
mod metrics;
mod modules;
mod origin;
mod reach;
mod report;
mod server;
mod standing;
mod status;

use arguments::Arguments;
use flowrlib::signals;
use log::error;
use status::Status;
use std::fmt::Display;
use std::process::ExitCode;

/// The whole program.
pub fn main() -> ExitCode {
    origin::end_with_compiler();
    signals::let_questions_pass();
    match arguments::read() {
        Ok(arguments) => run(&arguments).into(),
        Err(status) => status.into(),
    }
}

/// Does what the command line asks for.
fn run(arguments: &Arguments) -> Status {
    flowrlib::logging::start(arguments.verbosity);
    if let Some(option) = arguments.unsupported() {
        return told(Err(format!("{option} is not supported yet")));
    }
    if arguments.server {
        told(server::run(arguments))
    } else if arguments.client {
        told(client::run(arguments))
    } else {
        told(local::run(arguments))
    }
}

/// Says what went wrong.
fn told(result: Result<Status, impl Display>) -> Status {
    result.unwrap_or_else(|error| {
        error!("{error}");
        Status::NotRun
    })
}
