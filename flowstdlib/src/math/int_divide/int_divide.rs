//! How often one number goes into another.

use crate::math::whole::{integer, value, whole};
use crate::told::no_result;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn int_divide(dividend: Number, divisor: Number) -> Result<(Option<Value>, RunAgain)> {
    if divisor.as_f64() == 0.0 {
        return flow_output!(no_result(format_args!("{dividend} / {divisor}")));
    }
    let (Some(one), Some(other)) = (integer(dividend), integer(divisor)) else {
        let quotient = (dividend.as_f64() / divisor.as_f64()).floor();
        return flow_output!(if quotient.is_finite() {
            whole(quotient)
        } else {
            no_result(format_args!("{dividend} / {divisor}"))
        });
    };
    // Both have 64 bits, so nothing overflows in 128.
    let down = i128::from(one % other != 0 && (one < 0) != (other < 0));
    flow_output!(value(one / other - down))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output, remark};

    #[test]
    fn the_quotient_is_rounded_down() {
        assert_eq!(output(&IntDivide, r#"[7, 2]"#), r#"3"#);
        assert_eq!(output(&IntDivide, r#"[-7, 2]"#), r#"-4"#);
        assert_eq!(output(&IntDivide, r#"[7, -2]"#), r#"-4"#);
        assert_eq!(output(&IntDivide, r#"[-7, -2]"#), r#"3"#);
        assert_eq!(output(&IntDivide, r#"[7.5, 2]"#), r#"3"#);
        assert_eq!(output(&IntDivide, r#"[-0.5, 1]"#), r#"-1"#);
        assert_eq!(output(&IntDivide, r#"[9007199254740993, 1]"#), r#"9007199254740993"#);
        assert_eq!(output(&IntDivide, r#"[18446744073709551615, 1]"#), r#"18446744073709551615"#);
        assert_eq!(output(&IntDivide, r#"[-9223372036854775808, -1]"#), r#"9223372036854775808"#);
        assert_eq!(output(&IntDivide, r#"[1e300, 1]"#), r#"1e+300"#);
    }

    #[test]
    fn division_by_zero_is_null_and_told() {
        assert_eq!(output(&IntDivide, r#"[7, 0]"#), r#"null"#);
        assert!(remark(&IntDivide, r#"[7, 0]"#).contains(r#"7 / 0 has no result"#));
        assert!(remark(&IntDivide, r#"[1e300, 1e-300]"#).contains(r#"has no result"#));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&IntDivide, r#"[null, 1]"#).contains(r#"'dividend' must be a number"#));
        assert!(error(&IntDivide, r#"[1, "1"]"#).contains(r#"'divisor' must be a number"#));
    }
}
