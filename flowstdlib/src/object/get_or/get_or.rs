//! The value of a member of an object, or another value where there is none.

use crate::object::path::find;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn get_or(object: &Value, key: &Value, otherwise: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(find(object, key)?.unwrap_or(otherwise).clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_other_value_stands_in_for_what_is_missing() {
        assert_eq!(output(&GetOr, r#"[{"a": 1}, "a", 7]"#), r#"1"#);
        assert_eq!(output(&GetOr, r#"[{"a": 1}, "b", [7]]"#), r#"[7]"#);
        assert_eq!(output(&GetOr, r#"[{"a": null}, "a", 7]"#), r#"null"#);
        assert_eq!(output(&GetOr, r#"[{"a": {"b": 1}}, ["a", "c"], "x"]"#), r#""x""#);
    }

    #[test]
    fn a_key_of_another_kind_is_an_error() {
        assert!(error(&GetOr, r#"[{"a": 1}, {}, 7]"#).contains(r#"'key' must be a name"#));
    }
}
