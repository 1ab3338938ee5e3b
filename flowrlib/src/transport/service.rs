//! The runner's end of ZeroMQ: one socket at which workers ask for work.
//!
//! A thread of its own owns the socket, so that heartbeats go out and come in whatever the coordinator is doing, and
//! the coordinator never waits for a network.

mod admission;
mod desk;
pub(crate) mod roster;

use super::events::EventSender;
use super::socket::Listen;
use super::waker::{Waker, waker};
use super::{ExecutorIds, Link, Traffic};
use crate::discovery::About;
use crate::dispatch::{Attempt, ExecutorId};
use crate::executor::{JobOrder, ModuleLimits};
use crate::keys::Trust;
use crate::modules::ModuleFile;
use crate::wire::Announced;
use crossbeam_channel::{Sender, unbounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often those say that they are alive for whom somebody waits: workers with jobs, clients, servers.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(1);

/// How often workers do that have no jobs. There may be thousands of sessions on a network.
pub(crate) const IDLE_HEARTBEAT: Duration = Duration::from_secs(2);

/// Every how many heartbeats workers are told that the runner is alive. They are patient, and may be many.
pub(crate) const TELL_WORKERS_EVERY: u32 = 2;

/// What the service needs to know.
pub(crate) struct ServiceConfig {
    /// The run that workers are wanted for.
    pub(crate) run: u64,
    /// Where to listen.
    pub(crate) listen: Listen,
    /// Who may join.
    pub(crate) trust: Trust,
    /// What others can know of the runner; workers must have its labels.
    pub(crate) about: About,
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

/// An open job service. Dropping it tells the workers that the run is over.
pub(crate) struct Service {
    commands: Sender<Command>,
    waker: Waker,
    thread: Option<JoinHandle<()>>,
}

enum Command {
    Send { peer: Vec<u8>, executor: ExecutorId, work: Work },
    Forget(ExecutorId),
    Close,
}

/// What there is to say about jobs.
enum Work {
    Run(Vec<JobOrder>),
    Recall(Vec<Attempt>),
    Cancel(Vec<Attempt>),
}

impl Service {
    /// Opens the service in the background. Whether that succeeds is told by an event.
    pub(crate) fn open(
        config: ServiceConfig,
        ids: Arc<ExecutorIds>,
        events: EventSender,
    ) -> std::io::Result<Service> {
        let (commands, inbox) = unbounded();
        let (sleeper, waker) = waker()?;
        let thread = thread::Builder::new().name("job service".into()).spawn({
            let (commands, waker) = (commands.clone(), waker.clone());
            move || desk::serve(config, ids, events, (commands, inbox), waker, sleeper)
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
    executor: ExecutorId,
    commands: Sender<Command>,
    waker: Waker,
    meter: Arc<Meter>,
}

impl PeerLink {
    fn say(&self, work: Work) {
        let command = Command::Send { peer: self.peer.clone(), executor: self.executor, work };
        // The service outlives the coordinator's links.
        self.commands.send(command).ok();
        self.waker.wake();
    }
}

impl Link for PeerLink {
    fn send(&mut self, orders: Vec<JobOrder>) {
        self.say(Work::Run(orders));
    }

    fn recall(&mut self, jobs: Vec<Attempt>) {
        self.say(Work::Recall(jobs));
    }

    fn cancel(&mut self, jobs: Vec<Attempt>) {
        self.say(Work::Cancel(jobs));
    }

    fn traffic(&self) -> Traffic {
        let Meter { sent, received } = &*self.meter;
        Traffic { sent: sent.load(Ordering::Relaxed), received: received.load(Ordering::Relaxed) }
    }
}

/// Counts bytes.
#[derive(Debug, Default)]
struct Meter {
    sent: AtomicU64,
    received: AtomicU64,
}
