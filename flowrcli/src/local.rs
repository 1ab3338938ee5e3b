//! Runs a flow in this process.

use crate::arguments::Arguments;
use crate::flow::{self, FlowError};
use crate::modules::Files;
use crate::report::{self, ReportError};
use crate::signals;
use crate::status::Status;
use flowrlib::executor::{NativeLibrary, Registry};
use flowrlib::runner::{RunConfig, RunError, StopSwitch};
use std::sync::Arc;
use std::thread::available_parallelism;

/// Why a flow was not run to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocalError {
    #[error(transparent)]
    Flow(#[from] FlowError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Runs the flow that the command line names.
pub(crate) fn run(arguments: &Arguments) -> Result<Status, LocalError> {
    let flow = flow::load(arguments)?;
    let context = Arc::clone(&flow.context);
    let report = flowrlib::runner::run(&flow.program, &registry(arguments), context, &run_config(arguments))?;
    Ok(report::conclude(&report, arguments, flow.context.exit_status())?)
}

fn run_config(arguments: &Arguments) -> RunConfig {
    let stop = StopSwitch::default();
    signals::throw(stop.clone());
    let config = RunConfig {
        threads: threads(arguments),
        workers: !arguments.no_workers,
        network: network(),
        listen: arguments.address(),
        stop,
        ..RunConfig::default()
    };
    config.under(&arguments.terms())
}

/// How many executor threads there are to be.
pub(crate) fn threads(arguments: &Arguments) -> usize {
    arguments.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
}

/// The libraries that are part of this program, and the modules that are installed.
pub(crate) fn registry(arguments: &Arguments) -> Registry {
    let native = NativeLibrary {
        name: flowstdlib::NAME,
        version: flowstdlib::VERSION,
        functions: flowstdlib::implementations(),
    };
    Registry::new([native]).with_modules(Arc::new(Files::new(arguments)))
}

/// The network whose workers and servers are ours.
pub(crate) fn network() -> String {
    std::env::var("FLOW_NETWORK").unwrap_or_else(|_| flowrlib::DEFAULT_NETWORK.to_owned())
}
