//! The cosine of an angle.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn cos(angle: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(angle.cos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_result_is_a_float() {
        assert_eq!(output(&Cos, "[0]"), "1.0");
        assert_eq!(output(&Cos, "[3.141592653589793]"), "-1.0");
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Cos, "[null]").contains("must be a number"));
        assert!(error(&Cos, r#"["1"]"#).contains("must be a number"));
    }
}
