//! The exponential function.

use crate::told::float_or_null;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn exp(number: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(float_or_null(number.exp(), || format!("e to the power of {}", Value::from(number))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output, remark};

    #[test]
    fn the_result_is_a_float() {
        assert_eq!(output(&Exp, r#"[0]"#), r#"1.0"#);
        assert_eq!(output(&Exp, r#"[-1e300]"#), r#"0.0"#);
    }

    #[test]
    fn what_is_too_large_is_null_and_told() {
        assert_eq!(output(&Exp, r#"[1000]"#), r#"null"#);
        assert!(remark(&Exp, r#"[1000]"#).contains(r#"e to the power of 1000.0 has no result"#));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Exp, r#"[null]"#).contains(r#"must be a number"#));
    }
}
