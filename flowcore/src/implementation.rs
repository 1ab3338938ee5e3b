//! The trait that every function fulfils, wherever it runs.

use crate::{Value, value::ArcStr};

/// Whether a function may run again in this execution. False marks it as completed: it gets no further jobs.
pub type RunAgain = bool;

/// The function may run again.
pub const RUN_AGAIN: RunAgain = true;

/// The function is completed.
pub const DONT_RUN_AGAIN: RunAgain = false;

/// What a function gives back: an output value or none, and whether it may run again.
///
/// A function with one unnamed output gives the value itself; a function with named outputs gives an object keyed by
/// output name, in which a missing member means that nothing is sent on that output. `None` sends nothing at all;
/// `Some(Value::Null)` sends null.
pub type Result<T> = std::result::Result<T, FunctionError>;

/// Why a function could not do its job.
///
/// The job fails, the flow goes on without its outputs, and the run ends with a status that is not 0.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    /// The function was called with another number of values than it declares inputs.
    #[error("takes {declared} input values but got {got}")]
    InputCount {
        /// How many inputs the function declares.
        declared: usize,
        /// How many values it was given.
        got: usize,
    },
    /// A value is of a kind that the function cannot use.
    #[error("input '{input}' must be {expected} but is {}: {}", found.kind(), excerpt(found))]
    InputKind {
        /// The name of the input, or its position where it has none.
        input: ArcStr,
        /// What would have been right, with its article: `a number`.
        expected: &'static str,
        /// What came instead.
        found: Value,
    },
    /// This job failed and the next may not, in the function's own words. It matters to a function that nothing but
    /// itself would stop, such as one that reads: any other failure completes it, lest it fail for ever.
    #[error("{0}")]
    Passing(String),
    /// Anything else, in the function's own words.
    #[error("{0}")]
    Other(String),
}

impl From<String> for FunctionError {
    fn from(message: String) -> FunctionError {
        FunctionError::Other(message)
    }
}

impl From<&str> for FunctionError {
    fn from(message: &str) -> FunctionError {
        FunctionError::Other(message.to_owned())
    }
}

/// Errors of what functions commonly call; each becomes its text, so that `?` passes them on.
macro_rules! in_words {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for FunctionError {
            fn from(error: $error) -> FunctionError {
                FunctionError::Other(error.to_string())
            }
        }
    )+};
}

in_words! {
    crate::value::ParseError,
    serde_json::Error,
    std::char::ParseCharError,
    std::fmt::Error,
    std::io::Error,
    std::num::ParseFloatError,
    std::num::ParseIntError,
    std::num::TryFromIntError,
    std::str::ParseBoolError,
    std::str::Utf8Error,
    std::string::FromUtf8Error,
    Box<dyn std::error::Error>,
    Box<dyn std::error::Error + Send + Sync>,
}

/// Enough of a value to recognise it in a message.
fn excerpt(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A function's code: native, WebAssembly, or supplied by the runner.
///
/// One implementation serves all executors of a process at once, so it keeps no mutable state of its own.
///
/// ```
/// use flowcore::{Implementation, Result, RunAgain, RUN_AGAIN, Value};
///
/// struct Negate;
///
/// impl Implementation for Negate {
///     fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
///         let [number] = inputs else { return Err("takes one number".into()) };
///         Ok((number.as_i64().map(|integer| Value::from(-integer)), RUN_AGAIN))
///     }
/// }
///
/// assert_eq!(Negate.run(&[Value::from(5)]).unwrap(), (Some(Value::from(-5)), RUN_AGAIN));
/// ```
pub trait Implementation: Send + Sync {
    /// Runs the function on one value per declared input, in declaration order.
    ///
    /// # Errors
    ///
    /// Fails when the values do not allow a result; see [`FunctionError`].
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)>;

    /// Runs the function on values that it may keep or change: whoever calls this has no more use for them.
    ///
    /// A function that gives a changed array back can so change it in place, where nobody else refers to it, instead of
    /// copying it. The result is that of [`run`](Implementation::run); what is left in `inputs` is no longer of interest.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Implementation::run).
    fn run_owned(&self, inputs: &mut [Value]) -> Result<(Option<Value>, RunAgain)> {
        self.run(inputs)
    }
}
