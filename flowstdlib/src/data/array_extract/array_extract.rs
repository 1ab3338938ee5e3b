//! A part of an array.

use crate::position::span;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn array_extract(array: &[Value], start: i64, end: i64) -> Result<(Option<Value>, RunAgain)> {
    flow_output!("slice" => array.get(span(start, end, array.len())).unwrap_or_default().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_end_is_not_included() {
        assert_eq!(output(&ArrayExtract, "[[1, 2, 3, 4], 1, 3]"), r#"{"slice":[2,3]}"#);
        assert_eq!(output(&ArrayExtract, "[[1, 2, 3, 4], 2, 2]"), r#"{"slice":[]}"#);
        assert_eq!(output(&ArrayExtract, "[[1, 2, 3, 4], 3, 1]"), r#"{"slice":[]}"#);
    }

    #[test]
    fn positions_below_0_count_from_the_end() {
        assert_eq!(output(&ArrayExtract, "[[1, 2, 3, 4], -2, 4]"), r#"{"slice":[3,4]}"#);
        assert_eq!(output(&ArrayExtract, "[[1, 2, 3, 4], 0, -1]"), r#"{"slice":[1,2,3]}"#);
    }

    #[test]
    fn positions_outside_stand_for_the_ends() {
        assert_eq!(output(&ArrayExtract, "[[1, 2], -9, 9]"), r#"{"slice":[1,2]}"#);
        assert_eq!(output(&ArrayExtract, "[[1, 2], -9223372036854775808, 1]"), r#"{"slice":[1]}"#);
        assert_eq!(output(&ArrayExtract, "[[], 0, 1]"), r#"{"slice":[]}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&ArrayExtract, "[[1], 0.0, 1]").contains("'start' must be an integer"));
        assert!(error(&ArrayExtract, "[1, 0, 1]").contains("'array' must be an array"));
    }
}
