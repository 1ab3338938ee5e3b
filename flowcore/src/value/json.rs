//! Values as JSON text, and as anything else that serde reads and writes.

use super::{ArcStr, Elements, Number, Object, Value};
use serde_core::de::{self, MapAccess, SeqAccess, Visitor};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Text that is not one JSON value; says where and why.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ParseError(#[from] serde_json::Error);

/// Reads JSON text. Arrays and objects may nest 128 deep.
impl FromStr for Value {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Value, ParseError> {
        Ok(serde_json::from_str(text)?)
    }
}

/// Writes compact JSON text: no blanks, members in ascending order of their keys.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => formatter.write_str("null"),
            Value::Bool(truth) => truth.fmt(formatter),
            Value::Number(number) => number.fmt(formatter),
            Value::String(_) | Value::Array(_) | Value::Object(_) => match serde_json::to_string(self) {
                Ok(text) => formatter.write_str(&text),
                Err(_) => Err(fmt::Error),
            },
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Number(number) => number.serialize(serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(elements) => serializer.collect_seq(elements.iter()),
            Value::Object(members) => {
                serializer.collect_map(members.iter().map(|(key, value)| (key.as_str(), value)))
            }
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(integer) = self.as_i64() {
            serializer.serialize_i64(integer)
        } else if let Some(integer) = self.as_u64() {
            serializer.serialize_u64(integer)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: de::Error>(self, integer: i64) -> Result<Value, E> {
        Ok(Value::from(integer))
    }

    fn visit_u64<E: de::Error>(self, integer: u64) -> Result<Value, E> {
        Ok(Value::from(integer))
    }

    fn visit_f64<E: de::Error>(self, float: f64) -> Result<Value, E> {
        Ok(Value::from_f64(float))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Elements::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Value::Array(Arc::new(array)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Vec::new();
        while let Some((key, value)) = members.next_entry::<std::borrow::Cow<'de, str>, Value>()? {
            object.push((ArcStr::from(key.as_ref()), value));
        }
        Ok(Value::from(Object::from(object)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_compact_and_sorted() {
        let value: Value = r#" { "b" : [ 1 , 2.50, -0 ], "a" : "\u00e9\n" } "#.parse().unwrap();
        assert_eq!(value.to_string(), r#"{"a":"é\n","b":[1,2.5,-0.0]}"#);
    }

    #[test]
    fn of_members_of_the_same_name_the_last_one_counts() {
        let value: Value = r#"{"b":1,"a":2,"b":3,"a":4,"b":5}"#.parse().unwrap();
        assert_eq!(value.to_string(), r#"{"a":4,"b":5}"#);
    }

    #[test]
    fn integers_beyond_64_bits_become_floats() {
        assert_eq!("18446744073709551615".parse::<Value>().unwrap(), Value::from(u64::MAX));
        assert_eq!("18446744073709551616".parse::<Value>().unwrap().to_string(), "1.8446744073709552e+19");
    }

    #[test]
    fn what_is_not_one_value_is_an_error_with_a_place() {
        let error = "[1, 2".parse::<Value>().unwrap_err();
        assert!(error.to_string().contains("line 1 column 5"), "{error}");
        assert!("1 2".parse::<Value>().is_err());
        assert!("[".repeat(200).parse::<Value>().is_err());
    }
}
