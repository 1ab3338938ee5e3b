//! Collects the values of a stream into arrays.

use flowcore::{Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

/// The size that is sent on where the given one limits nothing.
const UNLIMITED: i64 = 0;

#[flow_function]
fn accumulate(
    values: &Value,
    partial: &[Value],
    chunk_size: Option<Number>,
) -> Result<(Option<Value>, RunAgain)> {
    let collected = without_mark(partial);
    if values.is_null() {
        return if collected.is_empty() {
            flow_output!("chunk" => Value::Null)
        } else {
            flow_output!("chunk" => collected.to_vec())
        };
    }
    let size = chunk_size.and_then(Number::as_i64).filter(|size| *size > UNLIMITED).unwrap_or(UNLIMITED);
    let length = collected.len() + 1;
    let complete = size != UNLIMITED && usize::try_from(size).is_ok_and(|size| length >= size);
    if complete {
        let chunk = append(Vec::with_capacity(length), collected, values);
        flow_output!("chunk" => chunk, "partial" => Vec::<Value>::new(), "chunk_size" => size)
    } else {
        let mut partial = Vec::with_capacity(length + 1);
        if is_array(collected.first().unwrap_or(values)) {
            partial.push(MARK);
        }
        flow_output!("partial" => append(partial, collected, values), "chunk_size" => size)
    }
}

/// Stands before collected arrays in `partial`.
///
/// The input takes arrays of arrays apart, judging by the first element; with a null there it does not. A null is
/// never collected, so it cannot be taken for an element.
const MARK: Value = Value::Null;

fn without_mark(partial: &[Value]) -> &[Value] {
    match partial {
        [MARK, collected @ ..] if collected.first().is_some_and(is_array) => collected,
        collected => collected,
    }
}

fn is_array(value: &Value) -> bool {
    matches!(value, Value::Array(_))
}

fn append(mut to: Vec<Value>, collected: &[Value], value: &Value) -> Vec<Value> {
    to.extend_from_slice(collected);
    to.push(value.clone());
    to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn values_are_collected_until_the_chunk_is_complete() {
        assert_eq!(output(&Accumulate, "[1, [], 3]"), r#"{"chunk_size":3,"partial":[1]}"#);
        assert_eq!(output(&Accumulate, "[2, [1], 3]"), r#"{"chunk_size":3,"partial":[1,2]}"#);
        assert_eq!(output(&Accumulate, "[3, [1, 2], 3]"), r#"{"chunk":[1,2,3],"chunk_size":3,"partial":[]}"#);
        assert_eq!(output(&Accumulate, "[1, [], 1]"), r#"{"chunk":[1],"chunk_size":1,"partial":[]}"#);
        assert_eq!(output(&Accumulate, "[3, [1, 2], 2]"), r#"{"chunk":[1,2,3],"chunk_size":2,"partial":[]}"#);
    }

    #[test]
    fn null_ends_the_stream() {
        assert_eq!(output(&Accumulate, "[null, [], 3]"), r#"{"chunk":null}"#);
        assert_eq!(output(&Accumulate, "[null, [1, 2], 3]"), r#"{"chunk":[1,2]}"#);
        assert_eq!(output(&Accumulate, "[null, [null, [1, 2]], 3]"), r#"{"chunk":[[1,2]]}"#);
    }

    #[test]
    fn without_a_usable_size_the_chunk_has_no_limit() {
        for size in ["0", "-1", "2.0", "null"] {
            let inputs = format!("[3, [1, 2], {size}]");
            assert_eq!(output(&Accumulate, &inputs), r#"{"chunk_size":0,"partial":[1,2,3]}"#);
        }
    }

    #[test]
    fn arrays_are_collected_behind_a_mark() {
        assert_eq!(output(&Accumulate, "[[1], [], 3]"), r#"{"chunk_size":3,"partial":[null,[1]]}"#);
        assert_eq!(
            output(&Accumulate, "[[2], [null, [1]], 3]"),
            r#"{"chunk_size":3,"partial":[null,[1],[2]]}"#
        );
        assert_eq!(
            output(&Accumulate, "[[3], [null, [1], [2]], 3]"),
            r#"{"chunk":[[1],[2],[3]],"chunk_size":3,"partial":[]}"#
        );
        assert_eq!(output(&Accumulate, "[[2], [1], 3]"), r#"{"chunk_size":3,"partial":[1,[2]]}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Accumulate, "[1, 2, 3]").contains("'partial' must be an array"));
        assert!(error(&Accumulate, r#"[1, [], "3"]"#).contains("'chunk_size' must be a number"));
    }
}
