//! Pairs the rows of one matrix with the columns of another.

use crate::space::room_for;
use flowcore::authoring::wrong_kind;
use flowcore::value::literal;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn pairs(a: &Value, b: &Value) -> Result<(Option<Value>, RunAgain)> {
    let (rows, inner) = rows("a", a)?;
    let (lines, columns) = self::rows("b", b)?;
    if inner != lines.len() {
        return Err(format!("'a' has {inner} columns, and 'b' {} rows", lines.len()).into());
    }
    let size = Value::from(vec![rows.len(), columns]);
    let column = |index| lines.iter().filter_map(|line| line.at(index)).cloned().collect::<Value>();
    let columns: Vec<Value> = (0..columns).map(column).collect();
    let mut pairs = room_for(rows.len().saturating_mul(columns.len()))?;
    for (row_index, row) in rows.iter().enumerate() {
        for (column_index, column) in columns.iter().enumerate() {
            pairs.push(Value::object([
                (literal!("at"), Value::from(vec![row_index, column_index])),
                (literal!("column"), column.clone()),
                (literal!("row"), row.clone()),
                (literal!("size"), size.clone()),
            ]));
        }
    }
    flow_output!(pairs)
}

/// The rows of a matrix, and how many columns it has.
fn rows<'value>(input: &'static str, matrix: &'value Value) -> Result<(&'value [Value], usize)> {
    let rows = matrix.as_array().unwrap_or_default();
    let columns = rows.first().and_then(Value::as_array).map_or(0, <[Value]>::len);
    let numbers = |row: &Value| {
        row.as_array()
            .is_some_and(|row| row.len() == columns && row.iter().all(|one| one.as_number().is_some()))
    };
    if columns == 0 || !rows.iter().all(numbers) {
        return Err(wrong_kind(input, "rows of numbers, all of the same length,", matrix));
    }
    Ok((rows, columns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn every_row_meets_every_column() {
        assert_eq!(
            output(&Pairs, "[[[1, 2]], [[3, 4], [5, 6]]]"),
            r#"[{"at":[0,0],"column":[3,5],"row":[1,2],"size":[1,2]},{"at":[0,1],"column":[4,6],"row":[1,2],"size":[1,2]}]"#
        );
    }

    #[test]
    fn matrices_that_do_not_fit_are_errors() {
        assert!(error(&Pairs, "[[[1, 2]], [[3, 4]]]").contains("'a' has 2 columns, and 'b' 1 rows"));
        assert!(error(&Pairs, "[[[1], [2, 3]], [[3]]]").contains("'a' must be rows of numbers"));
        assert!(error(&Pairs, r#"[[[1]], [["3"]]]"#).contains("'b' must be rows of numbers"));
        assert!(error(&Pairs, "[[], [[1]]]").contains("'a' must be"));
        assert!(error(&Pairs, "[[[1]], [[]]]").contains("'b' must be"));
        assert!(error(&Pairs, "[null, [[1]]]").contains("'a' must be"));
    }
}
