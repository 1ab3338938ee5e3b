//! The worker's end of ZeroMQ: jobs from one runner into the pool, results back.

use super::claims::{Claim, Claims};
use super::leaving::Leaving;
use super::preparation::Preparation;
use super::service::{HEARTBEAT, IDLE_HEARTBEAT};
use super::socket;
use super::waker::{Sleeper, Waker, waker};
use crate::channel::{Guest, Heard, Purpose, TooLarge};
use crate::dispatch::Attempt;
use crate::executor::{AtOnce, CodeTable, InHand, JobOrder, JobResult, LOOK_AGAIN, Pool, Registry, window};
use crate::keys::Key;
use crate::modules::{Digest, ModuleCache};
use crate::silence::Silence;
use crate::state::Outcome;
use crate::wire::{Arrival, FromWorker, Hello, Sequence, ToWorker};
use crate::worker::WorkerLimits;
use crossbeam_channel::{Receiver, Sender, unbounded};
use flowcore::encoding::DecodeError;
use log::{debug, info, trace, warn};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a runner may be silent before it is given up. Longer than a lease: a worker that gives up first loses work.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// How long it may take to open the channel.
const ANSWER: Duration = Duration::from_secs(5);

/// How much work the worker wants to have at hand: it covers the way to the runner and back many times.
const AHEAD: Duration = Duration::from_millis(2);

/// The longest message whose only job may be done by the thread of the session, in bytes. What is known of its like says
/// little of a job on more than that.
const SMALL: usize = 4096;

/// How many modules a runner is told of that need not be sent.
const MOST_HELD: usize = 256;

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
    /// Another session serves the runner, which was found there in another way.
    ServedAlready,
    /// The worker ends.
    Left,
}

/// Why a session could not be held.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    #[error(transparent)]
    Socket(#[from] zmq::Error),
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// What all sessions of a worker have in common.
pub(crate) struct Workshop {
    pub(crate) context: zmq::Context,
    /// The key that runners must have, too.
    pub(crate) key: Option<Key>,
    /// How sessions introduce themselves; what is held is added.
    pub(crate) hello: Hello,
    pub(crate) registry: Registry,
    /// What is kept of modules from one run to the next.
    pub(crate) modules: ModuleCache,
    pub(crate) pool: Arc<Pool>,
    /// The runs that are served.
    pub(crate) claims: Claims,
    /// What jobs may use here.
    pub(crate) limits: WorkerLimits,
    /// Whether the worker ends.
    pub(crate) leaving: Leaving,
}

/// How long an address is tried if there are others.
const ONE_OF_SEVERAL: Duration = Duration::from_secs(2);

/// How long one of many is tried at least.
const ONE_OF_MANY: Duration = Duration::from_millis(700);

/// How long all of them are tried, where they are not too many for that.
const ALL: Duration = Duration::from_secs(8);

/// How many addresses of one runner are tried: anybody can announce any number.
const MOST_ADDRESSES: usize = 16;

/// Works for one runner until it is over: for that run, or whichever is found there. Its addresses are tried in turn.
/// Calls `opened` when it has shown that it has our key.
pub(crate) fn work(
    workshop: &Workshop,
    addresses: &[SocketAddr],
    run: Option<u64>,
    opened: &dyn Fn(),
) -> Result<Ending, SessionError> {
    let mut ended = Ending::NoAnswer;
    let mut addresses = socket::nearest_first(addresses);
    addresses.truncate(MOST_ADDRESSES);
    let count = u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let share = (ALL / count).clamp(ONE_OF_MANY, ONE_OF_SEVERAL);
    for (place, address) in addresses.iter().enumerate() {
        let is_last = place + 1 == addresses.len();
        let rest = ALL.saturating_sub(share * (count - 1)).min(ANSWER);
        let patience = if is_last { rest.max(share) } else { share };
        ended = work_at(workshop, *address, run, patience, opened)?;
        if ended != Ending::NoAnswer {
            break;
        }
        trace!("Nobody answers at {address}");
    }
    Ok(ended)
}

fn work_at(
    workshop: &Workshop,
    address: SocketAddr,
    run: Option<u64>,
    patience: Duration,
    opened: &dyn Fn(),
) -> Result<Ending, SessionError> {
    let socket = socket::dealer(&workshop.context, address)?;
    let (channel, opening) = Guest::new(workshop.key.clone(), Purpose::Jobs);
    socket::send(&socket, &opening)?;

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
    let _attending = workshop.leaving.attend(waker.clone());
    let session = Session {
        socket,
        channel,
        address,
        workshop,
        run,
        claim: None,
        held: BTreeSet::new(),
        stage: Stage::Introduced,
        patience,
        opened,
        has_opened: false,
        waker: waker.clone(),
        in_hand: InHand::new(Arc::clone(&workshop.pool), None, answer),
        finished,
        sequence: Sequence::default(),
        mean_nanos: 0,
        jobs: 0,
        heard: Silence::since(Instant::now()),
    };
    session.serve(sleeper)
}

struct Session<'worker> {
    socket: zmq::Socket,
    channel: Guest,
    address: SocketAddr,
    workshop: &'worker Workshop,
    /// The run that is served; not known yet where only an address is.
    run: Option<u64>,
    /// That the run is ours and no other session's.
    claim: Option<Claim>,
    /// The modules that the runner was told of, and does not send.
    held: BTreeSet<Digest>,
    stage: Stage<'worker>,
    /// How long the runner may take to open the channel.
    patience: Duration,
    /// Is told that the channel is open.
    opened: &'worker dyn Fn(),
    /// Whether it was told.
    has_opened: bool,
    /// The jobs of this session that the pool has.
    in_hand: InHand,
    finished: Receiver<Vec<JobResult>>,
    /// Wakes this session.
    waker: Waker,
    /// Counts messages since the welcome.
    sequence: Sequence,
    mean_nanos: u64,
    jobs: u64,
    heard: Silence,
}

