//! Values as bytes: a tag, then what the tag calls for.

use super::bytes::{DecodeError, Reader, put_integer, put_length, put_text};
use crate::value::{ArcStr, Object};
use crate::{Elements, Number, Value};
use std::sync::Arc;

/// How deep a value may nest that is sent: deeper than JSON text, and shallow enough for the stack of any thread.
pub const DEEPEST: usize = 512;

/// What is wrong with a value that [`nests_too_deeply`], in words.
pub const TOO_DEEP: &str = "nests more than 512 levels deep, too deep to travel";

/// Whether nobody would read that value if it were sent.
pub fn nests_too_deeply(value: &Value) -> bool {
    nests_deeper(value, DEEPEST)
}

/// Whether a value nests more than so many levels.
pub(crate) fn nests_deeper(value: &Value, levels: usize) -> bool {
    let is_nested = |value: &Value| matches!(value, Value::Array(_) | Value::Object(_));
    // Most are not nested, and cost no call.
    let inner =
        |value| is_nested(value) && levels.checked_sub(1).is_none_or(|levels| nests_deeper(value, levels));
    match value {
        Value::Array(elements) => levels == 0 || elements.iter().any(inner),
        Value::Object(members) => levels == 0 || members.iter().any(|(_, member)| inner(member)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

mod tag {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    /// Not negative, as it is.
    pub(super) const POSITIVE: u8 = 3;
    /// Negative, as its complement.
    pub(super) const NEGATIVE: u8 = 4;
    pub(super) const FLOAT: u8 = 5;
    pub(super) const STRING: u8 = 6;
    pub(super) const ARRAY: u8 = 7;
    pub(super) const OBJECT: u8 = 8;
}

/// Appends a value, however deep it nests.
pub fn put_value(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(tag::NULL),
        Value::Bool(false) => bytes.push(tag::FALSE),
        Value::Bool(true) => bytes.push(tag::TRUE),
        Value::Number(number) => put_number(bytes, *number),
        Value::String(text) => {
            bytes.push(tag::STRING);
            put_text(bytes, text);
        }
        Value::Array(elements) => {
            bytes.push(tag::ARRAY);
            put_length(bytes, elements.len());
            for element in elements.iter() {
                put_value(bytes, element);
            }
        }
        Value::Object(members) => {
            bytes.push(tag::OBJECT);
            put_length(bytes, members.len());
            for (key, member) in members.iter() {
                put_text(bytes, key);
                put_value(bytes, member);
            }
        }
    }
}

fn put_number(bytes: &mut Vec<u8>, number: Number) {
    if let Some(integer) = number.as_u64() {
        bytes.push(tag::POSITIVE);
        put_integer(bytes, integer);
    } else if let Some(integer) = number.as_i64() {
        bytes.push(tag::NEGATIVE);
        put_integer(bytes, !integer as u64);
    } else {
        bytes.push(tag::FLOAT);
        bytes.extend_from_slice(&number.as_f64().to_le_bytes());
    }
}

/// Reads a value.
///
/// # Errors
///
/// Fails on bytes that are none, and on a value that nests more than [`DEEPEST`] levels.
pub fn read_value(reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    read_nested(reader, DEEPEST)
}

/// Room is made for so many elements at once, and for more only when they come: what is nested could otherwise ask for far
/// more memory than it has bytes.
const FEW: usize = 32;

/// What text, an array or an object takes beside what is in it, about.
const OVERHEAD: usize = 80;

fn read_nested(reader: &mut Reader<'_>, levels: usize) -> Result<Value, DecodeError> {
    let inner = || levels.checked_sub(1).ok_or(DecodeError::Depth);
    Ok(match reader.byte()? {
        tag::NULL => Value::Null,
        tag::FALSE => Value::Bool(false),
        tag::TRUE => Value::Bool(true),
        tag::POSITIVE => Value::from(reader.integer()?),
        tag::NEGATIVE => {
            let complement = i64::try_from(reader.integer()?).map_err(|_| DecodeError::IntegerRange)?;
            Value::from(!complement)
        }
        tag::FLOAT => {
            let bytes = reader.take(8)?.try_into().map_err(|_| DecodeError::Truncated)?;
            Value::from_f64(f64::from_le_bytes(bytes))
        }
        tag::STRING => {
            let text = reader.text()?;
            reader.occupy(OVERHEAD + text.len())?;
            Value::from(text)
        }
        tag::ARRAY => {
            let levels = inner()?;
            let count = reader.count()?;
            reader.occupy(OVERHEAD + count.saturating_mul(size_of::<Value>()))?;
            let mut elements = Elements::with_capacity(count.min(FEW));
            for _ in 0..count {
                elements.push(read_nested(reader, levels)?);
            }
            Value::Array(Arc::new(elements))
        }
        tag::OBJECT => {
            let levels = inner()?;
            let count = reader.count()?;
            reader.occupy(OVERHEAD + count.saturating_mul(size_of::<(ArcStr, Value)>() + OVERHEAD))?;
            let mut members = Vec::with_capacity(count.min(FEW));
            for _ in 0..count {
                let key = ArcStr::from(reader.text()?);
                members.push((key, read_nested(reader, levels)?));
            }
            Value::from(Object::from(members))
        }
        tag => return Err(DecodeError::UnknownTag { what: "value", tag }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec((".*", inner), 0..8).prop_map(Value::object),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_survive_the_round_trip(value in values()) {
            let mut bytes = Vec::new();
            put_value(&mut bytes, &value);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(read_value(&mut reader), Ok(value));
            prop_assert_eq!(reader.end(), Ok(()));
        }

        #[test]
        fn any_bytes_are_a_value_or_an_error(bytes: Vec<u8>) {
            read_value(&mut Reader::new(&bytes)).ok();
        }

        #[test]
        fn a_value_cut_short_is_an_error(value in values(), cut in 1..100_usize) {
            let mut bytes = Vec::new();
            put_value(&mut bytes, &value);
            bytes.truncate(bytes.len().saturating_sub(cut));
            prop_assert_eq!(read_value(&mut Reader::new(&bytes)), Err(DecodeError::Truncated));
        }
    }

    #[test]
    fn the_smallest_and_the_largest_numbers() {
        for value in [Value::from(i64::MIN), Value::from(i64::MAX), Value::from(u64::MAX), Value::from(-0.0)]
        {
            let mut bytes = Vec::new();
            put_value(&mut bytes, &value);
            assert_eq!(read_value(&mut Reader::new(&bytes)).unwrap().to_string(), value.to_string());
        }
    }

    #[test]
    fn values_take_no_more_memory_than_they_may() {
        let short = Value::from("x".repeat(100));
        let nothing = Value::from(Vec::<Value>::new());
        for value in [vec![Value::Null; 1000], vec![nothing; 250], vec![short; 100]].map(Value::from) {
            let mut bytes = Vec::new();
            put_value(&mut bytes, &value);
            assert_eq!(read_value(&mut Reader::within(&bytes, 10_000)), Err(DecodeError::Room));
            assert_eq!(read_value(&mut Reader::within(&bytes, 25_000)), Ok(value));
        }
    }

    #[test]
    fn what_fits_is_what_is_accepted() {
        for (depth, accepted) in [(DEEPEST, true), (DEEPEST + 1, false)] {
            let value = (0..depth).fold(Value::from(1), |inner, _| Value::from(vec![inner]));
            assert_eq!(!nests_too_deeply(&value), accepted);
            let mut bytes = Vec::new();
            put_value(&mut bytes, &value);
            assert_eq!(read_value(&mut Reader::new(&bytes)).is_ok(), accepted);
        }
    }

    #[test]
    fn a_bomb_of_nested_arrays_is_refused() {
        let bytes = [tag::ARRAY, 1].repeat(100_000);
        assert_eq!(read_value(&mut Reader::new(&bytes)), Err(DecodeError::Depth));
    }

    #[test]
    fn a_count_beyond_the_frame_is_refused() {
        let mut bytes = vec![tag::ARRAY];
        put_integer(&mut bytes, u64::MAX);
        assert_eq!(read_value(&mut Reader::new(&bytes)), Err(DecodeError::Truncated));
    }
}
