//! Puts matrices together from a stream of their elements.

use crate::space::room_for;
use flowcore::authoring::wrong_kind;
use flowcore::value::literal;
use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn compose(element: &Value, partial: Value) -> Result<(Option<Value>, RunAgain)> {
    let [row, column] = two_indexes(element, "at")?;
    let [rows, columns] = two_indexes(element, "size")?;
    let mut state = match partial {
        Value::Object(state) => state,
        _ => Arc::new(blank(rows, columns)?),
    };
    let fields = Arc::make_mut(&mut state);
    let missing = fields.get("missing").and_then(Value::as_u64).unwrap_or(1).saturating_sub(1);
    fields.insert(literal!("missing"), Value::from(missing));
    let value = element.get("element").cloned().unwrap_or_default();
    if value.is_null() {
        fields.insert(literal!("spoilt"), Value::from(true));
    }
    if let Some(cell) = fields.get_mut("rows").and_then(|rows| cell(rows, row, column)) {
        *cell = value;
    }
    let nothing = || Value::from(Vec::<Value>::new());
    if missing > 0 {
        flow_output!("partial" => Value::Object(state))
    } else if fields.contains_key("spoilt") {
        flow_output!("partial" => nothing())
    } else {
        flow_output!("matrix" => fields.remove("rows").unwrap_or_default(), "partial" => nothing())
    }
}

/// A matrix of this size that lacks all its elements.
fn blank(rows: usize, columns: usize) -> Result<Object> {
    let mut row = room_for(columns)?;
    row.resize(columns, Value::Null);
    let mut matrix = room_for(rows)?;
    // One row, shared by all: whoever fills it makes a copy.
    matrix.resize(rows, Value::from(row));
    let missing = Value::from(rows.saturating_mul(columns));
    Ok(Object::from_iter([(literal!("missing"), missing), (literal!("rows"), Value::from(matrix))]))
}

fn cell(rows: &mut Value, row: usize, column: usize) -> Option<&mut Value> {
    let Value::Array(rows) = rows else { return None };
    let Value::Array(row) = Arc::make_mut(rows).get_mut(row)? else { return None };
    Arc::make_mut(row).get_mut(column)
}

fn two_indexes(element: &Value, key: &str) -> Result<[usize; 2]> {
    let index = |value: &Value| value.as_u64().and_then(|index| usize::try_from(index).ok());
    let indexes = match element.get(key).and_then(Value::as_array) {
        Some([row, column]) => index(row).zip(index(column)),
        _ => None,
    };
    let (row, column) = indexes.ok_or_else(|| wrong_kind("element", "an element with its place", element))?;
    Ok([row, column])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};
    use flowcore::Implementation;

    /// The matrices that a stream of elements gives.
    fn matrices(elements: &[&str]) -> Vec<String> {
        let mut partial = Value::from(Vec::<Value>::new());
        let mut matrices = Vec::new();
        for element in elements {
            let (output, _) = Compose.run_owned(&mut [element.parse().unwrap(), partial]).unwrap();
            let output = output.unwrap();
            matrices.extend(output.get("matrix").map(Value::to_string));
            partial = output.get("partial").unwrap().clone();
        }
        assert_eq!(partial.to_string(), "[]");
        matrices
    }

    #[test]
    fn matrices_of_different_sizes_follow_one_another() {
        let elements = [
            r#"{"at":[0,1],"element":0,"size":[1,2]}"#,
            r#"{"at":[0,0],"element":1.5,"size":[1,2]}"#,
            r#"{"at":[0,0],"element":7,"size":[2,1]}"#,
            r#"{"at":[1,0],"element":8,"size":[2,1]}"#,
        ];
        assert_eq!(matrices(&elements), ["[[1.5,0]]", "[[7],[8]]"]);
    }

    #[test]
    fn a_matrix_with_null_is_left_out() {
        let elements =
            [r#"{"at":[0,0],"element":null,"size":[1,1]}"#, r#"{"at":[0,0],"element":7,"size":[1,1]}"#];
        assert_eq!(matrices(&elements), ["[[7]]"]);
    }

    #[test]
    fn what_is_no_element_is_an_error() {
        assert!(error(&Compose, "[{}, []]").contains("an element with its place"));
        assert!(error(&Compose, r#"[{"at":[0],"size":[1,1]}, []]"#).contains("an element with its place"));
        assert!(error(&Compose, r#"[{"at":[0,0],"size":[1,18446744073709551615]}, []]"#).contains("no room"));
    }

    #[test]
    fn the_first_element_makes_a_blank_matrix() {
        assert_eq!(
            output(&Compose, r#"[{"at":[0,1],"element":5,"size":[1,2]}, []]"#),
            r#"{"partial":{"missing":1,"rows":[[null,5]]}}"#
        );
    }
}
