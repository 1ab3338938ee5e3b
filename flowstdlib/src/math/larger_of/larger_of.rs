//! The larger of two numbers.

use crate::math::order::exact;
use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn larger_of(i1: Number, i2: Number) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(if exact(i2, i1).is_gt() { i2 } else { i1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_larger_one_keeps_its_kind() {
        assert_eq!(output(&LargerOf, r#"[1, 2.5]"#), r#"2.5"#);
        assert_eq!(output(&LargerOf, r#"[3, 2.5]"#), r#"3"#);
        assert_eq!(output(&LargerOf, r#"[2, 2.0]"#), r#"2"#);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&LargerOf, r#"[null, 1]"#).contains(r#"'i1' must be a number"#));
    }
}
