//! A worker: it looks for runners and does their jobs, one runner after another or several at a time, until it is
//! ended.

use crate::discovery::{JOBS_SERVICE, Lookout, Offer, Role, Sighting};
use crate::executor::{Pool, Registry};
use crate::transport::session::{self, Ending, SessionError};
use crate::wire::{Hello, PROTOCOL};
use crossbeam_channel::{Receiver, Sender, select, unbounded};
use log::{debug, info, warn};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait before a runner that did not answer is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// How long to wait before multicast is tried again where it was not to be had.
const LOOKOUT_RETRY: Duration = Duration::from_secs(5);

/// How a worker is to work.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// How many jobs are run at once; at least 1.
    pub threads: usize,
    /// The network whose runners are served.
    pub network: String,
    /// What the worker is called in reports.
    pub name: String,
}

/// Why a worker could not start.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The system does not give us a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
}

/// Serves runners; does not return unless it cannot start.
///
/// # Errors
///
/// See [`WorkerError`].
pub fn serve(config: &WorkerConfig, registry: Registry) -> Result<std::convert::Infallible, WorkerError> {
    let hello = Hello {
        protocol: PROTOCOL,
        network: config.network.clone(),
        name: config.name.clone(),
        slots: config.threads,
        libraries: registry
            .libraries()
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .collect(),
    };
    let (endings, ended) = unbounded();
    let mut worker = Worker {
        context: zmq::Context::new(),
        hello,
        registry: Arc::new(registry),
        pool: Arc::new(Pool::start(config.threads)?),
        runners: HashMap::new(),
        endings,
    };
    loop {
        match Lookout::open(Role::Jobs, &config.network) {
            Ok(lookout) => {
                announce_waiting();
                worker.watch(&lookout, &ended);
            }
            Err(error) => {
                warn!("cannot look for runners: {error}; trying again in {} s", LOOKOUT_RETRY.as_secs())
            }
        }
        thread::sleep(LOOKOUT_RETRY);
    }
}

fn announce_waiting() {
    info!("Waiting for beacon matching '{JOBS_SERVICE}'");
}

struct Worker {
    context: zmq::Context,
    hello: Hello,
    registry: Arc<Registry>,
    pool: Arc<Pool>,
    /// Runners that were seen, by their run, until their announcement is gone.
    runners: HashMap<u64, Runner>,
    endings: Sender<(u64, Result<Ending, SessionError>)>,
}

struct Runner {
    offer: Offer,
    status: Status,
    /// Whether its announcement stands. One that is withdrawn while we work for it is forgotten when that ends.
    announced: bool,
}

enum Status {
    /// We work for it.
    Served,
    /// It is of no further interest.
    Done,
    /// It did not answer, or not any more.
    RetryAt(Instant),
}

impl Worker {
    /// Takes news until there are none to be had any more.
    fn watch(&mut self, lookout: &Lookout, ended: &Receiver<(u64, Result<Ending, SessionError>)>) {
        loop {
            let next_retry = self.runners.values().filter_map(|runner| match runner.status {
                Status::RetryAt(time) => Some(time),
                Status::Served | Status::Done => None,
            });
            let retry = next_retry.min().map_or_else(crossbeam_channel::never, crossbeam_channel::at);
            select! {
                recv(lookout.sightings) -> sighting => match sighting {
                    Ok(Sighting::Found(offer)) => self.found(offer),
                    Ok(Sighting::Gone(run)) => self.gone(run),
                    Err(_) => return,
                },
                recv(ended) -> ending => if let Ok((run, ending)) = ending {
                    self.ended(run, ending);
                },
                recv(retry) -> now => if let Ok(now) = now {
                    self.retry(now);
                },
            }
        }
    }

    fn found(&mut self, offer: Offer) {
        if let Some(known) = self.runners.get_mut(&offer.run) {
            known.announced = true;
        } else {
            info!("Found runner {:016x} at {}", offer.run, offer.address);
            self.start(offer);
        }
    }

