//! Divides one number by another.

use crate::told::no_result;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn divide(dividend: Option<Number>, divisor: Option<Number>) -> Result<(Option<Value>, RunAgain)> {
    let (Some(dividend), Some(divisor)) = (dividend, divisor) else {
        return flow_output!("result" => Value::Null, "remainder" => Value::Null);
    };
    let quotient = dividend.as_f64() / divisor.as_f64();
    // By zero both are infinite or not a number, and so null; a quotient too large for a float is null alone.
    let result = match Number::from_f64(quotient) {
        Some(quotient) => Value::from(quotient),
        None => no_result(format_args!("{dividend} / {divisor}")),
    };
    flow_output!("result" => result, "remainder" => dividend.as_f64() % divisor.as_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, noted, output, remark};

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
    fn a_division_without_result_is_told() {
        assert_eq!(remark(&Divide, "[1, 0]"), "1 / 0 has no result and gives null");
        assert_eq!(remark(&Divide, "[1e300, 1e-300]"), "1e+300 / 1e-300 has no result and gives null");
        assert_eq!(noted(&Divide, "[null, 0]"), (vec![], vec![]));
    }

    #[test]
    fn integers_beyond_53_bits_lose_precision() {
        assert_eq!(
            output(&Divide, "[9007199254740993, 1]"),
            r#"{"remainder":0.0,"result":9007199254740992.0}"#
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Divide, r#"["1", 2]"#).contains("'dividend' must be a number"));
    }
}
