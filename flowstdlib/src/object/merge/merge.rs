//! The members of two objects in one.

use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn merge(object: Arc<Object>, other: &Object) -> Result<(Option<Value>, RunAgain)> {
    let mut object = object;
    Arc::make_mut(&mut object).extend(other.iter().map(|(key, value)| (key.clone(), value.clone())));
    flow_output!(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn members_of_the_other_replace() {
        assert_eq!(
            output(&Merge, r#"[{"a": 1, "b": {"x": 1}}, {"b": {"y": 2}, "c": 3}]"#),
            r#"{"a":1,"b":{"y":2},"c":3}"#
        );
        assert_eq!(output(&Merge, r#"[{}, {}]"#), r#"{}"#);
        assert_eq!(output(&Merge, r#"[{"a": 1}, {}]"#), r#"{"a":1}"#);
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        assert!(error(&Merge, r#"[{}, null]"#).contains(r#"'other' must be an object"#));
    }
}
