//! Passes a value on or drops it.

use flowcore::{RUN_AGAIN, Result, RunAgain, Value};
use flowmacro::flow_function;

#[flow_function]
fn tap(data: &Value, control: bool) -> Result<(Option<Value>, RunAgain)> {
    Ok((control.then(|| data.clone()), RUN_AGAIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, output};

    #[test]
    fn true_passes_and_false_drops() {
        assert_eq!(output(&Tap, "[[1], true]"), "[1]");
        assert_eq!(output(&Tap, "[[1], false]"), NOTHING);
        assert_eq!(output(&Tap, "[null, true]"), "null");
    }

    #[test]
    fn a_control_that_is_no_boolean_is_an_error() {
        assert!(error(&Tap, "[1, 1]").contains("'control' must be a boolean"));
        assert!(error(&Tap, "[1, null]").contains("'control' must be a boolean"));
    }
}
