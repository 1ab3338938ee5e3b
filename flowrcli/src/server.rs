//! Runs the flows of clients until it is ended.

use crate::arguments::Arguments;
use crate::local::{network, registry, threads};
use crate::signals;
use crate::status::Status;
use flowrlib::runner::StopSwitch;
use flowrlib::server::{self, ServerConfig, ServerError};
use std::io::{self, Write};

/// Serves clients. Being ended is how a server ends, so that is no failure.
pub(crate) fn run(arguments: &Arguments) -> Result<Status, ServerError> {
    let stop = StopSwitch::default();
    signals::throw(stop.clone());
    let config = ServerConfig {
        threads: threads(arguments),
        workers: !arguments.no_workers,
        network: network(),
        listen: arguments.address(),
        port: arguments.port,
        stop,
    };
    server::serve(&config, registry(arguments), |_| {
        let mut output = io::stdout().lock();
        // Whoever does not read it does not wait for it.
        writeln!(output, "ready").and_then(|()| output.flush()).ok();
    })?;
    Ok(Status::Ended)
}
