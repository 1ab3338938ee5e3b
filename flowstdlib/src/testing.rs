//! Runs functions on inputs written as JSON, for the tests of each.

use flowcore::{Implementation, RUN_AGAIN, Value};

/// What [`output`] gives where a function gives no output.
pub(crate) const NOTHING: &str = "nothing";

/// The output for these inputs, a JSON array, as JSON text.
pub(crate) fn output(function: &dyn Implementation, inputs: &str) -> String {
    let (output, run_again) = function.run(&values(inputs)).unwrap();
    assert_eq!(run_again, RUN_AGAIN, "functions of the library always run again");
    output.map_or(NOTHING.to_owned(), |output| output.to_string())
}

/// The message of the error for these inputs, a JSON array.
pub(crate) fn error(function: &dyn Implementation, inputs: &str) -> String {
    match function.run(&values(inputs)) {
        Err(error) => error.to_string(),
        Ok((output, _)) => panic!("{inputs} gave {output:?}"),
    }
}

fn values(inputs: &str) -> Vec<Value> {
    inputs.parse::<Value>().unwrap().as_array().unwrap().to_vec()
}
