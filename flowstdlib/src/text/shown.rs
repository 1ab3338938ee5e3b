//! How values look inside a text.

use flowcore::Value;
use std::borrow::Cow;
use std::slice;

/// Text as it is, null as nothing, any other value as its JSON text.
pub(crate) fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

/// The elements of an array; any other value is the only one.
pub(crate) fn parts(value: &Value) -> &[Value] {
    value.as_array().unwrap_or(slice::from_ref(value))
}
