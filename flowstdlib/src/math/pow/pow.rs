//! A number raised to a power.

use crate::math::whole::{fitting, integer};
use crate::told::{float_or_null, overflow};
use flowcore::{Number, RUN_AGAIN, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn pow(base: Number, exponent: Number) -> Result<(Option<Value>, RunAgain)> {
    let named = || format!("{base} to the power of {exponent}");
    match (integer(base), integer(exponent)) {
        (Some(number), Some(power)) if power >= 0 => {
            // Beyond this, only 0, 1 and -1 have powers that fit, and these repeat every two.
            let power = u32::try_from(power.min(128 + power % 2)).unwrap_or(u32::MAX);
            let result = number.checked_pow(power).and_then(fitting);
            Ok((result.or_else(|| overflow(named())), RUN_AGAIN))
        }
        _ => flow_output!(float_or_null(base.as_f64().powf(exponent.as_f64()), named)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, lost, output, remark};

    #[test]
    fn integers_stay_integers() {
        assert_eq!(output(&Pow, r#"[2, 10]"#), r#"1024"#);
        assert_eq!(output(&Pow, r#"[-3, 3]"#), r#"-27"#);
        assert_eq!(output(&Pow, r#"[7, 0]"#), r#"1"#);
        assert_eq!(output(&Pow, r#"[0, 0]"#), r#"1"#);
        assert_eq!(output(&Pow, r#"[-1, 9223372036854775807]"#), r#"-1"#);
        assert_eq!(output(&Pow, r#"[2, 63]"#), r#"9223372036854775808"#);
    }

    #[test]
    fn fractions_give_floats() {
        assert_eq!(output(&Pow, r#"[2, -1]"#), r#"0.5"#);
        assert_eq!(output(&Pow, r#"[2.5, 2]"#), r#"6.25"#);
        assert_eq!(output(&Pow, r#"[9, 0.5]"#), r#"3.0"#);
    }

    #[test]
    fn what_has_no_result_is_told() {
        assert_eq!(output(&Pow, r#"[2, 64]"#), NOTHING);
        assert!(
            lost(&Pow, r#"[2, 64]"#).contains(r#"2 to the power of 64 is an integer of more than 64 bits"#)
        );
        assert_eq!(output(&Pow, r#"[-8, 0.5]"#), r#"null"#);
        assert!(remark(&Pow, r#"[-8, 0.5]"#).contains(r#"-8 to the power of 0.5 has no result"#));
        assert_eq!(output(&Pow, r#"[0, -1]"#), r#"null"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Pow, r#"[2, null]"#).contains(r#"'exponent' must be a number"#));
    }
}
