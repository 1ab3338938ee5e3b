//! Another value in the place of null.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn default(value: Value, otherwise: Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(if value.is_null() { otherwise } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn only_null_is_replaced() {
        assert_eq!(output(&Default, r#"[null, [7]]"#), r#"[7]"#);
        assert_eq!(output(&Default, r#"[false, 7]"#), r#"false"#);
        assert_eq!(output(&Default, r#"[[1], 7]"#), r#"[1]"#);
        assert_eq!(output(&Default, r#"[null, null]"#), r#"null"#);
    }
}
