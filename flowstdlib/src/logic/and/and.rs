//! Whether both values are true.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn and(i1: bool, i2: bool) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(i1 && i2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn both_must_be_true() {
        assert_eq!(output(&And, r#"[true, true]"#), r#"true"#);
        assert_eq!(output(&And, r#"[true, false]"#), r#"false"#);
        assert_eq!(output(&And, r#"[false, true]"#), r#"false"#);
        assert_eq!(output(&And, r#"[false, false]"#), r#"false"#);
    }

    #[test]
    fn what_is_no_boolean_is_an_error() {
        assert!(error(&And, r#"[null, true]"#).contains(r#"'i1' must be a boolean"#));
        assert!(error(&And, r#"[true, 1]"#).contains(r#"'i2' must be a boolean"#));
    }
}
