//! A client: it has a server run its flow, and carries out the flow's effects here.

#[cfg(test)]
mod tests;

use crate::context::{ContextFunctions, ContextTraits, Stream};
use crate::discovery::{DiscoveryError, Lookout, Offer, Role, Sighting};
use crate::executor::{Code, JobOrder, JobResult, Registry};
use crate::modules::{Found, ModuleFile};
use crate::program::{ImplementationId, ImplementationKind, Program};
use crate::state::Outcome;
use crate::stop::{Stop, StopSwitch};
use crate::streams::{Effect, Here, LARGEST_BATCH, Streams};
use crate::table::Table;
use crate::terms::{FlowTerms, Report};
use crate::transport::service::{ASLEEP, HEARTBEAT, LARGEST_FRAME, LINGER};
use crate::transport::uninterrupted;
use crate::transport::waker::{Sleeper, Waker, waker};
use crate::wire::{FromClient, Submission, ToClient};
use crossbeam_channel::{Receiver, Sender, select, unbounded};
use flowcore::encoding::DecodeError;
use log::{LevelFilter, debug, error, info, log, warn};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// How long a server may be silent before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long servers are looked for.
const SEARCH: Duration = Duration::from_secs(5);

/// How many servers may fail to answer before no other is looked for.
const MOST_SILENT: usize = 3;

/// How long a run that was stopped here may take to end in good order.
const STOPPING: Duration = Duration::from_secs(5);

/// The most effects that a server has under way: a batch for each stream, and one for what belongs to none.
const MOST_EFFECTS: usize = 5 * LARGEST_BATCH;

/// How a client finds its server and what it wants.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Where the server is; one is looked for if nothing is said.
    pub server: Option<SocketAddr>,
    /// The network whose servers are taken.
    pub network: String,
    /// What the flow is to be run under.
    pub terms: FlowTerms,
    /// What is to be told of what the run has to say.
    pub log: LevelFilter,
    /// Ends the run from outside.
    pub stop: StopSwitch,
}

