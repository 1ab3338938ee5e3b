//! Has a server run a flow, which acts on the world from here.

use crate::arguments::Arguments;
use crate::flow::{self, FlowError};
use crate::local::{network, registry};
use crate::reach;
use crate::report::{self, ReportError};
use crate::status::Status;
use flowrlib::client::{self, ClientConfig, ClientError};
use flowrlib::context::ContextFunctions;
use flowrlib::discovery::addresses_of;
use flowrlib::keys::file::KeyFileError;
use flowrlib::runner::StopSwitch;
use flowrlib::signals;
use log::warn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// Why a flow was not run to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmitError {
    #[error(transparent)]
    Flow(#[from] FlowError),
    #[error("'{text}' is not where a server could be; write HOST:PORT: {source}")]
    Address { text: String, source: io::Error },
    #[error("the flow cannot be sent: {0}")]
    Text(#[from] serde_json::Error),
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Has the flow run that the command line names.
pub(crate) fn run(arguments: &Arguments) -> Result<Status, SubmitError> {
    let flow = flow::load(arguments)?;
    let server = arguments.connect.as_deref().map(addresses).transpose()?;
    let stop = StopSwitch::default();
    signals::watch(stop.clone(), || warn!("it is the server that knows how the run stands"));
    let config = ClientConfig {
        server,
        trust: reach::trust(arguments)?,
        network: network(),
        terms: arguments.terms(),
        log: arguments.verbosity,
        stop,
    };
    // Written anew, the manifest carries the routes that were found beside it.
    let manifest = flow.manifest.to_json()?;
    let context: Arc<dyn ContextFunctions> = Arc::clone(&flow.context) as _;
    match client::run(&flow.program, &flow.url, manifest, &context, &registry(arguments), &config) {
        Ok(report) => Ok(report::conclude(&report, arguments, flow.context.exit_status())?),
        Err(ClientError::Stopped(stop)) => Ok(report::stopped(stop)),
        Err(error) => Err(error.into()),
    }
}

fn addresses(text: &str) -> Result<Vec<SocketAddr>, SubmitError> {
    addresses_of(text).map_err(|source| SubmitError::Address { text: text.to_owned(), source })
}
