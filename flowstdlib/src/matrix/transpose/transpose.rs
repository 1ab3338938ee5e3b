//! Exchanges the rows and columns of a matrix.

use flowcore::authoring::wrong_kind;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn transpose(matrix: &Value) -> Result<(Option<Value>, RunAgain)> {
    let rows = matrix.as_array().unwrap_or_default();
    let rows: Option<Vec<&[Value]>> = rows.iter().map(Value::as_array).collect();
    let columns = rows.as_ref().and_then(|rows| rows.first()).map(|first| first.len());
    let (Some(rows), Some(columns)) = (rows, columns) else {
        return Err(wrong_kind("0", "an array of at least one row", matrix));
    };
    let column = |index| rows.iter().map(|row| row.get(index).cloned()).collect::<Option<Value>>();
    let Some(transposed) = (0..columns).map(column).collect::<Option<Value>>() else {
        return Err(wrong_kind("0", "a matrix with no row shorter than the first", matrix));
    };
    flow_output!("matrix" => transposed, "column_indexes" => (0..columns).collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn columns_become_rows() {
        assert_eq!(
            output(&Transpose, "[[[1, 2, 3], [4, 5, 6]]]"),
            r#"{"column_indexes":[0,1,2],"matrix":[[1,4],[2,5],[3,6]]}"#
        );
        assert_eq!(output(&Transpose, "[[[]]]"), r#"{"column_indexes":[],"matrix":[]}"#);
    }

    #[test]
    fn longer_rows_are_cut() {
        assert_eq!(output(&Transpose, "[[[1], [2, 3]]]"), r#"{"column_indexes":[0],"matrix":[[1,2]]}"#);
    }

    #[test]
    fn what_is_no_matrix_is_an_error() {
        assert!(error(&Transpose, "[[[1, 2], [3]]]").contains("no row shorter than the first"));
        assert!(error(&Transpose, "[[]]").contains("at least one row"));
        assert!(error(&Transpose, "[[1]]").contains("at least one row"));
        assert!(error(&Transpose, "[7]").contains("at least one row"));
    }
}
