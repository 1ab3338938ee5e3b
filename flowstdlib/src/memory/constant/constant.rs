//! The same value whenever it is asked for.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn constant(value: Value, _trigger: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn any_trigger_brings_the_value() {
        assert_eq!(output(&Constant, r#"[[7], null]"#), r#"[7]"#);
        assert_eq!(output(&Constant, r#"[null, 1]"#), r#"null"#);
    }
}
