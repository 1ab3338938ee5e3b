//! The tangent of an angle.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn tan(angle: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(angle.tan())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_result_is_a_float() {
        assert_eq!(output(&Tan, "[0.0]"), "0.0");
        assert!(output(&Tan, "[0.7853981633974483]").starts_with("0.99999"));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Tan, "[null]").contains("must be a number"));
        assert!(error(&Tan, r#"["1"]"#).contains("must be a number"));
    }
}
