//! The square root of a number.

use crate::told::float_or_null;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn sqrt(number: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(float_or_null(number.sqrt(), || format!("the square root of {}", Value::from(number))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, noted, output, remark};

    #[test]
    fn the_result_is_a_float_or_null() {
        assert_eq!(output(&Sqrt, "[9]"), "3.0");
        assert_eq!(output(&Sqrt, "[2.25]"), "1.5");
        assert_eq!(output(&Sqrt, "[-1]"), "null");
    }

    #[test]
    fn the_root_of_a_negative_number_is_told() {
        assert_eq!(remark(&Sqrt, "[-2.25]"), "the square root of -2.25 has no result and gives null");
        assert_eq!(output(&Sqrt, "[-0.0]"), "-0.0");
        assert_eq!(noted(&Sqrt, "[0]"), (vec![], vec![]));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Sqrt, "[null]").contains("must be a number"));
        assert!(error(&Sqrt, r#"["1"]"#).contains("must be a number"));
    }
}
