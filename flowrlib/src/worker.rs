//! A worker: it looks for runners and does their jobs, one runner after another or several at a time, until it is
//! ended.

mod runners;

use crate::discovery::{
    About, Announcement, Daemon, JOBS_SERVICE, Lookout, Offer, Range, Role, Sighting, addresses_of,
};
use crate::executor::{ModuleLimits, Pool, Registry, STACK};
use crate::keys::file::KeyFileError;
use crate::keys::{Key, Trust};
use crate::machine::Machine;
use crate::modules::ModuleCache;
pub use crate::status::StatusBell;
use crate::status::Watched;
pub use crate::stop::{Stop, StopSwitch};
use crate::transport::claims::Claims;
pub use crate::transport::claims::{RunServed, WorkerReport};
use crate::transport::leaving::Leaving;
use crate::transport::session::{self, Ending, SessionError, Workshop};
use crate::wire::{Hello, PROTOCOL};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select, unbounded};
use log::{debug, info, warn};
use runners::{Announced, End, RETRY, Runners, Way};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait before multicast is tried again where it was not to be had.
const LOOKOUT_RETRY: Duration = Duration::from_secs(5);

/// How long a worker that ends may take to say goodbye to its runners.
const PARTING: Duration = Duration::from_secs(1);

/// The port that a worker announces: nobody listens there.
const DISCARD: u16 = 9;

/// How a worker is to work.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// How many jobs are run at once; at least 1.
    pub threads: usize,
    /// The network whose runners are served.
    pub network: String,
    /// What the worker is called in reports.
    pub name: String,
    /// Whose runners are served.
    pub trust: Trust,
    /// Where runners are, beside those that are found: HOST:PORT.
    pub coordinators: Vec<String>,
    /// The names of the runners that are served; none are all.
    pub runners: Vec<String>,
    /// What runners may ask for.
    pub labels: Vec<String>,
    /// What jobs may use here.
    pub limits: WorkerLimits,
    /// Ends the worker.
    pub stop: StopSwitch,
    /// Asks what the worker does.
    pub status: StatusBell<WorkerReport>,
}

/// The most that a job may use on a worker, whatever its runner allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerLimits {
    /// The longest time, of native functions and of modules.
    pub time: Option<Duration>,
    /// The most memory of a module, in bytes.
    pub memory: Option<u64>,
}

impl WorkerLimits {
    /// What is left of a runner's limits: of native functions in time, and of modules.
    pub(crate) fn within(
        self,
        limit: Option<Duration>,
        modules: ModuleLimits,
    ) -> (Option<Duration>, ModuleLimits) {
        let shorter = |theirs: Option<Duration>| [self.time, theirs].into_iter().flatten().min();
        let memory = self.memory.map_or(modules.memory, |ours| ours.min(modules.memory));
        (shorter(limit), ModuleLimits { time: shorter(modules.time), memory, ..modules })
    }
}

impl Default for WorkerConfig {
    /// One thread, for nobody yet.
    fn default() -> WorkerConfig {
        WorkerConfig {
            threads: 1,
            network: crate::DEFAULT_NETWORK.to_owned(),
            name: "worker".to_owned(),
            trust: Trust::Nobody,
            coordinators: Vec::new(),
            runners: Vec::new(),
            labels: Vec::new(),
            limits: WorkerLimits::default(),
            stop: StopSwitch::default(),
            status: StatusBell::default(),
        }
    }
}

/// Why a worker could not start.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The system does not give us a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The system has no random numbers.
    #[error("cannot choose a number for the worker: {0}")]
    Random(String),
}

