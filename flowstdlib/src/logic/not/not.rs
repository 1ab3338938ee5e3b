//! The opposite of a value.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn not(value: bool) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(!value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn true_becomes_false() {
        assert_eq!(output(&Not, r#"[true]"#), r#"false"#);
        assert_eq!(output(&Not, r#"[false]"#), r#"true"#);
    }

    #[test]
    fn what_is_no_boolean_is_an_error() {
        assert!(error(&Not, r#"[null]"#).contains(r#"must be a boolean"#));
    }
}
