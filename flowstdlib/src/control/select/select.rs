//! Passes two values on, straight or crossed.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn select(i1: Value, i2: Value, control: bool) -> Result<(Option<Value>, RunAgain)> {
    let (first, second) = if control { (i1, i2) } else { (i2, i1) };
    flow_output!("select_i1" => first, "select_i2" => second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn false_crosses_the_two() {
        assert_eq!(output(&Select, "[1, 2, true]"), r#"{"select_i1":1,"select_i2":2}"#);
        assert_eq!(output(&Select, "[1, 2, false]"), r#"{"select_i1":2,"select_i2":1}"#);
    }

    #[test]
    fn a_control_that_is_no_boolean_is_an_error() {
        assert!(error(&Select, "[1, 2, 0]").contains("'control' must be a boolean"));
    }
}
