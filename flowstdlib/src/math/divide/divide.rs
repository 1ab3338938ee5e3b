//! Divides one number by another.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn divide(dividend: Option<f64>, divisor: Option<f64>) -> Result<(Option<Value>, RunAgain)> {
    match (dividend, divisor) {
        // By zero both are infinite or not a number, and so null.
        (Some(dividend), Some(divisor)) => {
            flow_output!("result" => dividend / divisor, "remainder" => dividend % divisor)
        }
        _ => flow_output!("result" => Value::Null, "remainder" => Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_quotient_is_a_float() {
        assert_eq!(output(&Divide, "[99, 3]"), r#"{"remainder":0.0,"result":33.0}"#);
        assert_eq!(output(&Divide, "[7, 2]"), r#"{"remainder":1.0,"result":3.5}"#);
    }

    #[test]
    fn the_remainder_has_the_sign_of_the_dividend() {
        assert_eq!(output(&Divide, "[-7, 2]"), r#"{"remainder":-1.0,"result":-3.5}"#);
    }

    #[test]
    fn by_zero_and_with_null_both_are_null() {
        let nulls = r#"{"remainder":null,"result":null}"#;
        for inputs in ["[1, 0]", "[0, 0]", "[1, -0.0]", "[null, 1]", "[1, null]", "[null, null]"] {
            assert_eq!(output(&Divide, inputs), nulls, "{inputs}");
        }
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Divide, r#"["1", 2]"#).contains("'dividend' must be a number"));
    }
}
