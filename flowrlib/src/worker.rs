//! A worker: it looks for runners and does their jobs, one runner after another or several at a time, until it is
//! ended.

use crate::discovery::{
    About, Announcement, JOBS_SERVICE, Lookout, Offer, Range, Role, Sighting, addresses_of,
};
use crate::executor::{ModuleLimits, Pool, Registry};
use crate::keys::file::KeyFileError;
use crate::keys::{Key, Trust};
use crate::machine::Machine;
use crate::transport::claims::Claims;
use crate::transport::session::{self, Ending, SessionError, Workshop};
use crate::wire::{Hello, PROTOCOL};
use crossbeam_channel::{Receiver, Sender, select, unbounded};
use log::{debug, info, warn};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait before a runner that did not answer is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// How long to wait before looking for the next runner where one has ended.
const NEXT: Duration = Duration::from_secs(1);

/// How long to wait before multicast is tried again where it was not to be had.
const LOOKOUT_RETRY: Duration = Duration::from_secs(5);

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

/// Serves runners; does not return unless it cannot start.
///
/// # Errors
///
/// See [`WorkerError`].
pub fn serve(config: &WorkerConfig, registry: Registry) -> Result<std::convert::Infallible, WorkerError> {
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
    let (endings, ended) = unbounded();
    let (changed, changes) = unbounded();
    let mut worker = Worker::new(config, registry, key, Claims::new(changed), endings)?;
    config.coordinators.iter().for_each(|place| worker.start(Way::Named(place.clone()), vec![]));
    loop {
        // Those who look for workers should find this one before it says that it waits.
        let announcement = Announcement::publish(announced.clone()).ok();
        let id = worker.workshop.key.as_ref().map(Key::id);
        match Lookout::open(Role::Jobs, &config.network, id, range) {
            Ok(lookout) => {
                worker.tell_waiting();
                let news = (&lookout.sightings, &ended, &changes);
                worker.watch(news, announcement, &crossbeam_channel::never());
            }
            Err(error) => {
                let wait = LOOKOUT_RETRY.as_secs();
                warn!("cannot look for runners: {error}; trying again in {wait} s");
                let again = crossbeam_channel::after(LOOKOUT_RETRY);
                worker.watch((&crossbeam_channel::never(), &ended, &changes), announcement, &again);
            }
        }
    }
}

/// How a runner came to our knowledge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Way {
    /// It has announced itself as that run.
    Announced(u64),
    /// Somebody has said that it can be reached there.
    Named(String),
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Announced(run) => write!(formatter, "runner {run:016x}"),
            Way::Named(place) => write!(formatter, "the runner at {place}"),
        }
    }
}

struct Worker {
    workshop: Arc<Workshop>,
    /// Runners that were seen, until their announcement is gone, and those that may be where we were told.
    runners: HashMap<Way, Runner>,
    endings: Sender<(Way, Result<Ending, SessionError>)>,
    /// Whether the last thing that was told is that we wait.
    is_waiting: bool,
}

struct Runner {
    /// Where it is, as far as we know.
    addresses: Vec<SocketAddr>,
    status: Status,
    /// Whether its announcement stands. One that is withdrawn while we work for it is forgotten when that ends.
    announced: bool,
    /// Whether it was told that it does not answer.
    is_missed: bool,
}

enum Status {
    /// We work for it.
    Served,
    /// It is of no further interest.
    Done,
    /// It did not answer, or not any more.
    RetryAt(Instant),
}