/// Serves runners, until its switch is thrown: then the jobs that it has are given back. Gives the reason why it was thrown.
///
/// # Errors
///
/// See [`WorkerError`].
pub fn serve(config: &WorkerConfig, registry: Registry) -> Result<Stop, WorkerError> {
    let key = config.trust.key()?;
    let number = getrandom::u64().map_err(|error| WorkerError::Random(error.to_string()))?;
    let range = if config.trust.reaches_out() { Range::Networks } else { Range::Machine };
    let announced = Offer::new(
        Role::Worker,
        match range {
            Range::Machine => (Ipv4Addr::LOCALHOST, DISCARD).into(),
            Range::Networks => (Ipv6Addr::UNSPECIFIED, DISCARD).into(),
        },
        number,
        &config.network,
        key.as_ref().map(Key::id),
        About::new(&config.name, config.threads, &config.labels),
    );
    let (changed, changes) = unbounded();
    let (stop, stopped) = unbounded();
    config.stop.watch(move |why| {
        // A worker that has ended needs no further reason to.
        stop.send(why).ok();
    });
    let claims = Claims::new(changed);
    let _asked = answer_questions(&config.status, &claims)?;
    let mut worker = Worker::new(config, number, registry, key, claims, (changes, stopped))?;
    config.coordinators.iter().for_each(|place| worker.runners.name(place, Instant::now()));
    let id = worker.workshop.key.as_ref().map(Key::id);
    let stop = loop {
        let daemon = Daemon::start(range);
        // Those who look for workers should find this one before it says that it waits.
        let publish = |daemon: &Daemon| Announcement::publish_by(daemon.clone(), announced.clone()).ok();
        let mut announcement = daemon.as_ref().ok().and_then(publish);
        let wait = LOOKOUT_RETRY.as_secs();
        match daemon.and_then(|daemon| Lookout::open(daemon, Role::Jobs, &config.network, id)) {
            Ok(lookout) => {
                worker.tell_waiting();
                let sightings = (&lookout.sightings, &crossbeam_channel::never());
                if let Then::Leave(stop) = worker.watch(sightings, &mut announcement) {
                    break stop;
                }
                warn!("runners are not found any more: multicast DNS has ended; trying again in {wait} s");
            }
            Err(error) => warn!("cannot look for runners: {error}; trying again in {wait} s"),
        }
        // What has failed would fail again at once.
        let pause = (&crossbeam_channel::never(), &crossbeam_channel::after(LOOKOUT_RETRY));
        if let Then::Leave(stop) = worker.watch(pause, &mut announcement) {
            break stop;
        }
    };
    worker.leave();
    Ok(stop)
}

/// Tells what the worker does whenever somebody asks, in a thread of its own: whoever is told may take any time for it,
/// and nobody else may have to wait.
fn answer_questions(status: &StatusBell<WorkerReport>, claims: &Claims) -> io::Result<Watched> {
    let (ask, questions) = bounded(1);
    let answer = {
        let (claims, status) = (claims.clone(), status.clone());
        move || questions.iter().for_each(|()| status.tell(&claims.report()))
    };
    thread::Builder::new().name("status".to_owned()).spawn(answer)?;
    // One that is to be answered yet answers the next as well.
    Ok(status.watch(move || !matches!(ask.try_send(()), Err(TrySendError::Disconnected(())))))
}

/// What is to be done when nothing can be watched any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// Look for runners anew.
    LookAgain,
    /// End, for that reason.
    Leave(Stop),
}

struct Worker {
    workshop: Arc<Workshop>,
    /// Runners that were seen, until their announcement is gone, and those that may be where we were told.
    runners: Runners,
    /// What sessions tell.
    sender: Sender<FromSession>,
    news: Receiver<FromSession>,
    /// Tells that the number of runs that are served has changed.
    changes: Receiver<()>,
    /// Tells that the worker is to end.
    stopped: Receiver<Stop>,
    /// Whether the last thing that was told is that we wait.
    is_waiting: bool,
}

/// What a session tells.
enum FromSession {
    /// The runner has our key.
    Opened(Way),
    /// The session is over.
    Ended(Way, Result<Ending, SessionError>),
}

impl Worker {
    fn new(
        config: &WorkerConfig,
        number: u64,
        registry: Registry,
        key: Option<Key>,
        claims: Claims,
        (changes, stopped): (Receiver<()>, Receiver<Stop>),
    ) -> io::Result<Worker> {
        let libraries =
            registry.libraries().map(|(name, version)| (name.to_owned(), version.to_owned())).collect();
        let hello = Hello {
            protocol: PROTOCOL,
            network: config.network.clone(),
            name: config.name.clone(),
            slots: config.threads,
            libraries,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: Machine::here(),
            runs_modules: true,
            labels: config.labels.clone(),
            runners: config.runners.clone(),
            number,
            held: Vec::new(),
        };
        let pool = Arc::new(Pool::start(config.threads)?);
        let workshop = Workshop {
            context: zmq::Context::new(),
            key,
            hello,
            registry,
            modules: ModuleCache::open(),
            pool,
            claims,
            limits: config.limits,
            leaving: Leaving::default(),
        };
        let (sender, news) = unbounded();
        Ok(Worker {
            workshop: Arc::new(workshop),
            runners: Runners::new(),
            sender,
            news,
            changes,
            stopped,
            is_waiting: false,
        })
    }

    fn tell_waiting(&mut self) {
        self.is_waiting = true;
        info!("Waiting for beacon matching '{JOBS_SERVICE}'");
    }

