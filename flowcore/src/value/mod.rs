//! The data that travels in a flow.
//!
//! A [`Value`] is a JSON value that is cheap to clone: numbers and booleans are copied, text, arrays and objects are
//! reference counted. A value sent to a hundred functions therefore exists once in a process, however large it is.
//!
//! ```
//! use flowcore::Value;
//!
//! let row = Value::from(vec![1, 2, 3]);
//! let also_row = row.clone(); // one more reference to the same elements
//! assert_eq!(row, also_row);
//! assert_eq!(row.to_string(), "[1,2,3]");
//! assert_eq!(row.array_order(), 1);
//! ```

mod json;
mod number;
mod object;
mod pointer;
mod serde_json;

use smallvec::SmallVec;
use std::sync::Arc;

pub use arcstr::{ArcStr, literal};
pub use json::ParseError;
pub use number::Number;
pub use object::{Iter, Object};
pub use pointer::{Pointer, Step};

/// One JSON value, cheap to clone.
///
/// Equality is structural, and a whole float is not the integer of the same size: `2` and `2.0` differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// JSON `null`: a value like any other, and not the same as no value.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer or a float.
    Number(Number),
    /// Text.
    String(ArcStr),
    /// A sequence of values, possibly of different kinds.
    Array(Arc<Elements>),
    /// Named values.
    Object(Arc<Object>),
}

/// The elements of an array, used like a vector. As many as a point or a colour has lie beside their number, so that a
/// small array is one block of memory.
pub type Elements = SmallVec<[Value; 3]>;

impl Value {
    /// A value for a float, or null where JSON has no number for it (not a number, infinite).
    pub fn from_f64(float: f64) -> Value {
        Number::from_f64(float).map_or(Value::Null, Value::Number)
    }

    /// An object of these members, later ones replacing earlier ones of the same name.
    pub fn object<K: Into<ArcStr>>(members: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Object(Arc::new(members.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }

    /// How deeply arrays nest, judged by first elements only: 0 for anything but an array, 1 for an empty array,
    /// else one more than the first element's order.
    ///
    /// Delivery compares this with the order of the input (`manifest` section "order of a value").
    pub fn array_order(&self) -> u32 {
        let mut order = 0;
        let mut value = self;
        while let Value::Array(elements) = value {
            order += 1;
            match elements.first() {
                Some(first) => value = first,
                None => break,
            }
        }
        order
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<Number> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The number as a signed integer, if it is an integer in that range; floats never are.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The number as an unsigned integer, if it is an integer in that range; floats never are.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number().and_then(Number::as_u64)
    }

    /// Any number as a float; integers beyond 2^53 lose precision.
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number().map(Number::as_f64)
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of that name, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }

    /// The element at that place, if this is an array that long.
    pub fn at(&self, index: usize) -> Option<&Value> {
        self.as_array()?.get(index)
    }

    /// What kind of value this is, in the words of the type notation: `null`, `boolean`, `number`, `string`,
    /// `array` or `object`.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Value {
        Value::Number(number)
    }
}

impl From<i32> for Value {
    fn from(integer: i32) -> Value {
        Value::Number(Number::from(i64::from(integer)))
    }
}

impl From<u32> for Value {
    fn from(integer: u32) -> Value {
        Value::Number(Number::from(i64::from(integer)))
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Value {
        Value::Number(Number::from(integer))
    }
}

impl From<u64> for Value {
    fn from(integer: u64) -> Value {
        Value::Number(Number::from(integer))
    }
}

impl From<usize> for Value {
    fn from(integer: usize) -> Value {
        // usize is at most 64 bits wide on every platform Rust supports.
        Value::from(integer as u64)
    }
}

/// Not a number and the infinities become null, as [`Value::from_f64`] says.
impl From<f64> for Value {
    fn from(float: f64) -> Value {
        Value::from_f64(float)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text.into())
    }
}

impl From<ArcStr> for Value {
    fn from(text: ArcStr) -> Value {
        Value::String(text)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Value {
        elements.into_iter().collect()
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Value {
        let elements = elements.into_iter().map(Into::into);
        let is_small = elements.size_hint().0 <= Elements::new().inline_size();
        // A vector takes no more memory than it needs.
        Value::Array(Arc::new(if is_small { elements.collect() } else { Vec::from_iter(elements).into() }))
    }
}

impl From<Object> for Value {
    fn from(members: Object) -> Value {
        Value::Object(Arc::new(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_two_words() {
        // Queues hold millions of them; text, arrays and objects are thin pointers for this reason.
        assert_eq!(size_of::<Value>(), 16);
    }

    #[test]
    fn order_looks_at_first_elements_only() {
        let order = |text: &str| text.parse::<Value>().unwrap().array_order();
        assert_eq!(order("5"), 0);
        assert_eq!(order("null"), 0);
        assert_eq!(order(r#"{"a":[1]}"#), 0);
        assert_eq!(order("[]"), 1);
        assert_eq!(order("[1,[2]]"), 1);
        assert_eq!(order("[[1],2]"), 2);
        assert_eq!(order("[[[]]]"), 3);
    }

    #[test]
    fn whole_floats_are_not_integers() {
        assert_ne!(Value::from(2), Value::from(2.0));
        assert_eq!(Value::from(2.0).as_i64(), None);
        assert_eq!(Value::from(2).as_f64(), Some(2.0));
    }

    #[test]
    fn floats_that_json_cannot_write_are_null() {
        assert_eq!(Value::from(f64::NAN), Value::Null);
        assert_eq!(Value::from(f64::INFINITY), Value::Null);
    }
}
