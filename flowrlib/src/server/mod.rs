//! A server: it runs the flows that clients submit, any number of them at once.
//!
//! Each flow is a session: a run of its own with a coordinator of its own, so that nothing one of them does is felt by
//! another. What they share is the pool of executor threads. Context functions act at the client, so a session's effects
//! take the way back over the socket ([`remote`]).
//!
//! One thread owns the socket and sorts what comes in ([`desk`]); it reads no more of a message than where it goes. The
//! rest is done by the threads of the session ([`session`]).

mod desk;
mod journal;
mod remote;
mod session;
#[cfg(test)]
mod tests;

use crate::channel::{Host, Purpose};
use crate::discovery::{About, Announcement, DiscoveryError, Offer, Role};
use crate::executor::{Pool, Registry};
use crate::keys::Trust;
use crate::keys::file::KeyFileError;
use crate::status::StatusBell;
use crate::stop::StopSwitch;
use crate::transport::socket::{self, BindError, Listen};
use crate::transport::waker::{Waker, waker};
use crossbeam_channel::{Sender, unbounded};
use desk::Desk;
use log::{info, warn};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long it may take until a server can be found.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(3);

/// How many frames of one client wait to be taken; after that its connection is not read for a while.
const MOST_UNREAD: i32 = 64;

/// How many frames may wait for a client that does not read: any number, since it is asked for few things at a time.
const MOST_UNSENT: i32 = 0;

/// How a server is to serve.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// How many executor threads all sessions share. With none, workers do everything but context functions.
    pub threads: usize,
    /// Whether workers may join the runs.
    pub workers: bool,
    /// The network whose clients and workers are taken.
    pub network: String,
    /// Where clients are received; workers at the same address, at any free port.
    pub listen: Listen,
    /// Whose flows are run, and who may do their jobs.
    pub trust: Trust,
    /// What the server is called, and its runs, too.
    pub name: String,
    /// What workers must have to be taken.
    pub labels: Vec<String>,
    /// Ends the server: sessions are closed in good order.
    pub stop: StopSwitch,
    /// Asks how the runs of all clients stand.
    pub status: StatusBell,
}

/// Why a server could not serve, or not any longer.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The system does not give us a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
    /// Clients cannot be received there.
    #[error("cannot listen at {address}: {reason}")]
    Listen {
        /// The address.
        address: Listen,
        /// Why not.
        reason: String,
    },
    /// The socket does not work any more.
    #[error("the socket for clients fails: {0}")]
    Socket(#[from] zmq::Error),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The system has no random numbers.
    #[error("cannot choose a number for the server: {0}")]
    Random(String),
}

/// Serves clients until it is stopped. `ready` is called when clients can find and reach the server.
///
/// # Errors
///
/// See [`ServerError`].
pub fn serve(
    config: &ServerConfig,
    registry: Registry,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServerError> {
    let key = config.trust.key()?;
    let id = key.as_ref().map(crate::keys::Key::id);
    let host = Host::new(key, Purpose::Submissions);
    let context = zmq::Context::new();
    let socket = socket::router(&context, MOST_UNSENT, MOST_UNREAD)?;
    let unbound =
        |error: BindError| ServerError::Listen { address: config.listen, reason: error.to_string() };
    let address = socket::bind(&socket, config.listen).map_err(unbound)?;

    let pool = match config.threads {
        0 => None,
        threads => Some(Arc::new(Pool::start(threads)?)),
    };
    let (commands, inbox) = unbounded();
    let (sleeper, waker) = waker()?;
    let outbox = Outbox { commands, waker };
    config.stop.watch({
        let outbox = outbox.clone();
        move |_| outbox.post(Command::Close)
    });
    let desk = Desk::new((socket, host), config.clone(), registry, pool, outbox, inbox);

    let number = getrandom::u64().map_err(|error| ServerError::Random(error.to_string()))?;
    let about = About::new(&config.name, config.threads, &config.labels);
    let offer = Offer::new(Role::Submissions, address, number, &config.network, id, about);
    let announcement = announce(offer, address);
    info!("Serving clients at {address}");
    ready(address);
    let served = desk.serve(sleeper);
    drop(announcement);
    Ok(served?)
}

/// A server that cannot be announced can still be reached by those who know where it is.
fn announce(offer: Offer, address: SocketAddr) -> Option<Announcement> {
    let announced: Result<Announcement, DiscoveryError> =
        Announcement::publish_within(offer, ANNOUNCED_WITHIN);
    if let Err(error) = &announced {
        warn!("clients cannot find this server, only reach it at {address}: {error}");
    }
    announced.ok()
}

/// Which session of which client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    /// The identity that the socket gave the client.
    peer: Vec<u8>,
    /// The number that the client gave the session.
    session: u64,
}

/// What the owner of the socket is asked to do.
enum Command {
    /// Send a message to a client.
    Send { key: Key, frame: Vec<u8> },
    /// The session's thread is done; that is the last message to its client.
    Ended { key: Key, frame: Vec<u8> },
    /// The client has sent what it should not have.
    Violated { key: Key, reason: String },
    /// End the server.
    Close,
}

/// The way to the owner of the socket.
#[derive(Clone)]
struct Outbox {
    commands: Sender<Command>,
    waker: Waker,
}

impl Outbox {
    fn post(&self, command: Command) {
        // Once the desk is gone, nothing needs to be sent any more.
        self.commands.send(command).ok();
        self.waker.wake();
    }
}
