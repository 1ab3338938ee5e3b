//! The elements of an array in the order of a part of them.

use crate::array::scalar::{Scalar, sorted};
use crate::object::path::find;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn sort_by(array: &[Value], key: &Value, descending: bool) -> Result<(Option<Value>, RunAgain)> {
    let key = |element| Scalar::of("array", find(element, key)?.unwrap_or(&Value::Null));
    let keyed = array.iter().map(|element| Ok((key(element)?, element))).collect::<Result<Vec<_>>>()?;
    flow_output!(sorted(keyed, descending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn a_member_or_an_element_decides() {
        assert_eq!(output(&SortBy, r#"[[{"n": 2}, {"n": 1}, {}], "n", false]"#), r#"[{},{"n":1},{"n":2}]"#);
        assert_eq!(
            output(&SortBy, r#"[[["a", 2], ["b", 3], ["c", 1]], 1, true]"#),
            r#"[["b",3],["a",2],["c",1]]"#
        );
        assert_eq!(
            output(&SortBy, r#"[[{"a": {"b": 2}}, {"a": {"b": 1}}], ["a", "b"], false]"#),
            r#"[{"a":{"b":1}},{"a":{"b":2}}]"#
        );
        assert_eq!(output(&SortBy, r#"[[], "n", false]"#), r#"[]"#);
    }

    #[test]
    fn the_same_stay_in_their_order() {
        assert_eq!(
            output(&SortBy, r#"[[{"i": 1}, {"i": 2, "n": null}, {"i": 3}], "n", true]"#),
            r#"[{"i":1},{"i":2,"n":null},{"i":3}]"#
        );
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(
            error(&SortBy, r#"[[{"n": []}], "n", false]"#).contains(r#"a number, text, boolean or null"#)
        );
        assert!(error(&SortBy, r#"[[{"n": 1}], true, false]"#).contains(r#"'key' must be a name"#));
    }
}
