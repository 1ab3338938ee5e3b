//! The owner of the socket: it sorts what comes in, keeps an eye on who is still there, and never waits for anybody.

use super::remote::{Delivery, Remote};
use super::session::{Shared, start};
use super::{Command, Key, Outbox, ServerConfig};
use crate::channel::{Host, News};
use crate::executor::{Pool, Registry};
use crate::silence::Silence;
use crate::stop::{Stop, StopSwitch};
use crate::transport::service::HEARTBEAT;
use crate::transport::socket;
use crate::transport::waker::Sleeper;
use crate::wire::{Cover, FromClient, SUBMISSION_PROTOCOL, ToClient};
use crossbeam_channel::Receiver;
use log::{debug, info, warn};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a client may be silent before its flow is ended.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most flows that are run at once: each takes some threads.
const MOST_SESSIONS: usize = 1000;

/// The largest submission, in bytes.
const LARGEST_SUBMISSION: usize = 1 << 26;

/// How long sessions may take to end in good order when the server is stopped.
const CLOSING: Duration = Duration::from_secs(4);

/// Where clients are received.
pub(super) struct Desk {
    socket: zmq::Socket,
    host: Host,
    shared: Arc<Shared>,
    inbox: Receiver<Command>,
    sessions: HashMap<Key, Session>,
    /// When was last looked for lost clients.
    looked: Instant,
    /// When the server ends at the latest, once it has been told to.
    closing: Option<Instant>,
}

/// A session whose thread has not ended.
struct Session {
    heard: Silence,
    /// Whether the client is gone. The session is kept until its thread has noticed.
    is_lost: bool,
    stop: StopSwitch,
    remote: Arc<Remote>,
}

impl Session {
    /// Ends the run for nobody.
    fn abandon(&mut self) {
        self.is_lost = true;
        self.stop.throw(Stop::Closed);
        self.remote.close();
    }
}

impl Desk {
    pub(super) fn new(
        (socket, host): (zmq::Socket, Host),
        config: ServerConfig,
        registry: Registry,
        pool: Option<Arc<Pool>>,
        outbox: Outbox,
        inbox: Receiver<Command>,
    ) -> Desk {
        let shared = Arc::new(Shared { config, registry, pool, outbox });
        Desk { socket, host, shared, inbox, sessions: HashMap::new(), looked: Instant::now(), closing: None }
    }

    /// Serves until the server is stopped and its sessions are over.
    pub(super) fn serve(mut self, mut sleeper: Sleeper) -> Result<(), zmq::Error> {
        let mut next_heartbeat = Instant::now() + HEARTBEAT;
        loop {
            while let Ok(command) = self.inbox.try_recv() {
                self.obey(command);
            }
            self.receive()?;
            let now = Instant::now();
            if self.closing.is_some_and(|end| now >= end || self.sessions.is_empty()) {
                self.part();
                return Ok(());
            }
            if now >= next_heartbeat {
                next_heartbeat = now + HEARTBEAT;
                self.host.tick();
                self.look_around(now);
            }
            let until = self.closing.map_or(next_heartbeat, |end| end.min(next_heartbeat));
            sleeper.wait(&self.socket, until.saturating_duration_since(now), || !self.inbox.is_empty())?;
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Send { key, frame } => self.send(&key, &frame),
            Command::Ended { key, frame } => {
                match self.sessions.remove(&key) {
                    Some(session) if session.is_lost => self.tell_stranger(&key),
                    _ => self.send(&key, &frame),
                }
                info!("Session {:016x} has ended", key.session);
            }
            Command::Violated { key, reason } => self.give_up(&key, &reason),
            Command::Close => {
                if self.closing.is_none() {
                    info!("Ending; {} sessions are closed", self.sessions.len());
                    self.closing = Some(Instant::now() + CLOSING);
                    self.sessions.values().for_each(|session| session.stop.throw(Stop::Closed));
                }
            }
        }
    }

