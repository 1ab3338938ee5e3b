//! The thread that owns the socket: it receives workers, tells them what the coordinator has to say, and the coordinator
//! what comes of it.

use super::super::events::EventSender;
use super::super::socket::{self, BindError};
use super::super::waker::{Sleeper, Waker};
use super::super::{Event, ExecutorIds, Joined, Place};
use super::{Command, HEARTBEAT, Meter, PeerLink, ServiceConfig, Work};
use crate::channel::{Host, LARGEST_MESSAGE, News, Purpose, TooLarge};
use crate::discovery::{Announcement, DiscoveryError, LONGEST_NAME, Offer, Role};
use crate::dispatch::{ExecutorId, grace};
use crate::distribution::Returned;
use crate::executor::{JobOrder, JobResult};
use crate::keys::Key;
use crate::keys::file::KeyFileError;
use crate::modules::Digest;
use crate::state::Outcome;
use crate::table::Id;
use crate::wire::{Arrival, FromWorker, Hello, PROTOCOL, Sequence, ToWorker};
use crossbeam_channel::{Receiver, Sender};
use flowcore::encoding::{TOO_DEEP, nests_too_deeply};
use log::{debug, warn};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Every how many heartbeats workers are told that the runner is alive. They are patient, and may be many.
const TELL_WORKERS_EVERY: u32 = 2;

/// After how many heartbeats a run is announced again, for those who have missed it: they ask for it more and more rarely.
/// Everybody has to listen each time.
const ANNOUNCE_EVERY: u32 = 16;

/// After how many it is announced again for the first time.
const ANNOUNCE_EARLY: u32 = 4;

/// How long a worker may be silent while it gets ready.
const SILENCE: Duration = Duration::from_secs(5);

/// How often a worker is sent the same module in one session: whoever does not have it then will never have it.
const MOST_FETCHES: u32 = 3;

/// The most threads that a worker can be believed to have.
const MOST_SLOTS: usize = 1 << 16;

/// How many frames are taken at once: what is to be sent must not wait for those who send much.
const AT_ONCE: usize = 256;

/// How long is sent before what has come is looked at: those who are heard of must not wait for those who get much.
const SENDING: Duration = Duration::from_millis(100);

/// How often the coordinator is told that a worker is alive whose message is still coming.
const TELL_AGAIN: Duration = Duration::from_millis(250);

/// How many frames of each peer are read ahead of us.
const MOST_UNREAD: i32 = 1024;

