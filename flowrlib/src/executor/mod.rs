//! Running jobs: the same code in the runner's threads and in workers.

mod at_once;
#[cfg(test)]
mod by_hand;
mod code;
mod crew;
mod in_hand;
mod limit;
mod orders;
mod panics;
mod pool;
mod queue;
pub(crate) mod wasm;

use crate::dispatch::Attempt;
use crate::program::ImplementationId;
use crate::state::{InputSet, Outcome, Ticket};
use flowcore::encoding::DEEPEST;
use flowcore::notice::{self, Notice};
use flowcore::{Implementation, RunAgain, Value};
use std::time::Duration;

pub(crate) use at_once::AtOnce;
pub use code::{Code, NativeLibrary, Registry};
pub(crate) use crew::STACK;
pub use in_hand::{InHand, LOOK_AGAIN};
pub use orders::Orders;
pub use panics::run_quietly;
pub use pool::{Batch, CodeTable, Pool, window};
pub use wasm::{ModuleError, ModuleLimits, WasmFunction};

/// A job for an executor.
#[derive(Clone, Debug, PartialEq)]
pub struct JobOrder {
    /// What the answer must carry.
    pub ticket: Ticket,
    /// Which attempt at the job this is; the answer must carry that, too.
    pub attempt: u32,
    /// What to run.
    pub implementation: ImplementationId,
    /// The values to run it on.
    pub inputs: InputSet,
}

impl JobOrder {
    /// The job and which attempt at it this is.
    pub fn attempt(&self) -> Attempt {
        Attempt { ticket: self.ticket, number: self.attempt }
    }
}

/// An executor's answer to a [`JobOrder`].
#[derive(Clone, Debug, PartialEq)]
pub struct JobResult {
    /// Which job.
    pub ticket: Ticket,
    /// Which attempt at it.
    pub attempt: u32,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took, in nanoseconds.
    pub nanos: u64,
    /// What the function wants a person to know; mostly nothing.
    pub notices: Vec<Notice>,
}

/// What there is to tell of a job that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// What came of it.
    pub outcome: Outcome,
    /// What the function wants a person to know; mostly nothing.
    pub notices: Vec<Notice>,
    /// How much of the time went into what the next job need not do again.
    pub starting: Duration,
}

impl Execution {
    /// What its like will take, in nanoseconds, if all of it took so long.
    pub(crate) fn nanos(&self, elapsed: Duration) -> u64 {
        u64::try_from(elapsed.saturating_sub(self.starting).as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Runs one job on values that nobody needs any more. Errors and panics become outcomes.
pub fn execute(implementation: &dyn Implementation, inputs: &mut [Value]) -> Execution {
    execution(run_quietly(|| implementation.run_owned(inputs)))
}

/// The same on values that somebody needs still.
pub(crate) fn execute_borrowed(implementation: &dyn Implementation, inputs: &[Value]) -> Execution {
    execution(run_quietly(|| implementation.run(inputs)))
}

/// Runs a job of a module that is expected to be tiny. None if it is not done within a moment: what it is run on is
/// then as it was, and nothing has happened.
pub(crate) fn execute_briefly(module: &WasmFunction, inputs: &[Value]) -> Option<Execution> {
    let result = run_quietly(|| module.run_briefly(inputs));
    let (notices, starting) = (notice::take(), wasm::take_starting());
    let result = match result {
        Ok(result) => Ok(result?),
        Err(message) => Err(message),
    };
    Some(Execution { outcome: outcome(result), notices, starting })
}

/// Runs the job of an order.
fn run(order: &mut JobOrder, codes: &CodeTable) -> Execution {
    let failed = |reason: &str| Execution {
        outcome: Outcome::Failed(reason.to_owned()),
        notices: Vec::new(),
        starting: Duration::ZERO,
    };
    match codes.find(order.implementation) {
        Some(Ok(code)) => execute(&**code, &mut order.inputs),
        Some(Err(reason)) => failed(reason),
        None => failed("refers to code that was never announced"),
    }
}

/// What there is to tell of a job that this thread has just run.
fn execution(result: Result<flowcore::Result<(Option<Value>, RunAgain)>, String>) -> Execution {
    // Taken whatever the outcome is, so that nothing is left for the next job of this thread.
    Execution { outcome: outcome(result), notices: notice::take(), starting: wasm::take_starting() }
}

/// The outcome of what a function has returned, or panicked with.
fn outcome(result: Result<flowcore::Result<(Option<Value>, RunAgain)>, String>) -> Outcome {
    match result {
        Ok(Ok((Some(output), _))) if runs_deep(&output) => {
            Outcome::Failed(format!("the result nests more than {DEEPEST} deep"))
        }
        Ok(result) => Outcome::from(result),
        Err(message) => Outcome::Failed(format!("panicked: {message}")),
    }
}

/// Whether a value nests deeper than any executor may send, as far as a quick look along its edges tells.
///
/// A loop that wraps its value each time round would otherwise end with the stack of whichever thread prints, sends or
/// drops it. What a look along the edges misses is still caught before it is sent.
fn runs_deep(value: &Value) -> bool {
    let is_nested = |value: &&Value| matches!(value, Value::Array(_) | Value::Object(_));
    let mut level = value;
    for _ in 0..=DEEPEST {
        let next = match level {
            Value::Array(elements) => elements.last().filter(is_nested).or(elements.first()),
            Value::Object(members) => members.values().last().filter(is_nested).or(members.values().next()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return false,
        };
        match next {
            Some(inner) => level = inner,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Result;
    use flowcore::notice::NoticeKind;

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

    struct Wrap(usize);

    impl Implementation for Wrap {
        fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
            let wrap = |inner, _| Value::from(vec![Value::from(0), inner]);
            Ok((inputs.first().map(|value| (0..self.0).fold(value.clone(), wrap)), true))
        }
    }

    fn outcome_of(implementation: &dyn Implementation, inputs: &[Value]) -> Outcome {
        execute(implementation, &mut inputs.to_vec()).outcome
    }

    struct Noting;

    impl Implementation for Noting {
        fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
            notice::leave(NoticeKind::Remark, || "noted".to_owned());
            assert!(inputs.is_empty(), "too much");
            Ok((None, true))
        }
    }

    #[test]
    fn what_a_function_notes_comes_with_its_own_job() {
        let notices = |inputs: &[Value]| execute(&Noting, &mut inputs.to_vec()).notices;
        let noted = vec![Notice { kind: NoticeKind::Remark, text: "noted".into() }];
        assert_eq!(notices(&[]), noted);
        assert_eq!(notices(&[Value::Null]), noted, "a panic does not keep it back");
        assert_eq!(execute(&Bad, &mut [Value::from(1)]).notices, []);
    }

    #[test]
    fn a_result_that_nests_without_end_is_an_error() {
        let input = [Value::from(1)];
        assert!(matches!(outcome_of(&Wrap(DEEPEST), &input), Outcome::Done { .. }));
        let Outcome::Failed(reason) = outcome_of(&Wrap(DEEPEST + 1), &input) else { panic!() };
        assert_eq!(reason, "the result nests more than 512 deep");
    }

    #[test]
    fn errors_and_panics_are_outcomes() {
        assert_eq!(outcome_of(&Bad, &[]), Outcome::Failed("nothing to do".into()));
        assert_eq!(outcome_of(&Bad, &[Value::Null]), Outcome::Failed("panicked: found null".into()));
        assert_eq!(outcome_of(&Bad, &[Value::from(1)]), Outcome::Done { output: None, run_again: false });
    }
}