    /// Takes messages that have come, but not for ever: what is to be sent must not wait for those who send much.
    fn receive(&mut self) -> Result<(), zmq::Error> {
        const AT_ONCE: usize = 64;
        for _ in 0..AT_ONCE {
            let Some((peer, frame)) = socket::receive_from(&self.socket)? else { break };
            let received = self.host.receive(&peer, &frame);
            if let Some(reply) = received.reply {
                // Who is gone meanwhile needs no reply.
                socket::send_to(&self.socket, &peer, &reply).ok();
            }
            match received.news {
                News::Nothing => {}
                News::Alive => self.hear_of(&peer),
                News::Parted => self.leave(&peer),
                News::Message(message) => {
                    let message = message.into_owned();
                    self.take(peer.to_vec(), message);
                }
            }
        }
        Ok(())
    }

    /// A client is on with a message that takes its time to travel.
    fn hear_of(&mut self, peer: &[u8]) {
        let now = Instant::now();
        for (_, session) in self.sessions.iter_mut().filter(|(key, _)| key.peer == peer) {
            session.heard = Silence::since(now);
        }
    }

    /// A client is gone.
    fn leave(&mut self, peer: &[u8]) {
        let left = self.sessions.iter_mut().filter(|(key, session)| key.peer == peer && !session.is_lost);
        for (key, session) in left {
            info!("The connection of session {:016x} was cut", key.session);
            session.abandon();
        }
    }

    fn take(&mut self, peer: Vec<u8>, frame: Vec<u8>) {
        let (cover, session) = match Cover::read(&frame) {
            Ok(cover) => {
                let session = session_of(&cover);
                (cover, session)
            }
            Err(error) => return self.take_nonsense(&peer, &error.to_string()),
        };
        let key = Key { peer, session };
        if let Cover::Submit { protocol, .. } = cover {
            return self.take_submission(key, protocol, frame);
        }
        let Some(known) = self.sessions.get_mut(&key).filter(|session| !session.is_lost) else {
            // Somebody who was given up and is back, or whose run has just ended.
            return self.tell_stranger(&key);
        };
        known.heard = Silence::since(Instant::now());
        match cover {
            Cover::Results { stream, .. } => {
                if known.remote.deliver(stream, frame) == Delivery::NotExpected {
                    self.give_up(&key, "it answers what it was not asked");
                }
            }
            Cover::Short(FromClient::LogTaken { .. }) => known.remote.journal().was_taken(),
            Cover::Short(FromClient::Stop { stop, .. }) => known.stop.throw(stop),
            Cover::Short(FromClient::Goodbye { .. }) => {
                info!("Session {:016x} is left by its client", key.session);
                known.abandon();
            }
            Cover::Short(_) | Cover::Submit { .. } => {}
        }
    }

    /// Takes bytes that are no message. They may have been the answer to something: whoever sends such things does not
    /// keep its sessions.
    fn take_nonsense(&mut self, peer: &[u8], reason: &str) {
        debug!("dropped a message: {reason}");
        let keys: Vec<Key> = self.sessions.keys().filter(|key| key.peer == peer).cloned().collect();
        for key in &keys {
            self.give_up(key, reason);
        }
        if keys.is_empty() {
            self.refuse(&Key { peer: peer.to_vec(), session: 0 }, reason.to_owned());
        }
    }

    fn take_submission(&mut self, key: Key, protocol: u32, frame: Vec<u8>) {
        if let Some(reason) = self.objection(&key, protocol, frame.len()) {
            return self.refuse(&key, reason);
        }
        let stop = StopSwitch::default();
        let remote = Arc::new(Remote::new(key.clone(), self.shared.outbox.clone()));
        match start(&self.shared, key.clone(), frame, Arc::clone(&remote), stop.clone()) {
            Ok(()) => {
                info!("Session {:016x} begins", key.session);
                let session = Session { heard: Silence::since(Instant::now()), is_lost: false, stop, remote };
                self.sessions.insert(key, session);
            }
            Err(error) => self.refuse(&key, format!("the server cannot start a thread: {error}")),
        }
    }

