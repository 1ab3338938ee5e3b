//! An object made of pairs.

use flowcore::authoring::wrong_kind;
use flowcore::value::ArcStr;
use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn from_entries(entries: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let members = entries.iter().map(member).collect::<Result<Vec<_>>>()?;
    flow_output!(Object::from(members))
}

fn member(pair: &Value) -> Result<(ArcStr, Value)> {
    match pair.as_array() {
        Some([Value::String(key), value]) => Ok((key.clone(), value.clone())),
        _ => Err(wrong_kind("0", "an array of pairs of a name and a value, but one", pair)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn pairs_become_members() {
        assert_eq!(output(&FromEntries, r#"[[["b", [1]], ["a", null]]]"#), r#"{"a":null,"b":[1]}"#);
        assert_eq!(output(&FromEntries, r#"[[["a", 1], ["a", 2]]]"#), r#"{"a":2}"#);
        assert_eq!(output(&FromEntries, r#"[[]]"#), r#"{}"#);
    }

    #[test]
    fn what_is_no_pair_is_an_error() {
        assert!(error(&FromEntries, r#"[[["a"]]]"#).contains(r#"pairs of a name and a value"#));
        assert!(error(&FromEntries, r#"[[[1, 2]]]"#).contains(r#"pairs of a name and a value"#));
        assert!(error(&FromEntries, r#"[null]"#).contains(r#"must be an array"#));
    }
}
