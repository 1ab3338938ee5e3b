//! The smaller of two numbers.

use crate::math::order::exact;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn smaller_of(i1: Number, i2: Number) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(if exact(i2, i1).is_lt() { i2 } else { i1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_smaller_one_keeps_its_kind() {
        assert_eq!(output(&SmallerOf, r#"[1, 2.5]"#), r#"1"#);
        assert_eq!(output(&SmallerOf, r#"[3, 2.5]"#), r#"2.5"#);
        assert_eq!(output(&SmallerOf, r#"[2, 2.0]"#), r#"2"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&SmallerOf, r#"[1, null]"#).contains(r#"'i2' must be a number"#));
    }
}
