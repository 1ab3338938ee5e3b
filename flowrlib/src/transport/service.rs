//! The runner's end of ZeroMQ: one socket at which workers ask for work.
//!
//! A thread of its own owns the socket, so that heartbeats go out and come in whatever the coordinator is doing, and
//! the coordinator never waits for a network.

use super::waker::{Sleeper, Waker, waker};
use super::{Event, ExecutorIds, Joined, Link, Place, uninterrupted};
use crate::discovery::{Announcement, Offer, Role};
use crate::dispatch::ExecutorId;
use crate::executor::{JobOrder, JobResult, ModuleLimits};
use crate::modules::{Digest, ModuleFile};
use crate::state::Outcome;
use crate::wire::{Announced, FromWorker, Hello, PROTOCOL, ToWorker};
use crossbeam_channel::{Receiver, Sender, unbounded};
use flowcore::encoding::{TOO_DEEP, nests_too_deeply};
use log::debug;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often each side says that it is alive.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(1);

/// Who looks after heartbeats and has not done so for this long has stood still, as in a machine that sleeps: the
/// silence of others then says nothing.
pub(crate) const ASLEEP: Duration = Duration::from_secs(3);

/// How long a worker may be silent while it gets ready.
const SILENCE: Duration = Duration::from_secs(5);

/// The largest frame that is received; a larger one ends its connection before it is read.
pub(crate) const LARGEST_FRAME: i64 = 1 << 30;

/// The most threads that a worker can be believed to have.
const MOST_SLOTS: usize = 1 << 16;

/// The longest name of a worker, in bytes: it stands in logs and reports.
const LONGEST_NAME: usize = 256;

/// How long messages that were sent before closing a socket may take to get out.
pub(crate) const LINGER: Duration = Duration::from_millis(500);

/// What the service needs to know.
pub(crate) struct ServiceConfig {
    /// The run that workers are wanted for.
    pub(crate) run: u64,
    /// The address to listen at.
    pub(crate) listen: IpAddr,
    /// The network whose workers are taken.
    pub(crate) network: String,
    /// What jobs refer to by number.
    pub(crate) implementations: Vec<Announced>,
    /// The modules among them.
    pub(crate) modules: Vec<ModuleFile>,
    /// What a job of a module may use.
    pub(crate) module_limits: ModuleLimits,
    /// The native libraries a worker must have, by name and version.
    pub(crate) libraries: Vec<(String, String)>,
    /// How long each job of a native function may take.
    pub(crate) limit: Option<Duration>,
}

/// Why a socket is not where it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error("cannot listen at {listen}: {source}")]
    Bind { listen: IpAddr, source: zmq::Error },
    #[error("the address '{0}' that was bound cannot be understood")]
    Endpoint(String),
    #[error(transparent)]
    Socket(#[from] zmq::Error),
}

/// Has a socket listen at that address, at that port or any free one; tells where it is.
pub(crate) fn bind(socket: &zmq::Socket, listen: IpAddr, port: Option<u16>) -> Result<SocketAddr, BindError> {
    socket.set_ipv6(listen.is_ipv6())?;
    let host = SocketAddr::new(listen, 0).to_string();
    let host = host.trim_end_matches('0');
    let port = port.map_or_else(|| "*".to_owned(), |port| port.to_string());
    socket.bind(&format!("tcp://{host}{port}")).map_err(|source| BindError::Bind { listen, source })?;
    let endpoint = socket.get_last_endpoint()?.unwrap_or_default();
    let address = endpoint.trim_end_matches('\0').strip_prefix("tcp://");
    address.and_then(|address| address.parse().ok()).ok_or(BindError::Endpoint(endpoint))
}

