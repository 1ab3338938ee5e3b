//! The natural logarithm of a number.

use crate::told::float_or_null;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn log(number: f64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(float_or_null(number.ln(), || format!("the logarithm of {}", Value::from(number))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output, remark};

    #[test]
    fn the_result_is_a_float() {
        assert_eq!(output(&Log, r#"[1]"#), r#"0.0"#);
        assert_eq!(output(&Log, r#"[2.718281828459045]"#), r#"1.0"#);
    }

    #[test]
    fn what_has_none_is_null_and_told() {
        assert_eq!(output(&Log, r#"[0]"#), r#"null"#);
        assert_eq!(output(&Log, r#"[-1]"#), r#"null"#);
        assert!(remark(&Log, r#"[-1]"#).contains(r#"the logarithm of -1.0 has no result"#));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Log, r#"["1"]"#).contains(r#"must be a number"#));
    }
}
