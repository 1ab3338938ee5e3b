//! A matrix whose elements are all null.

use crate::space::room_for;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn blank(rows: usize, columns: usize) -> Result<(Option<Value>, RunAgain)> {
    let mut row = room_for(columns)?;
    row.resize(columns, Value::Null);
    let mut matrix = room_for(rows)?;
    // One row, shared by all: whoever fills it makes a copy.
    matrix.resize(rows, Value::from(row));
    flow_output!(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn all_elements_are_null() {
        assert_eq!(output(&Blank, "[2, 3]"), "[[null,null,null],[null,null,null]]");
        assert_eq!(output(&Blank, "[1, 0]"), "[[]]");
    }

    #[test]
    fn wrong_sizes_are_errors() {
        assert!(error(&Blank, "[-1, 3]").contains("'rows' must be an integer that is not negative"));
        assert!(error(&Blank, "[1, 2.0]").contains("'columns' must be"));
    }
}
