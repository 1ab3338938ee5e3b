//! The distance of a number from 0.

use crate::math::whole::{integer, value};
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn abs(number: Number) -> Result<(Option<Value>, RunAgain)> {
    match integer(number) {
        Some(integer) => flow_output!(value(integer.abs())),
        None => flow_output!(number.as_f64().abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_sign_is_gone() {
        assert_eq!(output(&Abs, r#"[-5]"#), r#"5"#);
        assert_eq!(output(&Abs, r#"[5]"#), r#"5"#);
        assert_eq!(output(&Abs, r#"[-2.5]"#), r#"2.5"#);
        assert_eq!(output(&Abs, r#"[-0.0]"#), r#"0.0"#);
        assert_eq!(output(&Abs, r#"[-9223372036854775808]"#), r#"9223372036854775808"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Abs, r#"["-1"]"#).contains(r#"must be a number"#));
    }
}
