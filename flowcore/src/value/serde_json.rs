//! Values and numbers as those of the crate `serde_json`, in which many functions are written, and back.

use super::{ArcStr, Number, Object, Value};
use std::sync::Arc;

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Value {
        match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(truth) => Value::Bool(truth),
            serde_json::Value::Number(number) => Value::from(number),
            serde_json::Value::String(text) => Value::from(text),
            serde_json::Value::Array(elements) => Value::from(elements),
            serde_json::Value::Object(members) => Value::from(members),
        }
    }
}

/// Numbers that have no place in 64 bits, which only exist where `serde_json` keeps their digits, become null.
impl From<serde_json::Number> for Value {
    fn from(number: serde_json::Number) -> Value {
        if let Some(integer) = number.as_i64() {
            Value::from(integer)
        } else if let Some(integer) = number.as_u64() {
            Value::from(integer)
        } else {
            number.as_f64().map_or(Value::Null, Value::from_f64)
        }
    }
}

impl From<serde_json::Map<String, serde_json::Value>> for Value {
    fn from(members: serde_json::Map<String, serde_json::Value>) -> Value {
        let members = members.into_iter().map(|(key, member)| (ArcStr::from(key), Value::from(member)));
        Value::Object(Arc::new(Object::from_iter(members)))
    }
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> serde_json::Value {
        serde_json::Value::from(&value)
    }
}

/// Copies: text, arrays and objects of `serde_json` cannot be shared.
impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(truth) => serde_json::Value::Bool(*truth),
            Value::Number(number) => serde_json::Value::Number(serde_json::Number::from(*number)),
            Value::String(text) => serde_json::Value::String(text.as_str().to_owned()),
            Value::Array(elements) => {
                serde_json::Value::Array(elements.iter().map(serde_json::Value::from).collect())
            }
            Value::Object(members) => serde_json::Value::Object(serde_json::Map::from(&**members)),
        }
    }
}

impl From<&Object> for serde_json::Map<String, serde_json::Value> {
    fn from(members: &Object) -> serde_json::Map<String, serde_json::Value> {
        members
            .iter()
            .map(|(key, member)| (key.as_str().to_owned(), serde_json::Value::from(member)))
            .collect()
    }
}

impl From<Number> for serde_json::Number {
    fn from(number: Number) -> serde_json::Number {
        if let Some(integer) = number.as_i64() {
            serde_json::Number::from(integer)
        } else if let Some(integer) = number.as_u64() {
            serde_json::Number::from(integer)
        } else {
            // Never zero in its place: every float of ours is finite.
            serde_json::Number::from_f64(number.as_f64()).unwrap_or_else(|| serde_json::Number::from(0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_survive_both_ways() {
        let theirs = json!({
            "a": [null, true, -7, u64::MAX, 2.5, 3.0, "text", []],
            "b": {"": {}, "é": [[1]]},
        });
        let ours = Value::from(theirs.clone());
        assert_eq!(ours.to_string(), theirs.to_string());
        assert_eq!(serde_json::Value::from(&ours), theirs);
        assert_eq!(serde_json::Value::from(ours), theirs);
    }

    #[test]
    fn the_kind_of_a_number_is_kept() {
        for text in ["0", "-1", "9223372036854775808", "2.0", "-0.0", "1e300"] {
            let theirs: serde_json::Number = text.parse().unwrap();
            let ours = Value::from(theirs.clone());
            assert_eq!(ours, text.parse().unwrap(), "{text}");
            assert_eq!(serde_json::Number::from(ours.as_number().unwrap()), theirs, "{text}");
        }
    }
}
