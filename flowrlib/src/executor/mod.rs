//! Running jobs: the same code in the runner's threads and in workers.

mod code;
mod panics;
mod pool;

use crate::program::ImplementationId;
use crate::state::{InputSet, Outcome, Ticket};
use flowcore::{FunctionError, Implementation, Value};

pub use code::{Code, NativeLibrary, Registry};
pub use panics::run_quietly;
pub use pool::{Batch, CodeTable, Pool, window};

/// A job for an executor.
#[derive(Clone, Debug, PartialEq)]
pub struct JobOrder {
    /// What the answer must carry.
    pub ticket: Ticket,
    /// What to run.
    pub implementation: ImplementationId,
    /// The values to run it on.
    pub inputs: InputSet,
}

/// An executor's answer to a [`JobOrder`].
#[derive(Clone, Debug, PartialEq)]
pub struct JobResult {
    /// Which job.
    pub ticket: Ticket,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took, in nanoseconds.
    pub nanos: u64,
}

/// Runs one job. Errors and panics become outcomes.
pub fn execute(implementation: &dyn Implementation, inputs: &[Value]) -> Outcome {
    match run_quietly(|| implementation.run(inputs)) {
        Ok(Ok((output, run_again))) => Outcome::Done { output, run_again },
        Ok(Err(FunctionError::Passing(reason))) => Outcome::FailedInPassing(reason),
        Ok(Err(error)) => Outcome::Failed(error.to_string()),
        Err(message) => Outcome::Failed(format!("panicked: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::{Result, RunAgain};

    struct Bad;

    impl Implementation for Bad {
        fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
            match inputs {
                [] => Err("nothing to do".into()),
                [Value::Null] => panic!("found {}", "null"),
                _ => Ok((None, false)),
            }
        }
    }

    #[test]
    fn errors_and_panics_are_outcomes() {
        assert_eq!(execute(&Bad, &[]), Outcome::Failed("nothing to do".into()));
        assert_eq!(execute(&Bad, &[Value::Null]), Outcome::Failed("panicked: found null".into()));
        assert_eq!(execute(&Bad, &[Value::from(1)]), Outcome::Done { output: None, run_again: false });
    }
}
