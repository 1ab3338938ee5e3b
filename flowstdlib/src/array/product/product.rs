//! The product of the numbers of an array.

use crate::array::scalar::folded;
use crate::math::multiply::MULTIPLY;
use flowcore::{Result, RunAgain, Value};
use flowmacro::flow_function;

#[flow_function]
fn product(array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    folded(array, 1, &MULTIPLY, "product")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, lost, output};

    #[test]
    fn numbers_of_all_kinds_are_multiplied() {
        assert_eq!(output(&Product, r#"[[2, 3, 7]]"#), r#"42"#);
        assert_eq!(output(&Product, r#"[[2, 0.25]]"#), r#"0.5"#);
        assert_eq!(output(&Product, r#"[[]]"#), r#"1"#);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert_eq!(output(&Product, r#"[[4294967296, 4294967296]]"#), NOTHING);
        assert!(lost(&Product, r#"[[4294967296, 4294967296]]"#).contains(r#"the product of an array"#));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Product, r#"[[true]]"#).contains(r#"an array of numbers, but one"#));
        assert!(error(&Product, r#"[null]"#).contains(r#"must be an array"#));
    }
}
