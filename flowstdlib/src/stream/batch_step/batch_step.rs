//! Puts one value into a batch.

use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn batch_step(value: Value, size: i64, partial: Arc<Elements>) -> Result<(Option<Value>, RunAgain)> {
    let mut partial = partial;
    let empty = || Value::from(Vec::<Value>::new());
    if value.is_null() {
        return if partial.is_empty() {
            flow_output!("end" => Value::Null, "partial" => empty())
        } else {
            flow_output!("batch" => Value::Array(partial), "end" => Value::Null, "partial" => empty())
        };
    }
    // Without a copy, where nobody else holds what was collected.
    Arc::make_mut(&mut partial).push(value);
    if usize::try_from(size).is_ok_and(|size| (1..=partial.len()).contains(&size)) {
        flow_output!("batch" => Value::Array(partial), "partial" => empty())
    } else {
        flow_output!("partial" => Value::Array(partial))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn a_batch_is_sent_when_it_is_complete() {
        assert_eq!(output(&BatchStep, r#"[[1], 2, []]"#), r#"{"partial":[[1]]}"#);
        assert_eq!(output(&BatchStep, r#"[2, 2, [[1]]]"#), r#"{"batch":[[1],2],"partial":[]}"#);
        assert_eq!(output(&BatchStep, r#"[1, 1, []]"#), r#"{"batch":[1],"partial":[]}"#);
        assert_eq!(output(&BatchStep, r#"[3, 0, [1, 2]]"#), r#"{"partial":[1,2,3]}"#);
    }

    #[test]
    fn the_end_sends_what_is_left() {
        assert_eq!(output(&BatchStep, r#"[null, 3, [1, 2]]"#), r#"{"batch":[1,2],"end":null,"partial":[]}"#);
        assert_eq!(output(&BatchStep, r#"[null, 3, []]"#), r#"{"end":null,"partial":[]}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&BatchStep, r#"[1, 2.0, []]"#).contains(r#"'size' must be an integer"#));
        assert!(error(&BatchStep, r#"[1, 2, 3]"#).contains(r#"'partial' must be an array"#));
    }
}