    /// Why a submission is not looked at, if it is not.
    fn objection(&self, key: &Key, protocol: u32, length: usize) -> Option<String> {
        if protocol != SUBMISSION_PROTOCOL {
            return Some(format!(
                "the server speaks version {SUBMISSION_PROTOCOL} of the protocol, not {protocol}"
            ));
        }
        if self.sessions.contains_key(key) {
            return Some("there is such a session already".to_owned());
        }
        if self.closing.is_some() {
            return Some("the server is ending".to_owned());
        }
        if self.sessions.len() >= MOST_SESSIONS {
            return Some(format!("the server is busy with {MOST_SESSIONS} flows"));
        }
        (length > LARGEST_SUBMISSION).then(|| {
            format!("the submission has {length} bytes; a server takes at most {LARGEST_SUBMISSION}")
        })
    }

    fn refuse(&mut self, key: &Key, reason: String) {
        warn!("refused a submission: {reason}");
        self.send(key, &ToClient::Refused { session: key.session, reason }.encode());
    }

    /// Ends a session whose client cannot be trusted.
    fn give_up(&mut self, key: &Key, reason: &str) {
        if let Some(session) = self.sessions.get_mut(key).filter(|session| !session.is_lost) {
            warn!("session {:016x} is ended for what its client sent: {reason}", key.session);
            session.abandon();
            self.tell_stranger(key);
        }
    }

    /// Tells a client that its session is of no interest any more.
    fn tell_stranger(&mut self, key: &Key) {
        self.send(key, &ToClient::Stranger { session: key.session }.encode());
    }

    /// Tells clients that we are there, and finds out who is not.
    fn look_around(&mut self, now: Instant) {
        let late = now.saturating_duration_since(self.looked + HEARTBEAT);
        self.looked = now;
        for (key, session) in self.sessions.iter_mut().filter(|(_, session)| !session.is_lost) {
            session.heard.forgive(late, now);
            if session.heard.lasts(now) > PATIENCE {
                warn!("lost the client of session {:016x}: not heard of for too long", key.session);
                session.abandon();
            } else {
                let heartbeat = ToClient::Heartbeat { session: key.session }.encode();
                send(&self.socket, &mut self.host, key, &heartbeat);
            }
        }
        self.encourage_submissions();
    }

    /// Tells those who are still sending their flow that we are there: they have no session that would do so.
    fn encourage_submissions(&mut self) {
        let has_session = |peer: &[u8]| self.sessions.keys().any(|key| key.peer == peer);
        let submitting = self.host.talking().filter(|peer| !has_session(peer));
        let keys: Vec<Key> = submitting.map(|peer| Key { peer: peer.to_vec(), session: 0 }).collect();
        let heartbeat = ToClient::Heartbeat { session: 0 }.encode();
        keys.iter().for_each(|key| self.send(key, &heartbeat));
    }

    /// Takes leave of those whose runs did not end in time.
    fn part(&mut self) {
        for (key, session) in &mut self.sessions {
            session.abandon();
            let closed = ToClient::Closed { session: key.session }.encode();
            send(&self.socket, &mut self.host, key, &closed);
        }
    }

    fn send(&mut self, key: &Key, message: &[u8]) {
        send(&self.socket, &mut self.host, key, message);
    }
}

fn send(socket: &zmq::Socket, host: &mut Host, key: &Key, message: &[u8]) {
    // A client that is gone, or does not read, is missed by its heartbeats.
    match host.seal(&key.peer, message, |frame| socket::send_to(socket, &key.peer, frame)) {
        Ok(_) => {}
        Err(error) => warn!("a message of session {:016x} is not sent: {error}", key.session),
    }
}

fn session_of(cover: &Cover) -> u64 {
    match cover {
        Cover::Submit { session, .. } | Cover::Results { session, .. } => *session,
        Cover::Short(message) => match message {
            FromClient::Submit { session, .. }
            | FromClient::Results { session, .. }
            | FromClient::LogTaken { session }
            | FromClient::Heartbeat { session }
            | FromClient::Stop { session, .. }
            | FromClient::Goodbye { session } => *session,
        },
    }
}
