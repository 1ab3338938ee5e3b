//! A client: it has a server run its flow, and carries out the flow's effects here.

#[cfg(test)]
mod tests;

use crate::channel::{Guest, Heard, LARGEST_MESSAGE, Purpose};
use crate::context::{ContextFunctions, ContextTraits, Stream};
use crate::discovery::{Daemon, DiscoveryError, Lookout, Offer, Range, Role, Sighting};
use crate::executor::{Code, JobOrder, JobResult, Registry};
use crate::keys::file::KeyFileError;
use crate::keys::{Key, Trust};
use crate::modules::{Found, ModuleFile};
use crate::program::{ImplementationId, ImplementationKind, Program};
use crate::silence::Silence;
use crate::state::Outcome;
use crate::stop::{Stop, StopSwitch};
use crate::streams::{Effect, Here, LARGEST_BATCH, Streams};
use crate::table::Table;
use crate::terms::{FlowTerms, Report};
use crate::transport::service::HEARTBEAT;
use crate::transport::socket;
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

/// How long an address is tried if there are others.
const ONE_OF_SEVERAL: Duration = Duration::from_secs(2);

/// How long servers are looked for.
const SEARCH: Duration = Duration::from_secs(5);

/// How many servers may fail to answer before no other is looked for.
const MOST_SILENT: usize = 3;

/// How long a run that was stopped here may take to end in good order.
const STOPPING: Duration = Duration::from_secs(5);

/// How many frames are taken at once: heartbeats must not wait for what is large.
const AT_ONCE: usize = 64;

/// The most effects that a server has under way: a batch for each stream, and one for what belongs to none.
const MOST_EFFECTS: usize = 5 * LARGEST_BATCH;

/// How a client finds its server and what it wants.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Where the server is, the addresses of one machine; one is looked for if nothing is said.
    pub server: Option<Vec<SocketAddr>>,
    /// Whose servers are taken.
    pub trust: Trust,
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
    #[error("no server answers at {0}: it is not there, or has another key")]
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
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
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
    let key = config.trust.key()?;
    let mut desk = Desk::new(submission, Arc::clone(context), (sleeper, waker), &config.stop, key);
    match &config.server {
        Some(addresses) => desk.try_all(addresses),
        None => {
            let range = if config.trust.reaches_out() { Range::Networks } else { Range::Machine };
            desk.find_server(&config.network, range)
        }
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
    key: Option<Key>,
    sleeper: Sleeper,
    waker: Waker,
    news: Receiver<News>,
    sender: Sender<News>,
}

impl Desk {
    fn new(
        submission: Submission,
        context: Arc<dyn ContextFunctions>,
        (sleeper, waker): (Sleeper, Waker),
        stop: &StopSwitch,
        key: Option<Key>,
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
        Desk { submission: Box::new(submission), context, key, sleeper, waker, news, sender }
    }

    /// Takes the first server that is found and answers.
    fn find_server(&mut self, network: &str, range: Range) -> Result<Report, ClientError> {
        let mut silent = Vec::new();
        let mut last = ClientError::NoServer { network: network.to_owned() };
        while silent.len() < MOST_SILENT
            && let Some(offer) = self.search(network, range, &silent)?
        {
            info!("Found server {:?} ({:016x})", offer.about.name, offer.run);
            match self.try_all(&offer.addresses) {
                // The announcement may be an old one; perhaps there is another.
                Err(error @ (ClientError::NoAnswer(_) | ClientError::NoServer { .. })) => {
                    silent.push(offer.run);
                    last = error;
                }
                ended => return ended,
            }
        }
        Err(last)
    }

    /// Takes the first address that answers.
    fn try_all(&mut self, addresses: &[SocketAddr]) -> Result<Report, ClientError> {
        let mut ended = Err(ClientError::NoServer { network: self.submission.network.clone() });
        for (place, address) in addresses.iter().enumerate() {
            let is_last = place + 1 == addresses.len();
            ended = self.visit(*address, if is_last { PATIENCE } else { ONE_OF_SEVERAL });
            if !matches!(ended, Err(ClientError::NoAnswer(_))) {
                break;
            }
        }
        ended
    }

