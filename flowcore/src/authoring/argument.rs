//! Input values as the types of parameters.

use crate::{Elements, FunctionError, Number, Object, Result, Value, value::ArcStr};
use std::borrow::Cow;
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
/// | `&str`, `ArcStr`, `String` | a string |
/// | `&[Value]`, `Arc<Elements>` | an array |
/// | `&Object`, `Arc<Object>` | an object |
/// | `Option<T>` | null, as `None`, or what `T` takes |
///
/// `Value` and `Number` may be those of `serde_json` as well, and its `Map` takes an object.
///
/// Types that hold their value, `Value` and `Arc` among them, take it out of the job where nobody else needs it. An array
/// that loops back is then held by the function alone, and `Arc::make_mut` changes it in place.
#[diagnostic::on_unimplemented(
    message = "a flow function cannot have a parameter of type `{Self}`",
    label = "not a type that an input value can be taken as",
    note = "possible are &Value, Value, Number, f64, i64, u64, usize, bool, &str, String, ArcStr, &[Value], &Object, \
            and Option of these where null is allowed"
)]
pub trait FromValue<'value>: Sized {
    /// What the value must be, with its article: `a number`. Part of the message when it is not.
    const EXPECTED: &'static str;

    /// Where there is what the type refers to, if that is made of the value and not the value itself. Mostly nothing.
    type Place: Default;

    /// The value as this type, taken out of its place in the job where the type holds it.
    ///
    /// # Errors
    ///
    /// Gives back a value of another kind.
    fn from_value(
        value: &'value mut Value,
        place: &'value mut Self::Place,
    ) -> std::result::Result<Self, &'value Value>;
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
/// assert_eq!(argument::<f64>("size", &mut Value::from(3), &mut ()).unwrap(), 3.0);
/// let error = argument::<i64>("size", &mut Value::from(3.5), &mut ()).unwrap_err();
/// assert_eq!(error.to_string(), "input 'size' must be an integer but is number: 3.5");
/// ```
#[inline]
pub fn argument<'value, T: FromValue<'value>>(
    input: &'static str,
    value: &'value mut Value,
    place: &'value mut T::Place,
) -> Result<T> {
    T::from_value(value, place).map_err(|value| wrong_kind(input, T::EXPECTED, value))
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

/// A type of which a function that takes all its inputs as one, `inputs: &[Value]`, may want them to be.
#[diagnostic::on_unimplemented(
    message = "a flow function cannot take its inputs as `&[{Self}]`",
    label = "possible are flowcore::Value and serde_json::Value"
)]
pub trait InputValue: Clone {
    /// The input values as this type, copied only where it is another one.
    fn all(values: &[Value]) -> Cow<'_, [Self]>;
}

impl InputValue for Value {
    #[inline]
    fn all(values: &[Value]) -> Cow<'_, [Value]> {
        Cow::Borrowed(values)
    }
}

impl InputValue for serde_json::Value {
    fn all(values: &[Value]) -> Cow<'_, [serde_json::Value]> {
        values.iter().map(serde_json::Value::from).collect()
    }
}

