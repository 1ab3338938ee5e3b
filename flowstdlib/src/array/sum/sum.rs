//! The sum of the numbers of an array.

use crate::array::scalar::folded;
use crate::math::add::ADD;
use flowcore::{Result, RunAgain, Value};
use flowmacro::flow_function;

#[flow_function]
fn sum(array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    folded(array, 0, &ADD, "sum")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, error, lost, output, remark};

    #[test]
    fn numbers_of_all_kinds_are_added() {
        assert_eq!(output(&Sum, r#"[[1, 2, 3]]"#), r#"6"#);
        assert_eq!(output(&Sum, r#"[[1, 2.5]]"#), r#"3.5"#);
        assert_eq!(output(&Sum, r#"[[]]"#), r#"0"#);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert_eq!(output(&Sum, r#"[[9223372036854775807, 1]]"#), NOTHING);
        assert!(
            lost(&Sum, r#"[[9223372036854775807, 1]]"#)
                .contains(r#"the sum of an array is an integer of more than 64 bits"#)
        );
        assert_eq!(output(&Sum, r#"[[1.5e308, 1.5e308]]"#), r#"null"#);
        assert!(remark(&Sum, r#"[[1.5e308, 1.5e308]]"#).contains(r#"the sum of an array has no result"#));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(error(&Sum, r#"[[1, null]]"#).contains(r#"an array of numbers, but one"#));
        assert!(error(&Sum, r#"[[1, "2"]]"#).contains(r#"an array of numbers, but one"#));
        assert!(error(&Sum, r#"[1]"#).contains(r#"must be an array"#));
    }
}
