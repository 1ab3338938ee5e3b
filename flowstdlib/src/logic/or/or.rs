//! Whether at least one of two values is true.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn or(i1: bool, i2: bool) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(i1 || i2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn one_is_enough() {
        assert_eq!(output(&Or, r#"[true, true]"#), r#"true"#);
        assert_eq!(output(&Or, r#"[true, false]"#), r#"true"#);
        assert_eq!(output(&Or, r#"[false, true]"#), r#"true"#);
        assert_eq!(output(&Or, r#"[false, false]"#), r#"false"#);
    }

    #[test]
    fn what_is_no_boolean_is_an_error() {
        assert!(error(&Or, r#"["true", true]"#).contains(r#"'i1' must be a boolean"#));
        assert!(error(&Or, r#"[true, null]"#).contains(r#"'i2' must be a boolean"#));
    }
}
