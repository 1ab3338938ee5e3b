//! An element of an array.

use crate::position::element;
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn get(array: &[Value], index: i64) -> Result<(Option<Value>, RunAgain)> {
    let found = element(index, array.len()).and_then(|index| array.get(index));
    flow_output!(found.cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn positions_count_from_either_end() {
        assert_eq!(output(&Get, r#"[[1, [2], 3], 1]"#), r#"[2]"#);
        assert_eq!(output(&Get, r#"[[1, [2], 3], -1]"#), r#"3"#);
        assert_eq!(output(&Get, r#"[[1], 1]"#), r#"null"#);
        assert_eq!(output(&Get, r#"[[1], -2]"#), r#"null"#);
        assert_eq!(output(&Get, r#"[[], 0]"#), r#"null"#);
    }

    #[test]
    fn wrong_kinds_are_errors() {
        assert!(error(&Get, r#"[1, 0]"#).contains(r#"'array' must be an array"#));
        assert!(error(&Get, r#"[[1], 0.0]"#).contains(r#"'index' must be an integer"#));
    }
}