/// Types that refer to a value or are made of it, by what makes them.
macro_rules! from_value {
    ($($type:ty: $expected:literal, $take:expr;)+) => {$(
        impl<'value> FromValue<'value> for $type {
            const EXPECTED: &'static str = $expected;
            type Place = ();

            #[inline]
            fn from_value(value: &'value mut Value, (): &'value mut ()) -> std::result::Result<Self, &'value Value> {
                // The annotation gives the closure its lifetimes.
                let take: fn(&'value Value) -> Option<Self> = $take;
                let value = &*value;
                take(value).ok_or(value)
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
    String: "a string", |value| value.as_str().map(str::to_owned);
    &'value [Value]: "an array", Value::as_array;
    &'value Object: "an object", Value::as_object;
}

/// Types that hold a value, by the pattern of it.
macro_rules! hold_value {
    ($($type:ty: $expected:literal, $held:pat => $inner:expr;)+) => {$(
        impl<'value> FromValue<'value> for $type {
            const EXPECTED: &'static str = $expected;
            type Place = ();

            #[inline]
            fn from_value(value: &'value mut Value, (): &'value mut ()) -> std::result::Result<Self, &'value Value> {
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
    Arc<Elements>: "an array", Value::Array(elements) => elements;
    Arc<Object>: "an object", Value::Object(members) => members;
}

impl FromValue<'_> for Value {
    const EXPECTED: &'static str = "a value";
    type Place = ();

    #[inline]
    fn from_value<'value>(
        value: &'value mut Value,
        (): &'value mut (),
    ) -> std::result::Result<Value, &'value Value> {
        Ok(mem::take(value))
    }
}

/// Types of others that are made of a value, and references to them.
macro_rules! copy_value {
    ($($type:ty: $expected:literal, $copy:expr;)+) => {$(
        from_value! { $type: $expected, $copy; }

        impl<'value> FromValue<'value> for &'value $type {
            const EXPECTED: &'static str = $expected;
            type Place = Option<$type>;

            fn from_value(
                value: &'value mut Value,
                place: &'value mut Option<$type>,
            ) -> std::result::Result<Self, &'value Value> {
                let copy: fn(&'value Value) -> Option<$type> = $copy;
                let value = &*value;
                copy(value).map(|copy| &*place.insert(copy)).ok_or(value)
            }
        }
    )+};
}

copy_value! {
    serde_json::Value: "a value", |value| Some(value.into());
    serde_json::Number: "a number", |value| value.as_number().map(Into::into);
    serde_json::Map<String, serde_json::Value>: "an object", |value| value.as_object().map(Into::into);
}

impl<'value> FromValue<'value> for &'value [serde_json::Value] {
    const EXPECTED: &'static str = "an array";
    type Place = Cow<'value, [serde_json::Value]>;

    fn from_value(
        value: &'value mut Value,
        place: &'value mut Self::Place,
    ) -> std::result::Result<Self, &'value Value> {
        let value = &*value;
        *place = InputValue::all(value.as_array().ok_or(value)?);
        Ok(place)
    }
}

impl<'value, T: FromValue<'value>> FromValue<'value> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    type Place = T::Place;

    #[inline]
    fn from_value(
        value: &'value mut Value,
        place: &'value mut T::Place,
    ) -> std::result::Result<Self, &'value Value> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value, place).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The value as a type that refers to nothing but the value.
    fn take<'value, T: FromValue<'value, Place = ()>>(value: &'value mut Value) -> Result<T> {
        argument("x", value, Box::leak(Box::new(())))
    }

    #[test]
    fn a_type_takes_its_kind_and_nothing_else() {
        let text = &mut Value::from("7");
        assert_eq!(take::<&str>(text).unwrap(), "7");
        assert_eq!(take::<String>(text).unwrap(), "7");
        assert!(take::<f64>(text).is_err());
        assert!(take::<bool>(&mut Value::from(1)).is_err());
        assert!(take::<i64>(&mut Value::from(1.0)).is_err());
        assert!(take::<u64>(&mut Value::from(-1)).is_err());
        assert!(take::<&[Value]>(&mut Value::Null).is_err());
    }

    #[test]
    fn what_holds_its_value_takes_it_out_and_leaves_what_it_cannot_hold() {
        let mut array = Value::from(vec![1, 2]);
        let held: Arc<Elements> = take(&mut array).unwrap();
        assert_eq!(Arc::strong_count(&held), 1);
        assert_eq!(array, Value::Null);
        let mut text = Value::from("seven");
        let error = take::<Arc<Elements>>(&mut text).unwrap_err();
        assert!(error.to_string().ends_with(r#"is string: "seven""#), "{error}");
        assert_eq!(take::<Option<ArcStr>>(&mut text).unwrap(), Some(ArcStr::from("seven")));
        assert_eq!(take::<Option<ArcStr>>(&mut text).unwrap(), None);
        assert!(take::<Arc<Elements>>(&mut Value::from(1)).is_err());
    }

    #[test]
    fn only_an_option_takes_null() {
        assert_eq!(take::<Option<f64>>(&mut Value::Null).unwrap(), None);
        assert_eq!(take::<Option<f64>>(&mut Value::from(2)).unwrap(), Some(2.0));
        assert!(take::<Option<f64>>(&mut Value::from("2")).is_err());
        assert!(take::<f64>(&mut Value::Null).is_err());
    }

    #[test]
    fn what_refers_to_a_copy_refers_to_its_place() {
        let mut value: Value = r#"{"a":[1,2.5]}"#.parse().unwrap();
        let expected = json!({"a": [1, 2.5]});
        assert_eq!(argument::<&serde_json::Value>("x", &mut value, &mut None).unwrap(), &expected);
        assert_eq!(take::<serde_json::Value>(&mut value).unwrap(), expected);
        let map = argument::<&serde_json::Map<_, _>>("x", &mut value, &mut None).unwrap().clone();
        assert_eq!(serde_json::Value::from(map), expected);
        let mut array = value.get("a").unwrap().clone();
        let mut place = Cow::default();
        assert_eq!(
            argument::<&[serde_json::Value]>("x", &mut array, &mut place).unwrap(),
            [json!(1), json!(2.5)]
        );
        assert!(argument::<&[serde_json::Value]>("x", &mut value, &mut Cow::default()).is_err());
    }

    #[test]
    fn the_kinds_of_serde_json_are_ours() {
        let mut number = Value::from(7);
        assert_eq!(take::<serde_json::Number>(&mut number).unwrap().as_i64(), Some(7));
        assert_eq!(argument::<&serde_json::Number>("x", &mut number, &mut None).unwrap().as_f64(), Some(7.0));
        assert_eq!(argument::<Option<&serde_json::Number>>("x", &mut Value::Null, &mut None).unwrap(), None);
        let error = argument::<&serde_json::Number>("x", &mut Value::from("7"), &mut None).unwrap_err();
        assert_eq!(error.to_string(), r#"input 'x' must be a number but is string: "7""#);
        assert!(take::<serde_json::Map<_, _>>(&mut number).is_err());
    }

    #[test]
    fn all_inputs_are_copied_only_into_another_type() {
        let inputs = [Value::from(1), Value::Null];
        assert!(matches!(<Value as InputValue>::all(&inputs), Cow::Borrowed(_)));
        assert_eq!(*<serde_json::Value as InputValue>::all(&inputs), [json!(1), json!(null)]);
    }
}
