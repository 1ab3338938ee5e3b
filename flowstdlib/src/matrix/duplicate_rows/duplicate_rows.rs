//! Repeats each row of a matrix in its place.

use crate::space::{room_for, times};
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn duplicate_rows(matrix: &[Value], factor: i64) -> Result<(Option<Value>, RunAgain)> {
    let factor = times(factor);
    let count = matrix.len().saturating_mul(factor);
    let (mut rows, mut indexes) = (room_for(count)?, room_for(count)?);
    for (index, row) in matrix.iter().enumerate() {
        rows.extend(std::iter::repeat_n(row, factor).cloned());
        indexes.extend(std::iter::repeat_n(Value::from(index), factor));
    }
    flow_output!("matrix" => rows, "row_indexes" => indexes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn each_row_is_repeated_with_its_number() {
        assert_eq!(
            output(&DuplicateRows, "[[[1, 2], [3, 4]], 2]"),
            r#"{"matrix":[[1,2],[1,2],[3,4],[3,4]],"row_indexes":[0,0,1,1]}"#
        );
        assert_eq!(output(&DuplicateRows, "[[[1]], 0]"), r#"{"matrix":[],"row_indexes":[]}"#);
        assert_eq!(output(&DuplicateRows, "[[[1]], -3]"), r#"{"matrix":[],"row_indexes":[]}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&DuplicateRows, "[[[1]], 2.0]").contains("'factor' must be an integer"));
        assert!(error(&DuplicateRows, "[1, 2]").contains("must be an array"));
        assert!(error(&DuplicateRows, "[[[1], [2]], 9223372036854775807]").contains("no room"));
    }
}
