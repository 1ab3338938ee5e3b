//! One client's flow, from its submission to its report, in a thread of its own.

use super::remote::{Catalogue, Remote};
use super::{Command, Key, Outbox, ServerConfig};
use crate::executor::{Pool, Registry, STACK};
use crate::logging;
use crate::modules::{Found, ModuleFile, ModuleSource};
use crate::program::{ImplementationKind, ImplementationRef, Program};
use crate::runner::run_with;
use crate::stop::StopSwitch;
use crate::streams::Stage;
use crate::terms::RunConfig;
use crate::transport::socket::Listen;
use crate::wire::{FromClient, Submission, ToClient};
use flowcore::manifest::read_flow_manifest;
use log::debug;
use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use url::Url;

/// What all sessions of a server have in common.
pub(super) struct Shared {
    pub(super) config: ServerConfig,
    pub(super) registry: Registry,
    /// The executor threads of all sessions; none where workers do the jobs.
    pub(super) pool: Option<Arc<Pool>>,
    pub(super) outbox: Outbox,
}

/// Starts a session with a message that says it is a submission.
pub(super) fn start(
    shared: &Arc<Shared>,
    key: Key,
    frame: Vec<u8>,
    remote: Arc<Remote>,
    stop: StopSwitch,
) -> io::Result<()> {
    let shared = Arc::clone(shared);
    let serve = move || {
        let session = key.session;
        let run = || run(&shared, &key, frame, &remote, stop);
        // A mistake of ours in one session ends that session, and its client is told.
        let last = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| ToClient::Failed {
            session,
            reason: "an internal error of the server".to_owned(),
        });
        remote.journal().finish();
        // Streams that still wait for an answer, such as a line from the user, need it no longer.
        remote.close();
        shared.outbox.post(Command::Ended { key, frame: last.encode() });
    };
    // A coordinator runs tiny jobs itself.
    thread::Builder::new().name("session".to_owned()).stack_size(STACK).spawn(serve).map(drop)
}

/// Runs the flow; gives the last message to the client.
fn run(shared: &Shared, key: &Key, frame: Vec<u8>, remote: &Arc<Remote>, stop: StopSwitch) -> ToClient {
    let session = key.session;
    let submission = match read(&frame, &shared.config) {
        Ok(submission) => submission,
        Err(reason) => return ToClient::Refused { session, reason },
    };
    drop(frame);
    let _diversion = logging::divert(submission.log, {
        let remote = Arc::clone(remote);
        Arc::new(move |level, text| remote.journal().write(level, text))
    });
    let terms = submission.terms;
    let catalogue = Catalogue(submission.functions.iter().cloned().collect());
    let program = match load(&submission, &catalogue) {
        Ok(program) => program,
        Err(reason) => return ToClient::Refused { session, reason },
    };
    let modules = SubmittedModules {
        submitted: submission.modules.into_iter().collect(),
        own: shared.registry.clone(),
    };
    let registry = shared.registry.clone().with_modules(Arc::new(modules));
    let implementations = program.implementations.iter().map(|(_, one)| one.url.clone()).collect();
    let accepted = ToClient::Accepted { session, implementations };
    shared.outbox.post(Command::Send { key: key.clone(), frame: accepted.encode() });

    let config = RunConfig {
        threads: shared.config.threads,
        workers: shared.config.workers,
        network: shared.config.network.clone(),
        // Its port is that of the server.
        listen: Listen { port: None, ..shared.config.listen },
        trust: shared.config.trust.clone(),
        name: shared.config.name.clone(),
        labels: shared.config.labels.clone(),
        stop,
        status: shared.config.status.clone(),
        ..RunConfig::default()
    };
    let config = config.under(&terms);
    let stage = Arc::clone(remote) as Arc<dyn Stage>;
    match run_with(&program, &registry, &catalogue, &config, stage, shared.pool.as_ref()) {
        Ok(report) => ToClient::Ended { session, report: Box::new(report) },
        Err(error) => ToClient::Failed { session, reason: error.to_string() },
    }
}

/// The modules that came with a flow; and those of libraries that the server has, for what did not.
struct SubmittedModules {
    submitted: HashMap<String, ModuleFile>,
    own: Registry,
}

impl ModuleSource for SubmittedModules {
    fn find(&self, implementation: &ImplementationRef) -> Result<Found, String> {
        match (self.submitted.get(&implementation.url), implementation.kind) {
            (Some(module), _) => Ok(Found::Module(module.clone())),
            // Its place is one on the client's machine: what lies there on this one is none of the flow's business.
            (None, ImplementationKind::Provided) => {
                Err(format!("the module {} did not come with the flow", implementation.url))
            }
            (None, _) => self.own.module(implementation),
        }
    }
}

fn read(frame: &[u8], config: &ServerConfig) -> Result<Submission, String> {
    match FromClient::decode(frame) {
        Ok(FromClient::Submit { submission, .. }) if submission.network != config.network => {
            Err(format!("the server belongs to network '{}'", config.network))
        }
        Ok(FromClient::Submit { submission, .. }) => Ok(*submission),
        Ok(_) => Err("it is no submission".to_owned()),
        Err(error) => {
            debug!("a submission of {} bytes cannot be read: {error}", frame.len());
            Err(error.to_string())
        }
    }
}

fn load(submission: &Submission, catalogue: &Catalogue) -> Result<Program, String> {
    let invalid = |error: &dyn std::fmt::Display| format!("the manifest is not valid: {error}");
    let url = Url::parse(&submission.manifest_url).map_err(|error| invalid(&error))?;
    let manifest = read_flow_manifest(&submission.manifest).map_err(|error| invalid(&error))?;
    Program::load(&manifest, &url, catalogue, submission.terms.order).map_err(|error| invalid(&error))
}
