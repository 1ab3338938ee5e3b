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
mod json;
mod limits;
mod seal;
mod warm;

use crate::modules::ModuleFile;
use compiled::Compiled;
use flowcore::{FunctionError, Implementation, Outcome, Result, RunAgain, Value, notice};
use instance::{Answer, Failure, Instance, JSON_ROOM};
use std::sync::OnceLock;

pub use error::ModuleError;
pub use limits::ModuleLimits;

/// How much memory an instance may have to be kept for the next job. Starting a new one is cheap, holding much is not.
const LARGEST_WARM: usize = 16 << 20;

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
        self.compiled.get_or_init(|| compiled::load(&self.module, &self.limits)).as_ref()
    }

    /// Runs a job in an instance of this thread, or a new one.
    fn call(&self, inputs: &[Value]) -> std::result::Result<Answer, Failure> {
        let compiled = self.compiled().map_err(|error| Failure::Other(error.to_string()))?;
        let kept = if self.limits.fresh { None } else { warm::take(compiled) };
        let mut instance = kept.map_or_else(|| Instance::start(compiled, &self.limits), Ok)?;
        match instance.run(inputs, &self.limits, JSON_ROOM) {
            // What did not fit where the module had to put it fits a larger place in a new instance.
            Err(Failure::Cramped { needed }) => {
                Instance::start(compiled, &self.limits)?.run(inputs, &self.limits, needed)
            }
            Err(failure) => Err(failure),
            Ok(answer) => {
                if !self.limits.fresh && instance.memory_size() <= LARGEST_WARM {
                    warm::keep(compiled, instance);
                }
                Ok(answer)
            }
        }
    }
}

impl Implementation for WasmFunction {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let Answer { outcome, notices } =
            self.call(inputs).map_err(|failure| FunctionError::Other(failure.to_string()))?;
        for left in notices {
            notice::leave(left.kind, || left.text);
        }
        match outcome {
            Outcome::Done { output, run_again } => Ok((output, run_again)),
            Outcome::Failed(reason) => Err(FunctionError::Other(reason)),
            Outcome::FailedInPassing(reason) => Err(FunctionError::Passing(reason)),
        }
    }
}

#[cfg(test)]
mod tests;
