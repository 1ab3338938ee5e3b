//! The value of a member of an object.

use crate::object::path::find;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn get(object: &Value, key: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(find(object, key)?.cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn members_are_found_by_name_and_deeper_ones_by_path() {
        assert_eq!(output(&Get, r#"[{"a": [1, 2]}, "a"]"#), r#"[1,2]"#);
        assert_eq!(output(&Get, r#"[{"a": {"b": [1, 2]}}, ["a", "b", 1]]"#), r#"2"#);
        assert_eq!(output(&Get, r#"[{"a": {"b": [1, 2]}}, "/a/b/0"]"#), r#"1"#);
        assert_eq!(output(&Get, r#"[{"/a": 5, "a": 6}, "/a"]"#), r#"5"#);
        assert_eq!(output(&Get, r#"[{"ä": "ö"}, "ä"]"#), r#""ö""#);
        assert_eq!(output(&Get, r#"[{"a": 1}, []]"#), r#"{"a":1}"#);
    }

    #[test]
    fn what_is_missing_is_null() {
        assert_eq!(output(&Get, r#"[{"a": 1}, "b"]"#), r#"null"#);
        assert_eq!(output(&Get, r#"[{"a": 1}, ["a", "b"]]"#), r#"null"#);
        assert_eq!(output(&Get, r#"[{"a": [1]}, ["a", 1]]"#), r#"null"#);
        assert_eq!(output(&Get, r#"[{"a": [1]}, "/a/1"]"#), r#"null"#);
        assert_eq!(output(&Get, r#"[null, "a"]"#), r#"null"#);
    }

    #[test]
    fn a_key_of_another_kind_is_an_error() {
        assert!(error(&Get, r#"[{"a": 1}, null]"#).contains(r#"'key' must be a name"#));
        assert!(error(&Get, r#"[{"a": 1}, ["a", true]]"#).contains(r#"'key' must be a name"#));
        assert!(error(&Get, r#"[{"a": 1}, 1.5]"#).contains(r#"'key' must be a name"#));
    }
}