/// What a worker waits for: sightings of runners, ends of sessions, and changes of what is served.
type News<'news> =
    (&'news Receiver<Sighting>, &'news Receiver<(Way, Result<Ending, SessionError>)>, &'news Receiver<()>);

impl Worker {
    fn new(
        config: &WorkerConfig,
        registry: Registry,
        key: Option<Key>,
        claims: Claims,
        endings: Sender<(Way, Result<Ending, SessionError>)>,
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
        };
        let pool = Arc::new(Pool::start(config.threads)?);
        let workshop = Workshop {
            context: zmq::Context::new(),
            key,
            hello,
            registry,
            pool,
            claims,
            limits: config.limits,
        };
        Ok(Worker { workshop: Arc::new(workshop), runners: HashMap::new(), endings, is_waiting: false })
    }

    fn tell_waiting(&mut self) {
        self.is_waiting = true;
        info!("Waiting for beacon matching '{JOBS_SERVICE}'");
    }

    /// Deals with what comes up, until there are no more sightings or it is time for something else.
    fn watch(
        &mut self,
        (sightings, ended, changes): News<'_>,
        mut announcement: Option<Announcement>,
        until: &Receiver<Instant>,
    ) {
        loop {
            let next_retry = self.runners.values().filter_map(|runner| match runner.status {
                Status::RetryAt(time) => Some(time),
                Status::Served | Status::Done => None,
            });
            let retry = next_retry.min().map_or_else(crossbeam_channel::never, crossbeam_channel::at);
            select! {
                recv(sightings) -> sighting => match sighting {
                    Ok(Sighting::Found(offer)) => self.found(offer),
                    Ok(Sighting::Gone(Role::Jobs, run)) => self.gone(run),
                    Ok(Sighting::Gone(..)) => {}
                    Ok(Sighting::PassedOver(who)) => {
                        debug!("Passed over {who}");
                        self.is_waiting = false;
                        self.wait_if_idle();
                    }
                    Err(_) => return,
                },
                recv(ended) -> ending => if let Ok((way, ending)) = ending {
                    self.ended(way, ending);
                },
                recv(changes) -> _ => if let Some(announcement) = &mut announcement {
                    announcement.tell_partners(self.workshop.claims.count());
                },
                recv(retry) -> now => if let Ok(now) = now {
                    self.retry(now);
                },
                recv(until) -> _ => return,
            }
        }
    }

    fn found(&mut self, offer: Offer) {
        if let Some(known) = self.runners.get_mut(&Way::Announced(offer.run)) {
            known.announced = true;
            known.addresses = offer.addresses;
        } else if self.serves(&offer.about) && !offer.addresses.is_empty() {
            let (name, run) = (&offer.about.name, offer.run);
            let place = offer.addresses.first().map(ToString::to_string).unwrap_or_default();
            info!("Found runner {name:?} ({run:016x}) at {place}");
            self.is_waiting = false;
            self.start(Way::Announced(run), offer.addresses);
        }
    }

    /// Whether a runner wants us and we want it, as far as its announcement tells.
    fn serves(&self, runner: &About) -> bool {
        let hello = &self.workshop.hello;
        (hello.runners.is_empty() || hello.runners.contains(&runner.name))
            && runner.labels.iter().all(|label| hello.labels.contains(label))
    }

    fn gone(&mut self, run: u64) {
        if let Some(runner) = self.runners.get_mut(&Way::Announced(run)) {
            runner.announced = false;
        }
        self.forget_gone();
    }

    /// Forgets runners that are announced no more. A session that still goes on learns of its end by itself.
    fn forget_gone(&mut self) {
        self.runners.retain(|_, runner| runner.announced || matches!(runner.status, Status::Served));
    }

    /// Begins a session in a thread of its own.
    fn start(&mut self, way: Way, addresses: Vec<SocketAddr>) {
        let known = Runner {
            addresses: addresses.clone(),
            status: Status::Served,
            announced: true,
            is_missed: self.runners.get(&way).is_some_and(|runner| runner.is_missed),
        };
        self.runners.insert(way.clone(), known);
        let (workshop, endings) = (Arc::clone(&self.workshop), self.endings.clone());
        let work = {
            let way = way.clone();
            move || {
                let ending = match &way {
                    Way::Announced(run) => session::work(&workshop, &addresses, Some(*run)),
                    Way::Named(place) => addresses_of(place)
                        .map_err(SessionError::from)
                        .and_then(|addresses| session::work(&workshop, &addresses, None)),
                };
                // The worker listens for as long as the process lives.
                endings.send((way, ending)).ok();
            }
        };
        if let Err(error) = thread::Builder::new().name("session".to_owned()).spawn(work) {
            self.endings.send((way, Err(error.into()))).ok();
        }
    }

    fn ended(&mut self, way: Way, ending: Result<Ending, SessionError>) {
        let is_missed = matches!(ending, Ok(Ending::NoAnswer) | Err(_));
        let was_missed = self.runners.get(&way).is_some_and(|runner| runner.is_missed);
        let is_named = matches!(way, Way::Named(_));
        // What has not changed is not told again and again.
        if !(is_missed && was_missed) {
            self.is_waiting = false;
            tell(&way, &ending);
        }
        let now = Instant::now();
        let status = match ending {
            Ok(Ending::Over { .. }) if is_named => Status::RetryAt(now + NEXT),
            Ok(Ending::Refused(_) | Ending::ServedAlready) if is_named => Status::RetryAt(now + RETRY),
            Ok(Ending::Over { .. } | Ending::Refused(_) | Ending::ServedAlready) => Status::Done,
            Ok(Ending::Lost | Ending::NoAnswer) | Err(_) => Status::RetryAt(now + RETRY),
        };
        if let Some(runner) = self.runners.get_mut(&way) {
            runner.status = status;
            runner.is_missed = is_missed;
        }
        self.forget_gone();
        self.wait_if_idle();
    }

    /// Says that we wait, if we do and something else was said since that was told.
    fn wait_if_idle(&mut self) {
        let is_busy = self.runners.values().any(|runner| matches!(runner.status, Status::Served));
        if !is_busy && !self.is_waiting {
            self.tell_waiting();
        }
    }

    /// Tries again those that did not answer, for as long as they are announced.
    fn retry(&mut self, now: Instant) {
        let due =
            |(_, runner): &(&Way, &Runner)| matches!(runner.status, Status::RetryAt(time) if time <= now);
        let again: Vec<(Way, Vec<SocketAddr>)> = self
            .runners
            .iter()
            .filter(due)
            .map(|(way, runner)| (way.clone(), runner.addresses.clone()))
            .collect();
        again.into_iter().for_each(|(way, addresses)| self.start(way, addresses));
    }
}

