//! What is left over when one number goes into another.

use crate::math::whole::{integer, value};
use crate::told::no_result;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn modulo(dividend: Number, divisor: Number) -> Result<(Option<Value>, RunAgain)> {
    if divisor.as_f64() == 0.0 {
        return flow_output!(no_result(format_args!("{dividend} modulo {divisor}")));
    }
    if let (Some(one), Some(other)) = (integer(dividend), integer(divisor)) {
        return flow_output!(value(((one % other) + other) % other));
    }
    let divisor = divisor.as_f64();
    let left = dividend.as_f64() % divisor;
    flow_output!(if left != 0.0 && (left < 0.0) != (divisor < 0.0) { left + divisor } else { left })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output, remark};

    #[test]
    fn the_sign_is_that_of_the_divisor() {
        assert_eq!(output(&Modulo, r#"[7, 3]"#), r#"1"#);
        assert_eq!(output(&Modulo, r#"[-7, 3]"#), r#"2"#);
        assert_eq!(output(&Modulo, r#"[7, -3]"#), r#"-2"#);
        assert_eq!(output(&Modulo, r#"[-7, -3]"#), r#"-1"#);
        assert_eq!(output(&Modulo, r#"[6, 3]"#), r#"0"#);
        assert_eq!(output(&Modulo, r#"[7.5, 2]"#), r#"1.5"#);
        assert_eq!(output(&Modulo, r#"[-7.5, 2]"#), r#"0.5"#);
        assert_eq!(output(&Modulo, r#"[18446744073709551615, 10]"#), r#"5"#);
        assert_eq!(output(&Modulo, r#"[-9223372036854775808, -1]"#), r#"0"#);
    }

    #[test]
    fn division_by_zero_is_null_and_told() {
        assert_eq!(output(&Modulo, r#"[7, 0.0]"#), r#"null"#);
        assert!(remark(&Modulo, r#"[7, 0.0]"#).contains(r#"7 modulo 0.0 has no result"#));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Modulo, r#"[null, 1]"#).contains(r#"'dividend' must be a number"#));
    }
}
