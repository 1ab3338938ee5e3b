//! What came of a job.

use crate::{FunctionError, Result, RunAgain, Value};

/// What came of a job, whoever ran it. It can be sent to others, as a [`FunctionError`] cannot.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The function did its work.
    Done {
        /// Its output; none sends nothing, which is not the same as sending null.
        output: Option<Value>,
        /// Whether it may run again.
        run_again: RunAgain,
    },
    /// The function failed, panicked, or could not be run; in words.
    Failed(String),
    /// The function failed at this job and says that it can go on with the next; in words.
    FailedInPassing(String),
}

impl From<Result<(Option<Value>, RunAgain)>> for Outcome {
    fn from(result: Result<(Option<Value>, RunAgain)>) -> Outcome {
        match result {
            Ok((output, run_again)) => Outcome::Done { output, run_again },
            Err(FunctionError::Passing(reason)) => Outcome::FailedInPassing(reason),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }
}