    /// Deals with what comes up, until there are no more sightings, or it is time for something else.
    fn watch(
        &mut self,
        (sightings, until): (&Receiver<Sighting>, &Receiver<Instant>),
        announcement: &mut Option<Announcement>,
    ) -> Then {
        let (news, changes, stopped) = (self.news.clone(), self.changes.clone(), self.stopped.clone());
        loop {
            self.try_those_due();
            let untold = announcement.as_ref().and_then(Announcement::due);
            let due = self.runners.next_at().into_iter().chain(untold).min();
            let due = due.map_or_else(crossbeam_channel::never, crossbeam_channel::at);
            select! {
                recv(sightings) -> sighting => match sighting {
                    Ok(Sighting::Found(offer)) => self.found(offer),
                    Ok(Sighting::Gone(Role::Jobs, run)) => self.runners.withdraw(run),
                    Ok(Sighting::Gone(..)) => {}
                    Ok(Sighting::OtherVersion(what)) => self.tell_of_others(|| warn!("{what}")),
                    Ok(Sighting::PassedOver(who)) => self.tell_of_others(|| debug!("Passed over {who}")),
                    Err(_) => return Then::LookAgain,
                },
                recv(news) -> news => match news {
                    Ok(FromSession::Opened(way)) => self.runners.opened(&way),
                    Ok(FromSession::Ended(way, ending)) => self.ended(&way, ending),
                    // We have an end of it that sends, too.
                    Err(_) => {}
                },
                recv(changes) -> _ => if let Some(announcement) = announcement {
                    announcement.tell_partners(self.workshop.claims.count());
                },
                recv(due) -> _ => if let Some(announcement) = announcement {
                    announcement.keep_up();
                },
                recv(stopped) -> stop => if let Ok(stop) = stop {
                    info!("Leaving");
                    self.workshop.leaving.begin();
                    return Then::Leave(stop);
                },
                recv(until) -> _ => return Then::LookAgain,
            }
        }
    }

    /// Tells of a runner that we have nothing to do with; then we wait as before.
    fn tell_of_others(&mut self, tell: impl FnOnce()) {
        tell();
        self.is_waiting = false;
        self.wait_if_idle();
    }

    /// Waits until all sessions have taken their leave, but not for long.
    fn leave(&mut self) {
        let deadline = Instant::now() + PARTING;
        while self.runners.is_busy()
            && let Ok(news) = self.news.recv_deadline(deadline)
        {
            if let FromSession::Ended(way, ending) = news {
                self.ended(&way, ending);
            }
        }
    }

    fn found(&mut self, offer: Offer) {
        if !self.serves(&offer.about) || offer.addresses.is_empty() {
            return;
        }
        let (name, run) = (offer.about.name, offer.run);
        let place = offer.addresses.first().map(ToString::to_string).unwrap_or_default();
        match self.runners.announce(run, offer.addresses, Instant::now()) {
            Announced::New => {
                info!("Found runner {name:?} ({run:016x}) at {place}");
                self.is_waiting = false;
            }
            Announced::Known => {}
            Announced::OneTooMany => debug!("Passed over runner {name:?} ({run:016x}), one too many"),
        }
    }

    /// Whether a runner wants us and we want it, as far as its announcement tells.
    fn serves(&self, runner: &About) -> bool {
        let hello = &self.workshop.hello;
        (hello.runners.is_empty() || hello.runners.contains(&runner.name))
            && runner.labels.iter().all(|label| hello.labels.contains(label))
    }

    /// Begins with those whose time has come.
    fn try_those_due(&mut self) {
        let now = Instant::now();
        while let Some((way, addresses)) = self.runners.next(now) {
            match &way {
                // It was found in another way, too; there is nothing to find out.
                Way::Announced(run) if self.workshop.claims.is_made(*run) => {
                    self.runners.ended(&way, End::Elsewhere, now);
                }
                _ => self.start(way, addresses),
            }
        }
    }

    /// Begins a session in a thread of its own.
    fn start(&mut self, way: Way, addresses: Vec<SocketAddr>) {
        let (workshop, sender) = (Arc::clone(&self.workshop), self.sender.clone());
        let work = {
            let way = way.clone();
            move || {
                // The worker listens for as long as it needs to know.
                let opened = || {
                    sender.send(FromSession::Opened(way.clone())).ok();
                };
                let work = || match &way {
                    Way::Announced(run) => session::work(&workshop, &addresses, Some(*run), &opened),
                    Way::Named(place) => addresses_of(place)
                        .map_err(SessionError::from)
                        .and_then(|addresses| session::work(&workshop, &addresses, None, &opened)),
                };
                // Whatever happens, the runner is not taken for served for ever.
                let ending = panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or(Ok(Ending::Lost));
                // Whoever has it last waits until all that was said has got out.
                drop(workshop);
                sender.send(FromSession::Ended(way, ending)).ok();
            }
        };
        // It does short jobs itself.
        let session = thread::Builder::new().name("session".to_owned()).stack_size(STACK);
        if let Err(error) = session.spawn(work) {
            self.sender.send(FromSession::Ended(way, Err(error.into()))).ok();
        }
    }

