//! How many elements an array has.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn length(array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(array.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn elements_of_any_kind_are_counted() {
        assert_eq!(output(&Length, r#"[[1, [2, 3], null]]"#), r#"3"#);
        assert_eq!(output(&Length, r#"[[]]"#), r#"0"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Length, r#"[null]"#).contains(r#"must be an array"#));
        assert!(error(&Length, r#"["abc"]"#).contains(r#"must be an array"#));
    }
}
