//! Removes a value from an array.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn remove(value: &Value, array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(array.iter().filter(|element| *element != value).cloned().collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn all_equal_elements_are_removed() {
        assert_eq!(output(&Remove, "[2, [1, 2, 3, 2]]"), "[1,3]");
        assert_eq!(output(&Remove, "[2, [1, 2.0]]"), "[1,2.0]");
        assert_eq!(output(&Remove, "[2, []]"), "[]");
        assert_eq!(output(&Remove, r#"[null, [null, "a"]]"#), r#"["a"]"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Remove, "[2, 2]").contains("'array' must be an array"));
    }
}
