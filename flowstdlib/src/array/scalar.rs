//! The order of values that are neither arrays nor objects, and sums of them.

use crate::math::arithmetic::Operation;
use crate::math::order::exact;
use crate::told::{no_result, overflow};
use flowcore::authoring::wrong_kind;
use flowcore::{Number, RUN_AGAIN, Result, RunAgain, Value};
use std::cmp::{Ordering, Reverse};

/// A value that has a place in the order: null, then booleans, numbers and texts.
#[derive(Clone, Copy)]
pub(crate) enum Scalar<'value> {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'value str),
}

impl<'value> Scalar<'value> {
    /// The scalar that an element of an input is.
    pub(crate) fn of(input: &'static str, value: &'value Value) -> Result<Scalar<'value>> {
        match value {
            Value::Null => Ok(Scalar::Null),
            Value::Bool(truth) => Ok(Scalar::Bool(*truth)),
            Value::Number(number) => Ok(Scalar::Number(*number)),
            Value::String(text) => Ok(Scalar::Text(text)),
            other => Err(wrong_kind(
                input,
                "an array whose elements are each a number, text, boolean or null, but one",
                other,
            )),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Scalar::Null => 0,
            Scalar::Bool(_) => 1,
            Scalar::Number(_) => 2,
            Scalar::Text(_) => 3,
        }
    }
}

impl Ord for Scalar<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Scalar::Bool(one), Scalar::Bool(other)) => one.cmp(other),
            (Scalar::Number(one), Scalar::Number(other)) => exact(*one, *other),
            (Scalar::Text(one), Scalar::Text(other)) => one.cmp(other),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Scalar<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scalar<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Scalar<'_> {}

/// An array of these values in the order of their keys; those of the same key stay in their order.
pub(crate) fn sorted(mut keyed: Vec<(Scalar<'_>, &Value)>, descending: bool) -> Value {
    if descending {
        keyed.sort_by_key(|(key, _)| Reverse(*key));
    } else {
        keyed.sort_by_key(|(key, _)| *key);
    }
    keyed.into_iter().map(|(_, value)| value.clone()).collect()
}

/// All numbers of an array brought together by one operation, whose result is called `name`.
pub(crate) fn folded(
    array: &[Value],
    start: i64,
    operation: &Operation,
    name: &str,
) -> Result<(Option<Value>, RunAgain)> {
    let mut total = Number::from(start);
    for element in array {
        let number =
            element.as_number().ok_or_else(|| wrong_kind("0", "an array of numbers, but one", element))?;
        total = match operation.apply(total, number) {
            Some(Value::Number(next)) => next,
            Some(_) => return Ok((Some(no_result(format_args!("the {name} of an array"))), RUN_AGAIN)),
            None => return Ok((overflow(format_args!("the {name} of an array")), RUN_AGAIN)),
        };
    }
    Ok((Some(Value::from(total)), RUN_AGAIN))
}
