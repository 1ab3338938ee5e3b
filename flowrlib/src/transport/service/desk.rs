//! The thread that owns the socket: it receives workers, tells them what the coordinator has to say, and the coordinator
//! what comes of it.

use super::super::events::EventSender;
use super::super::socket::{self, BindError};
use super::super::waker::{Sleeper, Waker};
use super::super::{Event, ExecutorIds, Joined, Place};
use super::roster::{Change, Member, Roster, session_number};
use super::{Command, HEARTBEAT, Meter, PeerLink, ServiceConfig, TELL_WORKERS_EVERY, Work};
use crate::channel::{Host, LARGEST_MESSAGE, News, Purpose, TooLarge};
use crate::discovery::{Announcement, DiscoveryError, LONGEST_NAME, Offer, Role};
use crate::dispatch::ExecutorId;
use crate::distribution::Returned;
use crate::executor::{JobOrder, JobResult};
use crate::keys::Key;
use crate::keys::file::KeyFileError;
use crate::modules::Digest;
use crate::silence::Silence;
use crate::state::Outcome;
use crate::wire::{Arrival, FromWorker, Hello, ToWorker};
use crossbeam_channel::{Receiver, Sender};
use flowcore::encoding::{TOO_DEEP, nests_too_deeply};
use log::{debug, warn};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// After how many heartbeats a run is announced again, for those who have missed it: they ask for it more and more rarely.
/// Everybody has to listen each time.
const ANNOUNCE_EVERY: u32 = 16;

/// After how many it is announced again for the first time.
const ANNOUNCE_EARLY: u32 = 4;

/// How long a worker may be silent while it gets ready.
const PREPARING: Duration = Duration::from_secs(5);

/// How often a worker may ask for the same module in one session: whoever does not have it then will never have it.
/// Most never ask, since they are sent what they do not hold.
const MOST_FETCHES: u32 = 3;

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
    let mut desk =
        Desk { config, host, announcement, ids, events, commands, inbox, waker, roster: Roster::new() };
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
    roster: Roster<Vec<u8>, Details>,
}

/// What else is known of a worker.
struct Details {
    /// What it calls itself.
    name: String,
    /// What it told of itself, until it is ready.
    getting_ready: Option<GettingReady>,
    /// When the coordinator was last told that parts of a message come.
    told: Option<Instant>,
    /// How often it has asked for each module.
    fetches: BTreeMap<Digest, u32>,
    meter: Arc<Meter>,
}