    fn gone(&mut self, run: u64) {
        if let Some(runner) = self.runners.get_mut(&run) {
            runner.announced = false;
        }
        self.forget_gone();
    }

    /// Forgets runners that are announced no more. A session that still goes on learns of its end by itself.
    fn forget_gone(&mut self) {
        self.runners.retain(|_, runner| runner.announced || matches!(runner.status, Status::Served));
    }

    /// Begins a session in a thread of its own.
    fn start(&mut self, offer: Offer) {
        let run = offer.run;
        let runner = Runner { offer: offer.clone(), status: Status::Served, announced: true };
        self.runners.insert(run, runner);
        let (context, hello) = (self.context.clone(), self.hello.clone());
        let (registry, pool, endings) =
            (Arc::clone(&self.registry), Arc::clone(&self.pool), self.endings.clone());
        let work = move || {
            let ending = session::work(&context, &offer, &hello, &registry, &pool);
            // The worker listens for as long as the process lives.
            endings.send((run, ending)).ok();
        };
        if let Err(error) = thread::Builder::new().name(format!("session {run:016x}")).spawn(work) {
            self.endings.send((run, Err(error.into()))).ok();
        }
    }

    fn ended(&mut self, run: u64, ending: Result<Ending, SessionError>) {
        let status = match ending {
            Ok(Ending::Over { jobs }) => {
                info!("Runner {run:016x} is done; {jobs} jobs were done here");
                Status::Done
            }
            Ok(Ending::Refused(reason)) => {
                warn!("runner {run:016x} does not take this worker: {reason}");
                Status::Done
            }
            Ok(Ending::Lost) => {
                warn!("lost runner {run:016x}");
                Status::RetryAt(Instant::now() + RETRY)
            }
            Ok(Ending::NoAnswer) => {
                debug!("Runner {run:016x} does not answer");
                Status::RetryAt(Instant::now() + RETRY)
            }
            Err(error) => {
                warn!("cannot work for runner {run:016x}: {error}");
                Status::RetryAt(Instant::now() + RETRY)
            }
        };
        if let Some(runner) = self.runners.get_mut(&run) {
            runner.status = status;
        }
        self.forget_gone();
        if !self.runners.values().any(|runner| matches!(runner.status, Status::Served)) {
            announce_waiting();
        }
    }

    /// Tries again those that did not answer, for as long as they are announced.
    fn retry(&mut self, now: Instant) {
        let due = |runner: &&Runner| matches!(runner.status, Status::RetryAt(time) if time <= now);
        let offers: Vec<Offer> =
            self.runners.values().filter(due).map(|runner| runner.offer.clone()).collect();
        offers.into_iter().for_each(|offer| self.start(offer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker_for(run: u64) -> Worker {
        let offer = Offer { address: ([127, 0, 0, 1], 9).into(), run, network: "test".into() };
        let runner = Runner { offer, status: Status::Served, announced: true };
        Worker {
            context: zmq::Context::new(),
            hello: Hello {
                protocol: PROTOCOL,
                network: "test".into(),
                name: "worker".into(),
                slots: 1,
                libraries: vec![],
            },
            registry: Arc::default(),
            pool: Arc::new(Pool::start(1).unwrap()),
            runners: HashMap::from([(run, runner)]),
            endings: unbounded().0,
        }
    }

    #[test]
    fn a_runner_that_went_while_it_was_served_is_not_tried_again() {
        for ending in [Ending::Over { jobs: 1 }, Ending::Lost, Ending::NoAnswer] {
            let mut worker = worker_for(7);
            worker.gone(7);
            assert!(worker.runners.contains_key(&7), "its session goes on");
            worker.ended(7, Ok(ending));
            assert!(worker.runners.is_empty());
        }
    }

    #[test]
    fn a_runner_that_is_still_announced_is_tried_again() {
        let mut worker = worker_for(7);
        worker.ended(7, Ok(Ending::NoAnswer));
        assert!(matches!(worker.runners[&7].status, Status::RetryAt(_)));
        worker.gone(7);
        assert!(worker.runners.is_empty());
    }
}