    fn ended(&mut self, way: &Way, ending: Result<Ending, SessionError>) {
        let had_failed = self.runners.has_failed(way);
        let end = match ending {
            Ok(Ending::Over { .. } | Ending::Left) => End::Over,
            Ok(Ending::Refused(_)) => End::Refused,
            Ok(Ending::ServedAlready) => End::Elsewhere,
            Ok(Ending::Lost) => End::Lost,
            Ok(Ending::NoAnswer) | Err(_) => End::Silent,
        };
        // What has not changed is not told again and again.
        if !(had_failed && matches!(end, End::Silent | End::Elsewhere)) {
            self.is_waiting = false;
            tell(way, &ending);
        }
        self.runners.ended(way, end, Instant::now());
        self.wait_if_idle();
    }

    /// Says that we wait, if we do and something else was said since that was told.
    fn wait_if_idle(&mut self) {
        if !self.runners.is_busy() && !self.is_waiting && !self.workshop.leaving.has_begun() {
            self.tell_waiting();
        }
    }
}

fn tell(way: &Way, ending: &Result<Ending, SessionError>) {
    match (ending, way) {
        (Ok(Ending::Over { jobs }), _) => info!("{way} is done; {jobs} jobs were done here"),
        (Ok(Ending::Refused(reason)), _) => warn!("{way} does not take this worker: {reason}"),
        (Ok(Ending::Lost), _) => warn!("lost {way}"),
        (Ok(Ending::ServedAlready), _) => debug!("{way} is served already"),
        (Ok(Ending::Left), _) => debug!("{way} was left"),
        (Ok(Ending::NoAnswer), Way::Announced(_)) => debug!("{way} does not answer"),
        (Ok(Ending::NoAnswer), Way::Named(_)) => warn!(
            "{way} does not answer: it is not there, or has another key; trying again every {} s",
            RETRY.as_secs()
        ),
        (Err(error), _) => warn!("cannot work for {way}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker() -> Worker {
        let config = WorkerConfig {
            threads: 1,
            network: "test".into(),
            trust: Trust::Anybody,
            runners: vec!["mine".into()],
            labels: vec!["gpu".into(), "fast".into()],
            ..WorkerConfig::default()
        };
        let news = (crossbeam_channel::never(), crossbeam_channel::never());
        Worker::new(&config, 1, Registry::default(), None, Claims::new(unbounded().0), news).unwrap()
    }

    #[test]
    fn a_job_has_what_both_runner_and_worker_allow() {
        let seconds = Duration::from_secs;
        let theirs = ModuleLimits { memory: 100, time: Some(seconds(60)), ..ModuleLimits::default() };
        assert_eq!(WorkerLimits::default().within(None, theirs), (None, theirs));
        let ours = WorkerLimits { time: Some(seconds(5)), memory: Some(50) };
        let both = ModuleLimits { memory: 50, time: Some(seconds(5)), ..theirs };
        assert_eq!(ours.within(None, theirs), (Some(seconds(5)), both));
        assert_eq!(ours.within(Some(seconds(2)), theirs).0, Some(seconds(2)));
        let generous = WorkerLimits { time: Some(seconds(90)), memory: Some(500) };
        assert_eq!(generous.within(None, theirs).1, theirs);
    }

    #[test]
    fn a_worker_looks_again_when_its_lookout_has_ended_and_leaves_when_it_is_told_to() {
        let never = crossbeam_channel::never();
        let mut worker = worker();
        let (_, closed) = unbounded();
        assert_eq!(worker.watch((&closed, &never), &mut None), Then::LookAgain);
        let (stop, stopped) = unbounded();
        worker.stopped = stopped;
        stop.send(Stop::Closed).unwrap();
        assert_eq!(worker.watch((&crossbeam_channel::never(), &never), &mut None), Then::Leave(Stop::Closed));
    }

    #[test]
    fn names_and_labels_choose() {
        let worker = worker();
        let asks = |name: &str, labels: &[&str]| {
            let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
            worker.serves(&About::new(name, 1, &labels))
        };
        assert!(asks("mine", &[]) && asks("mine", &["fast"]) && asks("mine", &["fast", "gpu"]));
        assert!(!asks("yours", &[]) && !asks("mine", &["gpu", "slow"]));
    }
}
