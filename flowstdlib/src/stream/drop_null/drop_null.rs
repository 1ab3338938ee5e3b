//! Passes every value on but null.

use flowcore::{RUN_AGAIN, Result, RunAgain, Value};
use flowmacro::flow_function;

#[flow_function]
fn drop_null(value: Value) -> Result<(Option<Value>, RunAgain)> {
    Ok(((!value.is_null()).then_some(value), RUN_AGAIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOTHING, output};

    #[test]
    fn null_does_not_pass() {
        assert_eq!(output(&DropNull, r#"[null]"#), NOTHING);
        assert_eq!(output(&DropNull, r#"[[null]]"#), r#"[null]"#);
        assert_eq!(output(&DropNull, r#"[false]"#), r#"false"#);
        assert_eq!(output(&DropNull, r#"[""]"#), r#""""#);
    }
}
