//! Repeats a value.

use crate::space::{room_for, times};
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn duplicate(value: Value, factor: i64) -> Result<(Option<Value>, RunAgain)> {
    let count = times(factor);
    let mut copies = room_for(count)?;
    copies.resize(count, value);
    flow_output!(copies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn there_are_as_many_copies_as_asked_for() {
        assert_eq!(output(&Duplicate, r#"["a", 3]"#), r#"["a","a","a"]"#);
        assert_eq!(output(&Duplicate, "[[1, 2], 2]"), "[[1,2],[1,2]]");
        assert_eq!(output(&Duplicate, "[null, 1]"), "[null]");
        assert_eq!(output(&Duplicate, "[7, 0]"), "[]");
        assert_eq!(output(&Duplicate, "[7, -2]"), "[]");
    }

    #[test]
    fn wrong_factors_are_errors() {
        assert!(error(&Duplicate, "[7, 2.0]").contains("'factor' must be an integer"));
        assert!(error(&Duplicate, "[7, null]").contains("'factor' must be an integer"));
        assert!(error(&Duplicate, "[7, 9223372036854775807]").contains("no room"));
    }
}
