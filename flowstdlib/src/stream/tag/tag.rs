//! The elements of an array, each with its position and their count.

use flowcore::value::literal;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn tag(array: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let tagged = array.iter().enumerate().map(|(index, value)| {
        Value::object([
            (literal!("index"), Value::from(index)),
            (literal!("total"), Value::from(array.len())),
            (literal!("value"), value.clone()),
        ])
    });
    flow_output!(tagged.collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn every_element_knows_its_place() {
        assert_eq!(
            output(&Tag, r#"[[[1], null]]"#),
            r#"[{"index":0,"total":2,"value":[1]},{"index":1,"total":2,"value":null}]"#
        );
        assert_eq!(output(&Tag, r#"[[]]"#), r#"[]"#);
    }

    #[test]
    fn what_is_no_array_is_an_error() {
        assert!(error(&Tag, r#"[1]"#).contains(r#"must be an array"#));
    }
}
