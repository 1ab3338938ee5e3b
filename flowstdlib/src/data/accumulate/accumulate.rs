//! Collects the values of a stream into arrays.

use flowcore::{Elements, Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

/// The size that is sent on where the given one limits nothing.
const UNLIMITED: i64 = 0;

#[flow_function]
fn accumulate(
    values: Value,
    partial: Arc<Elements>,
    chunk_size: Option<Number>,
) -> Result<(Option<Value>, RunAgain)> {
    let mut partial = partial;
    let marked = is_marked(&partial);
    if values.is_null() {
        return flow_output!("chunk" => if partial.is_empty() { Value::Null } else { chunk(partial, marked) });
    }
    let size = chunk_size.and_then(Number::as_i64).filter(|size| *size > UNLIMITED).unwrap_or(UNLIMITED);
    let length = partial.len() - usize::from(marked) + 1;
    let complete = size != UNLIMITED && usize::try_from(size).is_ok_and(|size| length >= size);
    let needs_mark = !complete && !marked && is_array(partial.first().unwrap_or(&values));
    // The looped array is held by nobody else, so that this takes no copy.
    let elements = Arc::make_mut(&mut partial);
    if needs_mark {
        elements.insert(0, MARK);
    }
    elements.push(values);
    if complete {
        flow_output!(
            "chunk" => chunk(partial, marked),
            "partial" => Vec::<Value>::new(),
            "chunk_size" => size,
        )
    } else {
        flow_output!("partial" => Value::Array(partial), "chunk_size" => size)
    }
}

/// Stands before collected arrays in `partial`.
///
/// The input takes arrays of arrays apart, judging by the first element; with a null there it does not. A null is
/// never collected, so it cannot be taken for an element.
const MARK: Value = Value::Null;

fn is_marked(partial: &[Value]) -> bool {
    matches!(partial, [MARK, Value::Array(_), ..])
}

/// What was collected, without the mark.
fn chunk(mut collected: Arc<Elements>, marked: bool) -> Value {
    if marked {
        Arc::make_mut(&mut collected).remove(0);
    }
    Value::Array(collected)
}

fn is_array(value: &Value) -> bool {
    matches!(value, Value::Array(_))
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
    fn what_is_collected_is_not_copied() {
        use flowcore::Implementation;
        let mut partial = Value::from(Vec::<Value>::new());
        let address = |value: &Value| match value {
            Value::Array(elements) => Arc::as_ptr(elements),
            other => panic!("{other}"),
        };
        let first = address(&partial);
        for number in 0..1000 {
            let (output, _) = Accumulate.run_owned(&mut [number.into(), partial, 2000.into()]).unwrap();
            partial = output.unwrap().get("partial").unwrap().clone();
            assert_eq!(address(&partial), first);
        }
        assert_eq!(partial.as_array().unwrap().len(), 1000);
        // Who else holds it keeps what it holds.
        let held = partial.clone();
        Accumulate.run_owned(&mut [Value::from(1), partial, 2000.into()]).unwrap();
        assert_eq!(held.as_array().unwrap().len(), 1000);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Accumulate, "[1, 2, 3]").contains("'partial' must be an array"));
        assert!(error(&Accumulate, r#"[1, [], "3"]"#).contains("'chunk_size' must be a number"));
    }
}
