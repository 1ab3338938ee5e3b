//! An object made of names and values.

use flowcore::authoring::wrong_kind;
use flowcore::value::ArcStr;
use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn make(keys: &Value, values: &Value) -> Result<(Option<Value>, RunAgain)> {
    if let Value::String(key) = keys {
        return flow_output!(Object::from_iter([(key.clone(), values.clone())]));
    }
    let names = keys.as_array().and_then(|keys| keys.iter().map(name).collect::<Option<Vec<_>>>());
    let names = names.ok_or_else(|| wrong_kind("keys", "a name or an array of names", keys))?;
    match values.as_array() {
        Some(values) if values.len() == names.len() => {
            flow_output!(names.into_iter().zip(values.iter().cloned()).collect::<Object>())
        }
        _ => Err(wrong_kind("values", "an array of as many values as there are keys", values)),
    }
}

fn name(key: &Value) -> Option<ArcStr> {
    match key {
        Value::String(key) => Some(key.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn names_and_values_become_members() {
        assert_eq!(output(&Make, r#"[["b", "a"], [1, [2]]]"#), r#"{"a":[2],"b":1}"#);
        assert_eq!(output(&Make, r#"["a", [1, 2]]"#), r#"{"a":[1,2]}"#);
        assert_eq!(output(&Make, r#"["a", null]"#), r#"{"a":null}"#);
        assert_eq!(output(&Make, r#"[[], []]"#), r#"{}"#);
    }

    #[test]
    fn what_does_not_match_is_an_error() {
        assert!(
            error(&Make, r#"[["a"], [1, 2]]"#).contains(r#"'values' must be an array of as many values"#)
        );
        assert!(error(&Make, r#"[["a"], 1]"#).contains(r#"'values' must be an array"#));
        assert!(error(&Make, r#"[[1], [1]]"#).contains(r#"'keys' must be a name"#));
        assert!(error(&Make, r#"[null, []]"#).contains(r#"'keys' must be a name"#));
    }
}
