//! The members of an object as pairs.

use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn entries(object: &Object) -> Result<(Option<Value>, RunAgain)> {
    let pair = |(key, value): (&_, &Value)| vec![Value::String(Clone::clone(key)), value.clone()];
    flow_output!(object.iter().map(pair).collect::<Value>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn every_member_is_a_pair() {
        assert_eq!(output(&Entries, r#"[{"b": [1], "a": null}]"#), r#"[["a",null],["b",[1]]]"#);
        assert_eq!(output(&Entries, r#"[{}]"#), r#"[]"#);
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        assert!(error(&Entries, r#"[[]]"#).contains(r#"must be an object"#));
    }
}