fn tell(way: &Way, ending: &Result<Ending, SessionError>) {
    match (ending, way) {
        (Ok(Ending::Over { jobs }), _) => info!("{way} is done; {jobs} jobs were done here"),
        (Ok(Ending::Refused(reason)), _) => warn!("{way} does not take this worker: {reason}"),
        (Ok(Ending::Lost), _) => warn!("lost {way}"),
        (Ok(Ending::ServedAlready), _) => debug!("{way} is served already"),
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

    const RUNNER: Way = Way::Announced(7);

    fn worker_for(way: Way) -> Worker {
        let config = WorkerConfig {
            threads: 1,
            network: "test".into(),
            name: "worker".into(),
            trust: Trust::Anybody,
            coordinators: vec![],
            runners: vec!["mine".into()],
            labels: vec!["gpu".into(), "fast".into()],
            limits: WorkerLimits::default(),
        };
        let claims = Claims::new(unbounded().0);
        let mut worker = Worker::new(&config, Registry::default(), None, claims, unbounded().0).unwrap();
        let runner = Runner { addresses: vec![], status: Status::Served, announced: true, is_missed: false };
        worker.runners.insert(way, runner);
        worker
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
    fn a_runner_that_went_while_it_was_served_is_not_tried_again() {
        for ending in [Ending::Over { jobs: 1 }, Ending::Lost, Ending::NoAnswer] {
            let mut worker = worker_for(RUNNER);
            worker.gone(7);
            assert!(worker.runners.contains_key(&RUNNER), "its session goes on");
            worker.ended(RUNNER, Ok(ending));
            assert!(worker.runners.is_empty());
        }
    }

    #[test]
    fn a_runner_that_is_still_announced_is_tried_again() {
        let mut worker = worker_for(RUNNER);
        worker.ended(RUNNER, Ok(Ending::NoAnswer));
        assert!(matches!(worker.runners[&RUNNER].status, Status::RetryAt(_)));
        worker.gone(7);
        assert!(worker.runners.is_empty());
    }

    #[test]
    fn a_place_that_was_named_is_tried_for_ever() {
        let place = Way::Named("host:1".into());
        for ending in [
            Ending::Over { jobs: 1 },
            Ending::Lost,
            Ending::NoAnswer,
            Ending::ServedAlready,
            Ending::Refused("no".into()),
        ] {
            let mut worker = worker_for(place.clone());
            worker.ended(place.clone(), Ok(ending));
            assert!(matches!(worker.runners[&place].status, Status::RetryAt(_)));
        }
    }

    #[test]
    fn names_and_labels_choose() {
        let worker = worker_for(RUNNER);
        let asks = |name: &str, labels: &[&str]| {
            let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
            worker.serves(&About::new(name, 1, &labels))
        };
        assert!(asks("mine", &[]) && asks("mine", &["fast"]) && asks("mine", &["fast", "gpu"]));
        assert!(!asks("yours", &[]) && !asks("mine", &["gpu", "slow"]));
    }
}
