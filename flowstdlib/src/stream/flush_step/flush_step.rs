//! Collects one value, and sends all when it is told to.

use flowcore::{Elements, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn flush_step(value: Value, flush: bool, partial: Arc<Elements>) -> Result<(Option<Value>, RunAgain)> {
    let mut partial = partial;
    let empty = || Value::from(Vec::<Value>::new());
    if value.is_null() {
        return if partial.is_empty() {
            flow_output!("end" => Value::Null, "partial" => empty())
        } else {
            flow_output!("batch" => Value::Array(partial), "end" => Value::Null, "partial" => empty())
        };
    }
    Arc::make_mut(&mut partial).push(value);
    if flush {
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
    fn what_is_collected_is_sent_when_told() {
        assert_eq!(output(&FlushStep, r#"[1, false, []]"#), r#"{"partial":[1]}"#);
        assert_eq!(output(&FlushStep, r#"[[2], true, [1]]"#), r#"{"batch":[1,[2]],"partial":[]}"#);
    }

    #[test]
    fn the_end_sends_what_is_left() {
        assert_eq!(output(&FlushStep, r#"[null, false, [1]]"#), r#"{"batch":[1],"end":null,"partial":[]}"#);
        assert_eq!(output(&FlushStep, r#"[null, true, []]"#), r#"{"end":null,"partial":[]}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&FlushStep, r#"[1, null, []]"#).contains(r#"'flush' must be a boolean"#));
        assert!(error(&FlushStep, r#"[1, true, null]"#).contains(r#"'partial' must be an array"#));
    }
}
