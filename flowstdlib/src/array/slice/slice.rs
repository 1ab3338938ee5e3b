//! A part of an array.

use crate::position::span;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn slice(array: &[Value], start: i64, end: i64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(array.get(span(start, end, array.len())).unwrap_or_default().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn positions_count_from_either_end() {
        assert_eq!(output(&Slice, r#"[[1, [2], 3, 4], 1, -1]"#), r#"[[2],3]"#);
        assert_eq!(output(&Slice, r#"[[1, 2], -9, 9]"#), r#"[1,2]"#);
        assert_eq!(output(&Slice, r#"[[1, 2], 2, 1]"#), r#"[]"#);
        assert_eq!(output(&Slice, r#"[[], 0, 1]"#), r#"[]"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Slice, r#"[1, 0, 1]"#).contains(r#"'array' must be an array"#));
        assert!(error(&Slice, r#"[[1], 0.0, 1]"#).contains(r#"'start' must be an integer"#));
        assert!(error(&Slice, r#"[[1], 0, null]"#).contains(r#"'end' must be an integer"#));
    }
}
