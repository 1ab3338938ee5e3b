//! A number as an integer.

use crate::math::whole::rounded;
use crate::told::no_result;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn to_integer(number: Number) -> Result<(Option<Value>, RunAgain)> {
    let integer = rounded(number, f64::trunc);
    let fits = integer.as_number().is_some_and(|integer| !integer.is_float());
    flow_output!(if fits { integer } else { no_result(format_args!("{number} as an integer of 64 bits")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output, remark};

    #[test]
    fn the_fraction_is_cut_off() {
        assert_eq!(output(&ToInteger, r#"[33.0]"#), r#"33"#);
        assert_eq!(output(&ToInteger, r#"[-2.7]"#), r#"-2"#);
        assert_eq!(output(&ToInteger, r#"[7]"#), r#"7"#);
        assert_eq!(output(&ToInteger, r#"[18446744073709551615]"#), r#"18446744073709551615"#);
    }

    #[test]
    fn what_does_not_fit_is_null_and_told() {
        assert_eq!(output(&ToInteger, r#"[1e300]"#), r#"null"#);
        assert!(
            remark(&ToInteger, r#"[1e300]"#).contains(r#"1e+300 as an integer of 64 bits has no result"#)
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&ToInteger, r#"["7"]"#).contains(r#"must be a number"#));
    }
}
