//! The square root of a number.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn sqrt(number: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(number.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_result_is_a_float_or_null() {
        assert_eq!(output(&Sqrt, "[9]"), "3.0");
        assert_eq!(output(&Sqrt, "[2.25]"), "1.5");
        assert_eq!(output(&Sqrt, "[-1]"), "null");
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Sqrt, "[null]").contains("must be a number"));
        assert!(error(&Sqrt, r#"["1"]"#).contains("must be a number"));
    }
}
