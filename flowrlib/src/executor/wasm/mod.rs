//! Functions in WebAssembly modules, run safely and in any number of threads.
//!
//! A [`WasmFunction`] is an [`Implementation`] like any other. It compiles its module once ([`compiled`]) and runs each
//! job in an [instance](instance) that no other thread uses meanwhile. Threads keep instances they have used for the
//! next job ([`warm`]), so a warm job costs little more than a call; after anything that went wrong an instance is thrown
//! away. A job is bounded in memory, time and the size of its result ([`ModuleLimits`]), and no number that a module
//! gives is trusted.

mod clock;
mod compiled;
mod convention;
mod engine;
mod error;
mod instance;
mod limits;
mod seal;
mod warm;

use super::run_quietly;
use crate::modules::ModuleFile;
use compiled::Compiled;
use flowcore::{FunctionError, Implementation, Outcome, Result, RunAgain, Value, notice};
use instance::{Answer, Failure, Instance, JSON_ROOM};
use std::sync::OnceLock;
use std::time::Duration;

pub use error::ModuleError;
pub use limits::ModuleLimits;
use warm::Warm;
pub(super) use warm::take_starting;

/// How much memory an instance may have to be kept for the next job. Starting a new one is cheap, holding much is not.
const LARGEST_WARM: usize = 16 << 20;

/// How long a job that is expected to be tiny may take where others wait for its thread. The clock of modules ticks every
/// 10 ms, so one that takes longer is noticed within 20.
const BRIEF: Duration = Duration::from_millis(1);

/// A function whose code is a WebAssembly module.
pub struct WasmFunction {
    module: ModuleFile,
    limits: ModuleLimits,
    compiled: OnceLock<std::result::Result<Compiled, ModuleError>>,
}

impl WasmFunction {
    /// The function of this module, which is not looked at before it is needed.
    pub fn new(module: ModuleFile, limits: ModuleLimits) -> WasmFunction {
        WasmFunction { module, limits, compiled: OnceLock::new() }
    }

    /// Compiles the module, unless that has been done.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be used; see [`ModuleError`].
    pub fn prepare(&self) -> std::result::Result<(), &ModuleError> {
        self.compiled().map(|_| ())
    }

    fn compiled(&self) -> std::result::Result<&Compiled, &ModuleError> {
        let load = || {
            // Whatever the compiler does with a module, it is an error of this module.
            run_quietly(|| compiled::load(&self.module, &self.limits)).unwrap_or_else(|message| {
                Err(ModuleError::Invalid(format!("the compiler gave up: {message}")))
            })
        };
        self.compiled.get_or_init(load).as_ref()
    }

    /// Runs a job that is expected to be tiny. None if it is not done within a moment; it has to be run again, then,
    /// where it may take its time.
    ///
    /// The thread needs as much stack as an executor's.
    pub(super) fn run_briefly(&self, inputs: &[Value]) -> Option<Result<(Option<Value>, RunAgain)>> {
        match self.call(inputs, &ModuleLimits { time: Some(BRIEF), ..self.limits }) {
            Err(Failure::Slow(_)) => None,
            called => Some(told(called)),
        }
    }

    /// Runs a job in an instance of this thread, or a new one.
    fn call(&self, inputs: &[Value], limits: &ModuleLimits) -> std::result::Result<Answer, Failure> {
        let compiled = self.compiled().map_err(|error| Failure::Other(error.to_string()))?;
        let start = || Instance::start(compiled, limits);
        let kept = if limits.fresh { None } else { warm::take(compiled) };
        let mut warm = match kept {
            Some(warm) => warm,
            None if limits.fresh => Warm::once(start()?),
            None => Warm::new(compiled, warm::start(start)?),
        };
        match warm.instance.run(inputs, limits, clock::ticks(limits.time), JSON_ROOM) {
            // What did not fit where the module had to put it fits a larger place in a new instance. It is still the
            // same job, with one limit.
            Err(Failure::Cramped { needed }) => {
                let ticks = warm.instance.ticks_left();
                drop(warm);
                Instance::start(compiled, limits)?.run(inputs, limits, ticks, needed)
            }
            Err(failure) => Err(failure),
            Ok(answer) => {
                if !limits.fresh && warm.instance.memory_size() <= LARGEST_WARM {
                    warm::keep(warm);
                }
                Ok(answer)
            }
        }
    }
}

impl Implementation for WasmFunction {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        told(self.call(inputs, &self.limits))
    }
}

/// What came of a call, told as native code tells it.
fn told(called: std::result::Result<Answer, Failure>) -> Result<(Option<Value>, RunAgain)> {
    let Answer { outcome, notices } = called.map_err(|failure| FunctionError::Other(failure.to_string()))?;
    for left in notices {
        notice::leave(left.kind, || left.text);
    }
    match outcome {
        Outcome::Done { output, run_again } => Ok((output, run_again)),
        Outcome::Failed(reason) => Err(FunctionError::Other(reason)),
        Outcome::FailedInPassing(reason) => Err(FunctionError::Passing(reason)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
