//! The worker's end of ZeroMQ: jobs from one runner into the pool, results back.

use super::preparation::Preparation;
use super::service::{HEARTBEAT, LARGEST_FRAME, LINGER};
use super::uninterrupted;
use super::waker::{Sleeper, Waker, waker};
use crate::discovery::Offer;
use crate::executor::{Batch, CodeTable, JobOrder, JobResult, Pool, Registry, window};
use crate::modules::ModuleFile;
use crate::wire::{FromWorker, Hello, ToWorker};
use crossbeam_channel::{Receiver, Sender, unbounded};
use log::{debug, info, warn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a runner may be silent before it is given up. Longer than a lease: a worker that gives up first loses work.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much work the worker wants to have at hand: it covers the way to the runner and back many times.
const AHEAD: Duration = Duration::from_millis(2);

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The runner said goodbye.
    Over {
        /// Jobs done.
        jobs: u64,
    },
    /// The runner does not want us, in words.
    Refused(String),
    /// The runner was not heard of for too long.
    Lost,
    /// The runner never answered.
    NoAnswer,
}

/// Why a session could not be held.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    #[error(transparent)]
    Socket(#[from] zmq::Error),
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// Works for one runner until it is over.
pub(crate) fn work(
    context: &zmq::Context,
    offer: &Offer,
    hello: &Hello,
    registry: &Registry,
    pool: &Pool,
) -> Result<Ending, SessionError> {
    let socket = context.socket(zmq::DEALER)?;
    socket.set_sndhwm(0)?;
    socket.set_rcvhwm(0)?;
    socket.set_linger(i32::try_from(LINGER.as_millis()).unwrap_or(0))?;
    socket.set_maxmsgsize(LARGEST_FRAME)?;
    socket.set_ipv6(offer.address.is_ipv6())?;
    socket.connect(&format!("tcp://{}", offer.address))?;
    let introduction = FromWorker::Hello(hello.clone()).encode();
    uninterrupted(|| socket.send(&introduction, 0))?;

    let (sleeper, waker) = waker()?;
    let (results, finished) = unbounded();
    let answer = {
        let waker = waker.clone();
        let results: Sender<Vec<JobResult>> = results;
        Arc::new(move |answers| {
            // A session that is over takes no more answers.
            results.send(answers).ok();
            waker.wake();
        })
    };
    let session = Session {
        socket,
        hello,
        run: offer.run,
        pool,
        registry,
        stage: Stage::Introduced,
        waker: waker.clone(),
        limit: None,
        answer,
        finished,
        abandoned: Arc::default(),
        mean_nanos: 0,
        jobs: 0,
        heard: Instant::now(),
    };
    session.serve(sleeper)
}

struct Session<'worker> {
    socket: zmq::Socket,
    hello: &'worker Hello,
    run: u64,
    pool: &'worker Pool,
    registry: &'worker Registry,
    stage: Stage,
    /// How long each job of a native function may take.
    limit: Option<Duration>,
    answer: Arc<dyn Fn(Vec<JobResult>) + Send + Sync>,
    finished: Receiver<Vec<JobResult>>,
    /// Wakes this session.
    waker: Waker,
    /// Tells the pool that the jobs of this session are not wanted any more.
    abandoned: Arc<AtomicBool>,
    mean_nanos: u64,
    jobs: u64,
    heard: Instant,
}

/// How far a session has come.
enum Stage {
    /// The runner has not answered yet.
    Introduced,
    /// Modules are being fetched and compiled.
    GettingReady(Preparation),
    /// Jobs are run; this is what they refer to by number.
    Working(Arc<CodeTable>),
}

