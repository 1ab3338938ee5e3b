//! Whether an array has an element.

use crate::equality::same;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn contains(array: &[Value], value: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(array.iter().any(|element| same(element, value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn values_of_any_kind_are_found() {
        assert_eq!(output(&Contains, r#"[[1, [2], null], [2.0]]"#), r#"true"#);
        assert_eq!(output(&Contains, r#"[[1, [2], null], null]"#), r#"true"#);
        assert_eq!(output(&Contains, r#"[[1], 2]"#), r#"false"#);
        assert_eq!(output(&Contains, r#"[[], null]"#), r#"false"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Contains, r#"[1, 1]"#).contains(r#"'array' must be an array"#));
    }
}
