//! The command line runner: it reads a manifest, runs the flow, and lends it the terminal.
//!
//! * `arguments` is the command line.
//! * [`context`] has the functions that only a runner can supply, one file a module.
//! * `client` loads a flow, runs it, and says how it went.
//! * `metrics` prints what was counted.
//! * `origin` knows who has started the runner.
//! * `signals` end a run in good order.

mod arguments;
mod client;
pub mod context;
mod metrics;
mod origin;
mod signals;
mod status;

use std::process::ExitCode;

/// The whole program.
pub fn main() -> ExitCode {
    origin::end_with_compiler();
    match arguments::read() {
        Ok(arguments) => client::run(&arguments).into(),
        Err(status) => status.into(),
    }
}