    /// Looks for a server, other than those that do not answer.
    fn search(&self, network: &str, range: Range, silent: &[u64]) -> Result<Option<Offer>, ClientError> {
        let (daemon, key) = (Daemon::start(range)?, self.key.as_ref().map(Key::id));
        let lookout = Lookout::open(daemon, Role::Submissions, network, key)?;
        let deadline = crossbeam_channel::after(SEARCH);
        loop {
            select! {
                recv(lookout.sightings) -> sighting => match sighting {
                    Ok(Sighting::Found(offer)) if !silent.contains(&offer.run) && !offer.addresses.is_empty() => {
                        return Ok(Some(offer));
                    }
                    Ok(Sighting::OtherVersion(what)) => warn!("{what}"),
                    Ok(Sighting::PassedOver(who)) => debug!("Passed over {who}"),
                    Ok(Sighting::Found(_) | Sighting::Gone(..)) => {}
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
    fn visit(&mut self, address: SocketAddr, patience: Duration) -> Result<Report, ClientError> {
        let context = zmq::Context::new();
        let socket = socket::dealer(&context, address)?;
        let (channel, opening) = Guest::new(self.key.clone(), Purpose::Submissions);
        socket::send(&socket, &opening)?;
        // 0 stands for no session at all.
        let id = getrandom::u64().map_err(|error| ClientError::Random(error.to_string()))?.max(1);

        let (sender, waker) = (self.sender.clone(), self.waker.clone());
        let answer = move |stream, results| {
            let is_listening = sender.send(News::Done { stream, results }).is_ok();
            waker.wake();
            is_listening
        };
        let session = Session {
            id,
            address,
            patience,
            socket,
            channel,
            submission: &self.submission,
            streams: Streams::new(Arc::new(Here(Arc::clone(&self.context))), answer),
            context: self.context.as_ref(),
            codes: None,
            under_way: 0,
            heard: Silence::since(Instant::now()),
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
    /// How long the server may take to open the channel.
    patience: Duration,
    socket: zmq::Socket,
    channel: Guest,
    streams: Streams,
    context: &'client dyn ContextFunctions,
    /// The flow. A server that asks for anything that it does not refer to does not get it.
    submission: &'client Submission,
    /// What effects refer to by number; none before the server accepts.
    codes: Option<Table<ImplementationId, Result<Code, String>>>,
    /// Effects that have not been answered.
    under_way: usize,
    heard: Silence,
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
        let mut until = next_heartbeat;
        loop {
            while let Ok(news) = news.try_recv() {
                match news {
                    News::Done { stream, results } => self.answer(stream, results)?,
                    News::Stop(stop) => self.stop(stop)?,
                }
            }
            for _ in 0..AT_ONCE {
                let Some(frame) = socket::receive(&self.socket)? else { break };
                if let Some(report) = self.receive(&frame)? {
                    return Ok(report);
                }
            }
            let now = Instant::now();
            if let Some((stop, until)) = self.stopped
                && now >= until
            {
                return Err(ClientError::Stopped(stop));
            }
            self.heard.forgive(now.saturating_duration_since(until), now);
            let patience = if self.channel.is_open() { PATIENCE } else { self.patience };
            if self.heard.lasts(now) > patience {
                let address = self.address;
                return Err(if self.answered {
                    ClientError::Lost { address }
                } else {
                    ClientError::NoAnswer(address)
                });
            }
            if now >= next_heartbeat {
                next_heartbeat = now + HEARTBEAT;
                if let Some(opening) = self.channel.tick() {
                    socket::send(&self.socket, &opening)?;
                }
                self.send(&FromClient::Heartbeat { session: self.id })?;
            }
            until = self.stopped.map_or(next_heartbeat, |(_, until)| until.min(next_heartbeat));
            sleeper.wait(&self.socket, until.saturating_duration_since(now), || !news.is_empty())?;
        }
    }

    /// Takes a frame; gives the report if it brings the last message.
    fn receive(&mut self, frame: &[u8]) -> Result<Option<Report>, ClientError> {
        let message = match self.channel.receive(frame) {
            Heard::Nothing => return Ok(None),
            Heard::Alive => {
                self.heard = Silence::since(Instant::now());
                return Ok(None);
            }
            Heard::Opened => {
                self.heard = Silence::since(Instant::now());
                let submission = Box::new(self.submission.clone());
                self.send(&FromClient::Submit { session: self.id, submission })?;
                return Ok(None);
            }
            // The server has forgotten us, or what it said is lost; either way the run is.
            Heard::Broken(_) => return Err(ClientError::GivenUp(self.address)),
            Heard::Message(message) => ToClient::decode(&message),
        };
        let message = message.map_err(|error| self.nonsense(&error))?;
        self.take(message)
    }

    /// Takes a message; gives the report if it is the last one.
    fn take(&mut self, message: ToClient) -> Result<Option<Report>, ClientError> {
        match message {
            ToClient::Refused { session, reason } if session == self.id || session == 0 => {
                return Err(ClientError::Refused(reason));
            }
            // The server is there, and does not know our session yet: our flow is still on its way.
            ToClient::Heartbeat { session: 0 } if !self.answered => {
                self.heard = Silence::since(Instant::now());
                return Ok(None);
            }
            other if other.session() != self.id => {
                debug!("dropped a message of another session");
                return Ok(None);
            }
            ToClient::Accepted { implementations, .. } => {
                debug!("The server at {} runs the flow", self.address);
                let code = |url: &String| {
                    let is_ours = self.submission.functions.iter().any(|(ours, _)| ours == url);
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
        self.heard = Silence::since(Instant::now());
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
        for JobOrder { ticket, implementation, inputs, .. } in orders {
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
        let message = result_message(self.id, stream, results, LARGEST_MESSAGE);
        self.send_bytes(&message)
    }

    fn stop(&mut self, stop: Stop) -> Result<(), ClientError> {
        if self.stopped.is_none() {
            self.stopped = Some((stop, Instant::now() + STOPPING));
            self.send(&FromClient::Stop { session: self.id, stop })?;
        }
        Ok(())
    }

    fn send(&mut self, message: &FromClient) -> Result<(), ClientError> {
        self.send_bytes(&message.encode())
    }

    fn send_bytes(&mut self, message: &[u8]) -> Result<(), ClientError> {
        // The queue has no bound, so this does not wait.
        let socket = &self.socket;
        match self.channel.seal(message, |frame| socket::send(socket, frame)) {
            Ok(sent) => Ok(sent?),
            Err(error) => Err(ClientError::Failed(format!("a message cannot be sent: {error}"))),
        }
    }
}

/// The message with those results; one that is too large to travel has failed.
fn result_message(session: u64, stream: Option<Stream>, results: Vec<JobResult>, most: usize) -> Vec<u8> {
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
