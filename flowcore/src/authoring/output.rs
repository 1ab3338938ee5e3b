//! What a function gives back.

use crate::{FunctionError, Object, Result, RunAgain, Value, value::ArcStr};
use std::cmp::Ordering;

/// A type that a function may give back: a [`Result`] of an optional value and whether the function may run again.
///
/// The value may be anything that a [`Value`] can be made from, a value of `serde_json` among them, and the error anything
/// that a [`FunctionError`] can be made from, such as text.
#[diagnostic::on_unimplemented(
    message = "a flow function cannot return `{Self}`",
    label = "not what a flow function can return",
    note = "return Result<(Option<Value>, RunAgain)>, where Result is flowcore::Result"
)]
pub trait IntoResult {
    /// The same in our types.
    ///
    /// # Errors
    ///
    /// That of the function.
    fn into_result(self) -> Result<(Option<Value>, RunAgain)>;
}

impl<V: Into<Value>, E: Into<FunctionError>> IntoResult for std::result::Result<(Option<V>, RunAgain), E> {
    #[inline]
    fn into_result(self) -> Result<(Option<Value>, RunAgain)> {
        match self {
            Ok((output, run_again)) => Ok((output.map(Into::into), run_again)),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a function gives back that has output and may run again.
///
/// One expression becomes the value of the unnamed output; `"name" => expression` pairs become an object of named
/// outputs, whose names cost no allocation and must differ. Expressions are anything that a [`Value`] can be made from.
/// In a function that gives back values of `serde_json`, they become such ones.
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
        Ok((Some(::core::convert::Into::into($value)), $crate::RUN_AGAIN))
    };
    ($($name:literal => $value:expr),+ $(,)?) => {
        Ok((
            Some(::core::convert::Into::into($crate::authoring::outputs(
                const { &$crate::authoring::swaps([$($name),+]) },
                [$(($crate::value::literal!($name), $crate::Value::from($value))),+],
            ))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DONT_RUN_AGAIN, RUN_AGAIN};
    use serde_json::json;

    /// What the macro gives, as the type that functions mostly return.
    fn output(result: Result<(Option<Value>, RunAgain)>) -> Value {
        let (output, run_again) = result.unwrap();
        assert_eq!(run_again, RUN_AGAIN);
        output.unwrap()
    }

    #[test]
    fn output_names_are_static_text() {
        let output = output(flow_output!("sum" => 1, "rest" => Value::Null));
        assert_eq!(output.to_string(), r#"{"rest":null,"sum":1}"#);
        assert!(output.as_object().unwrap().keys().all(ArcStr::is_static));
    }

    #[test]
    fn outputs_are_in_order_however_they_are_written() {
        // Object checks the order of what it is given here.
        let shuffled = flow_output!("lte" => 1, "gt" => 2, "lt" => 3, "" => 4, "é" => 5, "e" => 6);
        assert_eq!(output(shuffled).to_string(), r#"{"":4,"e":6,"gt":2,"lt":3,"lte":1,"é":5}"#);
        assert_eq!(output(flow_output!("a" => 1, "b" => 2, "c" => 3)).to_string(), r#"{"a":1,"b":2,"c":3}"#);
    }

    #[test]
    #[should_panic(expected = "two outputs have the same name")]
    fn two_outputs_cannot_have_the_same_name() {
        swaps(["b", "a", "c", "b"]);
    }

    #[test]
    fn an_expression_may_begin_like_a_literal() {
        let size = 4;
        assert_eq!(output(flow_output!(-size)), Value::from(-4));
    }

    #[test]
    fn values_of_serde_json_go_in_and_come_out() {
        assert_eq!(output(flow_output!(json!([1]))).to_string(), "[1]");
        assert_eq!(output(flow_output!("a" => json!({}), "b" => 2)).to_string(), r#"{"a":{},"b":2}"#);
        let theirs: Result<(Option<serde_json::Value>, RunAgain)> = flow_output!(json!([1]));
        assert_eq!(theirs.unwrap().0, Some(json!([1])));
        let theirs: Result<(Option<serde_json::Value>, RunAgain)> = flow_output!(7);
        assert_eq!(theirs.unwrap().0, Some(json!(7)));
        let theirs: Result<(Option<serde_json::Value>, RunAgain)> =
            flow_output!("b" => json!(2), "a" => "text");
        assert_eq!(theirs.unwrap().0, Some(json!({"a": "text", "b": 2})));
    }

    #[test]
    fn a_function_may_give_back_what_values_and_errors_can_be_made_of() {
        let theirs: Result<(Option<serde_json::Value>, RunAgain)> = Ok((Some(json!(null)), DONT_RUN_AGAIN));
        assert_eq!(theirs.into_result().unwrap(), (Some(Value::Null), DONT_RUN_AGAIN));
        let number: std::result::Result<(Option<f64>, RunAgain), String> = Ok((Some(2.5), RUN_AGAIN));
        assert_eq!(output(number.into_result()), Value::from(2.5));
        let nothing: std::result::Result<(Option<Value>, RunAgain), String> = Ok((None, RUN_AGAIN));
        assert_eq!(nothing.into_result().unwrap(), (None, RUN_AGAIN));
        let error: std::result::Result<(Option<Value>, RunAgain), &str> = Err("no");
        assert_eq!(error.into_result().unwrap_err().to_string(), "no");
    }
}
