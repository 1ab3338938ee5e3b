//! Carrying out effects: one thread for each stream a flow uses.
//!
//! Effects on a stream happen in the order in which their jobs were handed out; a stream that waits for its user or for
//! a slow reader holds up no other. Where they happen is a [`Stage`]: [`Here`], or at a server's client. A client carries
//! out what its server sends with the same threads.

use crate::awake::stay_awake;
use crate::context::{ContextFunctions, Stream};
use crate::executor::{Code, Execution, JobResult, execute};
use crate::program::ImplementationId;
use crate::state::{InputSet, Outcome, Ticket};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use smallvec::{SmallVec, smallvec};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How many effects may happen before they are made visible and told.
pub(crate) const LARGEST_BATCH: usize = 256;

/// How long a run that is cut short waits for effects that were handed over.
const PARTING: Duration = Duration::from_secs(2);
/// How long the thread of a stream that has nothing to do stays awake, yielding to whoever has something. Waking it again
/// costs more than this.
const HOT: Duration = Duration::from_micros(20);

/// How long what is printed may wait for more to be printed with it. Nobody who reads sees so short a time, and printing
/// costs little more for many lines than for one.
const COMPANY: Duration = Duration::from_micros(20);

/// Where effects happen.
pub(crate) trait Stage: Send + Sync {
    /// Has effects happen in that order, and tells what came of each: it has happened when others can see it.
    fn perform(&self, stream: Option<Stream>, effects: Vec<Effect>) -> Vec<JobResult>;

    /// Whether there is a network in between: then nobody but the thread of a stream may wait for an effect.
    fn is_far(&self) -> bool;

    /// Does what is left to do at the end of a run; tells what could not be done.
    fn finish(&self) -> Vec<String>;
}

/// Effects on the outside world of this process.
pub(crate) struct Here(pub(crate) Arc<dyn ContextFunctions>);

impl Stage for Here {
    fn perform(&self, stream: Option<Stream>, effects: Vec<Effect>) -> Vec<JobResult> {
        let mut results: Vec<JobResult> = effects.into_iter().map(perform).collect();
        let flushed = stream.map_or(Ok(()), |stream| self.0.flush(stream));
        if let (Err(error), Some(last)) = (flushed, results.last_mut()) {
            last.outcome = Outcome::Failed(error.to_string());
        }
        results
    }

    fn is_far(&self) -> bool {
        false
    }

    fn finish(&self) -> Vec<String> {
        self.0.finish()
    }
}

/// The streams of a run. Threads are started as streams are used. What belongs to no stream has one thread, too, where
/// it is far away.
pub(crate) struct Streams {
    stage: Arc<dyn Stage>,
    answer: Arc<Answer>,
    threads: BTreeMap<Option<Stream>, StreamThread>,
}

/// Takes what came of effects on a stream; says whether anybody still wants to know.
type Answer = dyn Fn(Option<Stream>, Vec<JobResult>) -> bool + Send + Sync;

/// Effects that come together.
type Effects = SmallVec<[Effect; 1]>;

struct StreamThread {
    queue: Sender<Effects>,
    /// How many effects were handed over and have not happened.
    pending: Arc<AtomicUsize>,
    /// Closed by the thread when it ends.
    ended: Receiver<()>,
    handle: JoinHandle<()>,
}

/// How a run's streams ended.
#[derive(Debug, Default)]
pub(crate) struct StreamsEnd {
    /// What could not be done at the end, in words.
    pub(crate) failures: Vec<String>,
    /// Whether a stream was left behind with something to write that nobody took.
    pub(crate) left_behind: bool,
}

/// A job of a context function.
pub(crate) struct Effect {
    pub(crate) ticket: Ticket,
    pub(crate) implementation: ImplementationId,
    pub(crate) code: Code,
    pub(crate) inputs: InputSet,
}

impl Streams {
    pub(crate) fn new(
        stage: Arc<dyn Stage>,
        answer: impl Fn(Option<Stream>, Vec<JobResult>) -> bool + Send + Sync + 'static,
    ) -> Streams {
        Streams { stage, answer: Arc::new(answer), threads: BTreeMap::new() }
    }

    /// Whether all that was handed to a stream has happened: what happens now comes after it.
    pub(crate) fn is_idle(&self, stream: Stream) -> bool {
        let thread = self.threads.get(&Some(stream));
        thread.is_none_or(|thread| thread.pending.load(Ordering::Acquire) == 0)
    }

