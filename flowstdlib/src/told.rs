//! What functions tell a person about results that may surprise: see [`flowcore::notice`].

use flowcore::Value;
use flowcore::notice::{self, NoticeKind};
use std::fmt::Display;

/// Sends nothing, and tells that the result of `operation` has more than 64 bits.
#[cold]
pub(crate) fn overflow(operation: impl Display) -> Option<Value> {
    notice::leave(NoticeKind::LostValue, || {
        format!("{operation} is an integer of more than 64 bits, and nothing is sent")
    });
    None
}

/// Null, and tells that `operation` has no result.
#[cold]
pub(crate) fn no_result(operation: impl Display) -> Value {
    notice::leave(NoticeKind::Remark, || format!("{operation} has no result and gives null"));
    Value::Null
}

/// Tells something that may surprise.
#[cold]
pub(crate) fn remark(text: impl FnOnce() -> String) {
    notice::leave(NoticeKind::Remark, text);
}

/// A float as a value; where the operation has no finite result null, which is told.
#[inline]
pub(crate) fn float_or_null(float: f64, operation: impl FnOnce() -> String) -> Value {
    if float.is_finite() { Value::from(float) } else { no_result(operation()) }
}