/// Why workers cannot join.
#[derive(Debug, thiserror::Error)]
enum ServiceError {
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Socket(#[from] zmq::Error),
    #[error(transparent)]
    System(#[from] std::io::Error),
    #[error("cannot be announced: {0}")]
    Announce(#[from] crate::discovery::DiscoveryError),
}

/// An open job service. Dropping it tells the workers that the run is over.
pub(crate) struct Service {
    commands: Sender<Command>,
    waker: Waker,
    thread: Option<JoinHandle<()>>,
}

enum Command {
    Send { peer: Vec<u8>, orders: Vec<JobOrder> },
    Forget(ExecutorId),
    Close,
}

impl Service {
    /// Opens the service in the background. Whether that succeeds is told by an event.
    pub(crate) fn open(
        config: ServiceConfig,
        ids: Arc<ExecutorIds>,
        events: Sender<Event>,
    ) -> std::io::Result<Service> {
        let (commands, inbox) = unbounded();
        let (sleeper, waker) = waker()?;
        let thread = thread::Builder::new().name("job service".into()).spawn({
            let (commands, waker) = (commands.clone(), waker.clone());
            move || {
                let desk = Desk { config, ids, events, commands, inbox, waker, peers: HashMap::new() };
                desk.serve(sleeper);
            }
        })?;
        Ok(Service { commands, waker, thread: Some(thread) })
    }

    /// Stops listening to an executor that is lost.
    pub(crate) fn forget(&self, executor: ExecutorId) {
        self.commands.send(Command::Forget(executor)).ok();
        self.waker.wake();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.commands.send(Command::Close).ok();
        self.waker.wake();
        if let Some(thread) = self.thread.take() {
            // The thread ends within the time that its last messages may take.
            thread.join().ok();
        }
    }
}

struct PeerLink {
    peer: Vec<u8>,
    commands: Sender<Command>,
    waker: Waker,
}

impl Link for PeerLink {
    fn send(&self, orders: Vec<JobOrder>) {
        // The service outlives the coordinator's links.
        self.commands.send(Command::Send { peer: self.peer.clone(), orders }).ok();
        self.waker.wake();
    }
}

/// Where workers are received.
struct Desk {
    config: ServiceConfig,
    ids: Arc<ExecutorIds>,
    events: Sender<Event>,
    commands: Sender<Command>,
    inbox: Receiver<Command>,
    waker: Waker,
    /// Workers by the identity that the socket gave them.
    peers: HashMap<Vec<u8>, Peer>,
}

/// A worker that was taken on.
struct Peer {
    executor: ExecutorId,
    /// What it told of itself, until it is ready.
    getting_ready: Option<GettingReady>,
}

/// A worker that has not got all modules yet. The coordinator does not know of it.
struct GettingReady {
    name: String,
    slots: usize,
    heard: Instant,
}

impl Desk {
    fn serve(mut self, mut sleeper: Sleeper) {
        let context = zmq::Context::new();
        match self.bind(&context) {
            Ok((socket, address, announcement)) => {
                self.events.send(Event::ServiceOpened(address)).ok();
                if let Err(error) = self.receive(&socket, &mut sleeper) {
                    self.events.send(Event::ServiceFailed(format!("ends early: {error}"))).ok();
                }
                // No worker finds us any more; those that did are told to look for others.
                drop(announcement);
                for peer in self.peers.keys() {
                    send(&socket, peer, &ToWorker::Goodbye { run: self.config.run });
                }
            }
            Err(error) => {
                self.events.send(Event::ServiceFailed(error.to_string())).ok();
            }
        }
    }

    fn bind(&self, context: &zmq::Context) -> Result<(zmq::Socket, SocketAddr, Announcement), ServiceError> {
        let socket = context.socket(zmq::ROUTER)?;
        // Windows bound what is under way, so queues need no bound of their own, and none may drop anything.
        socket.set_sndhwm(0)?;
        socket.set_rcvhwm(0)?;
        socket.set_linger(i32::try_from(LINGER.as_millis()).unwrap_or(0))?;
        socket.set_maxmsgsize(LARGEST_FRAME)?;
        let address = bind(&socket, self.config.listen, None)?;
        let offer = Offer { address, run: self.config.run, network: self.config.network.clone() };
        let announcement = Announcement::publish(Role::Jobs, &offer)?;
        Ok((socket, address, announcement))
    }

    fn receive(&mut self, socket: &zmq::Socket, sleeper: &mut Sleeper) -> Result<(), zmq::Error> {
        let mut next_heartbeat = Instant::now() + HEARTBEAT;
        loop {
            while let Ok(command) = self.inbox.try_recv() {
                match command {
                    Command::Send { peer, orders } => {
                        let orders = self.keep_what_can_travel(&peer, orders);
                        send(socket, &peer, &ToWorker::Jobs { run: self.config.run, orders });
                    }
                    Command::Forget(executor) => self.peers.retain(|_, peer| peer.executor != executor),
                    Command::Close => return Ok(()),
                }
            }
            loop {
                match uninterrupted(|| socket.recv_multipart(zmq::DONTWAIT)) {
                    Ok(frames) => self.take(socket, frames),
                    Err(zmq::Error::EAGAIN) => break,
                    Err(error) => return Err(error),
                }
            }
            let now = Instant::now();
            if now >= next_heartbeat {
                self.forget_silent(now);
                for peer in self.peers.keys() {
                    send(socket, peer, &ToWorker::Heartbeat { run: self.config.run });
                }
                next_heartbeat = now + HEARTBEAT;
            }
            sleeper.wait(socket, next_heartbeat - now, || !self.inbox.is_empty())?;
        }
    }

    fn take(&mut self, socket: &zmq::Socket, frames: Vec<Vec<u8>>) {
        let Ok([peer, frame]) = <[Vec<u8>; 2]>::try_from(frames) else {
            debug!("dropped a message that has not exactly two frames");
            return;
        };
        let message = match FromWorker::decode(&frame) {
            Ok(message) => message,
            Err(error) => {
                debug!("dropped a message of {} bytes: {error}", frame.len());
                // It may have been the answer to jobs: whoever sends such things does not keep them.
                if let Some(left) = self.peers.remove(&peer) {
                    send(socket, &peer, &ToWorker::Goodbye { run: self.config.run });
                    self.events.send(Event::Left(left.executor)).ok();
                }
                return;
            }
        };
        let known = self.peers.get_mut(&peer).map(|known| {
            if let Some(getting_ready) = &mut known.getting_ready {
                getting_ready.heard = Instant::now();
            }
            known.executor
        });
        match (message, known) {
            (FromWorker::Hello(hello), _) => self.receive_hello(socket, peer, hello),
            (FromWorker::Fetch { run, module }, Some(_)) if run == self.config.run => {
                self.send_module(socket, &peer, &module);
            }
            (FromWorker::Ready { run }, Some(_)) if run == self.config.run => self.join(peer),
            (FromWorker::Results { run, window, results }, Some(executor)) if run == self.config.run => {
                self.events.send(Event::Results { executor, window: Some(window), results }).ok();
            }
            (FromWorker::Heartbeat { run }, Some(executor)) if run == self.config.run => {
                self.events.send(Event::Heard(executor)).ok();
            }
            (FromWorker::Goodbye { run }, Some(executor)) if run == self.config.run => {
                self.peers.remove(&peer);
                self.events.send(Event::Left(executor)).ok();
            }
            // A worker that was given up for lost and is back.
            (
                FromWorker::Heartbeat { .. }
                | FromWorker::Results { .. }
                | FromWorker::Fetch { .. }
                | FromWorker::Ready { .. },
                None,
            ) => {
                send(socket, &peer, &ToWorker::Stranger { run: self.config.run });
            }
            _ => debug!("dropped a message that belongs to another run"),
        }
    }

    fn receive_hello(&mut self, socket: &zmq::Socket, peer: Vec<u8>, hello: Hello) {
        if let Some(reason) = self.objection(&hello) {
            let name: String = hello.name.chars().take(LONGEST_NAME).collect();
            debug!("refused worker {name:?}: {reason}");
            send(socket, &peer, &ToWorker::Refused { reason });
            return;
        }
        let executor = self.ids.next();
        let getting_ready =
            Some(GettingReady { name: hello.name, slots: hello.slots, heard: Instant::now() });
        if let Some(former) = self.peers.insert(peer.clone(), Peer { executor, getting_ready }) {
            self.events.send(Event::Left(former.executor)).ok();
        }
        let implementations = self.config.implementations.clone();
        let ServiceConfig { run, limit, module_limits, .. } = self.config;
        send(socket, &peer, &ToWorker::Welcome { run, implementations, limit, module_limits });
    }

    fn send_module(&self, socket: &zmq::Socket, peer: &[u8], digest: &Digest) {
        match self.config.modules.iter().find(|module| module.digest == *digest) {
            Some(module) => {
                let bytes = Arc::clone(&module.bytes);
                send(socket, peer, &ToWorker::Module { run: self.config.run, bytes });
            }
            None => debug!("a worker asks for module {digest}, which this run does not have"),
        }
    }

    /// Tells the coordinator of a worker that is ready.
    fn join(&mut self, peer: Vec<u8>) {
        let Some(Peer { executor, getting_ready }) = self.peers.get_mut(&peer) else { return };
        let Some(GettingReady { name, slots, .. }) = getting_ready.take() else { return };
        let link = PeerLink { peer, commands: self.commands.clone(), waker: self.waker.clone() };
        let joined = Joined {
            executor: *executor,
            name,
            place: Place::Worker,
            slots,
            window: slots.saturating_mul(2),
            link: Box::new(link),
        };
        self.events.send(Event::Joined(joined)).ok();
    }

    /// Forgets workers that fell silent before they were ready. Those that are ready have a lease with the coordinator.
    fn forget_silent(&mut self, now: Instant) {
        self.peers.retain(|_, peer| {
            peer.getting_ready.as_ref().is_none_or(|peer| now.saturating_duration_since(peer.heard) < SILENCE)
        });
    }

    /// Fails the jobs that no worker would read, which would else be waited for without end.
    fn keep_what_can_travel(&self, peer: &[u8], orders: Vec<JobOrder>) -> Vec<JobOrder> {
        let too_deep = |order: &JobOrder| order.inputs.iter().any(nests_too_deeply);
        let (stay, travel): (Vec<JobOrder>, Vec<JobOrder>) = orders.into_iter().partition(too_deep);
        if let (false, Some(&Peer { executor, .. })) = (stay.is_empty(), self.peers.get(peer)) {
            let outcome = Outcome::Failed(format!("one of its inputs {TOO_DEEP}"));
            let fail = |order: JobOrder| JobResult {
                ticket: order.ticket,
                outcome: outcome.clone(),
                nanos: 0,
                notices: vec![],
            };
            let results = stay.into_iter().map(fail).collect();
            self.events.send(Event::Results { executor, window: None, results }).ok();
        }
        travel
    }

    /// Why a worker cannot help this run, if it cannot.
    fn objection(&self, hello: &Hello) -> Option<String> {
        if hello.protocol != PROTOCOL {
            return Some(format!(
                "the runner speaks version {PROTOCOL} of the protocol, not {}",
                hello.protocol
            ));
        }
        if hello.network != self.config.network {
            return Some(format!("the runner belongs to network '{}'", self.config.network));
        }
        if !(1..=MOST_SLOTS).contains(&hello.slots) {
            return Some(format!("a worker has from 1 to {MOST_SLOTS} threads, not {}", hello.slots));
        }
        if hello.name.len() > LONGEST_NAME || hello.name.contains(char::is_control) {
            return Some("the name of the worker cannot be printed".to_owned());
        }
        let missing = self.config.libraries.iter().find(|library| !hello.libraries.contains(library));
        missing.map(|(name, version)| format!("the runner needs library '{name}' {version}"))
    }
}

fn send(socket: &zmq::Socket, peer: &[u8], message: &ToWorker) {
    // A peer that is gone is not routable; its lease will tell.
    let frame = message.encode();
    uninterrupted(|| socket.send_multipart([peer, frame.as_slice()], zmq::DONTWAIT)).ok();
}
