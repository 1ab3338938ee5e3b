//! Sends a value one of two ways.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn route(data: Value, control: bool) -> Result<(Option<Value>, RunAgain)> {
    if control { flow_output!("true" => data) } else { flow_output!("false" => data) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_control_names_the_output() {
        assert_eq!(output(&Route, "[7, true]"), r#"{"true":7}"#);
        assert_eq!(output(&Route, "[7, false]"), r#"{"false":7}"#);
    }

    #[test]
    fn a_control_that_is_no_boolean_is_an_error() {
        assert!(error(&Route, r#"[7, "true"]"#).contains("'control' must be a boolean"));
    }
}
