//! How an input gets values that no connection brings.

use crate::Value;
use serde::{Deserialize, Serialize};

/// A value given to an input by the flow that uses the function.
///
/// In JSON: an object with exactly one member, `{"once": 1}` or `{"always": 1}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Initializer {
    /// Delivered at the start; an array for an input of lower order is delivered element by element, the next one
    /// each time the flow goes idle.
    Once(Value),
    /// Present for every job of the function.
    Always(Value),
}

impl Initializer {
    /// The value, whichever the kind.
    pub fn value(&self) -> &Value {
        match self {
            Initializer::Once(value) | Initializer::Always(value) => value,
        }
    }

    /// The same kind of initializer with another value.
    #[must_use]
    pub fn with_value(&self, value: Value) -> Initializer {
        match self {
            Initializer::Once(_) => Initializer::Once(value),
            Initializer::Always(_) => Initializer::Always(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_exactly_one_member() {
        let read = |text: &str| serde_json::from_str::<Initializer>(text);
        assert_eq!(read(r#"{"once":[1,2]}"#).unwrap(), Initializer::Once(vec![1, 2].into()));
        assert_eq!(read(r#"{"always":null}"#).unwrap(), Initializer::Always(Value::Null));
        assert!(read(r#"{"once":1,"always":2}"#).is_err());
        assert!(read(r#"{"Once":1}"#).is_err());
        assert!(read("{}").is_err());
        assert!(read("5").is_err());
    }
}
