//! Passes a value on if a condition holds, and fails if not.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn assert(value: Value, condition: bool, message: &str) -> Result<(Option<Value>, RunAgain)> {
    if condition { flow_output!(value) } else { Err(format!("{message}: {value}").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn a_value_passes_while_the_condition_holds() {
        assert_eq!(output(&Assert, r#"[[7], true, "too few"]"#), r#"[7]"#);
        assert_eq!(output(&Assert, r#"[null, true, ""]"#), r#"null"#);
    }

    #[test]
    fn a_condition_that_does_not_hold_is_an_error() {
        assert!(error(&Assert, r#"[[7], false, "too few"]"#).contains(r#"too few: [7]"#));
        assert!(error(&Assert, r#"[7, null, "too few"]"#).contains(r#"'condition' must be a boolean"#));
        assert!(error(&Assert, r#"[7, true, 1]"#).contains(r#"'message' must be a string"#));
    }
}
