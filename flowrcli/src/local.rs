//! Runs a flow in this process.

use crate::arguments::Arguments;
use crate::flow::{self, FlowError};
use crate::modules::Files;
use crate::reach::{self, Reach, ReachError};
use crate::report::{self, ReportError};
use crate::standing;
use crate::status::Status;
use flowrlib::executor::{NativeLibrary, Registry};
use flowrlib::runner::{RunConfig, RunError, StopSwitch};
use flowrlib::signals;
use log::warn;
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
    Reach(#[from] ReachError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Runs the flow that the command line names.
pub(crate) fn run(arguments: &Arguments) -> Result<Status, LocalError> {
    let flow = flow::load(arguments)?;
    let context = Arc::clone(&flow.context);
    let report =
        flowrlib::runner::run(&flow.program, &registry(arguments), context, &run_config(arguments)?)?;
    Ok(report::conclude(&report, arguments, flow.context.exit_status())?)
}

fn run_config(arguments: &Arguments) -> Result<RunConfig, ReachError> {
    let reach = reach(arguments)?;
    let stop = StopSwitch::default();
    let status = standing::bell(arguments);
    signals::watch(stop.clone(), {
        let status = status.clone();
        move || status.ring()
    });
    let config = RunConfig {
        threads: threads(arguments),
        workers: reach.is_some(),
        network: network(),
        name: reach::name(arguments),
        labels: arguments.label.clone(),
        stop,
        status,
        ..RunConfig::default()
    };
    let config = match reach {
        Some(Reach { trust, listen }) => RunConfig { trust, listen, ..config },
        None => config,
    };
    Ok(config.under(&arguments.terms()))
}

/// Who may join, and where; none if nobody may. A flow that can do without workers is not stopped by a key that is of
/// no use.
fn reach(arguments: &Arguments) -> Result<Option<Reach>, ReachError> {
    if arguments.no_workers {
        return Ok(None);
    }
    match reach::of(arguments) {
        Err(error @ ReachError::Key(_)) if threads(arguments) > 0 && arguments.listen.is_none() => {
            warn!("workers cannot join: {error}");
            Ok(None)
        }
        reach => reach.map(Some),
    }
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
