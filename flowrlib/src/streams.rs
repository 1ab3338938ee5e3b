//! Carrying out effects: one thread for each stream a flow uses.
//!
//! Effects on a stream happen in the order in which their jobs were handed out; a stream that waits for its user or for
//! a slow reader holds up no other.

use crate::context::{ContextFunctions, Stream};
use crate::executor::{Code, Execution, JobResult, execute};
use crate::state::{InputSet, Outcome, Ticket};
use crate::transport::Event;
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// How many effects may happen before they are made visible and told.
const LARGEST_BATCH: usize = 256;

/// The streams of a run. Threads are started as streams are used.
pub(crate) struct Streams {
    context: Arc<dyn ContextFunctions>,
    events: Sender<Event>,
    threads: BTreeMap<Stream, StreamThread>,
}

struct StreamThread {
    queue: Sender<Effect>,
    handle: JoinHandle<()>,
}

/// A job of a context function.
pub(crate) struct Effect {
    pub(crate) ticket: Ticket,
    pub(crate) code: Code,
    pub(crate) inputs: InputSet,
}

impl Streams {
    pub(crate) fn new(context: Arc<dyn ContextFunctions>, events: Sender<Event>) -> Streams {
        Streams { context, events, threads: BTreeMap::new() }
    }

    /// Has an effect happen after those that were handed to the same stream before.
    pub(crate) fn perform(&mut self, stream: Stream, effect: Effect) -> io::Result<()> {
        let thread = match self.threads.get(&stream) {
            Some(thread) => thread,
            None => {
                let thread = self.start(stream)?;
                self.threads.entry(stream).or_insert(thread)
            }
        };
        // The thread ends only when this end of the queue is dropped.
        thread.queue.send(effect).ok();
        Ok(())
    }

    fn start(&self, stream: Stream) -> io::Result<StreamThread> {
        let (queue, effects) = unbounded();
        let (context, events) = (Arc::clone(&self.context), self.events.clone());
        let name = format!("{stream:?} stream").to_lowercase();
        let serve = move || serve(stream, &effects, context.as_ref(), &events);
        let handle = thread::Builder::new().name(name).spawn(serve)?;
        Ok(StreamThread { queue, handle })
    }

    /// Waits until everything that was handed over has happened. Input is not waited for: in a run that is cut short
    /// somebody may be asked for a line that nobody needs any more.
    ///
    /// Tells what could not be done at the end.
    pub(crate) fn finish(self) -> Vec<String> {
        for (stream, StreamThread { queue, handle }) in self.threads {
            drop(queue);
            if stream != Stream::Input {
                handle.join().ok();
            }
        }
        self.context.finish()
    }
}

fn serve(stream: Stream, effects: &Receiver<Effect>, context: &dyn ContextFunctions, events: &Sender<Event>) {
    // What was read is told at once: the next line may be long in coming.
    let batch = if stream == Stream::Input { 1 } else { LARGEST_BATCH };
    while let Ok(first) = effects.recv() {
        let mut results: Vec<JobResult> =
            std::iter::once(first).chain(effects.try_iter()).take(batch).map(perform).collect();
        // An effect has happened when others can see it, and not before.
        if let (Err(error), Some(last)) = (context.flush(stream), results.last_mut()) {
            last.outcome = Outcome::Failed(error.to_string());
        }
        if events.send(Event::ContextResults(results)).is_err() {
            break;
        }
    }
}

fn perform(mut effect: Effect) -> JobResult {
    let Execution { outcome, notices } = execute(&*effect.code, &mut effect.inputs);
    JobResult { ticket: effect.ticket, outcome, nanos: 0, notices }
}
