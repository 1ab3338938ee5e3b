//! Puts a matrix together from elements that come one at a time.

use flowcore::authoring::wrong_kind;
use flowcore::{Elements, Number, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn compose_matrix(
    element: Number,
    element_indexes: &Value,
    partial: &Value,
) -> Result<(Option<Value>, RunAgain)> {
    let place = place(element_indexes)?;
    let mut rows = rows(partial)?;
    let missing = count(&rows, place, Value::is_null);
    // A matrix that began with nulls still has one when its last element comes, so this never changes on the way.
    let marked_by_null = missing > 0 || cell(&rows, place).is_some_and(Value::is_null);
    let missing = if marked_by_null { missing } else { count(&rows, place, is_zero) };
    let (row, column) = place;
    if let Some(cell) = rows.get_mut(row).and_then(|row| Arc::make_mut(row).get_mut(column)) {
        *cell = Value::from(element);
    }
    let matrix = rows.into_iter().map(Value::Array).collect::<Value>();
    if missing == 0 { flow_output!("matrix" => matrix) } else { flow_output!("partial" => matrix) }
}

/// A row and a column; outside of every matrix where they are too large to be one.
type Place = (usize, usize);

fn place(indexes: &Value) -> Result<Place> {
    let index = |value: &Value| value.as_u64().map(|index| usize::try_from(index).unwrap_or(usize::MAX));
    let place = match indexes.as_array() {
        Some([row, column]) => index(row).zip(index(column)),
        _ => None,
    };
    place.ok_or_else(|| {
        wrong_kind("element_indexes", "a row and a column, integers that are not negative,", indexes)
    })
}

fn rows(partial: &Value) -> Result<Vec<Arc<Elements>>> {
    let row = |row: &Value| match row {
        Value::Array(row) => Some(Arc::clone(row)),
        _ => None,
    };
    let rows = partial.as_array().and_then(|rows| rows.iter().map(row).collect());
    rows.ok_or_else(|| wrong_kind("partial", "an array of rows", partial))
}

fn cell(rows: &[Arc<Elements>], (row, column): Place) -> Option<&Value> {
    rows.get(row)?.get(column)
}

/// How many cells, not counting the one at this place, are so.
fn count(rows: &[Arc<Elements>], place: Place, so: fn(&Value) -> bool) -> usize {
    let all = rows.iter().flat_map(|row| row.iter()).filter(|cell| so(cell)).count();
    all - usize::from(cell(rows, place).is_some_and(so))
}

fn is_zero(cell: &Value) -> bool {
    cell.as_f64() == Some(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn nulls_are_filled_until_the_matrix_is_complete() {
        assert_eq!(output(&ComposeMatrix, "[0, [0, 1], [[null, null]]]"), r#"{"partial":[[null,0]]}"#);
        assert_eq!(output(&ComposeMatrix, "[0, [0, 0], [[null, 0]]]"), r#"{"matrix":[[0,0]]}"#);
        assert_eq!(output(&ComposeMatrix, "[7.5, [0, 0], [[null]]]"), r#"{"matrix":[[7.5]]}"#);
    }

    #[test]
    fn without_nulls_zeros_are_filled() {
        assert_eq!(
            output(&ComposeMatrix, "[19, [0, 0], [[0.0, 0.0], [0.0, 0.0]]]"),
            r#"{"partial":[[19,0.0],[0.0,0.0]]}"#
        );
        assert_eq!(
            output(&ComposeMatrix, "[50, [1, 1], [[19, 22], [43, 0.0]]]"),
            r#"{"matrix":[[19,22],[43,50]]}"#
        );
    }

    #[test]
    fn elements_outside_are_ignored() {
        assert_eq!(output(&ComposeMatrix, "[7, [1, 0], [[null]]]"), r#"{"partial":[[null]]}"#);
        assert_eq!(output(&ComposeMatrix, "[7, [0, 9], [[1]]]"), r#"{"matrix":[[1]]}"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&ComposeMatrix, "[null, [0, 0], [[0]]]").contains("'element' must be a number"));
        assert!(
            error(&ComposeMatrix, "[1, [0, -1], [[0]]]")
                .contains("'element_indexes' must be a row and a column")
        );
        assert!(error(&ComposeMatrix, "[1, [0, null], [[0]]]").contains("'element_indexes'"));
        assert!(error(&ComposeMatrix, "[1, [0, 0], [0]]").contains("'partial' must be an array of rows"));
    }
}
