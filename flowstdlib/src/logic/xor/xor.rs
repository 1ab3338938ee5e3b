//! Whether exactly one of two values is true.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn xor(i1: bool, i2: bool) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(i1 != i2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn the_two_must_differ() {
        assert_eq!(output(&Xor, r#"[true, true]"#), r#"false"#);
        assert_eq!(output(&Xor, r#"[true, false]"#), r#"true"#);
        assert_eq!(output(&Xor, r#"[false, true]"#), r#"true"#);
        assert_eq!(output(&Xor, r#"[false, false]"#), r#"false"#);
    }

    #[test]
    fn what_is_no_boolean_is_an_error() {
        assert!(error(&Xor, r#"[0, true]"#).contains(r#"'i1' must be a boolean"#));
    }
}
