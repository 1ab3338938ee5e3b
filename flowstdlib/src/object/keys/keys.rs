//! The names of the members of an object.

use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn keys(object: &Object) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(object.keys().cloned().collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn names_are_in_order() {
        assert_eq!(output(&Keys, r#"[{"b": 1, "a": 2}]"#), r#"["a","b"]"#);
        assert_eq!(output(&Keys, r#"[{}]"#), r#"[]"#);
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        assert!(error(&Keys, r#"[null]"#).contains(r#"must be an object"#));
    }
}
