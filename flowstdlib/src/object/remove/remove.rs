//! An object without a member.

use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn remove(object: Arc<Object>, key: &str) -> Result<(Option<Value>, RunAgain)> {
    let mut object = object;
    if object.contains_key(key) {
        Arc::make_mut(&mut object).remove(key);
    }
    flow_output!(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_member_is_gone() {
        assert_eq!(output(&Remove, r#"[{"a": 1, "b": 2}, "a"]"#), r#"{"b":2}"#);
        assert_eq!(output(&Remove, r#"[{"a": 1}, "b"]"#), r#"{"a":1}"#);
        assert_eq!(output(&Remove, r#"[{}, "a"]"#), r#"{}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Remove, r#"[[1], "a"]"#).contains(r#"'object' must be an object"#));
        assert!(error(&Remove, r#"[{}, null]"#).contains(r#"'key' must be a string"#));
    }
}
