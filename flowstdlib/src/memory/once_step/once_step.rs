//! Tells the first value of a stream from the others.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn once_step(value: Value, passed: bool) -> Result<(Option<Value>, RunAgain)> {
    if passed {
        flow_output!("passed" => true, "rest" => value)
    } else {
        flow_output!("first" => value, "passed" => true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_first_value_is_told_from_the_others() {
        assert_eq!(output(&OnceStep, r#"[[1], false]"#), r#"{"first":[1],"passed":true}"#);
        assert_eq!(output(&OnceStep, r#"[null, true]"#), r#"{"passed":true,"rest":null}"#);
    }

    #[test]
    fn what_is_no_boolean_is_an_error() {
        assert!(error(&OnceStep, r#"[1, null]"#).contains(r#"'passed' must be a boolean"#));
    }
}