impl Session<'_> {
    fn serve(mut self, mut sleeper: Sleeper) -> Result<Ending, SessionError> {
        let mut next_heartbeat = Instant::now() + HEARTBEAT;
        loop {
            if self.send_results()? {
                next_heartbeat = Instant::now() + HEARTBEAT;
            }
            loop {
                match uninterrupted(|| self.socket.recv_bytes(zmq::DONTWAIT)) {
                    Ok(frame) => {
                        self.heard = Instant::now();
                        if let Some(ending) = self.take(&frame)? {
                            return Ok(ending);
                        }
                    }
                    Err(zmq::Error::EAGAIN) => break,
                    Err(error) => return Err(error.into()),
                }
            }
            self.get_ready()?;
            let now = Instant::now();
            let is_introduced = matches!(self.stage, Stage::Introduced);
            if now - self.heard > PATIENCE {
                return Ok(if is_introduced { Ending::NoAnswer } else { Ending::Lost });
            }
            if now >= next_heartbeat {
                next_heartbeat = now + HEARTBEAT;
                if !is_introduced {
                    self.send(&FromWorker::Heartbeat { run: self.run })?;
                }
            }
            sleeper.wait(&self.socket, next_heartbeat - now, || self.has_news())?;
        }
    }

    /// Takes one message; says how the session ends, if it does.
    fn take(&mut self, frame: &[u8]) -> Result<Option<Ending>, zmq::Error> {
        match ToWorker::decode(frame) {
            Ok(ToWorker::Welcome { run, .. }) if run != self.run => {
                // The announcement was an old one, and the runner that now has its address announces itself.
                self.send(&FromWorker::Goodbye { run })?;
                return Ok(Some(Ending::Refused(format!("run {run:016x} has taken its place"))));
            }
            Ok(ToWorker::Welcome { run, implementations, limit, module_limits }) => {
                info!("Working for runner {run:016x}");
                self.limit = limit;
                let preparation = Preparation::new(implementations, module_limits, self.registry);
                for module in preparation.wanted() {
                    debug!("Asking for module {module}");
                    self.send(&FromWorker::Fetch { run, module })?;
                }
                self.stage = Stage::GettingReady(preparation);
            }
            Ok(ToWorker::Module { run, bytes }) if run == self.run => {
                if let Stage::GettingReady(preparation) = &mut self.stage {
                    preparation.take(ModuleFile::new(bytes));
                }
            }
            Ok(ToWorker::Stranger { run }) if run == self.run => {
                if !matches!(self.stage, Stage::Introduced) {
                    self.stage = Stage::Introduced;
                    info!("Runner {run:016x} had given this worker up for lost; joining again");
                    self.abandon();
                    self.send(&FromWorker::Hello(self.hello.clone()))?;
                }
            }
            Ok(ToWorker::Refused { reason }) => return Ok(Some(Ending::Refused(reason))),
            Ok(ToWorker::Jobs { run, orders }) if run == self.run => self.start(orders),
            Ok(ToWorker::Goodbye { run }) if run == self.run => {
                return Ok(Some(Ending::Over { jobs: self.jobs }));
            }
            Ok(ToWorker::Heartbeat { .. }) => {}
            Ok(
                ToWorker::Jobs { .. }
                | ToWorker::Goodbye { .. }
                | ToWorker::Stranger { .. }
                | ToWorker::Module { .. },
            ) => {
                debug!("Dropped a message of another run")
            }
            Err(error) => {
                // It may have brought jobs; the runner gives them to others when we have left.
                warn!("cannot understand a message of {} bytes: {error}", frame.len());
                self.send(&FromWorker::Goodbye { run: self.run }).ok();
                return Ok(Some(Ending::Lost));
            }
        }
        Ok(None)
    }

    /// Whether something has come up that the socket does not tell.
    fn has_news(&self) -> bool {
        let is_prepared = matches!(&self.stage, Stage::GettingReady(preparation) if preparation.is_done());
        is_prepared || !self.finished.is_empty()
    }

    /// Goes on with getting ready, and says when that is done.
    fn get_ready(&mut self) -> Result<(), SessionError> {
        let Stage::GettingReady(preparation) = &mut self.stage else { return Ok(()) };
        preparation.compile(&self.waker)?;
        if let Some(codes) = preparation.finished() {
            self.stage = Stage::Working(Arc::new(codes));
            self.send(&FromWorker::Ready { run: self.run })?;
        }
        Ok(())
    }

    /// Has the pool leave out what it has not begun.
    fn abandon(&mut self) {
        std::mem::take(&mut self.abandoned).store(true, Ordering::Relaxed);
    }

    /// Hands jobs to the pool, as many batches as it has threads.
    fn start(&self, mut orders: Vec<JobOrder>) {
        let Stage::Working(codes) = &self.stage else { return };
        debug!("Received {}", jobs(orders.len()));
        let share = orders.len().div_ceil(self.pool.slots().max(1)).max(1);
        while !orders.is_empty() {
            let rest = orders.split_off(share.min(orders.len()));
            self.pool.run(Batch {
                orders: orders.into(),
                codes: Arc::clone(codes),
                answer: Arc::clone(&self.answer),
                abandoned: Arc::clone(&self.abandoned),
                limit: self.limit,
            });
            orders = rest;
        }
    }

    /// Sends what the pool has finished; says whether there was anything.
    fn send_results(&mut self) -> Result<bool, zmq::Error> {
        let mut results = Vec::new();
        while let Ok(answers) = self.finished.try_recv() {
            results.extend(answers);
        }
        if results.is_empty() {
            return Ok(false);
        }
        debug!("Finished {}", jobs(results.len()));
        self.jobs += results.len() as u64;
        for result in &results {
            // Follows a change within some eight jobs.
            self.mean_nanos = self.mean_nanos.saturating_mul(7).saturating_add(result.nanos) / 8;
        }
        let window = window(self.pool.slots(), self.mean_nanos, AHEAD);
        self.send(&FromWorker::Results { run: self.run, window, results })?;
        Ok(true)
    }

    fn send(&self, message: &FromWorker) -> Result<(), zmq::Error> {
        let frame = message.encode();
        match uninterrupted(|| self.socket.send(&frame, zmq::DONTWAIT)) {
            // A runner that cannot be reached is missed by its heartbeats.
            Err(zmq::Error::EAGAIN) => Ok(()),
            sent => sent,
        }
    }
}

impl Drop for Session<'_> {
    /// A session that is over leaves nothing behind that the next runner would have to wait for.
    fn drop(&mut self) {
        self.abandon();
    }
}

fn jobs(count: usize) -> String {
    if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") }
}