    /// Whether only the thread of a stream may wait for an effect.
    pub(crate) fn are_far(&self) -> bool {
        self.stage.is_far()
    }

    /// Has an effect happen after those that were handed to the same stream before.
    pub(crate) fn perform(&mut self, stream: Option<Stream>, effect: Effect) -> io::Result<()> {
        self.perform_all(stream, smallvec![effect])
    }

    /// The same for several effects, which are answered together.
    pub(crate) fn perform_all(&mut self, stream: Option<Stream>, effects: Effects) -> io::Result<()> {
        let thread = match self.threads.get(&stream) {
            Some(thread) => thread,
            None => {
                let thread = self.start(stream)?;
                self.threads.entry(stream).or_insert(thread)
            }
        };
        thread.pending.fetch_add(effects.len(), Ordering::Relaxed);
        // The thread ends only when this end of the queue is dropped.
        thread.queue.send(effects).ok();
        Ok(())
    }

    fn start(&self, stream: Option<Stream>) -> io::Result<StreamThread> {
        let (queue, effects) = unbounded();
        let (stage, answer) = (Arc::clone(&self.stage), Arc::clone(&self.answer));
        let (alive, ended) = bounded(0);
        let pending = Arc::<AtomicUsize>::default();
        let happened = Arc::clone(&pending);
        let serve = move || {
            serve(stream, &effects, stage.as_ref(), &happened, answer.as_ref());
            drop::<Sender<()>>(alive);
        };
        let handle = thread::Builder::new().name(name_of(stream)).spawn(serve)?;
        Ok(StreamThread { queue, pending, ended, handle })
    }

    /// Waits until everything that was handed over has happened, in a run that was cut short only for a while: who
    /// should take it may have gone to sleep. Input is not waited for: somebody may be asked for a line that nobody
    /// needs any more.
    pub(crate) fn finish(self, cut_short: bool) -> StreamsEnd {
        let deadline = Instant::now() + PARTING;
        let mut end = StreamsEnd::default();
        let mut can_tell = true;
        for (stream, StreamThread { queue, ended, handle, .. }) in self.threads {
            drop(queue);
            if stream == Some(Stream::Input) {
                continue;
            }
            if cut_short && ended.recv_deadline(deadline) == Err(RecvTimeoutError::Timeout) {
                end.left_behind = true;
                can_tell &= stream != Some(Stream::Error);
                end.failures
                    .push(format!("the {} is left behind: nobody takes what it writes", name_of(stream)));
            } else {
                handle.join().ok();
            }
        }
        end.failures.extend(self.stage.finish());
        if !can_tell {
            // Who tries would wait, too.
            end.failures.clear();
        }
        end
    }
}

/// What people call a stream, or the lack of one.
fn name_of(stream: Option<Stream>) -> String {
    stream.map_or("no stream".to_owned(), |stream| format!("{stream:?} stream").to_lowercase())
}

fn serve(
    stream: Option<Stream>,
    queue: &Receiver<Effects>,
    stage: &dyn Stage,
    pending: &AtomicUsize,
    answer: &Answer,
) {
    // What was read is told at once: the next line may be long in coming.
    let most = if stream == Some(Stream::Input) { 1 } else { LARGEST_BATCH };
    let company = match stream {
        Some(Stream::Output | Stream::Error) => COMPANY,
        Some(Stream::Input | Stream::Files) | None => Duration::ZERO,
    };
    while let Some(first) = next(queue) {
        let mut effects = first.into_vec();
        while effects.len() < most
            && let Some(more) = next_within(company, queue)
        {
            effects.extend(more);
        }
        let count = effects.len();
        let results = stage.perform(stream, effects);
        pending.fetch_sub(count, Ordering::Release);
        if !answer(stream, results) {
            break;
        }
    }
}

/// The next effects; none when there will be no more.
fn next(queue: &Receiver<Effects>) -> Option<Effects> {
    next_within(HOT, queue).or_else(|| queue.recv().ok())
}

/// The next effects if they come within that time.
fn next_within(time: Duration, queue: &Receiver<Effects>) -> Option<Effects> {
    if !time.is_zero() {
        stay_awake(time, || !queue.is_empty());
    }
    queue.try_recv().ok()
}

fn perform(mut effect: Effect) -> JobResult {
    let Execution { outcome, notices, .. } = execute(&*effect.code, &mut effect.inputs);
    JobResult { ticket: effect.ticket, attempt: 1, outcome, nanos: 0, notices }
}
