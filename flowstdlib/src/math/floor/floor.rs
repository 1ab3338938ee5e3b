//! A number rounded down.

use crate::math::whole::rounded;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn floor(number: Number) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(rounded(number, f64::floor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn numbers_are_rounded_down() {
        assert_eq!(output(&Floor, r#"[2.7]"#), r#"2"#);
        assert_eq!(output(&Floor, r#"[-2.1]"#), r#"-3"#);
        assert_eq!(output(&Floor, r#"[5]"#), r#"5"#);
        assert_eq!(output(&Floor, r#"[1e300]"#), r#"1e+300"#);
        assert_eq!(output(&Floor, r#"[18446744073709551615]"#), r#"18446744073709551615"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Floor, r#"[null]"#).contains(r#"must be a number"#));
    }
}
