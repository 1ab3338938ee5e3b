//! Multiplies the row and the column of a pair.

use crate::matrix::multiply_row::{numbers, product};
use flowcore::authoring::wrong_kind;
use flowcore::value::literal;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn multiply_pair(pair: &Value) -> Result<(Option<Value>, RunAgain)> {
    let array = |key| pair.get(key).and_then(Value::as_array);
    let (Some(row), Some(column), Some(at), Some(size)) =
        (array("row"), array("column"), pair.get("at"), pair.get("size"))
    else {
        return Err(wrong_kind("0", "a pair of a row and a column", pair));
    };
    // What does not fit is told by `product`, and must not be missed when the product is put together.
    let element = product(&numbers("0", row)?, &numbers("0", column)?).unwrap_or_default();
    flow_output!(Value::object([
        (literal!("at"), at.clone()),
        (literal!("element"), element),
        (literal!("size"), size.clone()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, lost, output};

    #[test]
    fn the_element_keeps_its_place() {
        assert_eq!(
            output(&MultiplyPair, r#"[{"at":[0,1],"column":[3,4],"row":[1,2],"size":[1,2]}]"#),
            r#"{"at":[0,1],"element":11,"size":[1,2]}"#
        );
    }

    #[test]
    fn an_element_that_does_not_fit_is_null_and_told() {
        let inputs = r#"[{"at":[0,0],"column":[4294967296],"row":[4294967296],"size":[1,1]}]"#;
        assert_eq!(output(&MultiplyPair, inputs), r#"{"at":[0,0],"element":null,"size":[1,1]}"#);
        assert!(lost(&MultiplyPair, inputs).contains("more than 64 bits"));
    }

    #[test]
    fn anything_else_is_an_error() {
        assert!(error(&MultiplyPair, "[{}]").contains("a pair of a row and a column"));
        assert!(error(&MultiplyPair, "[null]").contains("a pair"));
    }
}
