//! The values of the members of an object.

use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn values(object: &Object) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(object.values().cloned().collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn values_are_in_the_order_of_their_names() {
        assert_eq!(output(&Values, r#"[{"b": 1, "a": [2]}]"#), r#"[[2],1]"#);
        assert_eq!(output(&Values, r#"[{}]"#), r#"[]"#);
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        assert!(error(&Values, r#"["a"]"#).contains(r#"must be an object"#));
    }
}
