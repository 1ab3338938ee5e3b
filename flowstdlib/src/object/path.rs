//! Keys that lead to a part of a value.

use flowcore::authoring::wrong_kind;
use flowcore::value::Pointer;
use flowcore::{Result, Value};
use std::slice;

/// The part of `value` that a key leads to, if there is one.
///
/// A key is the name of a member, the position of an element, an array of keys, or a JSON pointer.
///
/// # Errors
///
/// Fails where the key is of another kind.
pub(crate) fn find<'value>(value: &'value Value, key: &Value) -> Result<Option<&'value Value>> {
    let steps = key.as_array().unwrap_or(slice::from_ref(key));
    let mut part = Some(value);
    for step in steps {
        part = match step {
            Value::String(name) => part.and_then(|part| by_name(part, name)),
            Value::Number(number) => {
                let index = number.as_i64().ok_or_else(|| wrong(key))?;
                part.and_then(|part| part.at(usize::try_from(index).ok()?))
            }
            _ => return Err(wrong(key)),
        };
    }
    Ok(part)
}

fn by_name<'value>(value: &'value Value, name: &str) -> Option<&'value Value> {
    let member = value.get(name);
    if member.is_none() && name.starts_with('/') { Pointer::parse(name).select(value) } else { member }
}

fn wrong(key: &Value) -> flowcore::FunctionError {
    wrong_kind("key", "a name, a position, or an array of these", key)
}