/// How far a session has come.
enum Stage<'worker> {
    /// The runner has not answered yet.
    Introduced,
    /// Modules come and are compiled.
    GettingReady(Preparation<'worker>),
    /// Jobs are run; the table is what they refer to by number.
    Working(Arc<CodeTable>, AtOnce),
}

impl Session<'_> {
    fn serve(mut self, mut sleeper: Sleeper) -> Result<Ending, SessionError> {
        let mut spoke = Instant::now();
        let mut next_look = Instant::now() + LOOK_AGAIN;
        let mut until = Instant::now();
        loop {
            if self.workshop.leaving.has_begun() {
                return Ok(self.leave()?);
            }
            if self.send_results()? {
                spoke = Instant::now();
            }
            // Heartbeats must not wait for what is large.
            for _ in 0..socket::MOST_AT_ONCE {
                let Some(frame) = socket::receive(&self.socket)? else { break };
                if let Some(ending) = self.receive(&frame)? {
                    return Ok(ending);
                }
            }
            self.get_ready()?;
            let now = Instant::now();
            self.heard.forgive(now.saturating_duration_since(until), now);
            let is_introduced = matches!(self.stage, Stage::Introduced);
            let patience = if self.channel.is_open() { PATIENCE } else { self.patience };
            if self.heard.lasts(now) > patience {
                return Ok(if self.has_opened { Ending::Lost } else { Ending::NoAnswer });
            }
            let has_jobs = self.in_hand.has_jobs();
            // What begins to come may be a job, which the runner knows of already.
            let is_idle =
                matches!(self.stage, Stage::Working(..)) && !has_jobs && !self.channel.is_receiving();
            let heartbeat = if is_idle { IDLE_HEARTBEAT } else { HEARTBEAT };
            if now >= spoke + heartbeat {
                spoke = now;
                if let Some(opening) = self.channel.tick() {
                    socket::send(&self.socket, &opening)?;
                }
                if let (false, Some(run)) = (is_introduced, self.run) {
                    self.send(FromWorker::Heartbeat { run, sent: self.sequence.sent() })?;
                }
            }
            if now >= next_look {
                next_look = now + LOOK_AGAIN;
                self.in_hand.spread();
            }
            until = (spoke + heartbeat).min(self.heard.will_last(patience));
            if has_jobs {
                until = until.min(next_look);
            }
            sleeper.wait(&self.socket, until.saturating_duration_since(now), || self.has_news())?;
        }
    }

    /// Takes a frame; says how the session ends, if it does.
    fn receive(&mut self, frame: &[u8]) -> Result<Option<Ending>, SessionError> {
        let (message, length) = match self.channel.receive(frame) {
            Heard::Nothing => return Ok(None),
            // Heartbeats stand behind a message that takes its time to travel.
            Heard::Alive => {
                self.heard = Silence::since(Instant::now());
                return Ok(None);
            }
            Heard::Opened => {
                debug!("The channel to {} is open", self.address);
                self.heard = Silence::since(Instant::now());
                self.has_opened = true;
                (self.opened)();
                self.introduce()?;
                return Ok(None);
            }
            Heard::Broken(opening) => {
                info!("The connection to {} was cut; joining again", self.address);
                socket::send(&self.socket, &opening)?;
                // It is there: it only does not know us any more.
                (self.heard, self.patience) = (Silence::since(Instant::now()), ANSWER);
                self.begin_again();
                return Ok(None);
            }
            Heard::Message(message) => (ToWorker::decode(&message), message.len()),
        };
        Ok(self.take(message, length)?)
    }

    fn introduce(&mut self) -> Result<(), zmq::Error> {
        let held = self.workshop.modules.held(MOST_HELD);
        self.held = held.iter().copied().collect();
        self.send(FromWorker::Hello(Box::new(Hello { held, ..self.workshop.hello.clone() })))
    }

    /// What was under way is lost, and the runner knows nothing of us.
    fn begin_again(&mut self) {
        self.stage = Stage::Introduced;
        self.in_hand.abandon();
    }

    /// Takes one message, of so many bytes; says how the session ends, if it does.
    fn take(
        &mut self,
        message: Result<ToWorker, DecodeError>,
        length: usize,
    ) -> Result<Option<Ending>, zmq::Error> {
        let ours = self.run;
        // A runner that says something, but never answers the introduction, would be waited for without end.
        let is_introduced = matches!(self.stage, Stage::Introduced);
        if !is_introduced || matches!(message, Ok(ToWorker::Welcome { .. })) {
            self.heard = Silence::since(Instant::now());
        }
        let is_missing = match &message {
            Ok(ToWorker::Heartbeat { run, sent }) if ours == Some(*run) => self.sequence.is_missing(*sent),
            Ok(message) => match message.number().map(|number| self.sequence.take(number)) {
                // What comes twice is dropped, and so is what belongs to a session before this one.
                Some(Arrival::Again) => return Ok(None),
                arrival => arrival == Some(Arrival::Gap),
            },
            Err(_) => false,
        };
        if let (true, false, Some(run)) = (is_missing, is_introduced, ours) {
            warn!("a message of runner {run:016x} did not come; joining again");
            self.send(FromWorker::Goodbye { run })?;
            return self.join_again().map(|()| None);
        }
        match message {
            Ok(ToWorker::Welcome { run, .. }) if ours.is_some_and(|ours| ours != run) => {
                // The announcement was an old one, and the runner that now has its address announces itself.
                self.send(FromWorker::Goodbye { run })?;
                return Ok(Some(Ending::Refused(format!("run {run:016x} has taken its place"))));
            }
            Ok(ToWorker::Welcome { run, runner, .. }) if !self.claim(run, &runner) => {
                self.send(FromWorker::Goodbye { run })?;
                return Ok(Some(Ending::ServedAlready));
            }
            Ok(ToWorker::Welcome { run, session, runner, implementations, limit, module_limits }) => {
                info!("Working for runner {run:016x} at {}, {runner:?}", self.address);
                let (limit, module_limits) = self.workshop.limits.within(limit, module_limits);
                self.in_hand.set_limit(limit);
                self.sequence = Sequence::of_session(session);
                let Workshop { registry, modules, .. } = self.workshop;
                let preparation = Preparation::new(implementations, module_limits, registry, modules);
                for module in preparation.awaited() {
                    debug!("Waiting for module {module}");
                    if self.held.contains(module) {
                        // It is gone or damaged since.
                        self.send(FromWorker::Fetch { run, number: 0, module: *module })?;
                    }
                }
                self.stage = Stage::GettingReady(preparation);
            }
            Ok(ToWorker::Module { run, module, bytes, .. }) if ours == Some(run) => {
                if let Stage::GettingReady(preparation) = &mut self.stage {
                    preparation.take(&module, bytes);
                }
            }
            Ok(ToWorker::Stranger { run }) if ours == Some(run) => {
                if !matches!(self.stage, Stage::Introduced) {
                    info!("Runner {run:016x} had given this worker up for lost; joining again");
                    self.join_again()?;
                }
            }
            Ok(ToWorker::Refused { reason }) => return Ok(Some(Ending::Refused(reason))),
            Ok(ToWorker::Jobs { run, orders, .. }) if ours == Some(run) => self.start(orders, length)?,
            Ok(ToWorker::Recall { run, jobs, .. }) if ours == Some(run) => {
                let orders = self.in_hand.recall(&jobs);
                self.give_back(orders.iter().map(JobOrder::attempt).collect())?;
            }
            Ok(ToWorker::Cancel { run, jobs, .. }) if ours == Some(run) => {
                let jobs = self.in_hand.cancel(&jobs);
                self.give_back(jobs)?;
            }
            Ok(ToWorker::Goodbye { run }) if ours == Some(run) => {
                return Ok(Some(Ending::Over { jobs: self.jobs }));
            }
            Ok(ToWorker::Heartbeat { .. }) => {}
            Ok(
                ToWorker::Jobs { .. }
                | ToWorker::Recall { .. }
                | ToWorker::Cancel { .. }
                | ToWorker::Goodbye { .. }
                | ToWorker::Stranger { .. }
                | ToWorker::Module { .. },
            ) => {
                debug!("Dropped a message of another run")
            }
            Err(error) => {
                // It may have brought jobs; the runner gives them to others when we have left.
                warn!("cannot understand a message: {error}");
                if let Some(run) = ours {
                    self.send(FromWorker::Goodbye { run }).ok();
                }
                return Ok(Some(Ending::Lost));
            }
        }
        Ok(None)
    }

    /// Makes a run ours, unless another session has found it in another way.
    fn claim(&mut self, run: u64, runner: &str) -> bool {
        if self.claim.is_none() {
            self.claim = self.workshop.claims.make(run, runner);
            self.run = Some(run);
        }
        self.claim.is_some()
    }

    /// Whether something has come up that the socket does not tell.
    fn has_news(&self) -> bool {
        let is_prepared = matches!(&self.stage, Stage::GettingReady(preparation) if preparation.is_done());
        is_prepared || !self.finished.is_empty() || self.workshop.leaving.has_begun()
    }

    /// Goes on with getting ready, and says when that is done.
    fn get_ready(&mut self) -> Result<(), SessionError> {
        let Stage::GettingReady(preparation) = &mut self.stage else { return Ok(()) };
        preparation.compile(&self.waker)?;
        if let Some(codes) = preparation.finished() {
            let at_once = AtOnce::new(&codes);
            self.stage = Stage::Working(Arc::new(codes), at_once);
            if let Some(run) = self.run {
                self.send(FromWorker::Ready { run, number: 0 })?;
            }
        }
        Ok(())
    }

    /// Introduces itself anew, and leaves everything that it was given.
    fn join_again(&mut self) -> Result<(), zmq::Error> {
        self.begin_again();
        self.introduce()
    }

    /// Takes leave of the runner: everything that was done is answered, and everything else given back, so that the
    /// runner need not take it for lost.
    fn leave(&mut self) -> Result<Ending, zmq::Error> {
        let rest = self.in_hand.give_up();
        self.send_results()?;
        if let (Some(run), false) = (self.run, matches!(self.stage, Stage::Introduced)) {
            info!("Leaving runner {run:016x}, and {} to others", jobs(rest.len()));
            if matches!(self.stage, Stage::Working(..)) {
                // Else what is given back might come again before the goodbye does, and count as lost.
                self.send(FromWorker::Results { run, number: 0, window: 0, results: Vec::new() })?;
            }
            self.give_back(rest)?;
            self.send(FromWorker::Goodbye { run })?;
        }
        Ok(Ending::Left)
    }

    /// Says which jobs will not be answered.
    fn give_back(&mut self, jobs: Vec<Attempt>) -> Result<(), zmq::Error> {
        if jobs.is_empty() {
            return Ok(());
        }
        let Some(run) = self.run else { return Ok(()) };
        self.send(FromWorker::Returned { run, number: 0, jobs })
    }

    /// Hands jobs to the pool, as many batches as it has threads. A short one that is alone is done here and now.
    fn start(&mut self, mut orders: Vec<JobOrder>, length: usize) -> Result<(), zmq::Error> {
        let Stage::Working(codes, at_once) = &mut self.stage else { return Ok(()) };
        debug!("Received {}", jobs(orders.len()));
        // A job under a limit may have to be given up, and this thread cannot be.
        let may_be_short = orders.len() == 1 && length <= SMALL && self.in_hand.limit().is_none();
        if may_be_short && !self.in_hand.has_jobs() {
            let order = orders.remove(0);
            match at_once.run(order, codes) {
                Ok(result) => return self.send_finished(vec![result]),
                Err(order) => orders.push(order),
            }
        }
        let share = orders.len().div_ceil(self.in_hand.slots().max(1)).max(1);
        while !orders.is_empty() {
            let rest = orders.split_off(share.min(orders.len()));
            self.in_hand.run(orders, codes);
            orders = rest;
        }
        Ok(())
    }

    /// Sends what the pool has finished; says whether there was anything.
    fn send_results(&mut self) -> Result<bool, zmq::Error> {
        let mut results = Vec::new();
        while let Ok(answers) = self.finished.try_recv() {
            results.extend(answers);
        }
        // What was done for a session before this one is not waited for any more.
        let Stage::Working(_, at_once) = &mut self.stage else { return Ok(false) };
        if results.is_empty() {
            return Ok(false);
        }
        at_once.learn(&results);
        self.send_finished(results)?;
        Ok(true)
    }

    fn send_finished(&mut self, results: Vec<JobResult>) -> Result<(), zmq::Error> {
        debug!("Finished {}", jobs(results.len()));
        self.jobs += results.len() as u64;
        if let Some(claim) = &self.claim {
            claim.has_done(self.jobs);
        }
        for result in &results {
            // Follows a change within some eight jobs.
            self.mean_nanos = self.mean_nanos.saturating_mul(7).saturating_add(result.nanos) / 8;
        }
        let window = window(self.in_hand.slots(), self.mean_nanos, AHEAD);
        match self.run {
            Some(run) => self.answer(run, window, results),
            None => Ok(()),
        }
    }

    /// Sends results together, or in smaller batches where they are too large for that.
    fn answer(&mut self, run: u64, window: usize, results: Vec<JobResult>) -> Result<(), zmq::Error> {
        let mut message = FromWorker::Results { run, number: 0, window, results };
        let sent = self.try_send(&mut message);
        let (Err(TooLarge(_)), FromWorker::Results { mut results, .. }) = (&sent, message) else {
            return sent.unwrap_or(Ok(()));
        };
        let rest = results.split_off(results.len() / 2);
        if results.is_empty() {
            let outcome = Outcome::Failed("its result is too large to travel".to_owned());
            let failed =
                |result: JobResult| JobResult { outcome: outcome.clone(), notices: vec![], ..result };
            return self.answer(run, window, rest.into_iter().map(failed).collect());
        }
        self.answer(run, window, results)?;
        self.answer(run, window, rest)
    }

    fn send(&mut self, mut message: FromWorker) -> Result<(), zmq::Error> {
        self.try_send(&mut message).unwrap_or_else(|error| {
            warn!("a message to a runner is not sent: {error}");
            Ok(())
        })
    }

    /// Sends a message, with the next number where it has one.
    fn try_send(&mut self, message: &mut FromWorker) -> Result<Result<(), zmq::Error>, TooLarge> {
        if let Some(number) = message.number_mut() {
            *number = self.sequence.upcoming();
        }
        // A runner that cannot be reached is missed by its heartbeats.
        let socket = &self.socket;
        let sent = self.channel.seal(&message.encode(), |frame| socket::send(socket, frame))?;
        if message.number().is_some() {
            self.sequence.advance();
        }
        Ok(sent)
    }
}

fn jobs(count: usize) -> String {
    if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") }
}
