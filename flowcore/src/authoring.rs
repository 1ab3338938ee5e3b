//! What the author of a function uses: typed arguments, and [`flow_output!`](crate::flow_output).
//!
//! `#[flow_function]` of the crate `flowmacro` turns each input value into the type of the parameter it is for. Which
//! types those may be is not built into the attribute: it is every type that is [`FromValue`].

use crate::{FunctionError, Number, Object, Result, Value, value::ArcStr};
use std::cmp::Ordering;
use std::mem;
use std::sync::Arc;

/// A type that a function's parameter may have: what an input value can be taken as.
///
/// Nothing is converted but integers to floats: text that looks like a number is still text, and `1.0` is no integer.
///
/// | type | takes |
/// |---|---|
/// | `&Value`, `Value` | anything |
/// | `Number`, `&Number` | any number |
/// | `f64` | any number, as the nearest float |
/// | `i64`, `u64`, `usize` | an integer in the range of the type |
/// | `bool` | a boolean |
/// | `&str`, `ArcStr` | a string |
/// | `&[Value]`, `Arc<Vec<Value>>` | an array |
/// | `&Object`, `Arc<Object>` | an object |
/// | `Option<T>` | null, as `None`, or what `T` takes |
///
/// Types that hold their value, `Value` and `Arc` among them, take it out of the job where nobody else needs it. An array
/// that loops back is then held by the function alone, and `Arc::make_mut` changes it in place.
#[diagnostic::on_unimplemented(
    message = "a flow function cannot have a parameter of type `{Self}`",
    label = "not a type that an input value can be taken as",
    note = "possible are &Value, Value, Number, f64, i64, u64, usize, bool, &str, ArcStr, &[Value], &Object, \
            and Option of these where null is allowed"
)]
pub trait FromValue<'value>: Sized {
    /// What the value must be, with its article: `a number`. Part of the message when it is not.
    const EXPECTED: &'static str;

    /// The value as this type, or `None` where it is of another kind.
    fn from_value(value: &'value Value) -> Option<Self>;

    /// The value as this type, taken out of its place where the type holds it.
    ///
    /// # Errors
    ///
    /// Gives back a value of another kind.
    #[inline]
    fn take_value(value: &'value mut Value) -> std::result::Result<Self, &'value Value> {
        let value = &*value;
        Self::from_value(value).ok_or(value)
    }
}

/// The value of an input as the type of the parameter it is for.
///
/// `input` is the name of the input, or its position (from 0) where it has none. The value may be taken out of its place.
///
/// # Errors
///
/// [`FunctionError::InputKind`] when the value is not what the type takes.
///
/// ```
/// use flowcore::{Value, authoring::argument};
///
/// assert_eq!(argument::<f64>("size", &mut Value::from(3)).unwrap(), 3.0);
/// let error = argument::<i64>("size", &mut Value::from(3.5)).unwrap_err();
/// assert_eq!(error.to_string(), "input 'size' must be an integer but is number: 3.5");
/// ```
#[inline]
pub fn argument<'value, T: FromValue<'value>>(input: &'static str, value: &'value mut Value) -> Result<T> {
    T::take_value(value).map_err(|value| wrong_kind(input, T::EXPECTED, value))
}

/// The error for an input value, or a part of one, that a function cannot use.
///
/// `expected` completes the sentence "input 'x' must be ...".
#[cold]
pub fn wrong_kind(input: &'static str, expected: &'static str, found: &Value) -> FunctionError {
    FunctionError::InputKind { input: ArcStr::from(input), expected, found: found.clone() }
}

/// The error for a call with another number of values than the function declares inputs.
#[cold]
pub fn wrong_count(declared: usize, got: usize) -> FunctionError {
    FunctionError::InputCount { declared, got }
}

/// What a function gives back that has output and may run again.
///
/// One expression becomes the value of the unnamed output; `"name" => expression` pairs become an object of named
/// outputs, whose names cost no allocation and must differ. Expressions are anything that a [`Value`] can be made from.
///
/// ```
/// use flowcore::{Result, RunAgain, Value, flow_output};
///
/// fn half(number: f64) -> Result<(Option<Value>, RunAgain)> {
///     flow_output!(number / 2.0)
/// }
///
/// fn parity(number: i64) -> Result<(Option<Value>, RunAgain)> {
///     if number % 2 == 0 {
///         flow_output!("even" => number)
///     } else {
///         flow_output!("odd" => number, "next" => number + 1)
///     }
/// }
///
/// assert_eq!(half(5.0).unwrap(), (Some(Value::from(2.5)), true));
/// assert_eq!(parity(3).unwrap().0.unwrap().to_string(), r#"{"next":4,"odd":3}"#);
/// ```
#[macro_export]
macro_rules! flow_output {
    // First, because a parser that looks for a literal does not step back from an expression such as `-x`.
    ($value:expr $(,)?) => {
        Ok((Some($crate::Value::from($value)), $crate::RUN_AGAIN))
    };
    ($($name:literal => $value:expr),+ $(,)?) => {
        Ok((
            Some($crate::authoring::outputs(
                const { &$crate::authoring::swaps([$($name),+]) },
                [$(($crate::value::literal!($name), $crate::Value::from($value))),+],
            )),
            $crate::RUN_AGAIN,
        ))
    };
}

/// The steps that put names in ascending order: at step `n`, the name at place `n` and the one at the place given here
/// change places.
///
/// For [`flow_output!`](crate::flow_output), which asks when it is compiled; a name given twice is an error then.
#[doc(hidden)]
#[expect(clippy::indexing_slicing, reason = "constants have no iterators; every index is below N")]
pub const fn swaps<const N: usize>(mut names: [&str; N]) -> [usize; N] {
    let mut swaps = [0; N];
    let mut place = 0;
    while place < N {
        let mut least = place;
        let mut other = place + 1;
        while other < N {
            let order = compare(names[other].as_bytes(), names[least].as_bytes());
            assert!(order.is_ne(), "two outputs have the same name");
            if order.is_lt() {
                least = other;
            }
            other += 1;
        }
        names.swap(place, least);
        swaps[place] = least;
        place += 1;
    }
    swaps
}

/// What `Ord` says, which cannot be asked in constants.
const fn compare(mut one: &[u8], mut other: &[u8]) -> Ordering {
    loop {
        match (one, other) {
            ([], []) => return Ordering::Equal,
            ([], _) => return Ordering::Less,
            (_, []) => return Ordering::Greater,
            ([first, one_rest @ ..], [second, other_rest @ ..]) => {
                if *first != *second {
                    return if *first < *second { Ordering::Less } else { Ordering::Greater };
                }
                (one, other) = (one_rest, other_rest);
            }
        }
    }
}

/// An object of outputs, put in order by the [`swaps`] of their names.
///
/// For [`flow_output!`](crate::flow_output). The order is known when that is compiled, and so nothing is compared.
#[doc(hidden)]
#[inline]
pub fn outputs<const N: usize>(swaps: &'static [usize; N], mut outputs: [(ArcStr, Value); N]) -> Value {
    for (place, least) in swaps.iter().enumerate() {
        outputs.swap(place, *least);
    }
    Value::from(Object::from_ascending(outputs))
}

/// Types that take a value by one method of `Value`.
macro_rules! from_value {
    ($($type:ty: $expected:literal, $take:expr;)+) => {$(
        impl<'value> FromValue<'value> for $type {
            const EXPECTED: &'static str = $expected;

            #[inline]
            fn from_value(value: &'value Value) -> Option<Self> {
                // The annotation gives the closure its lifetimes.
                let take: fn(&'value Value) -> Option<Self> = $take;
                take(value)
            }
        }
    )+};
}

from_value! {
    &'value Value: "a value", Some;
    Number: "a number", Value::as_number;
    &'value Number: "a number", |value| match value {
        Value::Number(number) => Some(number),
        _ => None,
    };
    f64: "a number", Value::as_f64;
    i64: "an integer", Value::as_i64;
    u64: "an integer that is not negative", Value::as_u64;
    usize: "an integer that is not negative", |value| value.as_u64().and_then(|integer| integer.try_into().ok());
    bool: "a boolean", Value::as_bool;
    &'value str: "a string", Value::as_str;
    &'value [Value]: "an array", Value::as_array;
    &'value Object: "an object", Value::as_object;
}

/// Types that hold a value, by the pattern of it.
macro_rules! hold_value {
    ($($type:ty: $expected:literal, $held:pat => $inner:expr;)+) => {$(
        impl<'value> FromValue<'value> for $type {
            const EXPECTED: &'static str = $expected;

            #[inline]
            fn from_value(value: &'value Value) -> Option<Self> {
                match value.clone() {
                    $held => Some($inner),
                    _ => None,
                }
            }

            #[inline]
            fn take_value(value: &'value mut Value) -> std::result::Result<Self, &'value Value> {
                match mem::take(value) {
                    $held => Ok($inner),
                    other => {
                        *value = other;
                        Err(value)
                    }
                }
            }
        }
    )+};
}

hold_value! {
    ArcStr: "a string", Value::String(text) => text;
    Arc<Vec<Value>>: "an array", Value::Array(elements) => elements;
    Arc<Object>: "an object", Value::Object(members) => members;
}

impl FromValue<'_> for Value {
    const EXPECTED: &'static str = "a value";

    #[inline]
    fn from_value(value: &Value) -> Option<Value> {
        Some(value.clone())
    }

    #[inline]
    fn take_value(value: &mut Value) -> std::result::Result<Value, &Value> {
        Ok(mem::take(value))
    }
}

impl<'value, T: FromValue<'value>> FromValue<'value> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline]
    fn from_value(value: &'value Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }

    #[inline]
    fn take_value(value: &'value mut Value) -> std::result::Result<Self, &'value Value> {
        match value {
            Value::Null => Ok(None),
            value => T::take_value(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_takes_its_kind_and_nothing_else() {
        let text = &mut Value::from("7");
        assert_eq!(argument::<&str>("x", text).unwrap(), "7");
        assert!(argument::<f64>("x", text).is_err());
        assert!(argument::<bool>("x", &mut Value::from(1)).is_err());
        assert!(argument::<i64>("x", &mut Value::from(1.0)).is_err());
        assert!(argument::<u64>("x", &mut Value::from(-1)).is_err());
        assert!(argument::<&[Value]>("x", &mut Value::Null).is_err());
    }

    #[test]
    fn what_holds_its_value_takes_it_out_and_leaves_what_it_cannot_hold() {
        let mut array = Value::from(vec![1, 2]);
        let held: Arc<Vec<Value>> = argument("x", &mut array).unwrap();
        assert_eq!(Arc::strong_count(&held), 1);
        assert_eq!(array, Value::Null);
        let mut text = Value::from("seven");
        let error = argument::<Arc<Vec<Value>>>("x", &mut text).unwrap_err();
        assert!(error.to_string().ends_with(r#"is string: "seven""#), "{error}");
        assert_eq!(argument::<Option<ArcStr>>("x", &mut text).unwrap(), Some(ArcStr::from("seven")));
        assert_eq!(argument::<Option<ArcStr>>("x", &mut text).unwrap(), None);
        assert_eq!(<Arc<Vec<Value>>>::from_value(&Value::from(1)), None);
    }

    #[test]
    fn only_an_option_takes_null() {
        assert_eq!(argument::<Option<f64>>("x", &mut Value::Null).unwrap(), None);
        assert_eq!(argument::<Option<f64>>("x", &mut Value::from(2)).unwrap(), Some(2.0));
        assert!(argument::<Option<f64>>("x", &mut Value::from("2")).is_err());
        assert!(argument::<f64>("x", &mut Value::Null).is_err());
    }

    #[test]
    fn output_names_are_static_text() {
        let result: Result<_> = flow_output!("sum" => 1, "rest" => Value::Null);
        let (output, _) = result.unwrap();
        let output = output.unwrap();
        assert_eq!(output.to_string(), r#"{"rest":null,"sum":1}"#);
        assert!(output.as_object().unwrap().keys().all(ArcStr::is_static));
    }

    #[test]
    fn outputs_are_in_order_however_they_are_written() {
        // Object checks the order of what it is given here.
        let result: Result<_> = flow_output!("lte" => 1, "gt" => 2, "lt" => 3, "" => 4, "é" => 5, "e" => 6);
        let output = result.unwrap().0.unwrap();
        assert_eq!(output.to_string(), r#"{"":4,"e":6,"gt":2,"lt":3,"lte":1,"é":5}"#);
        let result: Result<_> = flow_output!("a" => 1, "b" => 2, "c" => 3);
        assert_eq!(result.unwrap().0.unwrap().to_string(), r#"{"a":1,"b":2,"c":3}"#);
    }

    #[test]
    #[should_panic(expected = "two outputs have the same name")]
    fn two_outputs_cannot_have_the_same_name() {
        swaps(["b", "a", "c", "b"]);
    }

    #[test]
    fn an_expression_may_begin_like_a_literal() {
        let size = 4;
        let result: Result<_> = flow_output!(-size);
        assert_eq!(result.unwrap(), (Some(Value::from(-4)), crate::RUN_AGAIN));
    }
}