/// Why workers cannot join.
#[derive(Debug, thiserror::Error)]
enum ServiceError {
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Socket(#[from] zmq::Error),
    #[error(transparent)]
    System(#[from] std::io::Error),
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error("cannot be announced: {0}")]
    Announce(#[from] DiscoveryError),
}

/// Serves until it is told to close.
pub(super) fn serve(
    config: ServiceConfig,
    ids: Arc<ExecutorIds>,
    events: EventSender,
    (commands, inbox): (Sender<Command>, Receiver<Command>),
    waker: Waker,
    mut sleeper: Sleeper,
) {
    let context = zmq::Context::new();
    let (socket, host, announcement) = match open(&context, &config, &events) {
        Ok(opened) => opened,
        Err(error) => {
            events.send(Event::ServiceFailed(error.to_string())).ok();
            return;
        }
    };
    let mut desk = Desk {
        config,
        host,
        announcement,
        ids,
        events,
        commands,
        inbox,
        waker,
        peers: HashMap::new(),
        lost: HashMap::new(),
        silent: HashSet::new(),
    };
    if let Err(error) = desk.receive(&socket, &mut sleeper) {
        desk.events.send(Event::ServiceFailed(format!("ends early: {error}"))).ok();
    }
    desk.part(&socket);
}

fn open(
    context: &zmq::Context,
    config: &ServiceConfig,
    events: &EventSender,
) -> Result<(zmq::Socket, Host, Option<Announcement>), ServiceError> {
    let key = config.trust.key()?;
    let id = key.as_ref().map(Key::id);
    // Windows bound what is under way to workers. What others send is read no further ahead than this: they have to wait.
    let socket = socket::router(context, 0, MOST_UNREAD)?;
    let address = socket::bind(&socket, config.listen)?;
    let offer = Offer::new(Role::Jobs, address, config.run, &config.network, id, config.about.clone());
    let announcement = match Announcement::publish(offer) {
        Ok(announcement) => Some(announcement),
        // Workers may be told where we are.
        Err(error) if config.listen.port.is_some() => {
            warn!("workers cannot find this runner, only reach it at {address}: {error}");
            None
        }
        Err(error) => return Err(error.into()),
    };
    events.send(Event::ServiceOpened(address)).ok();
    Ok((socket, Host::new(key, Purpose::Jobs), announcement))
}

/// Where workers are received.
struct Desk {
    config: ServiceConfig,
    host: Host,
    announcement: Option<Announcement>,
    ids: Arc<ExecutorIds>,
    events: EventSender,
    commands: Sender<Command>,
    inbox: Receiver<Command>,
    waker: Waker,
    /// Workers by the identity that the socket gave them.
    peers: HashMap<Vec<u8>, Peer>,
    /// Those that are gone, by the identity that they had.
    lost: HashMap<Vec<u8>, Lost>,
    /// The numbers of the workers that were given up because they were silent.
    silent: HashSet<u64>,
}

/// An executor that is gone, and whose it was.
struct Lost {
    executor: ExecutorId,
    worker: u64,
}

/// A worker that was taken on.
struct Peer {
    executor: ExecutorId,
    /// The number by which it is known again when it comes by another connection.
    worker: u64,
    /// What it calls itself.
    name: String,
    /// What it told of itself, until it is ready.
    getting_ready: Option<GettingReady>,
    /// When the coordinator was last told that parts of a message come.
    told: Option<Instant>,
    /// How often it has asked for each module.
    fetches: BTreeMap<Digest, u32>,
    /// Counts messages since its welcome.
    sequence: Sequence,
    meter: Arc<Meter>,
}

impl Peer {
    /// Whether a message that it has sent before this one is missing.
    fn misses(&mut self, arrival: Option<Arrival>, message: &FromWorker) -> bool {
        match message {
            FromWorker::Heartbeat { sent, .. } => self.sequence.is_missing(*sent),
            _ => arrival == Some(Arrival::Gap),
        }
    }
}

/// A worker that has not got all modules yet. The coordinator does not know of it.
struct GettingReady {
    slots: usize,
    heard: Instant,
}

impl Desk {
    fn receive(&mut self, socket: &zmq::Socket, sleeper: &mut Sleeper) -> Result<(), zmq::Error> {
        let mut next_heartbeat = Instant::now() + HEARTBEAT;
        let mut heartbeats = 0_u32;
        loop {
            let begun = Instant::now();
            while begun.elapsed() < SENDING
                && let Ok(command) = self.inbox.try_recv()
            {
                match command {
                    Command::Send { peer, executor, work } => self.send_work(socket, &peer, executor, work),
                    Command::Forget(executor) => {
                        let lost: Vec<(Vec<u8>, Peer)> =
                            self.peers.extract_if(|_, peer| peer.executor == executor).collect();
                        for (peer, lost) in lost {
                            self.silent.insert(lost.worker);
                            self.miss(peer, lost);
                        }
                    }
                    Command::Close => return Ok(()),
                }
            }
            for _ in 0..AT_ONCE {
                let Some((peer, frame)) = socket::receive_from(socket)? else { break };
                self.receive_frame(socket, &peer, &frame);
            }
            let now = Instant::now();
            if now >= next_heartbeat {
                self.give_time(grace(now.saturating_duration_since(next_heartbeat)), now);
                self.forget_silent(now);
                self.host.tick();
                heartbeats = heartbeats.wrapping_add(1);
                if heartbeats.is_multiple_of(TELL_WORKERS_EVERY) {
                    for (peer, sent) in self.latest_numbers() {
                        self.send(socket, &peer, ToWorker::Heartbeat { run: self.config.run, sent });
                    }
                }
                if let Some(announcement) = &mut self.announcement {
                    announcement.tell_partners(self.peers.len());
                    if heartbeats == ANNOUNCE_EARLY || heartbeats.is_multiple_of(ANNOUNCE_EVERY) {
                        announcement.repeat();
                    }
                }
                next_heartbeat = now + HEARTBEAT;
            }
            sleeper.wait(socket, next_heartbeat - now, || !self.inbox.is_empty())?;
        }
    }

    /// No worker finds us any more; those that did are told to look for others.
    fn part(mut self, socket: &zmq::Socket) {
        drop(self.announcement.take());
        for (peer, _) in self.latest_numbers() {
            self.send(socket, &peer, ToWorker::Goodbye { run: self.config.run });
        }
    }

    fn receive_frame(&mut self, socket: &zmq::Socket, peer: &[u8], frame: &[u8]) {
        let received = self.host.receive(peer, frame);
        if let Some(reply) = received.reply {
            // Who is gone meanwhile needs no reply.
            socket::send_to(socket, peer, &reply).ok();
        }
        let news = received.news;
        if let (News::Alive | News::Message(_), Some(known)) = (&news, self.peers.get(peer)) {
            known.meter.received.fetch_add(frame.len() as u64, Ordering::Relaxed);
        }
        let message = match news {
            News::Nothing => return,
            News::Alive => return self.hear_of(peer),
            News::Parted => return self.leave(peer),
            News::Message(message) => FromWorker::decode(&message),
        };
        match message {
            Ok(message) => self.take(socket, peer.to_vec(), message),
            Err(error) => {
                debug!("dropped a message: {error}");
                // It may have been the answer to jobs: whoever sends such things does not keep them, and has to join again.
                if self.peers.contains_key(peer) {
                    self.leave(peer);
                    self.send(socket, peer, ToWorker::Stranger { run: self.config.run });
                }
            }
        }
    }

    /// A worker is on with a message that takes its time to travel. Its heartbeats stand behind it.
    fn hear_of(&mut self, peer: &[u8]) {
        let Some(known) = self.peers.get_mut(peer) else { return };
        let now = Instant::now();
        if let Some(getting_ready) = &mut known.getting_ready {
            getting_ready.heard = now;
        } else if known.told.is_none_or(|told| now.saturating_duration_since(told) >= TELL_AGAIN) {
            known.told = Some(now);
            self.events.send(Event::Heard(known.executor)).ok();
        }
    }

    /// A worker is gone, and its jobs can be given to others.
    fn leave(&mut self, peer: &[u8]) {
        if let Some(left) = self.peers.remove(peer) {
            self.events.send(Event::Left(left.executor)).ok();
            self.miss(peer.to_vec(), left);
        }
    }

    /// Keeps in mind who was lost, and tells at once that it is back if it has come again by another connection.
    fn miss(&mut self, peer: Vec<u8>, Peer { executor, worker, .. }: Peer) {
        if self.peers.values().any(|other| other.worker == worker) {
            self.events.send(Event::IsBack(executor)).ok();
        }
        self.lost.insert(peer, Lost { executor, worker });
    }

    fn take(&mut self, socket: &zmq::Socket, peer: Vec<u8>, message: FromWorker) {
        let known = self.peers.get_mut(&peer).map(|known| {
            if let Some(getting_ready) = &mut known.getting_ready {
                getting_ready.heard = Instant::now();
            }
            known.executor
        });
        if let (None, Some(lost)) = (known, self.lost.get(&peer)) {
            self.events.send(Event::IsBack(lost.executor)).ok();
        }
        if self.is_unusable(socket, &peer, &message) {
            return;
        }
        match (message, known) {
            (FromWorker::Hello(hello), _) => self.receive_hello(socket, peer, hello),
            (FromWorker::Fetch { run, module, .. }, Some(_)) if run == self.config.run => {
                self.fetch(socket, &peer, &module);
            }
            (FromWorker::Ready { run, .. }, Some(_)) if run == self.config.run => self.join(peer),
            (FromWorker::Results { run, window, results, .. }, Some(executor)) if run == self.config.run => {
                self.events.send(Event::Results { executor, window: Some(window), results }).ok();
            }
            (FromWorker::Returned { run, jobs, .. }, Some(executor)) if run == self.config.run => {
                let jobs = jobs.into_iter().map(|attempt| Returned { attempt, inputs: None }).collect();
                self.events.send(Event::Returned { executor, jobs }).ok();
            }
            (FromWorker::Heartbeat { run, .. }, Some(executor)) if run == self.config.run => {
                self.events.send(Event::Heard(executor)).ok();
            }
            (FromWorker::Goodbye { run }, Some(_)) if run == self.config.run => self.leave(&peer),
            // A worker that was given up for lost and is back.
            (
                message @ (FromWorker::Heartbeat { .. }
                | FromWorker::Results { .. }
                | FromWorker::Returned { .. }
                | FromWorker::Fetch { .. }
                | FromWorker::Ready { .. }),
                None,
            ) => {
                self.drop_answers(self.lost.get(&peer), message);
                self.send(socket, &peer, ToWorker::Stranger { run: self.config.run });
            }
            (message, _) => {
                debug!("dropped a message that belongs to another run");
                self.drop_answers(None, message);
            }
        }
    }

    /// Has answers counted that come too late, or cannot be those of any executor.
    fn drop_answers(&self, lost: Option<&Lost>, message: FromWorker) {
        let FromWorker::Results { results, run, .. } = message else { return };
        let event = match lost.filter(|_| run == self.config.run) {
            Some(&Lost { executor, .. }) => Event::Results { executor, window: None, results },
            None => Event::Foreign(results.len() as u64),
        };
        self.events.send(event).ok();
    }

    /// Whether a message has come before, or one before it has not. In the latter case its worker has to join again.
    fn is_unusable(&mut self, socket: &zmq::Socket, peer: &[u8], message: &FromWorker) -> bool {
        let Some(known) = self.peers.get_mut(peer).filter(|_| message.run() == Some(self.config.run)) else {
            return false;
        };
        let arrival = message.number().map(|number| known.sequence.take(number));
        if !known.misses(arrival, message) {
            return arrival == Some(Arrival::Again);
        }
        warn!("a message of a worker did not come; it has to join again");
        self.leave(peer);
        self.send(socket, peer, ToWorker::Stranger { run: self.config.run });
        true
    }

    /// Sends a message about jobs, and counts it.
    fn send_work(&mut self, socket: &zmq::Socket, peer: &[u8], executor: ExecutorId, work: Work) {
        // What was meant for one that is gone is not for the one that now has its place.
        if self.peers.get(peer).is_none_or(|known| known.executor != executor) {
            return;
        }
        let run = self.config.run;
        match work {
            Work::Run(orders) => {
                let orders = self.keep_what_can_travel(peer, orders);
                self.send_jobs(socket, peer, orders);
            }
            Work::Recall(jobs) => self.send(socket, peer, ToWorker::Recall { run, number: 0, jobs }),
            Work::Cancel(jobs) => self.send(socket, peer, ToWorker::Cancel { run, number: 0, jobs }),
        }
    }

    fn receive_hello(&mut self, socket: &zmq::Socket, peer: Vec<u8>, hello: Hello) {
        if let Some(reason) = self.objection(&hello) {
            let name: String = hello.name.chars().take(LONGEST_NAME).collect();
            debug!("refused worker {name:?}: {reason}");
            self.send(socket, &peer, ToWorker::Refused { reason });
            return;
        }
        let executor = self.ids.next();
        let Hello { version, machine, labels, .. } = &hello;
        debug!("{:?} has version {version}, labels {labels:?} and {machine:?}", hello.name);
        for (_, former) in self.lost.extract_if(|_, lost| lost.worker == hello.number) {
            self.events.send(Event::IsBack(former.executor)).ok();
        }
        let newcomer = Peer {
            executor,
            worker: hello.number,
            name: hello.name,
            getting_ready: Some(GettingReady { slots: hello.slots, heard: Instant::now() }),
            told: None,
            fetches: BTreeMap::new(),
            sequence: Sequence::of_session(session_number(executor)),
            meter: Arc::default(),
        };
        if let Some(former) = self.peers.insert(peer.clone(), newcomer) {
            self.events.send(Event::Left(former.executor)).ok();
            self.events.send(Event::IsBack(former.executor)).ok();
        }
        let implementations = self.config.implementations.clone();
        let runner = self.config.about.name.clone();
        let ServiceConfig { run, limit, module_limits, .. } = self.config;
        let session = session_number(executor);
        let welcome = ToWorker::Welcome { run, session, runner, implementations, limit, module_limits };
        self.send(socket, &peer, welcome);
    }

    fn fetch(&mut self, socket: &zmq::Socket, peer: &[u8], digest: &Digest) {
        let found = self.config.modules.iter().find(|module| module.digest == *digest);
        if let (Some(_), Some(known)) = (found, self.peers.get_mut(peer)) {
            let fetches = known.fetches.entry(*digest).or_insert(0);
            *fetches += 1;
            if *fetches > MOST_FETCHES {
                let reason = format!("it was sent module {digest} {MOST_FETCHES} times, and wants it again");
                warn!("refused a worker: {reason}");
                self.send(socket, peer, ToWorker::Refused { reason });
                self.leave(peer);
                return;
            }
        }
        if found.is_none() {
            debug!("a worker asks for module {digest}, which this run does not have");
        }
        let bytes = found.map_or_else(|| Arc::from([]), |module| Arc::clone(&module.bytes));
        let module = ToWorker::Module { run: self.config.run, number: 0, module: *digest, bytes };
        self.send(socket, peer, module);
    }

    /// Tells the coordinator of a worker that is ready.
    fn join(&mut self, peer: Vec<u8>) {
        let Some(Peer { executor, worker, name, getting_ready, meter, .. }) = self.peers.get_mut(&peer)
        else {
            return;
        };
        let (name, meter) = (name.clone(), Arc::clone(meter));
        let Some(GettingReady { slots, .. }) = getting_ready.take() else { return };
        let (executor, worker) = (*executor, *worker);
        self.supersede(executor, worker);
        let link =
            PeerLink { peer, executor, commands: self.commands.clone(), waker: self.waker.clone(), meter };
        let joined = Joined {
            executor,
            name,
            place: Place::Worker,
            slots,
            window: slots.saturating_mul(2),
            is_slow: self.silent.contains(&worker),
            link: Box::new(link),
        };
        self.events.send(Event::Joined(joined)).ok();
    }

    /// A worker has come by another connection: whatever it was before is gone, and nobody has to wait for it.
    fn supersede(&mut self, executor: ExecutorId, worker: u64) {
        let is_former = |other: &Peer| other.worker == worker && other.executor != executor;
        let former = self.peers.iter().filter(|(_, other)| is_former(other)).map(|(peer, _)| peer.clone());
        let former: Vec<Vec<u8>> = former.collect();
        former.iter().for_each(|peer| self.leave(peer));
    }

    /// Gives workers that get ready so much more time.
    fn give_time(&mut self, more: Duration, now: Instant) {
        self.peers
            .values_mut()
            .filter_map(|peer| peer.getting_ready.as_mut())
            .for_each(|peer| peer.heard = (peer.heard + more).min(now));
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
        self.fail(peer, stay, &format!("one of its inputs {TOO_DEEP}"));
        travel
    }

    fn fail(&self, peer: &[u8], orders: Vec<JobOrder>, reason: &str) {
        if let (false, Some(&Peer { executor, .. })) = (orders.is_empty(), self.peers.get(peer)) {
            let fail = |order: JobOrder| JobResult {
                ticket: order.ticket,
                attempt: order.attempt,
                outcome: Outcome::Failed(reason.to_owned()),
                nanos: 0,
                notices: vec![],
            };
            let results = orders.into_iter().map(fail).collect();
            self.events.send(Event::Results { executor, window: None, results }).ok();
        }
    }

    /// Sends jobs together, or in smaller batches where they are too large for that.
    fn send_jobs(&mut self, socket: &zmq::Socket, peer: &[u8], orders: Vec<JobOrder>) {
        if orders.is_empty() {
            return;
        }
        let mut message = ToWorker::Jobs { run: self.config.run, number: 0, orders };
        let sent = self.try_send(socket, peer, &mut message);
        if let (Err(TooLarge(bytes)), ToWorker::Jobs { mut orders, .. }) = (sent, message) {
            if orders.len() == 1 {
                let reason = format!(
                    "its inputs are too large to travel: they take {bytes} bytes, of at most {LARGEST_MESSAGE}"
                );
                return self.fail(peer, orders, &reason);
            }
            let rest = orders.split_off(orders.len() / 2);
            self.send_jobs(socket, peer, orders);
            self.send_jobs(socket, peer, rest);
        }
    }

    /// The number of the latest numbered message that each worker was sent.
    fn latest_numbers(&self) -> Vec<(Vec<u8>, u64)> {
        self.peers.iter().map(|(peer, known)| (peer.clone(), known.sequence.sent())).collect()
    }

    fn send(&mut self, socket: &zmq::Socket, peer: &[u8], mut message: ToWorker) {
        if let Err(error) = self.try_send(socket, peer, &mut message) {
            warn!("a message to a worker is not sent: {error}");
        }
    }

    /// Sends a message, with the next number where it has one.
    fn try_send(
        &mut self,
        socket: &zmq::Socket,
        peer: &[u8],
        message: &mut ToWorker,
    ) -> Result<(), TooLarge> {
        let mut known = self.peers.get_mut(peer);
        if let (Some(number), Some(known)) = (message.number_mut(), &known) {
            *number = known.sequence.upcoming();
        }
        let bytes = message.encode();
        let mut sent = 0;
        let send = |frame: &[u8]| {
            sent += frame.len() as u64;
            socket::send_to(socket, peer, frame)
        };
        // A peer that is gone is not routable; its lease will tell.
        self.host.seal(peer, &bytes, send)?.ok();
        if let Some(known) = &mut known {
            if message.number().is_some() {
                known.sequence.advance();
            }
            known.meter.sent.fetch_add(sent, Ordering::Relaxed);
        }
        Ok(())
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
        if let Some(label) = self.config.about.labels.iter().find(|label| !hello.labels.contains(label)) {
            return Some(format!("the runner wants workers with the label '{label}'"));
        }
        if !hello.runners.is_empty() && !hello.runners.contains(&self.config.about.name) {
            return Some(format!(
                "the runner is '{}', which the worker does not serve",
                self.config.about.name
            ));
        }
        if hello.name.len() > LONGEST_NAME || hello.name.contains(char::is_control) {
            return Some("the name of the worker cannot be printed".to_owned());
        }
        if self.config.modules.first().is_some_and(|_| !hello.runs_modules) {
            return Some("the flow has modules, and the worker runs none".to_owned());
        }
        let missing = self.config.libraries.iter().find(|library| !hello.libraries.contains(library));
        missing.map(|(name, version)| {
            let other = hello.libraries.iter().find(|(other, _)| other == name);
            let has = other.map_or_else(|| "none of it".to_owned(), |(_, version)| version.clone());
            format!("the flow runs native functions of library '{name}' {version}, and the worker has {has}")
        })
    }
}

/// No two executors of a run have the same, so a worker that joins again begins another session.
fn session_number(executor: ExecutorId) -> u32 {
    u32::try_from(executor.index()).unwrap_or(u32::MAX)
}
