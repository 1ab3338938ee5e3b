//! A number rounded to the nearest integer.

use crate::math::whole::rounded;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn round(number: Number) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(rounded(number, f64::round))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn numbers_are_rounded_to_the_nearest() {
        assert_eq!(output(&Round, r#"[2.4]"#), r#"2"#);
        assert_eq!(output(&Round, r#"[2.5]"#), r#"3"#);
        assert_eq!(output(&Round, r#"[-2.5]"#), r#"-3"#);
        assert_eq!(output(&Round, r#"[5]"#), r#"5"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Round, r#"[[1]]"#).contains(r#"must be a number"#));
    }
}
