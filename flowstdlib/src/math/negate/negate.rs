//! A number with the other sign.

use crate::math::whole::{fitting, integer};
use crate::told::overflow;
use flowcore::{Number, RUN_AGAIN, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn negate(number: Number) -> Result<(Option<Value>, RunAgain)> {
    match integer(number) {
        Some(integer) => Ok((fitting(-integer).or_else(|| overflow(format_args!("-{number}"))), RUN_AGAIN)),
        None => flow_output!(Value::from_f64(-number.as_f64())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, lost, output};

    #[test]
    fn the_sign_changes() {
        assert_eq!(output(&Negate, r#"[5]"#), r#"-5"#);
        assert_eq!(output(&Negate, r#"[-5]"#), r#"5"#);
        assert_eq!(output(&Negate, r#"[0]"#), r#"0"#);
        assert_eq!(output(&Negate, r#"[2.5]"#), r#"-2.5"#);
        assert_eq!(output(&Negate, r#"[-9223372036854775808]"#), r#"9223372036854775808"#);
        assert_eq!(output(&Negate, r#"[9223372036854775808]"#), r#"-9223372036854775808"#);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert_eq!(output(&Negate, r#"[18446744073709551615]"#), NOTHING);
        assert!(
            lost(&Negate, r#"[18446744073709551615]"#)
                .contains(r#"-18446744073709551615 is an integer of more than 64 bits"#)
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Negate, r#"[null]"#).contains(r#"must be a number"#));
    }
}
