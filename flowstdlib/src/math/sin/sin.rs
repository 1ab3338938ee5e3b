//! The sine of an angle.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn sin(angle: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(angle.sin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_result_is_a_float() {
        assert_eq!(output(&Sin, "[0]"), "0.0");
        assert_eq!(output(&Sin, "[1.5707963267948966]"), "1.0");
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Sin, "[null]").contains("must be a number"));
        assert!(error(&Sin, r#"["1"]"#).contains("must be a number"));
    }
}