/// A worker that has not got all modules yet. The coordinator does not know of it.
struct GettingReady {
    slots: usize,
    heard: Silence,
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
                        let change = self.roster.give_up(executor);
                        self.tell(change);
                    }
                    Command::Close => return Ok(()),
                }
            }
            // What is to be sent must not wait for those who send much.
            for _ in 0..socket::MOST_AT_ONCE {
                let Some((peer, frame)) = socket::receive_from(socket)? else { break };
                self.receive_frame(socket, &peer, &frame);
            }
            let now = Instant::now();
            if now >= next_heartbeat {
                self.forgive(now.saturating_duration_since(next_heartbeat), now);
                self.forget_silent(now);
                self.host.tick();
                heartbeats = heartbeats.wrapping_add(1);
                if heartbeats.is_multiple_of(TELL_WORKERS_EVERY) {
                    for (peer, sent) in self.latest_numbers() {
                        self.send(socket, &peer, ToWorker::Heartbeat { run: self.config.run, sent });
                    }
                }
                if let Some(announcement) = &mut self.announcement {
                    announcement.tell_partners(self.roster.count());
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
        if let (News::Alive | News::Message(_), Some(known)) = (&news, self.roster.get(peer)) {
            known.rest.meter.received.fetch_add(frame.len() as u64, Ordering::Relaxed);
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
                if self.roster.get(peer).is_some() {
                    self.leave(peer);
                    self.send(socket, peer, ToWorker::Stranger { run: self.config.run });
                }
            }
        }
    }

    /// A worker is on with a message that takes its time to travel. Its heartbeats stand behind it.
    fn hear_of(&mut self, peer: &[u8]) {
        let Some(Member { executor, rest, .. }) = self.roster.get_mut(peer) else { return };
        let now = Instant::now();
        if let Some(getting_ready) = &mut rest.getting_ready {
            getting_ready.heard = Silence::since(now);
        } else if rest.told.is_none_or(|told| now.saturating_duration_since(told) >= TELL_AGAIN) {
            rest.told = Some(now);
            self.events.send(Event::Heard(*executor)).ok();
        }
    }

    /// A worker is gone.
    fn leave(&mut self, peer: &[u8]) {
        let changes = self.roster.leave(peer);
        self.tell(changes);
    }

    fn tell(&self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            let event = match change {
                Change::Left(executor) => Event::Left(executor),
                Change::IsBack(executor) => Event::IsBack(executor),
            };
            self.events.send(event).ok();
        }
    }

    fn take(&mut self, socket: &zmq::Socket, peer: Vec<u8>, message: FromWorker) {
        let known = self.roster.get_mut(&peer).map(|known| {
            if let Some(getting_ready) = &mut known.rest.getting_ready {
                getting_ready.heard = Silence::since(Instant::now());
            }
            known.executor
        });
        let gone = self.roster.gone(&peer).filter(|_| known.is_none());
        self.tell(gone.map(Change::IsBack));
        if self.is_unusable(socket, &peer, &message) {
            return;
        }
        match (message, known) {
            (FromWorker::Hello(hello), _) => self.receive_hello(socket, peer, *hello),
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
                self.drop_answers(gone, message);
                self.send(socket, &peer, ToWorker::Stranger { run: self.config.run });
            }
            (message, _) => {
                debug!("dropped a message that belongs to another run");
                self.drop_answers(None, message);
            }
        }
    }

    /// Has answers counted that come too late, or cannot be those of any executor.
    fn drop_answers(&self, gone: Option<ExecutorId>, message: FromWorker) {
        let FromWorker::Results { results, run, .. } = message else { return };
        let event = match gone.filter(|_| run == self.config.run) {
            Some(executor) => Event::Results { executor, window: None, results },
            None => Event::Foreign(results.len() as u64),
        };
        self.events.send(event).ok();
    }

    /// Whether a message has come before, or one before it has not. In the latter case its worker has to join again.
    fn is_unusable(&mut self, socket: &zmq::Socket, peer: &[u8], message: &FromWorker) -> bool {
        let known = self.roster.get_mut(peer).filter(|_| message.run() == Some(self.config.run));
        match known.map(|known| known.take(message)) {
            None | Some(Arrival::Next) => false,
            Some(Arrival::Again) => true,
            Some(Arrival::Gap) => {
                warn!("a message of a worker did not come; it has to join again");
                self.leave(peer);
                self.send(socket, peer, ToWorker::Stranger { run: self.config.run });
                true
            }
        }
    }

    /// Sends a message about jobs, and counts it.
    fn send_work(&mut self, socket: &zmq::Socket, peer: &[u8], executor: ExecutorId, work: Work) {
        // What was meant for one that is gone is not for the one that now has its place.
        if self.roster.get(peer).is_none_or(|known| known.executor != executor) {
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
        if let Some(reason) = self.config.objection(&hello) {
            let name: String = hello.name.chars().take(LONGEST_NAME).collect();
            debug!("refused worker {name:?}: {reason}");
            self.send(socket, &peer, ToWorker::Refused { reason });
            return;
        }
        let executor = self.ids.next();
        let Hello { version, machine, labels, held, .. } = &hello;
        debug!(
            "{:?} has version {version}, labels {labels:?}, {} modules and {machine:?}",
            hello.name,
            held.len()
        );
        let held: BTreeSet<Digest> = held.iter().copied().collect();
        let announced = self.config.implementations.iter().filter_map(|announced| announced.module);
        let lacking: BTreeSet<Digest> = announced.filter(|module| !held.contains(module)).collect();
        let details = Details {
            name: hello.name,
            getting_ready: Some(GettingReady { slots: hello.slots, heard: Silence::since(Instant::now()) }),
            told: None,
            fetches: BTreeMap::new(),
            meter: Arc::default(),
        };
        let changes = self.roster.admit(peer.clone(), Member::new(executor, hello.number, details));
        self.tell(changes);
        let implementations = self.config.implementations.clone();
        let runner = self.config.about.name.clone();
        let ServiceConfig { run, limit, module_limits, .. } = self.config;
        let session = session_number(executor);
        let welcome = ToWorker::Welcome { run, session, runner, implementations, limit, module_limits };
        self.send(socket, &peer, welcome);
        for module in &lacking {
            self.send_module(socket, &peer, module);
        }
    }

    /// A worker lacks a module that it was thought to hold.
    fn fetch(&mut self, socket: &zmq::Socket, peer: &[u8], digest: &Digest) {
        let is_ours = self.config.modules.iter().any(|module| module.digest == *digest);
        if let (true, Some(known)) = (is_ours, self.roster.get_mut(peer)) {
            let fetches = known.rest.fetches.entry(*digest).or_insert(0);
            *fetches += 1;
            if *fetches > MOST_FETCHES {
                let reason =
                    format!("it has asked for module {digest} {MOST_FETCHES} times, and wants it again");
                warn!("refused a worker: {reason}");
                self.send(socket, peer, ToWorker::Refused { reason });
                self.leave(peer);
                return;
            }
        }
        self.send_module(socket, peer, digest);
    }

    /// Sends a module, or says that it is not to be had.
    fn send_module(&mut self, socket: &zmq::Socket, peer: &[u8], digest: &Digest) {
        let found = self.config.modules.iter().find(|module| module.digest == *digest);
        if found.is_none() {
            debug!("a worker lacks module {digest}, which this run does not have either");
        }
        let bytes = found.map(|module| Arc::clone(&module.bytes)).unwrap_or_default();
        let module = ToWorker::Module { run: self.config.run, number: 0, module: *digest, bytes };
        self.send(socket, peer, module);
    }

    /// Tells the coordinator of a worker that is ready.
    fn join(&mut self, peer: Vec<u8>) {
        let Some(Member { executor, worker, rest, .. }) = self.roster.get_mut(&peer) else { return };
        let Some(GettingReady { slots, .. }) = rest.getting_ready.take() else { return };
        let (name, meter) = (rest.name.clone(), Arc::clone(&rest.meter));
        let (executor, worker) = (*executor, *worker);
        let changes = self.roster.supersede(&peer);
        self.tell(changes);
        let link =
            PeerLink { peer, executor, commands: self.commands.clone(), waker: self.waker.clone(), meter };
        let joined = Joined {
            executor,
            name,
            place: Place::Worker,
            slots,
            window: slots.saturating_mul(2),
            is_slow: self.roster.is_slow(worker),
            link: Box::new(link),
        };
        self.events.send(Event::Joined(joined)).ok();
    }

    /// Gives workers that get ready more time: we are so late.
    fn forgive(&mut self, late: Duration, now: Instant) {
        self.roster
            .members_mut()
            .filter_map(|member| member.rest.getting_ready.as_mut())
            .for_each(|peer| peer.heard.forgive(late, now));
    }

    /// Forgets workers that fell silent before they were ready. Those that are ready have a lease with the coordinator.
    fn forget_silent(&mut self, now: Instant) {
        self.roster.retain(|member| {
            member.rest.getting_ready.as_ref().is_none_or(|peer| peer.heard.lasts(now) < PREPARING)
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
        if let (false, Some(&Member { executor, .. })) = (orders.is_empty(), self.roster.get(peer)) {
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
        self.roster.iter().map(|(peer, known)| (peer.clone(), known.sequence.sent())).collect()
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
        let mut known = self.roster.get_mut(peer);
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
            known.rest.meter.sent.fetch_add(sent, Ordering::Relaxed);
        }
        Ok(())
    }
}
