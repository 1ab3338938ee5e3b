//! Runs functions on inputs written as JSON, for the tests of each.

use flowcore::notice::{self, NoticeKind};
use flowcore::{Implementation, RUN_AGAIN, Value};

/// What [`output`] gives where a function gives no output.
pub(crate) const NOTHING: &str = "nothing";

/// The output for these inputs, a JSON array, as JSON text.
pub(crate) fn output(function: &dyn Implementation, inputs: &str) -> String {
    let (output, run_again) = function.run(&values(inputs)).unwrap();
    assert_eq!(run_again, RUN_AGAIN, "functions of the library always run again");
    output.map_or(NOTHING.to_owned(), |output| output.to_string())
}

/// What a function tells a person when it is run on these inputs, a JSON array: lost values, and remarks.
pub(crate) fn noted(function: &dyn Implementation, inputs: &str) -> (Vec<String>, Vec<String>) {
    notice::take();
    output(function, inputs);
    let (lost, remarks) =
        notice::take().into_iter().partition::<Vec<_>, _>(|notice| notice.kind == NoticeKind::LostValue);
    let texts = |notices: Vec<notice::Notice>| notices.into_iter().map(|notice| notice.text).collect();
    (texts(lost), texts(remarks))
}

/// The one lost value that a function tells of.
pub(crate) fn lost(function: &dyn Implementation, inputs: &str) -> String {
    match noted(function, inputs) {
        (mut lost, remarks) if lost.len() == 1 && remarks.is_empty() => lost.remove(0),
        other => panic!("{inputs} gave the notices {other:?}"),
    }
}

/// The one remark that a function makes.
pub(crate) fn remark(function: &dyn Implementation, inputs: &str) -> String {
    match noted(function, inputs) {
        (lost, mut remarks) if lost.is_empty() && remarks.len() == 1 => remarks.remove(0),
        other => panic!("{inputs} gave the notices {other:?}"),
    }
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
