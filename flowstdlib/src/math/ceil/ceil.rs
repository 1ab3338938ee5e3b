//! A number rounded up.

use crate::math::whole::rounded;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn ceil(number: Number) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(rounded(number, f64::ceil))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn numbers_are_rounded_up() {
        assert_eq!(output(&Ceil, r#"[2.1]"#), r#"3"#);
        assert_eq!(output(&Ceil, r#"[-2.7]"#), r#"-2"#);
        assert_eq!(output(&Ceil, r#"[-0.5]"#), r#"0"#);
        assert_eq!(output(&Ceil, r#"[5]"#), r#"5"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Ceil, r#"[true]"#).contains(r#"must be a number"#));
    }
}
