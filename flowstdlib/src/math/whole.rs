//! Integers of any kind, and floats that are whole.

use flowcore::{Number, Value};

/// Any integer of a `Number`, which has 64 bits signed or unsigned.
pub(crate) fn integer(number: Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// The integer as a value, if it fits in 64 bits.
pub(crate) fn fitting(integer: i128) -> Option<Value> {
    i64::try_from(integer).map(Value::from).or_else(|_| u64::try_from(integer).map(Value::from)).ok()
}

/// The integer as a value; as the nearest float where it does not fit in 64 bits.
pub(crate) fn value(integer: i128) -> Value {
    fitting(integer).unwrap_or_else(|| Value::from_f64(integer as f64))
}

/// A whole float as an integer, if that fits in 64 bits; else as it is.
pub(crate) fn whole(float: f64) -> Value {
    // The cast keeps to the range of i128, so floats beyond it do not fit either.
    fitting(float as i128).unwrap_or_else(|| Value::from_f64(float))
}

/// A number rounded to an integer, by this way of rounding floats.
pub(crate) fn rounded(number: Number, round: fn(f64) -> f64) -> Value {
    if number.is_float() { whole(round(number.as_f64())) } else { Value::from(number) }
}