/// Why a flow was not run to its end by a server.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers the search.
    #[error(
        "no server was found on network '{network}' within {} s; start one with 'flowr -s', or say where it is with --connect",
        SEARCH.as_secs()
    )]
    NoServer {
        /// The network.
        network: String,
    },
    /// Multicast is not to be had.
    #[error("servers cannot be looked for; say where one is with --connect: {0}")]
    Discovery(#[from] DiscoveryError),
    /// Nobody answers there.
    #[error("no server answers at {0}")]
    NoAnswer(SocketAddr),
    /// The server does not want the flow.
    #[error("the server does not run the flow: {0}")]
    Refused(String),
    /// The run could not be carried on, for the same reasons as one in this process.
    #[error("{0}")]
    Failed(String),
    /// The server is gone.
    #[error("the server at {address} is lost: it was not heard of for {} s", PATIENCE.as_secs())]
    Lost {
        /// Where it was.
        address: SocketAddr,
    },
    /// The server has given us up.
    #[error("the server at {0} has given up this client")]
    GivenUp(SocketAddr),
    /// The server sends what it should not.
    #[error("the server at {0} sends what cannot be understood: {1}")]
    Nonsense(SocketAddr, String),
    /// The run was stopped, and there is no report of it.
    #[error("the run was ended before its end")]
    Stopped(Stop),
    /// The socket does not work.
    #[error("the connection to the server fails: {0}")]
    Socket(#[from] zmq::Error),
    /// The system does not give us a thread or a pipe.
    #[error("cannot start a thread: {0}")]
    System(#[from] io::Error),
    /// The system has no random numbers.
    #[error("cannot choose a session id: {0}")]
    Random(String),
}

/// Has a server run a flow to its end.
///
/// `program` is the flow as it was loaded here, with the same context functions; `manifest` is its text, which was found
/// at `manifest_url`. The modules that `registry` has for the flow go along.
///
/// # Errors
///
/// Fails for reasons outside the flow only; see [`ClientError`].
pub fn run(
    program: &Program,
    manifest_url: &Url,
    manifest: String,
    context: &Arc<dyn ContextFunctions>,
    registry: &Registry,
    config: &ClientConfig,
) -> Result<Report, ClientError> {
    let submission = Submission {
        network: config.network.clone(),
        manifest_url: manifest_url.to_string(),
        manifest,
        functions: functions(program, context.as_ref()),
        modules: modules_of(program, registry),
        terms: config.terms,
        log: config.log,
    };
    let (sleeper, waker) = waker()?;
    let mut desk = Desk::new(submission, Arc::clone(context), sleeper, waker, &config.stop);
    match config.server {
        Some(address) => desk.visit(address),
        None => desk.find_server(&config.network),
    }
}

/// The modules of a flow, as far as they are found here. For the others the server says what is missing.
fn modules_of(program: &Program, registry: &Registry) -> Vec<(String, ModuleFile)> {
    let modules = program.implementations.iter().filter_map(|(_, one)| {
        let found = match one.kind {
            ImplementationKind::Context { .. } => return None,
            ImplementationKind::Library | ImplementationKind::Provided => registry.module(one),
        };
        match found {
            Ok(Found::Module(module)) => Some((one.url.clone(), module)),
            Ok(Found::Native) => None,
            Err(reason) => {
                warn!("cannot send a module: {reason}");
                None
            }
        }
    });
    modules.collect()
}

/// The context functions that a flow refers to, as far as there are such.
fn functions(program: &Program, context: &dyn ContextFunctions) -> Vec<(String, ContextTraits)> {
    let functions = program.implementations.iter().filter_map(|(_, one)| match one.kind {
        ImplementationKind::Context { .. } => Some((one.url.clone(), context.traits(&one.url)?)),
        ImplementationKind::Library | ImplementationKind::Provided => None,
    });
    functions.collect()
}

/// What happens here.
enum News {
    Done { stream: Option<Stream>, results: Vec<JobResult> },
    Stop(Stop),
}

/// What is needed to talk to a server.
struct Desk {
    submission: Box<Submission>,
    context: Arc<dyn ContextFunctions>,
    sleeper: Sleeper,
    waker: Waker,
    news: Receiver<News>,
    sender: Sender<News>,
}

impl Desk {
    fn new(
        submission: Submission,
        context: Arc<dyn ContextFunctions>,
        sleeper: Sleeper,
        waker: Waker,
        stop: &StopSwitch,
    ) -> Desk {
        let (sender, news) = unbounded();
        stop.watch({
            let (sender, waker) = (sender.clone(), waker.clone());
            move |stop| {
                // A run that is over takes no more news.
                sender.send(News::Stop(stop)).ok();
                waker.wake();
            }
        });
        Desk { submission: Box::new(submission), context, sleeper, waker, news, sender }
    }

    /// Takes the first server that is found and answers.
    fn find_server(&mut self, network: &str) -> Result<Report, ClientError> {
        let mut silent = Vec::new();
        while silent.len() < MOST_SILENT
            && let Some(offer) = self.search(network, &silent)?
        {
            info!("Found server {:016x} at {}", offer.run, offer.address);
            match self.visit(offer.address) {
                // The announcement may be an old one; perhaps there is another.
                Err(ClientError::NoAnswer(address)) => silent.push(address),
                ended => return ended,
            }
        }
        let none = ClientError::NoServer { network: network.to_owned() };
        Err(silent.pop().map_or(none, ClientError::NoAnswer))
    }

    /// Looks for a server, other than those that do not answer.
    fn search(&self, network: &str, silent: &[SocketAddr]) -> Result<Option<Offer>, ClientError> {
        let lookout = Lookout::open(Role::Submissions, network)?;
        let deadline = crossbeam_channel::after(SEARCH);
        loop {
            select! {
                recv(lookout.sightings) -> sighting => match sighting {
                    Ok(Sighting::Found(offer)) if !silent.contains(&offer.address) => return Ok(Some(offer)),
                    Ok(Sighting::Found(_) | Sighting::Gone(_)) => {}
                    Err(_) => return Ok(None),
                },
                recv(self.news) -> news => if let Ok(News::Stop(stop)) = news {
                    return Err(ClientError::Stopped(stop));
                },
                recv(deadline) -> _ => return Ok(None),
            }
        }
    }

    /// Has that server run the flow.
    fn visit(&mut self, address: SocketAddr) -> Result<Report, ClientError> {
        let context = zmq::Context::new();
        let socket = context.socket(zmq::DEALER)?;
        // What is under way is bounded by the batches, so nothing here needs to be.
        socket.set_sndhwm(0)?;
        socket.set_rcvhwm(0)?;
        socket.set_linger(i32::try_from(LINGER.as_millis()).unwrap_or(0))?;
        socket.set_maxmsgsize(LARGEST_FRAME)?;
        socket.set_ipv6(address.is_ipv6())?;
        socket.connect(&format!("tcp://{address}"))?;
        // 0 stands for no session at all.
        let id = getrandom::u64().map_err(|error| ClientError::Random(error.to_string()))?.max(1);
        let submission = FromClient::Submit { session: id, submission: self.submission.clone() }.encode();
        uninterrupted(|| socket.send(&submission, 0))?;

        let (sender, waker) = (self.sender.clone(), self.waker.clone());
        let answer = move |stream, results| {
            let is_listening = sender.send(News::Done { stream, results }).is_ok();
            waker.wake();
            is_listening
        };
        let session = Session {
            id,
            address,
            socket,
            streams: Streams::new(Arc::new(Here(Arc::clone(&self.context))), answer),
            context: self.context.as_ref(),
            functions: &self.submission.functions,
            codes: None,
            under_way: 0,
            heard: Instant::now(),
            answered: false,
            stopped: None,
        };
        session.serve(&mut self.sleeper, &self.news)
    }
}

/// A flow that a server runs.
struct Session<'client> {
    id: u64,
    address: SocketAddr,
    socket: zmq::Socket,
    streams: Streams,
    context: &'client dyn ContextFunctions,
    /// What the flow refers to. A server that asks for anything else does not get it.
    functions: &'client [(String, ContextTraits)],
    /// What effects refer to by number; none before the server accepts.
    codes: Option<Table<ImplementationId, Result<Code, String>>>,
    /// Effects that have not been answered.
    under_way: usize,
    heard: Instant,
    /// Whether the server has said anything yet.
    answered: bool,
    /// What has stopped the run here, and how long its report is waited for.
    stopped: Option<(Stop, Instant)>,
}

impl Session<'_> {
    fn serve(mut self, sleeper: &mut Sleeper, news: &Receiver<News>) -> Result<Report, ClientError> {
        let ended = self.converse(sleeper, news);
        if ended.is_err() {
            // Best effort: a server that is lost does not hear it.
            self.send(&FromClient::Goodbye { session: self.id }).ok();
        }
        let cut_short = !matches!(&ended, Ok(report) if report.stopped.is_none());
        let end = self.streams.finish(cut_short);
        end.failures.iter().for_each(|failure| error!("{failure}"));
        let mut report = ended?;
        report.failures_at_end += end.failures.len();
        report.left_behind |= end.left_behind;
        if report.stopped == Some(Stop::Closed) && self.stopped.is_none() {
            error!("the flow was ended before its end: its server is stopped");
        }
        Ok(report)
    }

    /// Talks to the server until it has had the last word.
    fn converse(&mut self, sleeper: &mut Sleeper, news: &Receiver<News>) -> Result<Report, ClientError> {
        let mut next_heartbeat = Instant::now() + HEARTBEAT;
        let mut awake = Instant::now();
        loop {
            while let Ok(news) = news.try_recv() {
                match news {
                    News::Done { stream, results } => self.answer(stream, results)?,
                    News::Stop(stop) => self.stop(stop)?,
                }
            }
            loop {
                match uninterrupted(|| self.socket.recv_bytes(zmq::DONTWAIT)) {
                    Ok(frame) => {
                        if let Some(report) = self.take(&frame)? {
                            return Ok(report);
                        }
                    }
                    Err(zmq::Error::EAGAIN) => break,
                    Err(error) => return Err(error.into()),
                }
            }
            let now = Instant::now();
            if let Some((stop, until)) = self.stopped
                && now >= until
            {
                return Err(ClientError::Stopped(stop));
            }
            if now.saturating_duration_since(awake) > ASLEEP {
                // What was said while this process stood still is on its way.
                self.heard = now;
            }
            awake = now;
            if now.saturating_duration_since(self.heard) > PATIENCE {
                let address = self.address;
                return Err(if self.answered {
                    ClientError::Lost { address }
                } else {
                    ClientError::NoAnswer(address)
                });
            }
            if now >= next_heartbeat {
                next_heartbeat = now + HEARTBEAT;
                self.send(&FromClient::Heartbeat { session: self.id })?;
            }
            let until = self.stopped.map_or(next_heartbeat, |(_, until)| until.min(next_heartbeat));
            sleeper.wait(&self.socket, until.saturating_duration_since(now), || !news.is_empty())?;
        }
    }

    /// Takes a message; gives the report if it is the last one.
    fn take(&mut self, frame: &[u8]) -> Result<Option<Report>, ClientError> {
        let message = ToClient::decode(frame).map_err(|error| self.nonsense(&error))?;
        match message {
            ToClient::Refused { session, reason } if session == self.id || session == 0 => {
                return Err(ClientError::Refused(reason));
            }
            other if other.session() != self.id => {
                debug!("dropped a message of another session");
                return Ok(None);
            }
            ToClient::Accepted { implementations, .. } => {
                debug!("The server at {} runs the flow", self.address);
                let code = |url: &String| {
                    let is_ours = self.functions.iter().any(|(ours, _)| ours == url);
                    let code = is_ours.then(|| self.context.implementation(url)).flatten();
                    code.map(Code::Loaded).ok_or_else(|| format!("the flow has no context function {url}"))
                };
                self.codes = Some(implementations.iter().map(code).collect());
            }
            ToClient::Effects { stream, orders, .. } => self.perform(stream, orders)?,
            ToClient::Log { lines, .. } => {
                lines.iter().for_each(|(level, text)| log!(*level, "{text}"));
                self.send(&FromClient::LogTaken { session: self.id })?;
            }
            ToClient::Ended { report, .. } => return Ok(Some(*report)),
            ToClient::Failed { reason, .. } => return Err(ClientError::Failed(reason)),
            ToClient::Closed { .. } => {
                error!("the flow was ended before its end: its server is stopped");
                return Err(ClientError::Stopped(Stop::Closed));
            }
            ToClient::Stranger { .. } => return Err(ClientError::GivenUp(self.address)),
            ToClient::Heartbeat { .. } | ToClient::Refused { .. } => {}
        }
        self.heard = Instant::now();
        self.answered = true;
        Ok(None)
    }

    fn nonsense(&self, error: &DecodeError) -> ClientError {
        ClientError::Nonsense(self.address, error.to_string())
    }

    /// Has effects happen, on the thread of their stream.
    fn perform(&mut self, stream: Option<Stream>, orders: Vec<JobOrder>) -> Result<(), ClientError> {
        self.under_way = self.under_way.saturating_add(orders.len());
        if self.under_way > MOST_EFFECTS {
            return Err(ClientError::Nonsense(self.address, "more than it was answered".to_owned()));
        }
        let mut effects = Vec::with_capacity(orders.len());
        for JobOrder { ticket, implementation, inputs } in orders {
            match self.codes.as_ref().and_then(|codes| codes.find(implementation)) {
                Some(Ok(code)) => effects.push(Effect { ticket, implementation, code: code.clone(), inputs }),
                Some(Err(reason)) => return Err(ClientError::Nonsense(self.address, reason.clone())),
                None => {
                    let reason = "a function that was never announced".to_owned();
                    return Err(ClientError::Nonsense(self.address, reason));
                }
            }
        }
        Ok(self.streams.perform_all(stream, effects.into())?)
    }

    /// Tells the server what came of effects.
    fn answer(&mut self, stream: Option<Stream>, results: Vec<JobResult>) -> Result<(), ClientError> {
        self.under_way = self.under_way.saturating_sub(results.len());
        let frame = result_frame(self.id, stream, results, LARGEST_FRAME);
        Ok(uninterrupted(|| self.socket.send(&frame, 0))?)
    }

    fn stop(&mut self, stop: Stop) -> Result<(), ClientError> {
        if self.stopped.is_none() {
            self.stopped = Some((stop, Instant::now() + STOPPING));
            self.send(&FromClient::Stop { session: self.id, stop })?;
        }
        Ok(())
    }

    fn send(&self, message: &FromClient) -> Result<(), ClientError> {
        // The queue has no bound, so this does not wait.
        let frame = message.encode();
        Ok(uninterrupted(|| self.socket.send(&frame, 0))?)
    }
}

/// The message with those results; one that is too large to travel has failed.
fn result_frame(session: u64, stream: Option<Stream>, results: Vec<JobResult>, most: i64) -> Vec<u8> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut message = FromClient::Results { session, stream, results };
    loop {
        let frame = message.encode();
        let FromClient::Results { results, .. } = &mut message else { return frame };
        if frame.len() <= most {
            return frame;
        }
        let size = |result: &JobResult| {
            let results = vec![result.clone()];
            FromClient::Results { session, stream, results }.encode().len()
        };
        let can_shrink = |result: &&mut JobResult| matches!(result.outcome, Outcome::Done { .. });
        let Some(largest) = results.iter_mut().filter(can_shrink).max_by_key(|result| size(result)) else {
            return frame;
        };
        largest.outcome = Outcome::Failed("its result is too large to travel".to_owned());
    }
}
