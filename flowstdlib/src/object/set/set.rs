//! An object with a member added or replaced.

use flowcore::value::ArcStr;
use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn set(object: Arc<Object>, key: ArcStr, value: Value) -> Result<(Option<Value>, RunAgain)> {
    let mut object = object;
    // Without a copy, where nobody else holds the object.
    Arc::make_mut(&mut object).insert(key, value);
    flow_output!(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn a_member_is_added_or_replaced() {
        assert_eq!(output(&Set, r#"[{}, "ä", [1]]"#), r#"{"ä":[1]}"#);
        assert_eq!(output(&Set, r#"[{"a": 1, "b": 2}, "a", null]"#), r#"{"a":null,"b":2}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Set, r#"[null, "a", 1]"#).contains(r#"'object' must be an object"#));
        assert!(error(&Set, r#"[{}, 1, 1]"#).contains(r#"'key' must be a string"#));
    }
}
