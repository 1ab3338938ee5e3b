//! Runs the flows of clients until it is ended.

use crate::arguments::Arguments;
use crate::local::{network, registry, threads};
use crate::reach::{self, Reach, ReachError};
use crate::standing;
use crate::status::Status;
use flowrlib::runner::StopSwitch;
use flowrlib::server::{self, ServerConfig, ServerError};
use flowrlib::signals;
use std::io::{self, Write};

/// Why clients are not served, or not any longer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error(transparent)]
    Reach(#[from] ReachError),
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// Serves clients. Being ended is how a server ends, so that is no failure.
pub(crate) fn run(arguments: &Arguments) -> Result<Status, ServeError> {
    let Reach { trust, listen } = reach::of(arguments)?;
    let stop = StopSwitch::default();
    let status = standing::bell(arguments);
    signals::watch(stop.clone(), {
        let status = status.clone();
        move || status.ring()
    });
    let config = ServerConfig {
        threads: threads(arguments),
        workers: !arguments.no_workers,
        network: network(),
        listen,
        trust,
        name: reach::name(arguments),
        labels: arguments.label.clone(),
        stop,
        status,
    };
    server::serve(&config, registry(arguments), |_| {
        let mut output = io::stdout().lock();
        // Whoever does not read it does not wait for it.
        writeln!(output, "ready").and_then(|()| output.flush()).ok();
    })?;
    Ok(Status::Ended)
}
