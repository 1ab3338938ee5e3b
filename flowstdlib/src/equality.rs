//! When two values are the same.

use crate::math::order::exact;
use flowcore::Value;
use std::sync::Arc;

/// Whether two values are the same: of the same kind, numbers of the same size (`2` and `2.0` are), arrays and objects
/// of the same elements and members.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    let mut pending = Vec::new();
    let mut next = Some((left, right));
    while let Some(pair) = next {
        match pair {
            (Value::Number(left), Value::Number(right)) if exact(*left, *right).is_eq() => {}
            (Value::Array(left), Value::Array(right)) if Arc::ptr_eq(left, right) => {}
            (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                pending.extend(left.iter().zip(right.iter()));
            }
            (Value::Object(left), Value::Object(right)) if left.keys().eq(right.keys()) => {
                pending.extend(left.values().zip(right.values()));
            }
            (Value::Null, Value::Null) => {}
            (Value::Bool(left), Value::Bool(right)) if left == right => {}
            (Value::String(left), Value::String(right)) if left == right => {}
            _ => return false,
        }
        next = pending.pop();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_size_wherever_they_are() {
        let same = |left: &str, right: &str| same(&left.parse().unwrap(), &right.parse().unwrap());
        assert!(same("2", "2.0"));
        assert!(same(r#"{"a":[1,[2]]}"#, r#"{"a":[1.0,[2]]}"#));
        assert!(!same("9007199254740993", "9007199254740992.0"));
        assert!(!same("[1,2]", "[1]"));
        assert!(!same(r#"{"a":1}"#, r#"{"b":1}"#));
        assert!(!same("null", "false"));
        assert!(!same("0", r#""0""#));
        assert!(same("[]", "[]"));
    }
}
