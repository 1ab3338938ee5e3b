//! Whether a value is null.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn is_null(value: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn only_null_is_null() {
        assert_eq!(output(&IsNull, r#"[null]"#), r#"true"#);
        assert_eq!(output(&IsNull, r#"[false]"#), r#"false"#);
        assert_eq!(output(&IsNull, r#"[[]]"#), r#"false"#);
        assert_eq!(output(&IsNull, r#"[""]"#), r#"false"#);
    }
}
