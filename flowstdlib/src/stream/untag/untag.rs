//! A tagged element, its position and its count.

use flowcore::authoring::wrong_kind;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn untag(tagged: &Value) -> Result<(Option<Value>, RunAgain)> {
    match (tagged.get("value"), tagged.get("index"), tagged.get("total")) {
        (Some(_), Some(_), Some(_)) => flow_output!(tagged.clone()),
        _ => Err(wrong_kind("0", "an object with value, index and total", tagged)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_parts_come_apart() {
        assert_eq!(
            output(&Untag, r#"[{"index":0,"total":2,"value":[1]}]"#),
            r#"{"index":0,"total":2,"value":[1]}"#
        );
    }

    #[test]
    fn anything_else_is_an_error() {
        assert!(error(&Untag, r#"[{"value": 1}]"#).contains(r#"an object with value, index and total"#));
        assert!(error(&Untag, r#"[null]"#).contains(r#"an object with"#));
    }
}
