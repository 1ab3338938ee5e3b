//! Passes a value on when another has arrived.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn join(data: Value, _control: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn any_control_lets_data_pass() {
        assert_eq!(output(&Join, r#"["data", null]"#), r#""data""#);
        assert_eq!(output(&Join, r#"[null, "go"]"#), "null");
    }
}
