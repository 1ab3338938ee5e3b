//! What a runner supplies: context functions, the only ones that touch the outside world.

use flowcore::Implementation;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// An ordered sequence of effects on the outside world. Effects on one stream keep their order; between streams there
/// is none, and a stream that waits holds up no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// What the flow reads from its user.
    Input,
    /// What the flow prints.
    Output,
    /// What the flow prints beside its output.
    Error,
    /// Files and images.
    Files,
}

/// How a context function has to be run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextTraits {
    /// The stream its effects belong to; none if it has no effects that could be ordered.
    pub stream: Option<Stream>,
    /// Whether its jobs wait for outside input.
    pub waits_for_input: bool,
    /// Whether it is completed by its first job where all its inputs are constants: doing the same again would bring
    /// nothing new, and nothing would ever stop it.
    pub once_on_constants: bool,
    /// Whether its effects only touch memory for now, so that no job of it waits for anything.
    pub in_memory: bool,
}

/// The context functions of a runner.
pub trait ContextFunctions: Send + Sync {
    /// How the function of that `context://` URL has to be run, if the runner has it.
    fn traits(&self, url: &str) -> Option<ContextTraits>;

    /// The code of the function of that `context://` URL, if the runner has it.
    fn implementation(&self, url: &str) -> Option<Arc<dyn Implementation>>;

    /// For a function that waits for outside input: tells whether its next job would find what it takes without waiting
    /// for anybody, because it came together with what was taken before. Such a job costs less where it is than the way
    /// to the thread of its stream.
    fn at_hand(&self, _url: &str) -> Option<Arc<AtomicBool>> {
        None
    }

    /// Makes the effects on a stream visible that its functions may have held back.
    ///
    /// # Errors
    ///
    /// Fails where the system does; the last of the effects then counts as failed.
    fn flush(&self, _stream: Stream) -> std::io::Result<()> {
        Ok(())
    }

    /// Does what is left to do when a run is over, however it ended; tells what could not be done.
    fn finish(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A runner without context functions.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoContext;

impl ContextFunctions for NoContext {
    fn traits(&self, _url: &str) -> Option<ContextTraits> {
        None
    }

    fn implementation(&self, _url: &str) -> Option<Arc<dyn Implementation>> {
        None
    }
}
