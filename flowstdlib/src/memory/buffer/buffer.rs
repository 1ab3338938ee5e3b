//! Keeps values until they are asked for.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn buffer(value: Value, _release: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn any_request_brings_a_value() {
        assert_eq!(output(&Buffer, r#"[[7], null]"#), r#"[7]"#);
        assert_eq!(output(&Buffer, r#"[null, false]"#), r#"null"#);
    }
}
